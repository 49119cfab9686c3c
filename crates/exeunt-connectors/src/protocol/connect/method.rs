//! Which of a manifest's ways to sign in the configuration chose.

use std::collections::BTreeSet;

use exeunt_model::config::AuthConfig;
use exeunt_model::manifest::{AuthMethod, Manifest};

use super::ConnectError;

/// The manifest's entry for the configured way to sign in.
pub fn accepted<'m>(manifest: &'m Manifest, auth: &AuthConfig) -> Result<&'m AuthMethod, ConnectError> {
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
                | (AuthConfig::SshKey { .. }, AuthMethod::SshKey)
                | (AuthConfig::GoogleServiceAccount { .. }, AuthMethod::GoogleServiceAccount { .. })
                | (AuthConfig::Program { .. }, AuthMethod::Program)
                | (AuthConfig::None, AuthMethod::None)
        )
    };
    manifest.auth.iter().find(fits).ok_or_else(|| not_accepted(manifest, auth))
}

pub fn not_accepted(manifest: &Manifest, auth: &AuthConfig) -> ConnectError {
    let given = match auth {
        AuthConfig::Bearer(_) => "bearer",
        AuthConfig::Basic { .. } => "basic",
        AuthConfig::Header(_) => "header",
        AuthConfig::OauthClientCredentials { .. } => "oauth_client_credentials",
        AuthConfig::GithubApp { .. } => "github_app",
        AuthConfig::Sigv4 { .. } => "sigv4",
        AuthConfig::LdapSimple { .. } => "ldap_simple",
        AuthConfig::SqlPassword { .. } => "sql_password",
        AuthConfig::SshKey { .. } => "ssh_key",
        AuthConfig::GoogleServiceAccount { .. } => "google_service_account",
        AuthConfig::Program { .. } => "program",
        AuthConfig::None => "none",
    };
    let names: BTreeSet<&str> = manifest.auth.iter().map(method_name).collect();
    let accepted = names.into_iter().collect::<Vec<_>>().join(", ");
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
        AuthMethod::SshKey => "ssh_key",
        AuthMethod::GoogleServiceAccount { .. } => "google_service_account",
        AuthMethod::Program => "program",
        AuthMethod::None => "none",
    }
}
