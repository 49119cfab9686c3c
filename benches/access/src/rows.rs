//! The rows of the estate's files, as fields.

use std::path::Path;

/// A file, read whole.
pub struct Rows {
    bytes: Vec<u8>,
}

impl Rows {
    /// Reads `NAME.csv`.
    pub fn open(dir: &Path, name: &str) -> Result<Self, String> {
        let path = dir.join(format!("{name}.csv"));
        let bytes = std::fs::read(&path).map_err(|e| format!("reading {}: {e}", path.display()))?;
        Ok(Self { bytes })
    }

    /// The first fields of each row but the head.
    pub fn each<const N: usize>(&self, mut each: impl FnMut([&[u8]; N])) {
        for line in self.bytes.split(|byte| *byte == b'\n').skip(1).filter(|line| !line.is_empty()) {
            let mut fields = line.split(|byte| *byte == b',');
            each(std::array::from_fn(|_| fields.next().unwrap_or_default()));
        }
    }
}

/// A number of the estate; all are below 2^31.
pub fn number(field: &[u8]) -> u32 {
    field.iter().fold(0, |value, digit| value * 10 + u32::from(digit - b'0'))
}

/// Text of the estate.
pub fn text(field: &[u8]) -> String {
    String::from_utf8_lossy(field).into_owned()
}
