//! HTTP over real sockets: each way an answer can fail to be one has its own reason, and none
//! of them is a shorter answer.

use serde_json::json;

use exeunt_model::PartialReason;

use crate::protocol_stage::{
    Act, Hand, SECRET, Stage, data, fault, get, join, manifest, ok, plain, reply, system,
};

fn bytes(text: &str) -> Vec<u8> {
    text.as_bytes().to_vec()
}

/// Which tenant or project is read may stand in a header; the operator says which, and cannot add a header with it.
#[tokio::test]
async fn headers_of_the_manifest_are_filled_with_settings() {
    let stage = Stage::http(vec![ok(&json!([]))]).await;
    let mut manifest = manifest(
        "http",
        json!(["bearer"]),
        json!({"headers": {"X-Tenant": "org-{tenant}", "X-Project": "{project}", "X-Region": "{region}"}}),
    );
    manifest.settings = serde_json::from_value(json!({
        "tenant": {"about": "Which."}, "project": {"about": "Which.", "default": ""},
        "region": {"about": "Which.", "default": "eu"},
    }))
    .expect("settings");
    let mut system =
        system(&stage.url(), json!({"bearer": "env:T"}), json!({"plain_text_on_loopback": true}));
    let refused = join(&manifest, &system, &Hand::new()).await.err().expect("no tenant").to_string();
    assert!(refused.contains("tenant"), "{refused}");
    system.settings.insert("tenant".to_owned(), "acme".to_owned());
    let protocol = join(&manifest, &system, &Hand::new()).await.expect("a connection");
    protocol.fetch(&get("/")).await.expect("an answer");
    let asked = stage.asked().remove(0).to_ascii_lowercase();
    assert!(asked.contains("x-tenant: org-acme\r\n") && asked.contains("x-region: eu\r\n"), "{asked}");
    assert!(!asked.contains("x-project"), "{asked}");
    system.settings.insert("tenant".to_owned(), "a\r\nX-Admin: 1".to_owned());
    let refused = join(&manifest, &system, &Hand::new()).await.err().expect("two lines").to_string();
    assert!(refused.contains("X-Tenant"), "{refused}");
}

/// The everyday case: the page, its headers and time, and what we said we are.
#[tokio::test]
async fn a_whole_answer_is_read() {
    let headers = [
        ("Link", "<a>; rel=\"next\""),
        ("Link", "<b>; rel=\"last\""),
        ("Date", "Tue, 24 Nov 2026 03:59:58 GMT"),
        ("Set-Cookie", "session=abc"),
    ];
    let stage = Stage::http(vec![reply(200, &headers, "[1, 2]")]).await;
    let clock = Hand::new();
    let protocol = plain(&stage, json!({"headers": {"X-Version": "3"}}), &clock).await;
    let answer = protocol.fetch(&get("/users?page=1%202")).await.expect("an answer");
    assert_eq!(answer.page(), json!([1, 2]));
    assert_eq!(answer.body, b"[1, 2]");
    assert_eq!(answer.statuses, [200]);
    assert_eq!(answer.headers["link"], "<a>; rel=\"next\", <b>; rel=\"last\"");
    assert!(!answer.headers.contains_key("set-cookie"));
    assert_eq!(answer.server_date.map(|date| date.to_string()).as_deref(), Some("2026-11-24T03:59:58Z"));
    let asked = stage.asked().remove(0).to_ascii_lowercase();
    assert!(asked.starts_with("get /users?page=1%202 http/1.1\r\n"), "{asked}");
    for line in [
        &format!("authorization: bearer {SECRET}") as &str,
        concat!("user-agent: exeunt/", env!("CARGO_PKG_VERSION")),
        "accept: application/json",
        "x-version: 3",
    ] {
        assert!(asked.contains(line), "{line} in {asked}");
    }
    assert_eq!(protocol.origin(), Some(stage.url().as_str()));
    assert!(clock.waits().is_empty());
}

