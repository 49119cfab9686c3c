//! Asks a system directly, without a network between.

use aws_credential_types::Credentials;
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SigningSettings, sign},
    sign::v4,
};
use exeunt_sandbox::{
    Phase, System, World,
    answer::Answer,
    call::{Call, pairs},
    credentials, story,
};
use serde_json::Value;

/// The address the calls are made to, as if there were a network.
pub const HOST: &str = "127.0.0.1:9";

pub const PHASES: [Phase; 3] = [Phase::Before, Phase::After, Phase::Finished];

pub fn world(phase: Phase) -> World {
    let mut world = World::halden(7);
    world.enter(phase);
    world
}

/// A call with the reader's credential.
pub fn call(system: System, method: &str, target: &str) -> Call {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut headers = vec![("host".to_owned(), HOST.to_owned())];
    let word = credentials::of(system);
    match system {
        System::Okta => headers.push(("authorization".to_owned(), format!("SSWS {word}"))),
        System::Aws => {
            let url = format!("http://{HOST}{target}");
            headers.extend(aws_headers(method, &url, &[], credentials::AWS_KEY_ID, word));
        }
        _ => headers.push(("authorization".to_owned(), format!("Bearer {word}"))),
    }
    Call { method: method.to_owned(), path: path.to_owned(), query: pairs(query), headers, body: Vec::new() }
}

/// Replaces the credential of a call.
pub fn with_bearer(mut call: Call, word: &str) -> Call {
    call.headers.retain(|(name, _)| name != "authorization");
    call.headers.push(("authorization".to_owned(), format!("Bearer {word}")));
    call
}

/// The headers that AWS's own signer adds to a request.
pub fn aws_headers(method: &str, url: &str, body: &[u8], key: &str, secret: &str) -> Vec<(String, String)> {
    let identity = Credentials::new(key, secret, None, None, "test").into();
    let time: jiff::Timestamp = "2026-11-12T09:00:00Z".parse().expect("a timestamp");
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region("us-east-1")
        .name("iam")
        .time(std::time::SystemTime::from(time))
        .settings(SigningSettings::default())
        .build()
        .expect("parameters")
        .into();
    let request = SignableRequest::new(method, url, std::iter::empty(), SignableBody::Bytes(body));
    let (instructions, _) = sign(request.expect("a request"), &params).expect("a signature").into_parts();
    instructions.headers().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// The JSON of a GET that has to succeed.
pub fn get(world: &mut World, system: System, target: &str) -> Value {
    let answer = system.answer(world, &call(system, "GET", target));
    assert_eq!(answer.status, 200, "{system:?} {target}: {}", text(&answer));
    json(&answer)
}

pub fn json(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).expect("a JSON body")
}

pub fn text(answer: &Answer) -> String {
    String::from_utf8_lossy(&answer.body).into_owned()
}

/// The target of `rel="next"` in the `Link` header, without scheme and host.
pub fn next_link(answer: &Answer) -> Option<String> {
    let (_, link) = answer.headers.iter().find(|(name, _)| *name == "link")?;
    let next = link.split(", ").find(|part| part.ends_with("rel=\"next\""))?;
    let url = next.trim_start_matches('<').split('>').next()?;
    Some(url.strip_prefix("http://127.0.0.1:9")?.to_owned())
}

/// Every row of a list that pages by `Link` header.
pub fn linked(world: &mut World, system: System, target: &str) -> Vec<Value> {
    let mut rows = Vec::new();
    let mut next = Some(target.to_owned());
    while let Some(target) = next {
        let answer = system.answer(world, &call(system, "GET", &target));
        assert_eq!(answer.status, 200, "{target}");
        rows.extend(json(&answer).as_array().expect("a list").clone());
        next = next_link(&answer);
    }
    rows
}

/// Every row of a Jira list with `startAt`, found under `name`.
pub fn jira_rows(world: &mut World, path: &str, name: &str) -> Vec<Value> {
    let mut rows: Vec<Value> = Vec::new();
    let joint = if path.contains('?') { '&' } else { '?' };
    loop {
        let body = get(world, System::Jira, &jira(&format!("{path}{joint}startAt={}", rows.len())));
        rows.extend(body[name].as_array().expect("a list").clone());
        if body["isLast"].as_bool().unwrap_or(rows.len() as u64 >= body["total"].as_u64().unwrap_or(0)) {
            return rows;
        }
    }
}

/// A path of Jira behind the gateway.
pub fn jira(path: &str) -> String {
    format!("/ex/jira/{}{path}", story::CLOUD_ID)
}

/// Every row under `data` of an Atlassian list that pages by cursor.
pub fn atlassian_rows(world: &mut World, path: &str) -> Vec<Value> {
    let mut rows = Vec::new();
    let mut cursor = String::new();
    loop {
        let body = get(world, System::Atlassian, &format!("{path}?cursor={cursor}"));
        rows.extend(body["data"].as_array().expect("a list").clone());
        match body["links"]["next"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => return rows,
        }
    }
}

/// Every row under `name` of a Slack list that pages by cursor.
pub fn slack_rows(world: &mut World, method: &str, name: &str) -> Vec<Value> {
    let mut rows = Vec::new();
    let mut cursor = String::new();
    loop {
        let body = get(world, System::Slack, &format!("/api/{method}?limit=200&cursor={cursor}"));
        assert_eq!(body["ok"], true, "{body}");
        rows.extend(body[name].as_array().expect("a list").clone());
        match body["response_metadata"]["next_cursor"].as_str() {
            Some("") | None => return rows,
            Some(next) => next.clone_into(&mut cursor),
        }
    }
}

/// The text of an AWS answer to one action.
pub fn aws(world: &mut World, query: &str) -> (u16, String) {
    let answer = System::Aws.answer(world, &call(System::Aws, "POST", &format!("/?{query}")));
    (answer.status, text(&answer))
}
