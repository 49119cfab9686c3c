//! Writing a table: all columns at once, each row group after the other, and the footer last.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::footer::{Chunk, Described, Footer, Kind, page_header};
use super::{BLOCK, MAGIC, ROWS_IN_A_GROUP};
use crate::ColumnsError;

/// The values of one column.
#[derive(Debug, Clone, Copy)]
pub enum Column<'a> {
    /// Whole numbers below 2^31.
    Ints(&'a [u32]),
    /// Texts. With them, [`write()`] adds a column `NAME_at`: where in its page each text begins.
    Texts(&'a [String]),
}

impl Column<'_> {
    const fn len(&self) -> usize {
        match self {
            Self::Ints(values) => values.len(),
            Self::Texts(values) => values.len(),
        }
    }
}

/// Writes a table to `path` and returns the SHA-256 of what it holds, in hex. `facts` are kept in the file's metadata.
///
/// # Errors
/// When the columns are not equally long, a number does not fit, or the disk refuses. The file is then not whole, and will
/// be refused by a reader.
pub fn write(
    path: &Path,
    columns: &[(&str, Column<'_>)],
    facts: &[(&str, String)],
) -> Result<String, ColumnsError> {
    let unwritable = |cause: String| ColumnsError::Unwritable { path: path.to_owned(), cause };
    let rows = columns.first().map_or(0, |(_, column)| column.len());
    for (name, column) in columns {
        if column.len() != rows {
            return Err(unwritable(format!("column `{name}` has {} rows and not {rows}", column.len())));
        }
        if let Column::Ints(values) = column
            && values.iter().any(|value| i32::try_from(*value).is_err())
        {
            return Err(unwritable(format!("a number of column `{name}` does not fit into 31 bits")));
        }
    }
    let file = File::create(path).map_err(ColumnsError::io("make", path))?;
    let mut out = Out { file: BufWriter::with_capacity(1 << 20, file), at: 0, digest: Sha256::new() };
    out.table(rows, columns, facts).map_err(ColumnsError::io("write", path))
}

struct Out {
    file: BufWriter<File>,
    at: u64,
    digest: Sha256,
}

impl Out {
    fn table(
        &mut self,
        rows: usize,
        columns: &[(&str, Column<'_>)],
        facts: &[(&str, String)],
    ) -> io::Result<String> {
        self.put(MAGIC)?;
        let mut described = Vec::new();
        for (name, column) in columns {
            described.push(Described::empty(name, column));
            if matches!(column, Column::Texts(_)) {
                described.push(Described::empty(&format!("{name}_at"), &Column::Ints(&[])));
            }
        }
        for from in (0..rows).step_by(ROWS_IN_A_GROUP) {
            let group = from..rows.min(from + ROWS_IN_A_GROUP);
            let mut into = described.iter_mut();
            for (_, column) in columns {
                match column {
                    Column::Ints(values) => {
                        self.ints(values.get(group.clone()).unwrap_or_default(), into.next())?;
                    }
                    Column::Texts(values) => {
                        let values = values.get(group.clone()).unwrap_or_default();
                        let (mut bytes, mut places) = (Vec::new(), Vec::new());
                        for value in values {
                            places.push(fitting(bytes.len())?.cast_unsigned());
                            bytes.extend_from_slice(&fitting(value.len())?.to_le_bytes());
                            bytes.extend_from_slice(value.as_bytes());
                        }
                        self.page(&bytes, values.len(), None, into.next())?;
                        self.ints(&places, into.next())?;
                    }
                }
            }
        }
        let sha256 = hex::encode(self.digest.clone().finalize());
        let mut facts: Vec<(String, String)> =
            facts.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
        facts.push(("exeunt.sha256".to_owned(), sha256.clone()));
        let footer = Footer { rows: rows as u64, columns: described, facts }.encode();
        self.file.write_all(&footer)?;
        self.file.write_all(&fitting(footer.len())?.to_le_bytes())?;
        self.file.write_all(MAGIC)?;
        self.file.flush()?;
        self.file.get_ref().sync_all()?;
        Ok(sha256)
    }

    fn ints(&mut self, values: &[u32], into: Option<&mut Described>) -> io::Result<()> {
        let little: Vec<u32> = values.iter().map(|value| value.to_le()).collect();
        let bounds = values.iter().min().zip(values.iter().max());
        let bounds = bounds.map(|(least, greatest)| (least.cast_signed(), greatest.cast_signed()));
        self.page(bytemuck::cast_slice(&little), values.len(), bounds, into)
    }

    fn page(
        &mut self,
        bytes: &[u8],
        rows: usize,
        bounds: Option<(i32, i32)>,
        into: Option<&mut Described>,
    ) -> io::Result<()> {
        let Some(into) = into else { return Ok(()) };
        let mut whole = crc32fast::Hasher::new();
        for block in bytes.chunks(BLOCK) {
            let mut sum = crc32fast::Hasher::new();
            sum.update(block);
            whole.combine(&sum);
            into.sums.push(sum.finalize());
        }
        let page = self.at;
        self.put(&page_header(fitting(rows)?, fitting(bytes.len())?, whole.finalize()))?;
        let from = self.at;
        self.put(bytes)?;
        into.chunks.push(Chunk { page, from, len: bytes.len() as u64, rows: rows as u64, bounds });
        Ok(())
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.digest.update(bytes);
        self.at += bytes.len() as u64;
        self.file.write_all(bytes)
    }
}

impl Described {
    fn empty(name: &str, column: &Column<'_>) -> Self {
        let kind = match column {
            Column::Ints(_) => Kind::Ints,
            Column::Texts(_) => Kind::Texts,
        };
        Self { name: name.to_owned(), kind, chunks: Vec::new(), sums: Vec::new() }
    }
}

fn fitting(len: usize) -> io::Result<i32> {
    i32::try_from(len).map_err(|_| io::Error::other("more than 2 GiB in one page"))
}
