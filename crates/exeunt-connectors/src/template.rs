//! Texts with `{name}` places, filled with values that are escaped for where they stand.

/// A text cut at its places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part<'a> {
    /// As it stands.
    Text(&'a str),
    /// `{name}`.
    Name(&'a str),
}

/// Cuts a text. A place is `{`, a name of `a-z 0-9 _` that begins with a letter, `}`; any other
/// brace is text, so that GraphQL and JSON may stand in a template.
pub(crate) fn parts(text: &str) -> Vec<Part<'_>> {
    let (mut parts, mut rest, mut from) = (Vec::new(), text, 0);
    while let Some(open) = rest[from..].find('{').map(|at| at + from) {
        let name = rest[open + 1..].split('}').next().unwrap_or_default();
        let closed = rest[open + 1..].len() > name.len();
        if closed && is_name(name) {
            if open > 0 {
                parts.push(Part::Text(&rest[..open]));
            }
            parts.push(Part::Name(name));
            rest = &rest[open + name.len() + 2..];
            from = 0;
        } else {
            from = open + 1;
        }
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest));
    }
    parts
}

/// Whether a text can be the name of a place, and of a jq variable.
pub(crate) fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

/// The names in a text.
pub(crate) fn names(text: &str) -> impl Iterator<Item = &str> {
    parts(text).into_iter().filter_map(|part| match part {
        Part::Name(name) => Some(name),
        Part::Text(_) => None,
    })
}

#[cfg(test)]
mod tests {
    use super::{Part, names, parts};

    /// GraphQL is full of braces; none of them may be taken for a place.
    #[test]
    fn only_names_in_braces_are_places() {
        assert_eq!(parts("/orgs/{org}/x"), [Part::Text("/orgs/"), Part::Name("org"), Part::Text("/x")]);
        assert_eq!(names("query { viewer { login } }{a_1}{").collect::<Vec<_>>(), ["a_1"]);
        assert_eq!(names("{{org}}").collect::<Vec<_>>(), ["org"]);
        assert!(parts("").is_empty());
    }
}
