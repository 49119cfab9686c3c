//! What goes on a request to prove who asks.
//!
//! A credential goes to the system's own origin and nowhere else: the caller has checked the
//! target before a request is signed, redirects are off, and client secrets go to the token
//! endpoint alone.

use base64::Engine;
use futures_util::future::BoxFuture;
use reqwest::Request;
use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue};

use exeunt_model::PartialReason;

use super::github_app::GithubApp;
use super::google::ServiceAccount;
use super::oauth::ClientCredentials;
use super::send::{Signer, Wire};
use super::token::Token;
use crate::protocol::Fault;
use crate::secret::Secret;

/// How requests are signed.
pub enum Credential {
    /// A header whose value never changes: bearer, basic, or the system's own.
    Fixed {
        /// The header.
        name: HeaderName,
        /// Its value, marked sensitive.
        value: HeaderValue,
    },
    /// A bearer token fetched with client credentials.
    Oauth(Token<ClientCredentials>),
    /// A bearer token fetched as a GitHub App.
    GithubApp(Token<GithubApp>),
    /// A bearer token fetched as a Google service account.
    Google(Token<ServiceAccount>),
}

/// A secret that cannot stand in a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoHeaderValue;

impl Credential {
    /// `Authorization: Bearer`.
    ///
    /// # Errors
    /// When the secret holds a line break or another control character.
    pub fn bearer(token: &Secret) -> Result<Self, NoHeaderValue> {
        Self::fixed(AUTHORIZATION, &format!("Bearer {}", token.expose()))
    }

    /// `Authorization: Basic`.
    ///
    /// # Errors
    /// Never in practice; base64 fits a header.
    pub fn basic(user: &str, password: &Secret) -> Result<Self, NoHeaderValue> {
        let pair = format!("{user}:{}", password.expose());
        let encoded = base64::engine::general_purpose::STANDARD.encode(pair);
        Self::fixed(AUTHORIZATION, &format!("Basic {encoded}"))
    }

    /// A header of the system's own.
    ///
    /// # Errors
    /// When name or value cannot stand in a header.
    pub fn header(name: &str, prefix: &str, secret: &Secret) -> Result<Self, NoHeaderValue> {
        let name = HeaderName::try_from(name).map_err(|_| NoHeaderValue)?;
        Self::fixed(name, &format!("{prefix}{}", secret.expose()))
    }

    fn fixed(name: HeaderName, value: &str) -> Result<Self, NoHeaderValue> {
        Ok(Self::Fixed { name, value: sensitive(value)? })
    }
}

fn sensitive(value: &str) -> Result<HeaderValue, NoHeaderValue> {
    let mut value = HeaderValue::from_str(value).map_err(|_| NoHeaderValue)?;
    value.set_sensitive(true);
    Ok(value)
}

fn put_bearer(request: &mut Request, token: &Secret) -> Result<(), Fault> {
    let value = sensitive(&format!("Bearer {}", token.expose())).map_err(|_| Fault {
        reason: PartialReason::SchemaChanged,
        detail: "the token endpoint gave a token that cannot be sent in a header".to_owned(),
        statuses: Vec::new(),
    })?;
    request.headers_mut().insert(AUTHORIZATION, value);
    Ok(())
}

impl Signer for Credential {
    fn sign<'a>(&'a self, wire: &'a Wire, request: &'a mut Request) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async move {
            match self {
                Self::Fixed { name, value } => {
                    request.headers_mut().insert(name.clone(), value.clone());
                    Ok(())
                }
                Self::Oauth(token) => put_bearer(request, &token.current(wire).await?),
                Self::GithubApp(token) => put_bearer(request, &token.current(wire).await?),
                Self::Google(token) => put_bearer(request, &token.current(wire).await?),
            }
        })
    }

    fn forget(&self) -> bool {
        match self {
            Self::Fixed { .. } => false,
            Self::Oauth(token) => token.forget(),
            Self::GithubApp(token) => token.forget(),
            Self::Google(token) => token.forget(),
        }
    }

    fn throttled(&self, _status: u16, _body: &[u8]) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::Credential;
    use crate::secret::Secret;

    /// A client's debug print must not show the header it sends.
    #[test]
    fn the_header_value_does_not_print() {
        let secret = Secret::new("tok-8472".to_owned()).expect("not empty");
        let Ok(Credential::Fixed { value, .. }) = Credential::bearer(&secret) else {
            panic!("a plain token fits a header");
        };
        assert_eq!(value.as_bytes(), b"Bearer tok-8472");
        assert!(!format!("{value:?}").contains("8472"));
    }

    /// A token with a line break in it could carry a second header.
    #[test]
    fn a_secret_with_a_line_break_is_refused() {
        let secret = Secret::new("a\r\nX-Admin: 1".to_owned()).expect("not empty");
        assert!(Credential::bearer(&secret).is_err());
        assert!(Credential::header("X-Key", "", &secret).is_err());
    }
}
