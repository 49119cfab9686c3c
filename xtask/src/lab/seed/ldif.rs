//! Changes to a directory, as text.

use std::fmt::Write as _;

/// LDIF being written.
#[derive(Debug, Default)]
pub struct Ldif(String);

impl Ldif {
    /// Adds an entry.
    pub fn add(&mut self, dn: &str, attributes: &[(&str, &str)]) {
        self.line("dn", dn);
        self.line("changetype", "add");
        for (name, value) in attributes {
            self.line(name, value);
        }
        self.0.push('\n');
    }

    /// Changes one attribute of an entry: `how` is `add`, `delete` or `replace`.
    pub fn modify(&mut self, dn: &str, how: &str, attribute: &str, value: &str) {
        self.line("dn", dn);
        self.line("changetype", "modify");
        self.line(how, attribute);
        self.line(attribute, value);
        self.0.push_str("-\n\n");
    }

    /// Removes an entry.
    pub fn delete(&mut self, dn: &str) {
        self.line("dn", dn);
        self.line("changetype", "delete");
        self.0.push('\n');
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// One line; a value that LDIF could misread is written in base64.
    fn line(&mut self, name: &str, value: &str) {
        let plain =
            value.bytes().all(|byte| (b' '..=b'~').contains(&byte)) && !value.starts_with([' ', ':', '<']);
        // Writing to a String cannot fail.
        let _ = if plain {
            writeln!(self.0, "{name}: {value}")
        } else {
            writeln!(self.0, "{name}:: {}", base64(value.as_bytes()))
        };
    }
}

/// Standard base64 with padding.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let mut group = [0_u8; 3];
        group[..chunk.len()].copy_from_slice(chunk);
        let [a, b, c] = group;
        let letters = [a >> 2, (a & 3) << 4 | b >> 4, (b & 15) << 2 | c >> 6, c & 63];
        for (index, letter) in letters.into_iter().enumerate() {
            out.push(if index <= chunk.len() { char::from(LETTERS[usize::from(letter)]) } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    /// A name with an accent must arrive in the directory as it is written.
    #[test]
    fn what_ldif_could_misread_is_base64() {
        let mut ldif = super::Ldif::default();
        ldif.modify("uid=x", "replace", "givenName", "Lucía");
        assert_eq!(
            ldif.text(),
            "dn: uid=x\nchangetype: modify\nreplace: givenName\ngivenName:: THVjw61h\n-\n\n"
        );
        assert_eq!(super::base64(b"ab"), "YWI=");
        assert_eq!(super::base64(b"a"), "YQ==");
    }
}