/// An answer cut anywhere is tried again, and if it stays cut it is not a shorter list.
#[tokio::test]
async fn a_cut_answer_is_truncated() {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n";
    for cut in [
        format!("{head}content-length: 20\r\n\r\n[1, 2, 3"),
        format!("{head}transfer-encoding: chunked\r\n\r\n4\r\n[1, \r\n"),
        format!("{head}transfer-encoding: chunked\r\n\r\n8\r\n[1, 2, 3\r\n2"),
    ] {
        let stage = Stage::http(vec![Act::SayAndClose(bytes(&cut)); 3]).await;
        let clock = Hand::new();
        let protocol = plain(&stage, json!({"tries": 3}), &clock).await;
        let fault = fault(&*protocol, &get("/x")).await;
        assert_eq!(fault.reason, PartialReason::Truncated, "{cut}");
        assert_eq!(fault.statuses, [200, 200, 200]);
        assert_eq!(clock.waits(), [1, 2]);
    }
}

/// A length that lies, and a body that ends with the connection, still have to be whole JSON.
#[tokio::test]
async fn json_that_ends_early_is_truncated() {
    let short = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n[1, 2, 3]";
    let closed = "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n[1, 2";
    let empty = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
    for text in [short, closed, empty] {
        let stage = Stage::http(vec![Act::SayAndClose(bytes(text))]).await;
        let protocol = plain(&stage, json!({"tries": 1}), &Hand::new()).await;
        assert_eq!(fault(&*protocol, &get("/x")).await.reason, PartialReason::Truncated, "{text}");
    }
}

/// The connection ends before an answer: the system was not reached, and once more may help.
#[tokio::test]
async fn a_connection_closed_without_an_answer_is_unreachable() {
    let stage =
        Stage::http(vec![Act::SayAndClose(vec![]), Act::SayAndClose(bytes("HTTP/1.1 20")), ok(&json!([]))])
            .await;
    let clock = Hand::new();
    let protocol = plain(&stage, json!({"tries": 2}), &clock).await;
    let fault = fault(&*protocol, &get("/x")).await;
    assert_eq!(fault.reason, PartialReason::Unreachable);
    assert_eq!(clock.waits(), [1]);
    assert!(protocol.fetch(&get("/x")).await.is_ok());
}

/// A server that answers slowly, or drop by drop without an end, is given up in time.
#[tokio::test]
async fn an_endless_answer_is_timed_out() {
    let drops = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\n[\r\n";
    for act in [Act::SayAndHang(vec![]), Act::SayAndHang(bytes(drops))] {
        let stage = Stage::http(vec![act]).await;
        let clock = Hand::new();
        let protocol = plain(&stage, json!({"timeout": "200ms"}), &clock).await;
        let fault = fault(&*protocol, &get("/x")).await;
        assert_eq!(fault.reason, PartialReason::TimedOut);
        assert!(fault.detail.contains("0.2 s"), "{fault}");
        assert!(clock.waits().is_empty(), "a time-out is not repeated: that would take as long again");
    }
}

/// A hundred megabytes are neither read nor kept, announced or not.
#[tokio::test]
async fn an_oversized_answer_is_not_read() {
    let announced = "HTTP/1.1 200 OK\r\ncontent-length: 104857600\r\n\r\n";
    let unannounced = "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n";
    for head in [announced, unannounced] {
        let stage = Stage::http(vec![Act::SayAndFlood(bytes(head))]).await;
        let protocol = plain(&stage, json!({"max_body": 100_000}), &Hand::new()).await;
        let fault = fault(&*protocol, &get("/x")).await;
        assert_eq!(fault.reason, PartialReason::Oversized);
        assert_eq!(fault.statuses, [200]);
        assert!(stage.flooded() < 50 * 1024 * 1024, "{} bytes were taken", stage.flooded());
    }
}

/// A page of exactly the allowed size is allowed; one byte more is not.
#[tokio::test]
async fn the_cap_is_exact() {
    let stage = Stage::http(vec![reply(200, &[], "[1,2,3,4]"), reply(200, &[], "[1,2,3,4] ")]).await;
    let protocol = plain(&stage, json!({"max_body": 9}), &Hand::new()).await;
    assert!(protocol.fetch(&get("/x")).await.is_ok());
    assert_eq!(fault(&*protocol, &get("/x")).await.reason, PartialReason::Oversized);
}

/// Our token does not travel to where a redirect points.
#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Stage::http(vec![ok(&json!([]))]).await;
    for status in [301, 302, 303, 307, 308] {
        let stage = Stage::http(vec![reply(status, &[("location", &elsewhere.url())], "")]).await;
        let protocol = plain(&stage, json!({}), &Hand::new()).await;
        let fault = fault(&*protocol, &get("/x")).await;
        assert_eq!(fault.reason, PartialReason::Redirected);
        assert_eq!(fault.statuses, [status]);
    }
    assert!(elsewhere.asked().is_empty());
}

