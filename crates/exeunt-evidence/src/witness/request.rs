//! The body of an `add-checkpoint` request (C2SP tlog-witness v1.0.0, "add-checkpoint").

use std::fmt;

use crate::Digest;
use crate::encoding::from_decimal;
use crate::note::{MAX_NOTE, Note, NoteError};

/// "The client MUST NOT send more than 63 consistency proof lines."
pub const MAX_PROOF: usize = 63;

/// Why a body is not a request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// Not of the form.
    #[error("this is not an add-checkpoint request: {0}")]
    Form(&'static str),
    /// The checkpoint in it.
    #[error("the checkpoint in the request: {0}")]
    Checkpoint(#[from] NoteError),
}

/// What a log sends to a witness. Nothing in it is verified yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Size of the head that the witness cosigned last, as far as the log knows.
    pub old: u64,
    /// Consistency proof from there to the new head.
    pub proof: Vec<Digest>,
    /// The new head.
    pub checkpoint: Note,
}

impl Request {
    /// Reads a body.
    ///
    /// # Errors
    /// [`RequestError`]; a witness answers it with status 400.
    pub fn parse(body: &[u8]) -> Result<Self, RequestError> {
        let bad = RequestError::Form;
        // 63 lines of 45 bytes and the old size are less than 4 KiB.
        if body.len() > MAX_NOTE + 4096 {
            return Err(bad("it is longer than any request can be"));
        }
        let text = std::str::from_utf8(body).map_err(|_| bad("it is not UTF-8"))?;
        let (head, checkpoint) =
            text.split_once("\n\n").ok_or(bad("there is no empty line before the checkpoint"))?;
        let mut lines = head.split('\n');
        let old = lines.next().and_then(|line| line.strip_prefix("old ")).and_then(from_decimal);
        let old = old.ok_or(bad("its first line is not `old SIZE`"))?;
        let hashes: Vec<&str> = lines.collect();
        if hashes.len() > MAX_PROOF {
            return Err(bad("it has more than 63 lines of consistency proof"));
        }
        let proof: Option<Vec<Digest>> = hashes.into_iter().map(Digest::from_base64).collect();
        let proof = proof.ok_or(bad("a line of the consistency proof is not a hash"))?;
        Ok(Self { old, proof, checkpoint: Note::parse(checkpoint)? })
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "old {}", self.old)?;
        self.proof.iter().try_for_each(|hash| writeln!(f, "{}", hash.to_base64()))?;
        write!(f, "\n{}", self.checkpoint)
    }
}
