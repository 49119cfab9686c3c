//! `exeunt init`: a commented configuration to begin with.

use std::fmt::Write as _;
use std::fs::File;
use std::io::Write as _;

use exeunt_model::manifest::{AuthMethod, Manifest};
use exeunt_service::connectors::catalogue::Catalogue;

use crate::args::{Global, Init};
use crate::error::{Done, Failure};
use crate::terminal::Terminal;

const HEAD: &str = "\
# Exeunt: which systems to read, who owns them, how offboarding tickets look.
# The form is described by `exeunt schema config`; check this file with `exeunt check`.
version: 1

organisation:
  name: Your organisation
  # Mail domains: one local part is one person in all of them.
  domains: [example.com]

# The system that knows who works here: one of `systems`.
directory: DIRECTORY

# Credentials are references, never values: env:NAME, file:PATH or exec:COMMAND.
systems:
";

const TAIL: &str = "
# How offboarding tickets are read: as claims, never as facts.
# workflow:
#   system: jira-cloud
#   subject_field: customfield_10050      # a user picker: who leaves
#   departure_field: customfield_10052    # when
#   systems_fields: [Which systems?]      # fields or form questions that list what is to be cleared
#   request_types:                        # what a request type of the portal promises
#     - { name: Offboard an engineer, systems: [github] }
#   links: [is blocked by]                # links that hand work to another desk; none: all of them
#   done_phrases: [access removed]
#   approval_phrases: [I approve]         # comments that approve, beside the approvals of the service desk
#   claims:
#     - { words: GitHub, system: github }
#     - { words: SAP, system: sap }
#   not_read: [sap]                       # systems tickets speak of that nothing here reads

