//! One read: how it is asked, paged, checked and mapped.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::door::{AirbyteRequest, BatonRequest, CsvRequest, ExecRequest};

/// One listing or object that is read.
///
/// Texts in requests may hold `{name}`: a setting of the system, or a value bound by [`Each`].
/// In paths and queries it is percent-encoded, in LDAP filters escaped (RFC 4515), in SQL it is
/// not allowed: values are bound as `$1`, `$2` in the order of `Each::bind`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadRule {
    /// What it shows.
    pub about: String,
    /// The request for the first page.
    pub request: Request,
    /// The permission to ask an administrator for, in the vendor's words.
    pub permission: String,
    /// How the following pages are asked for. There is no default: not knowing how a listing
    /// ends is how lists come out short.
    pub paging: Paging,
    /// jq on a page, giving the array of its rows; anything but one array is a changed schema.
    pub rows: String,
    /// Fields each row must have, not null; dots descend (`user.id`).
    #[serde(default)]
    pub require: Vec<String>,
    /// jq on one row, giving its records. `$settings.name`, and each name bound by `each`, are
    /// variables. References may be written `noun/id`.
    pub map: String,
    /// Why a row may give no record at all; without it, such a row is a changed schema.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub may_skip: Option<String>,
    /// Fields of its answers that hold secrets whatever they are called, wherever they stand; dots descend
    /// (`config.token`). Fields with a usual name (`password`, `client_secret`) and secrets of a known form need not be
    /// named. What is in them is replaced by a keyed fingerprint before anything is kept or mapped.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub secrets: Vec<String>,
    /// Run once for each row of another read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub each: Option<Each>,
    /// What shows that the reader can see such objects at all.
    pub control: Control,
    /// Bodies that mean "refused" though the status is a success.
    #[serde(default)]
    pub refused_when: Vec<Refusal>,
    /// Statuses that mean "there are none here", with the reason why that is certain. Rare.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub none_when: Option<EmptyBody>,
}

/// The request, in the system's protocol.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Request {
    /// HTTP with a JSON answer.
    Http(HttpRequest),
    /// An LDAP search.
    Ldap(LdapRequest),
    /// One SQL statement that reads.
    Sql(SqlRequest),
    /// One action of an AWS API.
    Aws(AwsRequest),
    /// One section of what a host says over SSH.
    Ssh(super::SshRequest),
    /// One read of a program's record stream.
    Exec(ExecRequest),
    /// A table in a text file.
    Csv(CsvRequest),
    /// One list of a Baton file.
    Baton(BatonRequest),
    /// One stream of what an Airbyte source printed.
    Airbyte(AirbyteRequest),
}

/// HTTP methods that a read may use.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// GET.
    #[default]
    Get,
    /// POST, for searches and GraphQL queries. Never retried unless the read says it only reads.
    Post,
    /// PUT; only in revoke steps.
    Put,
    /// PATCH; only in revoke steps.
    Patch,
    /// DELETE; only in revoke steps.
    Delete,
}

/// An HTTP request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HttpRequest {
    /// The method.
    #[serde(default)]
    pub method: Method,
    /// The path, appended to the system's URL. Begins with `/`.
    pub path: String,
    /// Query parameters.
    #[serde(default)]
    pub query: BTreeMap<String, String>,
    /// Headers for this request only.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// A JSON body; every text in it may hold `{name}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<serde_json::Value>,
}

/// How far an LDAP search goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LdapScope {
    /// The base object only.
    Base,
    /// Its children.
    One,
    /// The whole subtree.
    Sub,
}

/// An LDAP search. A row is `{"dn": text, "attrs": {name: [text]}, "bin": {name: [hex]}}` with
/// attribute names in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LdapRequest {
    /// Where to begin.
    pub base: String,
    /// How far.
    pub scope: LdapScope,
    /// The filter (RFC 4515).
    pub filter: String,
    /// Attributes to ask for, operational ones by name.
    pub attributes: Vec<String>,
    /// Controls to send with the search, beside that of paging.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub controls: Vec<LdapControl>,
}

/// A control of a search (RFC 4511 §4.1.11).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LdapControl {
    /// Its object identifier.
    pub oid: String,
    /// Whether a directory that does not know it has to refuse the search.
    #[serde(default)]
    pub critical: bool,
    /// Its value, BER in hexadecimal; none when empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub value: String,
}

/// One SQL statement, run in a read-only transaction. A row is an object of column names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SqlRequest {
    /// The statement. Its single column `row` is a JSON object (`select to_jsonb(t) as row ...`
    /// or `row_to_json`; with MySQL and MariaDB ``select json_object(...) as `row` ``), so that no type is lost
    /// on the way.
    pub query: String,
}

/// One action of an AWS API. With `json` the service speaks JSON: the page is the answer's own. Without it,
/// it is a query API, and the page is the XML as JSON: elements are objects, repeated `member` elements are
/// arrays (always, also when there is one or none), text is text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AwsRequest {
    /// The action, such as `ListUsers`.
    pub action: String,
    /// The API version, such as `2010-05-08`.
    pub version: String,
    /// Parameters of a query API.
    #[serde(default)]
    pub params: BTreeMap<String, String>,
    /// Elements of a query API that are lists though they may be empty or absent (`AccessKeyMetadata`).
    #[serde(default)]
    pub lists: Vec<String>,
    /// For a service that speaks JSON: which it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub json: Option<AwsJson>,
    /// The JSON object to ask with; every text in it may hold `{name}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<serde_json::Value>,
    /// The role in another account to ask as. The account that the keys belong to is asked with the keys themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assume: Option<AwsAssume>,
}

