//! Making a bundle: every part's digest is signed with the log's key, and the result is verified before it is given out.

use super::format::{Document, Entry, Exchange, Head, Keys, Seal, VERSION};
use super::{BundleEntry, Refusal, SEAL_PREDICATE, verify};
use crate::checkpoint::SignedCheckpoint;
use crate::dsse::Envelope;
use crate::encoding::Base64;
use crate::in_toto::{PAYLOAD_TYPE, Statement, StatementError};
use crate::record::{Record, RecordError};
use crate::{Digest, SigningKey, VerifierKey};

/// What goes into a bundle.
#[derive(Clone, Debug)]
pub struct Contents {
    /// The case.
    pub case: String,
    /// All entries of the case, and the shared ones the verdict cites; any order.
    pub entries: Vec<BundleEntry>,
    /// Raw exchanges that receipts name by digest; any order.
    pub exchanges: Vec<Vec<u8>>,
    /// Ledger index of the verdict the bundle is about.
    pub verdict: u64,
    /// The head the proofs lead to.
    pub checkpoint: SignedCheckpoint,
    /// Keys of the witnesses that cosigned the head.
    pub witnesses: Vec<VerifierKey>,
    /// Tokens of time authorities over the digest of the head's text.
    pub timestamps: Vec<Vec<u8>>,
}

/// Why a bundle cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// An entry is not a record.
    #[error("the entry at ledger index {index} cannot go into a bundle: {why}")]
    Record {
        /// Its index.
        index: u64,
        /// What is wrong.
        why: RecordError,
    },
    /// The seal cannot be written.
    #[error("the bundle's seal cannot be written: {0}")]
    Statement(#[from] StatementError),
    /// The bundle would not verify.
    #[error("the bundle of this case would not verify, so it was not made: {0}")]
    Refused(#[from] Refusal),
}

/// Seals a bundle with the log's key and gives its bytes, which [`verify`] accepts.
///
/// # Errors
/// The contents contradict each other; the error says where.
pub fn seal(contents: Contents, key: &SigningKey) -> Result<Vec<u8>, SealError> {
    let mut predicate = Seal {
        case: contents.case,
        case_entries: Vec::new(),
        checkpoint: Head {
            origin: contents.checkpoint.checkpoint().origin.clone(),
            root: contents.checkpoint.checkpoint().root,
            size: contents.checkpoint.checkpoint().size,
        },
        cited_entries: Vec::new(),
        verdict: contents.verdict,
    };
    let mut carried = contents.entries;
    carried.sort_by_key(|entry| entry.index);
    let mut entries = Vec::new();
    for entry in carried {
        let index = entry.index;
        let record = Record::from_bytes(&entry.record);
        let record = record.map_err(|why| SealError::Record { index, why })?;
        match record.case {
            Some(_) => predicate.case_entries.push(index),
            None => predicate.cited_entries.push(index),
        }
        entries.push(Entry {
            body: entry.body.map(Base64),
            index,
            proof: entry.proof.iter().map(|hash| Base64(hash.as_bytes().to_vec())).collect(),
            // A record is JSON, so it is UTF-8; were it not, the bundle would not verify below.
            record: String::from_utf8_lossy(&entry.record).into_owned(),
        });
    }
    let mut exchanges: Vec<Exchange> = contents
        .exchanges
        .into_iter()
        .map(|body| Exchange { digest: Digest::of(&body), body: Base64(body) })
        .collect();
    exchanges.sort_by_key(|exchange| exchange.digest);
    exchanges.dedup_by_key(|exchange| exchange.digest);
    let mut document = Document {
        bundle: VERSION.to_owned(),
        checkpoint: contents.checkpoint.note().to_string(),
        entries,
        exchanges,
        keys: Keys {
            log: key.verifier().to_string(),
            witnesses: contents.witnesses.iter().map(ToString::to_string).collect(),
        },
        seal: Envelope::sign(PAYLOAD_TYPE, Vec::new(), key),
        timestamps: contents.timestamps.into_iter().map(Base64).collect(),
    };
    let statement = Statement::new(SEAL_PREDICATE, predicate, document.parts());
    document.seal = Envelope::sign(PAYLOAD_TYPE, statement.to_json()?, key);
    let bytes = document.write()?;
    verify(&bytes, Some(key.verifier()))?;
    Ok(bytes)
}
