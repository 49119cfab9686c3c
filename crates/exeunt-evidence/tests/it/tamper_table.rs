//! The table of tampering: who does what to a bundle, and what the verifier names.

use exeunt_evidence::bundle::{Contents, Refusal, seal, verify};
use exeunt_evidence::record::Record;
use exeunt_evidence::{Digest, Ledger};
use serde_json::{Value, json};

use crate::world::{CASE, Story, log_key, log_of, other_key, story};

/// Changes a bundle as JSON and writes it canonically again, as someone would who knows the format.
fn edited(bytes: &[u8], edit: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut value: Value = serde_json::from_slice(bytes).unwrap();
    edit(&mut value);
    let mut text = serde_json::to_vec(&value).unwrap();
    text.push(b'\n');
    text
}

fn refused(bytes: &[u8], what: &str) -> Refusal {
    match verify(bytes, None) {
        Ok(_) => panic!("accepted: {what}"),
        Err(refusal) => refusal,
    }
}

fn entries(value: &mut Value) -> &mut Vec<Value> {
    value["entries"].as_array_mut().unwrap()
}

fn indexes(bytes: &[u8]) -> Vec<u64> {
    let value: Value = serde_json::from_slice(bytes).unwrap();
    value["entries"].as_array().unwrap().iter().map(|entry| entry["index"].as_u64().unwrap()).collect()
}

/// Each entry left out, and every tail cut off: the first part that is not there any more is named.
#[test]
fn every_removed_entry_and_every_cut_tail_is_named() {
    let bytes = story().bundle();
    let indexes = indexes(&bytes);
    for (place, index) in indexes.iter().enumerate() {
        let removed = edited(&bytes, |v| drop(entries(v).remove(place)));
        let refusal = refused(&removed, "an entry removed");
        assert_eq!(refusal, Refusal::PartRemoved { part: format!("entries/{index}/record") });
        let cut = edited(&bytes, |v| entries(v).truncate(place));
        let refusal = refused(&cut, "a tail cut off");
        assert_eq!(refusal, Refusal::PartRemoved { part: format!("entries/{index}/record") });
        let bodiless = edited(&bytes, |v| entries(v)[place]["body"] = Value::Null);
        let refusal = refused(&bodiless, "a body removed");
        assert_eq!(refusal, Refusal::PartRemoved { part: format!("entries/{index}/body") });
    }
    let exchange = edited(&bytes, |v| v["exchanges"].as_array_mut().unwrap().clear());
    let removed = refused(&exchange, "an exchange removed");
    assert_eq!(removed, Refusal::PartRemoved { part: "exchanges/0".into() });
}

/// Every pair of entries changing places, and their bodies, records and proofs alone.
#[test]
fn every_reordering_is_named() {
    let bytes = story().bundle();
    let indexes = indexes(&bytes);
    for a in 0..indexes.len() {
        for b in 0..a {
            let swapped = edited(&bytes, |v| entries(v).swap(a, b));
            let part = refused(&swapped, "entries swapped").part();
            assert_eq!(part, format!("entries/{}/record", indexes[a]), "{a} and {b}");
            for member in ["body", "record", "proof", "index"] {
                let swapped = edited(&bytes, |v| {
                    let mut first = entries(v)[a][member].take();
                    std::mem::swap(&mut first, &mut entries(v)[b][member]);
                    entries(v)[a][member] = first;
                });
                let part = refused(&swapped, "members swapped").part();
                let named = if member == "index" { indexes[a] } else { indexes[b] };
                assert!(part.starts_with(&format!("entries/{named}/")), "{member} of {a} and {b}: {part}");
            }
        }
    }
}

/// Keys: another log key, the same name with another key, a witness taken out or put in.
#[test]
fn every_swapped_key_is_named() {
    let bytes = story().bundle();
    let other = other_key().verifier().to_string();
    let swapped = edited(&bytes, |v| v["keys"]["log"] = json!(other));
    assert_eq!(refused(&swapped, "the log's key swapped").part(), "seal");
    let known = verify(&swapped, Some(log_key().verifier())).unwrap_err();
    assert!(matches!(known, Refusal::WrongKey { .. }) && known.part() == "keys", "{known}");
    let without = edited(&bytes, |v| v["keys"]["witnesses"] = json!([]));
    let twice = edited(&bytes, |v| {
        let again = v["keys"]["witnesses"][0].clone();
        v["keys"]["witnesses"] = json!([again, again]);
    });
    for changed in [without, twice] {
        assert_eq!(refused(&changed, "witnesses changed").part(), "keys");
    }
    // Everything sealed anew with a key of one's own under the same name: only the expected key tells.
    let forged = forged_with_another_key();
    assert!(!verify(&forged, None).unwrap().authenticity.expected_key);
    let known = verify(&forged, Some(log_key().verifier())).unwrap_err();
    assert_eq!(known.part(), "keys");
}

