//! Every connector's folder: its recorded answers hold under every fault, and its traps catch what they are for.

use crate::descriptions::folders;
use crate::said::exeunt;

/// A connector without a trap has never been shown to know what its system is odd about.
#[test]
fn every_connector_tells_its_traps() {
    // Every other folder each, so that two processors share the work.
    let halves = [0, 1].map(|half| std::thread::spawn(move || tested(half)));
    for connector in halves.into_iter().flat_map(|half| half.join().expect("tested")) {
        let name = connector["connector"].as_str().expect("a name");
        assert_eq!(connector["failures"], serde_json::json!([]), "{name}");
        let traps = connector["traps"].as_array().expect("traps");
        assert!(!traps.is_empty(), "{name} has no trap");
        for trap in traps {
            assert_eq!(trap["wrong"], serde_json::json!([]), "{name}: {}", trap["name"]);
        }
    }
}

fn tested(half: usize) -> Vec<serde_json::Value> {
    let folders: Vec<_> = folders().into_iter().skip(half).step_by(2).collect();
    let names: Vec<&str> = folders.iter().map(|path| path.to_str().expect("UTF-8")).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let args = [&["--format", "json", "connectors", "test"], names.as_slice()].concat();
    let said = runtime.block_on(exeunt(&args));
    let all: Vec<_> = said.json().as_array().expect("connectors").clone();
    assert_eq!(all.len(), folders.len());
    all
}

/// The draft of a vendor's own description is a folder that says what is still to be decided, and is not written over.
#[tokio::test]
async fn a_connector_is_drafted_from_a_description() {
    let github = folders().into_iter().find(|folder| folder.ends_with("github")).expect("github");
    let description = github.join("contract.json");
    let folder = tempfile::tempdir().expect("a folder");
    let into = folder.path().to_str().expect("UTF-8");
    let description = description.to_str().expect("UTF-8");
    let new = ["--format", "json", "connectors", "new", "forge", "--openapi", description, "--into", into];
    let said = exeunt(&new).await;
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.json()["to_decide"].as_u64().expect("a number") > 10, "{}", said.out);
    let made = folder.path().join("forge");
    let shown = exeunt(&["connectors", "test", made.to_str().expect("UTF-8")]).await;
    shown.refuses(1, &["forge/manifest.yaml:", "still to be decided"]);
    exeunt(&new).await.refuses(1, &["forge", "it is left as it is"]);
    let no_name = ["connectors", "new", "The Forge", "--openapi", description, "--into", into];
    exeunt(&no_name).await.refuses(2, &["no connector's name"]);
    let manifest = made.join("manifest.yaml");
    let wrong =
        ["connectors", "new", "other", "--openapi", manifest.to_str().expect("UTF-8"), "--into", into];
    exeunt(&wrong).await.refuses(1, &["no `paths`"]);
    assert!(!folder.path().join("other").exists(), "nothing is left of what could not be drafted");
}
