//! Any text as an offline proof: what is read is written back unchanged.
#![no_main]

use exeunt_evidence::tlog_proof::TlogProof;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(proof) = TlogProof::parse(text) {
        assert_eq!(proof.to_string(), text);
    }
});
