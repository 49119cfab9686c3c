//! One byte form for each JSON value, so that equal values have equal digests.
//!
//! Objects are written with their keys in byte order and without spaces; that is what
//! `serde_json` does with its default map, which is ordered. Going through [`serde_json::Value`]
//! makes the order independent of the order of fields in a Rust type.

use serde::Serialize;

use crate::Digest;

/// The canonical JSON bytes of `value`.
///
/// # Errors
/// When the value cannot be JSON at all (a map whose keys are not text, a number that is not
/// finite).
pub fn bytes<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, serde_json::Error> {
    serde_json::to_vec(&serde_json::to_value(value)?)
}

/// The digest of the canonical bytes.
///
/// # Errors
/// As for [`bytes`].
pub fn digest<T: Serialize + ?Sized>(value: &T) -> Result<Digest, serde_json::Error> {
    Ok(Digest::of(&bytes(value)?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    /// Two runs that differ only in the order fields were written must not look like a change.
    #[test]
    fn key_order_does_not_matter() -> Result<(), serde_json::Error> {
        let one: serde_json::Value = serde_json::from_str(r#"{"b":1,"a":[2,{"d":3,"c":4}]}"#)?;
        assert_eq!(super::bytes(&one)?, br#"{"a":[2,{"c":4,"d":3}],"b":1}"#);
        assert_eq!(super::digest(&one)?, super::digest(&json!({"a":[2,{"c":4,"d":3}],"b":1}))?);
        Ok(())
    }
}
