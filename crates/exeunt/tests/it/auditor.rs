//! What an auditor does with a file besides verifying it: judge again, read, hold it to a policy and to a time authority.

use std::fs;
use std::path::Path;
use std::process::Command;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use axum::routing::post;
use exeunt_sandbox::story;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::said::{Said, program, run};
use crate::stage::copied;

fn evidence(state: &Path, words: &[&str]) -> Said {
    run(program().arg("--state").arg(state).arg("evidence").args(words))
}

fn exported(state: &Path, more: &[&str]) -> Vec<u8> {
    let file = state.join("case.exeunt");
    let file = file.to_str().expect("text");
    let said = evidence(state, &[&["export", story::TICKET, "-o", file], more].concat());
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(said.err.contains("about everybody"), more.contains(&"--with-basis"), "{}", said.err);
    fs::read(file).expect("a bundle")
}

/// The program on these bytes, in a folder with nothing else in it.
fn alone(bytes: &[u8], words: &[&str]) -> Said {
    let empty = tempfile::tempdir().expect("a folder");
    fs::write(empty.path().join("x.exeunt"), bytes).expect("written");
    run(program().current_dir(empty.path()).arg("evidence").args(words))
}

/// Whoever doubts the verdict can have it judged again without asking us for anything but the file.
#[test]
fn a_bundle_with_its_basis_is_judged_again_alone() {
    let state = copied();
    let whole = exported(state.path(), &["--with-basis"]);
    let said = alone(&whole, &["replay", "x.exeunt"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.out.starts_with("the same: judged again from "), "{}", said.out);
    let kept = evidence(state.path(), &["replay", story::TICKET]);
    assert_eq!(kept.out, said.out, "the same verdict from the state folder and from the file");
    assert_eq!(alone(&whole, &["verify", "x.exeunt"]).code, 0);
    let lean = exported(state.path(), &[]);
    let said = alone(&lean, &["replay", "x.exeunt"]);
    said.refuses(1, &["the bundle does not carry sha256:", "--with-basis"]);
    let mut changed = whole;
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    alone(&changed, &["replay", "x.exeunt"]).refuses(1, &["the bundle is refused"]);
}

/// The file as text: what it proves, its entries, and the report itself.
#[test]
fn a_bundle_can_be_read_as_text() {
    let state = copied();
    let said = alone(&exported(state.path(), &[]), &["show", "x.exeunt"]);
    assert_eq!(said.code, 0, "{}", said.err);
    for words in [
        "ACCEPTED",
        "time-bounded",
        " verdict of ",
        "receipt of every case that cites it",
        story::SURVIVING_TOKEN,
    ] {
        assert!(said.out.contains(words), "`{words}` is not in:\n{}", said.out);
    }
}

/// The reader's own policy decides which log is expected.
#[test]
fn a_bundle_is_held_to_the_readers_policy() {
    let state = copied();
    let bytes = exported(state.path(), &[]);
    let key = alone(&bytes, &["--format", "json", "verify", "x.exeunt"]).json()["key"].clone();
    let policy = state.path().join("policy");
    let under = |text: String| {
        fs::write(&policy, text).expect("written");
        alone(&bytes, &["verify", "x.exeunt", "--policy", policy.to_str().expect("text")])
    };
    let said = under(format!("log {}\nquorum none\n", key.as_str().expect("a key")));
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.out.contains("authentic     yes"), "{}", said.out);
    let other = "log example.com/other+af3f27d4+AeA1OJqk+/u5tWCiWr8LtxVU3g9vhy2lTXzbrCOtnCHT\nquorum none\n";
    assert_eq!(under(other.to_owned()).code, 1);
    assert_eq!(under("quorum nobody\n".to_owned()).code, 1);
}

/// A head dropped into a file is what a later ledger is compared with.
#[test]
fn a_head_can_be_dropped_into_a_file() {
    let state = copied();
    let file = state.path().join("head");
    let file = file.to_str().expect("text");
    let said = evidence(state.path(), &["checkpoint", "-o", file]);
    assert_eq!((said.code, said.out.as_str()), (0, ""), "{}", said.err);
    assert_eq!(fs::read_to_string(file).expect("a head"), evidence(state.path(), &["checkpoint"]).out);
    assert_eq!(evidence(state.path(), &["compare", file]).code, 0);
}

/// A time authority of our own, by the `openssl` program.
fn authority() -> TempDir {
    const CONFIG: &str = "\
[req]\ndistinguished_name = name\n[name]\n[clock]\nextendedKeyUsage = critical, timeStamping\nbasicConstraints = CA:FALSE\n\
[root]\nbasicConstraints = critical, CA:TRUE\n\
[tsa]\ndefault_tsa = own\n[own]\nserial = ./serial\nsigner_digest = sha256\ndefault_policy = 1.2.3.4.1\ndigests = sha256\n\
ess_cert_id_alg = sha256\n";
    let own = tempfile::tempdir().expect("a folder");
    fs::write(own.path().join("c.cnf"), CONFIG).expect("written");
    fs::write(own.path().join("serial"), "01").expect("written");
    for words in [
        "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out root.key",
        "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out tsa.key",
        "req -x509 -config c.cnf -extensions root -key root.key -subj /CN=Root -days 30 -out root.pem",
        "req -new -config c.cnf -key tsa.key -subj /CN=Clock -out tsa.csr",
        "x509 -req -in tsa.csr -CA root.pem -CAkey root.key -CAcreateserial -days 30 -extfile c.cnf -extensions clock -out tsa.pem",
    ] {
        openssl(own.path(), words);
    }
    own
}

