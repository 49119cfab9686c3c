//! The program as an auditor runs it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop there")]

use std::process::{Command, Output};

use exeunt_evidence::bundle::{Contents, VERDICT_KIND, VERDICT_PREDICATE, seal};
use exeunt_evidence::cosignature::cosign;
use exeunt_evidence::dsse::Envelope;
use exeunt_evidence::in_toto::{PAYLOAD_TYPE, Statement, Subject};
use exeunt_evidence::key::Algorithm;
use exeunt_evidence::record::Record;
use exeunt_evidence::tile::MemoryTiles;
use exeunt_evidence::{Digest, Ledger, SigningKey};

fn key() -> SigningKey {
    SigningKey::from_seed("evidence.example.com/exeunt", Algorithm::Ed25519, &[42; 32]).unwrap()
}

fn witness() -> SigningKey {
    SigningKey::from_seed("witness.example/w", Algorithm::CosignatureV1, &[7; 32]).unwrap()
}

/// A bundle of two entries, the second logged at this time, one subject not carried.
fn bundle(claimed: &str, judged: &str) -> Vec<u8> {
    let claim = br#"{"says":"Done"}"#.to_vec();
    let subjects = vec![Subject::new("snapshot:github", Digest::of(b"too large to carry"))];
    let statement = Statement::new(VERDICT_PREDICATE, serde_json::json!({"verdict": "clear"}), subjects);
    let verdict = Envelope::sign(PAYLOAD_TYPE, statement.to_json().unwrap(), &key()).to_json().unwrap();
    let records = [
        Record::of_case("OFF-142", 0, "claims", claimed, Digest::of(&claim)).to_bytes().unwrap(),
        Record::of_case("OFF-142", 1, VERDICT_KIND, judged, Digest::of(&verdict)).to_bytes().unwrap(),
    ];
    let mut ledger = Ledger::create(MemoryTiles::default(), &key()).unwrap();
    ledger.append(&records, &key()).unwrap();
    // Its key is not in the bundle: only a reader who knows it elsewhere takes notice of it.
    let line = cosign(ledger.head().note(), &witness(), 1_772_500_000).unwrap();
    ledger.cosign(&line.to_string(), witness().verifier()).unwrap();
    let entries =
        (0..).zip([None, Some(verdict)]).map(|(index, body)| ledger.bundle_entry(index, body).unwrap());
    let contents = Contents {
        case: "OFF-142".into(),
        entries: entries.collect(),
        exchanges: Vec::new(),
        verdict: 1,
        checkpoint: ledger.head().clone(),
        witnesses: Vec::new(),
        timestamps: Vec::new(),
    };
    seal(contents, &key()).unwrap()
}

fn run(bytes: &[u8], options: &[&str]) -> (Option<i32>, String) {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("off-142.bundle");
    std::fs::write(&file, bytes).unwrap();
    let Output { status, stdout, stderr, .. } =
        Command::new(env!("CARGO_BIN_EXE_exeunt-verify")).arg(&file).args(options).output().unwrap();
    (status.code(), String::from_utf8([stdout, stderr].concat()).unwrap())
}

const DAY_AFTER: &[&str] = &["--at", "2026-03-03T10:00:00Z"];

/// Five answers, none standing for another, and what is missing by name.
#[test]
fn each_statement_is_made_by_itself() {
    let (code, said) = run(&bundle("2026-03-02T17:00:00Z", "2026-03-02T18:00:00Z"), DAY_AFTER);
    assert_eq!(code, Some(0), "{said}");
    let line = |name: &str| said.lines().find(|line| line.trim_start().starts_with(name)).unwrap().to_owned();
    assert!(said.starts_with("ACCEPTED  OFF-142\n"), "{said}");
    assert!(line("authentic").contains(" open ") && said.contains("trusted on first sight"), "{said}");
    assert!(line("intact").contains(" yes "), "{said}");
    assert!(line("complete").contains(" no "), "{said}");
    assert!(line("fresh").contains(" yes ") && said.contains("16 h before now"), "{said}");
    assert!(line("time-bounded").contains(" open "), "{said}");
    assert!(said.contains("missing:      the body of the claims at ledger index 0"), "{said}");
    assert!(said.contains("missing:      snapshot:github, on which the verdict rests"), "{said}");
}

