//! The rows of one statement: one JSON object each, within limits of number and size.

use serde_json::Value;

use exeunt_model::PartialReason;

use super::Failure;

/// Most rows of one statement: far more roles or sessions than any database has, and few enough
/// to hold.
pub const MOST_ROWS: usize = 1_000_000;

/// What came so far.
pub(super) struct Rows {
    most_bytes: u64,
    bytes: u64,
    rows: Vec<Value>,
}

impl Rows {
    /// None yet; together they may have `most_bytes`.
    pub(super) const fn up_to(most_bytes: u64) -> Self {
        Self { most_bytes, bytes: 0, rows: Vec::new() }
    }

    /// Takes a row: its text, which is missing when it alone is too large, and its size.
    pub(super) fn take(&mut self, text: Option<String>, size: Option<i64>) -> Result<(), Failure> {
        let shape = |what: &str| {
            (
                PartialReason::SchemaChanged,
                format!("a row is {what}. The column `row` has to be a JSON object; correct the manifest"),
            )
        };
        self.bytes += u64::try_from(size.unwrap_or_default()).unwrap_or_default();
        if self.bytes > self.most_bytes {
            let words = format!(
                "its rows are larger than {} bytes. Narrow the statement, or raise `client.max_body` in the manifest",
                self.most_bytes
            );
            return Err((PartialReason::Oversized, words));
        }
        let text = text.filter(|_| size.is_some()).ok_or_else(|| shape("null"))?;
        let value: Value = serde_json::from_str(&text).map_err(|_| shape("not JSON"))?;
        if !value.is_object() {
            return Err(shape("no object"));
        }
        self.rows.push(value);
        if self.rows.len() > MOST_ROWS {
            return Err((
                PartialReason::PageCap,
                format!("it gave more than {MOST_ROWS} rows. Narrow the statement in the manifest"),
            ));
        }
        Ok(())
    }

    /// All of them.
    pub(super) fn all(self) -> Vec<Value> {
        self.rows
    }
}

#[cfg(test)]
mod tests {
    use exeunt_model::PartialReason;

    use super::Rows;

    /// A row that was too large to send must end the read, and not be left out.
    #[test]
    fn a_row_that_is_too_large_or_no_object_ends_the_read() {
        let reason = |text: Option<&str>, size: i64| {
            let mut rows = Rows::up_to(10);
            rows.take(text.map(str::to_owned), Some(size)).err().map(|(reason, _)| reason)
        };
        assert_eq!(reason(Some("{}"), 2), None);
        assert_eq!(reason(None, 11), Some(PartialReason::Oversized));
        assert_eq!(reason(None, 2), Some(PartialReason::SchemaChanged));
        assert_eq!(reason(Some("[]"), 2), Some(PartialReason::SchemaChanged));
        assert_eq!(reason(Some("{"), 1), Some(PartialReason::SchemaChanged));
    }
}
