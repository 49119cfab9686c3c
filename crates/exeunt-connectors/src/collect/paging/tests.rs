//! The ways in which a listing can seem to end, and does not.

use std::hash::{Hash as _, Hasher as _};

use exeunt_model::PartialReason;
use exeunt_model::manifest::Paging;
use serde_json::{Value, json};

use super::{Step, Turned, Walk, next_link};

const ORIGIN: &str = "https://api.example:8443";

/// A page with rows of its own.
fn page(rows: u64, content: &str) -> Turned {
    let mut hasher = std::hash::DefaultHasher::new();
    content.hash(&mut hasher);
    Turned { rows, content: Some(hasher.finish()), ..Turned::default() }
}

fn walk(paging: &Paging) -> Walk<'_> {
    Walk::new(paging, 5, Some(ORIGIN))
}

fn reason(paging: &Paging, pages: &[Turned]) -> PartialReason {
    let mut walk = walk(paging);
    for page in pages {
        match walk.turn(page, "/list?x=1") {
            Ok(Step::More(_)) => {}
            Ok(Step::End(how)) => panic!("ended: {how}"),
            Err(broken) => return broken.reason,
        }
    }
    panic!("still going on")
}

fn steps(paging: &Paging, pages: &[Turned]) -> Vec<Step> {
    let mut walk = walk(paging);
    pages.iter().map(|page| walk.turn(page, "/list?x=1").expect("fine")).collect()
}

fn more(next: &str) -> Step {
    Step::More(next.to_owned())
}

fn cursor(more: bool) -> Paging {
    let more = more.then(|| ".more".to_owned());
    Paging::Cursor { from: ".c".to_owned(), into: "c".to_owned(), more }
}

fn offset(total: bool, last: bool) -> Paging {
    Paging::Offset {
        start: "s".to_owned(),
        first: 0,
        size: ("n".to_owned(), 2),
        total: total.then(|| ".t".to_owned()),
        last: last.then(|| ".l".to_owned()),
    }
}

/// An empty page with a cursor is a page like others; a cursor that comes again is a circle.
#[test]
fn cursors() {
    let at = |c: Value, rows, text: &str| Turned { from: c, ..page(rows, text) };
    let paging = cursor(false);
    let fine = steps(&paging, &[at(json!("a"), 2, "1"), at(json!("b"), 0, ""), at(json!(""), 1, "2")]);
    assert_eq!(fine, [more("a"), more("b"), Step::End("no next cursor".to_owned())]);
    assert_eq!(
        reason(&paging, &[at(json!("a"), 1, "1"), at(json!("a"), 1, "2")]),
        PartialReason::RepeatedCursor
    );
    assert_eq!(
        reason(&paging, &[at(json!("a"), 1, "1"), at(json!("b"), 1, "1")]),
        PartialReason::RepeatedCursor
    );
    assert_eq!(reason(&paging, &[at(json!({}), 1, "1")]), PartialReason::SchemaChanged);
    let endless: Vec<Turned> = (0..9).map(|n| at(json!(n), 0, "")).collect();
    assert_eq!(reason(&paging, &endless), PartialReason::PageCap);
}

/// A vendor that says "more" in two places must say the same in both.
#[test]
fn more_has_to_agree_with_the_cursor() {
    let paging = cursor(true);
    let at = |c: Value, flag: Value| Turned { from: c, flag, ..page(1, "1") };
    assert_eq!(reason(&paging, &[at(json!(null), json!(true))]), PartialReason::ShortCount);
    assert_eq!(reason(&paging, &[at(json!("a"), json!("false"))]), PartialReason::ShortCount);
    assert_eq!(reason(&paging, &[at(json!("a"), json!(null))]), PartialReason::SchemaChanged);
    assert_eq!(steps(&paging, &[at(json!("a"), json!("true"))]), [more("a")]);
}

