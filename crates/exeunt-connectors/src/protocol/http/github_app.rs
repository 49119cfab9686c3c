//! GitHub App: a JWT signed with the app's key, exchanged for an installation token.

use futures_util::future::BoxFuture;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use reqwest::Url;
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderValue};
use serde::{Deserialize, Serialize};

use exeunt_model::{PartialReason, Timestamp};

use super::send::{Outgoing, Wire};
use super::token::{Issued, Issuer, not_issued};
use crate::protocol::Fault;
use crate::secret::Secret;

/// GitHub accepts at most ten minutes; one is left for clocks that differ.
const JWT_SECONDS: i64 = 9 * 60;
/// GitHub recommends a start in the past, for the same reason.
const JWT_BACKDATED_SECONDS: i64 = 60;

/// An app, installed in one organisation.
pub struct GithubApp {
    app_id: String,
    key: EncodingKey,
    /// `.../app/installations/{id}/access_tokens`
    exchange: Url,
}

#[derive(Serialize)]
struct Claims<'a> {
    iat: i64,
    exp: i64,
    iss: &'a str,
}

#[derive(Deserialize)]
struct Answer {
    token: String,
    expires_at: Timestamp,
}

/// The private key is no PEM file of an RSA key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoRsaKey;

impl GithubApp {
    /// An app with its key.
    ///
    /// # Errors
    /// When `private_key` is not the PEM of an RSA key.
    pub fn new(app_id: String, private_key: &Secret, exchange: Url) -> Result<Self, NoRsaKey> {
        let key = EncodingKey::from_rsa_pem(private_key.expose().as_bytes()).map_err(|_| NoRsaKey)?;
        Ok(Self { app_id, key, exchange })
    }

    fn outgoing(&self, now: Timestamp) -> Result<Outgoing, Fault> {
        let fail = || Fault {
            reason: PartialReason::Unauthorized,
            detail: format!(
                "the GitHub App {} could not sign with its private key. Check that it is the \
                 app's own key, as downloaded from GitHub",
                self.app_id
            ),
            statuses: Vec::new(),
        };
        let claims = Claims {
            iat: now.as_second() - JWT_BACKDATED_SECONDS,
            exp: now.as_second() + JWT_SECONDS,
            iss: &self.app_id,
        };
        let jwt =
            jsonwebtoken::encode(&Header::new(Algorithm::RS256), &claims, &self.key).map_err(|_| fail())?;
        let mut bearer = HeaderValue::from_str(&format!("Bearer {jwt}")).map_err(|_| fail())?;
        bearer.set_sensitive(true);
        Ok(Outgoing {
            method: reqwest::Method::POST,
            url: self.exchange.clone(),
            headers: HeaderMap::from_iter([
                (AUTHORIZATION, bearer),
                (ACCEPT, HeaderValue::from_static("application/vnd.github+json")),
            ]),
            body: None,
        })
    }
}

impl Issuer for GithubApp {
    type Token = Secret;

    fn issue<'a>(&'a self, wire: &'a Wire) -> BoxFuture<'a, Result<Issued, Fault>> {
        Box::pin(async move {
            let outgoing = self.outgoing(wire.now())?;
            let whole = wire.once(&outgoing).await?;
            let refused = || not_issued(&outgoing.label(), &whole);
            if !(200..300).contains(&whole.status) {
                return Err(refused());
            }
            let answer: Answer = serde_json::from_slice(&whole.body).map_err(|_| refused())?;
            let token = Secret::new(answer.token).ok_or_else(refused)?;
            Ok(Issued { token, ends: answer.expires_at })
        })
    }
}