fn openssl(folder: &Path, words: &str) {
    let done = Command::new("openssl").args(words.split(' ')).current_dir(folder).output().expect("it runs");
    assert!(done.status.success(), "openssl {words}: {}", String::from_utf8_lossy(&done.stderr));
}

/// A request carried to an authority by hand, its answer carried back, and the bundle says by whom and when it was seen.
#[test]
fn a_head_is_timestamped_by_an_authority() {
    let (state, clock) = (copied(), authority());
    let place = |name: &str| clock.path().join(name).to_str().expect("text").to_owned();
    let (asked, answer, root) = (place("q"), place("r"), place("root.pem"));
    let take = ["timestamp", "--response", answer.as_str(), "--authority", root.as_str()];
    let said = evidence(state.path(), &["timestamp", "--request", &asked]);
    assert_eq!(said.code, 0, "{}", said.err);
    openssl(clock.path(), "ts -reply -config c.cnf -queryfile q -signer tsa.pem -inkey tsa.key -out r");
    let said = evidence(state.path(), &take);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.out.contains("CN=Clock"), "{}", said.out);
    let bytes = exported(state.path(), &[]);
    let said = alone(&bytes, &["verify", "x.exeunt", "--authority", &root]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.out.contains("a token of the time authority CN=Clock"), "{}", said.out);
    let foreign = authority();
    let other = foreign.path().join("root.pem");
    let said = alone(&bytes, &["verify", "x.exeunt", "--authority", other.to_str().expect("text")]);
    said.refuses(1, &["does not lead to one that is trusted"]);
    // A second request, answered by the answer to the first one.
    assert_eq!(evidence(state.path(), &["timestamp", "--request", &asked]).code, 0);
    evidence(state.path(), &take).refuses(1, &["nonce"]);
}

/// The authority over HTTP, and somebody who is none, under `/other`.
fn served(clock: &Path) -> (Runtime, String) {
    let folder = clock.to_owned();
    let sign = async move |headers: HeaderMap, query: Bytes| {
        if headers["content-type"] != "application/timestamp-query" {
            return StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response();
        }
        fs::write(folder.join("q"), query).expect("written");
        openssl(&folder, "ts -reply -config c.cnf -queryfile q -signer tsa.pem -inkey tsa.key -out r");
        let reply = fs::read(folder.join("r")).expect("a reply");
        ([("content-type", "application/timestamp-reply")], reply).into_response()
    };
    let app = Router::new().route("/tsa", post(sign)).route("/other", post(async || "what is it?"));
    let runtime = Runtime::new().expect("a runtime");
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).expect("a port");
    let address = listener.local_addr().expect("bound");
    runtime.spawn(async move { axum::serve(listener, app).await });
    (runtime, format!("http://{address}"))
}

/// The first authority whose token holds is taken; one that is none, or that nobody trusts, is passed over and named.
#[test]
fn authorities_of_the_configuration_are_asked() {
    let (state, clock, foreign) = (copied(), authority(), authority());
    let (_runtime, address) = served(clock.path());
    let ask = |authorities: &[(&str, &Path)]| {
        let file = state.path().join("exeunt.yaml");
        let text = fs::read_to_string(&file).expect("a configuration");
        let before = text.split("\nevidence:").next().expect("something");
        let said: Vec<Value> = authorities
            .iter()
            .map(|(path, trusted)| {
                json!({
                    "url": format!("{address}{path}"), "certificates": trusted.join("root.pem"),
                    "allow_private": true, "tls": { "plain_text_on_loopback": true },
                })
            })
            .collect();
        let evidence = json!({ "time_authorities": said });
        fs::write(&file, format!("{before}\nevidence: {evidence}\n")).expect("written");
        self::evidence(state.path(), &["timestamp", "--send"])
    };
    ask(&[]).refuses(1, &["evidence.time_authorities"]);
    ask(&[("/other", clock.path()), ("/tsa", foreign.path())])
        .refuses(1, &["/other: it answered 200", "/tsa: ", "does not lead to one that is trusted"]);
    let said = ask(&[("/other", clock.path()), ("/tsa", clock.path())]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.out.contains("CN=Clock") && said.err.contains("/tsa"), "{} {}", said.out, said.err);
    let root = clock.path().join("root.pem");
    let bytes = exported(state.path(), &[]);
    let said = alone(&bytes, &["verify", "x.exeunt", "--authority", root.to_str().expect("text")]);
    assert!(said.code == 0 && said.out.contains("a token of the time authority CN=Clock"), "{}", said.out);
}
