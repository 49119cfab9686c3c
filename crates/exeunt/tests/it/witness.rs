//! The witness as a program: a log asks it over HTTP, and it remembers over its own end.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Stdio};

use exeunt_evidence::checkpoint::{Checkpoint, SignedCheckpoint};
use exeunt_evidence::key::Algorithm;
use exeunt_evidence::merkle::{leaf_hash, node_hash};
use exeunt_evidence::witness::{Reply, Request};
use exeunt_evidence::{SigningKey, VerifierKey};

use crate::said::{program, run};

fn log() -> SigningKey {
    SigningKey::from_seed("log.example/exeunt", Algorithm::Ed25519, &[5; 32]).expect("a key")
}

/// A head of one or of two entries, and a request for it.
fn head(second: Option<&str>) -> SignedCheckpoint {
    let first = leaf_hash(b"first");
    let empty = Checkpoint::sign_first(&log()).expect("signed");
    let (size, root) =
        second.map_or((1, first), |second| (2, node_hash(&first, &leaf_hash(second.as_bytes()))));
    empty.checkpoint().sign_next(size, root, &[], &log()).expect("signed")
}

fn request(second: Option<&str>) -> Request {
    let (old, proof) = second.map_or((0, vec![]), |second| (1, vec![leaf_hash(second.as_bytes())]));
    Request { old, proof, checkpoint: head(second).note().clone() }
}

/// The running witness; it ends with the test.
pub struct Running {
    child: Child,
    pub key: VerifierKey,
    pub address: String,
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself, which the test has seen then.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Running {
    pub fn start(state: &Path, log: &VerifierKey) -> Self {
        let mut witness = program();
        witness.arg("--state").arg(state).args(["witness", "--listen", "127.0.0.1:0"]);
        witness.args(["--name", "witness.example/w", "--log", &log.to_string()]);
        witness.arg("--key").arg(state.join("witness.key"));
        let mut child = witness.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
        let mut key = String::new();
        BufReader::new(child.stdout.take().expect("a stream")).read_line(&mut key).expect("its key");
        let mut told = String::new();
        BufReader::new(child.stderr.take().expect("a stream")).read_line(&mut told).expect("its address");
        let address = told.split_once("http://").and_then(|(_, rest)| rest.split_once('/'));
        let address = address.unwrap_or_else(|| panic!("no address in {told}")).0.to_owned();
        Self { child, key: key.trim().parse().expect("a key"), address }
    }

    /// Status, content type, body.
    fn post(&self, path: &str, body: &str) -> (u16, String, String) {
        let mut stream = TcpStream::connect(&self.address).expect("it listens");
        let length = body.len();
        let head =
            format!("POST {path} HTTP/1.1\r\nHost: w\r\nConnection: close\r\nContent-Length: {length}");
        write!(stream, "{head}\r\n\r\n{body}").expect("sent");
        let mut answer = Vec::new();
        std::io::copy(&mut stream.take(1 << 20), &mut answer).expect("answered");
        let answer = String::from_utf8(answer).expect("text");
        let (head, body) = answer.split_once("\r\n\r\n").expect("an answer");
        let status = head.split(' ').nth(1).and_then(|word| word.parse().ok()).expect("a status");
        let kind = head.lines().find_map(|line| line.strip_prefix("content-type: ")).unwrap_or_default();
        (status, kind.to_owned(), body.to_owned())
    }

    fn ask(&self, request: &Request) -> Reply {
        let (status, kind, body) = self.post("/add-checkpoint", &request.to_string());
        Reply::read(status, &kind, &body, &self.key)
    }
}

/// A log gets a cosignature that verifies; after the witness was killed, the other history still gets none.
#[test]
fn a_log_is_cosigned_over_http_and_a_killed_witness_remembers() {
    let state = tempfile::tempdir().expect("a folder");
    let witness = Running::start(state.path(), log().verifier());
    let Reply::Cosigned(lines) = witness.ask(&request(None)) else { panic!("not cosigned") };
    let seen = head(None).with_cosignature(&lines[0], &witness.key).expect("its cosignature");
    assert_eq!(seen.witnessed()[0].name, "witness.example/w");
    assert!(matches!(witness.ask(&request(Some("second"))), Reply::Cosigned(_)));
    let key = witness.key.clone();
    drop(witness);
    let again = Running::start(state.path(), log().verifier());
    assert_eq!(again.key, key);
    assert_eq!(again.ask(&request(Some("other"))), Reply::From(2));
    let mut fork = request(Some("other"));
    (fork.old, fork.proof) = (2, vec![]);
    assert!(matches!(again.ask(&fork), Reply::Refused { status: 422, .. }));
    let stranger = request(None).to_string().replace("log.example/exeunt", "log.example/other");
    assert_eq!(again.post("/add-checkpoint", &stranger).0, 404);
    assert_eq!(again.post("/add-checkpoint", "old x\n\n").0, 400);
    assert_eq!(again.post("/elsewhere", "").0, 404);
}

/// A witness without a key, or with a log's key, is told so before it listens.
#[test]
fn a_witness_without_a_fitting_key_does_not_begin() {
    let state = tempfile::tempdir().expect("a folder");
    let file = state.path().join("key");
    let vkey = log().verifier().to_string();
    let begin = |log: &str| {
        let mut witness = program();
        witness.arg("--state").arg(state.path()).args(["witness", "--listen", "127.0.0.1:0", "--log", log]);
        run(witness.arg("--key").arg(&file))
    };
    begin(&vkey).refuses(1, &["--name"]);
    std::fs::write(&file, log().expose_text()).expect("written");
    begin(&vkey).refuses(2, &["0x04"]);
    begin("nonsense").refuses(2, &["--log"]);
}
