//! Hosts over SSH: the setting `hosts` instead of a URL, and a key that OpenSSH reads itself.

use std::sync::Arc;

use exeunt_model::config::{AuthConfig, SecretRef, SystemConfig};
use exeunt_model::manifest::Manifest;

use super::ConnectError;
use super::method::{accepted, not_accepted};
use super::place::general_guard;
use crate::protocol::Protocol;
use crate::protocol::ssh::{Door, SshProtocol, hosts};
use crate::secret::Secrets;

/// Prepares the connections; nobody is contacted.
pub(super) fn connect(
    manifest: &Manifest,
    system: &SystemConfig,
    secrets: &dyn Secrets,
) -> Result<Arc<dyn Protocol>, ConnectError> {
    accepted(manifest, &system.auth)?;
    let AuthConfig::SshKey { user, key, known_hosts, proxy_command } = &system.auth else {
        return Err(not_accepted(manifest, &system.auth));
    };
    if let Some(url) = &system.url {
        let cause = "hosts stand in the setting `hosts`. Leave the `url` out".to_owned();
        return Err(ConnectError::BadUrl { url: url.clone(), cause });
    }
    let listed = system.settings.get("hosts").map(String::as_str).unwrap_or_default();
    let listed = hosts(listed)?;
    let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '@');
    if user.is_empty() || user.starts_with('-') || !user.chars().all(fine) {
        return Err(ConnectError::NoSshUser);
    }
    let SecretRef::File(path) = key else {
        return Err(ConnectError::KeyNoFile { reference: key.clone() });
    };
    let door = Door {
        program: "ssh".into(),
        user: user.clone(),
        key: secrets.place(path),
        known_hosts: secrets.place(known_hosts),
        proxy_command: proxy_command.clone(),
        guard: general_guard(system),
    };
    for file in [&door.key, &door.known_hosts] {
        let missing = std::fs::metadata(file).err();
        if let Some(cause) = missing {
            return Err(ConnectError::NoSshFile {
                file: file.display().to_string(),
                cause: cause.to_string(),
            });
        }
        if file.to_string_lossy().contains(['"', '\n', '%', '$']) {
            let cause = "its path holds a character that OpenSSH would take for its own".to_owned();
            return Err(ConnectError::NoSshFile { file: file.display().to_string(), cause });
        }
    }
    Ok(Arc::new(SshProtocol::new(door, listed, manifest.client.clone())))
}
