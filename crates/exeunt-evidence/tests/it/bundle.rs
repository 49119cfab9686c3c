//! The bundle: what it says when it holds, and what it says when someone with or without the key cheats.

use exeunt_evidence::bundle::{Contents, Refusal, SealError, seal, verify};
use exeunt_evidence::checkpoint::Checkpoint;
use exeunt_evidence::dsse::Envelope;
use exeunt_evidence::in_toto::PAYLOAD_TYPE;
use exeunt_evidence::ledger::{Seen, Standing};
use exeunt_evidence::merkle::{leaf_hash, root_of};
use exeunt_evidence::record::Record;
use exeunt_evidence::{Digest, SigningKey};
use serde_json::Value;

use crate::world::{CASE, Story, log_key, other_key, story};

/// Without configuration the bundle verifies, and says plainly what that does and does not show.
#[test]
fn a_bundle_verifies_and_says_what_that_means() {
    let story = story();
    let bytes = story.bundle();
    let seen = verify(&bytes, None).unwrap();
    assert_eq!((seen.case.as_str(), seen.verdict_index), (CASE, story.verdict));
    assert_eq!(seen.checkpoint, *story.ledger.head().checkpoint());
    assert_eq!(seen.entries.len(), story.bodies.len());
    for (entry, (index, body)) in seen.entries.iter().zip(&story.bodies) {
        assert_eq!((entry.index, entry.body.as_ref()), (*index, Some(body)));
    }
    let verdict: Value = serde_json::from_slice(&seen.verdict).unwrap();
    assert_eq!(verdict["predicate"]["verdict"], "residual");
    assert_eq!(seen.exchanges, [(Digest::of(&story.exchange), story.exchange.clone())]);
    assert_eq!((seen.completeness.case_entries, seen.completeness.cited_entries), (3, 2));
    let absent: Vec<_> =
        seen.completeness.subjects_absent.iter().map(exeunt_evidence::in_toto::Subject::name).collect();
    assert_eq!(absent, ["snapshot:github"]);
    assert!(!seen.authenticity.expected_key);
    let text = seen.authenticity.to_string();
    assert!(text.contains("not established") && text.contains("trusted on first sight"), "{text}");
    assert!(text.contains(&log_key().verifier().fingerprint().to_string()));
    assert_eq!(seen.authenticity.witnessed[0].name, "witness.example");
    assert!(seen.integrity.to_string().contains("5 entries are proven to be in the log of 23 entries"));
    assert!(seen.completeness.to_string().contains("snapshot:github"));
}

/// With the expected key the sealer is known; with another key the bundle is refused.
#[test]
fn the_expected_key_decides_authenticity() {
    let bytes = story().bundle();
    let seen = verify(&bytes, Some(log_key().verifier())).unwrap();
    assert!(seen.authenticity.expected_key);
    assert!(seen.authenticity.to_string().starts_with("Authenticity: holds"));
    let refused = verify(&bytes, Some(other_key().verifier())).unwrap_err();
    assert!(matches!(refused, Refusal::WrongKey { .. }));
    assert_eq!(refused.part(), "keys");
}

/// The same contents give the same bytes, in whatever order they come.
#[test]
fn sealing_is_deterministic() {
    let story = story();
    let mut contents = story.contents();
    contents.entries.reverse();
    contents.exchanges.push(story.exchange.clone());
    assert_eq!(seal(contents, &log_key()).unwrap(), story.bundle());
}

/// A withheld or erased body is said to be absent; the log entry still verifies.
#[test]
fn a_body_may_be_withheld_and_that_is_said() {
    let story = story();
    let mut contents = story.contents();
    contents.entries[0].body = None;
    let seen = verify(&seal(contents, &log_key()).unwrap(), None).unwrap();
    assert_eq!(seen.completeness.bodies_absent, [story.bodies[0].0]);
    assert!(seen.completeness.to_string().contains("Not carried: the bodies of the entries 0."));
}

/// Changes a bundle as JSON and writes it canonically again, as someone would who knows the format.
fn edited(bytes: &[u8], edit: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut value: Value = serde_json::from_slice(bytes).unwrap();
    edit(&mut value);
    let mut text = serde_json::to_vec(&value).unwrap();
    text.push(b'\n');
    text
}

