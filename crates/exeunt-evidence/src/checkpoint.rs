//! Checkpoints (C2SP tlog-checkpoint v1.0.0): the signed head of a log, as origin, size and root hash.

use std::fmt;

use crate::encoding::from_decimal;
use crate::key::{SigningKey, VerifierKey};
use crate::merkle::{Frontier, ProofError, empty_root, verify_consistency};
use crate::note::{Note, NoteError, NoteSignature, NoteVerifier};
use crate::{Digest, cosignature};

/// What is wrong with a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// The note around it.
    #[error("{0}")]
    Note(#[from] NoteError),
    /// Not of the form of a checkpoint.
    #[error("the note is not a checkpoint: {0}")]
    Form(&'static str),
    /// Another log's checkpoint.
    #[error("the checkpoint is of the log {found}, not of {expected}")]
    Origin {
        /// The log that was expected.
        expected: String,
        /// The log it is of.
        found: String,
    },
    /// The log's own signature is not there; witnesses alone do not do.
    #[error("the log {origin} itself did not sign the checkpoint")]
    NotByLog {
        /// The log.
        origin: String,
    },
    /// Signing it would contradict what the log signed before.
    #[error("refusing to sign: the new tree does not continue the signed one ({0})")]
    Inconsistent(#[from] ProofError),
}

/// The head of a log at a size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log: a schema-less address such as `evidence.example.com/exeunt`.
    pub origin: String,
    /// Entries in the tree.
    pub size: u64,
    /// Root hash of the tree.
    pub root: Digest,
    /// Extension lines; tlog-checkpoint advises against them, and none are written here.
    pub extensions: Vec<String>,
}

impl Checkpoint {
    /// Reads the text of a checkpoint note.
    ///
    /// # Errors
    /// [`CheckpointError::Form`].
    pub fn parse(text: &str) -> Result<Self, CheckpointError> {
        let bad = CheckpointError::Form;
        let body = text.strip_suffix('\n').ok_or(bad("its last line does not end"))?;
        let mut lines = body.split('\n');
        let origin = lines.next().filter(|line| !line.is_empty());
        let origin = origin.ok_or(bad("it names no log"))?;
        let size = lines.next().and_then(from_decimal);
        let size = size.ok_or(bad("its second line is not a tree size"))?;
        let root = lines.next().and_then(Digest::from_base64);
        let root = root.ok_or(bad("its third line is not a root hash"))?;
        let extensions: Vec<String> = lines.map(str::to_owned).collect();
        if extensions.iter().any(String::is_empty) {
            return Err(bad("it has an empty extension line"));
        }
        Ok(Self { origin: origin.to_owned(), size, root, extensions })
    }

    /// The digest of the checkpoint's text, which a time authority puts its time to. Cosignatures do not change it.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(self.to_string().as_bytes())
    }

    /// Signs the head of a new, empty log whose origin is the key's name.
    ///
    /// # Errors
    /// The key is not one for notes.
    pub fn sign_first(key: &SigningKey) -> Result<SignedCheckpoint, CheckpointError> {
        let empty = Self {
            origin: key.verifier().name().to_owned(),
            size: 0,
            root: empty_root(),
            extensions: Vec::new(),
        };
        empty.sign(key)
    }

    /// Signs the next head of this log, after checking that it continues this one.
    ///
    /// This, [`sign_grown`](Self::sign_grown) and [`sign_first`](Self::sign_first) are the only ways to sign a head: a log
    /// must never sign two that contradict each other (tlog-checkpoint, "Checkpoint"), so a smaller or forked tree is
    /// refused here.
    ///
    /// # Errors
    /// The key is not this log's, or the proof does not show that the new tree continues this one.
    pub fn sign_next(
        &self,
        size: u64,
        root: Digest,
        proof: &[Digest],
        key: &SigningKey,
    ) -> Result<SignedCheckpoint, CheckpointError> {
        check_origin(key.verifier(), &self.origin)?;
        verify_consistency((self.size, self.root), (size, root), proof)?;
        let next = Self { origin: self.origin.clone(), size, root, extensions: Vec::new() };
        next.sign(key)
    }

    /// Signs the head of a tree that was grown from this one, which needs no proof: a frontier only grows.
    ///
    /// # Errors
    /// The key is not this log's, or the tree was grown from another one.
    pub fn sign_grown(
        &self,
        grown: &Frontier,
        key: &SigningKey,
    ) -> Result<SignedCheckpoint, CheckpointError> {
        check_origin(key.verifier(), &self.origin)?;
        if grown.begun() != (self.size, self.root) {
            return Err(ProofError::WrongRoot { root: self.root }.into());
        }
        let next = Self {
            origin: self.origin.clone(),
            size: grown.size(),
            root: grown.root(),
            extensions: Vec::new(),
        };
        next.sign(key)
    }

    fn sign(self, key: &SigningKey) -> Result<SignedCheckpoint, CheckpointError> {
        let note = Note::sign(&self.to_string(), key)?;
        Ok(SignedCheckpoint { checkpoint: self, note, witnessed: Vec::new() })
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{}\n{}", self.origin, self.size, self.root.to_base64())?;
        self.extensions.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

/// A witness's statement that it saw a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witnessed {
    /// Name of the witness.
    pub name: String,
    /// When, in seconds since 1970, by the witness's clock.
    pub seconds: u64,
}

/// A checkpoint whose signatures have been verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedCheckpoint {
    checkpoint: Checkpoint,
    note: Note,
    witnessed: Vec<Witnessed>,
}

