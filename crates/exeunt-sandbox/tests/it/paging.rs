//! Long lists come in several pages, whole and without repetition.

use std::collections::BTreeSet;

use exeunt_sandbox::{Phase, System};
use serde_json::{Value, json};

use crate::asking::{atlassian_rows, call, get, jira, jira_rows, json as body_of, linked, slack_rows, world};

fn ids(rows: &[Value], place: &str) -> BTreeSet<String> {
    let ids: BTreeSet<String> =
        rows.iter().map(|row| row.pointer(place).expect("an id").to_string()).collect();
    assert_eq!(ids.len(), rows.len(), "a row came twice");
    ids
}

/// A reader that stops at the first page would call what is on the second one gone.
#[test]
fn every_kind_of_paging_reaches_every_row() {
    let mut world = world(Phase::After);
    let active = world.okta.users.iter().filter(|user| user.status.word() != "DEPROVISIONED").count();
    let okta = linked(&mut world, System::Okta, "/api/v1/users?limit=200");
    assert_eq!(ids(&okta, "/id").len(), active);
    assert!(active > 2 * world.page_cap, "{active} users should need three pages");

    let members = linked(&mut world, System::GitHub, "/orgs/halden/members?per_page=100");
    assert_eq!(ids(&members, "/id").len(), world.github.members.len());
    let audit = linked(&mut world, System::GitHub, "/orgs/halden/audit-log?per_page=100");
    assert_eq!(ids(&audit, "/_document_id").len(), world.github.audit.len());
    assert!(world.github.audit.len() > world.page_cap);

    let accounts =
        atlassian_rows(&mut world, "/admin/v2/orgs/d41b7a06-93e2-4c58-a7f1-6c0e8b25d3aa/directories/-/users");
    assert_eq!(ids(&accounts, "/accountId").len(), world.staff.people.len());

    let audit = jira_rows_by_offset(&mut world);
    assert_eq!(ids(&audit, "/id").len(), world.jira.audit.len());
    let filters = jira_rows(&mut world, "/rest/api/3/filter/search?maxResults=100", "values");
    assert_eq!(ids(&filters, "/id").len(), world.jira.filters.len());

    let members = slack_rows(&mut world, "users.list", "members");
    assert_eq!(ids(&members, "/id").len(), world.slack.members.len());
    assert!(world.slack.members.len() > 2 * world.page_cap);
}

fn jira_rows_by_offset(world: &mut exeunt_sandbox::World) -> Vec<Value> {
    let mut rows: Vec<Value> = Vec::new();
    loop {
        let target = jira(&format!("/rest/api/3/auditing/record?limit=1000&offset={}", rows.len()));
        let body = get(world, System::Jira, &target);
        rows.extend(body["records"].as_array().expect("records").clone());
        if rows.len() as u64 == body["total"].as_u64().expect("a total") {
            return rows;
        }
    }
}

