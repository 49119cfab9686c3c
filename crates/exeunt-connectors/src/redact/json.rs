//! Secrets in the texts of a JSON document: each is replaced within its text, everything else stays byte for byte.

use std::ops::Range;

use memchr::memchr2;

use super::names::{Named, is_no_secret};
use super::{Redactor, Replaced, shapes};

/// JSON within texts of JSON is looked into this deep.
const DEEPEST: usize = 4;
/// No known form of a secret is shorter.
const SHORTEST: usize = 8;

/// It is no JSON, as far as the places of its texts go.
pub(super) struct NoJson;

/// What stands open at a place of the document.
enum Open {
    /// An object; whether a key comes next.
    Object(bool),
    List,
}

pub(super) struct Walk<'a> {
    pub(super) redactor: &'a Redactor,
    pub(super) named: &'a Named,
    pub(super) depth: usize,
}

impl Walk<'_> {
    /// The document with its secrets replaced.
    pub(super) fn document(&self, text: &[u8], replaced: &mut Replaced) -> Result<Vec<u8>, NoJson> {
        let mut out = Vec::with_capacity(text.len());
        let mut open: Vec<Open> = Vec::new();
        let mut path: Vec<String> = Vec::new();
        let (mut at, mut copied, mut closed) = (0, 0, false);
        while let Some(byte) = text.get(at) {
            if closed && !byte.is_ascii_whitespace() {
                return Err(NoJson);
            }
            match byte {
                b'"' => {
                    let end = end_of(text, at + 1).ok_or(NoJson)?;
                    let raw = &text[at + 1..end];
                    let is_key = matches!(open.last(), Some(Open::Object(true)));
                    let fresh = if is_key {
                        let key = unescaped(raw)?;
                        let fresh = self.key(&key, replaced);
                        path.push(key);
                        open.pop();
                        open.push(Open::Object(false));
                        fresh
                    } else {
                        self.text(raw, self.named.holds(&path), replaced)?
                    };
                    if let Some(fresh) = fresh {
                        out.extend_from_slice(&text[copied..at]);
                        out.extend(serde_json::to_vec(&fresh).map_err(|_| NoJson)?);
                        copied = end + 1;
                    }
                    at = end + 1;
                    continue;
                }
                b'{' => open.push(Open::Object(true)),
                b'[' => open.push(Open::List),
                b'}' => {
                    if let Open::Object(false) = open.pop().ok_or(NoJson)? {
                        path.pop();
                    }
                }
                b']' => {
                    open.pop().ok_or(NoJson)?;
                }
                b',' => {
                    if let Some(Open::Object(expects)) = open.last_mut()
                        && !*expects
                    {
                        *expects = true;
                        path.pop();
                    }
                }
                _ => {}
            }
            closed = open.is_empty() && matches!(byte, b'}' | b']') || closed;
            at += 1;
        }
        if !open.is_empty() {
            return Err(NoJson);
        }
        out.extend_from_slice(&text[copied..]);
        Ok(out)
    }

    fn key(&self, key: &str, replaced: &mut Replaced) -> Option<String> {
        (key.len() >= SHORTEST).then(|| self.forms(key, replaced))?
    }

    /// A text with its secrets replaced, if it has some.
    fn text(&self, raw: &[u8], named: bool, replaced: &mut Replaced) -> Result<Option<String>, NoJson> {
        if !named && raw.len() < SHORTEST {
            return Ok(None);
        }
        let text = unescaped(raw)?;
        if named {
            let whole = !is_no_secret(&text) && !super::is_marker(&text);
            return Ok(whole.then(|| self.redactor.replace(&text, replaced)));
        }
        if self.depth < DEEPEST && matches!(text.as_bytes().first(), Some(b'{' | b'[')) && text.contains('"')
        {
            let inner = Walk { depth: self.depth + 1, ..*self };
            let before = replaced.len();
            if let Ok(document) = inner.document(text.as_bytes(), replaced) {
                let document = String::from_utf8(document).map_err(|_| NoJson)?;
                return Ok((replaced.len() > before).then_some(document));
            }
        }
        Ok(self.forms(&text, replaced))
    }

    fn forms(&self, text: &str, replaced: &mut Replaced) -> Option<String> {
        let mut found: Vec<Range<usize>> = Vec::new();
        shapes::find(text.as_bytes(), &mut found);
        let fresh = self.redactor.without(text.as_bytes(), found, replaced)?;
        String::from_utf8(fresh).ok()
    }
}

/// Where the text ends that begins here.
fn end_of(text: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        at += memchr2(b'"', b'\\', text.get(at..)?)?;
        if text[at] == b'"' {
            return Some(at);
        }
        at += 2;
    }
}

fn unescaped(raw: &[u8]) -> Result<String, NoJson> {
    if !raw.contains(&b'\\') {
        return String::from_utf8(raw.to_vec()).map_err(|_| NoJson);
    }
    let mut quoted = Vec::with_capacity(raw.len() + 2);
    quoted.push(b'"');
    quoted.extend_from_slice(raw);
    quoted.push(b'"');
    serde_json::from_slice(&quoted).map_err(|_| NoJson)
}
