//! Why a system cannot be connected to as it is configured: what, where, and what to write instead.

use exeunt_model::PartialReason;
use exeunt_model::config::SecretRef;

use crate::net::NetError;
use crate::protocol::tls::TlsSetupError;
use crate::secret::SecretError;

/// A system that is not configured so that it could be connected to.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// Neither configuration nor manifest says where it is.
    #[error("nothing says where this {connector} system is. Give it a `url`")]
    NoUrl {
        /// The connector.
        connector: String,
    },
    /// The URL is none, or not one for this protocol.
    #[error("the URL `{url}` cannot be used: {cause}")]
    BadUrl {
        /// The URL as configured.
        url: String,
        /// What is wrong and what to write instead.
        cause: String,
    },
    /// A setting that the URL needs is not given.
    #[error("the setting `{name}` is missing{about}. Write it under `settings` of this system")]
    SettingMissing {
        /// Its name.
        name: String,
        /// What the manifest says about it.
        about: String,
    },
    /// A setting that would make another URL of the URL.
    #[error("the setting `{name}` cannot stand in a URL: only letters, digits and `. _ ~ -` can")]
    SettingUnfit {
        /// Its name.
        name: String,
    },
    /// A reference led to no secret.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// A secret that cannot be what it is given as.
    #[error("the credential {reference} cannot be used: it is {cause}. Replace it")]
    SecretUnfit {
        /// The reference.
        reference: SecretRef,
        /// What is wrong with it, without showing it.
        cause: &'static str,
    },
    /// The connector does not know this way to sign in.
    #[error("the connector {connector} cannot sign in with `{given}`. Use one of: {accepted}")]
    MethodNotAccepted {
        /// The connector.
        connector: String,
        /// The way configured.
        given: &'static str,
        /// The ways it knows.
        accepted: String,
    },
    /// No encryption, where there has to be some.
    #[error(
        "`{url}` is not encrypted, so nothing is sent there. Use {instead}; only for a loopback \
         address can `tls.plain_text_on_loopback: true` allow it"
    )]
    PlainText {
        /// The URL.
        url: String,
        /// What to use.
        instead: &'static str,
    },
    /// A name to bind with is missing.
    #[error(
        "`auth.ldap_simple.dn` is empty, and a bind without a name is nobody's. Write the name to bind with"
    )]
    NoName,
    /// The list of hosts is none.
    #[error(transparent)]
    Hosts(#[from] crate::protocol::ssh::BadHosts),
    /// The user to sign in as is no user.
    #[error("`auth.ssh_key.user` is no user's name. Write the name that has our key on the hosts")]
    NoSshUser,
    /// The key is not a file, and a key that had to be written into one would lie about.
    #[error("the credential {reference} has to be `file:PATH`: the OpenSSH client reads the key itself")]
    KeyNoFile {
        /// The reference.
        reference: SecretRef,
    },
    /// A file of the SSH client is missing or cannot be named to it.
    #[error("the file {file} cannot be used: {cause}. Correct `auth.ssh_key`")]
    NoSshFile {
        /// The file.
        file: String,
        /// What is wrong.
        cause: String,
    },
    /// A program or file has a URL.
    #[error("{connector} reads a program or a file, which has no URL. Remove `url: {url}`")]
    NoUrlWanted {
        /// The connector.
        connector: String,
        /// The URL as configured.
        url: String,
    },
    /// A program that cannot be run as it is configured.
    #[error("`auth.program` cannot be used: {0}")]
    Program(String),
    /// The address may not be contacted.
    #[error(transparent)]
    Address(#[from] NetError),
    /// `ca_file` could not be used.
    #[error(transparent)]
    Tls(#[from] TlsSetupError),
    /// A header of the manifest cannot be sent.
    #[error(
        "the manifest's header `{0}` cannot be sent. Correct `client.headers`, or the setting that stands in it"
    )]
    Header(String),
    /// The HTTP client could not be made.
    #[error("the HTTP client could not be made: {0}")]
    Client(#[from] reqwest::Error),
}

impl ConnectError {
    /// The reason for the receipts of this system's reads, none of which can happen.
    #[must_use]
    pub const fn reason(&self) -> PartialReason {
        match self {
            Self::Secret(_)
            | Self::SecretUnfit { .. }
            | Self::MethodNotAccepted { .. }
            | Self::NoName
            | Self::NoSshUser
            | Self::KeyNoFile { .. }
            | Self::NoSshFile { .. } => PartialReason::Unauthorized,
            Self::PlainText { .. } | Self::Tls(_) => PartialReason::Tls,
            _ => PartialReason::Unreachable,
        }
    }
}
