//! The footer: which columns there are, where their chunks lie, and the checksums of their blocks.

use super::thrift::{self, Value, Writer};
use super::{BLOCK, ROWS_IN_A_GROUP};

const INT32: i32 = 1;
const BYTE_ARRAY: i32 = 6;
const PLAIN: i32 = 0;
const RLE: i32 = 3;
/// The name under which our checksums of a column stand, before the column's name.
const SUMS: &str = "exeunt.crc32.";
/// The largest page header we write, and then some.
const LONGEST_PAGE_HEADER: u64 = 64;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Ints,
    Texts,
}

/// One chunk: the values of a column in one row group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chunk {
    /// Where its page begins, header first.
    pub page: u64,
    /// Where its values begin.
    pub from: u64,
    /// Their bytes.
    pub len: u64,
    pub rows: u64,
    /// The least and the greatest value, of whole numbers.
    pub bounds: Option<(i32, i32)>,
}

/// One column with all its chunks, and a CRC-32 for each block of each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Described {
    pub name: String,
    pub kind: Kind,
    pub chunks: Vec<Chunk>,
    pub sums: Vec<u32>,
}

/// A file's footer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Footer {
    pub rows: u64,
    pub columns: Vec<Described>,
    /// Named facts besides.
    pub facts: Vec<(String, String)>,
}

/// Blocks in so many bytes.
pub(super) fn blocks(bytes: u64) -> u64 {
    bytes.div_ceil(BLOCK as u64)
}

/// The header of a page.
pub(super) fn page_header(rows: i32, bytes: i32, crc: u32) -> Vec<u8> {
    let mut data = Writer::default();
    data.int(1, rows).int(2, PLAIN).int(3, RLE).int(4, RLE);
    let mut header = Writer::default();
    header.int(1, 0).int(2, bytes).int(3, bytes).int(4, crc.cast_signed()).structure(5, data);
    header.finish()
}

impl Footer {
    /// As Parquet's `FileMetaData`.
    pub fn encode(&self) -> Vec<u8> {
        let mut root = Writer::default();
        root.binary(4, b"exeunt").int(5, i32::try_from(self.columns.len()).unwrap_or(i32::MAX));
        let mut schema = vec![root];
        schema.extend(self.columns.iter().map(|column| {
            let mut element = Writer::default();
            element.int(1, column.kind.number()).int(3, 0).binary(4, column.name.as_bytes());
            if column.kind == Kind::Texts {
                element.int(6, 0); // UTF8
            }
            element
        }));
        let groups = self.columns.first().map_or(0, |column| column.chunks.len());
        let groups = (0..groups).map(|group| self.group(group)).collect();
        let sums = self.columns.iter().map(|column| {
            let sums: Vec<u8> = column.sums.iter().flat_map(|sum| sum.to_le_bytes()).collect();
            (format!("{SUMS}{}", column.name), hex::encode(sums))
        });
        let facts = self.facts.iter().cloned().chain(sums).map(|(key, value)| {
            let mut fact = Writer::default();
            fact.binary(1, key.as_bytes()).binary(2, value.as_bytes());
            fact
        });
        let mut file = Writer::default();
        file.int(1, 1)
            .structures(2, schema)
            .long(3, self.rows.cast_signed())
            .structures(4, groups)
            .structures(5, facts.collect())
            .binary(6, concat!("exeunt version ", env!("CARGO_PKG_VERSION")).as_bytes());
        file.finish()
    }

    fn group(&self, group: usize) -> Writer {
        let chunks: Vec<(&Described, &Chunk)> =
            self.columns.iter().filter_map(|column| Some((column, column.chunks.get(group)?))).collect();
        let bytes: u64 = chunks.iter().map(|(_, chunk)| chunk.whole()).sum();
        let rows = chunks.first().map_or(0, |(_, chunk)| chunk.rows);
        let mut writer = Writer::default();
        let columns = chunks.into_iter().map(|(column, chunk)| chunk.encode(column)).collect();
        writer.structures(1, columns).long(2, bytes.cast_signed()).long(3, rows.cast_signed());
        writer
    }

