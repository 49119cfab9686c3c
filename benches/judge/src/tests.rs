//! The bench runs, and what it judges over a slice is what it judges over everything.

use exeunt_bench_estate::{Size, make};

use crate::judged::judge;

/// A figure of verdicts that are others than those over everything would be worth nothing.
#[test]
fn a_small_estate_is_judged_as_over_everything() {
    let dir = tempfile::tempdir().expect("a folder");
    make(dir.path(), Size::of(300, 1)).expect("an estate");
    let told = judge(dir.path(), 10, true).expect("verdicts equal over everything");
    assert_eq!(told["as over everything"], "equal");
    assert_eq!(told["cases"], 7);
    assert!(told["lines"].as_u64().expect("a number") > 100, "{told}");
}
