//! What the tests of protocols play on: a server that follows a script over real sockets, a
//! clock that notes its waits, and the shortest manifest and configuration.

#![expect(clippy::expect_used, reason = "a test that cannot be set up has failed")]
#![expect(clippy::needless_pass_by_value, reason = "tests write JSON in place")]

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;

use exeunt_connectors::clock::Clock;
use exeunt_connectors::protocol::connect::{ConnectError, connect};
use exeunt_connectors::protocol::{Ask, Fault, Protocol};
use exeunt_connectors::secret::{Secret, SecretError, Secrets};
use exeunt_model::config::{SecretRef, SystemConfig};
use exeunt_model::manifest::{Manifest, Method};
use exeunt_model::{Duration, Timestamp};

/// The value of every secret here; it must never be seen in an error.
pub const SECRET: &str = "tok-3fd1-never-shown";

/// When all of this happens.
pub const NOW: &str = "2026-11-24T04:00:00Z";

/// A clock that moves only by waiting, and notes its waits.
pub struct Hand(Mutex<(Timestamp, Vec<Duration>)>);

impl Hand {
    pub fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new((NOW.parse().expect("a time"), Vec::new()))))
    }
    /// The waits so far, in seconds.
    pub fn waits(&self) -> Vec<i64> {
        self.0.lock().expect("clock").1.iter().map(Duration::as_secs).collect()
    }
    pub fn advance(&self, by: Duration) {
        let mut hand = self.0.lock().expect("clock");
        hand.0 = hand.0.checked_add(by).expect("in range");
    }
}

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        self.0.lock().expect("clock").0
    }
    fn sleep(&self, wait: Duration) -> BoxFuture<'_, ()> {
        self.advance(wait);
        self.0.lock().expect("clock").1.push(wait);
        Box::pin(std::future::ready(()))
    }
}

/// Gives every reference the same secret, except `file:` ones, which are files of the tests.
pub struct Pocket;

impl Secrets for Pocket {
    fn resolve<'a>(&'a self, reference: &'a SecretRef) -> BoxFuture<'a, Result<Secret, SecretError>> {
        let text = match reference {
            SecretRef::File(path) => std::fs::read_to_string(self.place(path)).expect("a test file"),
            _ => SECRET.to_owned(),
        };
        Box::pin(std::future::ready(Secret::new(text).ok_or_else(|| SecretError::Empty(reference.clone()))))
    }
    fn place(&self, path: &str) -> PathBuf {
        data(path)
    }
}

/// A file of `tests/data/tls`.
pub fn data(name: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/tls")).join(name)
}

/// What the server does with one request.
#[derive(Clone)]
pub enum Act {
    /// Sends this and waits for the next request.
    Say(Vec<u8>),
    /// Sends this and closes the connection.
    SayAndClose(Vec<u8>),
    /// Sends this and then nothing, keeping the connection open.
    SayAndHang(Vec<u8>),
    /// Sends this and then a hundred megabytes.
    SayAndFlood(Vec<u8>),
}

/// A whole HTTP answer.
pub fn reply(status: u16, headers: &[(&str, &str)], body: &str) -> Act {
    let mut text = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        text = format!("{text}{name}: {value}\r\n");
    }
    Act::Say(format!("{text}\r\n{body}").into_bytes())
}

/// A 200 with this JSON.
pub fn ok(body: &Value) -> Act {
    reply(200, &[("content-type", "application/json")], &body.to_string())
}

/// A server that follows a script, one act per request.
pub struct Stage {
    pub at: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
    flooded: Arc<AtomicU64>,
    connections: Arc<AtomicU64>,
}

/// How a request is told from the next on the wire.
type Reader = fn(&[u8]) -> bool;

impl Stage {
    pub async fn http(script: Vec<Act>) -> Self {
        Self::new(script, None, whole_http).await
    }

    /// Over TLS with a certificate of `tests/data/tls`.
    pub async fn https(certificate: &str, script: Vec<Act>) -> Self {
        Self::new(script, Some(certificate), whole_http).await
    }

    /// Any bytes are a request: for protocols whose requests the script need not understand.
    pub async fn raw(certificate: Option<&str>, script: Vec<Act>) -> Self {
        Self::new(script, certificate, |bytes| !bytes.is_empty()).await
    }

    async fn new(script: Vec<Act>, certificate: Option<&str>, reader: Reader) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let stage = Self {
            at: listener.local_addr().expect("an address"),
            asked: Arc::default(),
            flooded: Arc::default(),
            connections: Arc::default(),
        };
        let acceptor = certificate.map(|name| acceptor(name, reader));
        let script = Arc::new(Mutex::new(VecDeque::from(script)));
        let (asked, flooded) = (Arc::clone(&stage.asked), Arc::clone(&stage.flooded));
        let connections = Arc::clone(&stage.connections);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                connections.fetch_add(1, Ordering::SeqCst);
                let part = Part {
                    script: Arc::clone(&script),
                    asked: Arc::clone(&asked),
                    flooded: Arc::clone(&flooded),
                    reader,
                };
                match acceptor.clone() {
                    // A client that refuses our certificate ends here, as it should.
                    Some(acceptor) => drop(tokio::spawn(async move {
                        if let Ok(stream) = acceptor.accept(stream).await {
                            part.play(stream).await;
                        }
                    })),
                    None => drop(tokio::spawn(part.play(stream))),
                }
            }
        });
        stage
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.at)
    }
    pub fn secure_url(&self) -> String {
        format!("https://localhost:{}", self.at.port())
    }
    /// The requests so far, as they came.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("requests").clone()
    }
    /// How many connections were made.
    pub fn connections(&self) -> u64 {
        self.connections.load(Ordering::SeqCst)
    }
    /// How much of a flood was sent.
    pub fn flooded(&self) -> u64 {
        self.flooded.load(Ordering::SeqCst)
    }
}

