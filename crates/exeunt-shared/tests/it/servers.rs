//! What the nodes share: a PostgreSQL cluster begun for one test, and a store of objects that speaks as much S3 as is asked.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use exeunt_shared::{Keys, Lease, Objects, Place, SharedDisk, SharedError};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// Objects by path.
type Kept = Arc<Mutex<BTreeMap<String, Vec<u8>>>>;

/// The servers; they end with it.
pub struct Servers {
    home: TempDir,
    objects: Objects,
    pub kept: Kept,
    _runtime: Runtime,
}

/// Where Debian keeps the programs of the server; elsewhere they are on the path.
fn program(name: &str) -> PathBuf {
    let debian = Path::new("/usr/lib/postgresql/15/bin").join(name);
    if debian.exists() { debian } else { name.into() }
}

/// The server refuses to run as root.
fn as_postgres(name: &str) -> Command {
    let root = Command::new("id").arg("-u").output().is_ok_and(|said| said.stdout.starts_with(b"0\n"));
    if !root {
        return Command::new(program(name));
    }
    let mut command = Command::new("runuser");
    command.args(["-u", "postgres", "--"]).arg(program(name));
    command
}

fn must(command: &mut Command) {
    let said = command.stdin(Stdio::null()).output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    assert!(said.status.success(), "{command:?}: {}", String::from_utf8_lossy(&said.stderr));
}

impl Servers {
    pub fn start() -> Self {
        let home = tempfile::tempdir().expect("a folder");
        must(Command::new("chmod").arg("0777").arg(home.path()));
        let data = home.path().join("data");
        must(as_postgres("initdb").args(["--auth=trust", "--no-sync", "--username=exeunt", "-D"]).arg(&data));
        let options =
            format!("-k {} -c listen_addresses='' -c synchronous_commit=off", home.path().display());
        let log = home.path().join("log");
        // Its output must not be the pipe that is waited for.
        must(as_postgres("pg_ctl").args(["start", "-w", "-o", &options, "-l"]).arg(log).arg("-D").arg(&data));
        let runtime = Runtime::new().expect("a runtime");
        let kept = Kept::default();
        let app = Router::new().fallback(answer).with_state(Arc::clone(&kept));
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).expect("a port");
        let address = listener.local_addr().expect("bound");
        runtime.spawn(async move { axum::serve(listener, app).await });
        // One TLS provider is compiled in; another test of this process may have installed it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        let url = format!("http://{address}/bucket/ledgers").parse().expect("an address");
        let place = Place { url, region: "us-east-1".into() };
        let keys = Keys { id: "AKIDEXAMPLE".into(), secret: "a secret".into() };
        let objects = Objects::new(client, place, keys, || SystemTime::UNIX_EPOCH).expect("a store");
        Self { home, objects, kept, _runtime: runtime }
    }

    /// A node that keeps the lease for no time at all: whoever comes next finds it run out.
    pub fn node(&self, log: &str, holder: &str) -> SharedDisk {
        self.try_node(log, holder, 0).expect("the lease is free")
    }

    pub fn try_node(&self, log: &str, holder: &str, keep: i64) -> Result<SharedDisk, SharedError> {
        let url = format!("postgres://exeunt@localhost/postgres?host={}", self.home.path().display());
        SharedDisk::take(&url, log, &Lease { holder: holder.into(), keep }, self.objects.clone())
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        let stop = as_postgres("pg_ctl")
            .args(["stop", "-m", "immediate", "-D"])
            .arg(self.home.path().join("data"))
            .output();
        assert!(stop.is_ok_and(|said| said.status.success()), "the database was stopped");
    }
}

async fn answer(State(kept): State<Kept>, request: Request) -> Response {
    let signed = request.headers().get("authorization").and_then(|value| value.to_str().ok());
    if !signed.is_some_and(|value| value.starts_with("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/")) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let body = axum::body::to_bytes(request.into_body(), 1 << 24).await.expect("a body");
    let mut kept = kept.lock().expect("nobody panicked");
    if method == Method::PUT {
        kept.insert(path, body.to_vec());
        return StatusCode::OK.into_response();
    }
    match kept.get(&path) {
        Some(bytes) => bytes.clone().into_response(),
        None => (StatusCode::NOT_FOUND, "<Error><Code>NoSuchKey</Code></Error>").into_response(),
    }
}
