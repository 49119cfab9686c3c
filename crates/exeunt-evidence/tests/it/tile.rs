//! Paths and entry bundles as C2SP tlog-tiles has them.

use exeunt_evidence::tile::{EntryError, MAX_ENTRY, TileKind, TilePath, push_entry, split_entries};

/// The specification's example: 70,000 entries are 273 full level-0 tiles and one of 112, one full level-1 tile and
/// one of 17, and one level-2 tile of 1. A mirror that follows it finds every tile of ours.
#[test]
fn a_tree_of_70000() {
    let widths = |kind| TilePath::all(kind, 70_000).map(|path| path.width()).collect::<Vec<_>>();
    for kind in [TileKind::Hashes(0), TileKind::Entries] {
        let found = widths(kind);
        assert_eq!(found.len(), 274);
        assert!(found[..273].iter().all(|width| *width == 256));
        assert_eq!(found[273], 112);
    }
    assert_eq!(widths(TileKind::Hashes(1)), [256, 17]);
    assert_eq!(widths(TileKind::Hashes(2)), [1]);
    assert_eq!(widths(TileKind::Hashes(3)), [0; 0]);
    let path = |kind, index| TilePath::in_tree(kind, index, 70_000).unwrap().to_string();
    assert_eq!(path(TileKind::Hashes(0), 0), "tile/0/000");
    assert_eq!(path(TileKind::Hashes(0), 273), "tile/0/273.p/112");
    assert_eq!(path(TileKind::Hashes(1), 1), "tile/1/001.p/17");
    assert_eq!(path(TileKind::Hashes(2), 0), "tile/2/000.p/1");
    assert_eq!(path(TileKind::Entries, 273), "tile/entries/273.p/112");
    assert_eq!(TilePath::in_tree(TileKind::Hashes(0), 274, 70_000), None);
}

/// "a tree of size 256 will be represented by a full level 0 tile and a partial level 1 tile of width 1"
#[test]
fn a_tree_of_256() {
    let names = |kind| TilePath::all(kind, 256).map(|path| path.to_string()).collect::<Vec<_>>();
    assert_eq!(names(TileKind::Hashes(0)), ["tile/0/000"]);
    assert_eq!(names(TileKind::Hashes(1)), ["tile/1/000.p/1"]);
    assert_eq!(names(TileKind::Entries), ["tile/entries/000"]);
}

/// Index 1234067 is `x001/x234/067`, and each path has one spelling.
#[test]
fn paths_come_back_from_their_text() {
    let big = TilePath::in_tree(TileKind::Hashes(0), 1_234_067, u64::MAX).unwrap();
    assert_eq!(big.to_string(), "tile/0/x001/x234/067");
    for good in ["tile/0/x001/x234/067", "tile/entries/000.p/1", "tile/63/999.p/255", "tile/1/x001/000"] {
        assert_eq!(good.parse::<TilePath>().unwrap().to_string(), good);
    }
    for bad in [
        "",
        "tile",
        "tile/0",
        "tile/0/",
        "tile/64/000",
        "tile/00/000",
        "tile/0/00",
        "tile/0/0000",
        "tile/0/x000/001",
        "tile/0/001/002",
        "tile/0/x001",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/000.p",
        "tile/-1/000",
        "tile/data/000",
        "tile/0/../001",
        "tile/0/x999/x999/x999/x999/x999/x999/x999/999",
    ] {
        assert!(bad.parse::<TilePath>().is_err(), "{bad}");
    }
}

/// An entry comes back as it went in, and one that is too long is refused before it could be cut.
#[test]
fn entry_bundles() {
    let mut bundle = Vec::new();
    let longest = vec![7; MAX_ENTRY];
    let entries: [&[u8]; 3] = [b"abc", b"", &longest];
    for entry in entries {
        push_entry(&mut bundle, entry).unwrap();
    }
    assert_eq!(bundle[..7], *b"\x00\x03abc\x00\x00");
    assert_eq!(split_entries(&bundle).unwrap(), entries);
    assert_eq!(split_entries(&bundle[..bundle.len() - 1]), Err(EntryError::Cut { entry: 2 }));
    assert_eq!(split_entries(&bundle[..1]), Err(EntryError::Cut { entry: 0 }));
    let length = MAX_ENTRY + 1;
    let too_long = push_entry(&mut bundle, &vec![7; length]);
    assert_eq!(too_long, Err(EntryError::TooLong { length }));
}
