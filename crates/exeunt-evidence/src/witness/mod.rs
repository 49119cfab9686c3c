//! The witness protocol (C2SP tlog-witness v1.0.0), without its transport: a witness cosigns the head of a log only if it
//! continues the head it cosigned before, so that a log cannot show two histories to two readers.
//!
//! [`Request`] is what a log sends, [`Witness`] decides, [`Answer`] is what goes back, [`Reply`] is how the log reads it.

mod answer;
mod heads;
mod request;

use std::io;
use std::sync::{Mutex, PoisonError};

pub use answer::{Answer, Reply};
pub use heads::{FolderHeads, Heads, MemoryHeads, SeenHead};
pub use request::{MAX_PROOF, Request, RequestError};

use crate::checkpoint::Checkpoint;
use crate::cosignature::cosign;
use crate::key::Algorithm;
use crate::merkle::{empty_root, verify_consistency};
use crate::note::{Note, NoteVerifier};
use crate::{SigningKey, VerifierKey};

/// Why a witness cannot be set up.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WitnessError {
    /// A witness signs with a timestamp.
    #[error("the key {name} is not a witness's: it must be of signature type 0x04 (timestamped Ed25519)")]
    NotAWitnessKey {
        /// Name of the key.
        name: String,
    },
    /// A log signs without one.
    #[error("the key {name} is not a log's: it must be of signature type 0x01 (Ed25519)")]
    NotALogKey {
        /// Name of the key.
        name: String,
    },
}

/// A witness: its key, the logs it follows, and the head it cosigned last for each.
#[derive(Debug)]
pub struct Witness<H> {
    key: SigningKey,
    logs: Vec<VerifierKey>,
    /// Held from reading the last head to keeping the next one: two requests at once could otherwise roll a log back
    /// (tlog-witness, "add-checkpoint", the race in six steps).
    heads: Mutex<H>,
}

impl<H: Heads> Witness<H> {
    /// A witness of these logs. A log is known by the name of its key, which is its origin; it may have several keys.
    ///
    /// # Errors
    /// A key is of the wrong type.
    pub fn new(key: SigningKey, logs: Vec<VerifierKey>, heads: H) -> Result<Self, WitnessError> {
        if key.verifier().algorithm() != Algorithm::CosignatureV1 {
            return Err(WitnessError::NotAWitnessKey { name: key.verifier().name().to_owned() });
        }
        if let Some(log) = logs.iter().find(|log| log.algorithm() != Algorithm::Ed25519) {
            return Err(WitnessError::NotALogKey { name: log.name().to_owned() });
        }
        Ok(Self { key, logs, heads: Mutex::new(heads) })
    }

    /// The key others know this witness by.
    #[must_use]
    pub const fn verifier(&self) -> &VerifierKey {
        self.key.verifier()
    }

    /// Answers the body of an `add-checkpoint` request at a time in seconds since 1970.
    ///
    /// The checks are made in the order of tlog-witness, "add-checkpoint". A head is kept before it is cosigned; if it
    /// cannot be kept, nothing is cosigned.
    #[must_use]
    pub fn add_checkpoint(&self, body: &[u8], seconds: u64) -> Answer {
        match self.decide(body, seconds) {
            Ok(answer) | Err(answer) => answer,
        }
    }

    fn decide(&self, body: &[u8], seconds: u64) -> Result<Answer, Answer> {
        let malformed = |why: String| Answer::Malformed(why);
        let request = Request::parse(body).map_err(|why| malformed(why.to_string()))?;
        let note = &request.checkpoint;
        let new = Checkpoint::parse(note.text()).map_err(|why| malformed(why.to_string()))?;
        let seen = self.by_its_log(note, &new)?;
        if request.old > new.size {
            return Err(malformed(format!(
                "the old size {} is above the checkpoint's {}",
                request.old, new.size
            )));
        }
        let mut heads = self.heads.lock().unwrap_or_else(PoisonError::into_inner);
        let failed = |error: io::Error| Answer::Failed(error.to_string());
        let (size, root) = match heads.last(&new.origin).map_err(failed)? {
            Some(last) => (last.checkpoint().size, last.checkpoint().root),
            None => (0, empty_root()),
        };
        if request.old != size {
            return Err(Answer::OtherSize(size));
        }
        verify_consistency((size, root), (new.size, new.root), &request.proof)
            .map_err(|why| Answer::NotContinued(why.to_string()))?;
        heads.keep(&seen).map_err(failed)?;
        let line = cosign(note, &self.key, seconds).map_err(|why| Answer::Failed(why.to_string()))?;
        Ok(Answer::Cosigned(line.to_string()))
    }

    /// The head with the signatures of its log, if we follow that log and it signed.
    fn by_its_log(&self, note: &Note, head: &Checkpoint) -> Result<SeenHead, Answer> {
        let trusted: Vec<&dyn NoteVerifier> = self
            .logs
            .iter()
            .filter(|key| key.name() == head.origin)
            .map(|key| key as &dyn NoteVerifier)
            .collect();
        if trusted.is_empty() {
            return Err(Answer::UnknownLog(head.origin.clone()));
        }
        let good = note.verify(&trusted).map_err(|why| Answer::NotByLog(why.to_string()))?;
        let lines: String = good.iter().map(|(_, line)| line.to_string()).collect();
        SeenHead::parse(&format!("{}\n{lines}", note.text()))
            .map_err(|why| Answer::Malformed(why.to_string()))
    }
}
