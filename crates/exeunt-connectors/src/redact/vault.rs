//! What marks stand for, while a collection runs: some next questions can only be asked with the secret itself.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use secrecy::{ExposeSecret as _, SecretString};

use super::{BEGIN, DIGITS, END, Replaced};

/// How a mark begins in an address, where a space cannot stand.
const IN_ADDRESS: &str = "[secret%20sha256-hmac:";

/// The secrets that later questions need, by mark. It is in memory only, and cannot print.
#[derive(Debug, Default)]
pub(crate) struct Vault(Mutex<BTreeMap<String, SecretString>>);

impl Vault {
    /// Remembers what the marks in a text stand for.
    pub(crate) fn remember(&self, text: &str, replaced: &Replaced) {
        if replaced.is_empty() {
            return;
        }
        for (_, mark) in marks(text) {
            if let Some(secret) = replaced.behind(mark) {
                let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
                known.insert(mark.to_owned(), SecretString::from(secret));
            }
        }
    }

    /// The text as it was before its secrets were replaced; nothing if a mark is of a collection before this one.
    pub(crate) fn whole(&self, text: &str) -> Option<String> {
        let text = &text.replace(IN_ADDRESS, BEGIN);
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut whole, mut at) = (String::new(), 0);
        for (place, mark) in marks(text) {
            whole.push_str(&text[at..place]);
            whole.push_str(known.get(mark)?.expose_secret());
            at = place + mark.len();
        }
        whole.push_str(&text[at..]);
        Some(whole)
    }
}

/// Whether a text has a mark.
pub(crate) fn is_marked(text: &str) -> bool {
    text.contains(BEGIN) || text.contains(IN_ADDRESS)
}

fn marks(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let length = BEGIN.len() + DIGITS + END.len();
    text.match_indices(BEGIN).filter_map(move |(place, _)| {
        let mark = text.get(place..place + length)?;
        super::is_marker(mark).then_some((place, mark))
    })
}
