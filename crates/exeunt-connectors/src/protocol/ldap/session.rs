//! A connection to a directory: resolved through the guard, encrypted, signed in.

use std::sync::Arc;

use ldap3::{Ldap, LdapConnAsync, LdapConnSettings, StdStream};
use rustls::ClientConfig;
use url::Url;

use exeunt_model::PartialReason;

use super::code::{Attempt, Failure, check, failure};
use crate::net::Guard;
use crate::secret::Secret;

/// How connections are protected.
#[derive(Clone)]
pub enum Protection {
    /// TLS from the first byte (`ldaps://`).
    Tls(Arc<ClientConfig>),
    /// TLS before anything is said (`StartTLS`).
    StartTls(Arc<ClientConfig>),
    /// None; the guard has been told to accept loopback only.
    PlainOnLoopback,
}

/// Where and as whom.
pub struct Door {
    /// The URL, with a port.
    pub url: Url,
    /// The host as it stands in the certificate.
    pub host: String,
    /// The port.
    pub port: u16,
    /// Which addresses are spoken to.
    pub guard: Guard,
    /// Encryption.
    pub protection: Protection,
    /// The name to bind with.
    pub dn: String,
    /// Its password, never empty: a name without a password would be let in as nobody
    /// (RFC 4513 §5.1.2) and shown what anybody may see.
    pub password: Secret,
}

impl Door {
    /// A new connection, signed in.
    ///
    /// # Errors
    /// When it could not be reached, protected or signed in to.
    pub async fn open(&self) -> Result<Ldap, Failure> {
        let addresses = self.guard.resolve(&self.host, self.port).await;
        let addresses = addresses.map_err(|e| (PartialReason::Unreachable, e.to_string()))?;
        let stream = tokio::net::TcpStream::connect(&addresses[..]).await.and_then(|s| {
            s.set_nodelay(true)?;
            s.into_std()
        });
        let stream = stream.map_err(|e| {
            let words = format!(
                "no connection could be made ({e}). Check that the directory runs and is reachable from here"
            );
            (PartialReason::Unreachable, words)
        })?;
        let settings = LdapConnSettings::new().set_std_stream(StdStream::Tcp(stream));
        let settings = match &self.protection {
            Protection::Tls(config) => settings.set_config(Arc::clone(config)),
            Protection::StartTls(config) => settings.set_config(Arc::clone(config)).set_starttls(true),
            Protection::PlainOnLoopback => settings,
        };
        let (connection, mut ldap) = LdapConnAsync::from_url_with_settings(settings, &self.url)
            .await
            .map_err(|e| failure(&e, Attempt::Connect))?;
        // When it ends, every search on it sees the end; what it ended with adds nothing.
        tokio::spawn(async move { drop(connection.drive().await) });
        let bound = ldap.simple_bind(&self.dn, self.password.expose()).await;
        check(&bound.map_err(|e| failure(&e, Attempt::Bind))?, Attempt::Bind)?;
        Ok(ldap)
    }
}
