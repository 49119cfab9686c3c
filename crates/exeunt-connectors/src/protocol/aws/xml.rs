//! The XML of an AWS query API as JSON.
//!
//! An element is an object of its children; an element without children is its text, trimmed
//! (`true`, `false` and numbers stay text). `member` and `entry` children are the items of a list
//! and make their parent an array, be there one of them or many; other names that come more than
//! once make an array under their name. Elements named as lists are arrays even when empty.

use std::collections::BTreeMap;

use quick_xml::events::Event;
use quick_xml::{Error, Reader};
use serde_json::{Value, json};

/// Deeper nesting than any answer has; a limit, so that no answer can exhaust the stack.
const DEEPEST: usize = 64;

/// The body is not what was expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotAnswer {
    /// It ends too early.
    Truncated,
    /// It is no XML, or other XML.
    Other(String),
}

/// An answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed {
    /// The name of the outermost element.
    pub root: String,
    /// What is in it.
    pub value: Value,
}

struct Open {
    name: String,
    text: String,
    children: Vec<(String, Value)>,
}

/// Reads a whole document whose outermost element satisfies `expected`.
///
/// # Errors
/// When it is another document, or not a whole one.
pub fn parse(body: &[u8], lists: &[String], expected: impl Fn(&str) -> bool) -> Result<Parsed, NotAnswer> {
    let text = std::str::from_utf8(body).map_err(|_| NotAnswer::Other("it is not text".to_owned()))?;
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut open: Vec<Open> = Vec::new();
    let mut root = None;
    loop {
        match reader.read_event() {
            Ok(Event::Start(start)) => {
                let name = start.local_name().as_ref().to_owned();
                if root.is_some() {
                    return Err(NotAnswer::Other("there is more than one document in it".to_owned()));
                }
                if open.is_empty() && !expected(&name) {
                    return Err(NotAnswer::Other(format!("it begins with <{name}>")));
                }
                if open.len() >= DEEPEST {
                    return Err(NotAnswer::Other(format!("it is nested more than {DEEPEST} deep")));
                }
                open.push(Open { name, text: String::new(), children: Vec::new() });
            }
            Ok(Event::End(_)) => {
                let Some(done) = open.pop() else { continue };
                let name = done.name.clone();
                let value = close(done, lists);
                match open.last_mut() {
                    Some(parent) => parent.children.push((name, value)),
                    None => root = Some(Parsed { root: name, value }),
                }
            }
            Ok(Event::Text(text)) => push(&mut open, &text.xml10_content())?,
            Ok(Event::CData(text)) => push(&mut open, &text.xml10_content())?,
            Ok(Event::GeneralRef(entity)) => push(&mut open, &resolve(&entity)?)?,
            // Entities could be declared here; nothing that AWS says needs one.
            Ok(Event::DocType(_)) => return Err(NotAnswer::Other("it has a document type".to_owned())),
            Ok(Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_)) => {}
            Ok(Event::Eof) => return root.ok_or(NotAnswer::Truncated),
            Err(e) => return Err(broken(&e, reader.error_position(), text.len())),
        }
    }
}

fn push(open: &mut [Open], text: &str) -> Result<(), NotAnswer> {
    match open.last_mut() {
        Some(element) => element.text.push_str(text),
        None if text.trim().is_empty() => {}
        None => return Err(NotAnswer::Other("it does not begin with an element".to_owned())),
    }
    Ok(())
}

fn resolve(entity: &quick_xml::events::BytesRef<'_>) -> Result<String, NotAnswer> {
    if let Ok(Some(character)) = entity.resolve_char_ref() {
        return Ok(character.to_string());
    }
    quick_xml::escape::resolve_predefined_entity(entity)
        .map(str::to_owned)
        .ok_or_else(|| NotAnswer::Other("it has an unknown entity".to_owned()))
}

/// A syntax error in the last markup of the text is where it was cut off.
fn broken(error: &Error, at: u64, length: usize) -> NotAnswer {
    match error {
        Error::Syntax(_) => NotAnswer::Truncated,
        Error::IllFormed(quick_xml::errors::IllFormedError::MissingEndTag(_)) => NotAnswer::Truncated,
        other => NotAnswer::Other(format!("{other} at byte {at} of {length}")),
    }
}

