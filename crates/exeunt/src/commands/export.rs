//! `exeunt export FORM`: the access graph of all kept snapshots, for graph tools.

use std::path::Path;

use exeunt_service::Service;
use exeunt_service::columns::write_columns;
use exeunt_service::pipeline::access;

use crate::args::GraphForm;
use crate::error::{Done, Failure};
use crate::terminal::Terminal;

/// Writes the graph to stdout, or as columns into a folder.
///
/// # Errors
/// When state cannot be read.
pub async fn run(
    service: &Service,
    form: GraphForm,
    output: Option<&Path>,
    terminal: &mut Terminal,
) -> Result<Done, Failure> {
    if (form == GraphForm::Columns) != output.is_some() {
        return Err(Failure::Usage(
            "`--output DIR` belongs to `export columns`: name a folder there, and only there".to_owned(),
        ));
    }
    let map = access(service).await?;
    match output {
        Some(dir) => {
            let digest = write_columns(&map, dir)?;
            terminal.note(&format!("five tables in {}, sha256 {digest}", dir.display()));
        }
        None if form == GraphForm::Graphml => terminal.data(&exeunt_report::graphml(&map))?,
        None => terminal.data(&exeunt_report::opengraph(&map))?,
    }
    terminal.note(&format!("{} objects and {} edges", map.nodes.len(), map.edges.len()));
    Ok(Done::Clear)
}