    /// From Parquet's `FileMetaData`. What does not have our shape is an error that says so.
    pub fn decode(bytes: &[u8]) -> Result<Self, String> {
        let file = thrift::read(bytes).ok_or("its footer cannot be read")?;
        let facts = file.list(5).unwrap_or_default().iter();
        let mut facts: Vec<(String, String)> =
            facts.filter_map(|fact| Some((fact.text(1)?.to_owned(), fact.text(2)?.to_owned()))).collect();
        let schema = file.list(2).and_then(|all| all.split_first()).ok_or("it has no schema")?.1;
        let mut columns = Vec::new();
        for element in schema {
            let name = element.text(4).ok_or("a column has no name")?.to_owned();
            let kind = match element.size(1) {
                Some(1) => Kind::Ints,
                Some(6) => Kind::Texts,
                _ => return Err(format!("column `{name}` has a type of another writer")),
            };
            let key = format!("{SUMS}{name}");
            let sums = facts.iter().position(|(k, _)| *k == key).map(|at| facts.swap_remove(at).1);
            let sums = sums.and_then(|text| hex::decode(text).ok());
            let sums = sums.ok_or_else(|| format!("column `{name}` has no checksums"))?;
            let sums = sums.as_chunks::<4>().0.iter().map(|four| u32::from_le_bytes(*four)).collect();
            columns.push(Described { name, kind, chunks: Vec::new(), sums });
        }
        for group in file.list(4).unwrap_or_default() {
            let chunks = group.list(1).unwrap_or_default();
            if chunks.len() != columns.len() {
                return Err("a row group lacks a column".to_owned());
            }
            for (column, chunk) in columns.iter_mut().zip(chunks) {
                let chunk = Chunk::decode(chunk, column.kind)
                    .ok_or_else(|| format!("a chunk of column `{}` has another form", column.name))?;
                column.chunks.push(chunk);
            }
        }
        let footer = Self { rows: file.size(3).ok_or("it has no number of rows")?, columns, facts };
        footer.checked()
    }

    /// The promises that reading rests on.
    fn checked(self) -> Result<Self, String> {
        for column in &self.columns {
            let name = &column.name;
            let full = ROWS_IN_A_GROUP as u64;
            let last = column.chunks.len().saturating_sub(1);
            let regular = |(at, chunk): (usize, &Chunk)| {
                if at < last { chunk.rows == full } else { chunk.rows <= full }
            };
            let rows: u64 = column.chunks.iter().map(|chunk| chunk.rows).sum();
            if rows != self.rows || !column.chunks.iter().enumerate().all(regular) {
                return Err(format!("the row groups of column `{name}` do not fit its rows"));
            }
            let expected: u64 = column.chunks.iter().map(|chunk| blocks(chunk.len)).sum();
            if expected != column.sums.len() as u64 {
                return Err(format!("the checksums of column `{name}` do not fit its blocks"));
            }
        }
        Ok(self)
    }
}

impl Kind {
    const fn number(self) -> i32 {
        match self {
            Self::Ints => INT32,
            Self::Texts => BYTE_ARRAY,
        }
    }
}

impl Chunk {
    /// Its bytes with the header of its page.
    fn whole(&self) -> u64 {
        self.from + self.len - self.page
    }

    fn encode(&self, column: &Described) -> Writer {
        let mut data = Writer::default();
        let whole = self.whole().cast_signed();
        data.int(1, column.kind.number())
            .ints(2, &[PLAIN])
            .texts(3, &[&column.name])
            .int(4, 0)
            .long(5, self.rows.cast_signed())
            .long(6, whole)
            .long(7, whole)
            .long(9, self.page.cast_signed());
        if let Some((least, greatest)) = self.bounds {
            let mut statistics = Writer::default();
            statistics.long(3, 0).binary(5, &greatest.to_le_bytes()).binary(6, &least.to_le_bytes());
            data.structure(12, statistics);
        }
        if column.kind == Kind::Texts {
            // Parquet's own place for the bytes of texts without their length prefixes.
            let mut sizes = Writer::default();
            sizes.long(1, (self.len - 4 * self.rows).cast_signed());
            data.structure(16, sizes);
        }
        let mut chunk = Writer::default();
        chunk.long(2, self.page.cast_signed()).structure(3, data);
        chunk
    }

    fn decode(chunk: &Value, kind: Kind) -> Option<Self> {
        let data = chunk.field(3)?;
        let (rows, whole, page) = (data.size(5)?, data.size(7)?, data.size(9)?);
        if data.size(4)? != 0 || data.size(6)? != whole {
            return None;
        }
        // The page's header is as long as what is left when the values are taken off the end.
        let len = match kind {
            Kind::Ints => rows.checked_mul(4)?,
            Kind::Texts => data.field(16)?.size(1)?.checked_add(rows.checked_mul(4)?)?,
        };
        let header = whole.checked_sub(len).filter(|header| *header <= LONGEST_PAGE_HEADER)?;
        let bounds = data.field(12).and_then(|statistics| {
            let bound = |id| match statistics.field(id)? {
                Value::Bytes(bytes) => bytes.as_slice().try_into().ok().map(i32::from_le_bytes),
                _ => None,
            };
            Some((bound(6)?, bound(5)?))
        });
        Some(Self { page, from: page.checked_add(header)?, len, rows, bounds })
    }
}