/// Someone without the key, who knows the format, is told off by the part they touched.
#[test]
fn a_skilled_forger_without_the_key_is_refused_by_part() {
    let story = story();
    let bytes = story.bundle();
    assert_eq!(edited(&bytes, |_| {}), bytes, "editing itself changes nothing");
    let receipt = story.bodies[1].0;
    let part = |edit: &dyn Fn(&mut Value)| {
        let refused = verify(&edited(&bytes, edit), None).unwrap_err();
        (refused.part(), refused.to_string())
    };
    let forged = part(&|v| v["entries"][1]["body"] = "e30=".into());
    assert_eq!(forged.0, format!("entries/{receipt}/body"));
    assert_eq!(forged.1, format!("the receipt at ledger index {receipt} does not match its entry"));
    let removed = part(&|v| drop(v["entries"].as_array_mut().unwrap().remove(1)));
    assert_eq!(removed.0, format!("entries/{receipt}/record"));
    assert!(removed.1.contains("removed"));
    let last = story.bodies[4].0;
    let cut_tail = part(&|v| drop(v["entries"].as_array_mut().unwrap().pop()));
    assert_eq!(cut_tail.0, format!("entries/{last}/record"));
    let emptied = part(&|v| v["entries"][1]["body"] = Value::Null);
    assert_eq!(emptied.0, format!("entries/{receipt}/body"));
    assert_eq!(part(&|v| v["exchanges"] = Value::Array(vec![])).0, "exchanges/0");
    let doubled = part(&|v| {
        let first = v["entries"][0].clone();
        v["entries"].as_array_mut().unwrap().insert(0, first);
    });
    assert!(doubled.1.contains("added"), "{}", doubled.1);
    let witness = part(&|v| v["keys"]["witnesses"] = Value::Array(vec![]));
    assert_eq!(witness.0, "keys");
    let log = other_key().verifier().to_string();
    assert_eq!(part(&|v| v["keys"]["log"] = log.clone().into()).0, "seal");
    assert_eq!(part(&|v| v["bundle"] = "exeunt-bundle/v2".into()).0, "text");
    let head = part(&|v| {
        let note = v["checkpoint"].as_str().unwrap().replace("\n23\n", "\n22\n");
        v["checkpoint"] = note.into();
    });
    assert_eq!(head.0, "checkpoint");
    let keyid = part(&|v| v["seal"]["signatures"][0]["keyid"] = "".into());
    assert_eq!(keyid.0, "seal");
    let twice = part(&|v| {
        let first = v["seal"]["signatures"][0].clone();
        v["seal"]["signatures"].as_array_mut().unwrap().push(first);
    });
    assert_eq!(twice.0, "seal");
    let more = part(&|v| v["entries"][0]["more"] = 1.into());
    assert_eq!(more.0, "text");
}

/// A bundle that a forger seals with a key of their own, under the log's name, holds together but is not the log's.
#[test]
fn a_resealed_bundle_is_refused_with_the_expected_key() {
    let story = story();
    let forged = seal(story.contents(), &other_key());
    assert!(matches!(forged, Err(SealError::Refused(Refusal::Checkpoint(_)))), "{forged:?}");
}

