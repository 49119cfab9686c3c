//! A search entry as a row: `{"dn": text, "attrs": {name: [text]}, "bin": {name: [hex]}}`.
//!
//! The library's own conversion panics on a malformed entry and puts a value under text or
//! binary by whether its bytes happen to be text; here a malformed entry is a failure, and an
//! attribute known to be binary is always hex, so that an immutable id never changes its place.

use std::collections::BTreeMap;
use std::fmt::Write;

use ldap3::ResultEntry;
use ldap3::asn1::StructureTag;
use serde_json::{Value, json};

/// Attributes whose values are bytes even where they could be read as text (RFC 4517, MS-ADA).
const BINARY: [&str; 19] = [
    "objectguid",
    "objectsid",
    "sidhistory",
    "tokengroups",
    "tokengroupsglobalanduniversal",
    "tokengroupsnogcacceptable",
    "securityidentifier",
    "ntsecuritydescriptor",
    "ms-ds-consistencyguid",
    "msds-allowedtoactonbehalfofotheridentity",
    "msds-groupmsamembership",
    "msds-keycredentiallink",
    "ms-ds-creatorsid",
    "msds-generationid",
    "logonhours",
    "jpegphoto",
    "thumbnailphoto",
    "usercertificate",
    "cacertificate",
];

/// One entry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub dn: String,
    /// Its attributes: lower case, values as they came.
    pub attributes: BTreeMap<String, Vec<Vec<u8>>>,
    /// Attributes of which only a part came (`member;range=0-1499`): name, and where the rest
    /// begins.
    pub ranges: BTreeMap<String, u32>,
}

/// The entry is not one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Malformed;

impl Entry {
    /// Reads an entry off the wire.
    ///
    /// # Errors
    /// When it is not formed as RFC 4511 §4.5.2 says.
    pub fn read(entry: ResultEntry) -> Result<Self, Malformed> {
        let mut parts =
            entry.0.match_id(4).and_then(StructureTag::expect_constructed).ok_or(Malformed)?.into_iter();
        let mut read =
            Self { dn: text(parts.next().and_then(StructureTag::expect_primitive))?, ..Self::default() };
        let attributes = parts.next().and_then(StructureTag::expect_constructed).ok_or(Malformed)?;
        for attribute in attributes {
            let mut pair = attribute.expect_constructed().ok_or(Malformed)?.into_iter();
            let name = text(pair.next().and_then(StructureTag::expect_primitive))?;
            let values = pair.next().and_then(StructureTag::expect_constructed).ok_or(Malformed)?;
            let values: Option<Vec<Vec<u8>>> =
                values.into_iter().map(StructureTag::expect_primitive).collect();
            read.put(&name, values.ok_or(Malformed)?)?;
        }
        Ok(read)
    }

    fn put(&mut self, name: &str, values: Vec<Vec<u8>>) -> Result<(), Malformed> {
        let (name, rest) = split_range(&name.to_ascii_lowercase())?;
        if let Some(next) = rest {
            self.ranges.insert(name.clone(), next);
        }
        // Active Directory sends `member` (empty) beside `member;range=0-1499`.
        self.attributes.entry(name).or_default().extend(values);
        Ok(())
    }

    /// Bytes held.
    #[must_use]
    pub fn size(&self) -> u64 {
        let values: usize = self
            .attributes
            .iter()
            .map(|(name, all)| name.len() + all.iter().map(Vec::len).sum::<usize>())
            .sum();
        (self.dn.len() + values) as u64
    }

    /// The row.
    #[must_use]
    pub fn row(&self) -> Value {
        let mut attrs = serde_json::Map::new();
        let mut bin = serde_json::Map::new();
        for (name, values) in &self.attributes {
            let texts: Option<Vec<&str>> = if is_binary(name) {
                None
            } else {
                values.iter().map(|v| std::str::from_utf8(v).ok()).collect()
            };
            match texts {
                Some(texts) => attrs.insert(name.clone(), json!(texts)),
                None => bin.insert(name.clone(), values.iter().map(|v| hex(v)).collect()),
            };
        }
        json!({ "dn": self.dn, "attrs": attrs, "bin": bin })
    }
}

