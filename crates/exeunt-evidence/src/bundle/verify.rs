//! The offline verifier: from the bytes of a bundle to what can be said about it, or to the part that is wrong.
//!
//! The order matters. First the text must be the only text for its content; then the seal must be signed; only then is
//! the seal read, and every part compared with it. What the seal says is then checked against the log's own signed head
//! and proofs, and last the verdict is opened.

use std::collections::BTreeMap;

use super::format::{Document, Entry, Seal};
use super::verified::{Authenticity, Completeness, Integrity, Verified, VerifiedEntry};
use super::{Refusal, SEAL_PREDICATE, VERDICT_KIND, VERDICT_PREDICATE};
use crate::checkpoint::{CheckpointError, SignedCheckpoint};
use crate::dsse::Envelope;
use crate::in_toto::{PAYLOAD_TYPE, Statement, Subject};
use crate::merkle::{leaf_hash, root_when_last, verify_inclusion};
use crate::policy::{Policy, Quorum};
use crate::record::Record;
use crate::timestamp::{Authorities, Stamped, verify_token};
use crate::{Digest, VerifierKey};

/// What a reader knows from elsewhere than the bundle.
#[derive(Clone, Copy, Debug, Default)]
pub struct Trust<'a> {
    /// The log's key.
    pub key: Option<&'a VerifierKey>,
    /// A trust policy (C2SP tlog-policy): if it lists logs, the bundle's is one of them and so is expected; and its witnesses
    /// cosigned the head as its quorum asks. Which keys the bundle calls witnesses' plays no part in that.
    pub policy: Option<&'a Policy>,
    /// Time authorities. Without them, tokens in the bundle are not looked at; with them, each must hold.
    pub authorities: Option<&'a Authorities>,
}

/// Verifies a bundle. Without an expected key the bundle's own key is trusted on first sight, and
/// [`Verified::authenticity`] says so.
///
/// # Errors
/// The first thing that is wrong.
pub fn verify(bytes: &[u8], expected_key: Option<&VerifierKey>) -> Result<Verified, Refusal> {
    verify_under(bytes, Trust { key: expected_key, ..Trust::default() })
}

/// Verifies a bundle by what the reader knows.
///
/// # Errors
/// The first thing that is wrong.
pub fn verify_under(bytes: &[u8], trust: Trust<'_>) -> Result<Verified, Refusal> {
    let Trust { key: expected_key, policy, authorities } = trust;
    let document = Document::read(bytes)?;
    let (key, witnesses) = document.keys.read()?;
    if let Some(expected) = expected_key.filter(|expected| **expected != key) {
        return Err(Refusal::WrongKey { expected: Box::new(expected.clone()), found: Box::new(key) });
    }
    if policy.is_some_and(|policy| !policy.takes(&key)) {
        return Err(Refusal::UnlistedLog { found: Box::new(key) });
    }
    let statement = open_seal(&document.seal, &key)?;
    let seal = &statement.predicate;
    check_parts(&document, &statement.subject)?;
    check_exchanges(&document)?;
    let signed = open_checkpoint(&document, seal, &key, &witnesses)?;
    let quorum = policy.map(|policy| check_quorum(policy, &signed)).transpose()?;
    let stamped = check_timestamps(&document, &signed, authorities)?;
    let entries = check_entries(&document.entries, &signed)?;
    check_case(&entries, seal)?;
    let (verdict, subjects) = open_verdict(&entries, seal.verdict, &key)?;
    let exchanges: Vec<_> =
        document.exchanges.into_iter().map(|exchange| (exchange.digest, exchange.body.0)).collect();
    Ok(Verified {
        integrity: Integrity {
            parts: statement.subject.len(),
            entries: entries.len(),
            log_size: signed.checkpoint().size,
        },
        completeness: Completeness {
            case_entries: seal.case_entries.len(),
            cited_entries: seal.cited_entries.len(),
            bodies_absent: bodies_absent(&entries),
            subjects_absent: subjects_absent(subjects, &entries, &exchanges),
        },
        authenticity: Authenticity {
            expected_key: expected_key.is_some() || policy.is_some_and(|policy| policy.lists(&key)),
            fingerprint: key.fingerprint(),
            name: key.name().to_owned(),
            witnessed: signed.witnessed().to_vec(),
            quorum,
        },
        tokens: document.timestamps.len(),
        stamped,
        case: seal.case.clone(),
        verdict_index: seal.verdict,
        verdict,
        entries,
        exchanges,
        checkpoint: signed.checkpoint().clone(),
        key,
    })
}

