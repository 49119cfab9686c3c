//! Thrift's compact protocol, as far as a Parquet footer needs it.
//! Source: the Thrift project's `thrift-compact-protocol.md`.

use std::collections::BTreeMap;

/// Deeper than any footer: file, row group, column, statistics.
const DEEPEST: u8 = 16;

const I32: u8 = 5;
const I64: u8 = 6;
const BINARY: u8 = 8;
const LIST: u8 = 9;
const STRUCT: u8 = 12;

/// Writes one structure, field by field in ascending order.
#[derive(Debug, Default)]
pub(super) struct Writer {
    bytes: Vec<u8>,
    last: u8,
}

impl Writer {
    fn head(&mut self, field: u8, kind: u8) {
        // The fields of a footer are numbered below 16 and written in order, so the short form always fits.
        self.bytes.push((field - self.last) << 4 | kind);
        self.last = field;
    }

    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.bytes.push(value.to_le_bytes()[0] | 0x80);
            value >>= 7;
        }
        self.bytes.push(value.to_le_bytes()[0]);
    }

    /// A 32-bit number.
    pub fn int(&mut self, field: u8, value: i32) -> &mut Self {
        self.head(field, I32);
        self.varint(zigzag(value.into()));
        self
    }

    /// A 64-bit number.
    pub fn long(&mut self, field: u8, value: i64) -> &mut Self {
        self.head(field, I64);
        self.varint(zigzag(value));
        self
    }

    /// Text or bytes.
    pub fn binary(&mut self, field: u8, value: &[u8]) -> &mut Self {
        self.head(field, BINARY);
        self.varint(value.len() as u64);
        self.bytes.extend_from_slice(value);
        self
    }

    /// A structure within.
    pub fn structure(&mut self, field: u8, inner: Writer) -> &mut Self {
        self.head(field, STRUCT);
        self.bytes.extend(inner.finish());
        self
    }

    fn list(&mut self, field: u8, kind: u8, len: usize) {
        self.head(field, LIST);
        if let Ok(short @ 0..=14) = u8::try_from(len) {
            self.bytes.push(short << 4 | kind);
        } else {
            self.bytes.push(0xf0 | kind);
            self.varint(len as u64);
        }
    }

    /// A list of structures.
    pub fn structures(&mut self, field: u8, all: Vec<Writer>) -> &mut Self {
        self.list(field, STRUCT, all.len());
        for inner in all {
            self.bytes.extend(inner.finish());
        }
        self
    }

    /// A list of 32-bit numbers.
    pub fn ints(&mut self, field: u8, all: &[i32]) -> &mut Self {
        self.list(field, I32, all.len());
        for value in all {
            self.varint(zigzag((*value).into()));
        }
        self
    }

    /// A list of texts.
    pub fn texts(&mut self, field: u8, all: &[&str]) -> &mut Self {
        self.list(field, BINARY, all.len());
        for text in all {
            self.varint(text.len() as u64);
            self.bytes.extend_from_slice(text.as_bytes());
        }
        self
    }

    /// The bytes, ended.
    pub fn finish(mut self) -> Vec<u8> {
        self.bytes.push(0);
        self.bytes
    }
}

const fn zigzag(value: i64) -> u64 {
    (value.wrapping_shl(1) ^ (value >> 63)).cast_unsigned()
}

/// What was read.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Number(i64),
    Bytes(Vec<u8>),
    List(Vec<Value>),
    Struct(BTreeMap<i16, Value>),
}

impl Value {
    /// A field of a structure.
    pub fn field(&self, id: i16) -> Option<&Self> {
        match self {
            Self::Struct(fields) => fields.get(&id),
            _ => None,
        }
    }

    /// A number that cannot be negative.
    pub fn size(&self, id: i16) -> Option<u64> {
        match self.field(id)? {
            Self::Number(number) => u64::try_from(*number).ok(),
            _ => None,
        }
    }

    /// The members of a list.
    pub fn list(&self, id: i16) -> Option<&[Self]> {
        match self.field(id)? {
            Self::List(all) => Some(all),
            _ => None,
        }
    }

    /// Text.
    pub fn text(&self, id: i16) -> Option<&str> {
        self.field(id)?.as_text()
    }

    /// This value as text.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Bytes(bytes) => std::str::from_utf8(bytes).ok(),
            _ => None,
        }
    }
}

/// Reads one structure; none if the bytes are not one.
pub(super) fn read(bytes: &[u8]) -> Option<Value> {
    Reader { rest: bytes }.value(STRUCT, DEEPEST)
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl Reader<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f).checked_shl(shift)?;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    fn number(&mut self) -> Option<i64> {
        let coded = self.varint()?;
        Some((coded >> 1).cast_signed() ^ -(coded & 1).cast_signed())
    }

    fn value(&mut self, kind: u8, depth: u8) -> Option<Value> {
        let deeper = depth.checked_sub(1)?;
        Some(match kind {
            1 | 2 => Value::Number(i64::from(kind == 1)),
            3 => Value::Number(self.byte()?.cast_signed().into()),
            4..=6 => Value::Number(self.number()?),
            BINARY => {
                let len = usize::try_from(self.varint()?).ok()?;
                let (bytes, rest) = self.rest.split_at_checked(len)?;
                self.rest = rest;
                Value::Bytes(bytes.to_vec())
            }
            LIST => {
                let head = self.byte()?;
                let len = if head >> 4 == 15 { self.varint()? } else { u64::from(head >> 4) };
                // A member has at least one byte, so a list that promises more than is left is refused at once.
                let len = usize::try_from(len).ok().filter(|len| *len <= self.rest.len())?;
                (0..len)
                    .map(|_| self.value(head & 15, deeper))
                    .collect::<Option<Vec<_>>>()
                    .map(Value::List)?
            }
            STRUCT => {
                let (mut fields, mut id) = (BTreeMap::new(), 0i16);
                loop {
                    let head = self.byte()?;
                    if head == 0 {
                        break;
                    }
                    id = match head >> 4 {
                        0 => i16::try_from(self.number()?).ok()?,
                        delta => id.checked_add(delta.into())?,
                    };
                    fields.insert(id, self.value(head & 15, deeper)?);
                }
                Value::Struct(fields)
            }
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Value, Writer, read};

    #[test]
    fn what_is_written_is_read_again() {
        let mut inner = Writer::default();
        inner.long(2, i64::MIN).long(3, i64::MAX);
        let mut outer = Writer::default();
        outer.int(1, -7).binary(4, b"name").structure(5, inner).texts(9, &["a"; 20]).ints(10, &[300, -1]);
        let value = read(&outer.finish()).expect("reads");
        assert_eq!(value.field(1), Some(&Value::Number(-7)));
        assert_eq!(value.text(4), Some("name"));
        assert_eq!(value.field(5).and_then(|v| v.field(2)), Some(&Value::Number(i64::MIN)));
        assert_eq!(value.field(5).and_then(|v| v.size(3)), Some(i64::MAX.cast_unsigned()));
        assert_eq!(value.list(9).map(<[Value]>::len), Some(20));
        assert_eq!(value.list(10), Some(&[Value::Number(300), Value::Number(-1)][..]));
    }

    proptest! {
        /// A footer full of noise must end in an error, not in a panic or in all of memory.
        #[test]
        fn noise_is_refused_in_good_order(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let _ = read(&bytes);
        }
    }
}
