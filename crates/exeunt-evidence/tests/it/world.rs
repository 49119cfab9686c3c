//! A small world for the tests: fixed keys, a log, and a realistic bundle of one leaver.

use exeunt_evidence::bundle::{BundleEntry, Contents, VERDICT_KIND, VERDICT_PREDICATE, seal};
use exeunt_evidence::cosignature::cosign;
use exeunt_evidence::dsse::Envelope;
use exeunt_evidence::in_toto::{PAYLOAD_TYPE, Statement, Subject};
use exeunt_evidence::key::Algorithm;
use exeunt_evidence::record::Record;
use exeunt_evidence::tile::MemoryTiles;
use exeunt_evidence::{Digest, Ledger, SigningKey};

pub const ORIGIN: &str = "evidence.example.com/exeunt";
pub const CASE: &str = "LEAVE-42";
const AT: &str = "2026-03-02T18:00:00Z";

pub fn log_key() -> SigningKey {
    SigningKey::from_seed(ORIGIN, Algorithm::Ed25519, &[42; 32]).unwrap()
}

pub fn other_key() -> SigningKey {
    SigningKey::from_seed(ORIGIN, Algorithm::Ed25519, &[43; 32]).unwrap()
}

pub fn witness_key() -> SigningKey {
    SigningKey::from_seed("witness.example", Algorithm::CosignatureV1, &[44; 32]).unwrap()
}

pub fn numbered(range: std::ops::Range<u64>) -> Vec<Vec<u8>> {
    range.map(|n| format!("entry {n}").into_bytes()).collect()
}

/// A log of this many plain entries.
pub fn log_of(count: u64) -> Ledger<MemoryTiles> {
    let mut ledger = Ledger::create(MemoryTiles::default(), &log_key()).unwrap();
    ledger.append(&numbered(0..count), &log_key()).unwrap();
    ledger
}

/// A seeded stream of numbers (splitmix64), so that samples are the same in every run.
pub struct Numbers(pub u64);

impl Numbers {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).unwrap()
    }
}

/// The bodies of one leaver's case, and the log that holds them among others' entries.
pub struct Story {
    pub ledger: Ledger<MemoryTiles>,
    /// Ledger index and body of each entry that goes into the bundle.
    pub bodies: Vec<(u64, Vec<u8>)>,
    pub exchange: Vec<u8>,
    pub verdict: u64,
}

pub fn story() -> Story {
    let key = log_key();
    let mut ledger = log_of(0);
    let mut bodies = Vec::new();
    let exchange = br#"{"status":200,"body":[{"id":991,"login":"ada","last_used":"2026-03-01"}]}"#.to_vec();
    let mut sequence = 0;
    let mut log = |ledger: &mut Ledger<MemoryTiles>, kind: &str, shared: bool, body: Vec<u8>| {
        let digest = Digest::of(&body);
        let record = if shared {
            Record::shared(kind, AT, digest)
        } else {
            sequence += 1;
            Record::of_case(CASE, sequence - 1, kind, AT, digest)
        };
        let first = ledger.append(&[record.to_bytes().unwrap()], &key).unwrap().first;
        bodies.push((first, body));
        first
    };
    let others = |ledger: &mut Ledger<MemoryTiles>, case: &str, count: u64| {
        for n in 0..count {
            let body = Digest::of(format!("{case}{n}").as_bytes());
            let record = Record::of_case(case, n, "claim", AT, body).to_bytes().unwrap();
            ledger.append(&[record], &log_key()).unwrap();
        }
    };
    log(&mut ledger, "claim", false, br#"{"issue":"LEAVE-42","says":"Done","by":"grace"}"#.to_vec());
    others(&mut ledger, "LEAVE-41", 5);
    let receipt = format!(
        r#"{{"complete":true,"digest":"{}","endpoint":"GET /orgs/x/members","pages":3,"rows":212}}"#,
        Digest::of(&exchange)
    );
    let receipt = receipt.into_bytes();
    let receipt_digest = Digest::of(&receipt);
    log(&mut ledger, "receipt", true, receipt);
    log(
        &mut ledger,
        "receipt",
        true,
        br#"{"complete":false,"endpoint":"GET /hooks","reason":"403"}"#.to_vec(),
    );
    others(&mut ledger, "LEAVE-40", 9);
    let predicate = serde_json::json!({"case": CASE, "verdict": "residual", "as_of": AT, "obligations": [
        {"id": "o1", "system": "github", "kind": "token.user", "state": "live", "next_step": "revoke it"}]});
    let subjects = vec![
        Subject::new("receipt:github", receipt_digest),
        Subject::new("exchange:github/1", Digest::of(&exchange)),
        Subject::new("snapshot:github", Digest::of(b"a snapshot too large to carry")),
    ];
    let statement = Statement::new(VERDICT_PREDICATE, predicate, subjects).to_json().unwrap();
    let verdict = Envelope::sign(PAYLOAD_TYPE, statement, &key).to_json().unwrap();
    let verdict = log(&mut ledger, VERDICT_KIND, false, verdict);
    log(&mut ledger, "approval", false, br#"{"by":"linus","plan":"p1"}"#.to_vec());
    others(&mut ledger, "LEAVE-43", 4);
    let line = cosign(ledger.head().note(), &witness_key(), 1_772_474_400).unwrap();
    ledger.cosign(&line.to_string(), witness_key().verifier()).unwrap();
    Story { ledger, bodies, exchange, verdict }
}

impl Story {
    pub fn contents(&self) -> Contents {
        let entry = |(index, body): &(u64, Vec<u8>)| -> BundleEntry {
            self.ledger.bundle_entry(*index, Some(body.clone())).unwrap()
        };
        Contents {
            case: CASE.into(),
            entries: self.bodies.iter().map(entry).collect(),
            exchanges: vec![self.exchange.clone()],
            verdict: self.verdict,
            checkpoint: self.ledger.head().clone(),
            witnesses: vec![witness_key().verifier().clone()],
            timestamps: Vec::new(),
        }
    }

    pub fn bundle(&self) -> Vec<u8> {
        seal(self.contents(), &log_key()).unwrap()
    }
}
