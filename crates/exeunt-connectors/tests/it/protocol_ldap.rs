//! LDAP over real sockets, against bytes no directory would send on a good day.

#![expect(clippy::expect_used, reason = "a test that cannot be set up has failed")]

use std::sync::Arc;

use serde_json::{Value, json};

use exeunt_connectors::protocol::{Ask, Protocol};
use exeunt_model::PartialReason;
use exeunt_model::manifest::LdapScope;

use crate::protocol_stage::{Act, Hand, SECRET, Stage, fault, join, manifest, system};

fn people(page_size: Option<u32>) -> Ask {
    Ask::Ldap {
        base: "dc=a".to_owned(),
        scope: LdapScope::Sub,
        filter: "(objectClass=*)".to_owned(),
        attributes: vec!["cn".to_owned()],
        controls: Vec::new(),
        page_size,
        cookie: Vec::new(),
    }
}

async fn ldap(url: &str, tls: Value) -> Arc<dyn Protocol> {
    let manifest = manifest("ldap", json!(["ldap_simple"]), json!({"timeout": "400ms"}));
    let auth = json!({"ldap_simple": {"dn": "cn=reader", "password": "env:P"}});
    join(&manifest, &system(url, auth, tls), &Hand::new()).await.expect("a connection")
}

async fn plain(stage: &Stage) -> Arc<dyn Protocol> {
    ldap(&format!("ldap://{}", stage.at), json!({"plain_text_on_loopback": true})).await
}

/// One BER element.
fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let value = parts.concat();
    assert!(value.len() < 128, "short form only");
    [&[tag, u8::try_from(value.len()).expect("short")], &value[..]].concat()
}

/// An LDAP result: code, matched name, words.
fn result(id: u8, operation: u8, code: u8) -> Vec<u8> {
    tlv(0x30, &[&tlv(2, &[&[id]]), &tlv(operation, &[&tlv(0x0a, &[&[code]]), &tlv(4, &[]), &tlv(4, &[])])])
}

fn bound(code: u8) -> Vec<u8> {
    result(1, 0x61, code)
}

fn done(code: u8) -> Vec<u8> {
    result(2, 0x65, code)
}

fn entry(name: &str, attribute: &str, value: &str) -> Vec<u8> {
    let values = tlv(0x31, &[&tlv(4, &[value.as_bytes()])]);
    let attributes = tlv(0x30, &[&tlv(0x30, &[&tlv(4, &[attribute.as_bytes()]), &values])]);
    tlv(0x30, &[&tlv(2, &[&[2]]), &tlv(0x64, &[&tlv(4, &[name.as_bytes()]), &attributes])])
}

fn reference(url: &str) -> Vec<u8> {
    tlv(0x30, &[&tlv(2, &[&[2]]), &tlv(0x73, &[&tlv(4, &[url.as_bytes()])])])
}

/// A whole search: entries, the end, and rows with names in lower case.
#[tokio::test]
async fn a_whole_search_is_a_page() {
    let found = [entry("cn=ada", "CN", "ada"), entry("cn=bob", "cn", "bob"), done(0)].concat();
    let stage = Stage::raw(None, vec![Act::Say(bound(0)), Act::Say(found)]).await;
    let answer = plain(&stage).await.fetch(&people(None)).await.expect("an answer");
    let want = json!({"rows": [
        {"dn": "cn=ada", "attrs": {"cn": ["ada"]}, "bin": {}},
        {"dn": "cn=bob", "attrs": {"cn": ["bob"]}, "bin": {}},
    ]});
    assert_eq!(answer.page(), want);
    assert_eq!(serde_json::from_slice::<Value>(&answer.body).expect("JSON"), want);
    assert_eq!((answer.statuses, answer.cookie), (vec![0], vec![]));
}

