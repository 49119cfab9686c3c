//! The objects that a line names by login, address or name, and whether they are the leaver's.

use exeunt_model::{Ref, SystemId};

use crate::estate::Held;
use crate::liveness::Scene;
use crate::obligations::Draft;

/// Words that say that the word beside them is a name.
const NOUNS: [&str; 14] = [
    "account",
    "user",
    "username",
    "login",
    "token",
    "key",
    "group",
    "team",
    "role",
    "app",
    "bot",
    "rule",
    "webhook",
    "integration",
];

/// What a claim is about.
pub(super) enum Aim {
    /// Whatever the leaver has there.
    All,
    /// These things of the leaver's.
    These(Vec<Ref>),
    /// These, and none of them is the leaver's.
    Another(Vec<Ref>),
}

impl Aim {
    /// What a line of a ticket aims at in a system.
    pub fn of(scene: &Scene<'_, '_>, drafts: &[Draft<'_>], system: &SystemId, line: &str) -> Self {
        let mut named: Vec<Ref> =
            candidates(line).iter().flat_map(|name| called(scene, system, name)).cloned().collect();
        named.sort();
        named.dedup();
        let ours: Vec<Ref> =
            named.iter().filter(|name| drafts.iter().any(|draft| is(draft, name))).cloned().collect();
        match (named.is_empty(), ours.is_empty()) {
            (true, _) => Self::All,
            (false, false) => Self::These(ours),
            (false, true) => Self::Another(named),
        }
    }

    pub fn refs(&self) -> &[Ref] {
        match self {
            Self::All => &[],
            Self::These(refs) | Self::Another(refs) => refs,
        }
    }
}

/// Whether an obligation is a thing, or hangs on it.
pub(super) fn is(draft: &Draft<'_>, object: &Ref) -> bool {
    if draft.object == Some(object) || draft.resources.contains(&object) {
        return true;
    }
    let text = object.to_string();
    draft.path.iter().any(|step| step.to == text || step.from == text)
}

/// The objects of a system that go by a name, in the newest snapshot that knows it: what was removed is no longer in
/// the newest.
fn called<'a>(scene: &Scene<'_, 'a>, system: &SystemId, name: &str) -> Vec<&'a Ref> {
    let history = scene.estate.history(system).iter().rev();
    let mut found = history.map(|held: &Held<'a>| held.called(name));
    found.find(|found| !found.is_empty()).unwrap_or_default()
}

/// The words of a line that can be names. A plain word is one only when it is quoted, has a sign that words have not, or
/// stands beside a noun; and whoever something was done *by* is not what it was done to.
pub(crate) fn candidates(line: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut rest = line;
    while let Some(open) = rest.find(['"', '`', '\u{201c}']) {
        let after = &rest[open..];
        let mark = after.chars().next().map_or(1, char::len_utf8);
        let Some(close) = after[mark..].find(['"', '`', '\u{201d}']) else { break };
        names.push(after[mark..mark + close].trim().to_lowercase());
        rest = &after[mark + close..];
        rest = &rest[rest.chars().next().map_or(0, char::len_utf8)..];
    }
    let divides = |c: char| c.is_whitespace() || "\"'`()[]{},;!?<>\u{201c}\u{201d}".contains(c);
    let words: Vec<String> = line
        .split(divides)
        .map(|word| word.trim_end_matches(['.', ':']).to_lowercase())
        .filter(|word| !word.is_empty())
        .collect();
    for (at, word) in words.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| words.get(at)).map_or("", String::as_str);
        let after = words.get(at + 1).map_or("", String::as_str);
        let marked = word.contains(|c: char| c.is_ascii_digit() || "-_@./\\+".contains(c));
        let beside = NOUNS.contains(&before) || NOUNS.contains(&after);
        let a_name = !word.starts_with('@') && !NOUNS.contains(&word.as_str()) && before != "by";
        if a_name && (marked || beside) {
            names.push(word.clone());
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::candidates;

    /// A word that is taken for a name accuses somebody of having removed the wrong thing.
    #[test]
    fn only_what_is_clearly_a_name_is_one() {
        for (line, expected) in [
            ("Remove GitHub access of Mara Voss", vec![]),
            ("Removed from all teams by ben", vec![]),
            ("done by mara-voss", vec![]),
            ("ask @ben.levi", vec![]),
            ("Account ada disabled", vec!["ada"]),
            ("token `release laptop` revoked", vec!["release laptop", "release"]),
            ("`one` or else `two`", vec!["one", "two"]),
            ("disabled ada-2, and ada@acme.example.", vec!["ada-2", "ada@acme.example"]),
        ] {
            assert_eq!(candidates(line), expected, "{line}");
        }
    }
}
