//! What is written is read again, and what is damaged is refused.

use std::fs;
use std::path::Path;

use proptest::prelude::*;

use crate::access::{Columns, Names, Stored, load, write as write_access};
use crate::{Column, ColumnsError, ROWS_IN_A_GROUP, Table, write};

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

fn written(path: &Path, numbers: &[u32], names: &[String]) -> String {
    let columns = [("number", Column::Ints(numbers)), ("name", Column::Texts(names))];
    write(path, &columns, &[("of", "a test".to_owned())]).expect("written")
}

/// A row on the border between two row groups, or two blocks, must not be another row.
#[test]
fn a_table_of_more_than_one_row_group_is_read_again() {
    let dir = folder();
    let path = dir.path().join("t.parquet");
    let rows = u32::try_from(ROWS_IN_A_GROUP).expect("few") + 5_000;
    let numbers: Vec<u32> = (0..rows).map(|at| at.wrapping_mul(2_654_435_761) >> 1).collect();
    let names: Vec<String> = (0..rows).map(|at| format!("n{}", at * 7)).collect();
    let digest = written(&path, &numbers, &names);
    let mut table = Table::open(&path).expect("opens");
    assert_eq!(
        (table.rows(), table.fact("of"), table.digest()),
        (rows.into(), Some("a test"), Some(digest.as_str()))
    );
    assert!(table.load("number").expect("loads") == numbers);
    table.verify().expect("whole");
    let (mut ranges, mut texts) =
        (table.ranges("number").expect("a column"), table.texts("name").expect("a column"));
    let border = ROWS_IN_A_GROUP as u64;
    let mut some = Vec::new();
    ranges.read(border - 3..border + 3, &mut some).expect("reads");
    assert_eq!(some, numbers[ROWS_IN_A_GROUP - 3..ROWS_IN_A_GROUP + 3]);
    for row in [0, 4095, 4096, border - 1, border, u64::from(rows) - 1] {
        let at = usize::try_from(row).expect("few");
        assert_eq!(ranges.get(row).expect("reads"), numbers[at]);
        assert_eq!(texts.get(row).expect("reads"), names[at]);
    }
    assert!(matches!(ranges.get(u64::from(rows)), Err(ColumnsError::Damaged { .. })));
    assert!(table.load("name").is_err(), "texts are no numbers");
    assert!(table.load("other").is_err());
}

/// A table without rows is a table.
#[test]
fn an_empty_table_is_read_again() {
    let dir = folder();
    let path = dir.path().join("t.parquet");
    written(&path, &[], &[]);
    assert!(Table::open(&path).expect("opens").load("number").expect("loads").is_empty());
}

/// A number that Parquet would read as negative must not be written.
#[test]
fn what_does_not_fit_is_refused_before_anything_is_written() {
    let dir = folder();
    let path = dir.path().join("t.parquet");
    let unequal = [("a", Column::Ints(&[1, 2])), ("b", Column::Ints(&[1]))];
    for columns in [&[("a", Column::Ints(&[1 << 31]))][..], &unequal] {
        assert!(matches!(write(&path, columns, &[]), Err(ColumnsError::Unwritable { .. })));
    }
    assert!(!path.exists());
}

/// Everything that can be asked of a table; the first refusal.
fn read_all(path: &Path) -> Result<(Vec<u32>, Vec<String>), ColumnsError> {
    let mut table = Table::open(path)?;
    let numbers = table.load("number")?;
    let mut texts = table.texts("name")?;
    let names = (0..table.rows()).map(|row| texts.get(row)).collect::<Result<_, _>>()?;
    Ok((numbers, names))
}

/// Cut short anywhere, or with any byte turned, a file is refused or says the same as before: never something else.
#[test]
fn a_damaged_file_never_says_anything_else() {
    let dir = folder();
    let path = dir.path().join("t.parquet");
    let numbers: Vec<u32> = (0..25).collect();
    let names: Vec<String> = numbers.iter().map(|at| format!("name {at}")).collect();
    written(&path, &numbers, &names);
    let sound = fs::read(&path).expect("read");
    let harmed = dir.path().join("harmed.parquet");
    for len in 0..sound.len() {
        fs::write(&harmed, &sound[..len]).expect("written");
        assert!(matches!(read_all(&harmed), Err(ColumnsError::Damaged { .. })), "cut to {len} bytes");
    }
    for at in 0..sound.len() {
        for turned in [sound[at] ^ 1, sound[at] ^ 0x80, !sound[at]] {
            let mut bytes = sound.clone();
            bytes[at] = turned;
            fs::write(&harmed, &bytes).expect("written");
            if let Ok(read) = read_all(&harmed) {
                assert_eq!(read, (numbers.clone(), names.clone()), "byte {at} is {turned}");
            }
            let refused = Table::open(&harmed).and_then(|mut table| table.verify());
            assert!(
                refused.is_err() || at >= sound.len() - footer(&sound),
                "byte {at} of what it holds is {turned}"
            );
        }
    }
}

