//! A bundle of an ordinary case, verified.

use exeunt_bench_figures::clock;
use exeunt_evidence::bundle::{Contents, VERDICT_KIND, VERDICT_PREDICATE, seal, verify};
use exeunt_evidence::dsse::Envelope;
use exeunt_evidence::in_toto::{PAYLOAD_TYPE, Statement, Subject};
use exeunt_evidence::record::Record;
use exeunt_evidence::tile::MemoryTiles;
use exeunt_evidence::{Digest, Ledger};
use serde_json::{Value, json};

use crate::entries::key;

/// Receipts the verdict rests on: 40 systems, 5 reads each.
const RECEIPTS: u64 = 200;
/// Bytes of a receipt's body.
const BODY: usize = 4096;
const AT: &str = "2026-03-02T18:00:00Z";

/// The row on bundles.
pub fn measure() -> Result<Value, String> {
    let bytes = bundle()?;
    let mut each = Vec::new();
    for _ in 0..21 {
        let begun = clock();
        std::hint::black_box(verify(&bytes, Some(key()?.verifier())).map_err(|e| e.to_string())?);
        each.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    each.sort_by(f64::total_cmp);
    Ok(json!({
        "what": "bundle verified", "rate": format!("{:.1} ms each", each[10]), "p50": format!("{:.1} ms", each[10]),
        "p99": format!("{:.1} ms", each[20]), "of the raw side": Value::Null,
        "how": format!("{RECEIPTS} receipts of {BODY} bytes, a verdict, {} bytes in all", bytes.len()), "durable": "reading",
    }))
}

fn bundle() -> Result<Vec<u8>, String> {
    let key = key()?;
    let fail = |e: &dyn std::fmt::Display| e.to_string();
    let mut ledger = Ledger::create(MemoryTiles::default(), &key).map_err(|e| fail(&e))?;
    let (mut bodies, mut subjects, mut records) = (Vec::new(), Vec::new(), Vec::new());
    for n in 0..RECEIPTS {
        let mut body = format!(r#"{{"receipt":{n},"rows":""#).into_bytes();
        body.resize(BODY, b'x');
        let digest = Digest::of(&body);
        subjects.push(Subject::new(format!("receipt at ledger index {n}"), digest));
        records.push(Record::shared("receipt", AT, digest).to_bytes().map_err(|e| fail(&e))?);
        bodies.push(body);
    }
    let statement = Statement::new(VERDICT_PREDICATE, json!({"verdict": "clear", "as_of": AT}), subjects);
    let statement = statement.to_json().map_err(|e| fail(&e))?;
    let verdict = Envelope::sign(PAYLOAD_TYPE, statement, &key).to_json().map_err(|e| fail(&e))?;
    let record = Record::of_case("LEAVE-1", 0, VERDICT_KIND, AT, Digest::of(&verdict));
    records.push(record.to_bytes().map_err(|e| fail(&e))?);
    bodies.push(verdict);
    ledger.append(&records, &key).map_err(|e| fail(&e))?;
    let prover = ledger.prover();
    let entries = (0..).zip(bodies).map(|(index, body)| prover.bundle_entry(index, Some(body)));
    let contents = Contents {
        case: "LEAVE-1".into(),
        entries: entries.collect::<Result<_, _>>().map_err(|e| fail(&e))?,
        exchanges: Vec::new(),
        verdict: RECEIPTS,
        checkpoint: ledger.head().clone(),
        witnesses: Vec::new(),
        timestamps: Vec::new(),
    };
    seal(contents, &key).map_err(|e| fail(&e))
}
