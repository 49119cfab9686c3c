//! Pages made from manifests: the reference of one system, its permission list, the coverage
//! matrix of all. What a page says is what the reader does, since both come from one file.

mod coverage;
mod permissions;
mod reference;

pub use coverage::{Cell, CoverageRow, coverage, coverage_page};
pub use permissions::{PermissionLine, permissions};
pub use reference::reference;

/// Text for one cell of a Markdown table.
fn cell(text: &str) -> String {
    text.trim().replace('|', "\\|").replace('\n', " ")
}
