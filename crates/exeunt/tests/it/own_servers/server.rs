//! One real server, run by its folder's `play.py`, and the program set up to read it.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use exeunt_model::verdict::VerdictDocument;
use exeunt_model::{Duration, Snapshot, Timestamp};
use exeunt_service::connectors::clock::Clock;
use exeunt_service::pipeline::{VerifyOptions, verify};
use exeunt_service::progress::{Quiet, Stop};
use exeunt_service::traps::DIRECTORY_MANIFEST;
use exeunt_service::{LoadedConfig, Service, Surroundings, SystemClock, catalogue};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::directory::Directory;
use crate::lab::Ahead;

/// A server and its scratch folder; it ends with this value.
pub struct Server {
    pub system: String,
    play: PathBuf,
    folder: TempDir,
    port: u16,
    tools: PathBuf,
    process: Child,
}

impl Server {
    /// Starts the server and waits until it answers.
    pub fn start(lab: &Path) -> Self {
        let tools = std::env::var_os("EXEUNT_LAB_TOOLS").expect(
            "EXEUNT_LAB_TOOLS is not set; run `cargo xtask test`, or set what `cargo xtask lab env` prints",
        );
        let folder = tempfile::Builder::new().prefix("own-server").tempdir().expect("a folder");
        let system =
            lab.parent().and_then(Path::file_name).expect("a connector").to_string_lossy().into_owned();
        let port = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a port").port();
        let log = std::fs::File::create(folder.path().join("server.log")).expect("a log");
        let (play, tools) = (lab.join("play.py"), PathBuf::from(tools));
        let mut serve = command(&play, "serve", folder.path(), port, &tools, &system);
        let errors = log.try_clone().expect("a log");
        let process = serve.stdin(Stdio::null()).stdout(log).stderr(errors).spawn().expect("python3");
        let mut server = Self { system, play, folder, port, tools, process };
        server.wait();
        server
    }

    /// `play.py ready` waits itself until the server answers, and fails when it does not come up.
    fn wait(&mut self) {
        let ready = self.command("ready").output().expect("python3");
        let ended = self.process.try_wait().expect("a child");
        assert!(
            ready.status.success() && ended.is_none(),
            "{} does not come up: {}{}",
            self.system,
            String::from_utf8_lossy(&ready.stderr),
            std::fs::read_to_string(self.folder.path().join("server.log")).unwrap_or_default()
        );
    }

    fn command(&self, chore: &str) -> Command {
        command(&self.play, chore, self.folder.path(), self.port, &self.tools, &self.system)
    }

    /// Plays a stage.
    pub fn play(&self, stage: &str) {
        let done = self.command(stage).output().expect("python3");
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(
            done.status.success(),
            "{} {stage}: {said}{}",
            self.system,
            String::from_utf8_lossy(&done.stdout)
        );
    }

    /// The system's part of the configuration.
    fn configured(&self) -> Value {
        let told = self.command("system").output().expect("python3");
        serde_json::from_slice(&told.stdout).unwrap_or_else(|e| {
            panic!("{} system: {e}: {}", self.system, String::from_utf8_lossy(&told.stderr))
        })
    }

    /// A name with what the server gave out filled in.
    pub fn named(&self, name: &str) -> String {
        let file = self.folder.path().join("objects.json");
        let objects: BTreeMap<String, String> = std::fs::read(file)
            .ok()
            .map(|text| serde_json::from_slice(&text).expect("names by names"))
            .unwrap_or_default();
        objects.iter().fold(name.to_owned(), |name, (key, value)| name.replace(&format!("{{{key}}}"), value))
    }
}

fn command(play: &Path, chore: &str, folder: &Path, port: u16, tools: &Path, system: &str) -> Command {
    let mut command = Command::new("python3");
    command
        .arg(play)
        .arg(chore)
        .env("EXEUNT_LAB_DIR", folder)
        .env("EXEUNT_LAB_PORT", port.to_string())
        .env("EXEUNT_LAB_VENV", tools.join(system))
        .env("EXEUNT_LAB_NODE", tools.join(format!("{system}-node")));
    command
}

