//! Google service account: a JWT signed with the account's key, exchanged for a token (RFC 7523, §2.1).

use futures_util::future::BoxFuture;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use reqwest::Url;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue};
use secrecy::zeroize::Zeroizing;
use serde::{Deserialize, Serialize};
use url::form_urlencoded::Serializer;

use exeunt_model::{Duration, PartialReason, Timestamp};

use super::send::{Outgoing, Wire};
use super::token::{Issued, Issuer, not_issued};
use crate::protocol::Fault;
use crate::secret::Secret;

/// The longest that Google accepts; a token is asked for at once, so that a minute would do as well.
const JWT_SECONDS: i64 = 3600;
/// How long a token is taken to live when the endpoint does not say.
const UNSAID: i64 = 300;
/// The grant's name.
const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// A service account, for itself or for a user.
pub struct ServiceAccount {
    email: String,
    key_id: Option<String>,
    key: EncodingKey,
    subject: Option<String>,
    scope: String,
    token_url: Url,
}

/// What Google's file of a key says. Its `token_uri` is not followed: a file does not say where the key's
/// signature goes.
#[derive(Deserialize)]
struct KeyFile {
    #[serde(rename = "type")]
    sort: String,
    client_email: String,
    private_key: String,
    #[serde(default)]
    private_key_id: Option<String>,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    scope: &'a str,
    aud: &'a str,
    iat: i64,
    exp: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<&'a str>,
}

#[derive(Deserialize)]
struct Answer {
    access_token: String,
    #[serde(default)]
    expires_in: Option<i64>,
}

impl ServiceAccount {
    /// An account from the text of its key file.
    ///
    /// # Errors
    /// What the text is instead of a key file, without any of it.
    pub fn new(
        file: &Secret,
        subject: Option<String>,
        scope: String,
        token_url: Url,
    ) -> Result<Self, &'static str> {
        let mut file: KeyFile = serde_json::from_str(file.expose())
            .map_err(|_| "not the JSON file of a service account's key, as downloaded from Google")?;
        if file.sort != "service_account" {
            return Err("the file of another sort of credential; its `type` has to be `service_account`");
        }
        let pem = Zeroizing::new(std::mem::take(&mut file.private_key));
        let key = EncodingKey::from_rsa_pem(pem.as_bytes())
            .map_err(|_| "a key file whose `private_key` is not the PEM of an RSA key")?;
        Ok(Self {
            email: file.client_email,
            key_id: file.private_key_id,
            key,
            subject: subject.filter(|subject| !subject.is_empty()),
            scope,
            token_url,
        })
    }

    fn outgoing(&self, now: Timestamp) -> Result<Outgoing, Fault> {
        let claims = Claims {
            iss: &self.email,
            scope: &self.scope,
            aud: self.token_url.as_str(),
            iat: now.as_second(),
            exp: now.as_second() + JWT_SECONDS,
            sub: self.subject.as_deref(),
        };
        let header = Header { kid: self.key_id.clone(), ..Header::new(Algorithm::RS256) };
        let jwt = jsonwebtoken::encode(&header, &claims, &self.key).map_err(|_| Fault {
            reason: PartialReason::Unauthorized,
            detail: format!(
                "the service account {} could not sign with its key. Make a new key for it and use that",
                self.email
            ),
            statuses: Vec::new(),
        })?;
        let mut form = Serializer::new(String::new());
        form.append_pair("grant_type", GRANT).append_pair("assertion", &jwt);
        let form = Zeroizing::new(form.finish());
        let headers = HeaderMap::from_iter([
            (CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded")),
            (ACCEPT, HeaderValue::from_static("application/json")),
        ]);
        let body = Some(form.as_bytes().to_vec());
        Ok(Outgoing { method: reqwest::Method::POST, url: self.token_url.clone(), headers, body })
    }
}

impl Issuer for ServiceAccount {
    type Token = Secret;

    fn issue<'a>(&'a self, wire: &'a Wire) -> BoxFuture<'a, Result<Issued, Fault>> {
        Box::pin(async move {
            let asked = wire.now();
            let outgoing = self.outgoing(asked)?;
            let whole = wire.once(&outgoing).await?;
            let refused = || {
                let mut fault = not_issued(&outgoing.label(), &whole);
                if matches!(whole.status, 400 | 401) {
                    fault.detail.push_str(match self.subject {
                        Some(_) => ". For a subject, an administrator has to delegate exactly these scopes to the service account",
                        None => ". Check that the service account and its key still exist, and this machine's clock",
                    });
                }
                fault
            };
            if !(200..300).contains(&whole.status) {
                return Err(refused());
            }
            let answer: Answer = serde_json::from_slice(&whole.body).map_err(|_| refused())?;
            let token = Secret::new(answer.access_token).ok_or_else(refused)?;
            let life = Duration::from_secs(answer.expires_in.unwrap_or(UNSAID));
            Ok(Issued { token, ends: asked.checked_add(life).unwrap_or(asked) })
        })
    }
}