/// The credential goes with the next request: it may only go home.
#[test]
fn next_pages_elsewhere_are_not_followed() {
    let paging = Paging::Link { about: String::new() };
    let at = |url: &str| Turned { offered: Some(url.to_owned()), ..page(1, url) };
    for elsewhere in [
        "https://evil.example/list?p=2",
        "http://api.example:8443/list",
        "https://api.example/list",
        "//evil.example/x",
        "https://api.example:8443@evil.example/",
        "javascript:x",
        "list?p=2",
    ] {
        assert_eq!(reason(&paging, &[at(elsewhere)]), PartialReason::Redirected, "{elsewhere}");
    }
    let whole = format!("{ORIGIN}/list?p=2");
    assert_eq!(
        steps(&paging, &[at(&whole), at("?p=3"), page(1, "z")])[..2],
        [more(&whole), more("/list?p=3")]
    );
    assert_eq!(steps(&paging, &[at("/list?p=2")]), [more(&whole)]);
    assert_eq!(
        reason(&paging, &[at(&whole), Turned { rows: 0, ..at(&whole) }]),
        PartialReason::RepeatedCursor
    );
}

/// A listing that announces its length has to keep its word.
#[test]
fn announced_rows_have_to_come() {
    let at = |rows, total: u64, text: &str| Turned { count: json!(total), ..page(rows, text) };
    let paging = offset(true, false);
    assert_eq!(steps(&paging, &[at(2, 3, "a"), at(1, 3, "b")])[0], more("2"));
    assert_eq!(
        steps(&paging, &[at(1, 3, "a"), at(2, 3, "b")])[0],
        more("1"),
        "a smaller page than asked for"
    );
    assert!(matches!(steps(&paging, &[at(0, 0, "")])[0], Step::End(_)));
    assert_eq!(reason(&paging, &[at(2, 3, "a"), at(0, 3, "")]), PartialReason::ShortCount);
    assert_eq!(reason(&paging, &[at(2, 4, "a"), at(2, 5, "b")]), PartialReason::ShortCount);
    assert_eq!(reason(&paging, &[at(2, 3, "a"), at(2, 3, "b")]), PartialReason::ShortCount);
    assert_eq!(reason(&paging, &[at(2, 4, "a"), at(2, 4, "a")]), PartialReason::RepeatedCursor);
    assert_eq!(reason(&paging, &[page(2, "a")]), PartialReason::SchemaChanged);
    let last = |rows, last: bool, text: &str| Turned { flag: json!(last), ..page(rows, text) };
    assert_eq!(
        reason(&offset(false, true), &[last(2, false, "a"), last(0, false, "")]),
        PartialReason::ShortCount
    );
    assert!(matches!(steps(&offset(false, true), &[last(0, true, "")])[0], Step::End(_)));
    let both = Turned { flag: json!(true), count: json!(9), ..page(2, "a") };
    assert_eq!(reason(&offset(true, true), &[both]), PartialReason::ShortCount);
}

/// A listing that says nothing about its end ends with an empty page, asked for twice.
#[test]
fn an_unannounced_listing_ends_with_two_empty_pages() {
    let paging = offset(false, false);
    let pages = [page(2, "a"), page(0, ""), page(1, "b"), page(0, ""), page(0, "")];
    let mut walk = Walk::new(&paging, 9, None);
    let seen: Vec<Step> = pages.iter().map(|page| walk.turn(page, "").expect("fine")).collect();
    assert_eq!(seen[..4], [more("2"), more("2"), more("3"), more("3")]);
    assert_eq!(seen[4], Step::End("an empty page, asked for twice".to_owned()));
    assert_eq!(reason(&paging, &[page(2, "a"), page(2, "a")]), PartialReason::RepeatedCursor);
}

/// Numbered pages: none of them may be empty, nor may their number change.
#[test]
fn numbered_pages() {
    let paging = Paging::Page { into: "p".to_owned(), first: 1, size: None, pages: Some(".p".to_owned()) };
    let at = |rows, pages: u64, text: &str| Turned { count: json!(pages), ..page(rows, text) };
    assert_eq!(steps(&paging, &[at(2, 2, "a"), at(1, 2, "b")])[0], more("2"));
    assert!(matches!(steps(&paging, &[at(0, 1, "")])[0], Step::End(_)));
    assert!(matches!(steps(&paging, &[at(0, 0, "")])[0], Step::End(_)));
    assert_eq!(reason(&paging, &[at(2, 3, "a"), at(0, 3, "")]), PartialReason::ShortCount);
    assert_eq!(reason(&paging, &[at(2, 2, "a"), at(2, 3, "b")]), PartialReason::ShortCount);
}