struct Part {
    script: Arc<Mutex<VecDeque<Act>>>,
    asked: Arc<Mutex<Vec<String>>>,
    flooded: Arc<AtomicU64>,
    reader: Reader,
}

impl Part {
    async fn play(self, mut stream: impl AsyncRead + AsyncWrite + Unpin) {
        loop {
            let mut request = Vec::new();
            let mut chunk = vec![0; 16 * 1024];
            while !(self.reader)(&request) {
                match stream.read(&mut chunk).await {
                    Ok(0) | Err(_) => return,
                    Ok(n) => request.extend_from_slice(&chunk[..n]),
                }
            }
            self.asked.lock().expect("requests").push(String::from_utf8_lossy(&request).into_owned());
            let next = self.script.lock().expect("script").pop_front();
            let act = next.unwrap_or_else(|| reply(599, &[], "the script has ended"));
            if !self.act(act, &mut stream).await {
                return;
            }
        }
    }

    /// Whether the connection goes on. The client may have left at any point, which is its right.
    async fn act(&self, act: Act, stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> bool {
        match act {
            Act::Say(bytes) => stream.write_all(&bytes).await.is_ok(),
            Act::SayAndClose(bytes) => {
                let _ = stream.write_all(&bytes).await;
                let _ = stream.shutdown().await;
                false
            }
            Act::SayAndHang(bytes) => {
                let _ = stream.write_all(&bytes).await;
                let _ = stream.flush().await;
                std::future::pending().await
            }
            Act::SayAndFlood(bytes) => {
                let _ = stream.write_all(&bytes).await;
                let megabyte = vec![b' '; 1024 * 1024];
                for _ in 0..100 {
                    if stream.write_all(&megabyte).await.is_err() {
                        break;
                    }
                    self.flooded.fetch_add(megabyte.len() as u64, Ordering::SeqCst);
                }
                false
            }
        }
    }
}

/// Whether these bytes are a whole HTTP/1.1 request.
fn whole_http(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head
        .lines()
        .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
    body.len() >= length.unwrap_or(0)
}

/// Agrees on HTTP/2 unless the requests are to be read as HTTP/1.1.
fn acceptor(certificate: &str, reader: Reader) -> tokio_rustls::TlsAcceptor {
    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer};
    let chain = CertificateDer::pem_file_iter(data(certificate)).expect("a file");
    let chain = chain.collect::<Result<_, _>>().expect("certificates");
    let key = PrivateKeyDer::from_pem_file(data("server.key.pem")).expect("a key");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .expect("a certificate and its key");
    let speaks: &[u8] = if reader(b"anything") { b"h2" } else { b"http/1.1" };
    config.alpn_protocols = vec![speaks.to_vec()];
    tokio_rustls::TlsAcceptor::from(Arc::new(config))
}

/// A manifest for `protocol`, with client rules and ways to sign in.
pub fn manifest(protocol: &str, auth: Value, client: Value) -> Manifest {
    serde_json::from_value(json!({
        "manifest": 1, "connector": "test", "title": "Test", "about": "A system of the tests.",
        "protocol": protocol, "auth": auth, "client": client, "reads": {}, "survivors": {},
    }))
    .expect("a manifest")
}

/// A system at `url`; `tls` as in the configuration.
pub fn system(url: &str, auth: Value, tls: Value) -> SystemConfig {
    serde_json::from_value(json!({
        "connector": "test", "url": url, "auth": auth, "tls": tls, "allow_private": true,
    }))
    .expect("a system")
}

/// Connects over plain HTTP with a bearer token.
pub async fn plain(stage: &Stage, client: Value, clock: &Arc<Hand>) -> Arc<dyn Protocol> {
    let manifest = manifest("http", json!(["bearer"]), client);
    let system = system(&stage.url(), json!({"bearer": "env:T"}), json!({"plain_text_on_loopback": true}));
    join(&manifest, &system, clock).await.expect("a connection")
}

/// Connects as configured.
pub async fn join(
    manifest: &Manifest,
    system: &SystemConfig,
    clock: &Arc<Hand>,
) -> Result<Arc<dyn Protocol>, ConnectError> {
    connect(manifest, system, &Pocket, clock.clone()).await
}

/// A GET.
pub fn get(target: &str) -> Ask {
    Ask::Http {
        method: Method::Get,
        target: target.to_owned(),
        headers: std::collections::BTreeMap::new(),
        body: None,
    }
}

/// The fault of an ask, checked not to give the secret away.
pub async fn fault(protocol: &dyn Protocol, ask: &Ask) -> Fault {
    let fault = protocol.fetch(ask).await.expect_err("no whole answer");
    let printed = format!("{fault} {fault:?}");
    assert!(!printed.contains(SECRET), "a secret was printed: {printed}");
    fault
}
