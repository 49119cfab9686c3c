//! The tables of an estate: the columns that are asked for, one row after the other in one piece of memory.

use std::path::Path;

use csv::ByteRecord;

/// Some columns of one table.
pub struct Table {
    bytes: Vec<u8>,
    /// Where each field ends.
    ends: Vec<u32>,
    columns: usize,
}

impl Table {
    /// Reads columns of a table.
    pub fn read(path: &Path, columns: &[&str]) -> Result<Self, String> {
        let told = |e: csv::Error| format!("{}: {e}", path.display());
        let mut reader = csv::Reader::from_path(path).map_err(told)?;
        let names = reader.byte_headers().map_err(told)?.clone();
        let place = |column: &&str| {
            let place = names.iter().position(|name| name == column.as_bytes());
            place.ok_or_else(|| format!("{}: there is no column {column}", path.display()))
        };
        let places = columns.iter().map(place).collect::<Result<Vec<_>, _>>()?;
        let mut table = Self { bytes: Vec::new(), ends: Vec::new(), columns: columns.len() };
        let mut record = ByteRecord::new();
        while reader.read_byte_record(&mut record).map_err(told)? {
            for place in &places {
                table.bytes.extend(record.get(*place).unwrap_or_default());
                let end = u32::try_from(table.bytes.len());
                table.ends.push(end.map_err(|_| format!("{}: it is too large", path.display()))?);
            }
        }
        Ok(table)
    }

    /// The rows.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = Row<'_>> {
        (0..self.ends.len() / self.columns).map(|row| Row { table: self, first: row * self.columns })
    }
}

/// One row.
#[derive(Clone, Copy)]
pub struct Row<'t> {
    table: &'t Table,
    first: usize,
}

impl<'t> Row<'t> {
    /// The text in a column, which is its place among those that were asked for.
    pub fn text(self, column: usize) -> Result<&'t str, String> {
        let ends = &self.table.ends;
        let field = self.first + column;
        let from = field.checked_sub(1).map_or(0, |before| ends[before]) as usize;
        std::str::from_utf8(&self.table.bytes[from..ends[field] as usize]).map_err(|e| e.to_string())
    }

    /// The number in a column.
    pub fn number(self, column: usize) -> Result<u32, String> {
        self.text(column)?.parse().map_err(|e| format!("{e}"))
    }
}
