//! Signed notes (C2SP signed-note v1.0.0): a text, an empty line, signature lines.

use std::fmt;

use crate::encoding::{from_base64, to_base64};
use crate::key::{Algorithm, SigningKey, VerifierKey, check_name};

/// The most signatures a note may carry; the specification asks for at least 16.
pub const MAX_SIGNATURES: usize = 64;

/// The longest note read, in bytes: room for [`MAX_SIGNATURES`] post-quantum signatures.
pub const MAX_NOTE: usize = 1 << 20;

/// What is wrong with a note.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Not of the form of a signed note.
    #[error("this is not a signed note: {0}")]
    Form(&'static str),
    /// A key we know signed something else.
    #[error(
        "the signature of {name} on the note does not match: the note was changed, or {name} did not sign it"
    )]
    BadSignature {
        /// Name of the key.
        name: String,
    },
    /// No key we know signed it.
    #[error("no key we know signed the note (signatures by: {})", names.join(", "))]
    Unsigned {
        /// Names on the signature lines.
        names: Vec<String>,
    },
    /// The key signs with a timestamp; see [`crate::cosignature::cosign`].
    #[error("the key {name} cannot sign this: it has signature type {type_byte:#04x}")]
    WrongKeyType {
        /// Name of the key.
        name: String,
        /// Its signature type byte.
        type_byte: u8,
    },
}

/// Something that can verify one key's signatures on notes. Further signature types plug in here.
pub trait NoteVerifier {
    /// Key name.
    fn name(&self) -> &str;
    /// Key id.
    fn id(&self) -> [u8; 4];
    /// Whether this signature (without the key id) on this text is the key's.
    fn verify(&self, text: &str, signature: &[u8]) -> bool;
}

impl NoteVerifier for VerifierKey {
    fn name(&self) -> &str {
        self.name()
    }

    fn id(&self) -> [u8; 4] {
        self.id()
    }

    fn verify(&self, text: &str, signature: &[u8]) -> bool {
        match self.algorithm() {
            Algorithm::Ed25519 => self.accepts(text.as_bytes(), signature),
            Algorithm::CosignatureV1 => crate::cosignature::accepts(self, text, signature),
        }
    }
}

/// One signature line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteSignature {
    /// Name of the key that signed.
    pub name: String,
    /// Its key id.
    pub key_id: [u8; 4],
    /// The signature, in the form of its type.
    pub signature: Vec<u8>,
}

impl fmt::Display for NoteSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut blob = self.key_id.to_vec();
        blob.extend_from_slice(&self.signature);
        writeln!(f, "\u{2014} {} {}", self.name, to_base64(&blob))
    }
}

/// A note: its text is worth nothing before [`verify`](Self::verify).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<NoteSignature>,
}

impl Note {
    /// Signs a text, which must end in a newline.
    ///
    /// # Errors
    /// The text cannot be a note, or the key is not one for notes.
    pub fn sign(text: &str, key: &SigningKey) -> Result<Self, NoteError> {
        check_text(text)?;
        let verifier = key.verifier();
        if verifier.algorithm() != Algorithm::Ed25519 {
            return Err(NoteError::WrongKeyType {
                name: verifier.name().to_owned(),
                type_byte: verifier.algorithm().type_byte(),
            });
        }
        let signature = NoteSignature {
            name: verifier.name().to_owned(),
            key_id: verifier.id(),
            signature: key.sign(text.as_bytes()).to_vec(),
        };
        Ok(Self { text: text.to_owned(), signatures: vec![signature] })
    }

    /// Reads a signed note without verifying anything.
    ///
    /// # Errors
    /// [`NoteError::Form`].
    pub fn parse(note: &str) -> Result<Self, NoteError> {
        if note.len() > MAX_NOTE {
            return Err(NoteError::Form("it is longer than 1 MiB"));
        }
        // "the text is separated from the signatures by the last empty line in the note"
        let blank = note.rfind("\n\n").ok_or(NoteError::Form("there is no empty line before signatures"))?;
        let (text, lines) = (&note[..=blank], &note[blank + 2..]);
        check_text(text)?;
        let lines = lines.strip_suffix('\n').ok_or(NoteError::Form("its last line does not end"))?;
        let signatures: Vec<_> = lines.split('\n').map(NoteSignature::parse).collect::<Result<_, _>>()?;
        if signatures.len() > MAX_SIGNATURES {
            return Err(NoteError::Form("it has more than 64 signatures"));
        }
        Ok(Self { text: text.to_owned(), signatures })
    }

    /// The text, with its final newline.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signature lines, good or bad, known or not.
    #[must_use]
    pub fn signatures(&self) -> &[NoteSignature] {
        &self.signatures
    }

    /// Adds a signature line.
    pub fn add(&mut self, signature: NoteSignature) {
        self.signatures.push(signature);
    }

    /// The signatures made by these keys, each with the place of its key in the slice. Unknown keys are ignored,
    /// even if they share a name or an id (not both) with a known one.
    ///
    /// # Errors
    /// A known key's signature does not match, or no known key signed.
    pub fn verify(&self, known: &[&dyn NoteVerifier]) -> Result<Vec<(usize, &NoteSignature)>, NoteError> {
        let mut good = Vec::new();
        for line in &self.signatures {
            let keys = known.iter().enumerate();
            for (place, key) in keys.filter(|(_, k)| k.name() == line.name && k.id() == line.key_id) {
                if !key.verify(&self.text, &line.signature) {
                    let name = line.name.clone();
                    return Err(NoteError::BadSignature { name });
                }
                good.push((place, line));
            }
        }
        if good.is_empty() {
            let names = self.signatures.iter().map(|line| line.name.clone());
            return Err(NoteError::Unsigned { names: names.collect() });
        }
        Ok(good)
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|line| line.fmt(f))
    }
}

impl NoteSignature {
    /// Reads one signature line, without its newline.
    ///
    /// # Errors
    /// [`NoteError::Form`].
    pub fn parse(line: &str) -> Result<Self, NoteError> {
        let bad = NoteError::Form("a signature line is not `\u{2014} NAME BASE64`");
        let (name, blob) =
            line.strip_prefix("\u{2014} ").and_then(|rest| rest.split_once(' ')).ok_or(bad.clone())?;
        check_name(name).map_err(|_| bad.clone())?;
        let blob = from_base64(blob).ok_or(bad.clone())?;
        match blob.split_first_chunk::<4>() {
            Some((id, signature)) if !signature.is_empty() => {
                Ok(Self { name: name.to_owned(), key_id: *id, signature: signature.to_vec() })
            }
            _ => Err(bad),
        }
    }
}

fn check_text(text: &str) -> Result<(), NoteError> {
    if !text.ends_with('\n') {
        return Err(NoteError::Form("its text does not end in a newline"));
    }
    // signed-note, "Format": no control characters below U+0020 but newline.
    if text.bytes().any(|byte| byte < 0x20 && byte != b'\n') {
        return Err(NoteError::Form("it holds a control character"));
    }
    Ok(())
}
