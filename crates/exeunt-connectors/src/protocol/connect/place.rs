//! Where a system is: its URL filled in, its scheme, and which addresses it may have; and what every request tells it.

use std::collections::BTreeMap;
use std::net::IpAddr;

use reqwest::header::HeaderMap;
use url::{Host, Url};

use exeunt_model::config::SystemConfig;
use exeunt_model::manifest::{Manifest, Protocol as Speaks};

use super::ConnectError;
use crate::net::Guard;
use crate::protocol::http::header_map;
use crate::template::{Part, parts};

/// Fills `{name}` with settings. A value fills in a part of the URL and cannot add one; only a
/// template that is nothing but a setting takes a whole URL.
pub fn expand(template: &str, manifest: &Manifest, system: &SystemConfig) -> Result<String, ConnectError> {
    let mut text = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else { break };
        let value = setting(name, manifest, system)?;
        let whole = before.is_empty() && after.is_empty() && text.is_empty();
        let fits = |b: u8| b.is_ascii_alphanumeric() || b"._~-".contains(&b);
        if value.is_empty() || !(whole || value.bytes().all(fits)) {
            return Err(ConnectError::SettingUnfit { name: name.to_owned() });
        }
        text.push_str(before);
        text.push_str(value);
        rest = after;
    }
    text.push_str(rest);
    Ok(text)
}

/// The manifest's headers, with `{name}` filled with settings. One that comes out empty is not sent: an optional setting
/// that was left empty says nothing.
pub fn headers(manifest: &Manifest, system: &SystemConfig) -> Result<HeaderMap, ConnectError> {
    let mut filled = BTreeMap::new();
    for (name, text) in &manifest.client.headers {
        let mut value = String::new();
        for part in parts(text) {
            value.push_str(match part {
                Part::Text(text) => text,
                Part::Name(name) => setting(name, manifest, system)?,
            });
        }
        if !value.is_empty() {
            filled.insert(name.clone(), value);
        }
    }
    header_map(&filled).map_err(ConnectError::Header)
}

fn setting<'a>(
    name: &str,
    manifest: &'a Manifest,
    system: &'a SystemConfig,
) -> Result<&'a str, ConnectError> {
    let rule = manifest.settings.get(name);
    let value = system.settings.get(name).or_else(|| rule.and_then(|rule| rule.default.as_ref()));
    value.map(String::as_str).ok_or_else(|| ConnectError::SettingMissing {
        name: name.to_owned(),
        about: rule.map(|rule| format!(" ({})", rule.about)).unwrap_or_default(),
    })
}

/// Whether this URL is spoken to without encryption.
///
/// # Errors
/// What was expected, when the scheme is another protocol's.
pub fn is_plain(url: &Url, protocol: Speaks, system: &SystemConfig) -> Result<bool, String> {
    match (protocol, url.scheme()) {
        (Speaks::Http | Speaks::Aws, "https") | (Speaks::Ldap, "ldaps") => Ok(false),
        (Speaks::Http | Speaks::Aws, "http") => Ok(true),
        (Speaks::Ldap, "ldap") => Ok(!system.tls.start_tls),
        // A database's scheme does not say; TLS is the rule and plain text what is asked for.
        (Speaks::Sql, "postgres" | "postgresql" | "mysql" | "mariadb") => {
            Ok(system.tls.plain_text_on_loopback)
        }
        (Speaks::Ssh, "ssh") => Ok(false),
        (protocol, other) => Err(format!("`{other}` is not its protocol. Write it as {}", example(protocol))),
    }
}

pub const fn example(protocol: Speaks) -> &'static str {
    match protocol {
        Speaks::Http => "https://host",
        Speaks::Aws => "https://iam.amazonaws.com",
        Speaks::Ldap => "ldaps://host",
        Speaks::Sql => "postgres://host:5432 or mysql://host:3306",
        // The hosts stand in the settings; there is no URL.
        Speaks::Ssh => "ssh://host",
        Speaks::Exec | Speaks::File => "nothing: it has no URL",
    }
}

pub const fn encrypted(protocol: Speaks) -> &'static str {
    match protocol {
        Speaks::Http | Speaks::Aws => "https://",
        Speaks::Ldap => "ldaps://, or ldap:// with `tls.start_tls: true`",
        Speaks::Ssh => "SSH",
        Speaks::Sql => "TLS (leave out `tls.plain_text_on_loopback`)",
        Speaks::Exec | Speaks::File => "nothing: it has no URL",
    }
}

pub const fn general_guard(system: &SystemConfig) -> Guard {
    if system.allow_private { Guard::Private } else { Guard::Public }
}

/// Without encryption, loopback only. The name `localhost` still has to resolve to it.
pub const fn guard(system: &SystemConfig, plain: bool) -> Guard {
    match (system.allow_private, plain) {
        (true, true) => Guard::LoopbackOnly,
        // `allow_private` is what opens loopback; plain text alone does not.
        (true, false) => Guard::Private,
        (false, _) => Guard::Public,
    }
}

pub fn is_loopback(url: &Url) -> bool {
    literal(url).map_or_else(|| url.host_str() == Some("localhost"), |address| address.is_loopback())
}

/// The address that stands in a URL itself. Schemes other than HTTP's are parsed with the host
/// as opaque text, so it is read from the text.
pub fn literal(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Ipv4(v4) => Some(v4.into()),
        Host::Ipv6(v6) => Some(v6.into()),
        Host::Domain(name) => name.parse().ok(),
    }
}
