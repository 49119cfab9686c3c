//! Every source file says in its first line what lives there.

use super::{Report, World};

/// A line shorter than this says nothing: the shortest useful one names a subject and what is done with it.
const LEAST_WORDS: usize = 3;

/// The first line of every `.rs` file is a `//!` of at least a few words.
pub fn check(world: &World) -> Report {
    let mut report = Report::default();
    for (path, text) in world.files.rust() {
        let first = text.lines().next().unwrap_or_default();
        let Some(says) = first.strip_prefix("//!") else {
            report.add(path, 1, "does not begin with `//!`", "say in the first line what lives in this file");
            continue;
        };
        if says.split_whitespace().count() < LEAST_WORDS {
            report.add(
                path,
                1,
                format!("`{first}` says nothing"),
                "say in a sentence what lives in this file",
            );
        }
    }
    report
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::check::World;

    #[test]
    fn a_sentence_passes_and_a_missing_or_empty_one_is_found() {
        let world = World::of(&[
            ("crates/a/src/good.rs", "//! What lives here.\n"),
            ("crates/a/src/late.rs", "use x;\n//! What lives here.\n"),
            ("crates/a/src/none.rs", ""),
            ("crates/a/src/short.rs", "//! placeholder\n"),
            ("docs/not-rust.md", "no header"),
        ]);
        let places = check(&world).places();
        assert_eq!(places, ["crates/a/src/late.rs:1", "crates/a/src/none.rs:1", "crates/a/src/short.rs:1"]);
    }
}
