//! `exeunt report metrics`: figures over all cases.

use exeunt_report::programme;
use exeunt_service::Service;
use exeunt_service::pipeline::programme as figures;

use crate::args::Format;
use crate::error::{Done, Failure};
use crate::terminal::Terminal;

/// Judges every case from the freshest snapshots and prints the figures over all of them.
///
/// # Errors
/// When state cannot be read.
pub async fn metrics(service: &Service, format: Format, terminal: &mut Terminal) -> Result<Done, Failure> {
    let figures = figures(service).await?;
    match format {
        Format::Json => terminal.json(&figures)?,
        Format::Md | Format::Html => terminal.data(&programme(&figures, true, terminal.paint))?,
        Format::Text => terminal.data(&programme(&figures, false, terminal.paint))?,
    }
    Ok(Done::Clear)
}
