//! A short-lived token, or whatever else is issued for a while: fetched when first needed, kept until shortly before it ends.

use std::sync::{Arc, PoisonError, RwLock};

use futures_util::future::BoxFuture;
use tokio::sync::Mutex;

use exeunt_model::{Duration, PartialReason, Timestamp};

use super::exchange::Whole;
use super::send::Wire;
use crate::protocol::Fault;
use crate::secret::Secret;

/// A token is not used in its last minute: a page may take that long, and clocks differ.
const MARGIN: Duration = Duration::from_secs(60);

/// What was issued.
#[derive(Debug, Clone)]
pub struct Issued<T = Secret> {
    /// The token.
    pub token: T,
    /// When it ends.
    pub ends: Timestamp,
}

/// Somewhere tokens come from.
pub trait Issuer: Send + Sync {
    /// What is issued.
    type Token: Clone + Send + Sync;

    /// Fetches a token.
    ///
    /// # Errors
    /// When none was issued.
    fn issue<'a>(&'a self, wire: &'a Wire) -> BoxFuture<'a, Result<Issued<Self::Token>, Fault>>;
}

/// A token and where the next comes from.
pub struct Token<I: Issuer> {
    issuer: I,
    /// Held while a token is fetched, so that ten reads ask for one token and not for ten.
    fetching: Mutex<()>,
    issued: RwLock<Option<Arc<Issued<I::Token>>>>,
}

impl<I: Issuer> Token<I> {
    /// No token yet.
    pub const fn new(issuer: I) -> Self {
        Self { issuer, fetching: Mutex::const_new(()), issued: RwLock::new(None) }
    }

    /// A token that is good for a while.
    ///
    /// # Errors
    /// When none was issued.
    pub async fn current(&self, wire: &Wire) -> Result<I::Token, Fault> {
        if let Some(good) = self.good(wire.now()) {
            return Ok(good);
        }
        let _fetching = self.fetching.lock().await;
        if let Some(good) = self.good(wire.now()) {
            return Ok(good);
        }
        let issued = Arc::new(self.issuer.issue(wire).await?);
        let token = issued.token.clone();
        *self.issued.write().unwrap_or_else(PoisonError::into_inner) = Some(issued);
        Ok(token)
    }

    /// Drops the token; whether there was one.
    pub fn forget(&self) -> bool {
        self.issued.write().unwrap_or_else(PoisonError::into_inner).take().is_some()
    }

    fn good(&self, now: Timestamp) -> Option<I::Token> {
        let issued = self.issued.read().unwrap_or_else(PoisonError::into_inner);
        let issued = issued.as_ref()?;
        (issued.ends.duration_since(now) > MARGIN).then(|| issued.token.clone())
    }
}

/// The fault of a token endpoint that answered without issuing a token. Its body is not
/// repeated: some echo the request, which holds the secret.
pub(super) fn not_issued(label: &str, whole: &Whole) -> Fault {
    let status = whole.status;
    let (reason, words) = match status {
        200..=299 => (PartialReason::SchemaChanged, "without a token in its answer"),
        400 | 401 => (PartialReason::Unauthorized, "the client's id or secret was refused; replace it"),
        403 => (PartialReason::Forbidden, "the client may not have a token; ask its administrator"),
        404 => (PartialReason::NotFound, "there is no such client or endpoint; check the configuration"),
        429 => (PartialReason::RateLimited, "too many tokens were asked for; try again later"),
        300..=399 => (PartialReason::Redirected, "it points elsewhere, which is never followed"),
        500..=599 => (PartialReason::ServerError, "the token endpoint failed; try again later"),
        _ => (PartialReason::UnexpectedStatus, "which is not what a token endpoint says"),
    };
    Fault {
        reason,
        detail: format!("{label}: no token, it answered {status}, {words}"),
        statuses: vec![status],
    }
}
