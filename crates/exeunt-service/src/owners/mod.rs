//! The register of owners, read from `exeunt.yaml` and the files it names. A slip is refused with its place and what to do.

mod catalog;
mod cells;
mod paths;
mod table;

use std::path::Path;

use exeunt_model::Digest;
use exeunt_model::config::Config;
use exeunt_model::owners::{CellPlace, FileRead, OwnerCell, OwnerRegister, RegisterFile, RegisterFormat};

use crate::config::{ConfigError, text_of};

/// What is wrong in one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// The line, from 1; 0 when it is about the whole file.
    pub line: u64,
    /// The column, from 1; 0 when it is about the whole line.
    pub column: u64,
    /// What, and what to do.
    pub what: String,
}

impl Fault {
    fn new(line: u64, what: impl Into<String>) -> Self {
        Self { line, column: 0, what: what.into() }
    }
}

/// The whole register: the cells of the configuration itself, then those of each file.
pub(crate) fn register(
    config: &Config,
    path: &Path,
    text: &str,
    base: &Path,
) -> Result<OwnerRegister, ConfigError> {
    let mut register = OwnerRegister::default();
    // As it is called, not where it is: the same register has the same digest on every machine.
    let name = path.file_name().map_or_else(|| "exeunt.yaml".into(), |name| name.to_string_lossy());
    let own = RegisterFile { path: name.into_owned(), ..RegisterFile::default() };
    let lines = cells::lines(text);
    let cells = config.owners.iter().cloned().zip(lines.into_iter().chain(std::iter::repeat(0)));
    let placed = cells.map(|(cell, line)| (line, cell)).collect();
    add(&mut register, config, path, &own, placed)?;
    for file in &config.owners_files {
        let at = base.join(&file.path);
        let wrong = |fault| wrong(&at, fault);
        let format = file.format().ok_or_else(|| {
            wrong(Fault::new(
                0,
                "the name does not tell its form; set `format` to yaml, csv, codeowners or backstage",
            ))
        })?;
        let text = text_of(&at).map_err(|error| match error {
            ConfigError::Missing { .. } => {
                wrong(Fault::new(0, "there is no such file; mend its `path` under `owners_files`"))
            }
            other => other,
        })?;
        match format {
            RegisterFormat::Yaml => add(&mut register, config, &at, file, cells::read(&at, &text)?)?,
            RegisterFormat::Csv => {
                let cells = table::read(&text).map_err(wrong)?;
                add(&mut register, config, &at, file, cells)?;
            }
            RegisterFormat::Codeowners => {
                register.paths.push(paths::read(file, config, &text).map_err(wrong)?);
            }
            RegisterFormat::Backstage => {
                let cells = catalog::read(file, config, &at, &text)?;
                add(&mut register, config, &at, file, cells)?;
            }
        }
        register.files.push(FileRead {
            file: file.path.clone(),
            format,
            digest: Digest::of(text.as_bytes()),
            precedence: file.precedence,
        });
    }
    Ok(register)
}

/// Puts the cells of one file into the register, with what the file says for all of them.
fn add(
    register: &mut OwnerRegister,
    config: &Config,
    at: &Path,
    file: &RegisterFile,
    cells: Vec<(u64, OwnerCell)>,
) -> Result<(), ConfigError> {
    for (line, mut cell) in cells {
        cell.deadline = cell.deadline.or(file.deadline);
        cell.escalation = cell.escalation.or_else(|| file.escalation.clone());
        cell.from = cell.from.or(file.from);
        cell.until = cell.until.or(file.until);
        let fault = cell.fault().or_else(|| unknown_system(config, &cell.system));
        if let Some(what) = fault {
            return Err(wrong(at, Fault::new(line, format!("the cell of {}: {what}", cell.owner.name()))));
        }
        let (file, precedence) = (file.path.clone(), file.precedence);
        register.cells.push(CellPlace { file, line, precedence, cell });
    }
    Ok(())
}

/// Why a system cannot be meant.
fn unknown_system(config: &Config, system: &str) -> Option<String> {
    let known: Vec<&str> = config.systems.keys().map(exeunt_model::SystemId::as_str).collect();
    (system != "*" && !known.contains(&system)).then(|| {
        format!("it names the system `{system}`, which is not under `systems` ({})", known.join(", "))
    })
}

fn wrong(path: &Path, fault: Fault) -> ConfigError {
    let Fault { line, column, what } = fault;
    ConfigError::Owners { path: path.to_owned(), line, column, what }
}

#[cfg(test)]
mod tests;
