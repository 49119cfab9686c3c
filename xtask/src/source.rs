//! Reading Rust source closely enough for the rules: code without its comments and strings, and the `std` paths it uses.
//!
//! A full parser would cost more to build than the rules save; the rules only need to know that a word stands in code.

/// The text with every comment, string and character literal blanked out; line breaks stay where they were.
pub fn code_only(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = bytes.to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let end = match bytes[at] {
            b'/' if bytes.get(at + 1) == Some(&b'/') => line_end(bytes, at),
            b'/' if bytes.get(at + 1) == Some(&b'*') => block_comment_end(bytes, at),
            b'"' => string_end(bytes, at),
            b'r' => raw_string_end(bytes, at).unwrap_or(at),
            b'\'' => char_end(text, at).unwrap_or(at),
            _ => at,
        };
        for byte in &mut out[at..end] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
        at = end.max(at + 1);
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// The line, counted from 1, that a byte offset is on.
pub fn line_of(text: &str, offset: usize) -> usize {
    text.as_bytes().iter().take(offset).filter(|byte| **byte == b'\n').count() + 1
}

fn line_end(bytes: &[u8], from: usize) -> usize {
    bytes[from..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |length| from + length)
}

fn block_comment_end(bytes: &[u8], from: usize) -> usize {
    let (mut at, mut depth) = (from, 0_usize);
    while at < bytes.len() {
        match (bytes[at], bytes.get(at + 1)) {
            (b'/', Some(b'*')) => {
                depth += 1;
                at += 2;
            }
            (b'*', Some(b'/')) => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    bytes.len()
}

fn string_end(bytes: &[u8], from: usize) -> usize {
    let mut at = from + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// The end of `r"…"` or `r#"…"#` that starts at `from`, also after `b` or `c`; `None` when it is only a letter.
fn raw_string_end(bytes: &[u8], from: usize) -> Option<usize> {
    let mut before = bytes[..from].iter().rev().copied();
    let starts_a_word = match before.next() {
        Some(b'b' | b'c') => !before.next().is_some_and(is_word),
        Some(byte) => !is_word(byte),
        None => true,
    };
    let hashes = bytes[from + 1..].iter().take_while(|byte| **byte == b'#').count();
    if !starts_a_word || bytes.get(from + 1 + hashes) != Some(&b'"') {
        return None;
    }
    let mut closing = vec![b'"'];
    closing.extend(std::iter::repeat_n(b'#', hashes));
    let body = from + 2 + hashes;
    let length = bytes[body..].windows(closing.len()).position(|window| window == closing);
    Some(length.map_or(bytes.len(), |length| body + length + closing.len()))
}

/// The end of a character literal at `from`; `None` when the quote starts a lifetime.
fn char_end(text: &str, from: usize) -> Option<usize> {
    let mut rest = text[from + 1..].char_indices();
    let (_, first) = rest.next()?;
    if first == '\\' {
        let (_, _) = rest.next()?;
        return rest.find(|(_, c)| *c == '\'').map(|(at, _)| from + 1 + at + 1);
    }
    let (at, second) = rest.next()?;
    (second == '\'').then_some(from + 1 + at + 1)
}

/// Whether a byte can be part of a Rust word.
pub fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Every path into the standard library that `code` (see [`code_only`]) writes out, with `use` trees flattened:
/// offset and path, such as `std::time::SystemTime`.
pub fn std_paths(code: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("std::") {
        let starts_a_word = at == 0 || !is_word(code.as_bytes()[at - 1]);
        if starts_a_word {
            flatten(code.as_bytes(), at, "", &mut found);
        }
    }
    found
}

/// Reads one path or one `use` tree from `at`, and returns where it ends.
fn flatten(code: &[u8], at: usize, before: &str, found: &mut Vec<(usize, String)>) -> usize {
    let start = skip_space(code, at);
    let end = start + code[start..].iter().take_while(|byte| is_word(**byte) || **byte == b'*').count();
    let word = String::from_utf8_lossy(&code[start..end]);
    let path = if before.is_empty() { word.into_owned() } else { format!("{before}::{word}") };
    let next = skip_space(code, end);
    if !code[next..].starts_with(b"::") {
        found.push((start, path));
        return end;
    }
    let inside = skip_space(code, next + 2);
    if code.get(inside) != Some(&b'{') {
        return flatten(code, inside, &path, found);
    }
    let mut at = inside + 1;
    while at < code.len() {
        at = skip_space(code, at);
        match code.get(at) {
            Some(b'}') => return at + 1,
            Some(byte) if is_word(*byte) || *byte == b'*' => at = flatten(code, at, &path, found),
            _ => at += 1,
        }
    }
    at
}

fn skip_space(code: &[u8], from: usize) -> usize {
    from + code[from..].iter().take_while(|byte| byte.is_ascii_whitespace()).count()
}

#[cfg(test)]
mod tests {
    use super::{code_only, line_of, std_paths};

    #[test]
    fn comments_and_literals_are_blanked_and_code_is_kept() {
        // The blanks are written here as one.
        let cases = [
            ("a(); // dbg!(x)\nb();", "a(); b();"),
            ("/* one /* two */ three */ c()", " c()"),
            (r#"x = "dbg!() \" still"; y"#, "x = ; y"),
            ("r\"raw\" z", " z"),
            ("br#\"a \" b\"# z", "b z"),
            ("let c = '\"'; d", "let c = ; d"),
            (r"let c = '\''; d", "let c = ; d"),
            ("fn f<'a>(x: &'a str) {}", "fn f<'a>(x: &'a str) {}"),
            ("let r#type = bar\"\"", "let r#type = bar "),
            ("\"never closed", " "),
        ];
        for (text, expected) in cases {
            let code = code_only(text);
            assert_eq!(code.len(), text.len(), "every byte keeps its place in {text:?}");
            assert_eq!(one_blank(&code), one_blank(expected), "of {text:?}");
        }
    }

    fn one_blank(text: &str) -> String {
        text.split_whitespace().collect::<Vec<_>>().join(" ").replace(" ;", ";")
    }

    #[test]
    fn lines_are_counted_from_one() {
        assert_eq!([line_of("a\nb\nc", 0), line_of("a\nb\nc", 2), line_of("a\nb\nc", 4)], [1, 2, 3]);
    }

    #[test]
    fn use_trees_are_flattened_to_whole_paths() {
        let code = "use std::{fs, io::{self, Read}, time::{Duration, SystemTime}};\nlet x = std::env::var;\nuse std::net::*;";
        let paths: Vec<String> = std_paths(code).into_iter().map(|(_, path)| path).collect();
        assert_eq!(
            paths,
            [
                "std::fs",
                "std::io::self",
                "std::io::Read",
                "std::time::Duration",
                "std::time::SystemTime",
                "std::env::var",
                "std::net::*"
            ]
        );
    }

    #[test]
    fn a_word_that_only_ends_in_std_is_not_the_standard_library() {
        assert!(std_paths("jaq_std::fs").is_empty());
    }
}
