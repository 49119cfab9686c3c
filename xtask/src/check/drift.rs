//! Generated files are checked in, and are what the program generates now: a page that lies is worse than none.

use super::{Report, World};
use crate::generated::{self, Page};

/// Builds the program, has it generate every page, and compares.
pub fn check(world: &World) -> Result<Report, String> {
    let program = generated::build(&world.root)?;
    Ok(compare(world, |page| generated::ask(&program, &world.root, page)))
}

/// Compares every page with what `generate` gives for it. A page that cannot be generated is a finding: it is not known
/// to be right.
fn compare(world: &World, generate: impl Fn(&Page) -> Result<String, String>) -> Report {
    let mut report = Report::default();
    let pages = generated::pages(&world.files);
    for page in &pages {
        let command = page.command();
        match generate(page) {
            Err(why) => report.add(
                &page.path,
                1,
                format!("`{command}` does not generate it: {why}"),
                "mend the command",
            ),
            Ok(fresh) => match world.files.text(&page.path) {
                None => report.add(
                    &page.path,
                    1,
                    "is generated but not checked in",
                    "run `cargo xtask generate` and commit it",
                ),
                Some(kept) => {
                    if let Some(line) = first_difference(kept, &fresh) {
                        let what = format!("is not what `{command}` writes now");
                        report.add(
                            &page.path,
                            line,
                            what,
                            "run `cargo xtask generate`, read the difference and commit it",
                        );
                    }
                }
            },
        }
    }
    for path in world.files.paths().filter(|path| generated::only_generated(path)) {
        if world.files.text(path).is_some() && !pages.iter().any(|page| page.path == path) {
            report.add(
                path,
                1,
                "nothing generates this file any more",
                "delete it, or give it a row in xtask/src/generated.rs",
            );
        }
    }
    report.notes.push(format!("{} pages compared", pages.len()));
    report
}

/// The first line, counted from 1, where two texts differ.
fn first_difference(kept: &str, fresh: &str) -> Option<usize> {
    if kept == fresh {
        return None;
    }
    let same = kept.lines().zip(fresh.lines()).take_while(|(kept, fresh)| kept == fresh).count();
    Some(same + 1)
}

#[cfg(test)]
mod tests {
    use super::{compare, first_difference};
    use crate::check::World;
    use crate::generated::{Page, pages};

    /// A generator that writes the path of the page it is asked for.
    fn echo(page: &Page) -> String {
        format!("first\n{}\n", page.path)
    }

    /// A world with one connector and every page as `echo` writes it, but for what `change` does to them.
    fn world(change: impl FnOnce(&mut Vec<(String, String)>)) -> World {
        let connector = ("connectors/jira/manifest.yaml".to_owned(), String::new());
        let bare = World::of(&[(&connector.0, "")]);
        let mut entries = vec![connector];
        entries.extend(pages(&bare.files).iter().map(|page| (page.path.clone(), echo(page))));
        change(&mut entries);
        let borrowed: Vec<(&str, &str)> =
            entries.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        World::of(&borrowed)
    }

    #[test]
    fn pages_that_are_as_generated_pass() {
        let report = compare(&world(|_| {}), |page| Ok(echo(page)));
        assert!(report.findings.is_empty(), "{:?}", report.findings);
        assert_eq!(report.notes, ["10 pages compared"]);
    }

    #[test]
    fn a_page_edited_by_hand_is_found_at_its_first_difference() {
        let edited = world(|entries| {
            for (path, text) in entries {
                if path == "docs/cli.md" {
                    *text = "first\nby hand\n".to_owned();
                }
            }
        });
        assert_eq!(compare(&edited, |page| Ok(echo(page))).places(), ["docs/cli.md:2"]);
    }

    #[test]
    fn a_missing_page_and_one_that_nothing_generates_are_found() {
        let changed = world(|entries| {
            entries.retain(|(path, _)| path != "docs/coverage.md");
            entries.push(("docs/connectors/gone.md".to_owned(), "x".to_owned()));
        });
        assert_eq!(
            compare(&changed, |page| Ok(echo(page))).places(),
            ["docs/coverage.md:1", "docs/connectors/gone.md:1"]
        );
    }

    #[test]
    fn a_generator_that_fails_is_a_finding_for_each_page_and_not_a_pass() {
        let report = compare(&world(|_| {}), |_| Err("no such command".to_owned()));
        assert_eq!(report.findings.len(), 10);
    }

    #[test]
    fn a_cut_tail_is_a_difference() {
        assert_eq!(first_difference("a\nb\n", "a\nb\nc\n"), Some(3));
        assert_eq!(first_difference("a\nb", "a\nb\n"), Some(3));
        assert_eq!(first_difference("a\n", "a\n"), None);
    }
}
