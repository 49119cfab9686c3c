//! `exeunt export FORM`: the access graph of all kept snapshots, for graph tools.

use exeunt_service::Service;
use exeunt_service::pipeline::access;

use crate::args::GraphForm;
use crate::error::{Done, Failure};
use crate::terminal::Terminal;

/// Writes the graph to stdout.
///
/// # Errors
/// When state cannot be read.
pub async fn run(service: &Service, form: GraphForm, terminal: &mut Terminal) -> Result<Done, Failure> {
    let map = access(service).await?;
    let text = match form {
        GraphForm::Opengraph => exeunt_report::opengraph(&map),
        GraphForm::Graphml => exeunt_report::graphml(&map),
    };
    terminal.data(&text)?;
    terminal.note(&format!("{} objects and {} edges", map.nodes.len(), map.edges.len()));
    Ok(Done::Clear)
}
