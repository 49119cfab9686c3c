//! Every connector's folder: its recorded answers hold under every fault, and its traps catch what they are for.

use crate::descriptions::folders;
use crate::said::exeunt;

/// A connector without a trap has never been shown to know what its system is odd about.
#[tokio::test]
async fn every_connector_tells_its_traps() {
    let folders = folders();
    let names: Vec<&str> = folders.iter().map(|path| path.to_str().expect("UTF-8")).collect();
    let said = exeunt(&[&["--format", "json", "connectors", "test"], names.as_slice()].concat()).await;
    let all = said.json();
    let all = all.as_array().expect("connectors");
    assert_eq!(all.len(), folders.len());
    for connector in all {
        let name = connector["connector"].as_str().expect("a name");
        assert_eq!(connector["failures"], serde_json::json!([]), "{name}");
        let traps = connector["traps"].as_array().expect("traps");
        assert!(!traps.is_empty(), "{name} has no trap");
        for trap in traps {
            assert_eq!(trap["wrong"], serde_json::json!([]), "{name}: {}", trap["name"]);
        }
    }
    assert_eq!(said.code, 0, "{}", said.err);
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
