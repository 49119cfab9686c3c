//! Marks of unfinished work that must not land.

use super::{Report, World};
use crate::source::{code_only, is_word, line_of};

const MARKS: &[(&str, &str)] = &[
    ("todo!", "write it, or take the path out"),
    ("unimplemented!", "write it, or split the capability so that what cannot do it does not offer it"),
    ("dbg!", "take it out"),
    ("#[ignore", "make the test pass, or delete it; a test that does not run protects nobody"),
];

/// None of the marks stands in code; in comments and strings they may be talked about.
pub fn check(world: &World) -> Report {
    let mut report = Report::default();
    for (path, text) in world.files.rust() {
        let code = code_only(text);
        for (mark, next) in MARKS {
            for (at, _) in code.match_indices(mark) {
                let inside_a_word = at > 0 && is_word(code.as_bytes()[at - 1]);
                if !inside_a_word {
                    report.add(path, line_of(&code, at), format!("`{mark}`"), *next);
                }
            }
        }
    }
    report
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::check::World;

    #[test]
    fn each_mark_is_found_in_code_and_left_alone_in_words_about_it() {
        let world = World::of(&[
            (
                "crates/a/src/bad.rs",
                "fn f() {\n todo!()\n}\nfn g() { dbg!(1); unimplemented!() }\n#[ignore]\nfn t() {}",
            ),
            ("crates/a/src/good.rs", "// todo!()\nlet x = \"dbg!(\"; my_todo!();"),
            ("crates/a/tests/t.rs", "#[ignore = \"slow\"]\nfn t() {}"),
        ]);
        let places = check(&world).places();
        let bad = [
            "crates/a/src/bad.rs:2",
            "crates/a/src/bad.rs:4",
            "crates/a/src/bad.rs:4",
            "crates/a/src/bad.rs:5",
        ];
        assert_eq!(places, [&bad[..], &["crates/a/tests/t.rs:1"]].concat());
    }
}
