//! Documentation that names a folder which moved sends its reader nowhere.

use super::{Report, World};
use crate::files::{Files, has_extension};

/// Folders of the root, also those that come later: a code span that starts with one of them is a path.
const TOP: &[&str] =
    &[".cargo", ".ci", ".config", "benches", "connectors", "crates", "docs", "fuzz", "scenarios", "xtask"];

/// Files that tell of the past, in which a path may name what is gone.
const HISTORY: &[&str] = &["CHANGELOG.md"];

/// Every repository path in a code span, and every relative link, resolves. Fenced blocks are not read: they show
/// what a reader will make. In a path, `<name>` and `*` stand for any part.
pub fn check(world: &World) -> Report {
    let mut report = Report::default();
    for (path, text) in world.files.texts().filter(|(path, _)| is_documentation(path)) {
        for (line, prose) in prose_lines(text) {
            for span in code_spans(prose).filter(|span| looks_like_a_path(span)) {
                if !resolves(&world.files, "", span) && !resolves(&world.files, parent(path), span) {
                    report.add(
                        path,
                        line,
                        format!("`{span}` does not exist"),
                        "mend the path; write `<name>` for a part that varies",
                    );
                }
            }
            // What stands in a code span is no link, whatever brackets it has.
            let linking: String = prose.split('`').step_by(2).collect();
            for target in link_targets(&linking) {
                let (base, relative) =
                    target.strip_prefix('/').map_or((parent(path), target), |rest| ("", rest));
                if !resolves(&world.files, base, relative) {
                    report.add(path, line, format!("the link to `{target}` leads nowhere"), "mend the link");
                }
            }
        }
    }
    report
}

fn is_documentation(path: &str) -> bool {
    let of_connectors = path.starts_with("connectors/") && path.contains("/fixtures/");
    has_extension(path, "md") && !HISTORY.contains(&path) && !of_connectors
}

fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Lines with their numbers, without fenced blocks.
fn prose_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    text.lines().enumerate().filter_map(move |(at, line)| {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
            return None;
        }
        (!fenced).then_some((at + 1, line))
    })
}

fn code_spans(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

fn looks_like_a_path(span: &str) -> bool {
    let (first, rest) = span.split_once('/').unwrap_or((span, ""));
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./<>*#:".contains(c);
    TOP.contains(&first) && !rest.is_empty() && span.chars().all(plain)
}

/// The targets of `[text](target)` and `[name]: target` that point into the repository.
fn link_targets(line: &str) -> impl Iterator<Item = &str> {
    let inline = line.match_indices("](").filter_map(|(at, _)| line[at + 2..].split([')', ' ']).next());
    let reference = line.starts_with('[').then(|| line.split_once("]: ")).flatten();
    let reference = reference.and_then(|(_, rest)| rest.split_whitespace().next());
    inline.chain(reference).filter(|target| {
        let elsewhere = target.contains("://") || target.starts_with("mailto:") || target.starts_with('#');
        !target.is_empty() && !elsewhere
    })
}

fn resolves(files: &Files, base: &str, written: &str) -> bool {
    let written = written.split(['#', ':']).next().unwrap_or(written);
    let mut parts: Vec<&str> = base.split('/').filter(|part| !part.is_empty()).collect();
    for part in written.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                if parts.pop().is_none() {
                    return false;
                }
            }
            part => parts.push(part),
        }
    }
    if parts.is_empty() {
        return true;
    }
    if !parts.iter().any(|part| part.contains(['<', '*'])) {
        return files.has(&parts.join("/"));
    }
    files.paths().any(|path| {
        let found: Vec<&str> = path.split('/').collect();
        found.len() == parts.len() && parts.iter().zip(&found).all(|(part, found)| matches(part, found))
    })
}

/// Whether a segment with at most one `<name>` or `*` in it stands for `found`.
fn matches(part: &str, found: &str) -> bool {
    let Some(open) = part.find(['<', '*']) else { return part == found };
    let close = part.rfind(['>', '*']).unwrap_or(open);
    let (before, after) = (&part[..open], &part[close + 1..]);
    found.len() > before.len() + after.len() && found.starts_with(before) && found.ends_with(after)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::check::World;

    /// What is found in one document that stands in docs/.
    fn found(text: &str) -> Vec<String> {
        let world = World::of(&[
            ("docs/page.md", text),
            ("docs/guides/start.md", ""),
            ("docs/connectors/jira.md", ""),
            ("connectors/jira/manifest.yaml", ""),
            ("README.md", ""),
        ]);
        check(&world)
            .findings
            .into_iter()
            .map(|finding| format!("{}: {}", finding.line, finding.what))
            .collect()
    }

    #[test]
    fn paths_that_resolve_pass() {
        let text = "`connectors/jira/manifest.yaml`, `docs/guides/`, `connectors/<system>/manifest.yaml`,\n\
                    `docs/connectors/*.md`, [home](../README.md#start), [guide](guides/start.md), [root](/README.md)\n\
                    [ref]: guides/start.md\n[out](https://example.org/x) [here](#there)";
        assert!(found(text).is_empty(), "{:?}", found(text));
    }

    #[test]
    fn paths_that_moved_are_found_with_their_line() {
        let text = "fine\n`connectors/jira/gone.yaml`\n[x](guides/gone.md) and [y](../../outside.md)\n`docs/<name>/nothing.md`\n[r]: gone.md";
        assert_eq!(
            found(text),
            [
                "2: `connectors/jira/gone.yaml` does not exist",
                "3: the link to `guides/gone.md` leads nowhere",
                "3: the link to `../../outside.md` leads nowhere",
                "4: `docs/<name>/nothing.md` does not exist",
                "5: the link to `gone.md` leads nowhere",
            ]
        );
    }

    #[test]
    fn what_is_no_path_and_what_a_reader_will_make_is_left_alone() {
        let text = "`application/json` `docs` `cargo xtask check` `crates/ x`\n```\n`connectors/acme/manifest.yaml`\n```";
        assert!(found(text).is_empty(), "{:?}", found(text));
    }
}