fn close(element: Open, lists: &[String]) -> Value {
    let is_list = lists.contains(&element.name);
    let children = element.children;
    if !children.is_empty() && children.iter().all(|(name, _)| is_item(name)) {
        return Value::Array(children.into_iter().map(|(_, value)| value).collect());
    }
    if children.is_empty() {
        let text = element.text.trim();
        return if is_list && text.is_empty() { json!([]) } else { json!(text) };
    }
    let mut by_name: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for (name, value) in children {
        by_name.entry(name).or_default().push(value);
    }
    let object = by_name.into_iter().map(|(name, mut values)| {
        let value = match values.pop() {
            Some(only) if values.is_empty() && !is_item(&name) => only,
            Some(last) => {
                values.push(last);
                Value::Array(values)
            }
            None => Value::Null,
        };
        (name, value)
    });
    Value::Object(object.collect())
}

/// The names AWS gives to the items of a list and of a map.
fn is_item(name: &str) -> bool {
    name == "member" || name == "entry"
}

#[cfg(test)]
mod tests {
    use super::{NotAnswer, parse};
    use serde_json::{Value, json};

    fn read(text: &str, lists: &[&str]) -> Result<Value, NotAnswer> {
        let lists: Vec<String> = lists.iter().map(|s| (*s).to_owned()).collect();
        parse(text.as_bytes(), &lists, |root| root == "R").map(|parsed| parsed.value)
    }

    /// One user, many users and no users have to look alike to the jq of a manifest.
    #[test]
    fn members_are_always_lists() {
        let table = [
            ("<R><Users><member><N>a</N></member></Users></R>", json!({"Users": [{"N": "a"}]})),
            (
                "<R><Users><member><N>a</N></member><member><N>b</N></member></Users></R>",
                json!({"Users": [{"N": "a"}, {"N": "b"}]}),
            ),
            ("<R><Users/></R>", json!({"Users": []})),
            ("<R><Users>\n  </Users></R>", json!({"Users": []})),
            ("<R><Path/></R>", json!({"Path": ""})),
            ("<R> <P> / </P>\n<T>true</T></R>", json!({"P": "/", "T": "true"})),
            ("<R><A>1</A><A>2</A><A>3</A></R>", json!({"A": ["1", "2", "3"]})),
            ("<R><A><member>1</member><member>2</member></A></R>", json!({"A": ["1", "2"]})),
            ("<R><A><member>1</member></A><A><member>2</member></A></R>", json!({"A": [["1"], ["2"]]})),
            (
                "<R><M><entry><key>k</key><value>v</value></entry></M></R>",
                json!({"M": [{"key": "k", "value": "v"}]}),
            ),
            (
                "<?xml version=\"1.0\"?><R xmlns=\"urn:x\"><A>x &amp; &#121;<![CDATA[<z>]]></A></R>",
                json!({"A": "x & y<z>"}),
            ),
        ];
        for (text, want) in table {
            assert_eq!(read(text, &["Users"]), Ok(want), "{text}");
        }
    }

    /// Wherever an answer is cut, it is not taken for a shorter whole one.
    #[test]
    fn every_cut_is_seen() {
        let text = "<R><Users><member><N>a &lt; b</N></member><member><N>c</N></member></Users></R>";
        for cut in 0..text.len() {
            let got = read(&text[..cut], &["Users"]);
            assert!(got.is_err(), "cut after {cut} bytes: {got:?}");
        }
        assert!(read(text, &["Users"]).is_ok());
        assert_eq!(read(&text[..60], &[]), Err(NotAnswer::Truncated));
        assert_eq!(read("", &[]), Err(NotAnswer::Truncated));
    }

    /// A web page, another action's answer, or something meant to harm the parser.
    #[test]
    fn other_documents_are_refused() {
        for text in [
            "<!DOCTYPE html><html><p>Sign in</html>",
            "<html><body>hello</body></html>",
            "hello",
            "<R>&custom;</R>",
            "<R></R><R></R>",
            "<R><a></b></R>",
        ] {
            assert!(matches!(read(text, &[]), Err(NotAnswer::Other(_))), "{text}: {:?}", read(text, &[]));
        }
        let deep = format!("<R>{}", "<a>".repeat(100_000));
        assert!(matches!(read(&deep, &[]), Err(NotAnswer::Other(_))));
    }
}
