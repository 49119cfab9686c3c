//! Keys: who signs. Verifier keys and signing keys in the text forms of C2SP signed-note.

use std::fmt;
use std::str::FromStr;

use ed25519_dalek::{Signature, Signer as _, VerifyingKey};

use crate::Digest;
use crate::encoding::{from_base64, to_base64};

/// What a key signs, by its signature type byte (signed-note, "Signature types").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// `0x01`: Ed25519 over the note text.
    Ed25519,
    /// `0x04`: Ed25519 over a timestamp and the note text, by a witness ([`crate::cosignature`]).
    CosignatureV1,
}

impl Algorithm {
    /// The signature type byte.
    #[must_use]
    pub const fn type_byte(self) -> u8 {
        match self {
            Self::Ed25519 => 0x01,
            Self::CosignatureV1 => 0x04,
        }
    }
}

/// A text that is not a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not a key name.
    #[error(
        "{0:?} is not a key name: it must not be empty and must not hold spaces, control characters or '+'"
    )]
    Name(String),
    /// Not of the form of a verifier key.
    #[error(
        "this is not a verifier key: expected NAME+HEXID+BASE64, as `exeunt evidence checkpoint` prints it"
    )]
    Form,
    /// Not of the form of a signing key. The text is not repeated here: it may hold the secret.
    #[error("this is not a signing key: expected PRIVATE+KEY+NAME+HEXID+BASE64")]
    SecretForm,
    /// The key id is not that of the key.
    #[error("the key id in the text does not belong to the key {name}: the text was changed or mistyped")]
    Id {
        /// Name of the key.
        name: String,
    },
    /// A signature type that is not known here.
    #[error("the key {name} has signature type {type_byte:#04x}, which is not supported (0x01 and 0x04 are)")]
    Unsupported {
        /// Name of the key.
        name: String,
        /// Its signature type.
        type_byte: u8,
    },
    /// The bytes are not an Ed25519 public key.
    #[error("the key {name} is not an Ed25519 public key")]
    Point {
        /// Name of the key.
        name: String,
    },
}

/// A public key and its name: `NAME+HEXID+base64(type byte || key)`.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    algorithm: Algorithm,
    key: VerifyingKey,
}

impl VerifierKey {
    /// A key from its parts; `public` is the 32 bytes of RFC 8032.
    ///
    /// # Errors
    /// The name is not a key name, or the bytes are not a public key.
    pub fn new(name: &str, algorithm: Algorithm, public: &[u8; 32]) -> Result<Self, KeyError> {
        check_name(name)?;
        let key = VerifyingKey::from_bytes(public).map_err(|_| KeyError::Point { name: name.to_owned() })?;
        Ok(Self { name: name.to_owned(), algorithm, key })
    }

    /// The key's name; for a log, its origin.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it signs.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// What people compare: SHA-256 of `name || 0x0A || type byte || key`. Its first four bytes are the key id.
    #[must_use]
    pub fn fingerprint(&self) -> Digest {
        let type_byte = [self.algorithm.type_byte()];
        Digest::of_all(&[self.name.as_bytes(), b"\n", &type_byte, self.key.as_bytes()])
    }

    /// The four-byte key id of signed-note.
    #[must_use]
    pub fn id(&self) -> [u8; 4] {
        let [a, b, c, d, ..] = *self.fingerprint().as_bytes();
        [a, b, c, d]
    }

    /// Whether both wrap one public key, whatever their names: to tlog-policy that is a duplicate.
    pub(crate) fn same_public(&self, other: &Self) -> bool {
        self.key == other.key
    }

    /// RFC 8032 verification without the malleable cases: a signature has one encoding, and weak keys sign nothing.
    pub(crate) fn accepts(&self, message: &[u8], signature: &[u8]) -> bool {
        Signature::from_slice(signature)
            .is_ok_and(|signature| self.key.verify_strict(message, &signature).is_ok())
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let body = typed(self.algorithm, self.key.as_bytes());
        let id = hex::encode(self.id());
        write!(f, "{}+{id}+{}", self.name, to_base64(&body))
    }
}

impl fmt::Debug for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifierKey({self})")
    }
}

impl FromStr for VerifierKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(body)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(KeyError::Form);
        };
        check_name(name)?;
        let body = from_base64(body).ok_or(KeyError::Form)?;
        let (type_byte, public) = body.split_first().ok_or(KeyError::Form)?;
        let algorithm = match type_byte {
            0x01 => Algorithm::Ed25519,
            0x04 => Algorithm::CosignatureV1,
            _ => {
                return Err(KeyError::Unsupported { name: name.to_owned(), type_byte: *type_byte });
            }
        };
        let public = public.try_into().map_err(|_| KeyError::Form)?;
        let key = Self::new(name, algorithm, public)?;
        if hex::encode(key.id()) == id { Ok(key) } else { Err(KeyError::Id { name: name.to_owned() }) }
    }
}

/// A secret Ed25519 key and its name. It cannot print; [`expose_text`](Self::expose_text) is the one way out.
#[derive(Clone)]
pub struct SigningKey {
    verifier: VerifierKey,
    secret: ed25519_dalek::SigningKey,
}

