//! The company on its ports: credentials, the log, faults, and going away.

use exeunt_sandbox::{Fault, Phase, Sandbox, System, World, credentials};
use serde_json::Value;

use crate::asking::{aws_headers, jira};

fn client() -> reqwest::Client {
    // A second installation is refused, and harmless.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().expect("a client")
}

/// One path of each system that needs a credential.
fn doors() -> [(System, String); 8] {
    [
        (System::Okta, "/api/v1/groups".to_owned()),
        (System::Atlassian, "/admin/v2/orgs/d41b7a06-93e2-4c58-a7f1-6c0e8b25d3aa/directories".to_owned()),
        (System::Jira, jira("/rest/api/3/myself")),
        (System::GitHub, "/orgs/halden/teams".to_owned()),
        (System::Slack, "/api/auth.test".to_owned()),
        (System::Scim, "/scim/v2/Groups".to_owned()),
        (System::Aws, "/?Action=GetCallerIdentity&Version=2011-06-15".to_owned()),
        (System::Matrix, "/_synapse/admin/v1/rooms".to_owned()),
    ]
}

async fn ask(
    sandbox: &Sandbox,
    system: System,
    path: &str,
    word: &str,
) -> reqwest::Result<reqwest::Response> {
    let url = format!("{}{path}", sandbox.url(system));
    let request = client().get(&url);
    match system {
        System::Okta => request.header("authorization", format!("SSWS {word}")),
        System::Aws => aws_headers("GET", &url, &[], word, credentials::AWS_SECRET)
            .into_iter()
            .fold(request, |request, (name, value)| request.header(name, value)),
        _ => request.bearer_auth(word),
    }
    .send()
    .await
}

fn word(system: System) -> &'static str {
    if system == System::Aws { credentials::AWS_KEY_ID } else { credentials::of(system) }
}

/// A signature made with another secret, or over another body, is no signature.
#[tokio::test]
async fn aws_checks_the_signature_of_a_posted_form() {
    let sandbox = Sandbox::start(World::halden(7)).await.expect("a sandbox");
    let url = format!("{}/", sandbox.url(System::Aws));
    let form = "Action=ListUsers&Version=2010-05-08&MaxItems=1000";
    let post = async |signed: &str, sent: &str, secret: &str| {
        let headers = aws_headers("POST", &url, signed.as_bytes(), credentials::AWS_KEY_ID, secret);
        let request = headers
            .into_iter()
            .fold(client().post(&url), |request, (name, value)| request.header(name, value));
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let answer = request.body(sent.to_owned()).send().await.expect("an answer");
        (answer.status().as_u16(), answer.text().await.expect("a body"))
    };
    let (status, text) = post(form, form, credentials::AWS_SECRET).await;
    assert_eq!(status, 200, "{text}");
    assert!(
        text.contains("<UserName>ops-shared</UserName>") || text.contains("<IsTruncated>true</IsTruncated>")
    );
    for (signed, secret) in [(form, "another secret"), ("Action=ListRoles", credentials::AWS_SECRET)] {
        let (status, text) = post(signed, form, secret).await;
        assert_eq!(status, 403);
        assert!(text.contains("<Code>SignatureDoesNotMatch</Code>"), "{text}");
    }
}

/// A wrong credential must be told from an empty list, in each vendor's own words.
#[tokio::test]
async fn a_wrong_credential_gets_the_vendors_own_refusal() {
    let sandbox = Sandbox::start(World::halden(7)).await.expect("a sandbox");
    for (system, path) in doors() {
        let right = ask(&sandbox, system, &path, word(system)).await.expect("an answer");
        assert_eq!(right.status(), 200, "{system:?}");
        let wrong = ask(&sandbox, system, &path, "wrong").await.expect("an answer");
        let (status, said) = match system {
            System::Okta => (401, "E0000011"),
            System::Atlassian | System::Jira => (401, "Unauthorized"),
            System::GitHub => (401, "Bad credentials"),
            System::Slack => (200, "invalid_auth"),
            System::Scim => (401, "urn:ietf:params:scim:api:messages:2.0:Error"),
            System::Aws => (403, "InvalidClientTokenId"),
            System::Matrix => (401, "M_UNKNOWN_TOKEN"),
        };
        assert_eq!(wrong.status(), status, "{system:?}");
        let text = wrong.text().await.expect("a body");
        assert!(text.contains(said), "{system:?}: {text}");
    }
    sandbox.shutdown().await;
}

/// Phases move all systems at once, and the clock with them.
#[tokio::test]
async fn a_phase_changes_what_is_served() {
    let sandbox = Sandbox::start(World::halden(7)).await.expect("a sandbox");
    let path = "/_synapse/admin/v2/users/@mara.voss:halden.example";
    for (phase, deactivated, date) in [
        (Phase::Before, false, "Thu, 12 Nov 2026 09:00:00 GMT"),
        (Phase::After, true, "Fri, 20 Nov 2026 09:00:00 GMT"),
    ] {
        sandbox.set_phase(phase);
        let answer = ask(&sandbox, System::Matrix, path, word(System::Matrix)).await.expect("an answer");
        assert_eq!(answer.headers()["date"], date);
        let body: Value = answer.json().await.expect("JSON");
        assert_eq!(body["deactivated"], deactivated);
    }
    // What somebody does to the world is seen by the next reader.
    sandbox.world().matrix.users.retain(|user| user.display_name != "Mara Voss");
    let answer = ask(&sandbox, System::Matrix, path, word(System::Matrix)).await.expect("an answer");
    assert_eq!(answer.status(), 404);
}

