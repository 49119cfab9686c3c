//! JSON text to the engine's values. The engine's own reading lets each object grow from nothing; rows of a page have
//! about as many fields each, so that here each object begins as large as the one before it ended; and texts without
//! escapes are parts of the page instead of copies.

use std::cell::{Cell, RefCell};
use std::fmt;

use bytes::Bytes;
use jaq_json::Val;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// A value that was read.
struct Parsed(Val);

/// No object is given more room than this before its fields have come.
const MOST: usize = 64;

thread_local! {
    static FIELDS: Cell<usize> = const { Cell::new(0) };
    /// The text that is being read.
    static TEXT: RefCell<Bytes> = const { RefCell::new(Bytes::new()) };
}

/// Reads a JSON text.
pub(super) fn parse(text: &[u8]) -> Result<Val, serde_json::Error> {
    let text = Bytes::copy_from_slice(text);
    TEXT.set(text.clone());
    let read = serde_json::from_slice::<Parsed>(&text);
    TEXT.set(Bytes::new());
    read.map(|Parsed(value)| value)
}

impl<'de> Deserialize<'de> for Parsed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Values).map(Self)
    }
}

struct Values;

/// A value that is no list and no object is made as the engine makes it.
fn plain<E: serde::de::Error>(value: impl serde::de::IntoDeserializer<'static, E>) -> Result<Val, E> {
    Val::deserialize(value.into_deserializer())
}

impl<'de> Visitor<'de> for Values {
    type Value = Val;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Val, E> {
        Ok(Val::Null)
    }

    fn visit_bool<E>(self, is: bool) -> Result<Val, E> {
        Ok(Val::Bool(is))
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Val, E> {
        plain(number)
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Val, E> {
        plain(number)
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Val, E> {
        plain(number)
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Val, E> {
        // What is borrowed is a part of the text that is read.
        Ok(Val::utf8_str(TEXT.with_borrow(|whole| whole.slice_ref(text.as_bytes()))))
    }

    fn visit_str<E>(self, text: &str) -> Result<Val, E> {
        Ok(Val::utf8_str(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Val, E> {
        Ok(Val::utf8_str(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Val, A::Error> {
        std::iter::from_fn(|| items.next_element::<Parsed>().transpose().map(|item| item.map(|item| item.0)))
            .collect()
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Val, A::Error> {
        let mut object = jaq_json::Map::default();
        object.reserve(FIELDS.get().min(MOST));
        while let Some((key, value)) = entries.next_entry::<Parsed, Parsed>()? {
            object.insert(key.0, value.0);
        }
        FIELDS.set(object.len());
        Ok(Val::obj(object))
    }
}

#[cfg(test)]
mod tests {
    use jaq_json::Val;
    use proptest::prelude::*;

    use super::parse;

    fn json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            any::<u64>().prop_map(Into::into),
            any::<f64>().prop_filter("JSON has no others", |number| number.is_finite()).prop_map(Into::into),
            ".*".prop_map(Into::into),
        ];
        leaf.prop_recursive(4, 64, 8, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..8).prop_map(Into::into),
                prop::collection::btree_map(".*", inner, 0..8)
                    .prop_map(|object| object.into_iter().collect::<serde_json::Map<_, _>>().into()),
            ]
        })
    }

    proptest! {
        /// What is read here is what the engine itself reads: a mapping must not see another page than its tests saw.
        #[test]
        fn reads_as_the_engine_does(value in json()) {
            let text = value.to_string();
            let own: Val = serde_json::from_str(&text).expect("JSON");
            prop_assert_eq!(parse(text.as_bytes()).expect("JSON"), own);
        }
    }
}
