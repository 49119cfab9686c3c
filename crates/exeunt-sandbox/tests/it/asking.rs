//! Asks a system directly, without a network between.

use exeunt_sandbox::{
    Phase, System, World,
    answer::Answer,
    call::{Call, pairs},
    credentials, story,
};
use serde_json::Value;

pub const PHASES: [Phase; 3] = [Phase::Before, Phase::After, Phase::Finished];

pub fn world(phase: Phase) -> World {
    let mut world = World::halden(7);
    world.enter(phase);
    world
}

/// A call with the reader's credential.
pub fn call(system: System, method: &str, target: &str) -> Call {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let authorization = match system {
        System::Okta => format!("SSWS {}", credentials::of(system)),
        System::Aws => aws_authorization(credentials::AWS_KEY_ID),
        _ => format!("Bearer {}", credentials::of(system)),
    };
    Call {
        method: method.to_owned(),
        path: path.to_owned(),
        query: pairs(query),
        headers: vec![
            ("authorization".to_owned(), authorization),
            ("host".to_owned(), "127.0.0.1:9".to_owned()),
            ("x-amz-date".to_owned(), "20261112T090000Z".to_owned()),
        ],
        body: Vec::new(),
    }
}

pub fn aws_authorization(key: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential={key}/20261112/us-east-1/iam/aws4_request, \
         SignedHeaders=host;x-amz-date, Signature={}",
        "0".repeat(64)
    )
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
