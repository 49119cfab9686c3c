//! One file of the estate, with an FNV-1a of its bytes for the manifest.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

/// A file that is being written.
pub struct Csv {
    file: File,
    buffer: Vec<u8>,
    name: &'static str,
    rows: u64,
    hash: u64,
    bytes: u64,
}

impl Csv {
    /// Begins a file.
    pub fn new(dir: &Path, name: &'static str, head: &str) -> io::Result<Self> {
        let file = File::create(dir.join(name))?;
        let mut csv = Self {
            file,
            buffer: Vec::with_capacity(1 << 20),
            name,
            rows: 0,
            hash: 0xcbf2_9ce4_8422_2325,
            bytes: 0,
        };
        csv.text(head).buffer.push(b'\n');
        Ok(csv)
    }

    /// Text of a field.
    pub fn text(&mut self, text: &str) -> &mut Self {
        self.buffer.extend_from_slice(text.as_bytes());
        self
    }

    /// The next field.
    pub fn comma(&mut self) -> &mut Self {
        self.buffer.push(b',');
        self
    }

    /// A number.
    pub fn number(&mut self, value: usize) -> &mut Self {
        let mut text = [0u8; 20];
        let (mut at, mut left) = (text.len(), value);
        loop {
            at -= 1;
            text[at] = b'0' + (left % 10) as u8;
            left /= 10;
            if left == 0 {
                break;
            }
        }
        self.buffer.extend_from_slice(&text[at..]);
        self
    }

    /// Numbers and texts of a row, one field each.
    pub fn row(&mut self, fields: &[Field<'_>]) -> io::Result<()> {
        for (at, field) in fields.iter().enumerate() {
            if at > 0 {
                self.comma();
            }
            match field {
                Field::N(number) => self.number(*number),
                Field::T(text) => self.text(text),
            };
        }
        self.end()
    }

    /// Days since 1970-01-01 as a date.
    pub fn day(&mut self, days: i64) -> &mut Self {
        let z = days + 719_468;
        let era = z.div_euclid(146_097);
        let day_of_era = z - era * 146_097;
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted + 2) / 5 + 1;
        let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        let text = format!("{year}-{month:02}-{day:02}");
        self.text(&text)
    }

    /// Ends the row.
    pub fn end(&mut self) -> io::Result<()> {
        self.buffer.push(b'\n');
        self.rows += 1;
        if self.buffer.len() > 1 << 20 { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        for byte in &self.buffer {
            self.hash = (self.hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
        self.bytes += self.buffer.len() as u64;
        self.file.write_all(&self.buffer)?;
        self.buffer.clear();
        Ok(())
    }

    /// Ends the file, with its line for the manifest.
    pub fn close(mut self, manifest: &mut Vec<String>) -> io::Result<()> {
        self.flush()?;
        let Self { name, rows, bytes, hash, .. } = self;
        manifest.push(format!(
            "    {{\"file\":\"{name}\",\"rows\":{rows},\"bytes\":{bytes},\"fnv1a64\":\"{hash:016x}\"}}"
        ));
        Ok(())
    }
}

/// A field.
pub enum Field<'a> {
    /// A number.
    N(usize),
    /// A text.
    T(&'a str),
}
