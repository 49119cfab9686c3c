//! From manifest and configuration to a connection: everything that can be refused before a
//! byte is sent is refused here, once, at the start.
//!
//! Nothing is contacted yet. A system that is down is a failed read with a receipt; a system
//! that is configured wrongly is an error to mend.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustls::ClientConfig;
use sqlx::ConnectOptions;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use url::{Host, Url};

use exeunt_model::PartialReason;
use exeunt_model::config::{AuthConfig, SecretRef, SystemConfig};
use exeunt_model::manifest::{AuthMethod, Manifest, Protocol as Speaks};

use super::Protocol;
use super::aws::AwsProtocol;
use super::aws::sign::Sigv4;
use super::http::auth::{Credential, NoHeaderValue};
use super::http::etag::EtagStore;
use super::http::github_app::GithubApp;
use super::http::oauth::ClientCredentials;
use super::http::send::Wire;
use super::http::token::Token;
use super::http::{HttpProtocol, client, header_map};
use super::ldap::LdapProtocol;
use super::ldap::session::{Door, Protection};
use super::sql::SqlProtocol;
use super::tls::{self, TlsSetupError};
use crate::clock::Clock;
use crate::net::{Guard, NetError};
use crate::secret::{Secret, SecretError, Secrets};

/// A system that is not configured so that it could be connected to.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// Neither configuration nor manifest says where it is.
    #[error("nothing says where this {connector} system is. Give it a `url`")]
    NoUrl {
        /// The connector.
        connector: String,
    },
    /// The URL is none, or not one for this protocol.
    #[error("the URL `{url}` cannot be used: {cause}")]
    BadUrl {
        /// The URL as configured.
        url: String,
        /// What is wrong and what to write instead.
        cause: String,
    },
    /// A setting that the URL needs is not given.
    #[error("the setting `{name}` is missing{about}. Write it under `settings` of this system")]
    SettingMissing {
        /// Its name.
        name: String,
        /// What the manifest says about it.
        about: String,
    },
    /// A setting that would make another URL of the URL.
    #[error("the setting `{name}` cannot stand in a URL: only letters, digits and `. _ ~ -` can")]
    SettingUnfit {
        /// Its name.
        name: String,
    },
    /// A reference led to no secret.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// A secret that cannot be what it is given as.
    #[error("the credential {reference} cannot be used: it is {cause}. Replace it")]
    SecretUnfit {
        /// The reference.
        reference: SecretRef,
        /// What is wrong with it, without showing it.
        cause: &'static str,
    },
    /// The connector does not know this way to sign in.
    #[error("the connector {connector} cannot sign in with `{given}`. Use one of: {accepted}")]
    MethodNotAccepted {
        /// The connector.
        connector: String,
        /// The way configured.
        given: &'static str,
        /// The ways it knows.
        accepted: String,
    },
    /// No encryption, where there has to be some.
    #[error(
        "`{url}` is not encrypted, so nothing is sent there. Use {instead}; only for a loopback \
         address can `tls.plain_text_on_loopback: true` allow it"
    )]
    PlainText {
        /// The URL.
        url: String,
        /// What to use.
        instead: &'static str,
    },
    /// A name to bind with is missing.
    #[error("`auth.ldap_simple.dn` is empty, and a bind without a name is nobody's. Write the name to bind with")]
    NoName,
    /// The address may not be contacted.
    #[error(transparent)]
    Address(#[from] NetError),
    /// `ca_file` could not be used.
    #[error(transparent)]
    Tls(#[from] TlsSetupError),
    /// A header of the manifest cannot be sent.
    #[error("the manifest's header `{0}` cannot be sent. Correct `client.headers`")]
    Header(String),
    /// The HTTP client could not be made.
    #[error("the HTTP client could not be made: {0}")]
    Client(#[from] reqwest::Error),
}

impl ConnectError {
    /// The reason for the receipts of this system's reads, none of which can happen.
    #[must_use]
    pub const fn reason(&self) -> PartialReason {
        match self {
            Self::Secret(_) | Self::SecretUnfit { .. } | Self::MethodNotAccepted { .. } | Self::NoName => {
                PartialReason::Unauthorized
            }
            Self::PlainText { .. } | Self::Tls(_) => PartialReason::Tls,
            _ => PartialReason::Unreachable,
        }
    }
}

/// Prepares the connection to one system.
///
/// # Errors
/// When the configuration cannot work; see [`ConnectError`].
pub async fn connect(
    manifest: &Manifest,
    system: &SystemConfig,
    secrets: &dyn Secrets,
    clock: Arc<dyn Clock>,
) -> Result<Arc<dyn Protocol>, ConnectError> {
    connect_remembering(manifest, system, secrets, clock, None).await
}

/// Prepares the connection to one system, with answers of before for conditional requests.
/// They are used only where the manifest says that it is sound.
///
/// # Errors
/// When the configuration cannot work; see [`ConnectError`].
pub async fn connect_remembering(
    manifest: &Manifest,
    system: &SystemConfig,
    secrets: &dyn Secrets,
    clock: Arc<dyn Clock>,
    etags: Option<Arc<dyn EtagStore>>,
) -> Result<Arc<dyn Protocol>, ConnectError> {
    let plan = Plan::new(manifest, system, secrets)?;
    let method = accepted(manifest, &system.auth)?;
    match manifest.protocol {
        Speaks::Http => plan.http(method, clock, etags).await,
        Speaks::Aws => plan.aws(method, clock).await,
        Speaks::Ldap => plan.ldap(method).await,
        Speaks::Sql => plan.sql(method).await,
    }
}

/// What every protocol needs to know.
struct Plan<'a> {
    manifest: &'a Manifest,
    system: &'a SystemConfig,
    secrets: &'a dyn Secrets,
    url: Url,
    host: String,
    guard: Guard,
    plain: bool,
    tls: ClientConfig,
}

impl<'a> Plan<'a> {
    fn new(manifest: &'a Manifest, system: &'a SystemConfig, secrets: &'a dyn Secrets) -> Result<Self, ConnectError> {
        let template = system.url.as_ref().or(manifest.url.as_ref());
        let template = template.ok_or_else(|| ConnectError::NoUrl { connector: manifest.connector.clone() })?;
        let text = expand(template, manifest, system)?;
        let bad = |cause: &str| ConnectError::BadUrl { url: text.clone(), cause: cause.to_owned() };
        let url = Url::parse(&text).map_err(|e| bad(&format!("{e}. Write it as {}", example(manifest.protocol))))?;
        if !url.username().is_empty() || url.password().is_some() {
            // Not repeated: what stands there is a credential.
            return Err(ConnectError::BadUrl {
                url: url.host_str().unwrap_or_default().to_owned(),
                cause: "it holds a user or password. Name them under `auth`".to_owned(),
            });
        }
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(|| bad("it has no host"))?.to_owned();
        if url.query().is_some() || url.fragment().is_some() {
            return Err(bad("it has a query or fragment; those belong to the reads"));
        }
        let plain = is_plain(&url, manifest.protocol, system).map_err(|expected| bad(&expected))?;
        if plain && !(system.tls.plain_text_on_loopback && is_loopback(&url)) {
            return Err(ConnectError::PlainText { url: text, instead: encrypted(manifest.protocol) });
        }
        let guard = guard(system, plain);
        if let Some(address) = literal(&url) {
            Guard::check(general_guard(system), &host, address)?;
            guard.check(&host, address)?;
        }
        let ca_file = system.tls.ca_file.as_deref().map(|file| secrets.place(file));
        let tls = tls::client_config(ca_file.as_deref())?;
        Ok(Self { manifest, system, secrets, url, host, guard, plain, tls })
    }

    async fn http(
        self,
        method: &AuthMethod,
        clock: Arc<dyn Clock>,
        etags: Option<Arc<dyn EtagStore>>,
    ) -> Result<Arc<dyn Protocol>, ConnectError> {
        let credential = self.credential(method).await?;
        let headers = header_map(&self.manifest.client.headers).map_err(ConnectError::Header)?;
        let origin = self.url.origin().ascii_serialization();
        let client = client::build(self.tls, self.guard)?;
        let wire = Wire::new(client, self.manifest.client.clone(), clock);
        Ok(Arc::new(HttpProtocol { wire, credential, base: self.url, origin, headers, etags }))
    }

    async fn credential(&self, method: &AuthMethod) -> Result<Credential, ConnectError> {
        let auth = &self.system.auth;
        let unfit = |reference: &SecretRef| {
            let reference = reference.clone();
            move |NoHeaderValue| ConnectError::SecretUnfit { reference, cause: "text that cannot stand in a header (a line break in it, perhaps)" }
        };
        match (auth, method) {
            (AuthConfig::Bearer(token), _) => Credential::bearer(&self.secret(token).await?).map_err(unfit(token)),
            (AuthConfig::Basic { user, password }, _) => {
                Credential::basic(user, &self.secret(password).await?).map_err(unfit(password))
            }
            (AuthConfig::Header(value), AuthMethod::Header { name, prefix }) => {
                Credential::header(name, prefix, &self.secret(value).await?).map_err(unfit(value))
            }
            (
                AuthConfig::OauthClientCredentials { client_id, client_secret },
                AuthMethod::OauthClientCredentials { token_url, scope },
            ) => {
                let issuer = ClientCredentials {
                    token_url: self.token_url(token_url)?,
                    client_id: client_id.clone(),
                    client_secret: self.secret(client_secret).await?,
                    scope: scope.clone(),
                };
                Ok(Credential::Oauth(Token::new(issuer)))
            }
            (AuthConfig::GithubApp { app_id, installation_id, private_key }, _) => {
                let key = self.secret(private_key).await?;
                let exchange = self.github_exchange(installation_id)?;
                let app = GithubApp::new(app_id.clone(), &key, exchange).map_err(|_| {
                    ConnectError::SecretUnfit { reference: private_key.clone(), cause: "not the PEM of an RSA private key" }
                })?;
                Ok(Credential::GithubApp(Token::new(app)))
            }
            _ => Err(not_accepted(self.manifest, auth)),
        }
    }

    fn github_exchange(&self, installation_id: &str) -> Result<Url, ConnectError> {
        if installation_id.is_empty() || !installation_id.bytes().all(|b| b.is_ascii_digit()) {
            return Err(ConnectError::BadUrl {
                url: self.url.to_string(),
                cause: "`auth.github_app.installation_id` has to be a number".to_owned(),
            });
        }
        self.joined(&format!("/app/installations/{installation_id}/access_tokens"))
    }

    /// The token endpoint may be elsewhere, where the manifest says so; it is held to the same
    /// rules as the system itself.
    fn token_url(&self, template: &str) -> Result<Url, ConnectError> {
        let text = expand(template, self.manifest, self.system)?;
        if text.starts_with('/') {
            return self.joined(&text);
        }
        let bad = |cause: String| ConnectError::BadUrl { url: text.clone(), cause };
        let url = Url::parse(&text).map_err(|e| bad(e.to_string()))?;
        let plain = is_plain(&url, Speaks::Http, self.system).map_err(bad)?;
        if plain && !(self.plain && is_loopback(&url)) {
            return Err(ConnectError::PlainText { url: text, instead: "https://" });
        }
        if let Some(address) = literal(&url) {
            self.guard.check(url.host_str().unwrap_or_default(), address)?;
        }
        Ok(url)
    }

    fn joined(&self, path: &str) -> Result<Url, ConnectError> {
        let text = format!("{}{path}", self.url.as_str().trim_end_matches('/'));
        Url::parse(&text).map_err(|e| ConnectError::BadUrl { url: text, cause: e.to_string() })
    }

    async fn aws(self, method: &AuthMethod, clock: Arc<dyn Clock>) -> Result<Arc<dyn Protocol>, ConnectError> {
        let (
            AuthConfig::Sigv4 { region, access_key_id, secret_access_key, session_token },
            AuthMethod::Sigv4 { service },
        ) = (&self.system.auth, method)
        else {
            return Err(not_accepted(self.manifest, &self.system.auth));
        };
        let session_token = match session_token {
            Some(reference) => Some(self.secret(reference).await?),
            None => None,
        };
        let signer = Sigv4 {
            region: region.clone(),
            service: service.clone(),
            access_key_id: self.secret(access_key_id).await?,
            secret_access_key: self.secret(secret_access_key).await?,
            session_token,
        };
        let headers = header_map(&self.manifest.client.headers).map_err(ConnectError::Header)?;
        let origin = self.url.origin().ascii_serialization();
        let client = client::build(self.tls, self.guard)?;
        let wire = Wire::new(client, self.manifest.client.clone(), clock);
        Ok(Arc::new(AwsProtocol { wire, signer, endpoint: self.url, origin, headers }))
    }

    async fn ldap(self, _method: &AuthMethod) -> Result<Arc<dyn Protocol>, ConnectError> {
        let AuthConfig::LdapSimple { dn, password } = &self.system.auth else {
            return Err(not_accepted(self.manifest, &self.system.auth));
        };
        if dn.trim().is_empty() {
            return Err(ConnectError::NoName);
        }
        let password = self.secret(password).await?;
        let tls = Arc::new(self.tls);
        let (protection, default_port) = match self.url.scheme() {
            "ldaps" => (Protection::Tls(tls), 636),
            _ if self.plain => (Protection::PlainOnLoopback, 389),
            _ => (Protection::StartTls(tls), 389),
        };
        let port = self.url.port().unwrap_or(default_port);
        let door = Door { url: self.url, host: self.host, port, guard: self.guard, protection, dn: dn.clone(), password };
        Ok(Arc::new(LdapProtocol::new(door, self.manifest.client.clone())))
    }

    async fn sql(self, _method: &AuthMethod) -> Result<Arc<dyn Protocol>, ConnectError> {
        let AuthConfig::SqlPassword { user, password, database } = &self.system.auth else {
            return Err(not_accepted(self.manifest, &self.system.auth));
        };
        let password = self.secret(password).await?;
        let port = self.url.port().unwrap_or(5432);
        let mut options = PgConnectOptions::new_without_pgpass()
            .host(&self.host)
            .port(port)
            .username(user)
            .password(password.expose())
            .database(database)
            .application_name("exeunt")
            .ssl_mode(if self.plain { PgSslMode::Disable } else { PgSslMode::VerifyFull })
            .disable_statement_logging();
        if let Some(file) = &self.system.tls.ca_file {
            options = options.ssl_root_cert(self.secrets.place(file));
        }
        Ok(Arc::new(SqlProtocol::new(options, self.host, port, self.guard, self.manifest.client.clone())))
    }

    async fn secret(&self, reference: &SecretRef) -> Result<Secret, ConnectError> {
        Ok(self.secrets.resolve(reference).await?)
    }
}

/// Fills `{name}` with settings. A value fills in a part of the URL and cannot add one; only a
/// template that is nothing but a setting takes a whole URL.
fn expand(template: &str, manifest: &Manifest, system: &SystemConfig) -> Result<String, ConnectError> {
    let mut text = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else { break };
        let value = setting(name, manifest, system)?;
        let whole = before.is_empty() && after.is_empty() && text.is_empty();
        let fits = |b: u8| b.is_ascii_alphanumeric() || b"._~-".contains(&b);
        if value.is_empty() || !(whole || value.bytes().all(fits)) {
            return Err(ConnectError::SettingUnfit { name: name.to_owned() });
        }
        text.push_str(before);
        text.push_str(value);
        rest = after;
    }
    text.push_str(rest);
    Ok(text)
}

