//! The one interface between collecting and the wire: one question, one whole answer.
//!
//! A protocol knows how to sign in, pace itself, try again and cap what comes back. It does not
//! know what a page means: which status ends a read, where rows stand and whether there is more
//! is the collector's business, decided from the manifest.

pub mod aws;
pub mod connect;
pub mod exec;
pub mod file;
pub mod http;
pub mod ldap;
pub mod sql;
pub mod ssh;
pub mod tls;

use std::collections::BTreeMap;

use futures_util::future::BoxFuture;
use serde_json::Value;

use exeunt_model::manifest::{AwsJson, ExecRequest, LdapControl, LdapScope, Method, SshSection};
use exeunt_model::{PartialReason, Timestamp};

use crate::mapper::Subject;

/// A request with everything filled in and escaped for its protocol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// HTTP.
    Http {
        /// The method.
        method: Method,
        /// Path and query, percent-encoded, to be appended to the system's URL; or, for a next
        /// page that the system itself offered, an absolute URL on the system's own origin.
        target: String,
        /// Headers of the read.
        headers: BTreeMap<String, String>,
        /// JSON body.
        body: Option<Value>,
    },
    /// LDAP search, one page of it.
    Ldap {
        /// Base object.
        base: String,
        /// How far.
        scope: LdapScope,
        /// Filter, values escaped.
        filter: String,
        /// Attributes.
        attributes: Vec<String>,
        /// Controls beside that of paging.
        controls: Vec<LdapControl>,
        /// Entries a page; `None` without the control.
        page_size: Option<u32>,
        /// The cookie of the page before; empty for the first.
        cookie: Vec<u8>,
    },
    /// One SQL statement.
    Sql {
        /// The statement.
        query: String,
        /// Values for `$1`, `$2`, ...
        params: Vec<String>,
    },
    /// One AWS action.
    Aws {
        /// The action.
        action: String,
        /// API version.
        version: String,
        /// Parameters.
        params: BTreeMap<String, String>,
        /// Elements that are always lists.
        lists: Vec<String>,
        /// The service and the JSON to ask it with, where it speaks JSON.
        json: Option<(AwsJson, Value)>,
        /// The role in another account to ask as.
        role: Option<aws::assume::Role>,
    },
    /// One section of what a host says over SSH.
    Ssh {
        /// Which.
        section: SshSection,
        /// Of which host; empty for the list of hosts.
        host: String,
    },
    /// One read of a program's record stream.
    Exec(ExecRequest),
    /// Something out of a file.
    File(file::FileAsk),
}

/// A whole answer, after permitted retries; not necessarily a success.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The status of each exchange, the last one last: HTTP statuses, LDAP result codes, 0 for
    /// SQL success.
    pub statuses: Vec<u16>,
    /// Response headers in lower case; empty for other protocols than HTTP and AWS.
    pub headers: BTreeMap<String, String>,
    /// The raw bytes that evidence keeps. For LDAP and SQL, which have no body of their own, the
    /// canonical JSON of `page`.
    pub body: Vec<u8>,
    /// The body as JSON.
    pub page: Page,
    /// The cookie of the next LDAP page; empty at the end.
    pub cookie: Vec<u8>,
    /// The server's `Date`.
    pub server_date: Option<Timestamp>,
}

/// What an answer's body says.
#[derive(Debug, Clone, PartialEq)]
pub enum Page {
    /// This; null when a refused request's body was no JSON.
    Value(Subject),
    /// What the body says, which is JSON throughout. It is read where it is mapped, off the async threads.
    OfBody,
}

impl Page {
    /// The page, made of the body where it is not there yet.
    ///
    /// # Errors
    /// When the body has the form of JSON and is none all the same, such as with half a character in a text.
    pub fn read(self, body: &[u8]) -> Result<Subject, serde_json::Error> {
        match self {
            Self::Value(page) => Ok(page),
            Self::OfBody => Subject::parse(body),
        }
    }
}

impl From<Value> for Page {
    fn from(page: Value) -> Self {
        Self::Value(page.into())
    }
}

impl Answer {
    /// The page; null when it cannot be read. Only for what is no list: a list that cannot be read is not an empty one.
    #[must_use]
    pub fn page(&self) -> Subject {
        self.page.clone().read(&self.body).unwrap_or_default()
    }

    /// The status of the exchange that gave this answer. 304 is a success of a conditional
    /// request: the page is the remembered one, whole.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.statuses.last().copied().unwrap_or_default()
    }
}

/// No whole answer came.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct Fault {
    /// Why, in the words of receipts.
    pub reason: PartialReason,
    /// What was attempted, on what, what came back, what to try next; never a secret.
    pub detail: String,
    /// The statuses of the exchanges before.
    pub statuses: Vec<u16>,
}

/// One signed-in connection to one system.
pub trait Protocol: Send + Sync {
    /// Asks once (with permitted retries) and reads the whole answer.
    fn fetch<'a>(&'a self, ask: &'a Ask) -> BoxFuture<'a, Result<Answer, Fault>>;
    /// The origin (`https://host:port`) that absolute next-page URLs must have; `None` where
    /// there are none.
    fn origin(&self) -> Option<&str>;
    /// What answers one read of one scope, where that is not this connection itself. A real system does not know
    /// which read a question belongs to; only a recorded one does.
    fn of_scope(&self, read: &str, scope: &str) -> Option<&dyn Protocol> {
        let _ = (read, scope);
        None
    }
    /// Makes the page of a kept body again, as [`Self::fetch`] made it, when a collection goes on
    /// after it was killed. Protocols whose body is the JSON of the page need nothing else.
    ///
    /// # Errors
    /// When the body is not what this ask is answered with.
    fn reread(&self, ask: &Ask, body: &[u8]) -> Result<Subject, Fault> {
        let _ = ask;
        Subject::parse(body).map_err(|error| Fault {
            reason: PartialReason::SchemaChanged,
            detail: format!("a kept page is no JSON: {error}. Collect this system anew"),
            statuses: Vec::new(),
        })
    }
}