/// With the key that was expected it is authentic; with another one it is refused.
#[test]
fn the_key_decides() {
    let bytes = bundle("2026-03-02T17:00:00Z", "2026-03-02T18:00:00Z");
    let expected = key().verifier().to_string();
    let (code, said) = run(&bytes, &["--key", &expected, "--at", "2026-03-03T10:00:00Z"]);
    assert_eq!(code, Some(0));
    assert!(said.contains("authentic     yes"), "{said}");
    let other = SigningKey::from_seed(key().verifier().name(), Algorithm::Ed25519, &[1; 32]).unwrap();
    let (code, said) = run(&bytes, &["--key", &other.verifier().to_string()]);
    assert_eq!(code, Some(1));
    assert!(said.contains("REFUSED") && said.contains("part:         keys"), "{said}");
}

/// The auditor's own policy: reached, not reached, and not to be followed are three different things.
#[test]
fn a_policy_is_kept_to() {
    let home = tempfile::tempdir().unwrap();
    let bytes = bundle("2026-03-02T17:00:00Z", "2026-03-02T18:00:00Z");
    let under = |policy: &str| {
        let file = home.path().join("policy");
        std::fs::write(&file, policy).unwrap();
        run(&bytes, &["--policy", file.to_str().unwrap(), "--at", "2026-03-03T10:00:00Z"])
    };
    let other = SigningKey::from_seed("other.example/w", Algorithm::CosignatureV1, &[8; 32]).unwrap();
    let (log, w, o) =
        (key().verifier().to_string(), witness().verifier().to_string(), other.verifier().to_string());
    let (code, said) = under(&format!("log {log}\nwitness ours {w}\nquorum ours\n"));
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("authentic     yes") && said.contains("time-bounded  yes"), "{said}");
    let both =
        format!("log {log}\nwitness ours {w}\nwitness theirs {o}\ngroup both all ours theirs\nquorum both\n");
    let (code, said) = under(&both);
    assert_eq!(code, Some(1));
    assert!(
        said.contains("part:         checkpoint") && said.contains("cosigned by ours; not by theirs"),
        "{said}"
    );
    let (code, said) = under("quorum nobody\n");
    assert_eq!(code, Some(1));
    assert!(said.contains("line 1 of the policy") && !said.contains("ACCEPTED"), "{said}");
    let (code, said) = run(&bytes, &["--policy", "no-such-file"]);
    assert!(code == Some(1) && !said.contains("ACCEPTED"), "{said}");
}

/// An old verdict, one from the future and a back-dated entry are each said to be that.
#[test]
fn time_is_said_as_it_is() {
    let fine = bundle("2026-03-02T17:00:00Z", "2026-03-02T18:00:00Z");
    let (_, old) = run(&fine, &["--at", "2026-05-01T00:00:00Z"]);
    assert!(old.contains("fresh         no"), "{old}");
    let (_, allowed) = run(&fine, &["--at", "2026-05-01T00:00:00Z", "--max-age", "90"]);
    assert!(allowed.contains("fresh         yes"), "{allowed}");
    let (_, future) = run(&fine, &["--at", "2026-03-01T00:00:00Z"]);
    assert!(future.contains("fresh         open") && future.contains("one clock is wrong"), "{future}");
    let (code, said) = run(&bundle("2026-03-02T17:00:00Z", "2026-02-27T09:00:00Z"), DAY_AFTER);
    assert_eq!(code, Some(0));
    assert!(said.contains("time-bounded  no"), "{said}");
    assert!(
        said.contains("The entry at ledger index 1 is back-dated: it says 2026-02-27T09:00:00Z"),
        "{said}"
    );
}

/// A changed bundle is refused with the part that fails; a wrong call is not a refusal.
#[test]
fn refusals_and_wrong_calls_have_their_own_codes() {
    let mut changed = bundle("2026-03-02T17:00:00Z", "2026-03-02T18:00:00Z");
    let at = changed.windows(7).position(|w| w == b"OFF-142").unwrap();
    changed[at] = b'X';
    let (code, said) = run(&changed, &[]);
    assert_eq!(code, Some(1));
    assert!(said.contains("part:         entries/0/record"), "{said}");
    for wrong in
        [&["--key", "nonsense"][..], &["--what"], &["--at", "yesterday"], &["--max-age"], &["second.file"]]
    {
        let (code, said) = run(b"", wrong);
        assert_eq!(code, Some(2), "{wrong:?}: {said}");
        assert!(said.contains("Usage:"), "{said}");
    }
    let missing = Command::new(env!("CARGO_BIN_EXE_exeunt-verify")).arg("no-such-file").output().unwrap();
    assert_eq!(missing.status.code(), Some(1));
}
