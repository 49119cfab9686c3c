//! Every crate is on the map: ARCHITECTURE.md is read first, and must not lack a room.

use super::{Report, World};
use crate::source::is_word;

/// Every folder in `crates/` is named in ARCHITECTURE.md, as a whole word.
pub fn check(world: &World) -> Report {
    let mut report = Report::default();
    let map = world.files.text("ARCHITECTURE.md").unwrap_or_default();
    for name in world.files.folders_in("crates") {
        if !names(map, name) {
            let what = format!("`{name}` is not on the map");
            report.add("ARCHITECTURE.md", 1, what, "say what it does and what it knows nothing about");
        }
    }
    report
}

fn names(map: &str, name: &str) -> bool {
    let inside = |byte: &u8| is_word(*byte) || *byte == b'-';
    map.match_indices(name).any(|(at, _)| {
        let before = at.checked_sub(1).and_then(|at| map.as_bytes().get(at));
        let after = map.as_bytes().get(at + name.len());
        !before.is_some_and(inside) && !after.is_some_and(inside)
    })
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::check::World;

    #[test]
    fn a_crate_that_is_only_the_start_of_another_name_is_not_on_the_map() {
        let world = World::of(&[
            ("ARCHITECTURE.md", "`exeunt-model` and `exeunt-store`"),
            ("crates/exeunt/Cargo.toml", ""),
            ("crates/exeunt-model/Cargo.toml", ""),
        ]);
        let report = check(&world);
        assert_eq!(report.findings.len(), 1);
        assert!(report.findings[0].what.contains("`exeunt` "));
    }
}
