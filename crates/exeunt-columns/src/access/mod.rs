//! The access graph of an estate as five tables in one folder.
//!
//! | file | a row is | columns |
//! | --- | --- | --- |
//! | `holders.parquet` | a person, an account or a group; its number is its row | `kind`, `level`, `steps_end`, `grants_end`, `name`, and `reference` where there are such |
//! | `steps.parquet` | one holder leads to another | `from`, `to`, `tie`, `level` |
//! | `grants.parquet` | a holder has an entitlement | `holder`, `entitlement`, `level` |
//! | `entitlements.parquet` | something that can be done; its number is its row | `privileged`, `name` |
//! | `left.parquet` | somebody who left | `holder` |
//!
//! Steps and grants stand in the order of the holder they begin at, then of level, then of where they lead; `steps_end`
//! and `grants_end` say where those of each holder end, so that nothing has to be sorted or searched to walk on. A level
//! is how dead a thing is: 0 live, 1 latent, 2 unknown, 3 gone; that of a step is its own or that of the holder it leads
//! to, whichever is deader. What the numbers of `kind` and `tie` mean stands in the
//! metadata of the files. `holders.parquet` is written last and names the digests of the others.

mod part;
mod write;

use std::path::{Path, PathBuf};

pub use part::{Part, Stored};
pub use write::{Names, write};

use crate::{ColumnsError, Table};

/// What is walked over.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Columns {
    /// For each holder, what it is.
    pub kind: Vec<u32>,
    /// For each holder, where its steps end.
    pub steps_end: Vec<u32>,
    /// For each holder, where its grants end.
    pub grants_end: Vec<u32>,
    /// For each step, the holder it leads to.
    pub step_to: Vec<u32>,
    /// For each step, how dead the way over it is.
    pub step_level: Vec<u32>,
    /// For each grant, the entitlement.
    pub grant_to: Vec<u32>,
    /// For each grant, how dead it is.
    pub grant_level: Vec<u32>,
    /// How many entitlements there are.
    pub entitlements: u32,
    /// Those who left, in ascending order.
    pub left: Vec<u32>,
}

/// Reads all that is walked over, every block checked.
///
/// # Errors
/// When a file is missing, damaged, or belongs to another snapshot.
pub fn load(dir: &Path) -> Result<Columns, ColumnsError> {
    let Files { mut holders, mut steps, mut grants, entitlements, mut left } = Files::open(dir)?;
    let entitlements = u32::try_from(entitlements.rows())
        .map_err(|e| ColumnsError::damaged(&file(dir, "entitlements"), e.to_string()))?;
    // Two readers: what takes the time is not the disk, and the halves are alike.
    let (steps, rest) = std::thread::scope(|scope| {
        let steps = scope.spawn(move || Ok::<_, ColumnsError>((steps.load("to")?, steps.load("level")?)));
        let rest = (|| {
            Ok::<_, ColumnsError>(Columns {
                kind: holders.load("kind")?,
                steps_end: holders.load("steps_end")?,
                grants_end: holders.load("grants_end")?,
                grant_to: grants.load("entitlement")?,
                grant_level: grants.load("level")?,
                entitlements,
                left: left.load("holder")?,
                ..Columns::default()
            })
        })();
        (steps.join(), rest)
    });
    let (step_to, step_level) = steps.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
    Ok(Columns { step_to, step_level, ..rest? })
}

/// The five files, opened.
struct Files {
    holders: Table,
    steps: Table,
    grants: Table,
    entitlements: Table,
    left: Table,
}

/// The tables that `holders.parquet` names.
const NAMED: [&str; 4] = ["steps", "grants", "entitlements", "left"];

fn file(dir: &Path, name: &str) -> PathBuf {
    dir.join(format!("{name}.parquet"))
}

impl Files {
    fn open(dir: &Path) -> Result<Self, ColumnsError> {
        let holders = Table::open(&file(dir, "holders"))?;
        let named = |name: &str| {
            let path = file(dir, name);
            let table = Table::open(&path)?;
            if table.digest().is_some() && table.digest() == holders.fact(&format!("exeunt.sha256.{name}")) {
                Ok(table)
            } else {
                Err(ColumnsError::damaged(
                    &path,
                    "it belongs to another snapshot than holders.parquet beside it",
                ))
            }
        };
        let [steps, grants, entitlements, left] = NAMED.map(named);
        Ok(Self { steps: steps?, grants: grants?, entitlements: entitlements?, left: left?, holders })
    }
}
