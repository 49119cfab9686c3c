//! Whatever is read may come from anyone: no input makes a reader panic, and what is read is written back unchanged.

use exeunt_evidence::bundle::verify;
use exeunt_evidence::checkpoint::{Checkpoint, SignedCheckpoint};
use exeunt_evidence::dsse::Envelope;
use exeunt_evidence::in_toto::Statement;
use exeunt_evidence::note::Note;
use exeunt_evidence::record::Record;
use exeunt_evidence::tile::{TilePath, push_entry, split_entries};
use exeunt_evidence::tlog_proof::TlogProof;
use exeunt_evidence::witness::Request;
use exeunt_evidence::{Digest, Policy, SigningKey, VerifierKey};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::world::{log_key, log_of, story};

/// A fixed seed: the same inputs in every run, on every machine.
fn runner(cases: u32) -> TestRunner {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[9; 32]))
}

fn read_everything(bytes: &[u8]) {
    let _ = verify(bytes, None);
    let _ = Envelope::from_json(bytes);
    let _ = Policy::parse(bytes);
    if let Ok(request) = Request::parse(bytes) {
        assert_eq!(request.to_string().as_bytes(), bytes);
    }
    let _ = Statement::<serde_json::Value>::from_json(bytes, "urn:x");
    if let Ok(entries) = split_entries(bytes) {
        let mut again = Vec::new();
        for entry in entries {
            push_entry(&mut again, entry).unwrap();
        }
        assert_eq!(again, bytes);
    }
    if let Ok(record) = Record::from_bytes(bytes) {
        assert_eq!(record.to_bytes().unwrap(), bytes);
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Ok(note) = Note::parse(text) {
        assert_eq!(note.to_string(), text);
    }
    if let Ok(checkpoint) = Checkpoint::parse(text) {
        assert_eq!(checkpoint.to_string(), text);
    }
    if let Ok(proof) = TlogProof::parse(text) {
        assert_eq!(proof.to_string(), text);
        let _ = proof.verify(b"entry", log_key().verifier(), &[]);
    }
    if let Ok(path) = text.parse::<TilePath>() {
        assert_eq!(path.to_string(), text);
    }
    if let Ok(digest) = text.parse::<Digest>() {
        assert_eq!(digest.to_string(), text);
    }
    if let Ok(key) = text.parse::<VerifierKey>() {
        assert_eq!(key.to_string(), text);
    }
    let _ = SigningKey::from_text(text);
    let _ = SignedCheckpoint::open(text, log_key().verifier(), &[]);
}

/// Bytes of any kind.
#[test]
fn arbitrary_bytes_never_panic() {
    let input = prop::collection::vec(any::<u8>(), 0..300);
    runner(2000)
        .run(&input, |bytes| {
            read_everything(&bytes);
            Ok(())
        })
        .unwrap();
}

/// Texts made of the formats' own pieces, which get further into the readers.
#[test]
fn pieces_of_the_formats_never_panic() {
    let pieces = prop::sample::select(vec![
        "\n",
        "\n\n",
        "\u{2014} ",
        " ",
        "+",
        "/",
        "=",
        "0",
        "18446744073709551615",
        "log",
        "AAAAAAA=",
        "c2sp.org/tlog-proof@v1\n",
        "index ",
        "extra ",
        "tile/",
        "entries/",
        "x001",
        ".p/",
        "sha256:",
        "PRIVATE+KEY+",
        "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
        "{",
        "}",
        "[",
        "]",
        "\"",
        ":",
        ",",
        "\"bundle\":",
        "\"exeunt-bundle/v1\"",
        "\"seal\":",
        "\"entries\":",
        "null",
        "-1",
        "1e999",
        "\\u0000",
        "\\ud800",
    ]);
    let input = prop::collection::vec(pieces, 0..40);
    runner(3000)
        .run(&input, |pieces| {
            read_everything(pieces.concat().as_bytes());
            Ok(())
        })
        .unwrap();
}

/// Good files with a stretch replaced.
#[test]
fn damaged_files_never_panic() {
    let ledger = log_of(20);
    let files = vec![
        story().bundle(),
        ledger.prove(7).unwrap().to_string().into_bytes(),
        ledger.head().note().to_string().into_bytes(),
        log_key().verifier().to_string().into_bytes(),
        ledger.store().files["tile/entries/000.p/20"].clone(),
    ];
    let damage = prop::collection::vec(any::<u8>(), 0..12);
    let input = (prop::sample::select(files), any::<prop::sample::Index>(), 0..12usize, damage);
    runner(600)
        .run(&input, |(mut file, at, width, damage)| {
            let at = at.index(file.len());
            let end = (at + width).min(file.len());
            file.splice(at..end, damage);
            read_everything(&file);
            Ok(())
        })
        .unwrap();
}
