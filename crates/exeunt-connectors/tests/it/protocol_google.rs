//! Signing in as a Google service account: what is signed, to whom it goes, how often, and what is refused.

#![expect(clippy::expect_used, reason = "a test that cannot be set up has failed")]

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use exeunt_model::{Duration, PartialReason};

use crate::protocol_stage::{Hand, SECRET, Stage, data, fault, get, join, manifest, ok, reply, system};

const SCOPE: &str =
    "https://www.googleapis.com/auth/admin.directory.user.readonly https://www.googleapis.com/auth/x";

fn methods() -> Value {
    json!([{"google_service_account": {"scope": SCOPE, "token_url": "/token"}}])
}

fn plain_text() -> Value {
    json!({"plain_text_on_loopback": true})
}

/// A key file as Google gives it, with a key of the tests; its own `token_uri` leads elsewhere.
fn key_file(sort: &str) -> tempfile::NamedTempFile {
    let pem = std::fs::read_to_string(data("app.key.pem")).expect("a key");
    let text = json!({
        "type": sort, "project_id": "acme", "private_key_id": "kid-1", "private_key": pem,
        "client_email": "exeunt@acme.iam.gserviceaccount.com", "token_uri": "https://evil.example/token",
    });
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), text.to_string()).expect("written");
    file
}

fn auth(file: &tempfile::NamedTempFile, subject: Option<&str>) -> Value {
    json!({"google_service_account": {"key": format!("file:{}", file.path().display()), "subject": subject}})
}

fn part(jwt: &str, index: usize) -> Value {
    let text = jwt.split('.').nth(index).expect("a part");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).expect("base64")).expect("JSON")
}

fn assertion(request: &str) -> String {
    let form = request.rsplit("\r\n\r\n").next().expect("a body");
    let pairs: Vec<(String, String)> = url::form_urlencoded::parse(form.as_bytes()).into_owned().collect();
    assert_eq!(pairs[0], ("grant_type".to_owned(), "urn:ietf:params:oauth:grant-type:jwt-bearer".to_owned()));
    assert_eq!((pairs[1].0.as_str(), pairs.len()), ("assertion", 2));
    pairs[1].1.clone()
}

/// One token serves many reads, is fetched anew before it ends, and once more when refused.
#[tokio::test]
async fn a_token_is_fetched_as_seldom_as_can_be() {
    let token = |name: &str| ok(&json!({"access_token": name, "expires_in": 3599, "token_type": "Bearer"}));
    let stage = Stage::http(vec![
        token("ya29.1"),
        ok(&json!([1])),
        ok(&json!([2])),
        token("ya29.2"),
        ok(&json!([3])),
        reply(401, &[], ""),
        token("ya29.3"),
        reply(401, &[], "still"),
    ])
    .await;
    let manifest = manifest("http", methods(), json!({}));
    let (clock, file) = (Hand::new(), key_file("service_account"));
    let system = system(&stage.url(), auth(&file, Some("admin@acme.example")), plain_text());
    let protocol = join(&manifest, &system, &clock).await.expect("a connection");
    for want in [1, 2] {
        assert_eq!(protocol.fetch(&get("/x")).await.expect("an answer").page(), json!([want]));
    }
    clock.advance(Duration::from_secs(3540));
    assert_eq!(protocol.fetch(&get("/x")).await.expect("an answer").page(), json!([3]));
    let refused = protocol.fetch(&get("/x")).await.expect("an answer");
    assert_eq!(refused.statuses, [401, 401], "refused twice with two tokens is refused");
    let asked = stage.asked();
    assert!(asked[0].starts_with("POST /token "), "{}", asked[0]);
    assert!(!asked[0].contains("authorization"), "{}", asked[0]);
    let jwt = assertion(&asked[0]);
    assert_eq!(part(&jwt, 0), json!({"typ": "JWT", "alg": "RS256", "kid": "kid-1"}));
    let claims = json!({
        "iss": "exeunt@acme.iam.gserviceaccount.com", "sub": "admin@acme.example", "scope": SCOPE,
        "aud": format!("{}/token", stage.url()), "iat": 1_795_492_800, "exp": 1_795_496_400,
    });
    assert_eq!(part(&jwt, 1), claims);
    for (place, name) in [(1, "ya29.1"), (2, "ya29.1"), (4, "ya29.2"), (5, "ya29.2"), (7, "ya29.3")] {
        assert!(
            asked[place].contains(&format!("authorization: Bearer {name}\r\n")),
            "{place}: {}",
            asked[place]
        );
    }
    assert_eq!(asked.len(), 8);
}

