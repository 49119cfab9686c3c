//! Pages say what the manifest says.

use exeunt_model::SurvivorKind;

use super::{Seen, coverage, permissions, reference_page};
use crate::catalogue::Catalogue;
use crate::manifest::tests::good;

/// An administrator asked for too little would make reads partial; for too much, would refuse.
#[test]
fn every_permission_is_listed_once_with_its_reads() {
    let listed = permissions(&good());
    let pairs: Vec<(&str, &[String])> =
        listed.iter().map(|p| (p.permission.as_str(), p.reads.as_slice())).collect();
    assert_eq!(
        pairs,
        [("tokens:read", &["tokens".to_owned()][..]), ("users:read", &["users".to_owned()][..])]
    );
}

/// The page is what an outsider judges a connector by: nothing of the manifest may be missing.
#[test]
fn the_reference_page_says_everything() {
    insta::assert_snapshot!(reference_page(&good()));
}

/// Every built-in connector has a page, and the matrix has a cell for each kind and system.
#[test]
fn all_connectors_have_pages_and_coverage() {
    let catalogue = Catalogue::load(None).expect("the built-in manifests load");
    for (name, loaded) in catalogue.iter() {
        let page = reference_page(loaded);
        for read in loaded.manifest.reads.keys() {
            assert!(page.contains(&format!("### `{read}`")), "{name}: {read}");
        }
    }
    let matrix = coverage(&catalogue);
    assert_eq!(matrix.rows.len(), SurvivorKind::ALL.len());
    assert!(matrix.rows.iter().all(|row| row.systems.len() == catalogue.names().count()));
    let text = matrix.markdown();
    let blind =
        matrix.rows.iter().flat_map(|row| &row.systems).filter(|seen| matches!(seen, Seen::Blind(_))).count();
    assert_eq!(text.matches("**blind**").count(), blind);
}
