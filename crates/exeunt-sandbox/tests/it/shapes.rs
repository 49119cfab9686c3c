//! Every answer has the shape its vendor describes, in every phase, on every page.

use std::collections::BTreeSet;

use exeunt_sandbox::{System, World, contract::Contract, story};
use serde_json::json;

use crate::asking::{PHASES, call, jira, json as body_of, linked, next_link, text, with_bearer, world};

fn contract(system: System) -> Contract {
    Contract::of(system).expect("a readable description").expect("a description")
}

/// The app's own call needs another credential and has a test of its own; of the others the company has none to ask for.
const ELSEWHERE: [&str; 3] = [
    "/app",
    "/api/v1/idps/{idpId}/users",
    "/integrations/api/v1/api-services/{apiServiceId}/credentials/secrets",
];

/// Holds a list of calls, with all their pages, against the description, and the description's operations against
/// the calls.
fn hold(system: System, targets: impl Fn(&mut World) -> Vec<String>) {
    let contract = contract(system);
    let mut asked = BTreeSet::new();
    for phase in PHASES {
        let mut world = world(phase);
        for target in targets(&mut world) {
            let mut next = Some(target);
            while let Some(target) = next {
                let request = call(system, "GET", &target);
                let answer = system.answer(&mut world, &request);
                assert_eq!(answer.status, 200, "{target}: {}", text(&answer));
                let violations =
                    contract.validate_response("GET", &request.path, answer.status, &body_of(&answer));
                assert!(violations.is_empty(), "{phase:?} {target}:\n{}", lines(&violations));
                next = next_link(&answer);
                asked.insert(request.path);
            }
        }
    }
    let unasked: Vec<_> = contract
        .operations()
        .into_iter()
        .filter(|(method, template)| method == "GET" && !ELSEWHERE.contains(&template.as_str()))
        .filter(|(_, template)| !asked.iter().any(|path| fits(template, path)))
        .collect();
    assert!(unasked.is_empty(), "described, and not asked for: {unasked:?}");
}

fn fits(template: &str, path: &str) -> bool {
    let prefix = jira("");
    let path = path.strip_prefix(&prefix).or_else(|| path.strip_prefix("/api")).unwrap_or(path);
    let template = template.strip_prefix("/api").unwrap_or(template);
    let (template, path): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    template.len() == path.len()
        && template.iter().zip(&path).all(|(known, given)| known.starts_with('{') || known == given)
}

