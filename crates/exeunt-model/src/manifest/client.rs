//! How the client behaves towards one kind of system.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Duration;

/// A way to sign in that a system accepts; the operator chooses one and gives references.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AuthMethod {
    /// `Authorization: Bearer`.
    Bearer,
    /// `Authorization: Basic`.
    Basic,
    /// A header of the system's own; the text goes before the secret (`SSWS `).
    Header {
        /// The header's name.
        name: String,
        /// What precedes the secret in its value.
        #[serde(default)]
        prefix: String,
    },
    /// OAuth 2.0 client credentials (RFC 6749 §4.4).
    OauthClientCredentials {
        /// Where tokens are issued; `{name}` stands for a setting. Relative to the system's URL
        /// when it begins with `/`.
        token_url: String,
        /// Scopes to ask for, separated by spaces.
        #[serde(default)]
        scope: String,
    },
    /// GitHub App: a signed JWT exchanged for an installation token.
    GithubApp,
    /// AWS Signature Version 4.
    Sigv4 {
        /// The service in the credential scope.
        service: String,
    },
    /// LDAP simple bind, over LDAPS or StartTLS only.
    LdapSimple,
    /// Database user and password.
    SqlPassword,
    /// SSH with a key of our own, by the machine's OpenSSH client.
    SshKey,
    /// A Google service account's key, exchanged for a token (RFC 7523).
    GoogleServiceAccount {
        /// Scopes to ask for, separated by spaces.
        scope: String,
        /// Where tokens are issued; relative to the system's URL when it begins with `/`.
        #[serde(default = "google_token_url")]
        token_url: String,
    },
    /// A program of the operator's signs in by itself, with credentials from its environment.
    Program,
    /// Nothing is signed in to: a file is read.
    None,
}

fn google_token_url() -> String {
    "https://oauth2.googleapis.com/token".to_owned()
}

/// Limits, headers and throttling.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ClientRules {
    /// Headers sent with every request; `{name}` stands for a setting. One that comes out empty is not sent.
    pub headers: BTreeMap<String, String>,
    /// Requests under way at once.
    pub concurrency: u32,
    /// Requests per second.
    pub rate: RateRule,
    /// How the system says "too fast".
    pub throttle: ThrottleRule,
    /// Longest wait for one whole answer.
    pub timeout: Duration,
    /// Largest body of one answer, in bytes after decompression.
    pub max_body: u64,
    /// Most pages of one read of one scope.
    pub max_pages: u32,
    /// Tries of one request, the first included, when the failure may pass.
    pub tries: u32,
    /// Whether answers may be asked for conditionally (`ETag`), because the system's validators
    /// cover everything the body shows.
    pub conditional: bool,
}

impl Default for ClientRules {
    fn default() -> Self {
        Self {
            headers: BTreeMap::new(),
            concurrency: 4,
            rate: RateRule { per_second: 20 },
            throttle: ThrottleRule::default(),
            timeout: Duration::from_secs(30),
            max_body: 32 * 1024 * 1024,
            max_pages: 20_000,
            tries: 4,
            conditional: false,
        }
    }
}

/// How fast.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RateRule {
    /// Requests per second, at most; at least 1.
    pub per_second: u32,
}

/// How the system says "too fast".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ThrottleRule {
    /// Statuses that mean "later" beside 429, such as 403 with an exhausted quota.
    pub statuses: Vec<u16>,
    /// The header with the number of requests left.
    pub remaining: Option<String>,
    /// The header with the time the quota fills again: seconds since 1970, seconds from now, or
    /// an ISO 8601 time; which of the three is recognised from the value.
    pub reset: Option<String>,
    /// Longest wait obeyed; a longer one ends the read as `rate_limited`.
    pub longest_wait: Duration,
}

impl Default for ThrottleRule {
    fn default() -> Self {
        Self { statuses: Vec::new(), remaining: None, reset: None, longest_wait: Duration::from_mins(15) }
    }
}