/// The length of the footer, its length and mark included. What the columns hold is under the SHA-256, and the footer is
/// what it is compared with.
fn footer(bytes: &[u8]) -> usize {
    let four = bytes[bytes.len() - 8..bytes.len() - 4].try_into().expect("four");
    8 + u32::from_le_bytes(four) as usize
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_numbers_and_names_are_read_again(rows in prop::collection::vec((0u32..1 << 31, ".{0,9}"), 0..300)) {
        let dir = folder();
        let path = dir.path().join("t.parquet");
        let (numbers, names): (Vec<u32>, Vec<String>) = rows.into_iter().unzip();
        written(&path, &numbers, &names);
        prop_assert_eq!(read_all(&path).expect("reads"), (numbers, names));
    }
}

fn estate() -> Columns {
    // 0 -> 1 -> 2 and back, 0 -> 3 which is latent; 2 has both entitlements, one of them gone.
    Columns {
        kind: vec![0, 1, 7, 2],
        steps_end: vec![2, 3, 4, 4],
        grants_end: vec![0, 0, 2, 3],
        step_to: vec![1, 3, 2, 1],
        step_level: vec![0, 1, 0, 0],
        grant_to: vec![1, 0, 0],
        grant_level: vec![0, 3, 0],
        entitlements: 2,
        left: vec![0],
    }
}

fn keep(dir: &Path, columns: &Columns) {
    let names = ["ann", "ann.a", "staff", "bot"].map(str::to_owned);
    let references = ["app/1", "app/2", "app/3", "dir/1"].map(str::to_owned);
    let entitlements = ["admin on x", "read on y"].map(str::to_owned);
    let names = Names {
        holders: &names,
        references: &references,
        levels: &[0, 0, 0, 1],
        entitlements: &entitlements,
        privileged: &[1, 0],
        ties: &[0, 1, 2, 3],
        kinds: &["person", "human"],
        tie_words: &["owns", "holds"],
    };
    write_access(dir, columns, &names).expect("written");
}

/// What is read for one leaver must be what the whole says of them.
#[test]
fn a_part_is_what_the_whole_says() {
    let dir = folder();
    keep(dir.path(), &estate());
    assert_eq!(load(dir.path()).expect("loads"), estate());
    let mut stored = Stored::open(dir.path()).expect("opens");
    let live = stored.part(0, 0).expect("reads");
    assert_eq!((live.holders.as_slice(), live.steps.as_slice()), (&[0, 1, 2][..], &[0, 2, 3][..]));
    assert_eq!(live.columns.grant_to, [1]);
    let latent = stored.part(0, 1).expect("reads");
    assert_eq!(latent.holders, [0, 1, 3, 2]);
    assert_eq!(latent.columns.step_to, [1, 2, 3, 1]);
    assert_eq!(stored.holder(3).expect("a name"), "bot");
    assert_eq!(stored.entitlement(0).expect("a name"), ("admin on x".to_owned(), true));
    assert_eq!(stored.tie(3).expect("a tie"), 3);
    assert_eq!((stored.tie_word(1), stored.tie_word(3)), ("holds", ""), "a tie without a word");
    assert_eq!([0, 1].map(|what| stored.is_privileged(what).expect("reads")), [true, false]);
}

/// Whoever is asked for by name must be found, and nobody else taken for them.
#[test]
fn a_holder_is_found_by_its_reference() {
    let dir = folder();
    keep(dir.path(), &estate());
    let mut stored = Stored::open(dir.path()).expect("opens");
    for (reference, number) in [
        ("app/1", Some(0)),
        ("app/2", Some(1)),
        ("app/3", Some(2)),
        ("dir/1", Some(3)),
        ("app/", None),
        ("dir/2", None),
    ] {
        assert_eq!(stored.find(|known| known.cmp(reference)).expect("reads"), number, "{reference}");
    }
}

/// Tables of two snapshots in one folder are not an estate.
#[test]
fn tables_of_two_snapshots_are_refused() {
    let (one, other) = (folder(), folder());
    keep(one.path(), &estate());
    keep(other.path(), &Columns { grant_to: vec![1, 0, 1], ..estate() });
    fs::copy(other.path().join("grants.parquet"), one.path().join("grants.parquet")).expect("copied");
    let refused = load(one.path()).expect_err("mixed");
    assert!(refused.to_string().contains("another snapshot"), "{refused}");
    assert!(Stored::open(one.path()).is_err());
    fs::remove_file(other.path().join("left.parquet")).expect("removed");
    assert!(matches!(load(other.path()), Err(ColumnsError::Io { .. })));
}
