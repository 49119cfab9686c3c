//! The tables of an estate, held as bytes and read in place.

use std::path::Path;

use csv::ByteRecord;

/// One table, read whole.
pub struct Table {
    records: Vec<ByteRecord>,
    names: ByteRecord,
}

impl Table {
    /// Reads a table.
    pub fn read(path: &Path) -> Result<Self, String> {
        let told = |e: csv::Error| format!("{}: {e}", path.display());
        let mut reader = csv::Reader::from_path(path).map_err(told)?;
        let names = reader.byte_headers().map_err(told)?.clone();
        let records = reader.into_byte_records().collect::<Result<_, _>>().map_err(told)?;
        Ok(Self { records, names })
    }

    /// Where a column is.
    pub fn column(&self, name: &str) -> Result<usize, String> {
        self.names
            .iter()
            .position(|n| n == name.as_bytes())
            .ok_or_else(|| format!("there is no column {name}"))
    }

    /// The rows.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.records.iter().map(Row)
    }
}

/// One row.
#[derive(Clone, Copy)]
pub struct Row<'t>(&'t ByteRecord);

impl<'t> Row<'t> {
    /// A text.
    pub fn text(self, column: usize) -> Result<&'t str, String> {
        std::str::from_utf8(self.0.get(column).unwrap_or_default()).map_err(|e| e.to_string())
    }

    /// A number.
    pub fn number(self, column: usize) -> Result<u32, String> {
        self.text(column)?.parse().map_err(|e| format!("{e}"))
    }
}
