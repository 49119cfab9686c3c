//! `exeunt.yaml`: the organisation, its systems, owners, workflow and policy.
//!
//! Credentials stand in it only as references; a literal secret is refused by its shape.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::case::Workflow;
use crate::owners::{OwnerCell, RegisterFile};
use crate::policy::Policy;
use crate::reference::{Ref, SystemId};

/// The whole file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Version of this form; `1`.
    pub version: u32,
    /// The organisation.
    pub organisation: Organisation,
    /// The authoritative directory: one of the systems.
    pub directory: SystemId,
    /// The systems, by name.
    pub systems: BTreeMap<SystemId, SystemConfig>,
    /// How offboarding tickets are read.
    #[serde(default)]
    pub workflow: Workflow,
    /// The ownership register, in place.
    #[serde(default)]
    pub owners: Vec<OwnerCell>,
    /// And in files beside this one, in any of the forms that `docs/guides/owners.md` shows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub owners_files: Vec<RegisterFile>,
    /// Accounts tied to people by hand.
    #[serde(default)]
    pub links: Vec<ManualLink>,
    /// Policy.
    #[serde(default)]
    pub policy: Policy,
    /// Evidence.
    #[serde(default)]
    pub evidence: EvidenceConfig,
    /// For a simulated company only: what every command takes for the present time. Documents
    /// made with it say so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub simulated_time: Option<crate::Timestamp>,
}

/// The organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Organisation {
    /// Its name.
    pub name: String,
    /// Its mail domains; the same person may have an address in each.
    #[serde(default)]
    pub domains: Vec<String>,
}

/// One system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SystemConfig {
    /// The connector: a manifest's name.
    pub connector: String,
    /// Where it is, if the manifest does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The manifest's settings.
    #[serde(default)]
    pub settings: BTreeMap<String, String>,
    /// How we sign in.
    pub auth: AuthConfig,
    /// Encryption.
    #[serde(default)]
    pub tls: TlsConfig,
    /// Whether loopback and private addresses may be contacted. Off, so that a manifest or a
    /// name server cannot turn the reader against the inside of the network.
    #[serde(default)]
    pub allow_private: bool,
    /// Known objects that a read has to show, by read: native ids. They are positive controls.
    #[serde(default)]
    pub controls: BTreeMap<String, String>,
}

/// How we sign in: the method and references to its secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum AuthConfig {
    /// A bearer token.
    Bearer(SecretRef),
    /// User and password.
    Basic {
        /// The user.
        user: String,
        /// The password.
        password: SecretRef,
    },
    /// The value of the manifest's header.
    Header(SecretRef),
    /// OAuth 2.0 client credentials.
    OauthClientCredentials {
        /// The client id.
        client_id: String,
        /// The client secret.
        client_secret: SecretRef,
    },
    /// GitHub App.
    GithubApp {
        /// The app's id.
        app_id: String,
        /// The installation's id.
        installation_id: String,
        /// The private key, PEM.
        private_key: SecretRef,
    },
    /// AWS keys.
    Sigv4 {
        /// The region.
        region: String,
        /// The access key id.
        access_key_id: SecretRef,
        /// The secret access key.
        secret_access_key: SecretRef,
        /// The session token, for temporary keys.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        session_token: Option<SecretRef>,
    },
    /// LDAP simple bind.
    LdapSimple {
        /// The name to bind with.
        dn: String,
        /// Its password.
        password: SecretRef,
    },
    /// Database user and password.
    SqlPassword {
        /// The user.
        user: String,
        /// The password.
        password: SecretRef,
        /// The database.
        database: String,
    },
    /// SSH with a key.
    SshKey {
        /// The user to sign in as.
        user: String,
        /// The private key; OpenSSH reads it itself, so that it has to be `file:`.
        key: SecretRef,
        /// The file of the hosts' own keys. A host that is not in it is not spoken to.
        known_hosts: String,
        /// What connects to a host, where it is not reachable from here; `%h` and `%p` stand for it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        proxy_command: Option<String>,
    },
    /// A Google service account.
    GoogleServiceAccount {
        /// The JSON file of its key.
        key: SecretRef,
        /// The user to act for, where an administrator delegated that to the account.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        subject: Option<String>,
    },
    /// A program that reads the system and signs in by itself.
    Program {
        /// The program and its arguments. No shell is involved. The program is a path; a relative
        /// one begins where this file is.
        command: Vec<String>,
        /// Credentials it gets as environment variables. It gets no other variables but these and
        /// those of `set`.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        env: BTreeMap<String, SecretRef>,
        /// Environment variables that are no secret, such as `LANG` or an address.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        set: BTreeMap<String, String>,
    },
    /// Nothing: a file is read.
    None,
}

/// Encryption.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TlsConfig {
    /// A PEM file of certificate authorities to trust beside the platform's.
    pub ca_file: Option<String>,
    /// LDAP only: begin in the clear and switch to TLS before anything is said.
    pub start_tls: bool,
    /// Speak without encryption. Only accepted for loopback addresses.
    pub plain_text_on_loopback: bool,
}

