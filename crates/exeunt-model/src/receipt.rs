//! Read receipts: what was asked, what came back, and whether that was all of it.
//!
//! A read ends `complete` or `partial(reason)`; there is no third way and no default. A failed
//! read is data with a receipt, not an error that ends the run.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::reference::SystemId;
use crate::{Digest, Timestamp};

/// Why a read is not the whole truth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PartialReason {
    /// 401, a refused bind or password: our credential is wrong or has ended.
    Unauthorized,
    /// 403: our credential may not.
    Forbidden,
    /// A 200 whose body says that a scope or permission is missing.
    MissingPermission,
    /// 404 where a listing was expected.
    NotFound,
    /// Refused for its rate, and still refused after the permitted waits.
    RateLimited,
    /// 5xx, or the protocol's own internal error.
    ServerError,
    /// Another answer than the manifest allows.
    UnexpectedStatus,
    /// Name, connection or network failure.
    Unreachable,
    /// Certificate or handshake failure.
    Tls,
    /// The connection ended before the answer did.
    Truncated,
    /// Took longer than allowed.
    TimedOut,
    /// An answer larger than allowed.
    Oversized,
    /// The answer is not of the shape the manifest states.
    SchemaChanged,
    /// The same page was offered twice.
    RepeatedCursor,
    /// More pages than allowed.
    PageCap,
    /// Fewer rows than the system itself announced, or an empty page before the end.
    ShortCount,
    /// A redirect, or a next page elsewhere, which is never followed.
    Redirected,
    /// A read this one depends on was partial.
    Dependency,
    /// Stopped by us.
    Interrupted,
}

impl PartialReason {
    /// The reason in words, to follow "because".
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Unauthorized => "our credential was refused",
            Self::Forbidden => "our credential may not read this",
            Self::MissingPermission => "the answer says a permission is missing",
            Self::NotFound => "the listing was not found",
            Self::RateLimited => "the system kept refusing for the rate of requests",
            Self::ServerError => "the system failed to answer",
            Self::UnexpectedStatus => "the system answered in an unexpected way",
            Self::Unreachable => "the system could not be reached",
            Self::Tls => "no trusted encrypted connection could be made",
            Self::Truncated => "the answer was cut off",
            Self::TimedOut => "the answer took too long",
            Self::Oversized => "the answer was larger than allowed",
            Self::SchemaChanged => "the answer has another shape than the manifest states",
            Self::RepeatedCursor => "the same page was offered twice",
            Self::PageCap => "there were more pages than allowed",
            Self::ShortCount => "fewer rows came than the system announced",
            Self::Redirected => "the system pointed elsewhere",
            Self::Dependency => "a read it depends on was partial",
            Self::Interrupted => "the run was stopped",
        }
    }
}

/// How a read ended.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Everything in the scope was read.
    Complete,
    /// Something is missing, or may be.
    Partial {
        /// Why.
        reason: PartialReason,
        /// What was attempted, what came back, what to try next; never a secret.
        detail: String,
    },
}

impl Outcome {
    /// Whether everything in the scope was read.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        matches!(self, Self::Complete)
    }
}

/// Whether the reader was shown able to see such objects at all.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PositiveControl {
    /// The read showed an object that proves it; its reference or description.
    Seen(String),
    /// The read should have shown one and did not.
    NotSeen(String),
    /// The manifest states none for this read.
    NotStated,
}

/// What one read of one scope asked and got.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadReceipt {
    /// The system.
    pub system: SystemId,
    /// The name of the read in the manifest.
    pub read: String,
    /// What of it was read: empty for the whole, or the bound values of the parent row, such as
    /// `repo=payments`.
    #[serde(default)]
    pub scope: String,
    /// Method and path, LDAP base and filter, SQL text, or AWS action; without credentials.
    pub endpoint: String,
    /// The permission the manifest says this needs.
    pub permission: String,
    /// As whom we read, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reader: Option<String>,
    /// Pages read.
    pub pages: u32,
    /// Rows on them.
    pub rows: u64,
    /// Status of each exchange, retries included, in the protocol's numbers.
    pub statuses: Vec<u16>,
    /// How the end was recognised, such as `no next link`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terminal: Option<String>,
    /// When the first request left, by our clock.
    pub started: Timestamp,
    /// When the last answer ended, by our clock.
    pub ended: Timestamp,
    /// The `Date` of the last answer, by the server's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_date: Option<Timestamp>,
    /// Digests of the raw bodies, in order of pages.
    pub exchanges: Vec<Digest>,
    /// Whether the reader was shown able to see such objects.
    pub control: PositiveControl,
    /// Whether that was all.
    pub outcome: Outcome,
}

impl ReadReceipt {
    /// Name and scope, as cited: `deploy_keys[repo=payments]`.
    #[must_use]
    pub fn title(&self) -> String {
        if self.scope.is_empty() { self.read.clone() } else { format!("{}[{}]", self.read, self.scope) }
    }
}