# Who answers for what. `*` is the default of a domain. More may stand in files: YAML, CSV, CODEOWNERS, Backstage catalogs.
# owners_files:
#   - { path: owners.csv }
owners:
  - { domain: identity_lifecycle, system: \"*\", owner: IT operations, contact: it@example.com }
  - { domain: application_entitlement, system: \"*\", owner: Service desk, contact: desk@example.com }
  - { domain: integration_revocation, system: \"*\", owner: Platform team, contact: platform@example.com }

policy:
  fresh_for: 24h
  # Recommended once snapshots are taken every night:
  # require_baseline: true
";

/// Writes the file; never over one that exists.
///
/// # Errors
/// When there is no such connector, or the file exists or cannot be written.
pub fn run(init: &Init, global: &Global, terminal: &mut Terminal) -> Result<Done, Failure> {
    let catalogue = exeunt_service::catalogue(global.connectors.as_deref())?;
    let text = text(&catalogue, &init.with)?;
    let could_not = |e: std::io::Error| {
        let next = if e.kind() == std::io::ErrorKind::AlreadyExists {
            "it is left as it is; name another file"
        } else {
            "name another place"
        };
        Failure::CouldNot(format!("could not write {}: {e}; {next}", init.file.display()))
    };
    let mut file = File::create_new(&init.file).map_err(could_not)?;
    file.write_all(text.as_bytes()).map_err(could_not)?;
    terminal.note(&format!("{} written. Fill it in, then: exeunt check", init.file.display()));
    Ok(Done::Clear)
}

fn text(catalogue: &Catalogue, with: &[String]) -> Result<String, Failure> {
    if let Some(unknown) = with.iter().find(|name| catalogue.get(name).is_none()) {
        let known: Vec<&str> = catalogue.names().collect();
        let known = known.join(", ");
        return Err(Failure::Usage(format!("there is no connector `{unknown}`; there are {known}")));
    }
    let directory = with.first().map_or("okta", String::as_str);
    let mut out = HEAD.replace("DIRECTORY", directory);
    for (name, loaded) in catalogue.iter() {
        let chosen = with.iter().any(|wanted| wanted == name);
        let block = system(name, &loaded.manifest);
        for line in block.lines() {
            // Writing to a text cannot fail.
            let _ = writeln!(out, "{}{line}", if chosen { "  " } else { "  # " });
        }
    }
    out.push_str(TAIL);
    Ok(out)
}

fn system(name: &str, manifest: &Manifest) -> String {
    let variable = name.to_uppercase().replace('-', "_");
    let mut out = format!("{name}:   # {}\n  connector: {name}\n", manifest.title);
    match &manifest.url {
        Some(url) => _ = writeln!(out, "  # url: {url}   # the default"),
        None if url_hint(manifest).is_empty() => {}
        None => _ = writeln!(out, "  url: {}", url_hint(manifest)),
    }
    if !manifest.settings.is_empty() {
        out.push_str("  settings:\n");
    }
    for (setting, about) in &manifest.settings {
        let says = about.about.split_whitespace().collect::<Vec<_>>().join(" ");
        match &about.default {
            Some(default) => _ = writeln!(out, "    # {setting}: \"{default}\"   # {says}"),
            None => _ = writeln!(out, "    {setting}: \"\"   # {says}"),
        }
    }
    let auth = match manifest.auth.first() {
        Some(AuthMethod::Basic) => {
            format!("{{ basic: {{ user: \"\", password: \"env:{variable}_PASSWORD\" }} }}")
        }
        Some(AuthMethod::Header { .. }) => format!("{{ header: \"env:{variable}_TOKEN\" }}"),
        Some(AuthMethod::OauthClientCredentials { .. }) => format!(
            "{{ oauth_client_credentials: {{ client_id: \"\", client_secret: \"env:{variable}_SECRET\" }} }}"
        ),
        Some(AuthMethod::GithubApp) => {
            "{ github_app: { app_id: \"\", installation_id: \"\", private_key: \"file:github-app.pem\" } }".to_owned()
        }
        Some(AuthMethod::Sigv4 { .. }) => "{ sigv4: { region: us-east-1, access_key_id: \"env:AWS_ACCESS_KEY_ID\", secret_access_key: \"env:AWS_SECRET_ACCESS_KEY\" } }".to_owned(),
        Some(AuthMethod::LdapSimple) => {
            "{ ldap_simple: { dn: \"\", password: \"env:LDAP_PASSWORD\" } }".to_owned()
        }
        Some(AuthMethod::SqlPassword) => {
            "{ sql_password: { user: \"\", password: \"env:DB_PASSWORD\", database: postgres } }".to_owned()
        }
        Some(AuthMethod::SshKey) => {
            "{ ssh_key: { user: exeunt, key: \"file:exeunt_ed25519\", known_hosts: known_hosts } }".to_owned()
        }
        Some(AuthMethod::GoogleServiceAccount { .. }) => {
            "{ google_service_account: { key: \"file:service-account.json\", subject: \"\" } }".to_owned()
        }
        Some(AuthMethod::Program) => format!(
            "{{ program: {{ command: [./read-{name}.py], env: {{ {variable}_TOKEN: \"env:{variable}_TOKEN\" }} }} }}"
        ),
        Some(AuthMethod::None) => "none".to_owned(),
        Some(AuthMethod::Bearer) | None => format!("{{ bearer: \"env:{variable}_TOKEN\" }}"),
    };
    let _ = writeln!(out, "  auth: {auth}");
    out
}

const fn url_hint(manifest: &Manifest) -> &'static str {
    match manifest.protocol {
        exeunt_model::manifest::Protocol::Http => "https://your-system.example.com",
        exeunt_model::manifest::Protocol::Ldap => "ldaps://ldap.example.com",
        exeunt_model::manifest::Protocol::Sql => "postgres://db.example.com:5432",
        exeunt_model::manifest::Protocol::Aws => "https://iam.amazonaws.com",
        exeunt_model::manifest::Protocol::Ssh => "\"\"",
        exeunt_model::manifest::Protocol::Exec | exeunt_model::manifest::Protocol::File => "",
    }
}
