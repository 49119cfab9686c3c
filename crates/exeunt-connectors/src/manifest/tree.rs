//! The document with the line of every key and value, for errors that point at their cause.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;

/// One value of the document.
#[derive(Debug)]
pub(super) enum Node {
    /// Text, number, boolean or null, as text.
    Scalar(Option<String>),
    /// A list, with the line of each item.
    List(Vec<(u64, Node)>),
    /// A mapping: key, line of the key, value.
    Map(Vec<(String, u64, Node)>),
}

/// Why the text is no YAML.
pub(super) struct NoYaml {
    pub(super) line: u64,
    pub(super) says: String,
}

/// Reads the text.
pub(super) fn parse(text: &str) -> Result<Node, NoYaml> {
    serde_saphyr::from_str::<Node>(text).map_err(|error| NoYaml {
        line: error.location().map_or(1, |location| location.line()),
        says: error.without_snippet().to_string(),
    })
}

impl Node {
    /// The value under a key.
    pub(super) fn get(&self, wanted: &str) -> Option<(u64, &Self)> {
        match self {
            Self::Map(entries) => {
                entries.iter().find(|(key, ..)| key == wanted).map(|(_, line, node)| (*line, node))
            }
            Self::List(items) => {
                let (line, node) = items.get(wanted.parse::<usize>().ok()?)?;
                Some((*line, node))
            }
            Self::Scalar(_) => None,
        }
    }

    /// The line of the deepest part of `place` that exists.
    pub(super) fn line_of(&self, place: &[&str]) -> u64 {
        let (mut line, mut node) = (1, self);
        for key in place {
            let Some((found, below)) = node.get(key) else { break };
            (line, node) = (found, below);
        }
        line
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Node;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a YAML value")
            }
            fn visit_unit<E>(self) -> Result<Node, E> {
                Ok(Node::Scalar(None))
            }
            fn visit_none<E>(self) -> Result<Node, E> {
                Ok(Node::Scalar(None))
            }
            fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<Node, D::Error> {
                Node::deserialize(inner)
            }
            fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
                Ok(Node::Scalar(Some(value.to_string())))
            }
            fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
                Ok(Node::Scalar(Some(value.to_string())))
            }
            fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
                Ok(Node::Scalar(Some(value.to_string())))
            }
            fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
                Ok(Node::Scalar(Some(value.to_string())))
            }
            fn visit_str<E>(self, value: &str) -> Result<Node, E> {
                Ok(Node::Scalar(Some(value.to_owned())))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Node, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = access.next_element::<Spanned<Node>>()? {
                    items.push((item.referenced.line(), item.value));
                }
                Ok(Node::List(items))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Node, A::Error> {
                let mut entries = Vec::new();
                while let Some((key, value)) = access.next_entry::<Spanned<String>, Node>()? {
                    entries.push((key.value, key.referenced.line(), value));
                }
                Ok(Node::Map(entries))
            }
        }
        deserializer.deserialize_any(Any)
    }
}