fn text(bytes: Option<Vec<u8>>) -> Result<String, Malformed> {
    bytes.and_then(|bytes| String::from_utf8(bytes).ok()).ok_or(Malformed)
}

fn is_binary(name: &str) -> bool {
    let bare = name.split(';').next().unwrap_or(name);
    name.split(';').skip(1).any(|option| option == "binary") || BINARY.contains(&bare)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// `member;range=0-1499` is `member` and 1500, where the rest begins; `member;range=1500-*` is
/// `member` and nothing more (MS-ADTS 3.1.1.3.1.3.3).
fn split_range(name: &str) -> Result<(String, Option<u32>), Malformed> {
    let (ranges, others): (Vec<&str>, Vec<&str>) =
        name.split(';').partition(|part| part.starts_with("range="));
    let name = others.join(";");
    let [range] = ranges[..] else {
        return if ranges.is_empty() { Ok((name, None)) } else { Err(Malformed) };
    };
    let (_, end) = range.trim_start_matches("range=").split_once('-').ok_or(Malformed)?;
    if end == "*" {
        return Ok((name, None));
    }
    let end: u32 = end.parse().map_err(|_| Malformed)?;
    Ok((name, Some(end.checked_add(1).ok_or(Malformed)?)))
}

#[cfg(test)]
mod tests {
    use super::{Entry, Malformed, split_range};
    use serde_json::json;

    fn entry(attributes: &[(&str, &[&[u8]])]) -> Entry {
        let mut entry = Entry { dn: "cn=a".to_owned(), ..Entry::default() };
        for (name, values) in attributes {
            entry.put(name, values.iter().map(|v| v.to_vec()).collect()).expect("well formed");
        }
        entry
    }

    /// An id stays in one place whatever its bytes are, names are in lower case, and one value
    /// that is no text makes all of its attribute hex.
    #[test]
    fn rows_have_text_and_bytes_apart() {
        let entry = entry(&[
            ("objectGUID", &[b"ABCDEFGHIJKLMNOP"]),
            ("sAMAccountName", &[b"ada"]),
            ("mixed", &[b"ok", &[0xff, 0x00]]),
            ("x509;binary", &[b"ab"]),
            ("memberOf", &[]),
        ]);
        assert_eq!(
            entry.row(),
            json!({
                "dn": "cn=a",
                "attrs": {"memberof": [], "samaccountname": ["ada"]},
                "bin": {
                    "mixed": ["6f6b", "ff00"],
                    "objectguid": ["4142434445464748494a4b4c4d4e4f50"],
                    "x509;binary": ["6162"],
                },
            })
        );
    }

    /// A group of 4,000 members comes in parts; taking the first for the whole would hide 2,500
    /// people who still have access.
    #[test]
    fn a_range_says_where_the_rest_begins() {
        assert_eq!(split_range("member;range=0-1499"), Ok(("member".to_owned(), Some(1500))));
        assert_eq!(split_range("member;range=1500-*"), Ok(("member".to_owned(), None)));
        assert_eq!(split_range("member"), Ok(("member".to_owned(), None)));
        assert_eq!(split_range("a;binary;range=0-9"), Ok(("a;binary".to_owned(), Some(10))));
        for bad in [
            "member;range=",
            "member;range=0",
            "member;range=0-x",
            "member;range=0-4294967295",
            "m;range=0-1;range=2-3",
        ] {
            assert_eq!(split_range(bad), Err(Malformed), "{bad}");
        }
        let entry = entry(&[("member", &[]), ("member;range=0-1", &[b"a", b"b"])]);
        assert_eq!(entry.attributes["member"].len(), 2);
        assert_eq!(entry.ranges.get("member"), Some(&2));
    }
}
