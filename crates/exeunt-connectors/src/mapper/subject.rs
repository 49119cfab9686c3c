//! A value that programs are run on.

use jaq_json::{Num, Val};
use serde::Deserialize as _;
use serde_json::Value;

use super::parsed::parse;

/// A JSON value as programs read it.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Subject(pub(super) Val);

/// Says only what sort of value it is: rows hold personal data.
impl std::fmt::Debug for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Subject").field(&self.sort()).finish()
    }
}

impl PartialEq<Value> for Subject {
    fn eq(&self, other: &Value) -> bool {
        self.json().as_ref() == Some(other)
    }
}

impl From<Value> for Subject {
    fn from(value: Value) -> Self {
        // Every JSON value is a value of the engine.
        Self(Val::deserialize(value).unwrap_or(Val::Null))
    }
}

impl Subject {
    /// Prepares a value.
    #[must_use]
    pub fn of(value: &Value) -> Self {
        // Every JSON value is a value of the engine.
        Self(Val::deserialize(value).unwrap_or(Val::Null))
    }

    /// The value in a JSON text.
    ///
    /// # Errors
    /// When it is no JSON text.
    pub fn parse(text: &[u8]) -> Result<Self, serde_json::Error> {
        parse(text).map(Self)
    }

    /// What stands under a path of keys (`user.id`); nothing where there is none, or null.
    #[must_use]
    pub fn has(&self, path: &str) -> bool {
        let mut at = &self.0;
        for key in path.split('.') {
            let Val::Obj(entries) = at else { return false };
            let Some(value) = entries.get(&Val::utf8_str(key.to_owned())) else { return false };
            at = value;
        }
        !matches!(at, Val::Null)
    }

    /// The text under a key; nothing where there is none.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<String> {
        let Val::Obj(entries) = &self.0 else { return None };
        match entries.get(&Val::utf8_str(key.to_owned()))? {
            Val::TStr(text) | Val::BStr(text) => Some(String::from_utf8_lossy(text).into_owned()),
            _ => None,
        }
    }

    /// The names of an object's fields; nothing for other values.
    #[must_use]
    pub fn fields(&self) -> Option<Vec<String>> {
        let Val::Obj(entries) = &self.0 else { return None };
        let names = entries.keys().filter_map(to_json);
        Some(names.filter_map(|name| name.as_str().map(str::to_owned)).collect())
    }

    /// What sort of value it is, in words.
    #[must_use]
    pub const fn sort(&self) -> &'static str {
        match &self.0 {
            Val::Null => "nothing",
            Val::Bool(_) => "true or false",
            Val::Num(_) => "a number",
            Val::TStr(_) | Val::BStr(_) => "a text",
            Val::Arr(_) => "a list",
            Val::Obj(_) => "an object",
        }
    }

    /// Whether it is null.
    #[must_use]
    pub const fn is_null(&self) -> bool {
        matches!(self.0, Val::Null)
    }

    /// As JSON, where it is some.
    #[must_use]
    pub fn json(&self) -> Option<Value> {
        to_json(&self.0)
    }
}

impl std::hash::Hash for Subject {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

/// As JSON; nothing for what JSON cannot say.
pub(super) fn to_json(value: &Val) -> Option<Value> {
    Some(match value {
        Val::Null => Value::Null,
        Val::Bool(is) => Value::Bool(*is),
        Val::Num(number) => match number {
            Num::Int(n) => Value::from(*n),
            Num::Float(f) => Value::Number(serde_json::Number::from_f64(*f)?),
            Num::BigInt(n) => serde_json::from_str(&n.to_string()).ok()?,
            Num::Dec(text) => serde_json::from_str(text).ok()?,
        },
        Val::TStr(bytes) | Val::BStr(bytes) => Value::String(String::from_utf8_lossy(bytes).into_owned()),
        Val::Arr(items) => Value::Array(items.iter().map(to_json).collect::<Option<_>>()?),
        Val::Obj(entries) => {
            let mut object = serde_json::Map::new();
            for (key, value) in entries.iter() {
                let Value::String(key) = to_json(key)? else { return None };
                object.insert(key, to_json(value)?);
            }
            Value::Object(object)
        }
    })
}