fn setting<'a>(name: &str, manifest: &'a Manifest, system: &'a SystemConfig) -> Result<&'a str, ConnectError> {
    let rule = manifest.settings.get(name);
    let value = system.settings.get(name).or_else(|| rule.and_then(|rule| rule.default.as_ref()));
    value.map(String::as_str).ok_or_else(|| ConnectError::SettingMissing {
        name: name.to_owned(),
        about: rule.map(|rule| format!(" ({})", rule.about)).unwrap_or_default(),
    })
}

/// Whether this URL is spoken to without encryption.
///
/// # Errors
/// What was expected, when the scheme is another protocol's.
fn is_plain(url: &Url, protocol: Speaks, system: &SystemConfig) -> Result<bool, String> {
    match (protocol, url.scheme()) {
        (Speaks::Http | Speaks::Aws, "https") | (Speaks::Ldap, "ldaps") => Ok(false),
        (Speaks::Http | Speaks::Aws, "http") => Ok(true),
        (Speaks::Ldap, "ldap") => Ok(!system.tls.start_tls),
        // PostgreSQL's scheme does not say; TLS is the rule and plain text what is asked for.
        (Speaks::Sql, "postgres" | "postgresql") => Ok(system.tls.plain_text_on_loopback),
        (protocol, other) => Err(format!("`{other}` is not its protocol. Write it as {}", example(protocol))),
    }
}

