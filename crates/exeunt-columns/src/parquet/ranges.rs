//! Single rows of a column at rest: the blocks they stand in are read, checked and kept.

use std::collections::BTreeMap;
use std::fs::File;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::footer::{Chunk, Described, blocks};
use super::table::{check, read_at};
use super::{BLOCK, ROWS_IN_A_GROUP};
use crate::ColumnsError;

/// Some rows of a column of numbers.
#[derive(Debug)]
pub struct Ranges {
    path: PathBuf,
    file: File,
    column: Described,
    /// The number of the first block of each chunk.
    first: Vec<u64>,
    known: BTreeMap<u64, Vec<u8>>,
}

/// Some rows of a column of texts.
#[derive(Debug)]
pub struct Texts {
    places: Ranges,
    bytes: Ranges,
}

impl Ranges {
    pub(super) fn new(file: File, path: &Path, column: &Described) -> Self {
        let first = column.chunks.iter().scan(0, |next, chunk| {
            let first = *next;
            *next += blocks(chunk.len);
            Some(first)
        });
        let first = first.collect();
        Self { path: path.to_owned(), file, column: column.clone(), first, known: BTreeMap::new() }
    }

    /// Appends the values of some rows to `into`.
    ///
    /// # Errors
    /// When there are not so many rows, a block does not have its sum, or the disk refuses.
    pub fn read(&mut self, rows: Range<u64>, into: &mut Vec<u32>) -> Result<(), ColumnsError> {
        let mut at = rows.start;
        while at < rows.end {
            let group = at / ROWS_IN_A_GROUP as u64;
            let begins = group * ROWS_IN_A_GROUP as u64;
            let until = rows.end.min(begins + ROWS_IN_A_GROUP as u64);
            self.bytes(group, 4 * (at - begins)..4 * (until - begins), &mut |part| {
                into.extend(part.as_chunks::<4>().0.iter().map(|four| u32::from_le_bytes(*four)));
            })?;
            at = until;
        }
        Ok(())
    }

    /// The value of one row.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn get(&mut self, row: u64) -> Result<u32, ColumnsError> {
        let mut one = Vec::with_capacity(1);
        self.read(row..row + 1, &mut one)?;
        one.first().copied().ok_or_else(|| self.beyond())
    }

    fn beyond(&self) -> ColumnsError {
        ColumnsError::damaged(&self.path, format!("column `{}` has no such row", self.column.name))
    }

    /// Bytes of one chunk, in parts.
    fn bytes(
        &mut self,
        group: u64,
        wanted: Range<u64>,
        part: &mut dyn FnMut(&[u8]),
    ) -> Result<(), ColumnsError> {
        let group = usize::try_from(group).unwrap_or(usize::MAX);
        let chunk = self.column.chunks.get(group).filter(|chunk| wanted.end <= chunk.len).cloned();
        let first = self.first.get(group).copied();
        let (Some(chunk), Some(first)) = (chunk, first) else { return Err(self.beyond()) };
        let mut at = wanted.start;
        while at < wanted.end {
            let block = at / BLOCK as u64;
            let begins = block * BLOCK as u64;
            let until = wanted.end.min(begins + BLOCK as u64);
            let bytes = self.block(&chunk, first, block)?;
            let inside = index(at - begins)..index(until - begins);
            part(bytes.get(inside).unwrap_or_default());
            at = until;
        }
        Ok(())
    }

    fn block(&mut self, chunk: &Chunk, first: u64, block: u64) -> Result<&[u8], ColumnsError> {
        let Self { path, file, column, known, .. } = self;
        let number = first + block;
        match known.entry(number) {
            std::collections::btree_map::Entry::Occupied(found) => Ok(found.into_mut()),
            std::collections::btree_map::Entry::Vacant(room) => {
                let from = block * BLOCK as u64;
                let mut bytes = vec![0; index((chunk.len - from).min(BLOCK as u64))];
                read_at(file, chunk.from + from, &mut bytes).map_err(ColumnsError::io("read", path))?;
                check(path, &column.name, &bytes, column.sums.get(index(number)))?;
                Ok(room.insert(bytes))
            }
        }
    }
}

impl Texts {
    pub(super) const fn new(places: Ranges, bytes: Ranges) -> Self {
        Self { places, bytes }
    }

    /// The text of one row.
    ///
    /// # Errors
    /// When there is no such row, it is no text, a block does not have its sum, or the disk refuses.
    pub fn get(&mut self, row: u64) -> Result<String, ColumnsError> {
        let at = u64::from(self.places.get(row)?);
        let group = row / ROWS_IN_A_GROUP as u64;
        let mut len = Vec::new();
        self.bytes.bytes(group, at..at + 4, &mut |part| len.extend_from_slice(part))?;
        let len = len.first_chunk::<4>().map_or(0, |four| u64::from(u32::from_le_bytes(*four)));
        let mut text = Vec::new();
        self.bytes.bytes(group, at + 4..at + 4 + len, &mut |part| text.extend_from_slice(part))?;
        String::from_utf8(text).map_err(|e| ColumnsError::damaged(&self.bytes.path, e.to_string()))
    }
}

fn index(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