impl Drop for Server {
    /// Ends the server this value started: politely through its own script, which knows its processes, then not.
    fn drop(&mut self) {
        let _ = self.command("stop").output();
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The program, set up for one server and the directory.
pub struct Exeunt {
    folder: TempDir,
    config: Value,
    departed: Option<Timestamp>,
    system: String,
    port: u16,
}

impl Exeunt {
    pub fn new(server: &Server, directory: &Directory) -> Self {
        // One TLS provider is compiled in; another test of this process may have installed it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir().expect("a folder");
        let connector = folder.path().join("connectors/company-directory");
        std::fs::create_dir_all(&connector).expect("a folder");
        std::fs::write(connector.join("manifest.yaml"), DIRECTORY_MANIFEST).expect("a file");
        std::fs::write(folder.path().join("word"), "word").expect("a file");
        // A connector kept elsewhere is not built in.
        if catalogue(None).expect("connectors").get(&server.system).is_none() {
            let its = folder.path().join("connectors").join(&server.system);
            std::fs::create_dir_all(&its).expect("a folder");
            let manifest =
                server.play.parent().and_then(Path::parent).expect("a folder").join("manifest.yaml");
            std::fs::copy(manifest, its.join("manifest.yaml")).expect("copied");
        }
        let system = server.system.clone();
        let config = json!({
            "version": 1,
            "organisation": { "name": "Acme", "domains": ["acme.example"] },
            "directory": "company-directory",
            "systems": {
                "company-directory": {
                    "connector": "company-directory", "url": directory.url, "auth": { "bearer": "file:word" },
                    "tls": { "plain_text_on_loopback": true }, "allow_private": true,
                },
                system.as_str(): server.configured(),
            },
        });
        Self { folder, config, departed: None, system, port: server.port }
    }

    /// The leaver leaves at this moment.
    pub fn departs_now(&mut self) {
        self.departed = Some(SystemClock.now());
    }

    async fn service(&self, config: &Value, minutes: i64) -> Service {
        let file = self.folder.path().join("exeunt.yaml");
        std::fs::write(&file, config.to_string()).expect("a file");
        let around = Surroundings {
            clock: Arc::new(Ahead(Duration::from_mins(minutes))),
            progress: Arc::new(Quiet),
            stop: Stop::new(),
        };
        let config = LoadedConfig::read(&file).expect("a configuration");
        let connectors = catalogue(Some(&self.folder.path().join("connectors"))).expect("connectors");
        Service::open(config, connectors, &self.folder.path().join("state"), around).await.expect("a service")
    }

    /// Reads everything, `minutes` from now.
    pub async fn collect(&mut self, minutes: i64) -> Vec<Snapshot> {
        let collected = self.service(&self.config, minutes).await.collect(&[]).await.expect("snapshots");
        collected.into_iter().map(|(_, snapshot)| snapshot).collect()
    }

    /// The verdict, `minutes` from now.
    pub async fn verify(&mut self, minutes: i64) -> VerdictDocument {
        self.verify_with(&self.config, minutes).await
    }

    /// The verdict while nothing answers where the server was.
    pub async fn out_of_reach(&mut self, minutes: i64) -> VerdictDocument {
        let mut config = self.config.clone();
        let port = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a port").port();
        let system = &mut config["systems"][self.system.as_str()];
        if let Some(url) = system["url"].as_str() {
            let (front, rest) = url.rsplit_once(':').expect("a port");
            let path = rest.find('/').map(|at| &rest[at..]).unwrap_or_default();
            system["url"] = json!(format!("{front}:{port}{path}"));
        } else {
            // Hosts stand in the settings.
            let told = system.to_string().replace(&format!(":{}", self.port), &format!(":{port}"));
            *system = serde_json::from_str(&told).expect("JSON");
        }
        self.verify_with(&config, minutes).await
    }

    async fn verify_with(&self, config: &Value, minutes: i64) -> VerdictDocument {
        let options = VerifyOptions { departed: self.departed, offline: false };
        let service = self.service(config, minutes).await;
        verify(&service, "company-directory/identity/leaver", &options).await.expect("a verdict").verdict
    }
}
