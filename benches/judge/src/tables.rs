//! The tables of an estate as columns, as small as they can be.

use std::path::Path;

/// Texts one after the other.
#[derive(Default)]
pub struct Texts {
    all: String,
    ends: Vec<u32>,
}

impl Texts {
    /// Adds one.
    pub fn push(&mut self, text: &str) -> Result<(), String> {
        self.all.push_str(text);
        self.ends.push(u32::try_from(self.all.len()).map_err(|e| format!("too much text: {e}"))?);
        Ok(())
    }

    /// The one at a place.
    pub fn get(&self, at: usize) -> &str {
        let end = self.ends.get(at).map_or(0, |end| *end as usize);
        let begin = at.checked_sub(1).and_then(|before| self.ends.get(before)).map_or(0, |end| *end as usize);
        self.all.get(begin..end).unwrap_or_default()
    }
}

/// Gives every row of a table to `take`.
pub fn rows(
    dir: &Path,
    name: &str,
    mut take: impl FnMut(&csv::StringRecord) -> Result<(), String>,
) -> Result<(), String> {
    let path = dir.join(name);
    let told = |e: csv::Error| format!("{}: {e}", path.display());
    let mut reader = csv::Reader::from_path(&path).map_err(told)?;
    let mut row = csv::StringRecord::new();
    while reader.read_record(&mut row).map_err(told)? {
        take(&row)?;
    }
    Ok(())
}

/// A number of a row.
pub fn number(row: &csv::StringRecord, column: usize) -> Result<u32, String> {
    let text = row.get(column).unwrap_or_default();
    text.parse().map_err(|e| format!("`{text}` is no number: {e}"))
}

/// The place of a word of a row among these; the last where it is none of them.
pub fn word(row: &csv::StringRecord, column: usize, words: &[&str]) -> u8 {
    let text = row.get(column).unwrap_or_default();
    let place = words.iter().position(|word| *word == text).unwrap_or(words.len().saturating_sub(1));
    u8::try_from(place).unwrap_or(u8::MAX)
}
