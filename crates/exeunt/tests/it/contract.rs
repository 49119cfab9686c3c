//! What the connectors really ask, and what the simulated company really answers, held against the vendors' own API
//! descriptions.

use std::collections::BTreeSet;

use exeunt_sandbox::call::Call;
use exeunt_sandbox::contract::Contract;
use exeunt_sandbox::{Request, System, credentials};

use crate::stage::Stage;

/// Calls that the vendors document outside these descriptions, by a part of their path.
const ELSEWHERE: [(System, &str, &str); 6] = [
    (
        System::Jira,
        "/rest/webhooks/1.0/webhook",
        "administrators' webhooks are described in a guide of their own",
    ),
    (System::Jira, "/rest/applinks/", "application links have no published description"),
    (System::Jira, "/automation/", "the automation API is described on its own"),
    (System::Jira, "/rest/servicedeskapi/", "the service management API is described on its own"),
    (System::Jira, "/jira/forms/", "the forms API is described on its own"),
    (System::GitHub, "/graphql", "GraphQL has a schema, not an OpenAPI description"),
];

fn elsewhere(request: &Request) -> bool {
    ELSEWHERE.iter().any(|(system, part, _)| *system == request.system && request.path.contains(part))
}

/// The company's answer to a request that was made, given once more.
fn answer(stage: &Stage, request: &Request) -> exeunt_sandbox::answer::Answer {
    let word = credentials::of(request.system);
    let scheme = if request.system == System::Okta { "SSWS" } else { "Bearer" };
    let call = Call {
        method: request.method.clone(),
        path: request.path.clone(),
        query: request.query.clone(),
        headers: vec![
            ("host".to_owned(), "127.0.0.1:9".to_owned()),
            ("authorization".to_owned(), format!("{scheme} {word}")),
            ("content-type".to_owned(), "application/json".to_owned()),
        ],
        body: request.body.clone().unwrap_or_default(),
    };
    request.system.answer(&mut stage.sandbox.world(), &call)
}

/// A connector that asks for what a vendor does not have reads the demo, and nothing else.
#[tokio::test]
async fn the_real_connectors_keep_to_the_vendors_descriptions() {
    let stage = Stage::unseen().await;
    let said = stage.verify().await;
    assert_ne!(said.code, 1, "{}", said.err);
    let requests = stage.sandbox.requests();
    let mut wrong = BTreeSet::new();
    for system in [System::Okta, System::Jira, System::GitHub, System::Slack] {
        let contract = Contract::of(system).expect("readable").expect("a description");
        let mut held = 0;
        for request in requests.iter().filter(|request| request.system == system && !elsewhere(request)) {
            held += 1;
            wrong.extend(contract.validate_request(request).iter().map(|v| format!("asked: {v}")));
            if request.status == Some(304) {
                continue;
            }
            let answer = answer(&stage, request);
            assert_eq!(Some(answer.status), request.status, "{} {}", request.method, request.path);
            let body = serde_json::from_slice(&answer.body).expect("JSON");
            let found = contract.validate_response(&request.method, &request.path, answer.status, &body);
            wrong.extend(found.iter().map(|v| format!("answered: {v}")));
        }
        assert!(held > 4, "only {held} calls of {system:?} were held against its description");
    }
    assert!(wrong.is_empty(), "{}", wrong.into_iter().collect::<Vec<_>>().join("\n"));
}
