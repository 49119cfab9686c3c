//! Erasing a case: its bodies cannot be read any more, and the ledger verifies as before.

use std::fs;
use std::path::{Path, PathBuf};

use exeunt_evidence::Ledger;
use exeunt_evidence::record::Record;
use exeunt_evidence::tile::DirTiles;
use exeunt_sandbox::story;

use crate::said::{Said, program, run};
use crate::stage::copied;

fn evidence(state: &Path, words: &[&str]) -> Said {
    run(program().arg("--state").arg(state).arg("evidence").args(words))
}

/// The key of a log, from the program's own words.
fn ledger(state: &Path) -> Ledger<DirTiles> {
    let text = fs::read_to_string(state.join("ledger.key")).expect("the key");
    let key = exeunt_evidence::SigningKey::from_text(&text).expect("a key");
    Ledger::open(DirTiles::reader(state.join("ledger")), key.verifier()).expect("the ledger verifies")
}

/// Who asks to be forgotten is forgotten, and nobody can say that the log was rewritten for it.
#[test]
fn an_erased_case_is_noise_and_the_log_still_verifies() {
    let state = copied();
    let state = state.path();
    let before = ledger(state).head().checkpoint().clone();
    let file = state.join("case.exeunt");
    let export = ["export", story::TICKET, "-o", file.to_str().expect("text")];
    assert_eq!(evidence(state, &export).code, 0);
    let said = evidence(state, &["erase", story::TICKET]);
    assert_eq!(said.code, 0, "{}", said.err);
    let again = evidence(state, &export);
    assert_eq!(again.code, 1);
    assert!(again.err.contains("was erased"), "{}", again.err);
    let log = ledger(state);
    let head = log.head().checkpoint();
    assert_eq!(head.size, before.size + 1);
    log.consistency(&before, head).expect("the log continues what it was");
    let entry = Record::from_bytes(&log.entry(before.size).expect("there")).expect("a record");
    assert_eq!((entry.kind.as_str(), entry.case.as_deref()), ("erasure", Some(story::TICKET)));
    // A bundle that was taken away before proves what it proved.
    let bundle = fs::read(file).expect("the bundle");
    assert!(exeunt_evidence::verify(&bundle, None).is_ok());
    assert_eq!(evidence(state, &["erase", "NEVER-1"]).code, 1);
}

/// What is in a folder, by path, with what is in the folders in it.
fn files_in(dir: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dir).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(files_in(&path));
        } else {
            files.push(path);
        }
    }
    files
}

/// Who is erased is nowhere in the state: not in its bytes, and not in anything that the program can still open.
#[test]
fn no_byte_of_the_state_names_who_was_erased() {
    let state = copied();
    let state = state.path();
    let names = ["Mara Voss", "mara.voss@", story::GITHUB_LOGIN];
    let opened = || run(program().arg("--state").arg(state).args(["records", "export"])).out;
    let before = opened();
    for name in names {
        assert!(before.contains(name), "{name} is what this person is called");
    }
    let said = evidence(state, &["erase", story::TICKET]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.err.contains(&format!("stays: the name of the case, {}", story::TICKET)), "{}", said.err);
    let files = files_in(state);
    for file in &files {
        let bytes = fs::read(file).expect("a file");
        for name in names {
            let found = bytes.windows(name.len()).any(|window| window.eq_ignore_ascii_case(name.as_bytes()));
            assert!(!found, "{name} is in {}", file.display());
        }
    }
    let after = opened();
    assert!(names.iter().all(|name| !after.contains(name)), "{after}");
    // Compressed and not sealed is as good as in the clear: nothing is but that it was erased.
    let clear: Vec<_> =
        files.iter().filter(|file| file.extension().is_some_and(|sort| sort == "zst")).collect();
    assert_eq!(clear.len(), 1, "{clear:?}");
}

/// A wrapping key that has to be replaced is replaced without touching a single body.
#[test]
fn the_wrapping_key_is_rotated_from_the_environment() {
    let state = copied();
    let state = state.path();
    let new = "5a".repeat(32);
    let rotate = |key: &str| {
        let mut program = program();
        program.env("EXEUNT_TEST_SEALING_KEY", key).arg("--state").arg(state);
        run(program.args(["evidence", "rotate", "--to", "env:EXEUNT_TEST_SEALING_KEY"]))
    };
    let said = rotate("not a key");
    assert!(said.code == 1 && !said.err.contains("not a key"), "{}", said.err);
    let said = rotate(&new);
    assert!(said.code == 0 && said.err.contains("keys are wrapped anew"), "{}", said.err);
    let export = ["export", story::TICKET, "-o", "/dev/null"];
    let locked = evidence(state, &export);
    assert!(locked.code == 1 && locked.err.contains("wrapped by"), "{}", locked.err);
    fs::write(state.join("sealing.key"), new).expect("written");
    let file = state.join("case.exeunt");
    let export = ["export", story::TICKET, "-o", file.to_str().expect("text")];
    let said = evidence(state, &export);
    assert_eq!(said.code, 0, "{}", said.err);
}

