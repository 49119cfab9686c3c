//! Files that are wrong: configuration, manifests, state; and a folder or a disk that cannot be written.

use std::fs;
use std::path::PathBuf;

use exeunt_sandbox::story;

use crate::said::{exeunt, program, run};
use crate::stage::{Stage, copied, nothing_became_gone, told};

/// A slip in the configuration is said with its place; a secret in it is never repeated.
#[tokio::test]
async fn a_wrong_configuration_is_refused_with_its_place() {
    let stage = Stage::after().await;
    let good = fs::read_to_string(stage.path("exeunt.yaml")).expect("a configuration");
    let token = "ghp_0123456789abcdefghijABCDEFGHIJ012345";
    let literal = format!("bearer: {token}");
    for (from, to, words) in [
        ("directory: okta", "directroy: okta", &["exeunt.yaml", "directroy", "exeunt schema config"][..]),
        ("directory: okta", "directory: oktah", &["`directory` names the system `oktah`", "github"]),
        ("words: AWS, system: aws", "words: AWS, system: awz", &["workflow.claims", "awz"]),
        ("connector: slack", "connector: slakc", &["slakc", "system `slack`", "--connectors DIR"]),
        (
            "bearer: \"file:secrets/github\"",
            literal.as_str(),
            &["exeunt.yaml", "has to be a reference", "env:NAME"],
        ),
        ("bearer: \"file:secrets/github\"", "bearer: \"file:secrets/gone\"", &["github", "secrets/gone"]),
        ("version: 1", "version: 2", &["`version` is 2"]),
        ("connector: github", "connector: [github", &["exeunt.yaml"]),
    ] {
        stage.edit(from, to);
        let said = stage.verify().await;
        said.refuses(1, words);
        assert!(!said.err.contains("0123456789"), "a secret is repeated: {}", said.err);
        fs::write(stage.path("exeunt.yaml"), &good).expect("written");
    }
    // No line number would leave the user searching.
    stage.edit("directory: okta", "directroy: okta");
    let said = stage.verify().await;
    assert!(said.err.contains("line 1") || said.err.contains(":1"), "{}", said.err);
    fs::write(stage.path("exeunt.yaml"), &good).expect("written");
    assert_eq!(stage.verify().await.code, 10);
}

/// The first thing a new user sees without a configuration is how to get one.
#[test]
fn a_missing_configuration_says_what_to_do() {
    let empty = tempfile::tempdir().expect("a folder");
    for command in [&["check"][..], &["verify", "OFF-142"], &["owners"], &["sweep"]] {
        let said = run(program().current_dir(empty.path()).args(command));
        said.refuses(1, &["no configuration", "exeunt init", "--config FILE"]);
    }
    assert_eq!(fs::read_dir(empty.path()).expect("a folder").count(), 0, "and makes no state");
    assert_eq!(run(program().current_dir(empty.path()).arg("init")).code, 0);
    assert!(empty.path().join("exeunt.yaml").is_file());
    let again = run(program().current_dir(empty.path()).arg("init"));
    assert_ne!(again.code, 0, "a configuration is not written over");
}

/// A typo in an added manifest is said with file, line and hint, before anything is read.
#[tokio::test]
async fn a_manifest_with_a_typo_is_refused() {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = dir.path().join("forge");
    fs::create_dir(&folder).expect("made");
    let built_in = concat!(env!("CARGO_MANIFEST_DIR"), "/../../connectors/scim/manifest.yaml");
    let text =
        fs::read_to_string(built_in).expect("a manifest").replace("connector: scim", "connector: forge");
    let file = folder.join("manifest.yaml");
    let dir = dir.path().to_str().expect("text");
    fs::write(&file, text.replacen("permission: Read users", "permision: Read users", 1)).expect("written");
    let line = text.lines().position(|line| line.contains("permission: Read users")).expect("a line") + 1;
    let place = format!("manifest.yaml:{line}");
    let said = exeunt(&["--connectors", dir, "connectors", "list"]).await;
    said.refuses(1, &[&place, "did you mean `permission`?"]);
    fs::write(&file, text.replacen("    rows: ", "    rows: map( # ", 1)).expect("written");
    exeunt(&["--connectors", dir, "connectors", "list"]).await.refuses(1, &["forge/manifest.yaml:"]);
    fs::write(&file, text).expect("written");
    let listed = exeunt(&["--connectors", dir, "connectors", "list"]).await;
    assert!(listed.code == 0 && listed.out.contains("forge"), "{listed:?}");
}

