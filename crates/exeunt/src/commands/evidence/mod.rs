//! `exeunt evidence`: the ledger, and the file an auditor takes away.

mod offline;
mod seen;
mod timestamp;

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use exeunt_service::{Replayed, Service};
pub use offline::{Known, replay, show, verify};
pub use seen::compare as compare_seen;
use serde_json::json;
pub use timestamp::{ask, send, take};

use offline::read;

use crate::args::Format;
use crate::error::{Done, Failure};
use crate::terminal::Terminal;

/// Writes the bundle of a case.
///
/// # Errors
/// When there is no verdict yet, or the file cannot be written whole.
pub async fn export(
    service: &Service,
    case: &str,
    (output, with_basis): (&Path, bool),
    format: Format,
    terminal: &mut Terminal,
) -> Result<Done, Failure> {
    let mut bundle = service.bundle(case, with_basis).await?;
    if format == Format::Html {
        bundle = exeunt_report::page(case, &bundle).into_bytes();
    }
    write(output, &bundle)?;
    terminal.note(&format!("{} bytes written to {}", bundle.len(), output.display()));
    terminal.note(&match format {
        Format::Html => "Anyone can check it: open it in a browser, it needs no network".to_owned(),
        _ => format!("Anyone can check it: exeunt evidence verify {}", output.display()),
    });
    if with_basis {
        terminal.note(
            "It holds what systems answered about everybody, not about this leaver alone: show it only to whom that may be shown",
        );
    }
    Ok(Done::Clear)
}

/// Writes a file whole, or not at all: beside its place first, so that a full disk leaves no half file under the name.
fn write(output: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let part = output.with_extension("part");
    let written = File::create(&part)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| std::fs::rename(&part, output));
    written.map_err(|e| {
        // Ours, unfinished, and worth nothing; the error that matters is the first one.
        let _ = std::fs::remove_file(&part);
        Failure::CouldNot(format!(
            "could not write {}: {e}. Nothing is lost: give --output another place and run it again",
            output.display()
        ))
    })
}

/// Prints the signed head of the ledger, or drops it into a file.
///
/// # Errors
/// When the ledger cannot be opened, or the file cannot be written.
pub async fn checkpoint(
    service: &Service,
    output: Option<&Path>,
    terminal: &mut Terminal,
) -> Result<Done, Failure> {
    let head = service.checkpoint().await?;
    match output {
        None => terminal.data(&head)?,
        Some(output) => {
            write(output, head.as_bytes())?;
            terminal.note(&format!(
                "Keep it where the ledger's holder cannot write. Later: exeunt evidence compare {}",
                output.display()
            ));
        }
    }
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
pub async fn replay_kept(
    service: &Service,
    case: &str,
    format: Format,
    terminal: &mut Terminal,
) -> Result<Done, Failure> {
    replayed(case, service.replay(case).await?, format, terminal)
}

fn replayed(
    case: &str,
    replayed: Replayed,
    format: Format,
    terminal: &mut Terminal,
) -> Result<Done, Failure> {
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
    terminal.note(&format!(
        "In the clear stays: the name of the case, {case}, with the times and kinds of its entries and the digests of their \
         bodies. The ledger never forgets these",
    ));
    if case.contains('@') {
        terminal.note("That name is an address. Cases that are opened by a ticket have none");
    }
    terminal.note(
        "Collections that no verdict rested on go with `evidence.keep`; bundles and files taken away are not reached",
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
        heads.push(String::from_utf8_lossy(&read(file)?).into_owned());
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
