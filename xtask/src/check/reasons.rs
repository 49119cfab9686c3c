//! A lint is switched off only with a reason, written where it is switched off.

use super::{Report, World};
use crate::source::{code_only, is_word, line_of};

/// Every `allow(…)` and `expect(…)` inside an attribute has `reason = …`.
pub fn check(world: &World) -> Report {
    let mut report = Report::default();
    for (path, text) in world.files.rust() {
        let code = code_only(text);
        for (at, attribute) in attributes(&code) {
            let silent = ["allow(", "expect("].iter().any(|word| has_word(attribute, word))
                && !has_word(attribute, "reason");
            if silent {
                let line = line_of(&code, at);
                report.add(
                    path,
                    line,
                    "a lint is switched off without a reason",
                    "add `reason = \"…\"`, or mend what it warns of",
                );
            }
        }
    }
    report
}

fn has_word(attribute: &str, word: &str) -> bool {
    attribute.match_indices(word).any(|(at, _)| at == 0 || !is_word(attribute.as_bytes()[at - 1]))
}

/// Every `#[…]` and `#![…]` in code, with its offset, brackets matched.
fn attributes(code: &str) -> impl Iterator<Item = (usize, &str)> {
    code.match_indices('#').filter_map(|(at, _)| {
        let rest = &code[at + 1..];
        let inside = rest.strip_prefix('!').unwrap_or(rest);
        let start = code.len() - inside.len();
        if !inside.starts_with('[') {
            return None;
        }
        let mut depth = 0_usize;
        let length = inside.find(|c| {
            match c {
                '[' => depth += 1,
                ']' => depth -= 1,
                _ => {}
            }
            depth == 0
        })?;
        Some((at, &code[start..start + length]))
    })
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::check::World;

    #[test]
    fn a_silent_switch_is_found_and_a_reasoned_one_passes() {
        let world = World::of(&[(
            "crates/a/src/a.rs",
            "#![allow(dead_code)]\n#[expect(clippy::x, reason = \"it is so\")]\n#[expect(\n clippy::y,\n)]\nfn f() {}\n\
             // #[allow(z)]\nlet v = x[0].expect(\"y\");\n#[cfg_attr(test, allow(w))]\n#[derive(Debug)]",
        )]);
        assert_eq!(
            check(&world).places(),
            ["crates/a/src/a.rs:1", "crates/a/src/a.rs:3", "crates/a/src/a.rs:9"]
        );
    }
}
