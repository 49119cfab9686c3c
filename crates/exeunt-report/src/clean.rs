//! Makes a verdict safe to show on a terminal. Names of tokens, groups and people are chosen by
//! people: one with an escape sequence in it could repaint the screen or hide a line.

use exeunt_model::verdict::VerdictDocument;
use serde_json::Value;

/// The same document with every control character in every text replaced.
pub(crate) fn clean(verdict: &VerdictDocument) -> VerdictDocument {
    let cleaned = serde_json::to_value(verdict).and_then(|mut value| {
        walk(&mut value);
        serde_json::from_value(value)
    });
    // A document whose references or digests held control characters would not have been read
    // in the first place; then nothing needs cleaning in them.
    cleaned.unwrap_or_else(|_| verdict.clone())
}

fn walk(value: &mut Value) {
    match value {
        Value::String(text) if text.contains(char::is_control) => {
            *text = text.replace(char::is_control, "\u{fffd}");
        }
        Value::Array(values) => values.iter_mut().for_each(walk),
        Value::Object(map) => map.values_mut().for_each(walk),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    /// A token named `ESC[2J` would wipe the lines above it.
    #[test]
    fn escape_sequences_do_not_reach_the_terminal() {
        let mut value = serde_json::json!({"name": ["a\u{1b}[2Jb\r\n", 1]});
        super::walk(&mut value);
        assert_eq!(value["name"][0], "a\u{fffd}[2Jb\u{fffd}\u{fffd}");
    }
}
