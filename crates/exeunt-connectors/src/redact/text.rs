//! Secrets in bodies that are no JSON: XML, tables, pages of a gateway.

use std::sync::LazyLock;

use regex::bytes::Regex;

use super::names::{Named, is_no_secret};
use super::{Redactor, Replaced, shapes};

/// An element and its text.
static ELEMENT: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"<(?:[\w.-]+:)?([\w.-]+)(?:\s[^<>]*)?>([^<>]+)</").ok());
/// A field of a form, a table or broken JSON, and its text.
static FIELD: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#""([\w.-]+)"\s*:\s*"((?:[^"\\]|\\.)*)"?"#).ok());

/// The text without its secrets; nothing if it has none.
pub(super) fn redacted(
    redactor: &Redactor,
    body: &[u8],
    named: &Named,
    replaced: &mut Replaced,
) -> Option<Vec<u8>> {
    let mut found = Vec::new();
    shapes::find(body, &mut found);
    for form in [ELEMENT.as_ref(), FIELD.as_ref()].into_iter().flatten() {
        for captured in form.captures_iter(body) {
            let (Some(name), Some(value)) = (captured.get(1), captured.get(2)) else { continue };
            let path = [String::from_utf8_lossy(name.as_bytes()).into_owned()];
            let text = String::from_utf8_lossy(value.as_bytes());
            let text = text.trim();
            if named.holds(&path) && !is_no_secret(text) && !super::is_marker(text) {
                found.push(value.range());
            }
        }
    }
    redactor.without(body, found, replaced)
}