/// A next page on another origin is a redirect in disguise; on our own it is followed.
#[tokio::test]
async fn a_next_page_elsewhere_is_not_fetched() {
    let elsewhere = Stage::http(vec![ok(&json!([]))]).await;
    let stage = Stage::http(vec![ok(&json!([7]))]).await;
    let protocol = plain(&stage, json!({}), &Hand::new()).await;
    let with_user = stage.url().replace("http://", "http://user@");
    for target in [
        &elsewhere.url() as &str,
        "https://127.0.0.1/x",
        "//127.0.0.1:1/x",
        "http://localhost:1/",
        &with_user,
    ] {
        let reason = fault(&*protocol, &get(target)).await.reason;
        assert!(
            matches!(reason, PartialReason::Redirected | PartialReason::UnexpectedStatus),
            "{target}: {reason:?}"
        );
    }
    assert!(elsewhere.asked().is_empty() && stage.asked().is_empty());
    let answer = protocol.fetch(&get(&format!("{}/p?after=2", stage.url()))).await.expect("our own origin");
    assert_eq!(answer.page(), json!([7]));
}

/// A sign-in page with status 200 is not an empty listing.
#[tokio::test]
async fn a_success_that_is_not_json_is_a_changed_schema() {
    let table = [
        reply(200, &[("content-type", "text/html")], "<html>Sign in</html>"),
        reply(200, &[("content-encoding", "gzip")], "\u{1f}\u{8b}"),
        reply(200, &[], "[1] trailing"),
    ];
    for act in table {
        let stage = Stage::http(vec![act]).await;
        let protocol = plain(&stage, json!({}), &Hand::new()).await;
        assert_eq!(fault(&*protocol, &get("/x")).await.reason, PartialReason::SchemaChanged);
    }
}

/// A refusal is an answer: the collector decides what it means, with the body at hand.
#[tokio::test]
async fn refusals_are_answers_and_are_not_repeated() {
    for (status, body, page) in [
        (401, "{\"m\":1}", json!({"m": 1})),
        (403, "no", json!(null)),
        (404, "", json!(null)),
        (418, "[]", json!([])),
        (204, "", json!(null)),
    ] {
        let stage = Stage::http(vec![reply(status, &[], body)]).await;
        let protocol = plain(&stage, json!({}), &Hand::new()).await;
        let answer = protocol.fetch(&get("/x")).await.expect("an answer");
        assert_eq!((answer.status(), answer.page()), (status, page.into()));
        assert_eq!(stage.asked().len(), 1);
    }
}

/// Nobody listens there: unreachable, after the permitted tries.
#[tokio::test]
async fn a_refused_connection_is_unreachable() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    drop(listener);
    let clock = Hand::new();
    let manifest = manifest("http", json!(["bearer"]), json!({"tries": 4}));
    let system = system(&url, json!({"bearer": "env:T"}), json!({"plain_text_on_loopback": true}));
    let protocol = join(&manifest, &system, &clock).await.expect("nothing is contacted yet");
    let fault = fault(&*protocol, &get("/x")).await;
    assert_eq!(fault.reason, PartialReason::Unreachable);
    assert!(fault.detail.contains(&url), "{fault}");
    assert_eq!(clock.waits(), [1, 2, 4]);
    assert!(fault.statuses.is_empty());
}

