//! Systems that are not connected to: programs that are run, files that are read.

use std::path::PathBuf;
use std::sync::Arc;

use exeunt_model::config::{AuthConfig, SystemConfig};
use exeunt_model::manifest::{Manifest, Protocol as Speaks};

use super::{ConnectError, not_accepted};
use crate::clock::Clock;
use crate::protocol::Protocol;
use crate::protocol::exec::{ExecProtocol, Program};
use crate::protocol::file::FileProtocol;
use crate::secret::{Secret, Secrets};

/// The door, if the manifest's protocol is one.
///
/// # Errors
/// When the configuration cannot work; see [`ConnectError`].
pub async fn open(
    manifest: &Manifest,
    system: &SystemConfig,
    secrets: &dyn Secrets,
    clock: &Arc<dyn Clock>,
) -> Result<Option<Arc<dyn Protocol>>, ConnectError> {
    if !matches!(manifest.protocol, Speaks::Exec | Speaks::File) {
        return Ok(None);
    }
    if let Some(url) = &system.url {
        return Err(ConnectError::NoUrlWanted { connector: manifest.connector.clone(), url: url.clone() });
    }
    let rules = manifest.client.clone();
    match (manifest.protocol, &system.auth) {
        (Speaks::File, AuthConfig::None) => Ok(Some(Arc::new(FileProtocol::new(secrets.place(""), rules)))),
        (Speaks::Exec, AuthConfig::Program { .. }) => {
            let program = program(system, secrets).await?;
            Ok(Some(Arc::new(ExecProtocol::new(program, rules, Arc::clone(clock)))))
        }
        _ => Err(not_accepted(manifest, &system.auth)),
    }
}

async fn program(system: &SystemConfig, secrets: &dyn Secrets) -> Result<Program, ConnectError> {
    let AuthConfig::Program { command, env, set } = &system.auth else {
        return Err(ConnectError::Program("it is not there".to_owned()));
    };
    let Some((program, arguments)) = command.split_first() else {
        let says =
            "`command` is empty. Write the program's path and its arguments, each an entry of the list";
        return Err(ConnectError::Program(says.to_owned()));
    };
    if !program.contains('/') {
        // Which program a bare name leads to depends on a search path that the program is not given.
        return Err(ConnectError::Program(format!(
            "`{program}` is a name and not a path. Write where it is, such as /usr/bin/{program} or ./{program}"
        )));
    }
    let mut variables: Vec<(String, String)> = Vec::new();
    for (name, value) in set {
        variables.push((variable(name)?.to_owned(), value.clone()));
    }
    let mut hidden: Vec<(String, Secret)> = Vec::new();
    for (name, reference) in env {
        if set.contains_key(name) {
            return Err(ConnectError::Program(format!("the variable `{name}` stands in `env` and in `set`")));
        }
        hidden.push((variable(name)?.to_owned(), secrets.resolve(reference).await?));
    }
    Ok(Program {
        program: secrets.place(program),
        arguments: arguments.to_vec(),
        folder: folder(secrets),
        variables,
        hidden,
    })
}

/// The program runs beside the configuration, wherever Exeunt was started.
fn folder(secrets: &dyn Secrets) -> PathBuf {
    let folder = secrets.place("");
    if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder }
}

fn variable(name: &str) -> Result<&str, ConnectError> {
    let fine = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    if name.is_empty() || !name.bytes().all(fine) {
        return Err(ConnectError::Program(format!("`{name}` is no name of an environment variable")));
    }
    Ok(name)
}