/// Even the key's holder cannot leave out an entry of the case, move it to another, or cite what is not in the log:
/// such bundles are not made.
#[test]
fn the_sealer_cannot_omit_or_invent() {
    let story = story();
    let attempt = |edit: &dyn Fn(&mut Contents)| {
        let mut contents = story.contents();
        edit(&mut contents);
        match seal(contents, &log_key()) {
            Err(SealError::Refused(refused)) => refused,
            other => panic!("made, or failed otherwise: {other:?}"),
        }
    };
    let gap = attempt(&|c| drop(c.entries.remove(0)));
    assert!(matches!(gap, Refusal::Gap { expected: 0, found: 1, .. }), "{gap}");
    let other = attempt(&|c| c.case = "LEAVE-41".into());
    assert!(matches!(other, Refusal::OtherCase { index: 0, .. }), "{other}");
    let foreign = attempt(&|c| c.entries.push(story.ledger.bundle_entry(1, None).unwrap()));
    assert!(matches!(foreign, Refusal::OtherCase { index: 1, .. }), "{foreign}");
    let invented = attempt(&|c| {
        let index = c.entries[1].index;
        let record = Record::shared("receipt", "2026-03-02T18:00:00Z", Digest::of(b"never read"));
        c.entries[1].record = record.to_bytes().unwrap();
        c.entries[1].body = None;
        assert!(index > 0);
    });
    assert!(matches!(invented, Refusal::NotInLog { .. }), "{invented}");
    let swapped = attempt(&|c| c.entries[1].body = c.entries[2].body.clone());
    assert!(matches!(&swapped, Refusal::BodyChanged { kind, .. } if kind == "receipt"), "{swapped}");
    let moved = attempt(&|c| c.entries[1].index += 1);
    assert!(matches!(moved, Refusal::NotInLog { .. }), "{moved}");
    let twice = attempt(&|c| c.entries.push(c.entries[1].clone()));
    assert!(matches!(twice, Refusal::NotDeclared { .. }), "{twice}");
    let pointless = attempt(&|c| c.verdict = 0);
    assert!(matches!(pointless, Refusal::NoVerdict { index: 0, .. }), "{pointless}");
    let nowhere = attempt(&|c| c.verdict = 999);
    assert!(matches!(nowhere, Refusal::NoVerdict { index: 999, .. }), "{nowhere}");
    let bodiless = attempt(&|c| c.entries.iter_mut().for_each(|e| e.body = None));
    assert!(matches!(bodiless, Refusal::NoVerdict { .. }), "{bodiless}");
}

/// A verdict that somebody else signed, or that is something else than a verdict, does not pass for one because it was
/// logged.
#[test]
fn a_logged_verdict_must_be_signed_and_be_a_verdict() {
    for (payload, key) in
        [(&br#"{"_type":"https://in-toto.io/Statement/v1"}"#[..], log_key()), (b"{}", other_key())]
    {
        let mut story = story();
        replace_verdict(&mut story, payload, &key);
        let refused = seal(story.contents(), &log_key()).unwrap_err();
        let SealError::Refused(refused) = refused else { panic!("{refused}") };
        assert_eq!(refused.part(), "verdict", "{refused}");
    }
}

/// Logs a further verdict of the case whose envelope holds this payload.
fn replace_verdict(story: &mut Story, payload: &[u8], key: &SigningKey) {
    let body = Envelope::sign(PAYLOAD_TYPE, payload.to_vec(), key).to_json().unwrap();
    let record = Record::of_case(CASE, 3, "verdict", "2026-03-03T18:00:00Z", Digest::of(&body));
    let entry = record.to_bytes().unwrap();
    story.verdict = story.ledger.append(&[entry], &log_key()).unwrap().first;
    story.bodies.push((story.verdict, body));
}

/// Whoever kept a head sees from two of them, or from a later bundle alone, whether the log was rewritten or put back since;
/// and what does not show that is not taken for it.
#[test]
fn what_was_seen_of_a_log_is_compared_without_the_log() {
    let story = story();
    let bundle = verify(&story.bundle(), None).unwrap();
    let now = bundle.checkpoint.clone();
    let head = |size: u64, changed: bool| {
        let leaves = (0..size).map(|n| leaf_hash(&story.ledger.entry(n).unwrap()));
        let mut leaves: Vec<Digest> = leaves.collect();
        if changed {
            leaves[0] = leaf_hash(b"another entry");
        }
        Checkpoint { size, root: root_of(&leaves), ..now.clone() }
    };
    let of = |old: &Checkpoint, new: &Seen| Standing::of_seen(&Seen::from(old), new);
    let with = Seen::from(&bundle);
    let carried: Vec<u64> = bundle.entries.iter().map(|entry| entry.index + 1).collect();
    for size in 1..now.size {
        let knows = carried.contains(&size);
        assert_eq!(
            of(&head(size, false), &with),
            knows.then_some(Standing::Continued { from: size, to: now.size })
        );
        assert_eq!(of(&head(size, true), &with), knows.then_some(Standing::Forked { size }));
        assert_eq!(of(&head(size, false), &Seen::from(&now)), None);
        let back = Standing::RolledBack { from: now.size, to: size };
        assert_eq!(of(&now, &Seen::from(&head(size, false))), Some(back));
    }
    assert_eq!(of(&now, &with), Some(Standing::Same));
    assert_eq!(of(&head(now.size, true), &with), Some(Standing::Forked { size: now.size }));
}
