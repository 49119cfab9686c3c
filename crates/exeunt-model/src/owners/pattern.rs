//! Patterns of paths in CODEOWNERS.
//!
//! They are those of gitignore less negation and ranges: `*` and `?` stay within one part of a path, `**` crosses parts, a
//! pattern with a slash at its beginning or in its middle is anchored, one that ends in a slash or names a folder
//! covers what is in it. `docs/*` covers what is directly in `docs` and nothing below. `\` takes the meaning from
//! the character after it.

/// Whether a pattern covers a path. The path has no leading slash; empty means the root.
#[must_use]
pub fn covers(pattern: &str, path: &str) -> bool {
    let Some(parts) = Parts::of(pattern) else { return false };
    let path: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    if path.is_empty() {
        return covers_everything(pattern);
    }
    let starts = if parts.anchored { 0..=0 } else { 0..=path.len() };
    starts.into_iter().any(|start| parts.covers(path.get(start..).unwrap_or_default()))
}

/// Whether a pattern covers every path: `*`, `/`, `**` and `**/*`.
#[must_use]
pub fn covers_everything(pattern: &str) -> bool {
    let inner = pattern.trim_start_matches('/');
    pattern == "*" || matches!(inner, "**" | "**/*") || (inner.is_empty() && !pattern.is_empty())
}

struct Parts<'p> {
    parts: Vec<&'p str>,
    anchored: bool,
    /// It ended in a slash: only what is below counts.
    folder: bool,
}

impl<'p> Parts<'p> {
    fn of(pattern: &'p str) -> Option<Self> {
        if pattern.is_empty() {
            return None;
        }
        let folder = pattern.ends_with('/');
        let inner = pattern.trim_end_matches('/');
        let anchored = inner.contains('/') || inner.is_empty();
        let parts = inner.split('/').filter(|part| !part.is_empty()).collect();
        Some(Self { parts, anchored, folder })
    }

    fn covers(&self, path: &[&str]) -> bool {
        // `docs/*` names what is directly in a folder; any other last part names a folder with all that is in it.
        let shallow = self.parts.len() > 1 && self.parts.last() == Some(&"*") && !self.folder;
        self.ends(path).iter().enumerate().any(|(end, reached)| {
            let below = end < path.len();
            *reached && if shallow { !below } else { below || !self.folder }
        })
    }

    /// Every place of `path` at which all parts can have been used up. One part after the other, so that no pattern
    /// takes longer than the product of the two lengths.
    fn ends(&self, path: &[&str]) -> Vec<bool> {
        let mut here = vec![false; path.len() + 1];
        here[0] = true;
        for (place, part) in self.parts.iter().enumerate() {
            let mut next = vec![false; path.len() + 1];
            if *part == "**" {
                // At the end `**` stands for something: `docs/**` does not cover `docs` itself.
                let least = usize::from(place + 1 == self.parts.len());
                if let Some(first) = here.iter().position(|reached| *reached) {
                    next.iter_mut().skip(first + least).for_each(|end| *end = true);
                }
            } else {
                for (at, name) in path.iter().enumerate().filter(|(at, _)| here[*at]) {
                    next[at + 1] = matches(part, name);
                }
            }
            here = next;
        }
        here
    }
}

/// Whether one part of a pattern matches one part of a path: the usual two pointers, going back to the last star.
fn matches(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<Sign>, Vec<char>) = (signs(pattern), name.chars().collect());
    let (mut p, mut n) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        match pattern.get(p) {
            Some(Sign::Any) => {
                star = Some((p, n));
                p += 1;
                continue;
            }
            Some(Sign::One) => {
                p += 1;
                n += 1;
                continue;
            }
            Some(Sign::Exactly(c)) if *c == name[n] => {
                p += 1;
                n += 1;
                continue;
            }
            _ => {}
        }
        let Some((at, taken)) = star else { return false };
        star = Some((at, taken + 1));
        p = at + 1;
        n = taken + 1;
    }
    pattern[p..].iter().all(|sign| *sign == Sign::Any)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sign {
    Any,
    One,
    Exactly(char),
}

fn signs(part: &str) -> Vec<Sign> {
    let mut signs = Vec::new();
    let mut chars = part.chars();
    while let Some(c) = chars.next() {
        signs.push(match c {
            '*' => Sign::Any,
            '?' => Sign::One,
            '\\' => Sign::Exactly(chars.next().unwrap_or('\\')),
            other => Sign::Exactly(other),
        });
    }
    signs
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{covers, covers_everything};

    /// The examples of both vendors' manuals. A pattern read wrongly asks the wrong team.
    #[test]
    fn patterns_of_the_manuals() {
        for (pattern, yes, no) in [
            ("*", &["a", "a/b/c.js"][..], &[][..]),
            ("*.js", &["a.js", "x/y/a.js"], &["a.jsx", "a.js2"]),
            ("/build/logs/", &["build/logs/a", "build/logs/x/y"], &["x/build/logs/a", "build/logs"]),
            ("docs/*", &["docs/getting-started.md"], &["docs/build-app/troubleshooting.md", "x/docs/a"]),
            ("apps/", &["apps/a", "x/apps/a/b"], &["apps"]),
            ("/docs/", &["docs/a", "docs/a/b"], &["x/docs/a"]),
            ("**/logs", &["logs", "build/logs", "a/b/logs/c"], &["logsx"]),
            ("/apps/github", &["apps/github", "apps/github/a"], &["x/apps/github"]),
            ("/docs/**/*.md", &["docs/a.md", "docs/x/y/a.md"], &["a.md", "docs/a.txt"]),
            ("lib/", &["lib/a", "x/lib/a"], &["library/a"]),
            ("path\\ with\\ spaces/", &["path with spaces/a"], &["path/a"]),
            ("README", &["README", "x/README"], &["README.md"]),
            ("docs/**", &["docs/a", "docs/a/b"], &["docs", "x/docs/a"]),
            ("a?c", &["abc"], &["ac", "a/c"]),
            ("\\*.rb", &["*.rb"], &["a.rb"]),
            ("[ab].txt", &["[ab].txt"], &["a.txt"]),
        ] {
            for path in yes {
                assert!(covers(pattern, path), "{pattern} covers {path}");
            }
            for path in no {
                assert!(!covers(pattern, path), "{pattern} does not cover {path}");
            }
        }
    }

    /// Who owns the files below `docs` does not own the repository.
    #[test]
    fn only_a_pattern_for_everything_covers_the_root() {
        for pattern in ["*", "/", "**", "/**", "**/*"] {
            assert!(covers(pattern, "") && covers_everything(pattern), "{pattern}");
        }
        // `**/` is every folder, which a file at the top is not in.
        for pattern in ["/*", "docs/", "*.js", "", "**/", "*/"] {
            assert!(!covers(pattern, "") && !covers_everything(pattern), "{pattern}");
        }
    }

    proptest! {
        /// A pattern for everything covers every path, and a path written out covers itself; nothing takes for ever.
        #[test]
        fn what_is_written_out_covers_itself(path in "[a-c.]{1,3}(/[a-c.]{1,3}){0,4}", odd in "[*/a?\\\\]{0,40}") {
            prop_assert!(covers("*", &path) && covers("**", &path));
            let anchored = format!("/{path}");
            prop_assert!(covers(&anchored, &path));
            prop_assert!(!covers(&odd, "") || covers(&odd, &path), "{odd} covers the root and not {path}");
        }
    }
}