fn lines<T: ToString>(violations: &[T]) -> String {
    violations.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// A connector for real Okta could not read the demo otherwise.
#[test]
fn okta_answers_in_oktas_shape() {
    hold(System::Okta, |world| {
        let mut targets: Vec<String> = ["users", "groups", "groups/rules", "api-tokens", "apps", "users/me"]
            .map(|path| format!("/api/v1/{path}"))
            .into();
        targets.push("/api/v1/users?search=status+eq+%22DEPROVISIONED%22".to_owned());
        targets.extend(world.okta.groups.iter().map(|group| format!("/api/v1/groups/{}/users", group.id)));
        targets.push("/api/v1/users?filter=lastUpdated+gt+%221970-01-01T00%3A00%3A00.000Z%22".to_owned());
        targets.extend(
            ["iam/assignees/users", "idps", "eventHooks", "inlineHooks"]
                .map(|path| format!("/api/v1/{path}")),
        );
        targets.push("/integrations/api/v1/api-services".to_owned());
        for app in &world.okta.apps {
            let parts = ["users", "tokens", "grants", "credentials/secrets", "credentials/jwks"];
            targets.extend(parts.map(|part| format!("/api/v1/apps/{}/{part}", app.id)));
            targets.push(format!("/oauth2/v1/clients/{}/roles", app.id));
        }
        for group in &world.okta.groups {
            targets.extend(["roles", "owners"].map(|part| format!("/api/v1/groups/{}/{part}", group.id)));
        }
        targets.extend(world.okta.users.iter().map(|user| format!("/api/v1/users/{}/factors", user.id)));
        targets.extend(world.okta.users.iter().map(|user| format!("/api/v1/users/{}/grants", user.id)));
        targets
    });
}

/// A connector for real GitHub could not read the demo otherwise.
#[test]
fn github_answers_in_githubs_shape() {
    hold(System::GitHub, |world| {
        let org = format!("/orgs/{}", story::GITHUB_ORG);
        let mut targets: Vec<String> = [
            "",
            "/members",
            "/outside_collaborators",
            "/invitations",
            "/teams",
            "/personal-access-tokens",
            "/credential-authorizations",
            "/installations",
            "/hooks",
            "/repos",
            "/audit-log",
            "/audit-log?phrase=action:integration_installation.create",
            "/memberships/mvoss2",
        ]
        .map(|path| format!("{org}{path}"))
        .into();
        targets.push("/user".to_owned());
        for team in &world.github.teams {
            targets.extend(
                ["members", "repos", "teams"].map(|part| format!("{org}/teams/{}/{part}", team.slug)),
            );
        }
        for repo in &world.github.repos {
            targets.extend(
                ["keys", "hooks", "collaborators?affiliation=direct"]
                    .map(|part| format!("/repos/{}/{}/{part}", story::GITHUB_ORG, repo.name)),
            );
        }
        targets
    });
}

/// An installation token is how a GitHub App reads; without the exchange it could not begin.
#[test]
fn the_app_exchanges_an_assertion_for_a_token() {
    let contract = contract(System::GitHub);
    let mut world = world(exeunt_sandbox::Phase::After);
    let mut request = with_bearer(call(System::GitHub, "GET", "/app"), ASSERTION);
    let answer = System::GitHub.answer(&mut world, &request);
    assert_eq!(contract.validate_response("GET", "/app", answer.status, &body_of(&answer)), []);

    request.method = "POST".to_owned();
    request.path = format!("/app/installations/{}/access_tokens", story::GITHUB_INSTALLATION);
    let answer = System::GitHub.answer(&mut world, &request);
    assert_eq!(answer.status, 201);
    assert_eq!(contract.validate_response("POST", &request.path, 201, &body_of(&answer)), []);

    let token = body_of(&answer)["token"].as_str().expect("a token").to_owned();
    let mut request = with_bearer(call(System::GitHub, "GET", "/orgs/halden/members"), &token);
    assert_eq!(System::GitHub.answer(&mut world, &request).status, 200);
    request.path = "/app".to_owned();
    assert_eq!(System::GitHub.answer(&mut world, &request).status, 401, "a token is no assertion");
}

/// `{"alg":"RS256"}`, `{"iss":"410001","exp":1794474000}`, and a signature nobody checks.
const ASSERTION: &str = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiI0MTAwMDEiLCJleHAiOjE3OTQ0NzQwMDB9.c2FuZGJveA";

/// A connector for real Jira could not read the demo otherwise.
#[test]
fn jira_answers_in_jiras_shape() {
    hold(System::Jira, |world| {
        let mut targets: Vec<String> = [
            "/myself",
            "/serverInfo",
            "/users/search?startAt=0&maxResults=50",
            "/users/search?startAt=40&maxResults=50",
            "/group/bulk",
            "/project/search",
            "/filter/search?expand=owner,sharePermissions,subscriptions",
            "/dashboard/search",
            "/auditing/record",
            "/auditing/record?offset=20",
            "/search/jql?jql=parent+%3D+OFF-142&fields=*all",
            "/search/jql?jql=project+%3D+OFF",
        ]
        .map(|path| jira(&format!("/rest/api/3{path}")))
        .into();
        let api = |path: String| jira(&format!("/rest/api/3{path}"));
        for user in &world.jira.users {
            targets.push(api(format!("/user?accountId={}", user.id)));
        }
        for group in &world.jira.groups {
            targets.push(api(format!("/group/member?groupId={}&includeInactiveUsers=true", group.id)));
        }
        for project in &world.jira.projects {
            targets.push(api(format!("/project/{}/role", project.key)));
            targets.extend(
                project.roles.iter().map(|role| api(format!("/project/{}/role/{}", project.key, role.id))),
            );
        }
        for issue in &world.jira.issues {
            targets.extend(
                ["?expand=names", "/comment", "/changelog"]
                    .map(|part| api(format!("/issue/{}{part}", issue.key))),
            );
        }
        targets
    });
}

/// The search is the one call whose arguments may come in a body.
#[test]
fn jira_searches_by_post_as_well() {
    let contract = contract(System::Jira);
    let mut world = world(exeunt_sandbox::Phase::After);
    let mut request = call(System::Jira, "POST", &jira("/rest/api/3/search/jql"));
    let wanted =
        json!({ "jql": "project = PLAT ORDER BY created", "fields": ["summary"], "maxResults": 100 });
    let mut keys = BTreeSet::new();
    let mut token = None;
    loop {
        let mut body = wanted.clone();
        if let Some(token) = token {
            body["nextPageToken"] = token;
        }
        request.body = body.to_string().into_bytes();
        let answer = body_of(&System::Jira.answer(&mut world, &request));
        assert_eq!(contract.validate_response("POST", &request.path, 200, &answer), []);
        for issue in answer["issues"].as_array().expect("issues") {
            assert!(keys.insert(issue["key"].to_string()), "an issue came twice");
        }
        if answer["isLast"] == true {
            break;
        }
        token = Some(answer["nextPageToken"].clone());
    }
    assert_eq!(keys.len(), 30);
}

/// A connector for real Slack could not read the demo otherwise; its failures, too, have a described shape.
#[test]
fn slack_answers_in_slacks_shape() {
    hold(System::Slack, |world| {
        let mut targets: Vec<String> = [
            "auth.test",
            "team.info",
            "users.list?limit=200",
            "team.integrationLogs?page=1",
            "team.integrationLogs?page=2",
            "admin.apps.approved.list",
            "usergroups.list?include_users=true",
        ]
        .map(|path| format!("/api/{path}"))
        .into();
        targets.extend(
            world
                .slack
                .groups
                .iter()
                .map(|group| format!("/api/usergroups.users.list?usergroup={}", group.id)),
        );
        targets
    });
    let mut request = call(System::Slack, "GET", "/api/users.list");
    request.headers.clear();
    let answer = System::Slack.answer(&mut world(exeunt_sandbox::Phase::After), &request);
    assert_eq!(body_of(&answer), json!({ "ok": false, "error": "not_authed" }));
    assert_eq!(
        contract(System::Slack).validate_response("GET", "/api/users.list", 200, &body_of(&answer)),
        []
    );
}

/// The checker has to be able to fail, or the tests above say nothing.
#[test]
fn a_wrong_shape_is_reported_with_its_place() {
    let contract = contract(System::GitHub);
    let mut world = world(exeunt_sandbox::Phase::After);
    let mut rows = json!(linked(&mut world, System::GitHub, "/orgs/halden/members"));
    rows[4].as_object_mut().expect("an object").remove("node_id");
    rows[5]["id"] = json!("17");
    let found = contract.validate_response("GET", "/orgs/halden/members", 200, &rows);
    let places: Vec<&str> = found.iter().map(|violation| violation.pointer.as_str()).collect();
    assert_eq!(places, ["/4", "/5/id"]);
    assert_eq!(found[0].operation, "GET /orgs/{org}/members");
    assert_eq!(contract.validate_response("GET", "/orgs/halden/nothing", 200, &rows).len(), 1);
    assert_eq!(contract.validate_response("GET", "/orgs/halden/members", 302, &rows).len(), 1);
}
