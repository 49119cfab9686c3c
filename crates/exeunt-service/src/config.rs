//! `exeunt.yaml`: read, checked, and refused with the line and what to do about it.

use std::io;
use std::path::{Path, PathBuf};

use exeunt_model::config::Config;
use exeunt_model::owners::{OwnerCell, OwnerRegister};

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
    /// Its register of owners, from the file itself and the one it names.
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
        let config: Config = parse(path)?;
        let base = path.parent().unwrap_or(Path::new("")).to_owned();
        let mut owners = OwnerRegister { owners: config.owners.clone() };
        if let Some(file) = &config.owners_file {
            let more: OwnerRegister = parse(&base.join(file))?;
            owners.owners.extend(more.owners);
        }
        let faults = contradictions(&config, &owners.owners);
        if !faults.is_empty() {
            return Err(ConfigError::Contradicts { path: path.to_owned(), faults });
        }
        Ok(Self { config, owners, path: path.to_owned(), base })
    }
}

fn parse<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, ConfigError> {
    let unreadable = |cause: io::Error| match cause.kind() {
        io::ErrorKind::NotFound => ConfigError::Missing { path: path.to_owned() },
        _ => ConfigError::Unreadable { path: path.to_owned(), cause },
    };
    let size = std::fs::metadata(path).map_err(unreadable)?.len();
    if size > LARGEST {
        let cause = format!("{size} bytes are more than a configuration can have ({LARGEST})");
        return Err(ConfigError::Form { path: path.to_owned(), cause });
    }
    let text = std::fs::read_to_string(path).map_err(unreadable)?;
    serde_saphyr::from_str(&text).map_err(|e| ConfigError::Form {
        path: path.to_owned(),
        // Without a snippet of the file: a line of it may hold a secret in the wrong place.
        cause: e.without_snippet().to_string(),
    })
}

fn contradictions(config: &Config, owners: &[OwnerCell]) -> Vec<String> {
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
    for (n, cell) in owners.iter().enumerate().filter(|(_, cell)| cell.system != "*") {
        known(format!("`owners[{n}]` ({})", cell.owner), &cell.system);
    }
    for (n, link) in config.links.iter().enumerate() {
        known(format!("`links[{n}].object`"), link.object.system.as_str());
        known(format!("`links[{n}].person`"), link.person.system.as_str());
    }
    if config.version != VERSION {
        faults.push(format!("`version` is {}, this program reads {VERSION}", config.version));
    }
    for (n, cell) in owners.iter().enumerate() {
        if let (Some(from), Some(until)) = (cell.from, cell.until)
            && from >= until
        {
            faults.push(format!(
                "`owners[{n}]` ({}) is in force from {from} until {until}, which is never",
                cell.owner
            ));
        }
    }
    for (n, waiver) in config.policy.waivers.iter().enumerate() {
        if waiver.reason.trim().is_empty() {
            faults.push(format!("`policy.waivers[{n}]` has no reason"));
        }
    }
    faults
}
