//! Writing the five tables.

use std::fs;
use std::path::Path;

use super::{Columns, NAMED, file};
use crate::ColumnsError;
use crate::parquet::{Column, write as write_table};

/// What is only looked up, not walked over.
#[derive(Debug, Clone, Copy)]
pub struct Names<'a> {
    /// For each holder.
    pub holders: &'a [String],
    /// For each holder, by what it is known for sure; none at all if there are no such texts.
    pub references: &'a [String],
    /// For each holder, how dead it is by itself.
    pub levels: &'a [u32],
    /// For each entitlement.
    pub entitlements: &'a [String],
    /// For each entitlement, 1 if it is administrative.
    pub privileged: &'a [u32],
    /// For each step, what ties its ends.
    pub ties: &'a [u32],
    /// What the numbers of `kind` mean, beginning at 0.
    pub kinds: &'a [&'a str],
    /// What the numbers of `tie` mean, beginning at 0.
    pub tie_words: &'a [&'a str],
}

/// Writes the tables into `dir`, which is made if it is not there, and returns the digest of the whole.
///
/// # Errors
/// When the columns do not fit one another, or the disk refuses. What was written is then refused by a reader, because
/// `holders.parquet` is missing or names other tables.
pub fn write(dir: &Path, columns: &Columns, names: &Names<'_>) -> Result<String, ColumnsError> {
    fs::create_dir_all(dir).map_err(ColumnsError::io("make", dir))?;
    let holders = file(dir, "holders");
    match fs::remove_file(&holders) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
            return Err(ColumnsError::io("replace", &holders)(e));
        }
        _ => {}
    }
    let ties = [("exeunt.ties", names.tie_words.join(","))];
    let levels = ("exeunt.levels", "live,latent,unknown,gone".to_owned());
    let from = sources(&columns.steps_end);
    let steps = [
        ("from", Column::Ints(&from)),
        ("to", Column::Ints(&columns.step_to)),
        ("tie", Column::Ints(names.ties)),
        ("level", Column::Ints(&columns.step_level)),
    ];
    let steps = write_table(&file(dir, "steps"), &steps, &ties)?;
    drop(from);
    let holder = sources(&columns.grants_end);
    let grants = [
        ("holder", Column::Ints(&holder)),
        ("entitlement", Column::Ints(&columns.grant_to)),
        ("level", Column::Ints(&columns.grant_level)),
    ];
    let grants = write_table(&file(dir, "grants"), &grants, &[])?;
    let entitlements =
        [("privileged", Column::Ints(names.privileged)), ("name", Column::Texts(names.entitlements))];
    let entitlements = write_table(&file(dir, "entitlements"), &entitlements, &[])?;
    let left = write_table(&file(dir, "left"), &[("holder", Column::Ints(&columns.left))], &[])?;
    let digests = [steps, grants, entitlements, left];
    let keys = NAMED.map(|name| format!("exeunt.sha256.{name}"));
    let mut facts: Vec<(&str, String)> = keys.iter().map(String::as_str).zip(digests).collect();
    facts.extend([("exeunt.kinds", names.kinds.join(",")), levels]);
    let mut columns = vec![
        ("kind", Column::Ints(&columns.kind)),
        ("level", Column::Ints(names.levels)),
        ("steps_end", Column::Ints(&columns.steps_end)),
        ("grants_end", Column::Ints(&columns.grants_end)),
        ("name", Column::Texts(names.holders)),
    ];
    if !names.references.is_empty() {
        columns.push(("reference", Column::Texts(names.references)));
    }
    write_table(&holders, &columns, &facts)
}

/// For each edge, the holder it begins at.
fn sources(ends: &[u32]) -> Vec<u32> {
    let mut all = Vec::with_capacity(ends.last().map_or(0, |end| *end as usize));
    for (holder, end) in (0u32..).zip(ends) {
        all.resize(*end as usize, holder);
    }
    all
}