/// Where a secret is: `env:NAME`, `file:PATH` or `exec:COMMAND`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum SecretRef {
    /// An environment variable.
    Env(String),
    /// A file; its trailing newline is not part of the secret.
    File(String),
    /// The standard output of a command, split at spaces, no shell.
    Exec(String),
}

/// The text is no reference. It is not repeated: it may be the secret itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "a credential has to be a reference: `env:NAME`, `file:PATH` or `exec:COMMAND`. What stands \
     here is none of these and is not shown, since it may be the secret itself; move it out of \
     this file and replace it if it was"
)]
pub struct NotASecretRef;

impl FromStr for SecretRef {
    type Err = NotASecretRef;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            Some((_, "")) | None => Err(NotASecretRef),
            Some(("env", name)) => Ok(Self::Env(name.to_owned())),
            Some(("file", path)) => Ok(Self::File(path.to_owned())),
            Some(("exec", command)) => Ok(Self::Exec(command.to_owned())),
            Some(_) => Err(NotASecretRef),
        }
    }
}

impl TryFrom<String> for SecretRef {
    type Error = NotASecretRef;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl fmt::Display for SecretRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(f, "env:{name}"),
            Self::File(path) => write!(f, "file:{path}"),
            Self::Exec(command) => write!(f, "exec:{command}"),
        }
    }
}

impl From<SecretRef> for String {
    fn from(reference: SecretRef) -> Self {
        reference.to_string()
    }
}

impl JsonSchema for SecretRef {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "SecretRef".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^(env|file|exec):.+$" })
    }
}

/// An account tied to a person by hand. The link is evidence itself: somebody vouches for it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ManualLink {
    /// The account, credential or integration.
    pub object: Ref,
    /// The person's identity in the directory.
    pub person: Ref,
    /// Who vouches.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// Evidence.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EvidenceConfig {
    /// The log's origin (C2SP checkpoint), such as `halden.example/exeunt`. Default: the
    /// organisation's first domain and `/exeunt`.
    pub origin: Option<String>,
    /// The log's signing key. Default: made once and kept in the state folder, readable by its
    /// owner only.
    pub key: Option<SecretRef>,
    /// The key that wraps the keys bodies are sealed with, one for each case: 64 hexadecimal digits, from a file, the
    /// environment or a command. Default: made once and kept in the state folder, readable by its owner only.
    pub sealing_key: Option<SecretRef>,
    /// How long what systems answered can be read, such as `8760h` for a year. After it only the cases that rest on a
    /// collection can open it, each for as long as it is not erased. Default: always.
    pub keep: Option<crate::Duration>,
    /// Who is asked to cosign the ledger's head after each verdict.
    pub witnesses: Vec<WitnessConfig>,
    /// Who puts a time to the ledger's head when `exeunt evidence timestamp --send` asks: the first that answers.
    pub time_authorities: Vec<TimeAuthorityConfig>,
    /// Where the ledger is when several nodes write it by turns. They share `key` and `origin`. Default: in the state
    /// folder.
    pub shared: Option<SharedLedgerConfig>,
}

/// A time authority (RFC 3161) that is asked over HTTP.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TimeAuthorityConfig {
    /// Where it is.
    pub url: String,
    /// Its certificate, or the one that leads to it: a PEM file beside the configuration.
    pub certificates: String,
    /// Encryption.
    #[serde(default)]
    pub tls: TlsConfig,
    /// Whether loopback and private addresses may be contacted.
    #[serde(default)]
    pub allow_private: bool,
}

/// A ledger that several nodes write: lease, journal and head in PostgreSQL, tiles in an object store that speaks S3.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SharedLedgerConfig {
    /// The address of the database, with the password: `postgres://user:password@host/database`.
    pub postgres: SecretRef,
    /// The address of the bucket, with a prefix if there is one: `https://s3.example/bucket/ledgers`. Without TLS on
    /// loopback only.
    pub objects: String,
    /// The region that requests are signed for.
    pub region: String,
    /// The access key id.
    pub access_key_id: SecretRef,
    /// The secret access key.
    pub secret_access_key: SecretRef,
    /// What this node is called when others are told who writes.
    pub node: String,
}

/// A witness of the ledger (C2SP tlog-witness).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WitnessConfig {
    /// Where it is; `/add-checkpoint` is added.
    pub url: String,
    /// Its verifier key, which also names it, as `exeunt witness` prints it.
    pub key: String,
    /// Encryption.
    #[serde(default)]
    pub tls: TlsConfig,
    /// Whether loopback and private addresses may be contacted.
    #[serde(default)]
    pub allow_private: bool,
}

#[cfg(test)]
mod tests {
    use super::SecretRef;

    /// A token pasted into the file must neither work nor come back in an error message.
    #[test]
    fn a_literal_secret_is_refused_and_not_repeated() {
        let refused = "hunter2-secret".parse::<SecretRef>().expect_err("not a reference");
        assert!(!refused.to_string().contains("hunter2"));
        assert!("env:".parse::<SecretRef>().is_err());
        assert!("https://x".parse::<SecretRef>().is_err());
        assert_eq!("exec:pass show x".parse(), Ok(SecretRef::Exec("pass show x".to_owned())));
    }
}
