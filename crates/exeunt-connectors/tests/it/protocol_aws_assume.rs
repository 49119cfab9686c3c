//! Roles in other accounts over real sockets: whose keys sign, how long they are used, and what a refusal is.

#![expect(clippy::expect_used, reason = "a test that cannot be set up has failed")]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use futures_util::future::{BoxFuture, join_all};
use serde_json::{Value, json};

use exeunt_connectors::protocol::aws::assume::Role;
use exeunt_connectors::protocol::connect::connect;
use exeunt_connectors::protocol::{Ask, Protocol};
use exeunt_connectors::secret::{Secret, SecretError, Secrets};
use exeunt_model::config::SecretRef;
use exeunt_model::{Duration, PartialReason};

use crate::protocol_stage::{Act, Hand, Stage, fault, manifest, reply, system};

/// Every secret is the name it is asked for by, so that it shows which one was used.
struct Named;

impl Secrets for Named {
    fn resolve<'a>(&'a self, reference: &'a SecretRef) -> BoxFuture<'a, Result<Secret, SecretError>> {
        let SecretRef::Env(name) = reference else { panic!("only variables here") };
        Box::pin(std::future::ready(Ok(Secret::new(name.clone()).expect("a name"))))
    }
    fn place(&self, _: &str) -> PathBuf {
        PathBuf::new()
    }
}

const USERS: &str = "<ListUsersResponse><ListUsersResult><IsTruncated>false</IsTruncated>\
    <Users><member><UserName>ada</UserName></member></Users></ListUsersResult></ListUsersResponse>";

fn list_users(account: &str) -> Ask {
    let only = ["iam:Get*".to_owned(), "iam:List*".to_owned()];
    Ask::Aws {
        action: "ListUsers".to_owned(),
        version: "2010-05-08".to_owned(),
        params: BTreeMap::new(),
        lists: vec!["Users".to_owned()],
        json: None,
        role: Some(Role::new(account, "audit/exeunt", "acme:1", &only).expect("a role")),
    }
}

/// A connection with these keys: the access key id, and with `session` a session token beside it.
async fn with_keys(stage: &Stage, clock: &Arc<Hand>, keys: Value) -> Arc<dyn Protocol> {
    let manifest = manifest("aws", json!([{"sigv4": {"service": "iam"}}]), json!({"tries": 3}));
    let system = system(&stage.url(), json!({ "sigv4": keys }), json!({"plain_text_on_loopback": true}));
    connect(&manifest, &system, &Named, clock.clone()).await.expect("a connection")
}

async fn aws(stage: &Stage, clock: &Arc<Hand>) -> Arc<dyn Protocol> {
    let keys =
        json!({"region": "us-east-1", "access_key_id": "env:OWN-ID", "secret_access_key": "env:OWN-KEY"});
    with_keys(stage, clock, keys).await
}

fn xml(status: u16, body: &str) -> Act {
    reply(status, &[("content-type", "text/xml")], body)
}

fn caller(account: &str) -> Act {
    xml(
        200,
        &format!(
            "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::{account}:user/exeunt</Arn>\
             <UserId>AIDA1</UserId><Account>{account}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
        ),
    )
}

fn issued(of: &str, until: &str, date: &str) -> Act {
    let body = format!(
        "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>{of}-ID</AccessKeyId>\
         <SecretAccessKey>{of}-KEY</SecretAccessKey><SessionToken>{of}-TOKEN</SessionToken>\
         <Expiration>{until}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"
    );
    reply(200, &[("content-type", "text/xml"), ("date", date)], &body)
}

/// As the server's clock says, which here is ours.
const DATE: &str = "Tue, 24 Nov 2026 04:00:00 GMT";
const HOUR: &str = "2026-11-24T05:00:00Z";

fn refused(code: &str, status: u16) -> Act {
    xml(
        status,
        &format!(
            "<ErrorResponse><Error><Code>{code}</Code><Message>not now</Message></Error></ErrorResponse>"
        ),
    )
}

fn signature(request: &str) -> &str {
    request.split("Signature=").nth(1).and_then(|rest| rest.split("\r\n").next()).expect("a signature")
}

fn actions(stage: &Stage) -> Vec<String> {
    let action = |request: &String| {
        let body = request.split("Action=").nth(1)?;
        body.split('&').next().map(str::to_owned)
    };
    stage.asked().iter().filter_map(action).collect()
}

