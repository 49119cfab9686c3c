//! One question to somebody who is no system: something small is posted, something small comes back. The same client, guard and
//! caps as for reading; nothing is sent along that could open anything.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use reqwest::Url;
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use url::Host;

use crate::net::Guard;
use crate::protocol::http::client;
use crate::protocol::http::exchange::exchange;
use crate::protocol::tls;

/// Whom to ask, and what is allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Desk {
    /// Where: `https`, or `http` on loopback where that is allowed.
    pub url: String,
    /// Whether private addresses may be contacted.
    pub allow_private: bool,
    /// Whether loopback may be spoken to without encryption.
    pub plain_text_on_loopback: bool,
    /// A PEM file of certificate authorities beside the platform's.
    pub ca_file: Option<PathBuf>,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posted<B = String> {
    /// The status.
    pub status: u16,
    /// The content type, empty where none was said.
    pub content_type: String,
    /// What was said: text, or bytes.
    pub body: B,
}

/// Why nothing came back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{url}: {why}")]
pub struct NotPosted {
    /// Who was asked.
    pub url: String,
    /// Why, and what to do.
    pub why: String,
}

/// Largest answer read.
const LARGEST: u64 = 64 << 10;

/// Posts a text, and reads the whole answer within `limit`. It is tried once.
///
/// # Errors
/// When the address may not be contacted, or no whole answer came.
pub async fn post_text(desk: &Desk, path: &str, text: String, limit: Duration) -> Result<Posted, NotPosted> {
    let posted = post(desk, path, "text/plain; charset=utf-8", text.into_bytes(), limit).await?;
    let Posted { status, content_type, body } = posted;
    let why = || NotPosted { url: desk.url.clone(), why: "the answer is no text".to_owned() };
    Ok(Posted { status, content_type, body: String::from_utf8(body).map_err(|_| why())? })
}

/// Posts bytes of this content type, and reads the whole answer within `limit`. It is tried once.
///
/// # Errors
/// When the address may not be contacted, or no whole answer came.
pub async fn post(
    desk: &Desk,
    path: &str,
    content_type: &'static str,
    bytes: Vec<u8>,
    limit: Duration,
) -> Result<Posted<Vec<u8>>, NotPosted> {
    let not = |why: String| NotPosted { url: desk.url.clone(), why };
    let url =
        Url::parse(&format!("{}{path}", desk.url.trim_end_matches('/'))).map_err(|e| not(e.to_string()))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(NotPosted {
            url: url.host_str().unwrap_or_default().to_owned(),
            why: "the address holds a user or password; leave them out".to_owned(),
        });
    }
    let general = if desk.allow_private { Guard::Private } else { Guard::Public };
    let guard = match url.scheme() {
        "https" => general,
        "http" if desk.plain_text_on_loopback && desk.allow_private => Guard::LoopbackOnly,
        _ => return Err(not("it is not https; use TLS".to_owned())),
    };
    let literal = match url.host() {
        Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
        Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
        _ => None,
    };
    if let Some(address) = literal {
        // Literal addresses never reach the resolver.
        guard.check(url.host_str().unwrap_or_default(), address).map_err(|e| not(e.to_string()))?;
    }
    let tls = tls::client_config(desk.ca_file.as_deref()).map_err(|e| not(e.to_string()))?;
    let client = client::build(tls, guard).map_err(|e| not(e.to_string()))?;
    let mut request = reqwest::Request::new(reqwest::Method::POST, url);
    request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    *request.body_mut() = Some(bytes.into());
    let whole = exchange(&client, request, LARGEST, limit).await.map_err(|cut| not(cut.words))?;
    let content_type = whole.headers.get("content-type").cloned().unwrap_or_default();
    Ok(Posted { status: whole.status, content_type, body: whole.body })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Desk, post_text};

    /// An address in a configuration must not turn this machine against the inside of its network.
    #[tokio::test]
    async fn private_addresses_and_plain_text_are_refused_unless_allowed() {
        for (url, allow_private, plain, why) in [
            ("https://127.0.0.1:1", false, true, "a loopback address"),
            ("https://10.0.0.1", false, false, "a private address"),
            ("https://169.254.169.254", true, true, "metadata"),
            ("http://127.0.0.1:1", true, false, "not https"),
            ("http://127.0.0.1:1", false, true, "not https"),
            ("http://10.0.0.1", true, true, "Without encryption"),
            ("https://user:hunter22@w.example", true, true, "user or password"),
        ] {
            let desk =
                Desk { url: url.to_owned(), allow_private, plain_text_on_loopback: plain, ca_file: None };
            let refused = post_text(&desk, "/x", String::new(), Duration::from_secs(1)).await.expect_err(url);
            assert!(refused.to_string().contains(why), "{url}: {refused}");
            assert!(!refused.to_string().contains("hunter22"));
        }
    }
}