/// State that rotted on the disk is said to be damaged; it is neither trusted nor thrown away.
#[tokio::test]
async fn a_corrupt_database_is_refused_and_kept() {
    let state = copied();
    let database = state.path().join("state.db");
    let rotten = vec![b'x'; 8192];
    for left in ["state.db-wal", "state.db-shm"] {
        // There may be none; then there is nothing to take away.
        let _ = fs::remove_file(state.path().join(left));
    }
    fs::write(&database, &rotten).expect("written");
    let dir = state.path().to_str().expect("text");
    exeunt(&["--state", dir, "sweep"]).await.refuses(1, &["state.db"]);
    assert_eq!(fs::read(&database).expect("there"), rotten, "the damaged file is left for its owner");
    // The next run, on a state folder that is whole.
    let whole = copied();
    assert_eq!(exeunt(&["--state", whole.path().to_str().expect("text"), "sweep"]).await.code, 10);
}

/// A kept answer that changed on the disk is no evidence any more.
#[tokio::test]
async fn a_corrupt_blob_is_found() {
    let state = copied();
    let mut files = Vec::new();
    let mut folders = vec![state.path().join("blobs")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path: PathBuf = entry.expect("an entry").path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    assert!(files.len() > 4, "{files:?}");
    for file in &files {
        let mut bytes = fs::read(file).expect("a blob");
        // Many things lie in one file; each is hit.
        let head = bytes.len().min(128) / 2;
        bytes.iter_mut().skip(head).step_by(50).for_each(|byte| *byte ^= 0x10);
        let mut permissions = fs::metadata(file).expect("there").permissions();
        #[cfg(unix)]
        std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o600);
        fs::set_permissions(file, permissions).expect("allowed");
        fs::write(file, bytes).expect("written");
    }
    let dir = state.path().to_str().expect("text");
    for command in [&["verify", story::TICKET, "--offline"][..], &["sweep"], &["records", "export"]] {
        let mut args = vec!["--state", dir];
        args.extend(command);
        exeunt(&args).await.refuses(1, &["damaged", "Next:"]);
    }
}

/// Two runs on one state would write over each other's evidence.
#[tokio::test]
async fn a_state_in_use_is_refused() {
    let state = copied();
    let lock = fs::File::options().write(true).open(state.path().join("lock")).expect("the lock");
    lock.lock().expect("locked");
    let said = run(program().arg("--state").arg(state.path()).arg("sweep"));
    said.refuses(1, &["another exeunt has this state open", "--state DIR"]);
    lock.unlock().expect("unlocked");
    assert_eq!(run(program().arg("--state").arg(state.path()).arg("sweep")).code, 10);
}

/// A place that cannot be written ends the run with what to do, and leaves no half file under the name.
#[tokio::test]
async fn what_cannot_be_written_is_said() {
    let state = copied();
    let file = state.path().join("a-file");
    fs::write(&file, "x").expect("written");
    let below = file.join("state");
    let config = state.path().join("exeunt.yaml");
    let said = run(program().arg("--config").arg(&config).arg("--state").arg(&below).arg("sweep"));
    said.refuses(1, &["could not make the state folder"]);
    let dir = state.path().to_str().expect("text");
    let absent = state.path().join("absent/x.exeunt");
    let export = ["--state", dir, "evidence", "export", story::TICKET, "-o", absent.to_str().expect("text")];
    exeunt(&export).await.refuses(1, &["could not write", "Nothing is lost"]);
    // Standard output on a full disk: the verdict was not delivered, so it is no success.
    if cfg!(target_os = "linux") {
        let full = fs::File::options().write(true).open("/dev/full").expect("a full disk");
        let mut sweep = program();
        sweep.arg("--state").arg(state.path()).arg("sweep").stdout(full);
        run(&mut sweep).refuses(1, &["could not write the output"]);
    }
    let next = exeunt(&["--state", dir, "--format", "json", "verify", story::TICKET, "--offline"]).await;
    nothing_became_gone(&next.verdict());
    assert_eq!(next.out, told().said.out);
}
