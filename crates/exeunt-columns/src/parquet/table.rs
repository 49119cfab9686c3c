//! An opened table: its columns whole, each block checked against its sum.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::footer::{Described, Footer, Kind};
use super::ranges::{Ranges, Texts};
use super::{BLOCK, MAGIC};
use crate::ColumnsError;

/// A footer larger than this is not one of ours: 40 bytes of text for each 16 KiB, and a table of 100 GiB.
const LARGEST_FOOTER: u64 = 256 << 20;

/// A table at rest.
#[derive(Debug)]
pub struct Table {
    path: PathBuf,
    file: File,
    footer: Footer,
    /// Where the footer begins.
    ends: u64,
}

impl Table {
    /// Opens a table and reads its footer.
    ///
    /// # Errors
    /// When there is no such file, it ends too early, or it was not written by [`super::write`].
    pub fn open(path: &Path) -> Result<Self, ColumnsError> {
        let mut file = File::open(path).map_err(ColumnsError::io("open", path))?;
        let damaged = |cause: &str| ColumnsError::damaged(path, cause);
        let size = file.seek(SeekFrom::End(0)).map_err(ColumnsError::io("measure", path))?;
        let tail = size.checked_sub(8).ok_or_else(|| damaged("it ends too early"))?;
        let mut last = [0u8; 8];
        read_at(&mut file, tail, &mut last).map_err(ColumnsError::io("read", path))?;
        let [a, b, c, d, magic @ ..] = last;
        if magic != *MAGIC {
            return Err(damaged("it does not end as a Parquet file does; it was probably cut short"));
        }
        let len = u64::from(u32::from_le_bytes([a, b, c, d]));
        let from = tail.checked_sub(len).filter(|from| *from >= 4 && len <= LARGEST_FOOTER);
        let from = from.ok_or_else(|| damaged("its footer is longer than the file"))?;
        let mut bytes = vec![0; usize::try_from(len).map_err(|e| damaged(&e.to_string()))?];
        read_at(&mut file, from, &mut bytes).map_err(ColumnsError::io("read the footer of", path))?;
        let footer = Footer::decode(&bytes).map_err(|cause| damaged(&cause))?;
        let beyond = footer.columns.iter().flat_map(|column| &column.chunks);
        if beyond.into_iter().any(|chunk| chunk.from.checked_add(chunk.len).is_none_or(|end| end > from)) {
            return Err(damaged("a column reaches beyond its end"));
        }
        Ok(Self { path: path.to_owned(), file, footer, ends: from })
    }

    /// Its rows.
    #[must_use]
    pub const fn rows(&self) -> u64 {
        self.footer.rows
    }

    /// A fact of its metadata.
    #[must_use]
    pub fn fact(&self, key: &str) -> Option<&str> {
        self.footer.facts.iter().find(|(k, _)| k == key).map(|(_, value)| value.as_str())
    }

    /// The SHA-256 of what it holds, as its metadata says. [`Self::verify`] computes it.
    #[must_use]
    pub fn digest(&self) -> Option<&str> {
        self.fact("exeunt.sha256")
    }

    /// Computes the SHA-256 of what it holds and compares it with the one in the metadata.
    ///
    /// # Errors
    /// When they differ, or the disk refuses.
    pub fn verify(&mut self) -> Result<(), ColumnsError> {
        let mut digest = Sha256::new();
        let mut buffer = vec![0; 1 << 20];
        self.file.seek(SeekFrom::Start(0)).map_err(ColumnsError::io("read", &self.path))?;
        let mut left = self.ends;
        while left > 0 {
            let part = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
            let Some(part) = buffer.get_mut(..part) else { break };
            self.file.read_exact(part).map_err(ColumnsError::io("read", &self.path))?;
            digest.update(&*part);
            left -= part.len() as u64;
        }
        if self.digest() == Some(hex::encode(digest.finalize()).as_str()) {
            Ok(())
        } else {
            Err(ColumnsError::damaged(&self.path, "its bytes do not have the digest of its metadata"))
        }
    }

    /// A whole column of numbers, every block checked.
    ///
    /// # Errors
    /// When there is no such column, a block does not have its sum, or the disk refuses.
    pub fn load(&mut self, name: &str) -> Result<Vec<u32>, ColumnsError> {
        let Self { path, file, footer, .. } = self;
        let column = column(path, footer, name, Kind::Ints)?;
        let rows = usize::try_from(footer.rows).map_err(|e| ColumnsError::damaged(path, e.to_string()))?;
        let mut values = vec![0u32; rows];
        let mut rest: &mut [u8] = bytemuck::cast_slice_mut(&mut values);
        let mut sums = column.sums.iter();
        for chunk in &column.chunks {
            file.seek(SeekFrom::Start(chunk.from)).map_err(ColumnsError::io("read", path))?;
            let mut left = chunk.len;
            while left > 0 {
                // The last block of a chunk is shorter.
                let len = usize::try_from(left).unwrap_or(BLOCK).min(BLOCK);
                left -= len as u64;
                let (block, after) = std::mem::take(&mut rest)
                    .split_at_mut_checked(len)
                    .ok_or_else(|| ColumnsError::damaged(path, "a column has more values than rows"))?;
                file.read_exact(block).map_err(ColumnsError::io("read", path))?;
                check(path, name, block, sums.next())?;
                rest = after;
            }
        }
        if cfg!(target_endian = "big") {
            for value in &mut values {
                *value = u32::from_le(*value);
            }
        }
        Ok(values)
    }

    /// A column of numbers of which only some rows are wanted.
    ///
    /// # Errors
    /// When there is no such column, or the file cannot be opened once more.
    pub fn ranges(&self, name: &str) -> Result<Ranges, ColumnsError> {
        Ok(Ranges::new(self.again()?, &self.path, column(&self.path, &self.footer, name, Kind::Ints)?))
    }

    /// A column of texts of which only some rows are wanted.
    ///
    /// # Errors
    /// When there is no such column, or the file cannot be opened once more.
    pub fn texts(&self, name: &str) -> Result<Texts, ColumnsError> {
        let places = self.ranges(&format!("{name}_at"))?;
        let described = column(&self.path, &self.footer, name, Kind::Texts)?;
        Ok(Texts::new(places, Ranges::new(self.again()?, &self.path, described)))
    }

    fn again(&self) -> Result<File, ColumnsError> {
        // A duplicate would share the position with this one.
        File::open(&self.path).map_err(ColumnsError::io("open", &self.path))
    }
}

fn column<'a>(
    path: &Path,
    footer: &'a Footer,
    name: &str,
    kind: Kind,
) -> Result<&'a Described, ColumnsError> {
    footer
        .columns
        .iter()
        .find(|column| column.name == name && column.kind == kind)
        .ok_or_else(|| ColumnsError::damaged(path, format!("it has no column `{name}`")))
}

/// A block against its sum.
pub(super) fn check(path: &Path, name: &str, block: &[u8], sum: Option<&u32>) -> Result<(), ColumnsError> {
    if sum == Some(&crc32fast::hash(block)) {
        Ok(())
    } else {
        Err(ColumnsError::damaged(path, format!("a block of column `{name}` does not have its checksum")))
    }
}

pub(super) fn read_at(file: &mut File, at: u64, into: &mut [u8]) -> std::io::Result<()> {
    file.seek(SeekFrom::Start(at))?;
    file.read_exact(into)
}