/// Each kind of bad day reaches the reader as that bad day, and only on the system it was put on.
#[tokio::test]
async fn faults_are_felt_and_end() {
    let sandbox = Sandbox::start(World::halden(7)).await.expect("a sandbox");
    let door = |system: System| doors().into_iter().find(|(one, _)| *one == system).expect("a door").1;
    let (okta, github) = (door(System::Okta), door(System::GitHub));
    let status = async |system: System, path: &str| {
        ask(&sandbox, system, path, word(system)).await.map(|answer| answer.status().as_u16()).ok()
    };

    sandbox.set_fault(System::Okta, Fault::Status(403));
    assert_eq!(status(System::Okta, &okta).await, Some(403));
    assert_eq!(status(System::GitHub, &github).await, Some(200));

    sandbox.set_fault(System::Okta, Fault::StatusOn("/groups/rules".to_owned(), 500));
    assert_eq!(status(System::Okta, &okta).await, Some(200));
    assert_eq!(status(System::Okta, "/api/v1/groups/rules").await, Some(500));

    sandbox.set_fault(System::Okta, Fault::RateLimited(30));
    let answer = ask(&sandbox, System::Okta, &okta, word(System::Okta)).await.expect("an answer");
    assert_eq!((answer.status().as_u16(), answer.headers()["retry-after"].to_str().ok()), (429, Some("30")));

    sandbox.set_fault(System::Okta, Fault::Truncated(40));
    let answer = ask(&sandbox, System::Okta, &okta, word(System::Okta)).await.expect("headers");
    assert!(answer.bytes().await.is_err(), "a body that ends early is an error, not a short list");

    sandbox.set_fault(System::Okta, Fault::Refused);
    assert!(ask(&sandbox, System::Okta, &okta, word(System::Okta)).await.is_err());

    sandbox.clear_fault(System::Okta);
    assert_eq!(status(System::Okta, &okta).await, Some(200));
}

/// Tests of connectors hold requests against the vendor's description from this log, so it has to be exact, and it
/// must not keep credentials.
#[tokio::test]
async fn the_log_keeps_what_was_asked_and_no_credential() {
    let sandbox = Sandbox::start(World::halden(7)).await.expect("a sandbox");
    let path = "/orgs/halden/members?per_page=100&page=2";
    ask(&sandbox, System::GitHub, path, word(System::GitHub)).await.expect("an answer");
    ask(&sandbox, System::GitHub, "/orgs/halden/members?flavour=sweet", word(System::GitHub))
        .await
        .expect("an answer");
    let requests = sandbox.requests();
    assert_eq!(requests.len(), 2);
    assert_eq!(requests[0].path, "/orgs/halden/members");
    assert_eq!(requests[0].query[1], ("page".to_owned(), "2".to_owned()));
    assert_eq!(requests[0].status, Some(200));
    assert!(!format!("{requests:?}").contains(credentials::of(System::GitHub)));
    let key = ("GET".to_owned(), "/orgs/halden/members".to_owned());
    assert_eq!(sandbox.counts(System::GitHub).get(&key), Some(&2));

    let contract = exeunt_sandbox::contract::Contract::of(System::GitHub).expect("readable").expect("there");
    assert_eq!(contract.validate_request(&requests[0]), []);
    let wrong = contract.validate_request(&requests[1]);
    assert_eq!(wrong.len(), 1);
    assert_eq!(wrong[0].pointer, "flavour");
}

/// Atlassian's organization API and Jira share a public host: one base address has to be enough for both.
#[tokio::test]
async fn the_organization_and_jira_answer_on_either_port() {
    let sandbox = Sandbox::start(World::halden(7)).await.expect("a sandbox");
    for listener in [System::Atlassian, System::Jira] {
        for system in [System::Atlassian, System::Jira] {
            let (_, path) = doors().into_iter().find(|(one, _)| *one == system).expect("a door");
            let answer = client()
                .get(format!("{}{path}", sandbox.url(listener)))
                .bearer_auth(word(system))
                .send()
                .await
                .expect("an answer");
            assert_eq!(answer.status(), 200, "{system:?} on the port of {listener:?}");
        }
    }
}

/// Ports that stay open after the demo would be found by the next one.
#[tokio::test]
async fn after_shutdown_nothing_listens() {
    let sandbox = Sandbox::start(World::halden(7)).await.expect("a sandbox");
    let address = sandbox.url(System::Okta);
    sandbox.shutdown().await;
    assert!(client().get(address).send().await.is_err());
}
