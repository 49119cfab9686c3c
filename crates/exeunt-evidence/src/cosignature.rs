//! Witness cosignatures (C2SP tlog-cosignature, `cosignature/v1`): a witness states when it saw a checkpoint, and
//! that it never saw one that this one does not continue.

use crate::key::{Algorithm, SigningKey, VerifierKey};
use crate::note::{Note, NoteError, NoteSignature};

/// What a witness signs: a header, the time in whole seconds since 1970, and the whole note text.
fn message(text: &str, seconds: u64) -> Vec<u8> {
    format!("cosignature/v1\ntime {seconds}\n{text}").into_bytes()
}

/// Signs the text of a checkpoint note at a time in seconds since 1970.
///
/// # Errors
/// The key is not a cosignature key (type `0x04`).
pub fn cosign(note: &Note, key: &SigningKey, seconds: u64) -> Result<NoteSignature, NoteError> {
    let verifier = key.verifier();
    if verifier.algorithm() != Algorithm::CosignatureV1 {
        return Err(NoteError::WrongKeyType {
            name: verifier.name().to_owned(),
            type_byte: verifier.algorithm().type_byte(),
        });
    }
    let mut signature = seconds.to_be_bytes().to_vec();
    signature.extend_from_slice(&key.sign(&message(note.text(), seconds)));
    Ok(NoteSignature { name: verifier.name().to_owned(), key_id: verifier.id(), signature })
}

/// The time a cosignature states, in seconds since 1970; worth something only once the note is verified.
#[must_use]
pub fn stated_seconds(signature: &NoteSignature) -> Option<u64> {
    let (seconds, rest) = signature.signature.split_first_chunk::<8>()?;
    (rest.len() == 64).then(|| u64::from_be_bytes(*seconds))
}

pub(crate) fn accepts(key: &VerifierKey, text: &str, blob: &[u8]) -> bool {
    let Some((seconds, signature)) = blob.split_first_chunk::<8>() else {
        return false;
    };
    key.accepts(&message(text, u64::from_be_bytes(*seconds)), signature)
}