const fn example(protocol: Speaks) -> &'static str {
    match protocol {
        Speaks::Http => "https://host",
        Speaks::Aws => "https://iam.amazonaws.com",
        Speaks::Ldap => "ldaps://host",
        Speaks::Sql => "postgres://host:5432",
    }
}

const fn encrypted(protocol: Speaks) -> &'static str {
    match protocol {
        Speaks::Http | Speaks::Aws => "https://",
        Speaks::Ldap => "ldaps://, or ldap:// with `tls.start_tls: true`",
        Speaks::Sql => "TLS (leave out `tls.plain_text_on_loopback`)",
    }
}

const fn general_guard(system: &SystemConfig) -> Guard {
    if system.allow_private { Guard::Private } else { Guard::Public }
}

/// Without encryption, loopback only. The name `localhost` still has to resolve to it.
const fn guard(system: &SystemConfig, plain: bool) -> Guard {
    match (system.allow_private, plain) {
        (true, true) => Guard::LoopbackOnly,
        // `allow_private` is what opens loopback; plain text alone does not.
        (true, false) => Guard::Private,
        (false, _) => Guard::Public,
    }
}

fn is_loopback(url: &Url) -> bool {
    literal(url).map_or_else(|| url.host_str() == Some("localhost"), |address| address.is_loopback())
}

