//! `exeunt evidence`: the ledger, and the file an auditor takes away.

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use exeunt_evidence::bundle::Reading;
use exeunt_evidence::{Verified, VerifierKey};
use exeunt_service::Service;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::args::Format;
use crate::error::{Done, Failure};
use crate::terminal::Terminal;

/// How old a fresh verdict may be: the shortest recheck is a day after the departure.
const FRESH: SignedDuration = SignedDuration::from_hours(24);
/// Largest bundle read.
const LARGEST: u64 = 4 << 30;

/// Writes the bundle of a case.
///
/// # Errors
/// When there is no verdict yet, or the file cannot be written whole.
pub async fn export(
    service: &Service,
    case: &str,
    output: &Path,
    format: Format,
    terminal: &mut Terminal,
) -> Result<Done, Failure> {
    let mut bundle = service.bundle(case).await?;
    if format == Format::Html {
        bundle = exeunt_report::page(case, &bundle).into_bytes();
    }
    // Beside its place first, so that a full disk leaves no half bundle under the name.
    let part = output.with_extension("part");
    let written = File::create(&part)
        .and_then(|mut file| file.write_all(&bundle).and_then(|()| file.sync_all()))
        .and_then(|()| std::fs::rename(&part, output));
    written.map_err(|e| {
        // Ours, unfinished, and worth nothing; the error that matters is the first one.
        let _ = std::fs::remove_file(&part);
        Failure::CouldNot(format!(
            "could not write {}: {e}. Nothing is lost: give --output another place and run it again",
            output.display()
        ))
    })?;
    terminal.note(&format!("{} bytes written to {}", bundle.len(), output.display()));
    terminal.note(&match format {
        Format::Html => "Anyone can check it: open it in a browser, it needs no network".to_owned(),
        _ => format!("Anyone can check it: exeunt evidence verify {}", output.display()),
    });
    Ok(Done::Clear)
}

