//! The file budget: what separates an easy code base from a hard one is its longest files.

use super::{Report, World};

/// Past this a file is refused.
const LIMIT: usize = 800;
/// Past this a file is worth a second thought, and is listed.
const THINK_AGAIN: usize = 400;
/// Half of the source files have at most this many lines. Tests in folders of their own do not count here.
const MEDIAN: usize = 150;

/// No `.rs` file is over the limit, and the median of the files under `src` keeps the budget.
pub fn check(world: &World) -> Report {
    let mut report = Report::default();
    let mut sizes = Vec::new();
    for (path, text) in world.files.rust() {
        let lines = text.lines().count();
        if path.contains("/src/") {
            sizes.push(lines);
        }
        if lines > LIMIT {
            let what = format!("{lines} lines, over the limit of {LIMIT}");
            report.add(path, LIMIT + 1, what, "split it along what it knows about");
        } else if lines > THINK_AGAIN {
            report.notes.push(format!("{path} has {lines} lines, think again"));
        }
    }
    sizes.sort_unstable();
    let Some(largest) = sizes.last().copied() else { return report };
    let median = at_share(&sizes, 50);
    let ninth = at_share(&sizes, 90);
    if median > MEDIAN {
        report.add(
            "Cargo.toml",
            1,
            format!("the median source file has {median} lines, over {MEDIAN}"),
            "split the files listed below first",
        );
    }
    let count = sizes.len();
    report.notes.push(format!("{count} source files; lines: median {median}, p90 {ninth}, max {largest}"));
    report
}

/// The smallest size that at least `percent` of the sorted sizes do not exceed.
fn at_share(sorted: &[usize], percent: usize) -> usize {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{at_share, check};
    use crate::check::World;

    #[test]
    fn a_file_over_the_limit_is_found_and_one_worth_a_thought_is_noted() {
        let (over, long, short) = ("x\n".repeat(801), "x\n".repeat(401), "x\n".repeat(400));
        let world = World::of(&[
            ("crates/a/src/over.rs", &over),
            ("crates/a/tests/long.rs", &long),
            ("crates/a/src/short.rs", &short),
            ("crates/a/src/tiny.rs", "x"),
            ("crates/a/src/tiny2.rs", "x"),
        ]);
        let report = check(&world);
        assert_eq!(report.places(), ["crates/a/src/over.rs:801"]);
        assert_eq!(
            report.notes,
            [
                "crates/a/tests/long.rs has 401 lines, think again",
                "4 source files; lines: median 1, p90 801, max 801"
            ]
        );
    }

    #[test]
    fn a_median_over_the_budget_is_found_and_test_folders_do_not_dilute_it() {
        let long = "x\n".repeat(151);
        let world = World::of(&[
            ("crates/a/src/a.rs", &long),
            ("crates/a/tests/b.rs", "x"),
            ("crates/a/tests/c.rs", "x"),
        ]);
        assert_eq!(check(&world).places(), ["Cargo.toml:1"]);
        let at_budget = "x\n".repeat(150);
        assert!(check(&World::of(&[("crates/a/src/a.rs", &at_budget)])).findings.is_empty());
    }

    #[test]
    fn shares_take_the_nearest_rank() {
        assert_eq!(
            [at_share(&[1, 2, 3, 4], 50), at_share(&[1, 2, 3, 4, 5], 50), at_share(&[7], 90)],
            [2, 3, 7]
        );
    }
}
