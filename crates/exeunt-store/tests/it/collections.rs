//! What systems answered: sealed by collection, held by the cases that rest on it, gone with retention or the last case.

use std::fs;
use std::path::Path;

use exeunt_model::{Digest, Read, Snapshot};
use exeunt_store::{CaseRow, SealingKey, Store, StoreError};

use super::{receipt, snapshot};

/// Nonces and keys that differ and are the same in each run.
fn counted(bytes: &mut [u8]) {
    use std::sync::atomic::{AtomicU8, Ordering};
    static NEXT: AtomicU8 = AtomicU8::new(1);
    bytes.fill(0);
    bytes[0] = NEXT.fetch_add(1, Ordering::Relaxed);
    bytes[1] = 9;
}

async fn opened(dir: &Path) -> Store {
    let mut store = Store::open(dir).await.expect("opens");
    let wrapping = SealingKey::from_text(&"01".repeat(32)).expect("a key");
    store.unlock(wrapping, counted).expect("unlocked");
    store
}

/// One collection: a body, and the snapshot made of it.
async fn collected(store: &Store, ended: &str) -> (Digest, Digest) {
    let body = store.blobs().keep_packed(format!("[\"mara.voss at {ended}\"]").as_bytes()).expect("kept");
    let mut receipt = receipt();
    receipt.exchanges.push(body);
    let read = Read { receipt, records: Vec::new(), kept: Vec::new() };
    let taken = Snapshot { reads: vec![read], ..snapshot("github", ended) };
    let id = store.put_snapshot(&taken).await.expect("kept");
    store.blobs().end_pack().expect("ended");
    (body, id)
}

fn everything(dir: &Path, into: &mut Vec<Vec<u8>>) {
    for entry in fs::read_dir(dir).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            everything(&path, into);
        } else {
            into.push(fs::read(&path).expect("a file"));
        }
    }
}

/// What is known of a leaver goes with the key of the case, also where a database keeps what was deleted from it; and an
/// erasure that ended before its row went hides no other case.
#[tokio::test]
async fn a_case_in_the_state_goes_with_its_key() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = opened(dir.path()).await;
    for id in ["OFF-142", "OFF-150"] {
        let case = CaseRow { id: id.to_owned(), body: format!(r#"{{"of":"mara.voss","in":"{id}"}}"#) };
        store.put_case(&case).await.expect("kept");
    }
    assert!(store.case("OFF-142").await.expect("read").is_some_and(|case| case.body.contains("mara")));
    let key = |id: &str| exeunt_store::KeyName::of_case(id);
    assert!(store.blobs().keys().expect("unlocked").destroy(&key("OFF-142")).expect("destroyed"));
    assert_eq!(store.case("OFF-142").await.expect("read"), None);
    assert_eq!(store.cases().await.expect("listed").len(), 1);
    store.erase_case("OFF-142").await.expect("erased");
    let mut files = Vec::new();
    everything(dir.path(), &mut files);
    assert!(!files.iter().any(|bytes| bytes.windows(4).any(|window| window == b"mara")));
}

/// What many verdicts are judged by can be read as long as one of their cases is there, and no collection with it.
#[tokio::test]
async fn what_cases_share_is_held_apart_from_collections() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = opened(dir.path()).await;
    let (page, _) = collected(&store, "2026-11-12T09:00:00Z").await;
    let shared = store.keep_apart(&[b"owners: Ben Adeyemi".to_vec()]).expect("kept");
    assert_eq!(store.keep_apart(&[b"owners: Ben Adeyemi".to_vec()]).expect("once"), shared);
    store.hold("OFF-142", &[], &shared).expect("held");
    store.hold("OFF-150", &[], &shared).expect("held");
    store.erase_case("OFF-142").await.expect("erased");
    assert!(store.blobs().get(&shared[0]).is_ok() && store.blobs().get(&page).is_ok());
    store.erase_case("OFF-150").await.expect("erased");
    assert!(store.blobs().get(&shared[0]).is_err() && store.blobs().get(&page).is_ok());
    let again = store.keep_apart(&[b"owners: Ben Adeyemi".to_vec()]).expect("kept anew");
    assert!(store.blobs().get(&again[0]).is_ok());
}