/// The rest of the ways to page, one each: bare array, cursor in a link without address, page number, start index,
/// next token, GraphQL cursor.
#[test]
fn the_odd_ways_to_page_end_as_well() {
    let mut world = world(Phase::Before);
    world.page_cap = 5;

    let mut users: Vec<Value> = Vec::new();
    loop {
        let page = get(
            &mut world,
            System::Jira,
            &jira(&format!("/rest/api/3/users/search?startAt={}", users.len())),
        );
        let page = page.as_array().expect("a list").clone();
        if page.is_empty() {
            break;
        }
        users.extend(page);
    }
    assert_eq!(ids(&users, "/accountId").len(), world.jira.users.len());

    let base = "/automation/public/jira/5f0c9a52-7d1e-4a86-b3f4-0a1d5e2c9b77/rest/v1/rule/summary";
    let mut rules: Vec<Value> = Vec::new();
    let mut query = String::new();
    loop {
        let body = get(&mut world, System::Jira, &format!("{base}{query}"));
        rules.extend(body["data"].as_array().expect("rules").clone());
        match body["links"]["next"].as_str() {
            Some(next) => next.clone_into(&mut query),
            None => break,
        }
    }
    assert_eq!(ids(&rules, "/uuid").len(), world.jira.rules.len());
    assert!(rules.len() > world.page_cap, "{} rules should need two pages", rules.len());

    let mut logs = 0;
    let mut number = 1;
    loop {
        let body =
            get(&mut world, System::Slack, &format!("/api/team.integrationLogs?page={number}&count=100"));
        logs += body["logs"].as_array().expect("logs").len();
        if body["paging"]["pages"] == number {
            break;
        }
        number += 1;
    }
    assert_eq!((logs, number > 1), (world.slack.events.len(), true));

    let mut scim: Vec<Value> = Vec::new();
    loop {
        let body =
            get(&mut world, System::Scim, &format!("/scim/v2/Users?count=100&startIndex={}", scim.len() + 1));
        scim.extend(body["Resources"].as_array().expect("users").clone());
        if scim.len() as u64 == body["totalResults"].as_u64().expect("a total") {
            break;
        }
    }
    assert_eq!(ids(&scim, "/id").len(), world.scim.users.len());

    let mut matrix: Vec<Value> = Vec::new();
    let mut from = String::from("0");
    loop {
        let body = get(
            &mut world,
            System::Matrix,
            &format!("/_synapse/admin/v3/users?limit=100&locked=true&from={from}"),
        );
        matrix.extend(body["users"].as_array().expect("users").clone());
        match body["next_token"].as_str() {
            Some(next) => next.clone_into(&mut from),
            None => break,
        }
    }
    assert_eq!(ids(&matrix, "/name").len(), world.matrix.users.len());
}

/// The exact join from a GitHub login to a person goes through this one query.
#[test]
fn saml_identities_page_to_the_end_and_name_directory_logins() {
    let mut world = world(Phase::After);
    let query = "query($org: String!, $first: Int!, $after: String) { organization(login: $org) { \
                 samlIdentityProvider { externalIdentities(first: $first, after: $after) { pageInfo { hasNextPage \
                 endCursor } nodes { guid samlIdentity { nameId } user { databaseId login } } } } } }";
    let mut names = BTreeSet::new();
    let mut after = Value::Null;
    loop {
        let mut request = call(System::GitHub, "POST", "/graphql");
        request.body =
            json!({ "query": query, "variables": { "org": "halden", "first": 100, "after": after } })
                .to_string()
                .into_bytes();
        let body = body_of(&System::GitHub.answer(&mut world, &request));
        let identities = &body["data"]["organization"]["samlIdentityProvider"]["externalIdentities"];
        for node in identities["nodes"].as_array().expect("nodes") {
            let name = node["samlIdentity"]["nameId"].as_str().expect("a name").to_owned();
            let login = &node["user"]["login"];
            assert!(world.github.members.iter().any(|member| *login == *member.login), "{login}");
            assert!(world.okta.users.iter().any(|user| user.login == name), "{name}");
            assert!(names.insert(name), "an identity came twice");
        }
        if identities["pageInfo"]["hasNextPage"] == false {
            break;
        }
        after = identities["pageInfo"]["endCursor"].clone();
    }
    assert_eq!(names.len(), world.github.identities.len());
    assert!(names.contains("mara.voss@halden.example") && names.contains("mara.voss2@halden.example"));
}

/// A cursor of another list, or a made-up one, must not quietly begin at the first row again.
#[test]
fn a_foreign_cursor_is_refused() {
    let mut world = world(Phase::Before);
    for (system, target) in [
        (System::Okta, "/api/v1/users?after=bm9uc2Vuc2U".to_owned()),
        (
            System::Atlassian,
            "/admin/v2/orgs/d41b7a06-93e2-4c58-a7f1-6c0e8b25d3aa/directories?cursor=x".to_owned(),
        ),
        (System::Jira, jira("/rest/api/3/search/jql?jql=project%3DOFF&nextPageToken=x")),
        (System::Aws, "/?Action=ListUsers&Marker=x".to_owned()),
    ] {
        let answer = system.answer(&mut world, &call(system, "GET", &target));
        assert_eq!(answer.status, 400, "{system:?}");
    }
    assert_eq!(get(&mut world, System::Slack, "/api/users.list?cursor=x")["error"], "invalid_cursor");
}
