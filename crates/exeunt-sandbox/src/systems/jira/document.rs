//! Text as Atlassian documents.

use serde_json::{Value, json};

/// A document with one paragraph per line.
pub(super) fn paragraphs<T: AsRef<str>>(lines: &[T]) -> Value {
    let content: Vec<Value> = lines.iter().map(|line| paragraph(line.as_ref())).collect();
    json!({ "type": "doc", "version": 1, "content": content })
}

/// A checklist as people write it: `[x]` before what is ticked.
pub(super) fn checklist(lines: &[(String, bool)]) -> Value {
    let lines: Vec<String> =
        lines.iter().map(|(line, done)| format!("[{}] {line}", if *done { 'x' } else { ' ' })).collect();
    paragraphs(&lines)
}

fn paragraph(text: &str) -> Value {
    json!({ "type": "paragraph", "content": [{ "type": "text", "text": text }] })
}