/// Whatever goes wrong in the middle of a search, the entries before it are not the result.
#[tokio::test]
async fn a_search_that_does_not_end_well_is_a_fault() {
    let ada = || entry("cn=ada", "cn", "ada");
    let table = [
        ("cut after an entry", Act::SayAndClose(ada()), PartialReason::Truncated),
        ("cut within an entry", Act::SayAndClose(ada()[..9].to_vec()), PartialReason::Truncated),
        ("no end", Act::SayAndHang(ada()), PartialReason::TimedOut),
        ("size limit", Act::Say([ada(), done(4)].concat()), PartialReason::PageCap),
        ("time limit", Act::Say([ada(), done(3)].concat()), PartialReason::TimedOut),
        ("forbidden", Act::Say(done(50)), PartialReason::Forbidden),
        ("busy", Act::Say(done(51)), PartialReason::ServerError),
        (
            "part of the tree elsewhere",
            Act::Say([ada(), reference("ldap://b/dc=b"), done(0)].concat()),
            PartialReason::Redirected,
        ),
        ("a malformed entry", Act::Say(vec![0x30, 5, 2, 1, 2, 0x64, 0]), PartialReason::SchemaChanged),
    ];
    for (what, act, reason) in table {
        // A cut connection is not tried again on a new one: the script would have to go on.
        let stage = Stage::raw(None, vec![Act::Say(bound(0)), act]).await;
        let fault = fault(&*plain(&stage).await, &people(None)).await;
        assert_eq!(fault.reason, reason, "{what}: {fault}");
        assert!(fault.detail.contains("dc=a"), "{fault}");
    }
}

/// Without the paging control in the answer nobody can tell whether this was the last page.
#[tokio::test]
async fn a_page_without_its_control_is_not_the_last() {
    let found = [entry("cn=ada", "cn", "ada"), done(0)].concat();
    let stage = Stage::raw(None, vec![Act::Say(bound(0)), Act::Say(found)]).await;
    let fault = fault(&*plain(&stage).await, &people(Some(500))).await;
    assert_eq!(fault.reason, PartialReason::Truncated, "{fault}");
    assert!(fault.detail.contains("whether there is more"), "{fault}");
}

/// A group's members that come in parts are fetched to the end, and what cannot be fetched is
/// not left out silently.
#[tokio::test]
async fn parts_of_an_attribute_are_fetched_to_the_end() {
    let again = |id: u8, mut bytes: Vec<u8>| {
        bytes[4] = id;
        bytes
    };
    let first = [entry("cn=g", "member;range=0-0", "cn=a"), done(0)].concat();
    let rest = |value| [again(3, entry("cn=g", value, "cn=b")), again(3, done(0))].concat();
    let stage = Stage::raw(
        None,
        vec![Act::Say(bound(0)), Act::Say(first.clone()), Act::Say(rest("member;range=1-*"))],
    )
    .await;
    let answer = plain(&stage).await.fetch(&people(None)).await.expect("an answer");
    assert_eq!(answer.page().json().expect("JSON")["rows"][0]["attrs"], json!({"member": ["cn=a", "cn=b"]}));
    assert!(stage.asked()[2].contains("member;range=1-*"), "{:?}", stage.asked());
    for wrong in ["cn", "member;range=0-0"] {
        let stage =
            Stage::raw(None, vec![Act::Say(bound(0)), Act::Say(first.clone()), Act::Say(rest(wrong))]).await;
        assert_eq!(
            fault(&*plain(&stage).await, &people(None)).await.reason,
            PartialReason::ShortCount,
            "{wrong}"
        );
    }
}

/// A refused bind is our credential's fault, and a directory that wants TLS says so.
#[tokio::test]
async fn a_refused_bind_has_its_reason() {
    for (code, reason) in
        [(49, PartialReason::Unauthorized), (53, PartialReason::Unauthorized), (8, PartialReason::Tls)]
    {
        let stage = Stage::raw(None, vec![Act::Say(bound(code))]).await;
        assert_eq!(fault(&*plain(&stage).await, &people(None)).await.reason, reason);
        assert_eq!(stage.asked().len(), 1, "nothing is searched for after a refused bind");
    }
}

/// Silence, and bytes that are no LDAP, end in time.
#[tokio::test]
async fn no_directory_at_all_is_a_fault() {
    let stage = Stage::raw(None, vec![Act::SayAndHang(vec![])]).await;
    assert_eq!(fault(&*plain(&stage).await, &people(None)).await.reason, PartialReason::TimedOut);
    let stage = Stage::raw(None, vec![Act::SayAndClose(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec())]).await;
    assert_eq!(fault(&*plain(&stage).await, &people(None)).await.reason, PartialReason::Truncated);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("ldap://{}", listener.local_addr().expect("an address"));
    drop(listener);
    let protocol = ldap(&url, json!({"plain_text_on_loopback": true})).await;
    assert_eq!(fault(&*protocol, &people(None)).await.reason, PartialReason::Unreachable);
}

