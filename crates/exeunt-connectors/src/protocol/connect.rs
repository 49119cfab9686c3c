//! From manifest and configuration to a connection: everything that can be refused before a
//! byte is sent is refused here, once, at the start.
//!
//! Nothing is contacted yet. A system that is down is a failed read with a receipt; a system
//! that is configured wrongly is an error to mend.

mod door;
mod error;
mod hosts;
mod method;
mod place;

use std::sync::Arc;

use rustls::ClientConfig;
use sqlx::ConnectOptions;
use sqlx::mysql::{MySqlConnectOptions, MySqlSslMode};
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use url::Url;

use exeunt_model::config::{AuthConfig, SecretRef, SystemConfig};
use exeunt_model::manifest::{AuthMethod, Manifest, Protocol as Speaks};

pub use self::error::ConnectError;
use self::method::{accepted, not_accepted};
use self::place::{
    encrypted, example, expand, general_guard, guard, headers, is_loopback, is_plain, literal,
};
use super::Protocol;
use super::aws::AwsProtocol;
use super::aws::sign::{Keys, Sigv4};
use super::http::auth::{Credential, NoHeaderValue};
use super::http::etag::EtagStore;
use super::http::github_app::GithubApp;
use super::http::google::ServiceAccount;
use super::http::oauth::ClientCredentials;
use super::http::send::Wire;
use super::http::token::Token;
use super::http::{HttpProtocol, client};
use super::ldap::LdapProtocol;
use super::ldap::session::{Door, Protection};
use super::sql::SqlProtocol;
use super::sql::mysql::MySqlProtocol;
use super::tls;
use crate::clock::Clock;
use crate::net::Guard;
use crate::secret::{Secret, Secrets};

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
    if manifest.protocol == Speaks::Ssh {
        return hosts::connect(manifest, system, secrets);
    }
    let method = accepted(manifest, &system.auth)?;
    if let Some(door) = door::open(manifest, system, secrets, &clock).await? {
        return Ok(door);
    }
    let plan = Plan::new(manifest, system, secrets)?;
    match manifest.protocol {
        Speaks::Ssh => Err(not_accepted(manifest, &system.auth)),
        Speaks::Http => plan.http(method, clock, etags).await,
        Speaks::Aws => plan.aws(method, clock).await,
        Speaks::Ldap => plan.ldap(method).await,
        Speaks::Sql => plan.sql(method).await,
        Speaks::Exec | Speaks::File => Err(not_accepted(manifest, &system.auth)),
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
    fn new(
        manifest: &'a Manifest,
        system: &'a SystemConfig,
        secrets: &'a dyn Secrets,
    ) -> Result<Self, ConnectError> {
        let template = system.url.as_ref().or(manifest.url.as_ref());
        let template =
            template.ok_or_else(|| ConnectError::NoUrl { connector: manifest.connector.clone() })?;
        let text = expand(template, manifest, system)?;
        let bad = |cause: &str| ConnectError::BadUrl { url: text.clone(), cause: cause.to_owned() };
        let url = Url::parse(&text)
            .map_err(|e| bad(&format!("{e}. Write it as {}", example(manifest.protocol))))?;
        if !url.username().is_empty() || url.password().is_some() {
            // Not repeated: what stands there is a credential.
            return Err(ConnectError::BadUrl {
                url: url.host_str().unwrap_or_default().to_owned(),
                cause: "it holds a user or password. Name them under `auth`".to_owned(),
            });
        }
        let host =
            url.host_str().filter(|host| !host.is_empty()).ok_or_else(|| bad("it has no host"))?.to_owned();
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
        let headers = headers(self.manifest, self.system)?;
        let origin = self.url.origin().ascii_serialization();
        let client = client::build(self.tls, self.guard)?;
        let wire = Wire::new(client, self.manifest.client.clone(), clock);
        Ok(Arc::new(HttpProtocol { wire, credential, base: self.url, origin, headers, etags }))
    }

    async fn credential(&self, method: &AuthMethod) -> Result<Credential, ConnectError> {
        let auth = &self.system.auth;
        let unfit = |reference: &SecretRef| {
            let reference = reference.clone();
            move |NoHeaderValue| ConnectError::SecretUnfit {
                reference,
                cause: "text that cannot stand in a header (a line break in it, perhaps)",
            }
        };
        match (auth, method) {
            (AuthConfig::Bearer(token), _) => {
                Credential::bearer(&self.secret(token).await?).map_err(unfit(token))
            }
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
                    ConnectError::SecretUnfit {
                        reference: private_key.clone(),
                        cause: "not the PEM of an RSA private key",
                    }
                })?;
                Ok(Credential::GithubApp(Token::new(app)))
            }
            (
                AuthConfig::GoogleServiceAccount { key, subject },
                AuthMethod::GoogleServiceAccount { scope, token_url },
            ) => {
                let file = self.secret(key).await?;
                let url = self.token_url(token_url)?;
                let account = ServiceAccount::new(&file, subject.clone(), scope.clone(), url)
                    .map_err(|cause| ConnectError::SecretUnfit { reference: key.clone(), cause })?;
                Ok(Credential::Google(Token::new(account)))
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

    async fn aws(
        self,
        method: &AuthMethod,
        clock: Arc<dyn Clock>,
    ) -> Result<Arc<dyn Protocol>, ConnectError> {
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
        let keys = Keys {
            access_key_id: self.secret(access_key_id).await?,
            secret_access_key: self.secret(secret_access_key).await?,
            session_token,
        };
        let signer = Sigv4 { region: region.clone(), service: service.clone(), keys: Arc::new(keys) };
        let headers = headers(self.manifest, self.system)?;
        let client = client::build(self.tls, self.guard)?;
        let wire = Wire::new(client, self.manifest.client.clone(), clock);
        let given = self.system.url.is_some();
        Ok(Arc::new(AwsProtocol::new(wire, signer, self.url, given, headers)))
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
        let door = Door {
            url: self.url,
            host: self.host,
            port,
            guard: self.guard,
            protection,
            dn: dn.clone(),
            password,
        };
        Ok(Arc::new(LdapProtocol::new(door, self.manifest.client.clone())))
    }

    async fn sql(self, _method: &AuthMethod) -> Result<Arc<dyn Protocol>, ConnectError> {
        let AuthConfig::SqlPassword { user, password, database } = &self.system.auth else {
            return Err(not_accepted(self.manifest, &self.system.auth));
        };
        let password = self.secret(password).await?;
        if matches!(self.url.scheme(), "mysql" | "mariadb") {
            return Ok(self.mysql(user, &password, database));
        }
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

    fn mysql(self, user: &str, password: &Secret, database: &str) -> Arc<dyn Protocol> {
        let port = self.url.port().unwrap_or(3306);
        let mut options = MySqlConnectOptions::new()
            .host(&self.host)
            .port(port)
            .username(user)
            .password(password.expose())
            .database(database)
            .ssl_mode(if self.plain { MySqlSslMode::Disabled } else { MySqlSslMode::VerifyIdentity })
            .disable_statement_logging();
        if let Some(file) = &self.system.tls.ca_file {
            options = options.ssl_ca(self.secrets.place(file));
        }
        Arc::new(MySqlProtocol::new(options, self.host, port, self.guard, self.manifest.client.clone()))
    }

    async fn secret(&self, reference: &SecretRef) -> Result<Secret, ConnectError> {
        Ok(self.secrets.resolve(reference).await?)
    }
}
