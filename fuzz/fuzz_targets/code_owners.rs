//! Any text as CODEOWNERS, and any of its patterns on any path: read or refused with a place, and never for long.
#![no_main]

use exeunt_model::owners::{code_owners, covers};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&str, &str)| {
    let (text, path) = input;
    match code_owners(text) {
        Ok(rules) => {
            for rule in rules {
                assert!(!rule.pattern.is_empty() && rule.line >= 1);
                // Whatever covers the root covers everything else.
                if covers(&rule.pattern, "") {
                    assert!(covers(&rule.pattern, path));
                }
            }
        }
        Err(error) => assert!(error.line >= 1 && error.column >= 1),
    }
});
