//! Offline proofs that an entry is in a log (C2SP tlog-proof, `c2sp.org/tlog-proof@v1`), kept as `.tlog-proof` files.

use std::fmt;

use crate::Digest;
use crate::checkpoint::{CheckpointError, SignedCheckpoint};
use crate::encoding::{from_base64, from_decimal, to_base64};
use crate::key::VerifierKey;
use crate::merkle::{ProofError, leaf_hash, verify_inclusion};

const FIRST_LINE: &str = "c2sp.org/tlog-proof@v1";

/// No tree that can be has longer paths.
const MAX_HASHES: usize = 64;

/// What is wrong with a proof.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TlogProofError {
    /// Not of the form of a proof.
    #[error("this is not a tlog-proof: {0}")]
    Form(&'static str),
    /// The checkpoint in it.
    #[error("the checkpoint in the proof: {0}")]
    Checkpoint(#[from] CheckpointError),
    /// The entry is not where the proof says.
    #[error("the entry is not at index {index} of the log: {why}")]
    Inclusion {
        /// The index the proof is for.
        index: u64,
        /// What is wrong.
        why: ProofError,
    },
}

/// A proof: the place of an entry, the hashes up to the root, and the checkpoint they lead to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlogProof {
    /// Opaque data for the reader. **Nothing authenticates it.**
    pub extra: Option<Vec<u8>>,
    /// Zero-based index of the entry.
    pub index: u64,
    /// From the leaf's sibling up to the root's child.
    pub hashes: Vec<Digest>,
    /// The checkpoint note, as the log signed it.
    pub checkpoint: String,
}

impl TlogProof {
    /// Reads a proof without verifying anything.
    ///
    /// # Errors
    /// [`TlogProofError::Form`].
    pub fn parse(text: &str) -> Result<Self, TlogProofError> {
        let bad = TlogProofError::Form;
        let rest = text
            .strip_prefix(FIRST_LINE)
            .and_then(|rest| rest.strip_prefix('\n'))
            .ok_or(bad("its first line is not c2sp.org/tlog-proof@v1"))?;
        let (head, checkpoint) =
            rest.split_once("\n\n").ok_or(bad("there is no empty line before the checkpoint"))?;
        let mut lines = head.split('\n').peekable();
        let extra = match lines.next_if(|line| line.starts_with("extra ")) {
            Some(line) => {
                let data = from_base64(&line["extra ".len()..]);
                Some(data.ok_or(bad("its extra line is not base64"))?)
            }
            None => None,
        };
        let index = lines
            .next()
            .and_then(|line| from_decimal(line.strip_prefix("index ")?))
            .ok_or(bad("it has no index line"))?;
        let hashes: Vec<_> =
            lines.map(Digest::from_base64).collect::<Option<_>>().ok_or(bad("a line is not a hash"))?;
        if hashes.len() > MAX_HASHES {
            return Err(bad("it has more than 64 hashes"));
        }
        Ok(Self { extra, index, hashes, checkpoint: checkpoint.to_owned() })
    }

    /// Verifies that the log with this key holds the entry. Which witnesses must have seen the checkpoint is the
    /// caller's policy: the answer says which did.
    ///
    /// # Errors
    /// The checkpoint or the inclusion does not hold.
    pub fn verify(
        &self,
        entry: &[u8],
        log: &VerifierKey,
        witnesses: &[VerifierKey],
    ) -> Result<SignedCheckpoint, TlogProofError> {
        let signed = SignedCheckpoint::open(&self.checkpoint, log, witnesses)?;
        let head = signed.checkpoint();
        verify_inclusion(leaf_hash(entry), self.index, head.size, &self.hashes, head.root)
            .map_err(|why| TlogProofError::Inclusion { index: self.index, why })?;
        Ok(signed)
    }
}

impl fmt::Display for TlogProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{FIRST_LINE}")?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {}", to_base64(extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        for hash in &self.hashes {
            writeln!(f, "{}", hash.to_base64())?;
        }
        write!(f, "\n{}", self.checkpoint)
    }
}
