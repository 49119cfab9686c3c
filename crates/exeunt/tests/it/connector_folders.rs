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