/// Verifies a bundle: no configuration, no state, no network.
///
/// # Errors
/// When it cannot be read, or is refused.
pub fn verify(
    file: &Path,
    key: Option<&str>,
    now: Timestamp,
    format: Format,
    terminal: &mut Terminal,
) -> Result<Done, Failure> {
    let expected = key
        .map(str::parse::<VerifierKey>)
        .transpose()
        .map_err(|e| Failure::Usage(format!("--key is no verifier key: {e}")))?;
    let bytes =
        read(file).map_err(|e| Failure::CouldNot(format!("could not read {}: {e}", file.display())))?;
    match exeunt_evidence::verify(&bytes, expected.as_ref()) {
        Ok(verified) => accepted(&verified, now, format, terminal),
        Err(refusal) => {
            if format == Format::Json {
                terminal.json(&json!({ "accepted": false, "refusal": refusal.to_string() }))?;
            }
            Err(Failure::CouldNot(format!("{} is refused: {refusal}", file.display())))
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "capped by LARGEST just here")]
fn read(file: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(file)?.take(LARGEST).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn accepted(
    verified: &Verified,
    now: Timestamp,
    format: Format,
    terminal: &mut Terminal,
) -> Result<Done, Failure> {
    let reading = Reading { now, max_age: FRESH };
    let findings = verified.findings(reading);
    let verdict: serde_json::Value = serde_json::from_slice(&verified.verdict)?;
    let said = verdict.pointer("/predicate/verdict").or_else(|| verdict.get("verdict"));
    let said = said.cloned().unwrap_or_default();
    if format == Format::Json {
        terminal.json(&json!({
            "accepted": true,
            "case": verified.case,
            "verdict": said,
            "integrity": verified.integrity.to_string(),
            "completeness": verified.completeness.to_string(),
            "authenticity": verified.authenticity.to_string(),
            "expected_key": verified.authenticity.expected_key,
            "key": verified.key.to_string(),
            "origin": verified.checkpoint.origin,
            "log_size": verified.checkpoint.size,
            "findings": findings.iter().map(|found| json!({
                "name": found.name, "answer": found.answer.to_string(), "why": found.why,
            })).collect::<Vec<_>>(),
            "missing": verified.missing(),
        }))?;
        return Ok(Done::Clear);
    }
    let said = said.as_str().unwrap_or("not stated").to_owned();
    let accepted = terminal.paint.good("ACCEPTED");
    terminal.line(&format!("{accepted}  {}: the verdict said {said}", verified.case))?;
    for found in findings {
        terminal.line(&format!("  {:<13} {:<5} {}", found.name, found.answer, found.why))?;
    }
    for missing in verified.missing() {
        terminal.line(&format!("  missing       {missing}"))?;
    }
    terminal.line(&format!("  Key: {}", verified.key))?;
    Ok(Done::Clear)
}

/// Prints the signed head of the ledger.
///
/// # Errors
/// When the ledger cannot be opened.
pub async fn checkpoint(service: &Service, terminal: &mut Terminal) -> Result<Done, Failure> {
    terminal.data(&service.checkpoint().await?)?;
    Ok(Done::Clear)
}

/// Prints the proof of one entry (`c2sp.org/tlog-proof@v1`).
///
/// # Errors
/// When there is no such entry.
pub async fn prove(service: &Service, index: u64, terminal: &mut Terminal) -> Result<Done, Failure> {
    terminal.data(&service.prove(index).await?)?;
    Ok(Done::Clear)
}

/// Judges the newest verdict of a case again from what was kept with it.
///
/// # Errors
/// When something it rests on is not as it was, or the verdict comes out otherwise.
pub async fn replay(
    service: &Service,
    case: &str,
    format: Format,
    terminal: &mut Terminal,
) -> Result<Done, Failure> {
    let replayed = service.replay(case).await?;
    let (index, digest) = (replayed.index, replayed.digest);
    if format == Format::Json {
        terminal.json(&json!({
            "case": case,
            "same": replayed.difference.is_none(),
            "difference": replayed.difference,
            "index": index,
            "digest": digest,
            "snapshots": replayed.snapshots,
        }))?;
    } else if replayed.difference.is_none() {
        terminal.line(&format!(
            "the same: judged again from {} snapshots, the verdict on {case} (ledger index {index}) has the same bytes ({digest})",
            replayed.snapshots
        ))?;
    }
    match replayed.difference {
        None => Ok(Done::Clear),
        Some(first) => Err(Failure::CouldNot(format!(
            "the verdict on {case} (ledger index {index}) comes out otherwise: {first}. What it rests on is as it was; either this \
             version judges otherwise than the one that said it, or it was not judged from this"
        ))),
    }
}

/// Destroys the key of a case's bodies.
///
/// # Errors
/// When nothing of the case was kept, or the erasure cannot be logged.
pub async fn erase(service: &Service, case: &str, terminal: &mut Terminal) -> Result<Done, Failure> {
    let index = service.erase(case).await?;
    terminal.note(&format!("{case} is erased; that it was is the ledger's entry {index}"));
    terminal.note(
        "What systems answered went with it, but for the collections that other cases rest on; collect anew",
    );
    Ok(Done::Clear)
}

/// Wraps the keys of all bodies by another key.
///
/// # Errors
/// When the new key cannot be had, or a key cannot be written.
pub async fn rotate(service: &Service, to: &str, terminal: &mut Terminal) -> Result<Done, Failure> {
    let reference = to.parse().map_err(|e| Failure::Usage(format!("--to is no reference: {e}")))?;
    let rotated = service.rotate_sealing_key(&reference).await?;
    terminal.note(&format!("{rotated} keys are wrapped anew; now say in the configuration"));
    terminal.note(&format!("  evidence:\n    sealing_key: {to}"));
    Ok(Done::Clear)
}

/// Compares heads that were kept elsewhere with the ledger.
///
/// # Errors
/// When one is no head of this ledger, or shows that the ledger was rolled back or rewritten.
pub async fn compare(service: &Service, files: &[PathBuf], terminal: &mut Terminal) -> Result<Done, Failure> {
    let mut heads = Vec::with_capacity(files.len());
    for file in files {
        let bytes = read(file);
        let bytes =
            bytes.map_err(|e| Failure::CouldNot(format!("could not read {}: {e}", file.display())))?;
        heads.push(String::from_utf8_lossy(&bytes).into_owned());
    }
    let mut bad = Vec::new();
    for (file, standing) in files.iter().zip(service.compare(&heads).await?) {
        terminal.line(&format!("{}: {standing}", file.display()))?;
        if !standing.is_good() {
            bad.push(file.display().to_string());
        }
    }
    if bad.is_empty() {
        return Ok(Done::Clear);
    }
    Err(Failure::CouldNot(format!(
        "the ledger contradicts {}: keep these files and a copy of the ledger, and find out who could write it",
        bad.join(", ")
    )))
}
