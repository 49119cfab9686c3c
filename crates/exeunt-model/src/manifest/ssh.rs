//! What is asked of a host over SSH.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One section of the facts that the program's own script gives of a host. What is run there is fixed; a
/// manifest only says which part of the answer a read is about. A page is `{"rows": [...]}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SshRequest {
    /// Which part.
    pub section: SshSection,
    /// The host, as the setting `hosts` names it; `{host}` bound by `each` on the read of the hosts.
    #[serde(default)]
    pub host: String,
}

/// The parts of what a host says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SshSection {
    /// The hosts of the configuration; nobody is contacted for it.
    Hosts,
    /// Accounts, with expiry, shell, and whether there is a password.
    Accounts,
    /// Groups with their members, those by primary group included.
    Groups,
    /// Keys that sign in, by fingerprint.
    Keys,
    /// Authorities and principals whose certificates sign in, and commands that give keys.
    Trust,
    /// What sudo allows.
    Sudo,
    /// Jobs of cron, at and systemd that run as somebody.
    Jobs,
    /// Sessions and what was left running.
    Sessions,
}

impl SshSection {
    /// Every part that a host is asked for.
    pub const OF_HOST: [Self; 7] =
        [Self::Accounts, Self::Groups, Self::Keys, Self::Trust, Self::Sudo, Self::Jobs, Self::Sessions];

    /// The word used in manifests and on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hosts => "hosts",
            Self::Accounts => "accounts",
            Self::Groups => "groups",
            Self::Keys => "keys",
            Self::Trust => "trust",
            Self::Sudo => "sudo",
            Self::Jobs => "jobs",
            Self::Sessions => "sessions",
        }
    }
}
