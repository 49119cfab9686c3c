//! Roles in other accounts: who a request asks as, and the temporary keys that make it so (STS `AssumeRole`).
//!
//! Of what was read, the account's number alone gets into the role's ARN, and nothing at all into the endpoint. Keys
//! are asked for when the first request of a role needs them, once for all that wait, kept in memory until shortly
//! before they end, and never in evidence: only the answers to reads are.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::BoxFuture;
use reqwest::{Request, Url};
use serde_json::{Value, json};
use tokio::sync::OnceCell;

use exeunt_model::{Duration, PartialReason, Timestamp};

use super::sign::{Keys, Signed};
use super::{Sent, form_request, is_throttling, refusal, success};
use crate::protocol::Fault;
use crate::protocol::http::retry;
use crate::protocol::http::send::{Signer, Wire};
use crate::protocol::http::token::{Issued, Issuer, Token};
use crate::secret::Secret;

/// The version of the STS API.
const VERSION: &str = "2011-06-15";
/// How the session is called in the trail of the account that is read.
const SESSION: &str = "exeunt";
/// How long keys are taken to live when their end is not told: the shortest session there is.
const UNSAID: Duration = Duration::from_mins(15);

/// A role in an account, checked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Role {
    account: String,
    name: String,
    external_id: Option<String>,
    only: Vec<String>,
}

/// What would have gone into a role's ARN, and cannot.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoRole {
    /// The account.
    #[error("`{0}` is no number of an AWS account, which has twelve digits, so that no role was assumed")]
    Account(String),
    /// The name.
    #[error(
        "`{0}` is no name of a role: letters, digits and `+=,.@_-`, and `/` after a path. Correct the setting"
    )]
    Name(String),
    /// The external id, which is not repeated.
    #[error(
        "the external id has characters that AWS knows none of: letters, digits and `+=,.@:/_-`. Correct the setting"
    )]
    ExternalId,
}

impl Role {
    /// A role by its parts; an empty external id is none. `only` is what its session may do at most.
    ///
    /// # Errors
    /// When a part could not stand in an ARN as what it is.
    pub fn new(account: &str, name: &str, external_id: &str, only: &[String]) -> Result<Self, NoRole> {
        let made_of =
            |text: &str, more: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(c));
        if account.len() != 12 || !account.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(NoRole::Account(account.chars().take(40).collect()));
        }
        let named = name.split('/').all(|part| !part.is_empty()) && name.len() <= 512;
        if !named || !made_of(name, "+=,.@_-/") {
            return Err(NoRole::Name(name.chars().take(80).collect()));
        }
        if !made_of(external_id, "+=,.@:/_-") {
            return Err(NoRole::ExternalId);
        }
        let external_id = (!external_id.is_empty()).then(|| external_id.to_owned());
        Ok(Self { account: account.to_owned(), name: name.to_owned(), external_id, only: only.to_vec() })
    }

    /// The account's number.
    #[must_use]
    pub fn account(&self) -> &str {
        &self.account
    }

    /// Its ARN.
    #[must_use]
    pub fn arn(&self) -> String {
        format!("arn:aws:iam::{}:role/{}", self.account, self.name)
    }

    /// What the session is held to: the policy of a session only takes away.
    fn policy(&self) -> String {
        let statement = json!({"Effect": "Allow", "Action": self.only, "Resource": "*"});
        json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
    }

    fn params(&self) -> BTreeMap<String, String> {
        let mut params = BTreeMap::from([
            ("RoleArn".to_owned(), self.arn()),
            ("RoleSessionName".to_owned(), SESSION.to_owned()),
            ("Policy".to_owned(), self.policy()),
        ]);
        params.extend(self.external_id.iter().map(|id| ("ExternalId".to_owned(), id.clone())));
        params
    }
}

/// Where sessions come from: our own keys, and STS.
pub(super) struct Source {
    /// Our own keys.
    pub(super) keys: Arc<Keys>,
    /// The region STS is asked in.
    pub(super) region: String,
    /// Its endpoint.
    pub(super) endpoint: Url,
}

impl Source {
    fn signer(&self) -> Signed<'_> {
        Signed { keys: &self.keys, service: "sts", region: &self.region }
    }

    /// One action of STS, whose page holds what `about` could not be done without.
    async fn ask(
        &self,
        wire: &Wire,
        action: &str,
        params: &BTreeMap<String, String>,
        about: &str,
    ) -> Result<(Value, Sent), Fault> {
        let outgoing = form_request(&self.endpoint, action, VERSION, params);
        let sent = wire.send_aside(&outgoing, &self.signer()).await?;
        let fault = |reason, words: String| Fault {
            reason,
            detail: format!("{about}: {action} at {} {words}", self.endpoint),
            statuses: sent.statuses.clone(),
        };
        if !(200..300).contains(&sent.whole.status) {
            return Err(refused(&sent, fault));
        }
        let page = success(action, &sent.whole.body, &[]).map_err(|(reason, words)| fault(reason, words))?;
        Ok((page, sent))
    }
}

