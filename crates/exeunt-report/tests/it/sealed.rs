//! A sealed bundle of one case, witnessed, with a body that is not carried.

use exeunt_evidence::bundle::{Contents, VERDICT_KIND, VERDICT_PREDICATE, seal};
use exeunt_evidence::cosignature::cosign;
use exeunt_evidence::dsse::Envelope;
use exeunt_evidence::in_toto::{PAYLOAD_TYPE, Statement, Subject};
use exeunt_evidence::key::Algorithm;
use exeunt_evidence::record::Record;
use exeunt_evidence::tile::MemoryTiles;
use exeunt_evidence::{Digest, Ledger, SigningKey};
use serde_json::json;

pub fn bundle() -> Vec<u8> {
    let key = SigningKey::from_seed("evidence.example.com/exeunt", Algorithm::Ed25519, &[42; 32]).unwrap();
    let witness = SigningKey::from_seed("witness.example", Algorithm::CosignatureV1, &[44; 32]).unwrap();
    let mut ledger = Ledger::create(MemoryTiles::default(), &key).unwrap();
    let exchange = "{\"login\":\"mara\",\"name\":\"Zo\u{eb} \u{2028} \\u0000\"}".as_bytes().to_vec();
    let receipt = br#"{"complete":true,"rows":1}"#.to_vec();
    let claims = br#"{"claims":["Done"]}"#.to_vec();
    let subjects = vec![
        Subject::new("receipt at ledger index 3", Digest::of(&receipt)),
        Subject::new("exchange", Digest::of(&exchange)),
        Subject::new("snapshot:okta", Digest::of(b"elsewhere")),
    ];
    let predicate = json!({
        "case": "OFF-142", "subject": {"name": "Mara <b>Voss</b>"}, "verdict": "residual", "as_of": "2026-03-02T18:00:00Z",
        "obligations": [{
            "id": "o1", "system": "github", "kind": "token.user", "item": {"name": "release-laptop", "native_type": "PAT"},
            "state": "live", "grade": "E2", "because": "listed and active", "used_after_departure": "2026-02-14T09:00:00Z",
            "path": [{"from": "a", "how": "holds", "to": "b", "names": ["mara-voss", "release-laptop"]}],
            "control_point": 5, "next_step": "revoke the token", "would_change": "a complete read without it",
            "accountable": [{"domain": "application_entitlement", "owner": "Grace", "why": "owns GitHub"}],
        }],
        "blind_spots": [{"system": "github", "kind": "session", "what": "no list of sessions.", "bound": "14 days"}],
        "gaps": [{"system": "okta", "read": "users", "detail": "403.", "next_step": "grant okta.users.read"}],
    });
    let statement = Statement::new(VERDICT_PREDICATE, predicate, subjects).to_json().unwrap();
    let verdict = Envelope::sign(PAYLOAD_TYPE, statement, &key).to_json().unwrap();
    let at = "2026-03-02T18:00:00Z";
    let mut records: Vec<Record> =
        (0..3).map(|n| Record::of_case("OFF-141", n, "claims", at, Digest::of(b"others"))).collect();
    records.push(Record::shared("receipt", at, Digest::of(&receipt)));
    records.push(Record::of_case("OFF-142", 0, "claims", at, Digest::of(&claims)));
    records.push(Record::of_case("OFF-142", 1, VERDICT_KIND, at, Digest::of(&verdict)));
    let entries: Vec<Vec<u8>> = records.iter().map(|record| record.to_bytes().unwrap()).collect();
    ledger.append(&entries, &key).unwrap();
    let line = cosign(ledger.head().note(), &witness, 1_772_474_400).unwrap();
    ledger.cosign(&line.to_string(), witness.verifier()).unwrap();
    let bodies = [(3, Some(receipt)), (4, None), (5, Some(verdict))];
    let contents = Contents {
        case: "OFF-142".into(),
        entries: bodies.into_iter().map(|(index, body)| ledger.bundle_entry(index, body).unwrap()).collect(),
        exchanges: vec![exchange],
        verdict: 5,
        checkpoint: ledger.head().clone(),
        witnesses: vec![witness.verifier().clone()],
        timestamps: Vec::new(),
    };
    seal(contents, &key).unwrap()
}