/// Whoever copies the disk, or finds it in the bin, must not read what systems answered about everybody.
#[tokio::test]
async fn no_answer_is_on_the_disk_in_the_clear() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = opened(dir.path()).await;
    let (body, id) = collected(&store, "2026-11-12T09:00:00Z").await;
    let mut files = Vec::new();
    everything(&dir.path().join("blobs"), &mut files);
    assert!(!files.is_empty());
    for bytes in &files {
        // Neither the text nor the beginning of a compressed frame (RFC 8878), which anybody can unpack.
        for sign in [b"mara".as_slice(), b"GET ", &[0x28, 0xb5, 0x2f, 0xfd]] {
            assert!(!bytes.windows(sign.len()).any(|window| window == sign), "{sign:?}");
        }
    }
    assert_eq!(store.snapshot(&id).expect("opened").reads[0].receipt.exchanges, [body]);
    drop(store);
    let locked = Store::open(dir.path()).await.expect("opens");
    assert!(matches!(locked.blobs().get(&body), Err(StoreError::Locked { .. })));
    drop(locked);
    let again = opened(dir.path()).await;
    assert!(again.blobs().get(&body).expect("opened").ends_with(b"Z\"]"));
}

/// An entry that was put in another's place, or changed by a bit, is no evidence.
#[tokio::test]
async fn a_changed_entry_of_a_sealed_pack_is_refused() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = opened(dir.path()).await;
    let (body, _) = collected(&store, "2026-11-12T09:00:00Z").await;
    let pack = dir.path().join("blobs/packs/00000000.pack");
    let right = fs::read(&pack).expect("there");
    for at in [40 + 36, 40 + 36 + 30] {
        let mut bytes = right.clone();
        bytes[at] ^= 1;
        fs::write(&pack, bytes).expect("changed");
        assert!(matches!(store.blobs().get(&body), Err(StoreError::Damaged { .. })), "byte {at}");
    }
}

/// After retention nobody reads what systems answered, except through a case that rests on it.
#[tokio::test]
async fn retention_leaves_what_cases_rest_on() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = opened(dir.path()).await;
    let (loose, _) = collected(&store, "2025-01-01T09:00:00Z").await;
    let (held, id) = collected(&store, "2025-02-01T09:00:00Z").await;
    let (fresh, _) = collected(&store, "2026-11-12T09:00:00Z").await;
    store.hold("OFF-142", &[id], &[]).expect("held");
    let before = "2026-01-01T00:00:00Z".parse().expect("a time");
    assert_eq!(store.retire(before).await.expect("retired"), 1);
    assert_eq!(store.retire(before).await.expect("once more"), 0);
    assert!(matches!(store.blobs().get(&loose), Err(StoreError::NoBlob { .. })));
    assert!(store.blobs().get(&held).is_ok() && store.blobs().get(&fresh).is_ok());
    assert_eq!(store.snapshots(None).await.expect("listed").len(), 2);
    store.erase_case("OFF-142").await.expect("erased");
    assert!(matches!(store.blobs().get(&held), Err(StoreError::NoBlob { .. })));
    assert!(store.blobs().get(&fresh).is_ok());
}

/// Erasing one leaver takes what systems answered with it, and leaves the other cases what they rest on.
#[tokio::test]
async fn a_collection_goes_with_the_last_case_that_rests_on_it() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = opened(dir.path()).await;
    let (first, one) = collected(&store, "2026-11-12T09:00:00Z").await;
    let (both, two) = collected(&store, "2026-11-13T09:00:00Z").await;
    store.hold("OFF-142", &[one, two], &[]).expect("held");
    store.hold("OFF-142", &[one, two], &[]).expect("held twice is once");
    store.hold("OFF-150", &[two], &[]).expect("held");
    store.erase_case("OFF-142").await.expect("erased");
    store.erase_case("OFF-142").await.expect("erased twice is once");
    assert!(matches!(store.blobs().get(&first), Err(StoreError::NoBlob { .. })));
    assert!(store.blobs().get(&both).is_ok());
    let left: Vec<Digest> = store.snapshots(None).await.expect("listed").iter().map(|row| row.id).collect();
    assert_eq!(left, [two]);
    // A copy of the disk from before does not help: its keys are what was destroyed, not its bodies.
    assert!(store.snapshot(&two).is_ok() && store.snapshot(&one).is_err());
    store.erase_case("OFF-150").await.expect("erased");
    assert!(store.blobs().get(&both).is_err());
    let again = store.blobs().keep_packed(b"[\"mara.voss at 2026-11-13T09:00:00Z\"]").expect("kept anew");
    assert_eq!((again, store.blobs().get(&again).is_ok()), (both, true));
}
