//! Replaying a verdict: the same bytes from what was kept, whatever the configuration says by now.

use std::fs;
use std::path::{Path, PathBuf};

use exeunt_sandbox::story;

use crate::said::{Said, program, run};
use crate::stage::copied;

fn replay(state: &Path) -> Said {
    run(program().arg("--state").arg(state).args(["evidence", "replay", story::TICKET]))
}

/// Years later somebody asks whether the verdict follows from what was seen. It must, byte for byte, and also after policy,
/// owners and links have changed.
#[test]
fn a_verdict_comes_out_with_the_same_bytes() {
    let state = copied();
    let state = state.path();
    let said = replay(state);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.out.starts_with("the same: judged again from "), "{}", said.out);
    let config = state.join("exeunt.yaml");
    let text = fs::read_to_string(&config).expect("a configuration");
    let owners = text.find("\nowners:").expect("owners");
    let end = text[owners + 8..].find("\n\n").map_or(text.len(), |at| owners + 8 + at);
    fs::write(&config, format!("{}{}", &text[..owners], &text[end..])).expect("written");
    let again = replay(state);
    assert_eq!((again.code, &again.out), (0, &said.out), "{}", again.err);
    let json = run(program().arg("--state").arg(state).args([
        "--format",
        "json",
        "evidence",
        "replay",
        story::TICKET,
    ]));
    assert_eq!(json.json()["same"], true);
}

/// What a verdict rests on and was changed after it is refused, not judged from; so is what is not there.
#[test]
fn a_changed_snapshot_is_refused() {
    let state = copied();
    let state = state.path();
    let packs: Vec<PathBuf> = fs::read_dir(state.join("blobs/packs"))
        .expect("packs")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|kind| kind == "pack"))
        .collect();
    let right: Vec<Vec<u8>> = packs.iter().map(|pack| fs::read(pack).expect("a pack")).collect();
    for (pack, right) in packs.iter().zip(&right) {
        // Every entry from the middle on: of whatever is in it, something is changed.
        let mut bytes = right.clone();
        for at in (200..bytes.len()).step_by(64) {
            bytes[at] ^= 1;
        }
        fs::write(pack, bytes).expect("changed");
    }
    let said = replay(state);
    assert_eq!((said.code, said.out.as_str()), (1, ""), "a changed snapshot was judged from");
    for pack in &packs {
        fs::remove_file(pack).expect("removed");
        let _ = fs::remove_file(pack.with_extension("index"));
    }
    let said = replay(state);
    assert_eq!((said.code, said.out.as_str()), (1, ""), "a missing snapshot was passed over");
    for (pack, right) in packs.iter().zip(&right) {
        fs::write(pack, right).expect("put back");
    }
    assert_eq!(replay(state).code, 0);
}

/// What the verdict was judged by is taken away with the case, and in the bundle an auditor gets.
#[test]
fn the_basis_is_in_the_bundle_and_is_erased_with_the_case() {
    let state = copied();
    let state = state.path();
    let file = state.join("case.exeunt");
    let evidence = |words: &[&str]| run(program().arg("--state").arg(state).arg("evidence").args(words));
    assert_eq!(evidence(&["export", story::TICKET, "-o", file.to_str().expect("text")]).code, 0);
    let verified = exeunt_evidence::verify(&fs::read(file).expect("a bundle"), None).expect("it holds");
    let basis = verified.entries.iter().find(|entry| entry.record.kind == "basis").expect("a basis");
    let body: serde_json::Value =
        serde_json::from_slice(basis.body.as_deref().expect("carried")).expect("JSON");
    assert_eq!(body["case"]["id"], story::TICKET);
    assert_eq!(evidence(&["erase", story::TICKET]).code, 0);
    let said = replay(state);
    assert_eq!(said.code, 1);
    assert!(said.err.contains("was erased"), "{}", said.err);
    let unknown = evidence(&["replay", "NEVER-1"]);
    assert!(unknown.code == 1 && unknown.err.contains("no verdict"), "{}", unknown.err);
}
