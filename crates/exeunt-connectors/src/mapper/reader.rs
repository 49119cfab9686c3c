//! The engine's values as something serde reads from, so that records are made without a detour, and references in them
//! become whole on the way.

use jaq_json::{Num, Val};
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, DeserializeSeed, IntoDeserializer as _, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;

use exeunt_model::{Ref, SystemId};

use super::record::{BadRecord, Fields};
use super::to_json;

/// What a value holds, where that makes a difference.
#[derive(Clone, Copy)]
pub(super) enum Role {
    /// Nothing in particular.
    Plain,
    /// The fields of a record of this sort.
    Record(&'static Fields),
    /// A reference, in the field of this name.
    Reference(&'static str),
    /// A list of references.
    References(&'static str),
    /// Somebody: `{"object": reference}` or a login, address or key.
    Who(&'static str),
    /// Somebody for each key.
    People(&'static str),
}

impl Role {
    /// What a field holds.
    fn of(self, key: &str) -> Self {
        let named = |names: &[&'static str]| names.iter().copied().find(|name| *name == key);
        match self {
            Self::Record(fields) => named(fields.refs)
                .map(Self::Reference)
                .or_else(|| named(fields.lists).map(Self::References))
                .or_else(|| named(fields.whos).map(Self::Who))
                .or_else(|| named(fields.maps).map(Self::People))
                .unwrap_or(Self::Plain),
            Self::Who(field) if key == "object" => Self::Reference(field),
            Self::People(field) => Self::Who(field),
            _ => Self::Plain,
        }
    }

    /// What an item of a list holds.
    const fn of_item(self) -> Self {
        match self {
            Self::References(field) => Self::Reference(field),
            _ => Self::Plain,
        }
    }
}

/// One value in its place.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    pub(super) value: &'a Val,
    pub(super) role: Role,
    pub(super) home: &'a SystemId,
}

impl de::Error for BadRecord {
    fn custom<T: std::fmt::Display>(why: T) -> Self {
        Self::Shape { noun: String::new(), why: why.to_string() }
    }
}

impl<'de> Reader<'de> {
    fn text<V: Visitor<'de>>(self, text: &'de [u8], visitor: V) -> Result<V::Value, BadRecord> {
        let text = String::from_utf8_lossy(text);
        if let Role::Reference(field) = self.role {
            let whole = Ref::localise(&text, self.home)
                .map_err(|error| BadRecord::Reference { field: field.to_owned(), why: error.to_string() })?;
            return visitor.visit_string(whole.to_string());
        }
        match text {
            std::borrow::Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
            std::borrow::Cow::Owned(text) => visitor.visit_string(text),
        }
    }

    fn map(
        self,
        entries: &'de jaq_json::Map<Val, Val>,
    ) -> Entries<'de, impl Iterator<Item = (&'de Val, &'de Val)>> {
        Entries { entries: entries.iter(), within: self, value: None }
    }
}

impl<'de> de::Deserializer<'de> for Reader<'de> {
    type Error = BadRecord;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BadRecord> {
        match self.value {
            Val::Null => visitor.visit_unit(),
            Val::Bool(is) => visitor.visit_bool(*is),
            Val::Num(Num::Int(number)) => visitor.visit_i64(*number as i64),
            Val::Num(_) => {
                let number = to_json(self.value).ok_or_else(|| de::Error::custom("a number without end"))?;
                number.deserialize_any(visitor).map_err(de::Error::custom)
            }
            Val::TStr(text) | Val::BStr(text) => self.text(text, visitor),
            Val::Arr(items) => visitor.visit_seq(Items { items: items.iter(), within: self }),
            Val::Obj(entries) => visitor.visit_map(self.map(entries)),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BadRecord> {
        if matches!(self.value, Val::Null) { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, BadRecord> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, BadRecord> {
        match self.value {
            Val::TStr(text) | Val::BStr(text) => {
                let text = String::from_utf8_lossy(text);
                visitor.visit_enum(text.into_deserializer())
            }
            Val::Obj(entries) if entries.len() == 1 => {
                visitor.visit_enum(MapAccessDeserializer::new(self.map(entries)))
            }
            _ => Err(de::Error::custom("expected a word, or an object with one field")),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct identifier ignored_any
    }
}

struct Items<'de, I> {
    items: I,
    within: Reader<'de>,
}

impl<'de, I: Iterator<Item = &'de Val>> SeqAccess<'de> for Items<'de, I> {
    type Error = BadRecord;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, BadRecord> {
        let Some(value) = self.items.next() else { return Ok(None) };
        seed.deserialize(Reader { value, role: self.within.role.of_item(), ..self.within }).map(Some)
    }
}

struct Entries<'de, I> {
    entries: I,
    within: Reader<'de>,
    value: Option<Reader<'de>>,
}

impl<'de, I: Iterator<Item = (&'de Val, &'de Val)>> MapAccess<'de> for Entries<'de, I> {
    type Error = BadRecord;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, BadRecord> {
        for (key, value) in self.entries.by_ref() {
            let (Val::TStr(name) | Val::BStr(name)) = key else {
                return Err(de::Error::custom("an object whose keys are not text"));
            };
            let name = String::from_utf8_lossy(name);
            // The tag says what the record is; it is no field of it.
            if name == "record" && matches!(self.within.role, Role::Record(_)) {
                continue;
            }
            self.value = Some(Reader { value, role: self.within.role.of(&name), ..self.within });
            return seed.deserialize(Reader { value: key, role: Role::Plain, ..self.within }).map(Some);
        }
        Ok(None)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, BadRecord> {
        let value = self.value.take().ok_or_else(|| de::Error::custom("a value without its key"))?;
        seed.deserialize(value)
    }
}