impl SignedCheckpoint {
    /// Verifies a checkpoint note: it is of this log and signed by it; known witnesses' cosignatures must match too.
    ///
    /// # Errors
    /// What is wrong with the note, its signatures or its text.
    pub fn open(note: &str, log: &VerifierKey, witnesses: &[VerifierKey]) -> Result<Self, CheckpointError> {
        let note = Note::parse(note)?;
        let mut known: Vec<&dyn NoteVerifier> = vec![log];
        known.extend(witnesses.iter().map(|key| key as &dyn NoteVerifier));
        let good = note.verify(&known)?;
        let by_log = good.iter().any(|(place, _)| *place == 0);
        let seen = good
            .iter()
            .filter(|(place, _)| *place > 0)
            .filter_map(|(_, line)| {
                Some(Witnessed { name: line.name.clone(), seconds: cosignature::stated_seconds(line)? })
            })
            .collect();
        let checkpoint = Checkpoint::parse(note.text())?;
        if !by_log {
            let origin = log.name().to_owned();
            return Err(CheckpointError::NotByLog { origin });
        }
        check_origin(log, &checkpoint.origin)?;
        Ok(Self { checkpoint, note, witnessed: seen })
    }

    /// The head.
    #[must_use]
    pub const fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// The note, as it is written.
    #[must_use]
    pub const fn note(&self) -> &Note {
        &self.note
    }

    /// Who saw it when.
    #[must_use]
    pub fn witnessed(&self) -> &[Witnessed] {
        &self.witnessed
    }

    /// The same head with a witness's cosignature line added, verified.
    ///
    /// # Errors
    /// The line is not a cosignature of this checkpoint by this witness.
    pub fn with_cosignature(&self, line: &str, witness: &VerifierKey) -> Result<Self, CheckpointError> {
        let signature = NoteSignature::parse(line.strip_suffix('\n').unwrap_or(line))?;
        let mut alone = Note::parse(&self.note.to_string())?;
        alone.add(signature.clone());
        let ours = |(_, found): &(usize, &NoteSignature)| **found == signature;
        let name = witness.name().to_owned();
        if !alone.verify(&[witness])?.iter().any(ours) {
            return Err(NoteError::BadSignature { name }.into());
        }
        let seconds = cosignature::stated_seconds(&signature)
            .ok_or(CheckpointError::Form("the cosignature states no time"))?;
        let mut witnessed = self.witnessed.clone();
        witnessed.push(Witnessed { name, seconds });
        Ok(Self { checkpoint: self.checkpoint.clone(), note: alone, witnessed })
    }
}

/// tlog-checkpoint: the name of the log's key should be its origin; here it must be.
fn check_origin(log: &VerifierKey, found: &str) -> Result<(), CheckpointError> {
    if found == log.name() {
        return Ok(());
    }
    Err(CheckpointError::Origin { expected: log.name().to_owned(), found: found.to_owned() })
}
