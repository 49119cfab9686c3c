//! Transcripts in pages are cut from a generated file, line by line: a reader sees what the program really says.
//!
//! A fenced block that follows `<!-- transcript: PATH -->` holds runs of whole lines of that file, in its order; a line
//! with `...` alone stands for lines left out.

use super::{Report, World};

/// The mark before such a block.
const MARK: &str = "<!-- transcript: ";

/// Compares every marked block with its file.
pub fn check(world: &World) -> Report {
    let mut report = Report::default();
    let is_page = |path: &&str| std::path::Path::new(path).extension().is_some_and(|kind| kind == "md");
    let pages: Vec<&str> = world.files.paths().filter(is_page).collect();
    for page in pages {
        let text = world.files.text(page).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            let Some(source) = line.strip_prefix(MARK).and_then(|rest| rest.strip_suffix(" -->")) else {
                continue;
            };
            let block = lines.iter().skip(at + 2).take_while(|line| !line.starts_with("```"));
            let block: Vec<&str> = block.copied().collect();
            match world.files.text(source) {
                None => report.add(
                    page,
                    at + 1,
                    format!("the transcript's file {source} is not there"),
                    "generate it",
                ),
                Some(full) => {
                    if let Some(strange) = strange_line(&block, full) {
                        let what = format!("`{strange}` does not stand there in {source}");
                        report.add(page, at + 1, what, "cut the block anew from that file");
                    }
                }
            }
        }
    }
    report
}

/// The first line of the block that does not follow in the file.
fn strange_line<'a>(block: &[&'a str], full: &str) -> Option<&'a str> {
    let mut rest = full.lines();
    let mut skipping = true;
    if block.is_empty() {
        return Some("");
    }
    for line in block {
        if *line == "..." {
            skipping = true;
            continue;
        }
        let found = if skipping { rest.any(|there| there == *line) } else { rest.next() == Some(*line) };
        if !found {
            return Some(line);
        }
        skipping = false;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::strange_line;

    const FULL: &str = "one\ntwo\nthree\nfour\n";

    /// A transcript that the program no longer says would teach a reader something false.
    #[test]
    fn only_lines_of_the_file_pass() {
        assert_eq!(strange_line(&["one", "two", "...", "four"], FULL), None);
        assert_eq!(strange_line(&["one", "three"], FULL), Some("three"), "lines left out are marked");
        assert_eq!(strange_line(&["two", "...", "one"], FULL), Some("one"), "the order is kept");
        assert_eq!(strange_line(&["one", "2"], FULL), Some("2"));
        assert_eq!(strange_line(&[], FULL), Some(""), "an empty block shows nothing");
    }
}
