//! Bundles alone: no configuration, no state, no network.

use std::fmt::Display;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use exeunt_evidence::bundle::Reading;
use exeunt_evidence::timestamp::Authorities;
use exeunt_evidence::{Policy, Trust, Verified, VerifierKey};
use exeunt_model::verdict::VerdictDocument;
use exeunt_service::replay_bundle;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::args::Format;
use crate::error::{Done, Failure};
use crate::terminal::Terminal;

/// How old a fresh verdict may be: the shortest recheck is a day after the departure.
const FRESH: SignedDuration = SignedDuration::from_hours(24);
/// Largest bundle read.
const LARGEST: u64 = 4 << 30;

/// What the reader knows from elsewhere than the bundle.
#[derive(Clone, Copy, Debug, Default)]
pub struct Known<'a> {
    /// The log's key.
    pub key: Option<&'a str>,
    /// A file with logs, witnesses and quorum.
    pub policy: Option<&'a Path>,
    /// A file with the certificates of time authorities.
    pub authority: Option<&'a Path>,
}

/// Verifies a bundle: no configuration, no state, no network.
///
/// # Errors
/// When it cannot be read, or is refused.
pub fn verify(
    file: &Path,
    known: Known<'_>,
    now: Timestamp,
    format: Format,
    terminal: &mut Terminal,
) -> Result<Done, Failure> {
    let expected = known
        .key
        .map(str::parse::<VerifierKey>)
        .transpose()
        .map_err(|e| Failure::Usage(format!("--key is no verifier key: {e}")))?;
    let policy = known.policy.map(|file| parsed(file, Policy::parse)).transpose()?;
    let authorities = known.authority.map(authorities).transpose()?;
    let bytes = read(file)?;
    let trust = Trust { key: expected.as_ref(), policy: policy.as_ref(), authorities: authorities.as_ref() };
    match exeunt_evidence::verify_under(&bytes, trust) {
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
pub(super) fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    match File::open(file).and_then(|file| file.take(LARGEST).read_to_end(&mut bytes)) {
        Ok(_) => Ok(bytes),
        Err(e) => Err(Failure::CouldNot(format!("could not read {}: {e}", file.display()))),
    }
}

/// What a file says; one that cannot be followed must not be passed over.
fn parsed<T, E: Display>(file: &Path, parse: impl FnOnce(&[u8]) -> Result<T, E>) -> Result<T, Failure> {
    parse(&read(file)?).map_err(|e| Failure::CouldNot(format!("{}: {e}", file.display())))
}

/// The certificates of time authorities in a file.
pub(super) fn authorities(file: &Path) -> Result<Authorities, Failure> {
    parsed(file, Authorities::from_pem)
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

/// Shows a bundle as text: what it proves, and the verdict in it.
///
/// # Errors
/// When it cannot be read, or is refused.
pub fn show(file: &Path, now: Timestamp, format: Format, terminal: &mut Terminal) -> Result<Done, Failure> {
    verify(file, Known::default(), now, format, terminal)?;
    if format == Format::Json {
        return Ok(Done::Clear);
    }
    let verified = exeunt_evidence::verify(&read(file)?, None)
        .map_err(|refusal| Failure::CouldNot(format!("{} is refused: {refusal}", file.display())))?;
    for entry in &verified.entries {
        let (record, carried) =
            (&entry.record, if entry.body.is_some() { "" } else { " (body not carried)" });
        let of = record.case.as_deref().unwrap_or("every case that cites it");
        terminal.line(&format!("  {:>9} {} {} of {of}{carried}", entry.index, record.at, record.kind))?;
    }
    let statement: serde_json::Value = serde_json::from_slice(&verified.verdict)?;
    let verdict = serde_json::from_value::<VerdictDocument>(statement["predicate"].clone()).map_err(|e| {
        Failure::CouldNot(format!(
            "the verdict in it is of another version, and is shown by that one only: {e}"
        ))
    })?;
    terminal.line("")?;
    let text = exeunt_report::text(&verdict, terminal.paint, true);
    terminal.data(&text)?;
    Ok(Done::Clear)
}

/// Judges the verdict of a bundle again, from the bundle alone.
///
/// # Errors
/// When the bundle does not hold or does not carry what is needed, or the verdict comes out otherwise.
pub fn replay(file: &Path, format: Format, terminal: &mut Terminal) -> Result<Done, Failure> {
    let (case, replayed) = replay_bundle(&read(file)?)?;
    super::replayed(&case, replayed, format, terminal)
}
