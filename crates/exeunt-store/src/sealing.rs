//! Sealing bytes: compressed (Zstandard), then encrypted and authenticated (XChaCha20-Poly1305), bound to what they are.

use std::fmt;
use std::io::Read as _;

use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use exeunt_model::Digest;

/// What a sealed body begins with.
pub(crate) const MAGIC: &[u8; 4] = b"EXS1";
const NONCE: usize = 24;
/// Largest body that is opened.
const LARGEST: u64 = 8 << 30;
/// Zstandard level 3: the library's own default.
const LEVEL: i32 = 3;

/// Where keys and nonces come from: the operating system, or a seed in a test.
pub type Chance = fn(&mut [u8]);

/// A key of 256 bits. It cannot print.
#[derive(Clone, PartialEq, Eq)]
pub struct SealingKey([u8; 32]);

/// Something sealed does not open with this key: another key, or changed bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it does not open with this key: it was sealed with another one, or changed")]
pub struct NotOpened;

impl SealingKey {
    /// A new key.
    #[must_use]
    pub fn make(chance: Chance) -> Self {
        let mut bytes = [0; 32];
        chance(&mut bytes);
        Self(bytes)
    }

    /// Reads 64 hexadecimal digits; no error repeats them.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text.trim(), &mut bytes).ok()?;
        Some(Self(bytes))
    }

    /// The key as text, **with the secret**: for the file it is kept in, and nothing else.
    #[must_use]
    pub fn expose_text(&self) -> String {
        hex::encode(self.0)
    }

    /// What tells keys apart without giving them away.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        Digest::of(&[b"exeunt sealing key\n".as_slice(), &self.0].concat()).to_string()
    }

    /// Seals bytes; `about` says what they are, and only with the same words do they open.
    ///
    /// # Errors
    /// When they cannot be compressed or are too many.
    pub fn seal(&self, about: &[u8], bytes: &[u8], chance: Chance) -> std::io::Result<Vec<u8>> {
        let packed = zstd::bulk::compress(bytes, LEVEL)?;
        let mut nonce = [0; NONCE];
        chance(&mut nonce);
        let cipher = XChaCha20Poly1305::new(&self.0.into());
        let sealed = cipher
            .encrypt(&XNonce::from(nonce), Payload { msg: &packed, aad: about })
            .map_err(|_| std::io::Error::other("too many bytes to seal"))?;
        Ok([MAGIC.as_slice(), &nonce, &sealed].concat())
    }

    /// Opens what [`seal`](Self::seal) made.
    ///
    /// # Errors
    /// [`NotOpened`].
    #[expect(
        clippy::disallowed_methods,
        reason = "authenticated before it is unpacked, and capped by LARGEST just here"
    )]
    pub fn open(&self, about: &[u8], sealed: &[u8]) -> Result<Vec<u8>, NotOpened> {
        let rest = sealed.strip_prefix(MAGIC).ok_or(NotOpened)?;
        let (nonce, body) = rest.split_first_chunk::<NONCE>().ok_or(NotOpened)?;
        let cipher = XChaCha20Poly1305::new(&self.0.into());
        let packed = cipher.decrypt(&XNonce::from(*nonce), Payload { msg: body, aad: about });
        let packed = packed.map_err(|_| NotOpened)?;
        let mut bytes = Vec::new();
        zstd::Decoder::new(packed.as_slice())
            .and_then(|decoder| decoder.take(LARGEST).read_to_end(&mut bytes))
            .map_err(|_| NotOpened)?;
        Ok(bytes)
    }
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealingKey({}, secret not shown)", self.fingerprint())
    }
}

#[cfg(test)]
mod tests {
    use super::SealingKey;

    fn sevens(bytes: &mut [u8]) {
        bytes.fill(7);
    }

    /// A body that opened under another name, or after a change, would be other evidence.
    #[test]
    fn it_opens_as_what_it_is_and_not_otherwise() {
        let key = SealingKey::make(sevens);
        let body = b"mara.voss@halden.example ".repeat(100);
        let sealed = key.seal(b"a name", &body, sevens).expect("sealed");
        assert!(sealed.len() < body.len() / 5, "compressed before it is encrypted");
        assert!(!sealed.windows(9).any(|window| window == b"mara.voss"));
        assert_eq!(key.open(b"a name", &sealed).expect("opened"), body);
        assert!(key.open(b"another name", &sealed).is_err());
        let other = SealingKey::from_text(&"08".repeat(32)).expect("a key");
        assert!(other.open(b"a name", &sealed).is_err());
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(key.open(b"a name", &changed).is_err(), "byte {at}");
            assert!(key.open(b"a name", &sealed[..at]).is_err(), "cut at {at}");
        }
    }

    /// A key that printed would be in the first log line about it.
    #[test]
    fn a_key_cannot_print() {
        let key = SealingKey::from_text(&"a7".repeat(32)).expect("a key");
        let shown = format!("{key:?}");
        assert!(!shown.contains("a7a7") && !shown.contains("167, 167"), "{shown}");
        assert_eq!(SealingKey::from_text(&key.expose_text()), Some(key));
        assert_eq!(SealingKey::from_text("a7"), None);
    }
}
