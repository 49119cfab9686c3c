//! OAuth 2.0 client credentials (RFC 6749 §4.4).

use futures_util::future::BoxFuture;
use reqwest::Url;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue};
use secrecy::zeroize::Zeroizing;
use serde::Deserialize;
use url::form_urlencoded::Serializer;

use exeunt_model::Duration;

use super::send::{Outgoing, Wire};
use super::token::{Issued, Issuer, not_issued};
use crate::protocol::Fault;
use crate::secret::Secret;

/// How long a token is taken to live when the endpoint does not say; RFC 6749 only recommends
/// that it does. An earlier end shows as a 401, on which a new one is fetched.
const UNSAID: i64 = 300;

/// A client that gets tokens for itself.
pub struct ClientCredentials {
    /// The token endpoint.
    pub token_url: Url,
    /// The client id.
    pub client_id: String,
    /// The client secret.
    pub client_secret: Secret,
    /// The scopes, separated by spaces; empty for none.
    pub scope: String,
}

#[derive(Deserialize)]
struct Answer {
    access_token: String,
    expires_in: Option<serde_json::Value>,
}

impl Issuer for ClientCredentials {
    type Token = Secret;

    fn issue<'a>(&'a self, wire: &'a Wire) -> BoxFuture<'a, Result<Issued, Fault>> {
        Box::pin(async move {
            let asked = wire.now();
            let outgoing = self.outgoing();
            let whole = wire.once(&outgoing).await?;
            let refused = || not_issued(&outgoing.label(), &whole);
            if !(200..300).contains(&whole.status) {
                return Err(refused());
            }
            let answer: Answer = serde_json::from_slice(&whole.body).map_err(|_| refused())?;
            let token = Secret::new(answer.access_token).ok_or_else(refused)?;
            // Some endpoints write the seconds as text.
            let seconds = answer
                .expires_in
                .and_then(|v| v.as_i64().or_else(|| v.as_str().and_then(|text| text.parse().ok())));
            let life = Duration::from_secs(seconds.unwrap_or(UNSAID));
            Ok(Issued { token, ends: asked.checked_add(life).unwrap_or(asked) })
        })
    }
}

impl ClientCredentials {
    /// The id and secret go into the form: every vendor met so far takes it, while several
    /// refuse Basic, though RFC 6749 §2.3.1 prefers that.
    fn outgoing(&self) -> Outgoing {
        let mut form = Serializer::new(String::new());
        form.append_pair("grant_type", "client_credentials")
            .append_pair("client_id", &self.client_id)
            .append_pair("client_secret", self.client_secret.expose());
        if !self.scope.is_empty() {
            form.append_pair("scope", &self.scope);
        }
        let form = Zeroizing::new(form.finish());
        let headers = HeaderMap::from_iter([
            (CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded")),
            (ACCEPT, HeaderValue::from_static("application/json")),
        ]);
        Outgoing {
            method: reqwest::Method::POST,
            url: self.token_url.clone(),
            headers,
            body: Some(form.as_bytes().to_vec()),
        }
    }
}
