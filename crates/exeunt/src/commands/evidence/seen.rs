//! `exeunt evidence compare --offline`: heads and bundles of one log compared with one another, without the log.

use std::path::{Path, PathBuf};

use exeunt_evidence::VerifierKey;
use exeunt_evidence::checkpoint::SignedCheckpoint;
use exeunt_evidence::ledger::{Seen, Standing};
use serde_json::json;

use super::offline::read;
use crate::args::Format;
use crate::error::{Done, Failure};
use crate::terminal::Terminal;

/// What every signed note has and no bundle: the line of a signature (C2SP signed-note).
const SIGNATURE: &str = "\n\n\u{2014} ";

/// Compares what was seen of a log, in the order in which it was seen: each with the one before.
///
/// # Errors
/// When one cannot be read or does not hold, or two contradict each other.
pub fn compare(
    files: &[PathBuf],
    key: Option<&str>,
    format: Format,
    terminal: &mut Terminal,
) -> Result<Done, Failure> {
    let key = key.map(str::parse::<VerifierKey>).transpose();
    let key = key.map_err(|e| Failure::Usage(format!("--key is no verifier key: {e}")))?;
    let contents = files.iter().map(|file| Ok((file.as_path(), read(file)?)));
    let contents: Vec<(&Path, Vec<u8>)> = contents.collect::<Result<_, Failure>>()?;
    // Bundles name their key; a head alone does not.
    let named = contents.iter().filter(|(_, bytes)| note(bytes).is_none());
    let mut key = key;
    for (file, bytes) in named {
        let bundle = exeunt_evidence::verify(bytes, key.as_ref())
            .map_err(|refusal| Failure::CouldNot(format!("{} is refused: {refusal}", file.display())))?;
        key = Some(bundle.key);
    }
    let key = key.ok_or_else(|| {
        Failure::Usage("heads alone do not say whose they are: give the log's key with --key".to_owned())
    })?;
    let seen: Vec<Seen> =
        contents.iter().map(|(file, bytes)| of(file, bytes, &key)).collect::<Result<_, _>>()?;
    let (mut bad, mut open) = (Vec::new(), false);
    let mut told = Vec::new();
    for (pair, names) in seen.windows(2).zip(files.windows(2)) {
        let [old, new] = pair else { continue };
        let standing = Standing::of_seen(old, new);
        let says = standing.map_or_else(|| missing(old.size, new.size), |standing| standing.to_string());
        open |= standing.is_none();
        if standing.is_some_and(|standing| !standing.is_good()) {
            bad.push(names[1].display().to_string());
        }
        told.push(json!({ "first": names[0], "then": names[1], "standing": says }));
        if format != Format::Json {
            terminal.line(&format!("{} after {}: {says}", names[1].display(), names[0].display()))?;
        }
    }
    if format == Format::Json {
        terminal.json(&json!({ "key": key.to_string(), "compared": told }))?;
    }
    if !bad.is_empty() {
        let bad = bad.join(", ");
        return Err(Failure::CouldNot(format!(
            "{bad} contradicts what was seen before it: keep all these files"
        )));
    }
    Ok(if open { Done::Unproven } else { Done::Clear })
}

fn note(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok().filter(|text| text.contains(SIGNATURE) && !text.starts_with('{'))
}

fn of(file: &Path, bytes: &[u8], key: &VerifierKey) -> Result<Seen, Failure> {
    let refused =
        |why: &dyn std::fmt::Display| Failure::CouldNot(format!("{} is refused: {why}", file.display()));
    match note(bytes) {
        Some(text) => SignedCheckpoint::open(text, key, &[])
            .map(|head| Seen::from(head.checkpoint()))
            .map_err(|e| refused(&e)),
        None => exeunt_evidence::verify(bytes, Some(key))
            .map(|bundle| Seen::from(&bundle))
            .map_err(|e| refused(&e)),
    }
}

fn missing(from: u64, to: u64) -> String {
    format!(
        "not decided: the log has {to} entries and had {from}, and nothing here shows that the first {from} are the same. \
         It needs the ledger (without --offline), or a bundle with the entry {} in it",
        from.saturating_sub(1)
    )
}
