//! Any bytes as a bundle: refused or verified, never a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Err(refusal) = exeunt_evidence::verify(bytes, None) {
        assert!(!refusal.to_string().is_empty() && !refusal.part().is_empty());
    }
});