/// The page is the bundle: what it holds is what the other export holds.
#[test]
fn the_page_holds_the_bundle() {
    let state = copied();
    let state = state.path();
    let (file, page) = (state.join("case.exeunt"), state.join("case.html"));
    let export = ["export", story::TICKET, "-o", file.to_str().expect("text")];
    assert_eq!(evidence(state, &export).code, 0);
    let export = ["export", story::TICKET, "--format", "html", "-o", page.to_str().expect("text")];
    let said = evidence(state, &export);
    assert_eq!(said.code, 0, "{}", said.err);
    let bundle = fs::read(file).expect("the bundle");
    let page = fs::read_to_string(page).expect("the page");
    assert_eq!(page, exeunt_report::page(story::TICKET, &bundle));
}

/// Two heads that somebody kept are enough to see a fork or a rollback; that nothing was changed needs a bundle or the log,
/// and that is said, not assumed.
#[test]
fn heads_and_bundles_are_compared_without_the_ledger() {
    let state = copied();
    let state = state.path();
    let keep = |name: &str, words: &[&str]| {
        let file = state.join(name);
        let said = evidence(state, &[words, &["-o", file.to_str().expect("text")]].concat());
        assert_eq!(said.code, 0, "{}", said.err);
        file.to_str().expect("text").to_owned()
    };
    let head = keep("head", &["checkpoint"]);
    let bundle = keep("case.exeunt", &["export", story::TICKET]);
    assert_eq!(evidence(state, &["erase", story::TICKET]).code, 0);
    let later = keep("later", &["checkpoint"]);
    let nowhere = state.join("nothing here");
    let alone = |words: &[&str]| evidence(&nowhere, &[&["compare", "--offline"], words].concat());

    let said = alone(&[&head, &bundle]);
    assert!(said.code == 0 && said.out.contains("the same head"), "{} {}", said.out, said.err);
    let said = alone(&[&head, &later]);
    assert!(said.code == 2 && said.err.contains("--key"), "{}", said.err);
    let key =
        exeunt_evidence::verify(&fs::read(&bundle).expect("kept"), None).expect("holds").key.to_string();
    let said = alone(&[&head, &later, "--key", &key]);
    assert!(said.code == 11 && said.out.contains("not decided"), "{} {}", said.out, said.err);
    let said = alone(&[&later, &bundle]);
    assert!(said.code == 1 && said.out.contains("ROLLED BACK"), "{} {}", said.out, said.err);
    assert!(!nowhere.exists(), "it needs no state");
}

/// Whoever kept a head can tell that the ledger was put back to what it was before an entry that somebody regrets.
#[test]
fn a_head_that_was_kept_shows_a_rollback() {
    let state = copied();
    let state = state.path();
    let keep = |name: &str| {
        let said = evidence(state, &["checkpoint"]);
        assert_eq!(said.code, 0, "{}", said.err);
        let file = state.join(name);
        fs::write(&file, said.out).expect("kept");
        file
    };
    let before = keep("before.head");
    let copy = state.join("copy");
    std::process::Command::new("cp").arg("-r").arg(state.join("ledger")).arg(&copy).status().expect("copied");
    assert_eq!(evidence(state, &["erase", story::TICKET]).code, 0);
    let after = keep("after.head");
    let (before, after) = (before.to_str().expect("text"), after.to_str().expect("text"));
    let said = evidence(state, &["compare", before, after]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.out.contains("continued: the") && said.out.contains("the same head"), "{}", said.out);
    fs::remove_dir_all(state.join("ledger")).expect("removed");
    fs::rename(copy, state.join("ledger")).expect("put back");
    let said = evidence(state, &["compare", before, after]);
    assert_eq!(said.code, 1);
    assert!(said.out.contains("ROLLED BACK") && said.err.contains("after.head"), "{} {}", said.out, said.err);
}