/// The address that stands in a URL itself. Schemes other than HTTP's are parsed with the host
/// as opaque text, so it is read from the text.
fn literal(url: &Url) -> Option<std::net::IpAddr> {
    match url.host()? {
        Host::Ipv4(v4) => Some(v4.into()),
        Host::Ipv6(v6) => Some(v6.into()),
        Host::Domain(name) => name.parse().ok(),
    }
}

/// The manifest's entry for the configured way to sign in.
fn accepted<'m>(manifest: &'m Manifest, auth: &AuthConfig) -> Result<&'m AuthMethod, ConnectError> {
    let fits = |method: &&AuthMethod| {
        matches!(
            (auth, method),
            (AuthConfig::Bearer(_), AuthMethod::Bearer)
                | (AuthConfig::Basic { .. }, AuthMethod::Basic)
                | (AuthConfig::Header(_), AuthMethod::Header { .. })
                | (AuthConfig::OauthClientCredentials { .. }, AuthMethod::OauthClientCredentials { .. })
                | (AuthConfig::GithubApp { .. }, AuthMethod::GithubApp)
                | (AuthConfig::Sigv4 { .. }, AuthMethod::Sigv4 { .. })
                | (AuthConfig::LdapSimple { .. }, AuthMethod::LdapSimple)
                | (AuthConfig::SqlPassword { .. }, AuthMethod::SqlPassword)
        )
    };
    manifest.auth.iter().find(fits).ok_or_else(|| not_accepted(manifest, auth))
}