fn open_seal(envelope: &Envelope, key: &VerifierKey) -> Result<Statement<Seal>, Refusal> {
    let payload = envelope.verify(PAYLOAD_TYPE, &[key]).map_err(Refusal::SealSignature)?;
    // DSSE leaves key ids unauthenticated. Here they have one possible value, so that no byte is free.
    let fingerprint = key.fingerprint().to_string();
    if envelope.key_ids().ne([fingerprint.as_str()]) {
        return Err(Refusal::SealKeyId);
    }
    Statement::from_json(payload, SEAL_PREDICATE).map_err(Refusal::Seal)
}

/// Compares what is there with what was sealed: names, order and digests.
fn check_parts(document: &Document, sealed: &[Subject]) -> Result<(), Refusal> {
    let parts = document.parts();
    let kinds: BTreeMap<String, &Entry> =
        document.entries.iter().map(|entry| (format!("entries/{}/body", entry.index), entry)).collect();
    for (part, sealed) in parts.iter().zip(sealed) {
        let name = part.name().to_owned();
        if name != sealed.name() {
            let still_there = parts.iter().any(|part| part.name() == sealed.name());
            return Err(if still_there {
                Refusal::PartAdded { part: name }
            } else {
                let part = sealed.name().to_owned();
                Refusal::PartRemoved { part }
            });
        }
        if part != sealed {
            return Err(match kinds.get(&name) {
                Some(entry) => body_changed(entry),
                None => Refusal::PartChanged { part: name },
            });
        }
    }
    let name = |subject: &Subject| subject.name().to_owned();
    if let Some(part) = sealed.get(parts.len()).map(name) {
        return Err(Refusal::PartRemoved { part });
    }
    match parts.get(sealed.len()).map(name) {
        Some(part) => Err(Refusal::PartAdded { part }),
        None => Ok(()),
    }
}

fn body_changed(entry: &Entry) -> Refusal {
    let record = Record::from_bytes(entry.record.as_bytes());
    Refusal::BodyChanged {
        kind: record.map_or_else(|_| "body".into(), |record| record.kind),
        index: entry.index,
    }
}

/// Exchanges are filed under their own digests, ascending, each once.
fn check_exchanges(document: &Document) -> Result<(), Refusal> {
    let mut before = None;
    for exchange in &document.exchanges {
        let digest = exchange.digest;
        if Digest::of(&exchange.body.0) != digest || before >= Some(digest) {
            return Err(Refusal::Exchange { digest });
        }
        before = Some(digest);
    }
    Ok(())
}

fn open_checkpoint(
    document: &Document,
    seal: &Seal,
    key: &VerifierKey,
    witnesses: &[VerifierKey],
) -> Result<SignedCheckpoint, Refusal> {
    let signed = SignedCheckpoint::open(&document.checkpoint, key, witnesses);
    let signed = signed.map_err(Refusal::Checkpoint)?;
    let head = signed.checkpoint();
    let sealed = &seal.checkpoint;
    if (&head.origin, head.size, head.root) != (&sealed.origin, sealed.size, sealed.root) {
        return Err(Refusal::OtherCheckpoint);
    }
    Ok(signed)
}

fn check_quorum(policy: &Policy, signed: &SignedCheckpoint) -> Result<Quorum, Refusal> {
    let judged = policy.judge(signed.note());
    let quorum = judged.map_err(|why| Refusal::Checkpoint(CheckpointError::Note(why)))?;
    if quorum.reached { Ok(quorum) } else { Err(Refusal::Quorum(quorum)) }
}

/// The tokens of the reader's authorities; none if the reader named none.
fn check_timestamps(
    document: &Document,
    signed: &SignedCheckpoint,
    authorities: Option<&Authorities>,
) -> Result<Vec<Stamped>, Refusal> {
    let Some(authorities) = authorities else { return Ok(Vec::new()) };
    let digest = signed.checkpoint().digest();
    let tokens = document.timestamps.iter().enumerate();
    let checked = tokens.map(|(place, token)| {
        let stamped = verify_token(&token.0, digest, authorities);
        stamped.map(|(stamped, _)| stamped).map_err(|why| Refusal::Timestamp { place, why })
    });
    checked.collect()
}

