//! Lines of text: ticked boxes, phrases, and lists.

/// As much of a line as a claim keeps.
const LINE: usize = 120;
/// Words that turn a phrase into its opposite when they stand right before it.
const NOT: [&str; 8] = ["not", "never", "no", "without", "isn't", "wasn't", "aren't", "n't"];

/// Lines that begin with `[x]` or `[ ]`.
pub(super) fn ticked(text: &str) -> Vec<(bool, &str)> {
    text.lines()
        .filter_map(|line| {
            let line = line.trim().trim_start_matches(['-', '*', '#']).trim();
            let done = line.strip_prefix("[x]").or_else(|| line.strip_prefix("[X]"));
            let open = || line.strip_prefix("[ ]").or_else(|| line.strip_prefix("[]"));
            done.map(|rest| (true, rest.trim())).or_else(|| open().map(|rest| (false, rest.trim())))
        })
        .collect()
}

/// The lines of a text that hold one of these phrases, with the phrase. Nothing else of the text is kept. A phrase right
/// after `not` says the opposite.
pub(super) fn phrases<'t>(text: &'t str, phrases: &'t [String]) -> Vec<(&'t str, &'t str)> {
    let mut found = Vec::new();
    for line in text.lines() {
        let lower = line.to_lowercase();
        let says = |phrase: &&String| {
            let phrase = phrase.to_lowercase();
            lower.match_indices(&phrase).any(|(at, _)| {
                let before = lower.get(..at).and_then(|before| before.split_whitespace().next_back());
                !before.is_some_and(|word| NOT.contains(&word))
            })
        };
        found.extend(phrases.iter().find(says).map(|phrase| (line, phrase.as_str())));
    }
    found
}

/// The entries of a list: one a line, or with commas or semicolons between.
pub(super) fn entries(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', ';', '\n']).map(str::trim).filter(|entry| !entry.is_empty())
}

/// As much of a text as a claim keeps.
pub(super) fn cut(text: &str) -> String {
    text.chars().take(LINE).collect()
}

#[cfg(test)]
mod tests {
    use super::{entries, phrases, ticked};

    /// A box that is read wrongly is a claim nobody made.
    #[test]
    fn boxes_of_every_spelling() {
        let text = "# Checklist\n- [x] one\n* [X] two\n[ ] three\n- [] four\nfive [x]\n";
        assert_eq!(ticked(text), [(true, "one"), (true, "two"), (false, "three"), (false, "four")]);
    }

    /// "Not all access removed" is the opposite of what the phrase claims.
    #[test]
    fn a_denied_phrase_claims_nothing() {
        let wanted = ["All access removed".to_owned()];
        let found = |text| phrases(text, &wanted).len();
        assert_eq!(found("OK.\nGitHub: all access removed."), 1);
        assert_eq!(found("Not all access removed yet"), 0);
        assert_eq!(found("Not all access removed before noon; now all access removed"), 1);
        assert_eq!(found("access removed"), 0);
    }

    /// A list with another divider would promise one system with a long name.
    #[test]
    fn lists_of_systems() {
        assert_eq!(entries("GitHub, AWS;\n Slack\n\n").collect::<Vec<_>>(), ["GitHub", "AWS", "Slack"]);
    }
}
