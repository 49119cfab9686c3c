//! The register as it is judged by: every cell with the place it was read at.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Domain, Escalation, Owner, OwnerCell, RegisterFormat};
use crate::reference::SystemId;
use crate::{Digest, Duration, Timestamp};

/// The whole register, of one file or many.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct OwnerRegister {
    /// The files it was read from, so that its digest is one over all of them.
    pub files: Vec<FileRead>,
    /// The cells.
    pub cells: Vec<CellPlace>,
    /// Owners by path, of which the last rule that matches counts.
    pub paths: Vec<PathRegister>,
}

/// One file that was read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FileRead {
    /// The file, as the configuration names it.
    pub file: String,
    /// Its form.
    pub format: RegisterFormat,
    /// The digest of its bytes.
    pub digest: Digest,
    /// Its precedence.
    pub precedence: i32,
}

/// A cell and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CellPlace {
    /// The file.
    pub file: String,
    /// The line it begins at.
    pub line: u64,
    /// The precedence of the file.
    pub precedence: i32,
    /// The cell.
    pub cell: OwnerCell,
}

/// The rules of one CODEOWNERS file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PathRegister {
    /// The file.
    pub file: String,
    /// Its precedence.
    pub precedence: i32,
    /// The system.
    pub system: SystemId,
    /// The repository; without one, paths are names of resources.
    pub repository: Option<String>,
    /// The domains its owners answer for.
    pub domains: Vec<Domain>,
    /// How long after departure the removal may take.
    pub deadline: Option<Duration>,
    /// Who is asked next.
    pub escalation: Option<Escalation>,
    /// In force from.
    pub from: Option<Timestamp>,
    /// In force until.
    pub until: Option<Timestamp>,
    /// The rules, in the order of the file.
    pub rules: Vec<PathRule>,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PathRule {
    /// The line.
    pub line: u64,
    /// The section in lower case; empty before the first one.
    pub section: String,
    /// Whether the section is optional.
    pub optional: bool,
    /// Whether the rule takes paths out of its section.
    pub excludes: bool,
    /// The pattern.
    pub pattern: String,
    /// The owners; none when the rule says that nobody owns the path.
    pub owners: Vec<Owner>,
}

impl OwnerRegister {
    /// A register of cells that stand in one file called `owners`, a line each.
    #[must_use]
    pub fn of(cells: Vec<OwnerCell>) -> Self {
        let place = |(line, cell)| CellPlace { file: "owners".to_owned(), line, precedence: 0, cell };
        Self { cells: (1..).zip(cells).map(place).collect(), ..Self::default() }
    }
}

impl CellPlace {
    /// `owners.csv:12`.
    #[must_use]
    pub fn place(&self) -> String {
        format!("{}:{}", self.file, self.line)
    }
}
