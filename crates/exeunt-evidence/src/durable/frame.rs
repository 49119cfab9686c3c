//! One batch in the journal.
//!
//! `"EXJ1"`, then big-endian: index of the first entry (8 bytes), number of entries (4), bytes of the entries (4), bytes of
//! the note (4); then the entries as in an entry bundle, then the signed checkpoint of the log with them.

/// What every frame begins with.
pub(super) const MAGIC: &[u8; 4] = b"EXJ1";
const HEADER: usize = 24;

/// A frame that is whole as far as lengths go. Whether it is true is seen by replaying it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame<'a> {
    pub(super) first: u64,
    pub(super) count: u32,
    pub(super) entries: &'a [u8],
    pub(super) note: &'a str,
    /// Bytes of the whole frame.
    pub(super) length: usize,
}

/// A frame's bytes: what one batch puts on the disk. `entries` is a bundle of `count` entries.
#[must_use]
pub fn frame(first: u64, count: u32, entries: &[u8], note: &str) -> Vec<u8> {
    let length = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX).to_be_bytes();
    let mut bytes = Vec::with_capacity(HEADER + entries.len() + note.len());
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&first.to_be_bytes());
    bytes.extend_from_slice(&count.to_be_bytes());
    bytes.extend_from_slice(&length(entries.len()));
    bytes.extend_from_slice(&length(note.len()));
    bytes.extend_from_slice(entries);
    bytes.extend_from_slice(note.as_bytes());
    bytes
}

impl<'a> Frame<'a> {
    /// The frame at the beginning of these bytes, if one is whole there.
    pub(super) fn read(bytes: &'a [u8]) -> Option<Self> {
        let rest = bytes.strip_prefix(MAGIC)?;
        let (first, rest) = rest.split_first_chunk::<8>()?;
        let (count, rest) = rest.split_first_chunk::<4>()?;
        let (entries, rest) = rest.split_first_chunk::<4>()?;
        let (note, rest) = rest.split_first_chunk::<4>()?;
        let entries = usize::try_from(u32::from_be_bytes(*entries)).ok()?;
        let note = usize::try_from(u32::from_be_bytes(*note)).ok()?;
        let (entries, rest) = rest.split_at_checked(entries)?;
        let note = rest.get(..note)?;
        Some(Self {
            first: u64::from_be_bytes(*first),
            count: u32::from_be_bytes(*count),
            entries,
            note: std::str::from_utf8(note).ok()?,
            length: HEADER + entries.len() + note.len(),
        })
    }

    /// Index after the last entry.
    pub(super) fn end(&self) -> Option<u64> {
        self.first.checked_add(u64::from(self.count))
    }
}

#[cfg(test)]
mod tests {
    use super::{Frame, frame};

    /// A frame cut anywhere is not a frame: a batch half written is never taken for a batch.
    #[test]
    fn only_a_whole_frame_is_read() {
        let bytes = frame(7, 2, b"\0\x01a\0\x01b", "note\n");
        let read = Frame::read(&bytes).expect("whole");
        assert_eq!((read.first, read.end(), read.note, read.length), (7, Some(9), "note\n", bytes.len()));
        assert!((0..bytes.len()).all(|length| Frame::read(&bytes[..length]).is_none()));
        assert!(
            Frame::read(
                b"EXJ1\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
            )
            .is_none()
        );
    }
}