/// Certificates: the right one is accepted, each wrong one is refused in its own words.
#[tokio::test]
async fn certificates_are_checked_and_named() {
    let table = [
        ("good.pem", json!({"ca_file": "authority.pem"}), None),
        ("expired.pem", json!({"ca_file": "authority.pem"}), Some("has expired")),
        ("other-host.pem", json!({"ca_file": "authority.pem"}), Some("another host name")),
        ("good.pem", json!({}), Some("tls.ca_file")),
    ];
    for (certificate, tls, words) in table {
        let stage = Stage::https(certificate, vec![ok(&json!([1]))]).await;
        let manifest = manifest("http", json!(["bearer"]), json!({}));
        let system = system(&stage.secure_url(), json!({"bearer": "env:T"}), tls);
        let clock = Hand::new();
        let protocol = join(&manifest, &system, &clock).await.expect("a connection");
        match words {
            None => assert_eq!(protocol.fetch(&get("/x")).await.expect("an answer").page(), json!([1])),
            Some(words) => {
                let fault = fault(&*protocol, &get("/x")).await;
                assert_eq!(fault.reason, PartialReason::Tls, "{fault}");
                assert!(fault.detail.contains(words), "{fault}");
                assert!(clock.waits().is_empty() && stage.asked().is_empty());
            }
        }
    }
    assert!(data("authority.pem").exists());
}

/// A port that does not speak TLS is a TLS failure, not an empty system.
#[tokio::test]
async fn a_port_without_tls_is_a_tls_failure() {
    let stage = Stage::raw(None, vec![reply(400, &[], "plain")]).await;
    let manifest = manifest("http", json!(["bearer"]), json!({}));
    let system = system(&stage.secure_url(), json!({"bearer": "env:T"}), json!({}));
    let protocol = join(&manifest, &system, &Hand::new()).await.expect("a connection");
    let fault = fault(&*protocol, &get("/x")).await;
    assert_eq!(fault.reason, PartialReason::Tls, "{fault}");
    assert!(!stage.asked().concat().contains(SECRET));
}

/// Reading never sends what changes something.
#[tokio::test]
async fn changing_methods_are_refused() {
    use exeunt_connectors::protocol::Ask;
    use exeunt_model::manifest::Method;
    let stage = Stage::http(vec![]).await;
    let protocol = plain(&stage, json!({}), &Hand::new()).await;
    for verb in [Method::Put, Method::Patch, Method::Delete] {
        let ask = Ask::Http { method: verb, target: "/x".to_owned(), headers: [].into(), body: None };
        assert!(fault(&*protocol, &ask).await.detail.contains("nothing was sent"));
    }
    assert!(stage.asked().is_empty());
}

/// HTTP/2 is spoken where it is offered: many reads then share one connection.
#[tokio::test]
async fn http_2_is_spoken_where_it_is_offered() {
    let stage = Stage::raw(Some("good.pem"), vec![Act::SayAndClose(vec![])]).await;
    let manifest = manifest("http", json!(["bearer"]), json!({"tries": 1}));
    let tls = json!({"ca_file": "authority.pem"});
    let system = system(&stage.secure_url(), json!({"bearer": "env:T"}), tls);
    let protocol = join(&manifest, &system, &Hand::new()).await.expect("a connection");
    let fault = fault(&*protocol, &get("/x")).await;
    assert_eq!(fault.reason, PartialReason::Unreachable, "{fault}");
    assert!(stage.asked()[0].starts_with("PRI * HTTP/2.0"), "{:?}", stage.asked());
}

/// One connection serves many reads.
#[tokio::test]
async fn connections_are_pooled() {
    let stage = Stage::http(vec![ok(&json!([1])), ok(&json!([2])), ok(&json!([3]))]).await;
    let protocol = plain(&stage, json!({}), &Hand::new()).await;
    for want in 1..=3 {
        assert_eq!(protocol.fetch(&get("/x")).await.expect("an answer").page(), json!([want]));
    }
    assert_eq!(stage.connections(), 1);
}
