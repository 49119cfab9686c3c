//! The file an auditor takes away: accepted anywhere, and refused after any change.

use std::fs;
use std::sync::OnceLock;

use exeunt_sandbox::{System, story};

use crate::said::{Said, exeunt, program, run};
use crate::stage::{Stage, copied, next_look};

/// The bundle of the demo's case, exported once.
fn bundle() -> &'static [u8] {
    static BUNDLE: OnceLock<Vec<u8>> = OnceLock::new();
    BUNDLE.get_or_init(|| {
        let state = copied();
        let file = state.path().join("case.exeunt");
        let export = ["evidence", "export", story::TICKET, "-o"];
        let said = run(program().arg("--state").arg(state.path()).args(export).arg(&file));
        assert_eq!(said.code, 0, "{}", said.err);
        fs::read(file).expect("a bundle")
    })
}

/// The built program on these bytes, in an empty folder, without configuration or state.
fn verify(bytes: &[u8], more: &[&str]) -> Said {
    let empty = tempfile::tempdir().expect("a folder");
    fs::write(empty.path().join("x.exeunt"), bytes).expect("written");
    let said = run(program().current_dir(empty.path()).args(["evidence", "verify", "x.exeunt"]).args(more));
    let left: Vec<_> = fs::read_dir(empty.path()).expect("a folder").collect();
    assert_eq!(left.len(), 1, "verifying leaves nothing behind: {left:?}");
    said
}

/// An auditor has the file and the program, nothing else.
#[test]
fn a_stranger_can_verify_it() {
    let said = verify(bundle(), &[]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.out.contains("ACCEPTED") && said.out.contains(story::TICKET), "{}", said.out);
    let json = verify(bundle(), &["--format", "json"]).json();
    assert_eq!((&json["accepted"], &json["verdict"]), (&true.into(), &"residual".into()));
    let key = json["key"].as_str().expect("a key").to_owned();
    let known = verify(bundle(), &["--key", &key, "--format", "json"]);
    assert_eq!((known.code, &known.json()["expected_key"]), (0, &true.into()), "{known:?}");
}

/// One changed byte anywhere is a changed file. A seeded sample of 2,200 positions over the whole length, each
/// changed by another amount, and both ends in full.
#[tokio::test]
async fn any_changed_byte_is_refused() {
    let whole = &small_bundle().await;
    assert!(exeunt_evidence::verify(whole, None).is_ok());
    let sampled = 2_200_u64;
    let length = whole.len() as u64;
    let ends = (0..64).chain(length - 64..length);
    // One position out of each of 2,200 equal stretches; where in it, and by how much, a linear congruential
    // generator says (Knuth's constants).
    let mut seed = 142_u64;
    let mut draw = move || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        seed >> 33
    };
    let mut drawn = Vec::new();
    for n in 0..sampled {
        let (from, to) = (n * length / sampled, (n + 1) * length / sampled);
        drawn.push(from + draw() % (to - from).max(1));
    }
    let changes: Vec<(usize, u8)> = drawn
        .into_iter()
        .chain(ends)
        .map(|at| (usize::try_from(at).expect("a position"), u8::try_from(1 + draw() % 255).expect("a byte")))
        .collect();
    let accepted: Vec<(usize, u8)> = std::thread::scope(|scope| {
        let half = |part| scope.spawn(move || accepted(whole, part));
        let (left, right) = changes.split_at(changes.len() / 2);
        let parts = [half(left), half(right)];
        parts.into_iter().flat_map(|part| part.join().expect("ran")).collect()
    });
    assert!(accepted.is_empty(), "accepted after a change (position, by): {accepted:?}");
}

/// The bundle of a case with one system: the same parts as the demo's, fewer of each, so that thousands of changes take
/// seconds.
async fn small_bundle() -> Vec<u8> {
    let stage = Stage::unseen().await;
    let config = format!(
        "version: 1\nsimulated_time: {}\norganisation: {{ name: Halden Instruments, domains: [halden.example] }}\n\
         directory: okta\nsystems:\n  okta:\n    connector: okta\n    url: {}\n    \
         auth: {{ header: \"file:secrets/okta\" }}\n    tls: {{ plain_text_on_loopback: true }}\n    \
         allow_private: true\n",
        next_look(),
        stage.sandbox.url(System::Okta)
    );
    fs::write(stage.path("exeunt.yaml"), config).expect("written");
    let said = stage.run(&["verify", "2017"]).await;
    assert!(matches!(said.code, 0 | 10 | 11), "{}", said.err);
    let file = stage.path("case.exeunt");
    let export = stage.run(&["evidence", "export", "2017", "-o", file.to_str().expect("text")]).await;
    assert_eq!(export.code, 0, "{}", export.err);
    fs::read(file).expect("a bundle")
}

/// The changes after which the bundle is still accepted.
fn accepted(whole: &[u8], changes: &[(usize, u8)]) -> Vec<(usize, u8)> {
    let mut changed = whole.to_vec();
    let mut accepted = Vec::new();
    for (at, by) in changes {
        changed[*at] ^= by;
        if exeunt_evidence::verify(&changed, None).is_ok() {
            accepted.push((*at, *by));
        }
        changed[*at] ^= by;
    }
    assert!(changed == whole, "each change was taken back");
    accepted
}

/// The refusal is an exit code a script sees, and words a person understands.
#[test]
fn the_program_refuses_what_was_changed_or_cut() {
    let whole = bundle();
    for position in [0, whole.len() / 3, whole.len() / 2, whole.len() - 2] {
        let mut changed = whole.to_vec();
        changed[position] ^= 0x20;
        verify(&changed, &[]).refuses(1, &["x.exeunt is refused"]);
    }
    for length in [0, 1, whole.len() / 2, whole.len() - 1] {
        verify(&whole[..length], &[]).refuses(1, &["x.exeunt is refused"]);
    }
    let json = verify(&whole[..whole.len() / 2], &["--format", "json"]);
    assert_eq!((json.code, &json.json()["accepted"]), (1, &false.into()));
}

/// A forger can sign a whole log of their own; only the key known from elsewhere tells it apart.
#[tokio::test]
async fn another_logs_key_is_refused() {
    let other = tempfile::tempdir().expect("a folder");
    let state = other.path().to_str().expect("text");
    let demo = exeunt(&["--state", state, "demo", "--once"]).await;
    assert_eq!(demo.code, 10, "{}", demo.err);
    let file = other.path().join("x.exeunt");
    let file = file.to_str().expect("text");
    exeunt(&["--state", state, "evidence", "export", story::TICKET, "-o", file]).await;
    let theirs = exeunt(&["--format", "json", "evidence", "verify", file]).await.json();
    let theirs = theirs["key"].as_str().expect("a key");
    verify(bundle(), &["--key", theirs]).refuses(1, &["is refused"]);
    verify(bundle(), &["--key", "halden.example"]).refuses(2, &["--key is no verifier key"]);
}