impl SigningKey {
    /// The key that this 32-byte seed stands for (RFC 8032 §5.1.5). For a new key the caller fills the seed from the
    /// system's randomness; the seed is the secret.
    ///
    /// # Errors
    /// The name is not a key name.
    pub fn from_seed(name: &str, algorithm: Algorithm, seed: &[u8; 32]) -> Result<Self, KeyError> {
        let secret = ed25519_dalek::SigningKey::from_bytes(seed);
        let verifier = VerifierKey::new(name, algorithm, secret.verifying_key().as_bytes())?;
        Ok(Self { verifier, secret })
    }

    /// Reads the text of [`expose_text`](Self::expose_text). No error repeats the text.
    ///
    /// # Errors
    /// The text is not a signing key, or its id does not belong to it.
    pub fn from_text(text: &str) -> Result<Self, KeyError> {
        let rest = text.trim_ascii_end().strip_prefix("PRIVATE+KEY+").ok_or(KeyError::SecretForm)?;
        let mut parts = rest.splitn(3, '+');
        let (Some(name), Some(id), Some(body)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(KeyError::SecretForm);
        };
        let body = from_base64(body).ok_or(KeyError::SecretForm)?;
        let (algorithm, seed) = match body.split_first() {
            Some((0x01, seed)) => (Algorithm::Ed25519, seed),
            Some((0x04, seed)) => (Algorithm::CosignatureV1, seed),
            _ => return Err(KeyError::SecretForm),
        };
        let seed: &[u8; 32] = seed.try_into().map_err(|_| KeyError::SecretForm)?;
        let key = Self::from_seed(name, algorithm, seed)?;
        if hex::encode(key.verifier.id()) == id {
            Ok(key)
        } else {
            Err(KeyError::Id { name: name.to_owned() })
        }
    }

    /// The key as text, **with the secret**: `PRIVATE+KEY+NAME+HEXID+base64(type byte || seed)`, the form that Go's
    /// note package and other signed-note tools read. For the file the key is kept in, and nothing else.
    #[must_use]
    pub fn expose_text(&self) -> String {
        let body = typed(self.verifier.algorithm, self.secret.as_bytes());
        let id = hex::encode(self.verifier.id());
        format!("PRIVATE+KEY+{}+{id}+{}", self.verifier.name, to_base64(&body))
    }

    /// The public half.
    #[must_use]
    pub const fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.secret.sign(message).to_bytes()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({}, secret not shown)", self.verifier.name)
    }
}

fn typed(algorithm: Algorithm, key: &[u8; 32]) -> Vec<u8> {
    let mut body = vec![algorithm.type_byte()];
    body.extend_from_slice(key);
    body
}

/// signed-note, "Format": key names are not empty and hold neither Unicode spaces nor plus.
pub(crate) fn check_name(name: &str) -> Result<(), KeyError> {
    let bad = |c: char| c.is_whitespace() || c.is_control() || c == '+';
    if name.is_empty() || name.contains(bad) {
        return Err(KeyError::Name(name.to_owned()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A log line or a panic message must not be able to give the log's key away.
    #[test]
    fn a_signing_key_cannot_print() {
        let seed = [0xA7; 32];
        let key = SigningKey::from_seed("example.com/log", Algorithm::Ed25519, &seed).unwrap();
        let shown = format!("{key:?} {key:#?}");
        assert!(shown.contains("example.com/log") && shown.contains("not shown"));
        let text = key.expose_text();
        let (_, secret) = text.rsplit_once('+').unwrap();
        for form in [secret, &hex::encode(seed), "a7", "A7", "167"] {
            assert!(!shown.contains(form), "{form} is in {shown}");
        }
    }

    /// A mistyped secret must not be repeated by the error that refuses it.
    #[test]
    fn errors_do_not_repeat_a_secret() {
        let key = SigningKey::from_seed("log", Algorithm::Ed25519, &[0xA7; 32]).unwrap();
        let text = key.expose_text();
        let (_, secret) = text.rsplit_once('+').unwrap();
        for broken in [
            text.replace("PRIVATE", "PRIVAT"),
            text.replace("+log+", "+lag+"),
            text[..text.len() - 1].to_owned(),
            format!("{text}="),
        ] {
            let error = SigningKey::from_text(&broken).unwrap_err();
            let shown = format!("{error} {error:?}");
            assert!(!shown.contains(&secret[..20]), "{shown}");
        }
    }

    /// A key that comes back different from its file would sign a log nobody can verify.
    #[test]
    fn keys_come_back_from_their_text() {
        let key = SigningKey::from_seed("log", Algorithm::Ed25519, &[7; 32]).unwrap();
        let again = SigningKey::from_text(&format!("{}\n", key.expose_text())).unwrap();
        assert_eq!(again.verifier(), key.verifier());
        assert_eq!(again.expose_text(), key.expose_text());
        let public = key.verifier().to_string();
        assert_eq!(public.parse().as_ref(), Ok(key.verifier()));
        assert!(key.verifier().fingerprint().to_hex().starts_with(&hex::encode(key.verifier().id())));
    }

    /// An auditor who mistypes the expected key must hear so, not get a verdict on another key.
    #[test]
    fn a_changed_verifier_key_is_refused() {
        let key = SigningKey::from_seed("log", Algorithm::Ed25519, &[7; 32]).unwrap();
        let text = key.verifier().to_string();
        for at in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).unwrap();
            assert!(changed.parse::<VerifierKey>().is_err(), "{changed}");
        }
        for bad in ["", "+", "++", "log", "a b+00000000+AQ==", "log+00000000+", "log+00000000+/w=="] {
            assert!(bad.parse::<VerifierKey>().is_err(), "{bad}");
        }
    }
}