/// Without a subject the account acts for itself, and the claim is left out: an empty one is refused.
#[tokio::test]
async fn without_a_subject_the_account_acts_for_itself() {
    for subject in [None, Some("")] {
        let stage = Stage::http(vec![ok(&json!({"access_token": "ya29"})), ok(&json!([]))]).await;
        let manifest = manifest("http", methods(), json!({}));
        let file = key_file("service_account");
        let system = system(&stage.url(), auth(&file, subject), plain_text());
        let protocol = join(&manifest, &system, &Hand::new()).await.expect("a connection");
        protocol.fetch(&get("/x")).await.expect("an answer");
        assert!(part(&assertion(&stage.asked()[0]), 1).get("sub").is_none());
    }
}

/// A refusal is our credential's fault and says what an administrator has to do; a token endpoint's body is
/// never repeated.
#[tokio::test]
async fn a_refused_account_is_unauthorized() {
    let echo = format!("{{\"error\":\"unauthorized_client\",\"error_description\":\"{SECRET}\"}}");
    let table = [
        (reply(400, &[], &echo), PartialReason::Unauthorized),
        (reply(401, &[], &echo), PartialReason::Unauthorized),
        (reply(403, &[], &echo), PartialReason::Forbidden),
        (reply(200, &[], &echo), PartialReason::SchemaChanged),
        (reply(500, &[], &echo), PartialReason::ServerError),
        (reply(302, &[("location", "http://127.0.0.1:1/")], ""), PartialReason::Redirected),
    ];
    for (act, reason) in table {
        let stage = Stage::http(vec![act]).await;
        let manifest = manifest("http", methods(), json!({}));
        let file = key_file("service_account");
        let system = system(&stage.url(), auth(&file, Some("admin@acme.example")), plain_text());
        let protocol = join(&manifest, &system, &Hand::new()).await.expect("a connection");
        let fault = fault(&*protocol, &get("/x")).await;
        assert_eq!(fault.reason, reason, "{fault}");
        if reason == PartialReason::Unauthorized {
            assert!(fault.detail.contains("delegate exactly these scopes"), "{fault}");
        }
    }
}

/// A wrong file is said before anything is sent, and nothing of it is shown.
#[tokio::test]
async fn another_file_is_refused_and_not_shown() {
    let manifest = manifest("http", methods(), json!({}));
    let wrong = key_file("authorized_user");
    let pem = json!({"google_service_account": {"key": "file:app.key.pem"}});
    for (auth, words) in [(auth(&wrong, None), "`service_account`"), (pem, "JSON file")] {
        let system = system("http://127.0.0.1:1", auth, plain_text());
        let refused = join(&manifest, &system, &Hand::new()).await.err().expect("refused");
        let text = format!("{refused} {refused:?}");
        assert!(text.contains(words), "{text}");
        assert!(!text.contains("PRIVATE KEY") && !text.contains("gserviceaccount"), "{text}");
    }
}

/// Where the manifest says nothing, tokens come from Google, whatever stands in the key file.
#[test]
fn tokens_come_from_google() {
    let manifest = manifest("http", json!([{"google_service_account": {"scope": "x"}}]), json!({}));
    let said = serde_json::to_value(&manifest.auth[0]).expect("JSON");
    assert_eq!(said["google_service_account"]["token_url"], "https://oauth2.googleapis.com/token");
}