/// An account of the organization is read with keys of a role in it, made for reading alone: signed with our own keys
/// the request would list the users of our own account as if they were that one's.
#[tokio::test]
async fn a_request_is_signed_with_the_keys_of_the_role() {
    let clock = Hand::new();
    let script = vec![caller("111111111111"), issued("TEMP", HOUR, DATE), xml(200, USERS), xml(200, USERS)];
    let stage = Stage::http(script).await;
    let answer = aws(&stage, &clock).await.fetch(&list_users("222222222222")).await.expect("an answer");
    assert_eq!(answer.page().json().expect("JSON")["Users"], json!([{"UserName": "ada"}]));
    // The same request by somebody who has the role's keys already: the very same signature.
    let direct = with_keys(
        &stage,
        &clock,
        json!({"region": "us-east-1", "access_key_id": "env:TEMP-ID", "secret_access_key": "env:TEMP-KEY",
               "session_token": "env:TEMP-TOKEN"}),
    )
    .await;
    let Ask::Aws { action, version, params, lists, json, .. } = list_users("222222222222") else { panic!() };
    let ask = Ask::Aws { action, version, params, lists, json, role: None };
    direct.fetch(&ask).await.expect("an answer");
    let asked = stage.asked();
    assert_eq!(actions(&stage), ["GetCallerIdentity", "AssumeRole", "ListUsers", "ListUsers"]);
    for own in &asked[..2] {
        assert!(own.contains("Credential=OWN-ID/20261124/us-east-1/sts/aws4_request"), "{own}");
        assert!(!own.contains("x-amz-security-token"), "{own}");
    }
    for part in [
        "RoleArn=arn%3Aaws%3Aiam%3A%3A222222222222%3Arole%2Faudit%2Fexeunt",
        "RoleSessionName=exeunt",
        "ExternalId=acme%3A1",
        "Policy=%7B%22Statement%22%3A%5B%7B%22Action%22%3A%5B%22iam%3AGet*%22%2C%22iam%3AList*%22%5D",
    ] {
        assert!(asked[1].contains(part), "{part} in {}", asked[1]);
    }
    assert!(asked[2].contains("Credential=TEMP-ID/20261124/us-east-1/iam/aws4_request"), "{}", asked[2]);
    assert!(asked[2].contains("x-amz-security-token: TEMP-TOKEN"), "{}", asked[2]);
    assert_eq!(signature(&asked[2]), signature(&asked[3]));
}

/// Many reads of one account are one role assumed, also when they begin at once, and each account has its own keys.
#[tokio::test]
async fn keys_are_asked_for_once_for_each_account() {
    let clock = Hand::new();
    let mut script = vec![caller("111111111111"), issued("TWO", HOUR, DATE)];
    script.extend(vec![xml(200, USERS); 3]);
    script.extend([issued("THREE", HOUR, DATE), xml(200, USERS)]);
    let stage = Stage::http(script).await;
    let protocol = aws(&stage, &clock).await;
    let ask = list_users("222222222222");
    for answer in join_all((0..3).map(|_| protocol.fetch(&ask))).await {
        answer.expect("an answer");
    }
    protocol.fetch(&list_users("333333333333")).await.expect("an answer");
    let asked = actions(&stage);
    assert_eq!(asked.iter().filter(|action| *action == "AssumeRole").count(), 2, "{asked:?}");
    assert!(stage.asked()[6].contains("Credential=THREE-ID/"), "{}", stage.asked()[6]);
}

/// A long collection outlives its keys; they are asked for anew before they end, by the clock of who ends them.
#[tokio::test]
async fn keys_are_asked_for_anew_before_they_end() {
    let clock = Hand::new();
    // Their clock is three hours before ours.
    let script = vec![
        caller("111111111111"),
        issued("OLD", "2026-11-24T02:00:00Z", "Tue, 24 Nov 2026 01:00:00 GMT"),
        xml(200, USERS),
        xml(200, USERS),
        issued("NEW", "2026-11-24T03:00:00Z", "Tue, 24 Nov 2026 02:00:00 GMT"),
        xml(200, USERS),
    ];
    let stage = Stage::http(script).await;
    let protocol = aws(&stage, &clock).await;
    let ask = list_users("222222222222");
    for minutes in [0, 50, 9] {
        clock.advance(Duration::from_mins(minutes));
        protocol.fetch(&ask).await.expect("an answer");
    }
    let asked = stage.asked();
    for (at, id) in [(2, "OLD-ID"), (3, "OLD-ID"), (5, "NEW-ID")] {
        assert!(asked[at].contains(&format!("Credential={id}/")), "{id} in {}", asked[at]);
    }
}

