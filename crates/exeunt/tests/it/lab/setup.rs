//! Exeunt set up for the lab: a configuration, a state folder, and a clock that can be put forward.

use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::process::{Command, Output};
use std::sync::Arc;

use exeunt_model::verdict::VerdictDocument;
use exeunt_model::{Duration, Snapshot, Timestamp};
use exeunt_service::connectors::clock::Clock;
use exeunt_service::pipeline::{VerifyOptions, verify};
use exeunt_service::progress::{Quiet, Stop};
use exeunt_service::{LoadedConfig, Service, Surroundings, SystemClock, catalogue};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::running::Lab;

/// The systems of the lab and their connectors.
pub(super) const SYSTEMS: [(&str, &str); 4] =
    [("ldap", "ldap"), ("postgres", "postgresql"), ("synapse", "synapse"), ("aws", "aws-iam")];

/// The machine's clock, so many minutes ahead: the servers stamp what they show with real time, and no test
/// waits for a settle time to pass.
pub struct Ahead(pub Duration);

impl Clock for Ahead {
    fn now(&self) -> Timestamp {
        SystemClock.now() + self.0
    }

    fn sleep(&self, _: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(std::future::ready(()))
    }
}

/// A folder with a configuration and a state.
pub(super) struct Exeunt {
    folder: TempDir,
    connectors: PathBuf,
}

impl Exeunt {
    /// Set up as the README of the lab says, with an owner for every cell.
    pub(super) fn on(lab: &Lab) -> Self {
        // One TLS provider is compiled in; another test of this process may have installed it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir().expect("a folder");
        let connectors = hasty_connectors(folder.path());
        let exeunt = Self { folder, connectors };
        exeunt.configure(&configuration(lab));
        exeunt
    }

    /// Writes the configuration; JSON is YAML.
    pub(super) fn configure(&self, configuration: &Value) {
        std::fs::write(self.path("exeunt.yaml"), configuration.to_string()).expect("a file");
    }

    /// A path in the folder.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    async fn service(&self, minutes: i64) -> Service {
        let around = Surroundings {
            clock: Arc::new(Ahead(Duration::from_mins(minutes))),
            progress: Arc::new(Quiet),
            stop: Stop::new(),
        };
        let config = LoadedConfig::read(&self.path("exeunt.yaml")).expect("a configuration");
        let connectors = catalogue(Some(&self.connectors)).expect("connectors");
        Service::open(config, connectors, &self.path("state"), around).await.expect("a service")
    }

    /// Verifies somebody, `minutes` from now.
    pub(super) async fn verify(&self, who: &str, minutes: i64, options: VerifyOptions) -> VerdictDocument {
        let service = self.service(minutes).await;
        verify(&service, who, &options).await.expect("a verdict").verdict
    }

    /// Reads some systems, `minutes` from now.
    pub(super) async fn collect(&self, minutes: i64, systems: &[&str]) -> Vec<Snapshot> {
        let names: Vec<String> = systems.iter().map(|&name| name.to_owned()).collect();
        let collected = self.service(minutes).await.collect(&names).await.expect("snapshots");
        collected.into_iter().map(|(_, snapshot)| snapshot).collect()
    }

    /// Runs the program, now.
    pub(super) fn run(&self, args: &[&str]) -> Output {
        let mut program = Command::new(env!("CARGO_BIN_EXE_exeunt"));
        program.arg("--state").arg(self.path("state")).arg("--config").arg(self.path("exeunt.yaml"));
        program.args(args).output().expect("the program starts")
    }
}

/// The configuration for the whole lab.
pub(super) fn configuration(lab: &Lab) -> Value {
    let secret = |server: &Value, name: &str| format!("file:{}", text(&server["reader"][name]));
    let (ldap, postgres) = (lab.server("ldap"), lab.server("postgres"));
    let (synapse, aws) = (lab.server("synapse"), lab.server("aws"));
    let plain = json!({ "plain_text_on_loopback": true });
    json!({
        "version": 1,
        "organisation": { "name": "Halden Instruments", "domains": ["halden.example"] },
        "directory": "ldap",
        "systems": {
            "ldap": {
                "connector": "ldap",
                "url": ldap["settings"]["ldaps_url"],
                "settings": { "people_base": ldap["settings"]["people_dn"], "groups_base": ldap["settings"]["groups_dn"] },
                "auth": { "ldap_simple": { "dn": ldap["reader"]["bind_dn"], "password": secret(&ldap, "password_file") } },
                "tls": { "ca_file": ldap["ca_file"] },
                "allow_private": true,
            },
            "postgres": {
                "connector": "postgresql",
                "url": format!("postgres://{}:{}", text(&postgres["host"]), postgres["port"]),
                "auth": { "sql_password": {
                    "user": postgres["reader"]["user"],
                    "password": secret(&postgres, "password_file"),
                    "database": postgres["settings"]["database"],
                } },
                "tls": { "ca_file": postgres["ca_file"] },
                "allow_private": true,
            },
            "synapse": {
                "connector": "synapse",
                "url": synapse["url"],
                "settings": { "employee_number_from": "oidc-halden" },
                "auth": { "bearer": secret(&synapse, "token_file") },
                "tls": plain,
                "allow_private": true,
            },
            "aws": {
                "connector": "aws-iam",
                "url": aws["url"],
                "auth": { "sigv4": {
                    "region": aws["settings"]["region"],
                    "access_key_id": secret(&aws, "access_key_id_file"),
                    "secret_access_key": secret(&aws, "secret_access_key_file"),
                } },
                "tls": plain,
                "allow_private": true,
            },
        },
        "owners": owners(),
    })
}

/// Who answers for a control point on a system, as the register of the configuration says.
pub(super) fn owner(system: &str, point: u8) -> String {
    match point {
        1 | 2 => "Sofie Dahl".to_owned(),
        6 | 7 => format!("Integrations of {system}"),
        _ => format!("Application {system}"),
    }
}

fn owners() -> Vec<Value> {
    let mut owners = vec![json!({
        "domain": "identity_lifecycle", "system": "*",
        "owner": { "person": owner("ldap", 2), "email": "sofie.dahl@halden.example" },
    })];
    for (system, _) in SYSTEMS {
        for (domain, point) in [("application_entitlement", 4), ("integration_revocation", 6)] {
            owners.push(json!({ "domain": domain, "system": system, "owner": owner(system, point) }));
        }
    }
    owners
}

/// The lab's connectors again as `hasty-…`, which do not wait thirty seconds for an answer.
fn hasty_connectors(folder: &Path) -> PathBuf {
    let hasty = folder.join("connectors");
    for (_, connector) in SYSTEMS {
        let file = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../connectors")
            .join(connector)
            .join("manifest.yaml");
        let manifest = std::fs::read_to_string(file).expect("a manifest");
        let renamed = manifest
            .replacen(&format!("connector: {connector}\n"), &format!("connector: hasty-{connector}\n"), 1)
            .replacen("\nclient:\n", "\nclient:\n  timeout: 300ms\n", 1);
        assert!(renamed.contains("timeout: 300ms") && renamed.contains("connector: hasty-"), "{connector}");
        let into = hasty.join(format!("hasty-{connector}"));
        std::fs::create_dir_all(&into).expect("a folder");
        std::fs::write(into.join("manifest.yaml"), renamed).expect("a file");
    }
    hasty
}

/// A text in a document of the lab.
pub(super) fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}
