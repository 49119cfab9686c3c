//! Entry bundles: entries one after the other, each behind its length as a big-endian 16-bit number
//! (C2SP tlog-tiles, "Log entries").

/// The longest entry a bundle can hold, in bytes: what 16 bits can count.
pub const MAX_ENTRY: usize = u16::MAX as usize;

/// An entry, or a bundle of entries, that cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    /// Too long for its 16-bit length.
    #[error(
        "an entry of {length} bytes is too long for the log: log the digest of a body, at most {MAX_ENTRY} bytes"
    )]
    TooLong {
        /// Bytes in the entry.
        length: usize,
    },
    /// The bundle ends inside an entry.
    #[error("the entry bundle is cut inside its entry {entry}")]
    Cut {
        /// Zero-based place of that entry in the bundle.
        entry: usize,
    },
}

/// Adds an entry to a bundle.
///
/// # Errors
/// [`EntryError::TooLong`] for more than [`MAX_ENTRY`] bytes.
pub fn push_entry(bundle: &mut Vec<u8>, entry: &[u8]) -> Result<(), EntryError> {
    let length = u16::try_from(entry.len()).map_err(|_| EntryError::TooLong { length: entry.len() })?;
    bundle.extend_from_slice(&length.to_be_bytes());
    bundle.extend_from_slice(entry);
    Ok(())
}

/// The entries of a bundle.
///
/// # Errors
/// [`EntryError::Cut`] if the bundle ends inside an entry.
pub fn split_entries(bundle: &[u8]) -> Result<Vec<&[u8]>, EntryError> {
    let mut entries = Vec::new();
    let mut rest = bundle;
    while !rest.is_empty() {
        let cut = EntryError::Cut { entry: entries.len() };
        let (length, after) = rest.split_first_chunk::<2>().ok_or(cut)?;
        let length = usize::from(u16::from_be_bytes(*length));
        let (entry, after) = after.split_at_checked(length).ok_or(cut)?;
        entries.push(entry);
        rest = after;
    }
    Ok(entries)
}
