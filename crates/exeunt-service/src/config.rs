//! `exeunt.yaml`: read, checked, and refused with the line and what to do about it.

use std::io;
use std::path::{Path, PathBuf};

use exeunt_model::config::Config;
use exeunt_model::owners::OwnerRegister;

use crate::owners;

/// The version of the form this program reads.
const VERSION: u32 = 1;
/// Largest configuration read: a register of a hundred thousand cells is about 20 MB.
const LARGEST: u64 = 64 << 20;

/// The configuration could not be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// There is none.
    #[error("no configuration at {}. Write one with `exeunt init`, or name it with --config FILE", path.display())]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// It cannot be read.
    #[error("could not read {}: {cause}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// It is not of the form.
    #[error("{}: {cause}\nThe form is described by `exeunt schema config`", path.display())]
    Form {
        /// The file.
        path: PathBuf,
        /// Line, column, what was expected; no values, since one may be a secret in the wrong place.
        cause: String,
    },
    /// A cell of the register, or a file with owners, cannot be meant as it stands.
    #[error("{}{}: {what}. The forms are in docs/guides/owners.md", path.display(), place(*line, *column))]
    Owners {
        /// The file.
        path: PathBuf,
        /// The line, from 1; 0 for the whole file.
        line: u64,
        /// The column, from 1 (of a table, the place of the field); 0 for the whole line.
        column: u64,
        /// What is wrong, and what to do.
        what: String,
    },
    /// It contradicts itself.
    #[error("{}:\n{}", path.display(), faults.iter().map(|f| format!("  - {f}")).collect::<Vec<_>>().join("\n"))]
    Contradicts {
        /// The file.
        path: PathBuf,
        /// Each contradiction, and what to do.
        faults: Vec<String>,
    },
}

/// A configuration and where it came from.
#[derive(Debug, Clone)]
pub struct LoadedConfig {
    /// What it says.
    pub config: Config,
    /// Its register of owners, from the file itself and those it names.
    pub owners: OwnerRegister,
    /// The file.
    pub path: PathBuf,
    /// The folder that relative paths in it begin at.
    pub base: PathBuf,
}

impl LoadedConfig {
    /// Reads and checks a configuration.
    ///
    /// # Errors
    /// When there is none, it cannot be read, has another form, or contradicts itself.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = text_of(path)?;
        let config: Config = serde_saphyr::from_str(&text).map_err(|e| form(path, &e))?;
        let base = path.parent().unwrap_or(Path::new("")).to_owned();
        let faults = contradictions(&config);
        if !faults.is_empty() {
            return Err(ConfigError::Contradicts { path: path.to_owned(), faults });
        }
        let owners = owners::register(&config, path, &text, &base)?;
        Ok(Self { config, owners, path: path.to_owned(), base })
    }
}

/// The text of a file, if it is there and not too large.
pub(crate) fn text_of(path: &Path) -> Result<String, ConfigError> {
    let unreadable = |cause: io::Error| match cause.kind() {
        io::ErrorKind::NotFound => ConfigError::Missing { path: path.to_owned() },
        _ => ConfigError::Unreadable { path: path.to_owned(), cause },
    };
    let size = std::fs::metadata(path).map_err(unreadable)?.len();
    if size > LARGEST {
        let cause = format!("{size} bytes are more than a configuration can have ({LARGEST})");
        return Err(ConfigError::Form { path: path.to_owned(), cause });
    }
    std::fs::read_to_string(path).map_err(unreadable)
}

/// A file of another form.
pub(crate) fn form(path: &Path, error: &serde_saphyr::Error) -> ConfigError {
    // Without a snippet of the file: a line of it may hold a secret in the wrong place.
    ConfigError::Form { path: path.to_owned(), cause: error.without_snippet().to_string() }
}

fn place(line: u64, column: u64) -> String {
    match (line, column) {
        (0, _) => String::new(),
        (line, 0) => format!(":{line}"),
        (line, column) => format!(":{line}:{column}"),
    }
}

fn contradictions(config: &Config) -> Vec<String> {
    let mut faults = Vec::new();
    let named = config.systems.keys().map(exeunt_model::SystemId::as_str).collect::<Vec<_>>().join(", ");
    let mut known = |what: String, system: &str| {
        if !config.systems.keys().any(|s| s.as_str() == system) {
            faults
                .push(format!("{what} names the system `{system}`, which is not under `systems` ({named})"));
        }
    };
    known("`directory`".to_owned(), config.directory.as_str());
    if let Some(system) = &config.workflow.system {
        known("`workflow.system`".to_owned(), system.as_str());
    }
    // What a ticket may promise without being read has to be said, so that a slip of the pen is not taken for it.
    let unread = |system: &exeunt_model::SystemId| config.workflow.not_read.contains(system);
    for (n, rule) in config.workflow.claims.iter().enumerate().filter(|(_, rule)| !unread(&rule.system)) {
        known(format!("`workflow.claims[{n}]`"), rule.system.as_str());
    }
    for (n, kind) in config.workflow.request_types.iter().enumerate() {
        for system in kind.systems.iter().filter(|system| !unread(system)) {
            known(format!("`workflow.request_types[{n}]`"), system.as_str());
        }
    }
    for (n, link) in config.links.iter().enumerate() {
        known(format!("`links[{n}].object`"), link.object.system.as_str());
        known(format!("`links[{n}].person`"), link.person.system.as_str());
    }
    if config.version != VERSION {
        faults.push(format!("`version` is {}, this program reads {VERSION}", config.version));
    }
    for (n, waiver) in config.policy.waivers.iter().enumerate() {
        if waiver.reason.trim().is_empty() {
            faults.push(format!("`policy.waivers[{n}]` has no reason"));
        }
    }
    faults
}
