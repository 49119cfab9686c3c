//! The AWS query protocol over real sockets: signatures, throttling, refusals, other documents.

#![expect(clippy::expect_used, reason = "a test that cannot be set up has failed")]

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::json;

use exeunt_connectors::protocol::{Ask, Protocol};
use exeunt_model::PartialReason;

use crate::protocol_stage::{Act, Hand, SECRET, Stage, fault, join, manifest, reply, system};

fn list_users() -> Ask {
    Ask::Aws {
        action: "ListUsers".to_owned(),
        version: "2010-05-08".to_owned(),
        params: BTreeMap::from([("PathPrefix".to_owned(), "/a b/".to_owned())]),
        lists: vec!["Users".to_owned()],
        json: None,
        role: None,
    }
}

async fn aws(stage: &Stage, clock: &Arc<Hand>) -> Arc<dyn Protocol> {
    let manifest = manifest("aws", json!([{"sigv4": {"service": "iam"}}]), json!({"tries": 3}));
    let keys = json!({"sigv4": {
        "region": "us-east-1", "access_key_id": "env:ID", "secret_access_key": "env:KEY", "session_token": "env:ST",
    }});
    let system = system(&stage.url(), keys, json!({"plain_text_on_loopback": true}));
    join(&manifest, &system, clock).await.expect("a connection")
}

fn xml(status: u16, body: &str) -> Act {
    reply(status, &[("content-type", "text/xml")], body)
}

const USERS: &str = "<ListUsersResponse><ListUsersResult><IsTruncated>false</IsTruncated>\
    <Users><member><UserName>ada</UserName></member></Users></ListUsersResult></ListUsersResponse>";

/// The form, and a signature for the run's own time, region and service.
#[tokio::test]
async fn an_action_is_a_signed_form() {
    let stage = Stage::http(vec![xml(200, USERS)]).await;
    let answer = aws(&stage, &Hand::new()).await.fetch(&list_users()).await.expect("an answer");
    assert_eq!(answer.page(), json!({"IsTruncated": "false", "Users": [{"UserName": "ada"}]}));
    assert_eq!(answer.body, USERS.as_bytes());
    let asked = stage.asked().remove(0);
    assert!(asked.ends_with("\r\n\r\nAction=ListUsers&Version=2010-05-08&PathPrefix=%2Fa+b%2F"), "{asked}");
    let scope = format!("AWS4-HMAC-SHA256 Credential={SECRET}/20261124/us-east-1/iam/aws4_request");
    for line in [&scope as &str, "x-amz-date: 20261124T040000Z", "x-amz-security-token: ", "Signature="] {
        assert!(asked.contains(line), "{line} in {asked}");
    }
    assert!(asked.contains("SignedHeaders=") && asked.contains("host;"), "{asked}");
}

/// AWS says "too fast" with a 400 and a code; each try is signed anew for its own time.
#[tokio::test]
async fn throttling_is_waited_out() {
    let slow = xml(
        400,
        "<ErrorResponse><Error><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>",
    );
    let stage = Stage::http(vec![slow.clone(), xml(200, USERS)]).await;
    let clock = Hand::new();
    let answer = aws(&stage, &clock).await.fetch(&list_users()).await.expect("an answer");
    assert_eq!(answer.statuses, [400, 200]);
    assert_eq!(clock.waits(), [1]);
    assert!(stage.asked()[1].contains("x-amz-date: 20261124T040001Z"));
    let stage = Stage::http(vec![slow; 3]).await;
    let fault = fault(&*aws(&stage, &Hand::new()).await, &list_users()).await;
    assert_eq!((fault.reason, fault.statuses), (PartialReason::RateLimited, vec![400; 3]));
}

/// A refusal is an answer with AWS's own words.
#[tokio::test]
async fn a_refusal_keeps_its_code() {
    let body = "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>not authorized</Message></Error></ErrorResponse>";
    let stage = Stage::http(vec![xml(403, body)]).await;
    let answer = aws(&stage, &Hand::new()).await.fetch(&list_users()).await.expect("an answer");
    assert_eq!(answer.status(), 403);
    assert_eq!(answer.page(), json!({"Error": {"Code": "AccessDenied", "Message": "not authorized"}}));
}

/// A web page, and an answer cut where its lengths do not show it.
#[tokio::test]
async fn other_documents_and_cut_ones_are_faults() {
    for (body, reason) in [
        ("<!DOCTYPE html><html></html>", PartialReason::SchemaChanged),
        (&USERS[..90], PartialReason::Truncated),
        ("{}", PartialReason::SchemaChanged),
    ] {
        let stage = Stage::http(vec![xml(200, body)]).await;
        assert_eq!(fault(&*aws(&stage, &Hand::new()).await, &list_users()).await.reason, reason, "{body}");
    }
}
