//! Heads seen elsewhere, compared with the log: was it rolled back, was it rewritten?

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;

use super::{Ledger, LedgerError};
use crate::checkpoint::Checkpoint;
use crate::merkle::ProofError;
use crate::tile::TileStore;
use crate::{Digest, Verified};

/// How a head that was seen elsewhere stands to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// They are the same.
    Same,
    /// The log has grown from it, and everything it covered is still there.
    Continued {
        /// Entries then.
        from: u64,
        /// Entries now.
        to: u64,
    },
    /// The log has fewer entries than it had: some were taken away.
    RolledBack {
        /// Entries then.
        from: u64,
        /// Entries now.
        to: u64,
    },
    /// Both were signed, and they contradict each other: an entry was changed, or two histories are kept.
    Forked {
        /// Entries that the contradicted head covers.
        size: u64,
    },
}

impl Standing {
    /// True if nothing was taken away or changed.
    #[must_use]
    pub const fn is_good(self) -> bool {
        matches!(self, Self::Same | Self::Continued { .. })
    }

    /// Of two signed heads alone, without the log: `None` if only the log can tell.
    #[must_use]
    pub fn of_heads(old: &Checkpoint, new: &Checkpoint) -> Option<Self> {
        match (old.size == new.size, old.root == new.root) {
            (true, true) => Some(Self::Same),
            (true, false) => Some(Self::Forked { size: old.size }),
            (false, _) => None,
        }
    }

    /// Of what was seen of one log twice, in this order, without the log: `None` if what is there does not tell.
    #[must_use]
    pub fn of_seen(old: &Seen, new: &Seen) -> Option<Self> {
        let differs =
            |(size, root): &(&u64, &Digest)| new.roots.get(size).is_some_and(|other| other != *root);
        if let Some((size, _)) = old.roots.iter().find(differs) {
            return Some(Self::Forked { size: *size });
        }
        let (from, to) = (old.size, new.size);
        match from.cmp(&to) {
            Ordering::Equal => Some(Self::Same),
            Ordering::Greater => Some(Self::RolledBack { from, to }),
            Ordering::Less => new.roots.contains_key(&from).then_some(Self::Continued { from, to }),
        }
    }
}

/// What a head, or a bundle, says of the log: roots at sizes. A bundle knows the one of its head, and for each of its
/// entries the one when that entry was the last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The size of the head.
    pub size: u64,
    roots: BTreeMap<u64, Digest>,
}

impl From<&Checkpoint> for Seen {
    fn from(head: &Checkpoint) -> Self {
        Self { size: head.size, roots: [(head.size, head.root)].into() }
    }
}

impl From<&Verified> for Seen {
    fn from(bundle: &Verified) -> Self {
        let mut seen = Self::from(&bundle.checkpoint);
        seen.roots.extend(bundle.entries.iter().map(|entry| (entry.index + 1, entry.root_then)));
        seen
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Same => f.write_str("the same head"),
            Self::Continued { from, to } => {
                write!(f, "continued: the {from} entries are unchanged, and there are {to} now")
            }
            Self::RolledBack { from, to } => {
                write!(f, "ROLLED BACK: it covered {from} entries, and there are only {to}")
            }
            Self::Forked { size } => {
                write!(f, "FORKED: another head of {size} entries was signed, so what it covers was changed")
            }
        }
    }
}

impl<S: TileStore> Ledger<S> {
    /// How a head of this log that was seen elsewhere stands to the present one.
    ///
    /// # Errors
    /// The log's own files were changed, or could not be read.
    pub fn standing(&self, known: &Checkpoint) -> Result<Standing, LedgerError> {
        let now = self.head().checkpoint();
        if let Some(standing) = Standing::of_heads(known, now) {
            return Ok(standing);
        }
        if known.size > now.size {
            return Ok(Standing::RolledBack { from: known.size, to: now.size });
        }
        match self.consistency(known, now) {
            Ok(_) => Ok(Standing::Continued { from: known.size, to: now.size }),
            Err(LedgerError::NotContinued { size, why: ProofError::WrongRoot { .. }, .. }) => {
                Ok(Standing::Forked { size })
            }
            Err(error) => Err(error),
        }
    }
}
