//! The program as a log: its witnesses cosign each head, and one that does not stops nothing.

use std::fs;
use std::path::Path;

use exeunt_evidence::SigningKey;
use exeunt_evidence::checkpoint::SignedCheckpoint;
use exeunt_sandbox::story;
use serde_json::{Value, json};

use crate::said::{Said, program, run};
use crate::stage::copied;
use crate::witness::Running;

fn key(state: &Path) -> SigningKey {
    SigningKey::from_text(&fs::read_to_string(state.join("ledger.key")).expect("the key")).expect("a key")
}

/// Names witnesses in the configuration of a state folder.
fn names(state: &Path, witnesses: &Value) {
    let file = state.join("exeunt.yaml");
    let text = fs::read_to_string(&file).expect("a configuration");
    let before = text.split("\nevidence:").next().expect("something");
    fs::write(&file, format!("{before}\nevidence: {}\n", json!({ "witnesses": witnesses })))
        .expect("written");
}

fn at(witness: &Running) -> Value {
    json!({
        "url": format!("http://{}", witness.address), "key": witness.key.to_string(), "allow_private": true,
        "tls": { "plain_text_on_loopback": true },
    })
}

fn verify(state: &Path) -> Said {
    let said = run(program().arg("--state").arg(state).args(["verify", story::TICKET, "--offline"]));
    assert_eq!(said.code, 10, "a verdict was said: {}", said.err);
    said
}

/// The head, and who cosigned it.
fn head(state: &Path, witness: &Running) -> (u64, Vec<String>) {
    let said = run(program().arg("--state").arg(state).args(["evidence", "checkpoint"]));
    let head = SignedCheckpoint::open(&said.out, key(state).verifier(), std::slice::from_ref(&witness.key));
    let head = head.expect("a head");
    (head.checkpoint().size, head.witnessed().iter().map(|seen| seen.name.clone()).collect())
}

/// A head that others saw cannot be denied later. The witness is asked with what it knows; where that was forgotten here, it
/// says where it is, and gets the proof from there. The bundle carries what it signed.
#[test]
fn each_head_is_cosigned_from_where_the_witness_is() {
    let state = copied();
    let state = state.path();
    let folder = tempfile::tempdir().expect("a folder");
    let witness = Running::start(folder.path(), key(state).verifier());
    names(state, &json!([at(&witness)]));
    for forget in [false, false, true] {
        if forget {
            fs::remove_dir_all(state.join("witnesses")).expect("forgotten");
        }
        let before = head(state, &witness).0;
        let said = verify(state);
        let (size, by) = head(state, &witness);
        assert!(size > before, "{size} after {before}");
        assert_eq!(by, ["witness.example/w"], "{}", said.err);
        assert!(said.err.contains(&format!("cosigned the ledger at size {size}")), "{}", said.err);
    }
    let file = state.join("case.exeunt");
    let export = ["evidence", "export", story::TICKET, "-o", file.to_str().expect("text")];
    assert_eq!(run(program().arg("--state").arg(state).args(export)).code, 0);
    let verified = exeunt_evidence::verify(&fs::read(file).expect("a bundle"), None).expect("it holds");
    assert_eq!(verified.authenticity.witnessed.len(), 1, "{}", verified.authenticity);
}

/// A witness that is dead, follows another log, has another key, or is where nobody should go is told of; the verdict stands
/// and the others cosign.
#[test]
fn a_witness_that_does_not_cosign_stops_nothing() {
    let state = copied();
    let state = state.path();
    let (one, other) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let good = Running::start(one.path(), key(state).verifier());
    let log = SigningKey::from_seed("other.example/log", exeunt_evidence::key::Algorithm::Ed25519, &[9; 32]);
    let stranger = Running::start(other.path(), log.expect("a key").verifier());
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    let mut dead = at(&good);
    dead["url"] = json!(format!("http://{free}"));
    let mut private = at(&good);
    private["url"] = json!("https://127.0.0.1:9");
    private["allow_private"] = json!(false);
    let mut wrong = at(&good);
    wrong["key"] = json!(stranger.key.to_string());
    let mut no_key = at(&good);
    no_key["key"] = json!("witness.example/w");
    names(state, &json!([dead, at(&stranger), private, no_key, at(&good), wrong]));
    let said = verify(state);
    for told in [
        "no connection could be made",
        "it answered 404",
        "a loopback address",
        "no verifier key",
        "cosigned the ledger at size",
        "not signed with its key",
    ] {
        assert!(said.err.contains(told), "`{told}` is not said in:\n{}", said.err);
    }
    assert_eq!(head(state, &good).1, ["witness.example/w"]);
}

/// Whoever puts the ledger back to before an entry is found out at the next entry, by a witness that remembers.
#[test]
fn a_witness_shows_that_the_ledger_was_put_back() {
    let state = copied();
    let state = state.path();
    let folder = tempfile::tempdir().expect("a folder");
    let witness = Running::start(folder.path(), key(state).verifier());
    names(state, &json!([at(&witness)]));
    let copy = tempfile::tempdir().expect("a folder");
    let copied = |from: &Path, to: &Path| {
        std::process::Command::new("cp").arg("-r").arg(from.join(".")).arg(to).status().expect("copied");
    };
    copied(state, copy.path());
    for _ in 0..3 {
        verify(state);
    }
    let said = verify(copy.path());
    assert!(said.err.contains("it was put back to an earlier state"), "{}", said.err);
}
