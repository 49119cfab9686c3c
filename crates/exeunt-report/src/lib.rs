//! A judged case as text, Markdown, JSON, or a page that verifies itself, and the access graph for graph tools. Looks
//! nothing up and decides nothing: what is not
//! in the verdict document is not in the report.

mod access;
mod clean;
mod explain;
mod groups;
mod markdown;
mod page;
mod paint;
mod programme;
mod summary;
mod text;
mod words;

pub use access::{graphml, opengraph};
pub use explain::explain;
pub use markdown::markdown;
pub use page::page;
pub use paint::Paint;
pub use programme::programme;
pub use text::text;

use exeunt_model::verdict::VerdictDocument;

/// The verdict document as JSON, indented, with a newline at its end.
///
/// # Errors
/// When it cannot be JSON, which its types rule out.
pub fn json(verdict: &VerdictDocument) -> Result<String, serde_json::Error> {
    // Through a value, so that keys stand in one order whatever the types' order.
    let value = serde_json::to_value(verdict)?;
    Ok(serde_json::to_string_pretty(&value)? + "\n")
}