/// The account of our own keys has no role to be assumed into, as a rule, and must not be missing for that.
#[tokio::test]
async fn our_own_account_is_read_with_our_own_keys() {
    let stage = Stage::http(vec![caller("111111111111"), xml(200, USERS)]).await;
    let protocol = aws(&stage, &Hand::new()).await;
    protocol.fetch(&list_users("111111111111")).await.expect("an answer");
    assert_eq!(actions(&stage), ["GetCallerIdentity", "ListUsers"]);
    assert!(stage.asked()[1].contains("Credential=OWN-ID/20261124/us-east-1/iam"), "{}", stage.asked()[1]);
}

/// An account that lets nobody in is a fault that says what to ask for; the next account is read all the same, and so
/// is this one as soon as it lets us in.
#[tokio::test]
async fn a_role_that_may_not_be_assumed_is_a_fault_of_its_account_alone() {
    let script = vec![
        caller("111111111111"),
        refused("AccessDenied", 403),
        issued("OTHER", HOUR, DATE),
        xml(200, USERS),
        issued("LATER", HOUR, DATE),
        xml(200, USERS),
    ];
    let stage = Stage::http(script).await;
    let protocol = aws(&stage, &Hand::new()).await;
    let denied = fault(&*protocol, &list_users("222222222222")).await;
    assert_eq!((denied.reason, denied.statuses), (PartialReason::Forbidden, vec![403]));
    for words in ["arn:aws:iam::222222222222:role/audit/exeunt", "ask for `sts:AssumeRole`", "trust policy"] {
        assert!(denied.detail.contains(words), "{}", denied.detail);
    }
    protocol.fetch(&list_users("333333333333")).await.expect("an answer");
    protocol.fetch(&list_users("222222222222")).await.expect("an answer");
}

/// Asking too fast for keys is waited out like anything else, and what cannot be understood is never keys.
#[tokio::test]
async fn what_goes_wrong_with_keys_has_its_reason() {
    let slow =
        vec![caller("111111111111"), refused("Throttling", 400), issued("TEMP", HOUR, DATE), xml(200, USERS)];
    let (stage, clock) = (Stage::http(slow).await, Hand::new());
    aws(&stage, &clock).await.fetch(&list_users("222222222222")).await.expect("an answer");
    assert_eq!(clock.waits(), [1]);
    let no_token = "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>TEMP-ID</AccessKeyId>\
        <SecretAccessKey>TEMP-KEY</SecretAccessKey></Credentials></AssumeRoleResult></AssumeRoleResponse>";
    for (answers, reason) in [
        (vec![xml(200, no_token)], PartialReason::SchemaChanged),
        (vec![xml(200, "<html></html>")], PartialReason::SchemaChanged),
        (vec![refused("Throttling", 400); 3], PartialReason::RateLimited),
        (vec![refused("InvalidClientTokenId", 403)], PartialReason::Unauthorized),
        (vec![refused("RegionDisabledException", 403)], PartialReason::Forbidden),
        (vec![refused("ValidationError", 400)], PartialReason::UnexpectedStatus),
        (vec![refused("InternalFailure", 500); 3], PartialReason::ServerError),
    ] {
        let script = [vec![caller("111111111111")], answers].concat();
        let stage = Stage::http(script).await;
        let broken = fault(&*aws(&stage, &Hand::new()).await, &list_users("222222222222")).await;
        assert_eq!(broken.reason, reason, "{}", broken.detail);
        assert!(!broken.detail.contains("TEMP-"), "a key was printed: {}", broken.detail);
    }
    let stage = Stage::http(vec![refused("AccessDenied", 403)]).await;
    let broken = fault(&*aws(&stage, &Hand::new()).await, &list_users("222222222222")).await;
    assert!(broken.detail.contains("which account the keys belong to"), "{}", broken.detail);
}