/// The password leaves this machine only behind a certificate that was checked.
#[tokio::test]
async fn the_password_is_never_sent_before_tls() {
    for (certificate, words) in [("expired.pem", "has expired"), ("other-host.pem", "another host name")] {
        let stage = Stage::raw(Some(certificate), vec![]).await;
        let protocol =
            ldap(&format!("ldaps://localhost:{}", stage.at.port()), json!({"ca_file": "authority.pem"}))
                .await;
        let fault = fault(&*protocol, &people(None)).await;
        assert_eq!(fault.reason, PartialReason::Tls, "{fault}");
        assert!(fault.detail.contains(words), "{fault}");
        assert!(stage.asked().is_empty());
    }
    let stage = Stage::raw(Some("good.pem"), vec![Act::Say(bound(0)), Act::Say(done(0))]).await;
    let protocol =
        ldap(&format!("ldaps://localhost:{}", stage.at.port()), json!({"ca_file": "authority.pem"})).await;
    assert_eq!(protocol.fetch(&people(None)).await.expect("an answer").page(), json!({"rows": []}));
    assert!(stage.asked()[0].contains(SECRET));
    // A directory that refuses StartTLS (protocol error) is not spoken to in the clear.
    let refused = result(1, 0x78, 2);
    let stage = Stage::raw(None, vec![Act::Say(refused)]).await;
    let protocol = ldap(
        &format!("ldap://localhost:{}", stage.at.port()),
        json!({"start_tls": true, "plain_text_on_loopback": true}),
    )
    .await;
    fault(&*protocol, &people(None)).await;
    assert!(!stage.asked().concat().contains(SECRET));
    assert_eq!(stage.asked().len(), 1);
}

/// A listing that a killed run left half read cannot be gone on with at `OpenLDAP`; the reader is
/// told to begin anew instead of being given the wrong page.
#[tokio::test]
async fn a_cookie_of_an_earlier_run_is_begun_anew() {
    for code in [2, 53] {
        let stage = Stage::raw(None, vec![Act::Say(bound(0)), Act::Say(done(code))]).await;
        let Ask::Ldap { base, scope, filter, attributes, page_size, .. } = people(Some(10)) else { return };
        let ask = Ask::Ldap {
            base,
            scope,
            filter,
            attributes,
            controls: Vec::new(),
            page_size,
            cookie: vec![0, 0, 0, 0, 0, 0, 0, 1, 99],
        };
        let fault = fault(&*plain(&stage).await, &ask).await;
        assert_eq!(fault.reason, PartialReason::Interrupted, "{fault}");
        assert!(fault.detail.contains("Begin the read anew"), "{fault}");
        assert!(stage.asked()[1].contains('c'), "the directory's own part of the cookie is sent");
    }
}

/// Two listings under way keep their own connections, as `OpenLDAP` needs; a listing's next page
/// goes where its first was asked.
#[tokio::test]
async fn a_listing_keeps_its_connection() {
    let last = |id: u8, cookie: &[u8]| {
        let value = tlv(0x30, &[&tlv(2, &[&[0]]), &tlv(4, &[cookie])]);
        let control = tlv(0x30, &[&tlv(4, &[b"1.2.840.113556.1.4.319"]), &tlv(4, &[&value])]);
        let result = tlv(0x65, &[&tlv(0x0a, &[&[0]]), &tlv(4, &[]), &tlv(4, &[])]);
        Act::Say(tlv(0x30, &[&tlv(2, &[&[id]]), &result, &tlv(0xa0, &[&control])]))
    };
    let script = vec![
        Act::Say(bound(0)),
        last(2, b"c1"),
        Act::Say(bound(0)),
        last(2, b"c2"),
        last(3, b""),
        last(3, b""),
    ];
    let stage = Stage::raw(None, script).await;
    let protocol = plain(&stage).await;
    let page = async |cookie: Vec<u8>| {
        let Ask::Ldap { base, scope, filter, attributes, page_size, .. } = people(Some(10)) else {
            return Vec::new();
        };
        let ask = Ask::Ldap { base, scope, filter, attributes, controls: Vec::new(), page_size, cookie };
        protocol.fetch(&ask).await.expect("a page").cookie
    };
    let (one, two) = (page(Vec::new()).await, page(Vec::new()).await);
    assert!(one.ends_with(b"c1") && two.ends_with(b"c2"), "{one:?} {two:?}");
    // The third message of each connection: a bind more would be a new connection.
    assert!(page(one).await.is_empty() && page(two).await.is_empty());
    let asked = stage.asked();
    assert_eq!(asked.len(), 6);
    assert!(asked[4].contains("c1") && asked[5].contains("c2"), "{asked:?}");
}
