//! "Too fast" and "later": what a system asks for is waited, on the run's clock, within limits.

use std::sync::Arc;

use serde_json::{Value, json};

use exeunt_connectors::protocol::connect::connect_remembering;
use exeunt_connectors::protocol::http::etag::MemoryEtags;
use exeunt_model::PartialReason;

use crate::protocol_stage::{Act, Hand, Pocket, Stage, fault, get, manifest, ok, plain, reply, system};

/// GitHub's way: 403 with an emptied quota, and the second it fills again.
fn github() -> Value {
    json!({
        "tries": 3,
        "throttle": {"statuses": [403], "remaining": "x-ratelimit-remaining", "reset": "x-ratelimit-reset"},
    })
}

/// Each form of "later" is waited out once and then answered.
#[tokio::test]
async fn the_asked_wait_is_waited() {
    let date = "Tue, 24 Nov 2026 04:00:20 GMT";
    let table = [
        (reply(429, &[("retry-after", "7")], ""), vec![7]),
        (reply(429, &[("Retry-After", date)], ""), vec![20]),
        (reply(429, &[], ""), vec![1]),
        (reply(503, &[("retry-after", "5")], ""), vec![5]),
        (reply(500, &[], ""), vec![1]),
        (reply(403, &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1795492830")], ""), vec![30]),
        (reply(403, &[("retry-after", "60")], ""), vec![60]),
        (reply(429, &[("retry-after", "0")], ""), vec![]),
    ];
    for (refusal, waits) in table {
        let shown = if let Act::Say(bytes) = &refusal {
            String::from_utf8_lossy(bytes).into_owned()
        } else {
            String::new()
        };
        let stage = Stage::http(vec![refusal, ok(&json!([]))]).await;
        let clock = Hand::new();
        let protocol = plain(&stage, github(), &clock).await;
        let answer = protocol.fetch(&get("/x")).await.expect("an answer at last");
        assert_eq!(answer.status(), 200, "{shown}");
        assert_eq!(answer.statuses.len(), 2, "{shown}");
        assert_eq!(clock.waits(), waits, "{shown}");
    }
}

/// A system that keeps refusing ends the read as rate limited, with every status noted.
#[tokio::test]
async fn refusing_for_ever_is_rate_limited() {
    let stage = Stage::http(vec![reply(429, &[], ""); 3]).await;
    let clock = Hand::new();
    let protocol = plain(&stage, github(), &clock).await;
    let fault = fault(&*protocol, &get("/x")).await;
    assert_eq!(fault.reason, PartialReason::RateLimited);
    assert_eq!(fault.statuses, [429, 429, 429]);
    assert_eq!(clock.waits(), [1, 2]);
}

/// A wait of hours ends the read at once, and says how long it would be.
#[tokio::test]
async fn too_long_a_wait_is_not_waited() {
    let stage = Stage::http(vec![reply(429, &[("retry-after", "7200")], "")]).await;
    let clock = Hand::new();
    let protocol = plain(&stage, github(), &clock).await;
    let fault = fault(&*protocol, &get("/x")).await;
    assert_eq!(fault.reason, PartialReason::RateLimited);
    assert!(fault.detail.contains("7200 s"), "{fault}");
    assert!(clock.waits().is_empty());
}

/// A missing permission is reported at once, though it has the status of an empty quota.
#[tokio::test]
async fn a_plain_403_is_an_answer() {
    let stage = Stage::http(vec![reply(403, &[("x-ratelimit-remaining", "4999")], "{}")]).await;
    let clock = Hand::new();
    let answer = plain(&stage, github(), &clock).await.fetch(&get("/x")).await.expect("an answer");
    assert_eq!(answer.statuses, [403]);
    assert!(clock.waits().is_empty());
}

/// The last request of a quota succeeds; it is the next one that waits, or gives up unsent.
#[tokio::test]
async fn an_emptied_quota_holds_the_next_request() {
    for (reset, waits, comes) in [("1795492890", vec![90], true), ("1795500000", vec![], false)] {
        let spent = [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", reset)];
        let stage = Stage::http(vec![reply(200, &spent, "[]"), ok(&json!([]))]).await;
        let clock = Hand::new();
        let protocol = plain(&stage, github(), &clock).await;
        assert!(protocol.fetch(&get("/1")).await.is_ok());
        assert!(clock.waits().is_empty());
        let second = protocol.fetch(&get("/2")).await;
        assert_eq!(second.is_ok(), comes, "{second:?}");
        assert_eq!(second.err().map(|fault| fault.reason), (!comes).then_some(PartialReason::RateLimited));
        assert_eq!(clock.waits(), waits);
        assert_eq!(stage.asked().len(), if comes { 2 } else { 1 });
    }
}

/// A system that keeps failing is answered for with its last failure.
#[tokio::test]
async fn failing_for_ever_is_an_answer() {
    let stage = Stage::http(vec![reply(502, &[], "bad gateway"); 3]).await;
    let clock = Hand::new();
    let answer = plain(&stage, github(), &clock).await.fetch(&get("/x")).await.expect("an answer");
    assert_eq!(answer.statuses, [502, 502, 502]);
    assert_eq!(answer.body, b"bad gateway");
    assert_eq!(clock.waits(), [1, 2]);
}

/// More requests at once than the system allows a second are spread, on the run's clock.
#[tokio::test]
async fn our_own_rate_is_kept() {
    let stage = Stage::http(vec![ok(&json!([])); 6]).await;
    let clock = Hand::new();
    let protocol = plain(&stage, json!({"rate": {"per_second": 1}}), &clock).await;
    for _ in 0..4 {
        assert!(protocol.fetch(&get("/x")).await.is_ok());
    }
    assert_eq!(clock.waits(), [1, 1, 1]);
}

/// Unchanged since last time: the page is there, and so is the link to the next one, which a
/// 304 does not repeat. Without it the listing would end on its first page.
#[tokio::test]
async fn an_unchanged_page_is_whole() {
    let first = reply(200, &[("etag", "W/\"v1\""), ("link", "</2>; rel=\"next\"")], "[1]");
    let unchanged = reply(304, &[("etag", "W/\"v1\""), ("date", "Tue, 24 Nov 2026 04:00:01 GMT")], "");
    let stage = Stage::http(vec![first, unchanged, ok(&json!([2]))]).await;
    let manifest = manifest("http", json!(["bearer"]), json!({"conditional": true}));
    let system = system(&stage.url(), json!({"bearer": "env:T"}), json!({"plain_text_on_loopback": true}));
    let etags = Arc::new(MemoryEtags::new(1_000_000));
    let protocol = connect_remembering(&manifest, &system, &Pocket, Hand::new(), Some(etags))
        .await
        .expect("a connection");
    let whole = protocol.fetch(&get("/x")).await.expect("an answer");
    let same = protocol.fetch(&get("/x")).await.expect("an answer");
    assert_eq!((same.page(), same.body), (whole.page(), whole.body));
    assert_eq!(same.statuses, [304]);
    assert_eq!(same.headers["link"], "</2>; rel=\"next\"");
    assert!(same.server_date.is_some());
    assert!(stage.asked()[1].contains("if-none-match: W/\"v1\""), "{}", stage.asked()[1]);
    // Another target is another question.
    assert_eq!(protocol.fetch(&get("/y")).await.expect("an answer").page(), json!([2]));
    assert!(!stage.asked()[2].contains("if-none-match"));
}

/// A cache that answers 304 to a question that was not conditional gives no page.
#[tokio::test]
async fn a_304_nobody_asked_for_is_a_fault() {
    let stage = Stage::http(vec![reply(304, &[], "")]).await;
    let protocol = plain(&stage, json!({"conditional": true}), &Hand::new()).await;
    assert_eq!(fault(&*protocol, &get("/x")).await.reason, PartialReason::UnexpectedStatus);
}
