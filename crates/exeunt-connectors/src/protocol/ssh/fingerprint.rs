//! A public key's SHA-256 fingerprint, as OpenSSH writes it.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};

use exeunt_model::Digest;

/// A public key as it stands in a file: its sort and what came after it.
pub(super) struct PublicKey<'a> {
    pub(super) sort: &'a str,
    pub(super) fingerprint: String,
    /// Options before it and comment after it.
    pub(super) before: &'a str,
    pub(super) comment: &'a str,
}

/// The fingerprint of the key in a line: `ssh-ed25519 AAAA… comment`, with or without what may stand around
/// it, or the base64 alone.
pub(crate) fn fingerprint(line: &str) -> Option<String> {
    if let Some(key) = public_key(line) {
        return Some(key.fingerprint);
    }
    of_base64(line.trim(), None)
}

/// The key in a line of `authorized_keys`; options may hold spaces within quotes.
pub(super) fn public_key(line: &str) -> Option<PublicKey<'_>> {
    let words = words(line);
    for (index, pair) in words.windows(2).enumerate() {
        let [(start, sort), (at, text)] = pair else { continue };
        if let Some(fingerprint) = of_base64(text, Some(sort)) {
            let comment = line.get(at + text.len()..).unwrap_or_default().trim();
            let before = if index == 0 { "" } else { line.get(..*start).unwrap_or_default().trim() };
            return Some(PublicKey { sort, fingerprint, before, comment });
        }
    }
    None
}

/// Words and where they begin; a space within double quotes does not end one.
fn words(line: &str) -> Vec<(usize, &str)> {
    let (mut found, mut start, mut quoted) = (Vec::new(), None, false);
    for (at, c) in line.char_indices() {
        if c == '"' {
            quoted = !quoted;
        }
        match (c.is_whitespace() && !quoted, start) {
            (true, Some(from)) => {
                found.extend(line.get(from..at).map(|word| (from, word)));
                start = None;
            }
            (false, None) => start = Some(at),
            _ => {}
        }
    }
    found.extend(start.and_then(|from| line.get(from..).map(|word| (from, word))));
    found
}

/// A key's bytes begin with the length and name of its sort (RFC 4253 §6.6), which has to be the one before it.
fn of_base64(text: &str, sort: Option<&str>) -> Option<String> {
    if !text.starts_with("AAAA") {
        return None;
    }
    let bytes = STANDARD.decode(text).ok().or_else(|| STANDARD_NO_PAD.decode(text).ok())?;
    let length = u32::from_be_bytes(bytes.get(..4)?.try_into().ok()?) as usize;
    let name = std::str::from_utf8(bytes.get(4..4_usize.checked_add(length)?)?).ok()?;
    if bytes.len() == 4 + length || sort.is_some_and(|sort| sort != name) {
        return None;
    }
    Some(format!("SHA256:{}", STANDARD_NO_PAD.encode(Digest::of(&bytes).bytes())))
}

#[cfg(test)]
mod tests {
    use super::{fingerprint, public_key};

    const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";
    /// As `ssh-keygen -l` says it.
    const PRINT: &str = "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU";

    /// A key with a comment of somebody else is still the same key, and a comment that looks like a key is none.
    #[test]
    fn a_key_is_known_by_its_bytes() {
        assert_eq!(fingerprint(KEY).as_deref(), Some(PRINT));
        assert_eq!(fingerprint(KEY.split(' ').nth(1).expect("base64")).as_deref(), Some(PRINT));
        let line = format!("restrict,command=\"echo a b\",from=\"10.0.0.0/8\" {KEY} ben@acme.example laptop");
        let key = public_key(&line).expect("a key");
        assert_eq!((key.sort, key.fingerprint.as_str()), ("ssh-ed25519", PRINT));
        assert_eq!(key.comment, "ben@acme.example laptop");
        assert_eq!(key.before, "restrict,command=\"echo a b\",from=\"10.0.0.0/8\"");
        for none in [
            "",
            "ssh-ed25519",
            "ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIOMq",
            "ssh-ed25519 AAAA====",
            "root:$6$x:1::",
        ] {
            assert!(public_key(none).is_none(), "{none}");
        }
    }
}
