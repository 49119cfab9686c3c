//! Any text as a signed note: what is read is written back unchanged.
#![no_main]

use exeunt_evidence::checkpoint::Checkpoint;
use exeunt_evidence::note::Note;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(note) = Note::parse(text) {
        assert_eq!(note.to_string(), text);
        if let Ok(checkpoint) = Checkpoint::parse(note.text()) {
            assert_eq!(checkpoint.to_string(), note.text());
        }
    }
});