/// Numbered pages that nobody counts: from whichever number the vendor begins with, until two in a row are empty.
#[test]
fn numbered_pages_without_a_count() {
    let paging =
        Paging::Page { into: "p".to_owned(), first: 0, size: Some(("n".to_owned(), 2)), pages: None };
    let pages = [page(2, "a"), page(0, ""), page(1, "b"), page(0, ""), page(0, "")];
    let mut walk = Walk::new(&paging, 9, None);
    let seen: Vec<Step> = pages.iter().map(|page| walk.turn(page, "").expect("fine")).collect();
    assert_eq!(seen[..4], [more("1"), more("2"), more("3"), more("4")]);
    assert_eq!(seen[4], Step::End("two empty pages in a row".to_owned()));
    assert_eq!(reason(&paging, &[page(2, "a"), page(2, "a")]), PartialReason::RepeatedCursor);
}

/// An empty page in the middle of a keyset looks like the end: it is asked for twice.
#[test]
fn a_keyset_ends_with_two_empty_pages() {
    let paging = Paging::Keyset { from: ".id".to_owned(), into: "after".to_owned() };
    let at = |key: u64, text: &str| Turned { from: json!(key), ..page(1, text) };
    let pages = [at(7, "a"), page(0, ""), at(9, "b"), page(0, ""), page(0, "")];
    let mut walk = Walk::new(&paging, 9, None);
    let seen: Vec<Step> = pages.iter().map(|page| walk.turn(page, "").expect("fine")).collect();
    assert_eq!(seen[..4], [more("7"), more("7"), more("9"), more("9")]);
    assert_eq!(seen[4], Step::End("an empty page, asked for twice".to_owned()));
    assert_eq!(reason(&paging, &[at(7, "a"), at(7, "b")]), PartialReason::RepeatedCursor);
    assert_eq!(reason(&paging, &[page(1, "a")]), PartialReason::SchemaChanged);
}

/// A directory may give one cookie for all pages; the rows tell whether it goes in circles.
#[test]
fn ldap_cookies() {
    let paging = Paging::LdapPaged { size: 2 };
    let at = |cookie: &str, text: &str| Turned { offered: Some(cookie.to_owned()), ..page(2, text) };
    assert_eq!(
        steps(&paging, &[at("00", "a"), at("00", "b"), page(1, "c")])[2],
        Step::End("empty paging cookie".to_owned())
    );
    assert_eq!(reason(&paging, &[at("00", "a"), at("00", "a")]), PartialReason::RepeatedCursor);
}

/// A manifest that calls a paged listing whole would lose all but its first page.
#[test]
fn a_whole_answer_offers_no_next_page() {
    let paging = Paging::None { because: "x".to_owned() };
    let offered = Turned { offered: Some("/x".to_owned()), ..page(1, "a") };
    assert_eq!(reason(&paging, &[offered]), PartialReason::ShortCount);
}

/// Headers as vendors send them.
#[test]
fn link_headers() {
    for (header, next) in [
        (r#"<https://a/x?p=2>; rel="next", <https://a/x?p=9>; rel="last""#, Some("https://a/x?p=2")),
        (r#"<https://a/x?p=1>; rel="prev",<https://a/x?p=3>;rel=next"#, Some("https://a/x?p=3")),
        (r#"<https://a/x?a=1,2;3>; title="x"; rel="last next""#, Some("https://a/x?a=1,2;3")),
        (r#"<https://a/x>; rel="prev""#, None),
        (r#"<https://a/x>; title="rel=next""#, None),
        ("", None),
        ("<https://a", None),
    ] {
        assert_eq!(next_link(header).as_deref(), next, "{header}");
    }
}
