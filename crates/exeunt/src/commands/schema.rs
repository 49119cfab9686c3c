//! `exeunt schema NAME`: the JSON Schema of a document.

use crate::error::{Done, Failure};
use crate::terminal::Terminal;

/// Prints the schema.
///
/// # Errors
/// When there is no such document.
pub fn run(name: &str, terminal: &mut Terminal) -> Result<Done, Failure> {
    let schema = exeunt_model::schema::schema(name).ok_or_else(|| {
        let names = exeunt_model::schema::NAMES.join(", ");
        Failure::Usage(format!("there is no document `{name}`; there are {names}"))
    })?;
    terminal.json(&schema)?;
    Ok(Done::Clear)
}
