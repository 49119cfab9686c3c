//! AWS services that speak JSON, over real sockets: target, signature for the service asked, refusals with 400.

#![expect(clippy::expect_used, reason = "a test that cannot be set up has failed")]

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use exeunt_connectors::protocol::{Ask, Protocol};
use exeunt_model::PartialReason;

use crate::protocol_stage::{Act, Hand, SECRET, Stage, fault, join, manifest, reply, system};

fn list(action: &str, target: &str, service: &str, region: Option<&str>, body: Value) -> Ask {
    let host = format!("{service}.{{region}}.amazonaws.com");
    let of = json!({"target": target, "version": "1.1", "service": service, "host": host, "region": region});
    Ask::Aws {
        action: action.to_owned(),
        version: "2020-06-15".to_owned(),
        params: BTreeMap::new(),
        lists: Vec::new(),
        json: Some((serde_json::from_value(of).expect("a service"), body)),
        role: None,
    }
}

fn users() -> Ask {
    list("ListUsers", "AWSIdentityStore", "identitystore", None, json!({"IdentityStoreId": "d-1"}))
}

async fn aws(stage: &Stage, clock: &Arc<Hand>) -> Arc<dyn Protocol> {
    let manifest = manifest("aws", json!([{"sigv4": {"service": "sso"}}]), json!({"tries": 3}));
    let keys = json!({"sigv4": {"region": "eu-central-1", "access_key_id": "env:ID", "secret_access_key": "env:KEY"}});
    let system = system(&stage.url(), keys, json!({"plain_text_on_loopback": true}));
    join(&manifest, &system, clock).await.expect("a connection")
}

fn says(status: u16, body: &Value) -> Act {
    reply(status, &[("content-type", "application/x-amz-json-1.1")], &body.to_string())
}

/// One system reads several services: each request names its own, and is signed for it and its region.
#[tokio::test]
async fn each_request_is_signed_for_its_own_service() {
    let page = json!({"Users": [{"UserId": "u1"}], "NextToken": "t"});
    let stage = Stage::http(vec![says(200, &page), says(200, &json!({"Accounts": []}))]).await;
    let protocol = aws(&stage, &Hand::new()).await;
    assert_eq!(protocol.fetch(&users()).await.expect("an answer").page(), page);
    let accounts =
        list("ListAccounts", "AWSOrganizationsV20161128", "organizations", Some("us-east-1"), json!({}));
    protocol.fetch(&accounts).await.expect("an answer");
    let asked = stage.asked();
    for (request, target, scope, body) in [
        (
            &asked[0],
            "AWSIdentityStore.ListUsers",
            "eu-central-1/identitystore",
            r#"{"IdentityStoreId":"d-1"}"#,
        ),
        (&asked[1], "AWSOrganizationsV20161128.ListAccounts", "us-east-1/organizations", "{}"),
    ] {
        assert!(request.starts_with("POST / "), "{request}");
        assert!(request.contains(&format!("x-amz-target: {target}\r\n")), "{request}");
        assert!(request.contains("content-type: application/x-amz-json-1.1\r\n"), "{request}");
        let credential = format!("Credential={SECRET}/20261124/{scope}/aws4_request");
        assert!(request.contains(&credential), "{credential} in {request}");
        assert!(request.contains("x-amz-target") && request.ends_with(body), "{request}");
    }
    let signed = asked[0].split("SignedHeaders=").nth(1).and_then(|rest| rest.split(',').next());
    assert!(
        signed.is_some_and(|names| names.contains("x-amz-target")),
        "the action is part of what is signed"
    );
}

/// A refusal with 400 must not pass for a mistyped request, nor throttling for a refusal.
#[tokio::test]
async fn refusals_and_throttling_come_with_400() {
    let denied = json!({"__type": "com.amazonaws.sso#AccessDeniedException", "Message": "not authorized"});
    let stage = Stage::http(vec![says(400, &denied)]).await;
    let answer = aws(&stage, &Hand::new()).await.fetch(&users()).await.expect("an answer");
    assert_eq!(answer.status(), 400);
    assert_eq!(
        answer.page(),
        json!({"Error": {"Code": "AccessDeniedException", "Message": "not authorized"}})
    );
    let slow = says(400, &json!({"__type": "ThrottlingException", "message": "Rate exceeded"}));
    let stage = Stage::http(vec![slow.clone(), says(200, &json!({"Users": []}))]).await;
    let clock = Hand::new();
    let answer = aws(&stage, &clock).await.fetch(&users()).await.expect("an answer");
    assert_eq!((answer.statuses, clock.waits()), (vec![400, 200], vec![1]));
    let stage = Stage::http(vec![slow; 3]).await;
    let fault = fault(&*aws(&stage, &Hand::new()).await, &users()).await;
    assert_eq!(fault.reason, PartialReason::RateLimited);
}

/// A web page or a cut answer is a fault; a kept page comes back as it was read.
#[tokio::test]
async fn other_documents_and_cut_ones_are_faults() {
    let stage = Stage::http(vec![]).await;
    let protocol = aws(&stage, &Hand::new()).await;
    assert_eq!(protocol.reread(&users(), br#"{"Users":[]}"#), Ok(json!({"Users": []}).into()));
    for (body, reason) in [
        ("<!DOCTYPE html><html></html>", PartialReason::SchemaChanged),
        ("[1]", PartialReason::SchemaChanged),
        ("{\"Users\": [", PartialReason::Truncated),
    ] {
        let stage = Stage::http(vec![reply(200, &[], body)]).await;
        assert_eq!(fault(&*aws(&stage, &Hand::new()).await, &users()).await.reason, reason, "{body}");
    }
}