fn forged_with_another_key() -> Vec<u8> {
    use exeunt_evidence::bundle::{VERDICT_KIND, VERDICT_PREDICATE};
    use exeunt_evidence::dsse::Envelope;
    use exeunt_evidence::in_toto::{PAYLOAD_TYPE, Statement};
    let key = other_key();
    let statement = Statement::new(VERDICT_PREDICATE, json!({"verdict": "clear"}), vec![]);
    let body = Envelope::sign(PAYLOAD_TYPE, statement.to_json().unwrap(), &key).to_json().unwrap();
    let record = Record::of_case(CASE, 0, VERDICT_KIND, "2026-03-02T18:00:00Z", Digest::of(&body));
    let mut ledger = Ledger::create(exeunt_evidence::tile::MemoryTiles::default(), &key).unwrap();
    ledger.append(&[record.to_bytes().unwrap()], &key).unwrap();
    let contents = Contents {
        case: CASE.into(),
        entries: vec![ledger.bundle_entry(0, Some(body)).unwrap()],
        exchanges: vec![],
        verdict: 0,
        checkpoint: ledger.head().clone(),
        witnesses: vec![],
        timestamps: Vec::new(),
    };
    seal(contents, &key).unwrap()
}

/// The log's own tail cut off: an older head, truly signed, in place of the one that was sealed; and another log's.
#[test]
fn an_older_or_another_head_is_named() {
    let bytes = story().bundle();
    for head in [log_of(3), log_of(23), log_of(400)] {
        let note = head.head().note().to_string();
        let swapped = edited(&bytes, |v| v["checkpoint"] = json!(note));
        assert_eq!(refused(&swapped, "another head").part(), "checkpoint");
    }
}

/// A time changed in any entry is a changed entry; an entry that the key's holder logs later with an earlier time is
/// in the log and true to it, and named for what it is.
#[test]
fn every_back_dated_entry_is_named() {
    let bytes = story().bundle();
    for (place, index) in indexes(&bytes).into_iter().enumerate() {
        let dated = edited(&bytes, |v| {
            let record = entries(v)[place]["record"].as_str().unwrap().replace("2026-03-02", "2026-02-02");
            entries(v)[place]["record"] = json!(record);
        });
        assert_eq!(refused(&dated, "back-dated").part(), format!("entries/{index}/record"));
    }
    let clean = verify(&bytes, None).unwrap();
    assert!(clean.back_dated().is_empty());
    let mut story = story();
    let index = logged_later(&mut story, "2026-02-14T08:00:00Z");
    let seen = verify(&story.bundle(), None).unwrap();
    let named = seen.back_dated();
    assert_eq!(named.len(), 1);
    assert_eq!((named[0].index, named[0].at.as_str()), (index, "2026-02-14T08:00:00Z"));
    assert!(named[0].to_string().contains("back-dated"));
    // Later in time as well as in the log, in any spelling of the time: nothing to say.
    for at in ["2026-03-02T18:00:00.000001Z", "2026-03-02T20:00:00+02:00", "2026-03-02T18:00:01+00:00"] {
        let mut story = self::story();
        logged_later(&mut story, at);
        assert!(verify(&story.bundle(), None).unwrap().back_dated().is_empty(), "{at}");
    }
}

/// A further record of the case, logged after everything else with the time it states.
fn logged_later(story: &mut Story, at: &str) -> u64 {
    let body = br#"{"says":"it was gone in time"}"#.to_vec();
    let record = Record::of_case(CASE, 3, "claim", at, Digest::of(&body)).to_bytes().unwrap();
    let index = story.ledger.append(&[record], &log_key()).unwrap().first;
    story.bodies.push((index, body));
    index
}