/// Each entry is a record, is in the log at its index, and its body is the one it is about.
fn check_entries(entries: &[Entry], signed: &SignedCheckpoint) -> Result<Vec<VerifiedEntry>, Refusal> {
    let head = signed.checkpoint();
    let mut verified = Vec::with_capacity(entries.len());
    for entry in entries {
        let index = entry.index;
        let bytes = entry.record.as_bytes();
        let record = Record::from_bytes(bytes).map_err(|why| Refusal::Record { index, why })?;
        let wrong = |why| Refusal::NotInLog { index, why };
        let found = entry.proof.len();
        let proof: Option<Vec<Digest>> = entry
            .proof
            .iter()
            .map(|hash| hash.0.as_slice().try_into().ok().map(Digest::from_bytes))
            .collect();
        let proof = proof.ok_or(wrong(crate::merkle::ProofError::WrongLength { found }))?;
        verify_inclusion(leaf_hash(bytes), index, head.size, &proof, head.root).map_err(wrong)?;
        let root_then = root_when_last(leaf_hash(bytes), index, head.size, &proof).map_err(wrong)?;
        let body = entry.body.as_ref().map(|body| body.0.clone());
        if body.as_deref().is_some_and(|body| Digest::of(body) != record.body) {
            return Err(body_changed(entry));
        }
        verified.push(VerifiedEntry { index, record, body, root_then });
    }
    Ok(verified)
}

/// The entries are exactly those declared, of this case or of none, and the case's count from 0 without a gap.
fn check_case(entries: &[VerifiedEntry], seal: &Seal) -> Result<(), Refusal> {
    if !entries.is_sorted_by(|a, b| a.index < b.index) {
        let what = "they are not in the order of the log, or one is there twice";
        return Err(Refusal::NotDeclared { what });
    }
    let (mut of_case, mut cited) = (Vec::new(), Vec::new());
    let mut next = 0;
    for VerifiedEntry { index, record, .. } in entries {
        let (Some(case), Some(found)) = (&record.case, record.sequence) else {
            cited.push(*index);
            continue;
        };
        if *case != seal.case {
            return Err(Refusal::OtherCase {
                index: *index,
                expected: seal.case.clone(),
                found: case.clone(),
            });
        }
        if found != next {
            return Err(Refusal::Gap { index: *index, expected: next, found });
        }
        next += 1;
        of_case.push(*index);
    }
    if of_case != seal.case_entries {
        let what = "the list of the case's entries differs";
        return Err(Refusal::NotDeclared { what });
    }
    if cited != seal.cited_entries {
        let what = "the list of cited entries differs";
        return Err(Refusal::NotDeclared { what });
    }
    Ok(())
}

/// The verdict's statement, and what it rests on.
fn open_verdict(
    entries: &[VerifiedEntry],
    index: u64,
    key: &VerifierKey,
) -> Result<(Vec<u8>, Vec<Subject>), Refusal> {
    let none = |why| Refusal::NoVerdict { index, why };
    let entry = entries.iter().find(|entry| entry.index == index);
    let entry = entry.ok_or(none("there is no such entry"))?;
    if entry.record.kind != VERDICT_KIND || entry.record.case.is_none() {
        return Err(none("that entry is not a verdict of the case"));
    }
    let body = entry.body.as_deref().ok_or(none("its body is not carried"))?;
    let envelope = Envelope::from_json(body).map_err(Refusal::VerdictSignature)?;
    let payload = envelope.verify(PAYLOAD_TYPE, &[key]).map_err(Refusal::VerdictSignature)?;
    let statement = Statement::<serde_json::Value>::from_json(payload, VERDICT_PREDICATE);
    let statement = statement.map_err(Refusal::Verdict)?;
    Ok((payload.to_vec(), statement.subject))
}

fn bodies_absent(entries: &[VerifiedEntry]) -> Vec<u64> {
    let absent = entries.iter().filter(|entry| entry.body.is_none());
    absent.map(|entry| entry.index).collect()
}

/// Subjects of the verdict whose bytes are neither a body nor an exchange of the bundle.
fn subjects_absent(
    subjects: Vec<Subject>,
    entries: &[VerifiedEntry],
    exchanges: &[(Digest, Vec<u8>)],
) -> Vec<Subject> {
    let carried = |digest: Digest| {
        let body = |entry: &VerifiedEntry| entry.body.is_some() && entry.record.body == digest;
        entries.iter().any(body) || exchanges.iter().any(|(found, _)| *found == digest)
    };
    let absent = |subject: &Subject| !subject.sha256().is_some_and(carried);
    subjects.into_iter().filter(absent).collect()
}
