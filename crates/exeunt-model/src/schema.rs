//! The published JSON Schemas, generated from the types.

use crate::config::Config;
use crate::manifest::Manifest;
use crate::program::ProgramLine;
use crate::programme::ProgrammeFigures;
use crate::snapshot::Snapshot;
use crate::verdict::VerdictDocument;
use crate::{Record, receipt::ReadReceipt};

/// One line of a record stream: a header, a record, or the receipt that ends a read.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StreamLine {
    /// Begins a snapshot: everything of it but the reads.
    Snapshot(Box<Snapshot>),
    /// One record of the read whose receipt follows.
    Record(Box<Record>),
    /// Ends a read. A read without this line is partial.
    Receipt(Box<ReadReceipt>),
    /// Ends the snapshot. A stream without this line was cut off.
    End {
        /// The snapshot's id, over everything before.
        snapshot: crate::Digest,
    },
}

/// The names that [`schema`] answers to.
pub const NAMES: [&str; 6] = ["records", "verdict", "config", "manifest", "program", "programme"];

/// The schema of one document, or `None` for another name than those of [`NAMES`].
#[must_use]
pub fn schema(name: &str) -> Option<serde_json::Value> {
    let schema = match name {
        "records" => schemars::schema_for!(StreamLine),
        "verdict" => schemars::schema_for!(VerdictDocument),
        "config" => schemars::schema_for!(Config),
        "manifest" => schemars::schema_for!(Manifest),
        "program" => schemars::schema_for!(ProgramLine),
        "programme" => schemars::schema_for!(ProgrammeFigures),
        _ => return None,
    };
    Some(schema.to_value())
}

#[cfg(test)]
mod tests {
    /// A name in the list without a schema would be a broken promise in the help text.
    #[test]
    fn every_name_has_a_schema() {
        for name in super::NAMES {
            assert!(super::schema(name).is_some(), "{name}");
        }
        assert!(super::schema("nothing").is_none());
    }
}
