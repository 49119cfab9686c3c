//! Every story comes to what practitioners expect of it, and its whole verdict is the one that was reviewed.

use std::path::{Path, PathBuf};

use exeunt_scenario::{Told, differences, reviewed};

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// All stories, in order of their names.
pub(crate) fn all() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(root().join("scenarios")).expect("the folder of stories");
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    folders.retain(|path| path.is_dir());
    folders.sort();
    folders
}

pub(crate) fn told(folder: &Path) -> Told {
    Told::read(folder, &root().join("connectors")).unwrap_or_else(|error| panic!("{error}"))
}

/// A leaver like one that was told before must be judged as practitioners said then.
#[test]
fn every_story_ends_as_expected() {
    let mut wrong = Vec::new();
    for folder in all() {
        match Told::read(&folder, &root().join("connectors")) {
            Err(error) => wrong.push(error.to_string()),
            Ok(told) => {
                wrong.extend(differences(&told).into_iter().map(|what| format!("{}: {what}", told.name)));
            }
        }
    }
    assert!(wrong.is_empty(), "{} differences:\n{}", wrong.len(), wrong.join("\n"));
}

/// A change of the engine that alters a word of any verdict has to be looked at: reasons, timelines, owners, evidence.
/// `EXEUNT_REVIEW=1` writes the verdicts anew, to be read and committed.
#[test]
fn every_verdict_is_the_reviewed_one() {
    let review = std::env::var_os("EXEUNT_REVIEW").is_some();
    let mut changed = Vec::new();
    for folder in all() {
        let path = folder.join("expected.txt");
        let told = told(&folder);
        let text = reviewed(&told.title, &told.verdict);
        if review {
            std::fs::write(&path, text).expect("the verdict is written");
        } else if std::fs::read_to_string(&path).ok() != Some(text) {
            changed.push(path.display().to_string());
        }
    }
    assert!(changed.is_empty(), "changed, or never reviewed:\n{}", changed.join("\n"));
}

/// All leavers are judged over a slice of what was read; one who is judged alone must not be told anything else.
#[test]
fn every_verdict_is_the_same_over_its_slice() {
    let mut left_out = 0;
    for folder in all() {
        let told = told(&folder);
        assert_eq!(
            reviewed(&told.title, &told.over_slice),
            reviewed(&told.title, &told.verdict),
            "{}",
            told.name
        );
        assert_eq!(told.over_slice, told.verdict, "{}", told.name);
        left_out += told.left_out;
    }
    assert!(left_out > 0, "a slice that is everything proves nothing");
}

/// Sixty stories are promised, each told in words, with a ticket or the reason why there is none.
#[test]
fn there_are_enough_and_each_says_what_happened() {
    let stories = all();
    assert!(stories.len() >= 60, "{} stories", stories.len());
    for folder in stories {
        let text = std::fs::read_to_string(folder.join("story.yaml")).expect("a story");
        let tells =
            text.split("tells:").nth(1).and_then(|rest| rest.split("\n\n").next()).unwrap_or_default();
        assert!(tells.split_whitespace().count() >= 25, "{} tells too little", folder.display());
    }
}
