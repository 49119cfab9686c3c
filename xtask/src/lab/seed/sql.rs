//! Names and texts as they may stand in a statement.

/// A name, quoted.
pub fn name(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// A text, quoted; the server's `standard_conforming_strings` is on.
pub fn text(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    /// A name in the data must never become a statement.
    #[test]
    fn quotes_are_doubled() {
        assert_eq!(super::name("a\"b"), "\"a\"\"b\"");
        assert_eq!(super::text("a'b"), "'a''b'");
    }
}
