//! The one place where an HTTP client is made.

use std::time::Duration;

use reqwest::Client;
use reqwest::redirect::Policy;
use rustls::ClientConfig;

use crate::net::Guard;

/// What every request says it is.
pub const USER_AGENT: &str = concat!("exeunt/", env!("CARGO_PKG_VERSION"));

/// How long a connection may take to be made; a whole answer has its own, longer limit.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);

/// A pooled client that offers HTTP/2, resolves through the guard and follows nothing.
///
/// It goes straight to the system: behind a proxy the guard would judge the proxy's address
/// instead of the system's.
///
/// # Errors
/// When the TLS configuration is not one reqwest can use.
pub fn build(mut tls: ClientConfig, guard: Guard) -> Result<Client, reqwest::Error> {
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Client::builder()
        .tls_backend_preconfigured(tls)
        .dns_resolver(guard)
        .redirect(Policy::none())
        .referer(false)
        // Retries are counted and paced in `send`; a hidden one would be neither.
        .retry(reqwest::retry::never())
        .no_proxy()
        .connect_timeout(CONNECT_TIMEOUT)
        .user_agent(USER_AGENT)
        .build()
}