fn not_accepted(manifest: &Manifest, auth: &AuthConfig) -> ConnectError {
    let given = match auth {
        AuthConfig::Bearer(_) => "bearer",
        AuthConfig::Basic { .. } => "basic",
        AuthConfig::Header(_) => "header",
        AuthConfig::OauthClientCredentials { .. } => "oauth_client_credentials",
        AuthConfig::GithubApp { .. } => "github_app",
        AuthConfig::Sigv4 { .. } => "sigv4",
        AuthConfig::LdapSimple { .. } => "ldap_simple",
        AuthConfig::SqlPassword { .. } => "sql_password",
    };
    let names: BTreeMap<&str, ()> = manifest.auth.iter().map(|method| (method_name(method), ())).collect();
    let accepted = names.into_keys().collect::<Vec<_>>().join(", ");
    ConnectError::MethodNotAccepted { connector: manifest.connector.clone(), given, accepted }
}

const fn method_name(method: &AuthMethod) -> &'static str {
    match method {
        AuthMethod::Bearer => "bearer",
        AuthMethod::Basic => "basic",
        AuthMethod::Header { .. } => "header",
        AuthMethod::OauthClientCredentials { .. } => "oauth_client_credentials",
        AuthMethod::GithubApp => "github_app",
        AuthMethod::Sigv4 { .. } => "sigv4",
        AuthMethod::LdapSimple => "ldap_simple",
        AuthMethod::SqlPassword => "sql_password",
    }
}
