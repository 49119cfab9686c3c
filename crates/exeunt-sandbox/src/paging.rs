//! How a long list is cut into pages: by offset, by page number and by opaque cursor.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::call::Call;

/// One page of a list.
#[derive(Debug)]
pub struct Page<'a, T> {
    /// The rows of this page.
    pub rows: &'a [T],
    /// Where the page begins.
    pub start: usize,
    /// How many rows a full page has.
    pub size: usize,
    /// Where the next page begins, if there is one.
    pub next: Option<usize>,
    /// The length of the whole list.
    pub total: usize,
}

/// Cuts `rows` at `start`.
#[must_use]
pub fn page<T>(rows: &[T], start: usize, size: usize) -> Page<'_, T> {
    let total = rows.len();
    let begin = start.min(total);
    let end = begin.saturating_add(size).min(total);
    Page { rows: &rows[begin..end], start, size, next: (end < total && size > 0).then_some(end), total }
}

/// The page size asked for by `parameter`, held under the company's cap as a vendor holds it under its own.
#[must_use]
pub fn size(call: &Call, parameter: &str, cap: usize) -> usize {
    call.number(parameter).unwrap_or(cap).clamp(1, cap.max(1))
}

/// An opaque cursor for an offset. `list` keeps a cursor of one list from working on another.
#[must_use]
pub fn cursor(list: &str, offset: usize) -> String {
    URL_SAFE_NO_PAD.encode(format!("{list}:{offset}"))
}

/// The offset in a cursor of this list.
#[must_use]
pub fn offset(list: &str, cursor: &str) -> Option<usize> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    text.strip_prefix(list)?.strip_prefix(':')?.parse().ok()
}

/// The offset a call asks for by `parameter`: the beginning if absent, nothing if the cursor is not ours.
#[must_use]
pub fn start(call: &Call, parameter: &str, list: &str) -> Option<usize> {
    match call.param(parameter) {
        None | Some("") => Some(0),
        Some(text) => offset(list, text),
    }
}