/// A role to ask as: `arn:aws:iam::<account>:role/<role>`. What is read chooses the account's number and nothing
/// else; role and external id are the operator's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AwsAssume {
    /// The account's number, a single `{name}`. Anything but twelve digits is refused before a byte is sent.
    pub account: String,
    /// The role's name, with its path where it has one; no `{name}` but settings.
    pub role: String,
    /// What the role's trust policy wants to be told; no `{name}` but settings, and none is told when it is empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub external_id: String,
    /// The actions that the session may do at most, whatever the role may (`iam:List*`); it is asked for with them as
    /// its policy.
    pub only: Vec<String>,
}

/// A service of AWS that speaks JSON. One manifest may read several; all are signed with the same keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AwsJson {
    /// What stands before the action in `X-Amz-Target`, such as `AWSIdentityStore`.
    pub target: String,
    /// The version of the JSON protocol: `1.0` or `1.1`.
    pub version: String,
    /// The service in the credential scope.
    pub service: String,
    /// Its host; `{region}` stands for the region that requests are signed for. When the operator gives the
    /// system a `url`, every request goes there instead.
    pub host: String,
    /// The region to sign for, where the service has one for all (`us-east-1`); else the operator's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
}

/// How a listing goes on and how it ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Paging {
    /// The answer is always whole; why that is so.
    None {
        /// Where that is written.
        because: String,
    },
    /// `Link: <...>; rel="next"` (RFC 8288); no such link is the end.
    Link {
        /// When two forms of one listing are possible, a link to another host is refused.
        #[serde(default)]
        about: String,
    },
    /// The URL of the next page stands in the body; null or absent is the end.
    NextUrl {
        /// jq on the page.
        from: String,
    },
    /// A token or cursor in the body goes into the next request; null, absent or empty is the end.
    Cursor {
        /// jq on the page, giving the cursor.
        from: String,
        /// The query parameter (HTTP), form parameter (AWS), or for a request with a body the
        /// place in it as a JSON pointer.
        into: String,
        /// jq on the page, giving whether there is more, where the vendor says so separately; it
        /// must agree with the cursor.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        more: Option<String>,
    },
    /// Pages are numbered by row.
    Offset {
        /// The parameter with the number of the first row.
        start: String,
        /// The number of the very first row: 0, or 1 in SCIM.
        #[serde(default)]
        first: u64,
        /// The parameter with the page size, and the size to ask for.
        size: (String, u32),
        /// jq on the page, giving the number of all rows; the read is short until they came.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        total: Option<String>,
        /// jq on the page, giving whether it is the last one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        last: Option<String>,
    },
    /// Pages are numbered.
    Page {
        /// The parameter with the page number.
        into: String,
        /// The number of the first page: 1, or 0.
        #[serde(default = "one")]
        first: u64,
        /// The parameter with the page size, and the size to ask for, where that has to be said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        size: Option<(String, u32)>,
        /// jq on the page, giving the number of pages. Without it the end is two empty pages in a row, since one in
        /// the middle looks the same.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pages: Option<String>,
    },
    /// The next page begins after the last key of this one; the end is an empty page, asked for
    /// twice, since an empty page in the middle looks the same.
    Keyset {
        /// jq on the last row, giving its key.
        from: String,
        /// The parameter with the key.
        into: String,
    },
    /// LDAP simple paged results (RFC 2696).
    LdapPaged {
        /// Entries a page.
        size: u32,
    },
}

const fn one() -> u64 {
    1
}

/// Run a read for each row of another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Each {
    /// The other read, of this manifest.
    pub read: String,
    /// Names and jq on the other read's raw row, each giving one text or number.
    pub bind: BTreeMap<String, String>,
    /// jq on the other read's raw row: rows for which it is not `true` are left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
}

/// What shows that the reader can see such objects at all. An empty list from a reader that
/// would be shown an empty list anyway proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Control {
    /// Any row of this read, in any of its scopes.
    AnyRow,
    /// A row for which this jq is `true`: the reader itself, a built-in object.
    Row {
        /// jq on the raw row.
        matching: String,
    },
    /// The system refuses a reader without the permission instead of showing it less, so that a
    /// success is the control.
    RefusesOtherwise {
        /// Where that is written, or how it was seen.
        because: String,
    },
    /// None is known; absence in this read never proves anything gone.
    None {
        /// Why there is none.
        because: String,
    },
}

/// A success that is a refusal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Refusal {
    /// jq on the page, giving `true`.
    pub when: String,
    /// What it means.
    pub reason: crate::PartialReason,
    /// jq on the page, giving the vendor's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub says: Option<String>,
}

/// A failure that is an empty listing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EmptyBody {
    /// The status.
    pub status: u16,
    /// jq on the body, giving `true`, so that another failure with the same status is not taken for it.
    pub when: String,
    /// Why it is certain that this means "none".
    pub because: String,
}
