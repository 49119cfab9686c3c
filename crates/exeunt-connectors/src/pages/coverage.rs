//! The coverage matrix: survivor kind by system.

use std::fmt::Write;

use exeunt_model::SurvivorKind;
use exeunt_model::manifest::Coverage;
use serde::Serialize;

use super::cell;
use crate::catalogue::Catalogue;

/// How one kind is covered in one system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cell {
    /// The kind.
    pub kind: SurvivorKind,
    /// Seen, blind or not applicable, with reads or the reason.
    pub coverage: Coverage,
}

/// One system's row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CoverageRow {
    /// The connector.
    pub connector: String,
    /// The product's name.
    pub title: String,
    /// One cell for each kind, in the order of the documents.
    pub cells: Vec<Cell>,
}

/// The matrix.
#[must_use]
pub fn coverage(catalogue: &Catalogue) -> Vec<CoverageRow> {
    catalogue
        .iter()
        .map(|(name, loaded)| CoverageRow {
            connector: name.to_owned(),
            title: loaded.manifest.title.clone(),
            cells: SurvivorKind::ALL
                .into_iter()
                .filter_map(|kind| {
                    let coverage = loaded.manifest.survivors.get(&kind)?.clone();
                    Some(Cell { kind, coverage })
                })
                .collect(),
        })
        .collect()
}

/// The matrix as a Markdown page, with the reasons below it.
#[must_use]
pub fn coverage_page(catalogue: &Catalogue) -> String {
    let rows = coverage(catalogue);
    let mut out = String::from(
        "# Coverage\n\nGenerated from the manifests; do not edit.\n\n`seen`: a read shows it. `blind`: it exists and \
         cannot be seen; the reason is below. `-`: it does not exist there.\n\n",
    );
    let _ = write_table(&mut out, &rows);
    let _ = write_reasons(&mut out, &rows);
    out
}

fn write_table(out: &mut String, rows: &[CoverageRow]) -> std::fmt::Result {
    let names: Vec<&str> = rows.iter().map(|row| row.connector.as_str()).collect();
    writeln!(out, "| kind | {} |", names.join(" | "))?;
    writeln!(out, "| --- |{}", " --- |".repeat(rows.len()))?;
    for kind in SurvivorKind::ALL {
        let words: Vec<&str> = rows
            .iter()
            .map(|row| match row.cells.iter().find(|cell| cell.kind == kind).map(|c| &c.coverage) {
                Some(Coverage::SeenBy(_)) => "seen",
                Some(Coverage::Blind(_)) => "**blind**",
                Some(Coverage::NotApplicable(_)) => "-",
                None => "not stated",
            })
            .collect();
        writeln!(out, "| `{kind}` | {} |", words.join(" | "))?;
    }
    Ok(())
}

fn write_reasons(out: &mut String, rows: &[CoverageRow]) -> std::fmt::Result {
    writeln!(out, "\n## What is blind, and why\n\n| system | kind | why |\n| --- | --- | --- |")?;
    for row in rows {
        for c in &row.cells {
            if let Coverage::Blind(why) = &c.coverage {
                writeln!(out, "| {} | `{}` | {} |", row.connector, c.kind, cell(why))?;
            }
        }
    }
    Ok(())
}
