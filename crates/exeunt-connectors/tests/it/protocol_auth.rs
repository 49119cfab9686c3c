//! Signing in: what is sent, to whom, how often; and what is refused before anything is sent.

use base64::Engine;
use serde_json::{Value, json};

use exeunt_connectors::protocol::connect::ConnectError;
use exeunt_model::{Duration, PartialReason};

use crate::protocol_stage::{Hand, SECRET, Stage, fault, get, join, manifest, ok, reply, system};

fn plain_text() -> Value {
    json!({"plain_text_on_loopback": true})
}

/// Basic, and the system's own header with its prefix.
#[tokio::test]
async fn basic_and_own_headers_are_sent() {
    let encoded = base64::engine::general_purpose::STANDARD.encode(format!("ada:{SECRET}"));
    let table = [
        (
            json!(["basic"]),
            json!({"basic": {"user": "ada", "password": "env:P"}}),
            format!("authorization: Basic {encoded}"),
        ),
        (
            json!([{"header": {"name": "X-Api-Key", "prefix": "SSWS "}}]),
            json!({"header": "env:K"}),
            format!("x-api-key: SSWS {SECRET}"),
        ),
    ];
    for (methods, auth, line) in table {
        let stage = Stage::http(vec![ok(&json!([]))]).await;
        let manifest = manifest("http", methods, json!({}));
        let protocol = join(&manifest, &system(&stage.url(), auth, plain_text()), &Hand::new())
            .await
            .expect("a connection");
        protocol.fetch(&get("/x")).await.expect("an answer");
        assert!(stage.asked()[0].contains(&line), "{}", stage.asked()[0]);
    }
}

/// One token serves many reads, is fetched anew before it ends, and once more when refused.
#[tokio::test]
async fn an_oauth_token_is_fetched_as_seldom_as_can_be() {
    let token = |name: &str| ok(&json!({"access_token": name, "expires_in": 600}));
    let stage = Stage::http(vec![
        token("t1"),
        ok(&json!([1])),
        ok(&json!([2])),
        token("t2"),
        ok(&json!([3])),
        reply(401, &[], ""),
        token("t3"),
        reply(401, &[], "still"),
    ])
    .await;
    let methods = json!([{"oauth_client_credentials": {"token_url": "/oauth/token", "scope": "read all"}}]);
    let auth = json!({"oauth_client_credentials": {"client_id": "me", "client_secret": "env:S"}});
    let manifest = manifest("http", methods, json!({}));
    let clock = Hand::new();
    let protocol =
        join(&manifest, &system(&stage.url(), auth, plain_text()), &clock).await.expect("a connection");
    for want in [1, 2] {
        assert_eq!(protocol.fetch(&get("/x")).await.expect("an answer").page(), json!([want]));
    }
    clock.advance(Duration::from_secs(545));
    assert_eq!(protocol.fetch(&get("/x")).await.expect("an answer").page(), json!([3]));
    let refused = protocol.fetch(&get("/x")).await.expect("an answer");
    assert_eq!(refused.statuses, [401, 401], "refused twice with two tokens is refused");
    let asked = stage.asked();
    assert!(asked[0].starts_with("POST /oauth/token "), "{}", asked[0]);
    let form = format!("grant_type=client_credentials&client_id=me&client_secret={SECRET}&scope=read+all");
    assert!(asked[0].ends_with(&form), "{}", asked[0]);
    assert!(!asked[0].contains("authorization"), "{}", asked[0]);
    for (place, name) in [(1, "t1"), (2, "t1"), (4, "t2"), (5, "t2"), (7, "t3")] {
        assert!(
            asked[place].contains(&format!("authorization: Bearer {name}\r\n")),
            "{place}: {}",
            asked[place]
        );
        assert!(!asked[place].contains(SECRET));
    }
    assert_eq!(asked.len(), 8);
}

/// A refused client is our credential's fault; a token endpoint's body is never repeated, since
/// some echo the request.
#[tokio::test]
async fn a_refused_client_is_unauthorized() {
    let echo = format!("{{\"error\":\"{SECRET}\"}}");
    let table = [
        (reply(401, &[], &echo), PartialReason::Unauthorized),
        (reply(400, &[], &echo), PartialReason::Unauthorized),
        (reply(200, &[], &echo), PartialReason::SchemaChanged),
        (reply(500, &[], &echo), PartialReason::ServerError),
        (reply(302, &[("location", "http://127.0.0.1:1/")], ""), PartialReason::Redirected),
    ];
    for (act, reason) in table {
        let stage = Stage::http(vec![act]).await;
        let methods = json!([{"oauth_client_credentials": {"token_url": "/t"}}]);
        let auth = json!({"oauth_client_credentials": {"client_id": "me", "client_secret": "env:S"}});
        let manifest = manifest("http", methods, json!({}));
        let protocol = join(&manifest, &system(&stage.url(), auth, plain_text()), &Hand::new())
            .await
            .expect("a connection");
        assert_eq!(fault(&*protocol, &get("/x")).await.reason, reason);
    }
}

