//! Cells as YAML or JSON, each with the line it begins at.

use std::path::Path;

use exeunt_model::owners::OwnerCell;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_saphyr::Spanned;

use crate::config::{ConfigError, form};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    owners: Vec<Spanned<OwnerCell>>,
}

#[derive(Deserialize)]
struct Own {
    #[serde(default)]
    owners: Vec<Spanned<IgnoredAny>>,
}

/// The cells of a file.
pub(super) fn read(path: &Path, text: &str) -> Result<Vec<(u64, OwnerCell)>, ConfigError> {
    let file: File = serde_saphyr::from_str(text).map_err(|e| form(path, &e))?;
    Ok(file.owners.into_iter().map(|cell| (cell.defined.line(), cell.value)).collect())
}

/// The lines that the cells of a configuration begin at; fewer than there are cells where they cannot be told.
pub(super) fn lines(text: &str) -> Vec<u64> {
    let own: Own = serde_saphyr::from_str(text).unwrap_or(Own { owners: Vec::new() });
    own.owners.iter().map(|cell| cell.defined.line()).collect()
}