fn refused(sent: &Sent, fault: impl Fn(PartialReason, String) -> Fault) -> Fault {
    let page = refusal(&sent.whole.body);
    let said = |place: &str| page.pointer(place).and_then(Value::as_str).unwrap_or_default();
    let (code, status) = (said("/Error/Code"), sent.whole.status);
    let (reason, advice) = match (status, code) {
        (429, _) => (PartialReason::RateLimited, "try again later"),
        _ if is_throttling(&sent.whole.body) => (PartialReason::RateLimited, "try again later"),
        (_, "AccessDenied") => (
            PartialReason::Forbidden,
            "ask for `sts:AssumeRole` on it, and for a trust policy of it that names the reader (and its external \
             id); an account that is suspended or closed lets nobody in",
        ),
        (401, _)
        | (
            _,
            "InvalidClientTokenId"
            | "SignatureDoesNotMatch"
            | "ExpiredToken"
            | "IncompleteSignature"
            | "MissingAuthenticationToken",
        ) => (PartialReason::Unauthorized, "check the credential under `auth`"),
        (403, _) => (PartialReason::Forbidden, "ask whoever administers it"),
        (500..=599, _) => (PartialReason::ServerError, "try again later"),
        _ => (PartialReason::UnexpectedStatus, "check the settings of the role"),
    };
    let words: String = said("/Error/Message").split_whitespace().collect::<Vec<_>>().join(" ");
    let words: String = words.chars().take(200).collect();
    fault(reason, format!("answered {status} {code} (\"{words}\"); {advice}"))
}

/// Asks for the keys of one role.
pub(super) struct Assume {
    source: Arc<Source>,
    role: Role,
}

impl Issuer for Assume {
    type Token = Arc<Keys>;

    fn issue<'a>(&'a self, wire: &'a Wire) -> BoxFuture<'a, Result<Issued<Arc<Keys>>, Fault>> {
        Box::pin(async move {
            let (asked, arn) = (wire.now(), self.role.arn());
            let about = format!("the role {arn} could not be assumed");
            let (page, sent) = self.source.ask(wire, "AssumeRole", &self.role.params(), &about).await?;
            let text =
                |name: &str| page.pointer(&format!("/Credentials/{name}"))?.as_str().map(str::to_owned);
            let secret = |name: &str| text(name).and_then(Secret::new);
            let keys = (secret("AccessKeyId"), secret("SecretAccessKey"), secret("SessionToken"));
            let (Some(access_key_id), Some(secret_access_key), Some(session_token)) = keys else {
                return Err(Fault {
                    reason: PartialReason::SchemaChanged,
                    detail: format!("{about}: the answer of AssumeRole holds no keys with a session token"),
                    statuses: sent.statuses,
                });
            };
            // By the clock of whoever ends them: ours may be another.
            let now = retry::server_date(&sent.whole.headers).unwrap_or(asked);
            let ends = text("Expiration").and_then(|at| at.parse::<Timestamp>().ok());
            let life = ends.map_or(UNSAID, |ends| ends.duration_since(now));
            let keys = Keys { access_key_id, secret_access_key, session_token: Some(session_token) };
            Ok(Issued { token: Arc::new(keys), ends: asked.checked_add(life).unwrap_or(asked) })
        })
    }
}

/// The roles of one system, each with its keys.
pub(super) struct Roles {
    source: Arc<Source>,
    own: OnceCell<String>,
    held: Mutex<BTreeMap<Role, Arc<Token<Assume>>>>,
}

impl Roles {
    pub(super) fn new(source: Source) -> Self {
        Self { source: Arc::new(source), own: OnceCell::new(), held: Mutex::default() }
    }

    /// The session to ask a role's account with; none for the account that our own keys belong to, which they are
    /// asked with themselves.
    pub(super) async fn session(
        &self,
        wire: &Wire,
        role: &Role,
    ) -> Result<Option<Arc<Token<Assume>>>, Fault> {
        let own = self.own.get_or_try_init(|| self.own_account(wire)).await?;
        if *own == role.account {
            return Ok(None);
        }
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let token = held.entry(role.clone()).or_insert_with(|| {
            Arc::new(Token::new(Assume { source: Arc::clone(&self.source), role: role.clone() }))
        });
        Ok(Some(Arc::clone(token)))
    }

    async fn own_account(&self, wire: &Wire) -> Result<String, Fault> {
        let about = "which account the keys belong to could not be asked";
        let (page, sent) = self.source.ask(wire, "GetCallerIdentity", &BTreeMap::new(), about).await?;
        match page.get("Account").and_then(Value::as_str) {
            Some(number) if number.len() == 12 && number.bytes().all(|b| b.is_ascii_digit()) => {
                Ok(number.to_owned())
            }
            _ => Err(Fault {
                reason: PartialReason::SchemaChanged,
                detail: format!("{about}: the answer of GetCallerIdentity has no number of an account"),
                statuses: sent.statuses,
            }),
        }
    }
}

/// Signs with the keys of a role, which are asked for anew when they end.
pub(super) struct Session<'a> {
    pub(super) token: &'a Token<Assume>,
    pub(super) service: &'a str,
    pub(super) region: &'a str,
}

impl Signer for Session<'_> {
    fn sign<'a>(&'a self, wire: &'a Wire, request: &'a mut Request) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async move {
            let keys = self.token.current(wire).await?;
            Signed { keys: &keys, service: self.service, region: self.region }.sign(wire, request).await
        })
    }

    fn forget(&self) -> bool {
        self.token.forget()
    }

    fn throttled(&self, status: u16, body: &[u8]) -> bool {
        status >= 400 && is_throttling(body)
    }
}