/// A GitHub App: a short JWT of its own for the exchange, and the installation's token after.
#[tokio::test]
async fn a_github_app_exchanges_its_jwt() {
    let issued = json!({"token": "ghs_1", "expires_at": "2026-11-24T05:00:00Z"});
    let stage =
        Stage::http(vec![reply(201, &[], &issued.to_string()), ok(&json!([1])), ok(&json!([2]))]).await;
    let auth =
        json!({"github_app": {"app_id": "77", "installation_id": "4242", "private_key": "file:app.key.pem"}});
    let manifest = manifest("http", json!(["github_app"]), json!({}));
    let protocol =
        join(&manifest, &system(&stage.url(), auth, plain_text()), &Hand::new()).await.expect("a connection");
    for want in [1, 2] {
        assert_eq!(protocol.fetch(&get("/orgs")).await.expect("an answer").page(), json!([want]));
    }
    let asked = stage.asked();
    assert!(asked[0].starts_with("POST /app/installations/4242/access_tokens "), "{}", asked[0]);
    let jwt =
        asked[0].split("authorization: Bearer ").nth(1).and_then(|rest| rest.lines().next()).expect("a JWT");
    let claims = jwt.split('.').nth(1).expect("claims");
    let claims = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(claims).expect("base64");
    let claims: Value = serde_json::from_slice(&claims).expect("JSON");
    assert_eq!(claims, json!({"iss": "77", "iat": 1_795_492_740, "exp": 1_795_493_340}));
    for request in &asked[1..] {
        assert!(request.contains("authorization: Bearer ghs_1\r\n"), "{request}");
    }
}

/// What cannot work is said before anything is sent, with what to change.
#[tokio::test]
async fn a_wrong_configuration_is_refused_with_what_to_change() {
    let bearer = || json!({"bearer": "env:T"});
    let table: Vec<(&str, Value, Value, &str)> = vec![
        ("http://api.example", bearer(), json!({}), "https://"),
        ("http://api.example", bearer(), plain_text(), "https://"),
        ("http://127.0.0.1:1", bearer(), json!({}), "plain_text_on_loopback"),
        ("ftp://api.example", bearer(), json!({}), "Write it as https://host"),
        ("api.example", bearer(), json!({}), "cannot be used"),
        ("https://user:hunter2@api.example", bearer(), json!({}), "Name them under `auth`"),
        ("https://api.example?x=1", bearer(), json!({}), "query"),
        ("https://{site}.example", bearer(), json!({}), "`site` is missing"),
        ("https://169.254.169.254", bearer(), json!({}), "metadata"),
        ("https://[::ffff:169.254.169.254]", bearer(), json!({}), "metadata"),
        (
            "https://api.example",
            json!({"basic": {"user": "a", "password": "env:P"}}),
            json!({}),
            "Use one of: bearer",
        ),
        ("https://api.example", bearer(), json!({"ca_file": "absent.pem"}), "absent.pem"),
        ("https://api.example", bearer(), json!({"ca_file": "README.md"}), "no certificate"),
        ("https://api.example", json!({"bearer": "file:server.key.pem"}), json!({}), "header"),
    ];
    let manifest = manifest("http", json!(["bearer"]), json!({}));
    for (url, auth, tls, words) in table {
        let refused = join(&manifest, &system(url, auth, tls), &Hand::new())
            .await
            .err()
            .unwrap_or_else(|| panic!("{url} was accepted"));
        let text = format!("{refused}");
        assert!(text.contains(words), "{url}: {text}");
        assert!(!format!("{text} {refused:?}").contains("hunter2"), "{text}");
        assert!(!text.contains("PRIVATE KEY"), "{text}");
    }
}

/// Settings fill in a part of the URL; one that would make another URL of it is refused.
#[tokio::test]
async fn settings_fill_in_the_url() {
    let manifest = manifest("http", json!(["bearer"]), json!({}));
    let with = |value: &str| {
        let mut system = system("https://{site}.example/ex/{cloud}", json!({"bearer": "env:T"}), json!({}));
        system.settings =
            [("site".to_owned(), value.to_owned()), ("cloud".to_owned(), "a-1".to_owned())].into();
        system
    };
    let protocol = join(&manifest, &with("acme"), &Hand::new()).await.expect("a connection");
    assert_eq!(protocol.origin(), Some("https://acme.example"));
    for value in ["evil.test/", "a@evil", "a:1", "", "a b", "{x}", "é"] {
        let refused = join(&manifest, &with(value), &Hand::new()).await.err();
        assert!(matches!(refused, Some(ConnectError::SettingUnfit { .. })), "{value}: {refused:?}");
    }
}

/// An address inside the network needs the operator's word, given as an address or as a name.
#[tokio::test]
async fn inside_addresses_need_permission() {
    let stage = Stage::https("good.pem", vec![ok(&json!([]))]).await;
    let manifest = manifest("http", json!(["bearer"]), json!({}));
    let closed = |url: &str| {
        let mut system = system(url, json!({"bearer": "env:T"}), json!({"ca_file": "authority.pem"}));
        system.allow_private = false;
        system
    };
    for url in
        [format!("https://{}", stage.at), "https://2130706433:1".to_owned(), "https://[::1]:1".to_owned()]
    {
        let refused = join(&manifest, &closed(&url), &Hand::new()).await.err().expect("refused");
        assert!(refused.to_string().contains("allow_private: true"), "{refused}");
    }
    // A name is only known when it is resolved.
    let protocol = join(&manifest, &closed(&stage.secure_url()), &Hand::new()).await.expect("a name");
    let fault = fault(&*protocol, &get("/x")).await;
    assert_eq!(fault.reason, PartialReason::Unreachable);
    assert!(fault.detail.contains("allow_private: true"), "{fault}");
    assert!(stage.asked().is_empty());
}
