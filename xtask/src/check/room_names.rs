//! No rooms without a name of their own: what is called `utils` grows for ever and nobody looks there.

use super::{Report, World};
use crate::source::{code_only, line_of};

const REFUSED: &[&str] = &["utils", "util", "common", "helpers", "helper", "manager", "misc"];

/// No folder, file or inline module of Rust source has one of the refused names.
pub fn check(world: &World) -> Report {
    let mut report = Report::default();
    for (path, text) in world.files.rust() {
        let bare = path.strip_suffix(".rs").unwrap_or(path);
        if let Some(name) = bare.split('/').find(|part| REFUSED.contains(part)) {
            report.add(
                path,
                1,
                format!("`{name}` does not say what lives here"),
                "name it after what it does or holds",
            );
        }
        let code = code_only(text);
        for name in REFUSED {
            for (at, found) in code.match_indices(&format!("mod {name} {{")) {
                let found = found.trim_end_matches(" {");
                report.add(
                    path,
                    line_of(&code, at),
                    format!("`{found}`"),
                    "name it after what it does or holds",
                );
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
    fn nameless_files_folders_and_modules_are_found() {
        let world = World::of(&[
            ("crates/a/src/utils.rs", ""),
            ("crates/a/src/common/mod.rs", ""),
            ("crates/a/src/inline.rs", "//! x\nmod helpers {\n}"),
            ("crates/a/src/commonly.rs", "// mod utils {\nfn utils() {}"),
            ("connectors/helper/notes.md", ""),
        ]);
        let places = check(&world).places();
        assert_eq!(
            places,
            ["crates/a/src/common/mod.rs:1", "crates/a/src/inline.rs:2", "crates/a/src/utils.rs:1"]
        );
    }
}
