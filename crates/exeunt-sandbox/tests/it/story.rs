//! The story as its readers see it through the vendors' APIs: nine things wrong, one line blind, the rest well done.

use exeunt_sandbox::{Phase, System, World, story};
use serde_json::Value;

use crate::{
    asking::{
        PHASES, atlassian_rows, aws, call, get, jira, jira_rows, json as body_of, linked, slack_rows, world,
    },
    aws_shapes::{Element, pages},
};

const DIRECTORY: &str = "/admin/v2/orgs/d41b7a06-93e2-4c58-a7f1-6c0e8b25d3aa/directories/-/users";
const TOKENS: &str = "/admin/api-access/v1/orgs/d41b7a06-93e2-4c58-a7f1-6c0e8b25d3aa/api-tokens";

/// Whether something of the leaver's is seen in a phase: before she left, after, and when all is repaired.
fn seen(look: impl Fn(&mut World, &str) -> bool) -> [bool; 3] {
    PHASES.map(|phase| {
        let mut world = world(phase);
        let account = world.staff.account_id(story::LEAVER);
        look(&mut world, &account)
    })
}

pub fn has(rows: &[Value], wanted: &[(&str, &Value)]) -> bool {
    rows.iter().any(|row| wanted.iter().all(|(place, value)| row.pointer(place) == Some(value)))
}

pub fn text(value: &str) -> Value {
    Value::from(value)
}

/// 1. A token used after the departure is the first thing the demo has to show.
#[test]
fn her_token_was_used_after_she_left() {
    let found = PHASES.map(|phase| {
        let mut world = world(phase);
        let rows = linked(&mut world, System::GitHub, "/orgs/halden/personal-access-tokens");
        assert!(rows.len() > 5, "other people have tokens as well");
        let hers: Vec<&Value> =
            rows.iter().filter(|row| row["owner"]["login"] == story::GITHUB_LOGIN).collect();
        let member = has(
            &linked(&mut world, System::GitHub, "/orgs/halden/members"),
            &[("/login", &text(story::GITHUB_LOGIN))],
        );
        (member, hers.first().map(|row| row["token_last_used_at"].as_str().expect("a date").to_owned()))
    });
    assert_eq!(found[1], (true, Some("2026-11-18T22:14:00Z".to_owned())));
    assert!(found[0].0 && found[0].1.is_some());
    assert_eq!(found[2], (false, None));
}

/// 2. Nothing but the audit log says who made the link.
#[test]
fn her_application_link_is_still_there() {
    let links = seen(|world, _| {
        let body = get(world, System::Jira, &jira("/rest/applinks/latest/applicationlink"));
        assert!(body["list"].as_array().expect("links").len() >= 2);
        has(body["list"].as_array().expect("links"), &[("/name", &text(story::SURVIVING_LINK))])
    });
    assert_eq!(links, [true, true, false]);
    let made = seen(|world, account| {
        let target = jira("/rest/api/3/auditing/record?filter=application+link+created");
        let body = get(world, System::Jira, &target);
        has(
            body["records"].as_array().expect("records"),
            &[("/objectItem/name", &text(story::SURVIVING_LINK)), ("/authorAccountId", &text(account))],
        )
    });
    assert_eq!(made, [true, true, true], "the past does not change");
}

/// 3. The rule she wrote goes on without her: it runs as the automation app.
#[test]
fn a_rule_of_hers_goes_on() {
    let found = seen(|world, account| {
        let rules = world.jira.rules.clone();
        let rule = rules.iter().find(|rule| rule.name == story::SURVIVING_RULE).expect("the rule");
        let target = format!("/automation/public/jira/{}/rest/v1/rule/{}", story::CLOUD_ID, rule.uuid);
        let body = get(world, System::Jira, &target);
        assert_eq!(body["rule"]["state"], "ENABLED");
        assert_ne!(body["rule"]["actor"]["actor"], account);
        body["rule"]["authorAccountId"] == account
    });
    assert_eq!(found, [true, true, false]);
}

/// 4. She is deactivated and the bot she installed is not.
#[test]
fn her_bot_still_posts() {
    for (phase, installer) in PHASES.into_iter().zip([story::LEAVER, story::LEAVER, story::SUCCESSOR]) {
        let mut world = world(phase);
        let members = slack_rows(&mut world, "users.list", "members");
        let of = |name: &str| members.iter().find(|row| row["name"] == name).expect("a member").clone();
        assert_eq!(of("mara.voss")["deleted"], phase != Phase::Before);
        assert_eq!(of("mara.voss2")["deleted"], false, "the namesake stays");
        let bot = of(story::SURVIVING_BOT);
        assert_eq!((&bot["is_bot"], &bot["deleted"]), (&Value::from(true), &Value::from(false)));
        let app = bot["profile"]["api_app_id"].as_str().expect("an app");
        let logs = get(&mut world, System::Slack, &format!("/api/team.integrationLogs?app_id={app}"));
        let logs = logs["logs"].as_array().expect("logs").clone();
        let newest = logs.iter().find(|row| row["change_type"] == "added").expect("an installation");
        assert_eq!(newest["user_id"], world.staff.slack_id(installer).as_str());
    }
}

/// 5. Taken out of the team everyone looks at, left in the one whose parent administers payments.
#[test]
fn a_nested_team_still_leads_to_payments() {
    let member = |world: &mut World, team: &str| {
        let rows = linked(world, System::GitHub, &format!("/orgs/halden/teams/{team}/members"));
        assert!(rows.len() > 1, "{team} has other members");
        let row = rows.iter().find(|row| row["login"] == story::GITHUB_LOGIN);
        row.map(|row| row["inherited"] == true)
    };
    assert_eq!(
        PHASES.map(|phase| {
            let mut world = world(phase);
            let teams = linked(&mut world, System::GitHub, "/orgs/halden/teams");
            let nested = teams.iter().find(|team| team["slug"] == story::SURVIVING_TEAM).expect("the team");
            assert_eq!(nested["parent"]["slug"], story::PARENT_TEAM);
            let repos = linked(&mut world, System::GitHub, "/orgs/halden/teams/production/repos");
            assert!(has(&repos, &[("/name", &text("payments")), ("/permissions/admin", &Value::from(true))]));
            (
                member(&mut world, "engineering"),
                member(&mut world, story::SURVIVING_TEAM),
                member(&mut world, story::PARENT_TEAM),
            )
        }),
        [(Some(false), Some(false), Some(true)), (None, Some(false), Some(true)), (None, None, None),]
    );
}

fn tags(user: &Element) -> Vec<(String, String)> {
    let tags = user.child("Tags").expect("tags");
    let part = |tag: &Element, name: &str| tag.child(name).expect("a part").text.clone();
    tags.children.iter().map(|tag| (part(tag, "Key"), part(tag, "Value"))).collect()
}

fn aws_user(world: &mut World, name: &str) -> Option<Vec<(String, String)>> {
    let found = pages(world, "Action=GetAccountAuthorizationDetails&Filter.member.1=User");
    let users = found.iter().filter_map(|page| page.child("UserDetailList")).flat_map(|list| &list.children);
    users.filter(|user| user.child("UserName").expect("a name").text == name).map(tags).next()
}

fn key_created(world: &mut World, name: &str) -> String {
    let found = pages(world, &format!("Action=ListAccessKeys&UserName={name}"));
    let keys = &found[0].child("AccessKeyMetadata").expect("keys").children;
    assert_eq!(keys.len(), 1);
    assert_eq!(keys[0].child("Status").expect("a status").text, "Active");
    keys[0].child("CreateDate").expect("a date").text.clone()
}

fn tag(tags: &[(String, String)], name: &str) -> String {
    tags.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone()).unwrap_or_default()
}

/// 6. She knows the key of a shared user, and 8. owns a service user: only rotation and a new owner help.
#[test]
fn shared_and_service_users_of_aws_wait_for_rotation() {
    let states = PHASES.map(|phase| {
        let mut world = world(phase);
        let shared = aws_user(&mut world, story::SHARED_ACCOUNT).expect("the shared user");
        let service = aws_user(&mut world, story::ORPHANED_SERVICE).expect("the service user");
        assert_eq!(tag(&shared, "exeunt:kind"), "shared");
        let other = aws_user(&mut world, "reports-shared").expect("another shared user");
        assert!(!tag(&other, "exeunt:known-by").contains("mara.voss"));
        (
            tag(&shared, "exeunt:known-by").split(' ').any(|one| one == "mara.voss@halden.example"),
            key_created(&mut world, story::SHARED_ACCOUNT)[..4].to_owned(),
            tag(&service, "owner"),
            key_created(&mut world, story::ORPHANED_SERVICE)[..4].to_owned(),
            aws_user(&mut world, "mara.voss").is_some(),
        )
    });
    let mara = "mara.voss@halden.example".to_owned();
    let jonas = "jonas.lind@halden.example".to_owned();
    assert_eq!(states[0], (true, "2025".to_owned(), mara.clone(), "2025".to_owned(), true));
    assert_eq!(states[1], (true, "2025".to_owned(), mara, "2025".to_owned(), false));
    assert_eq!(states[2], (false, "2026".to_owned(), jonas, "2026".to_owned(), false));
    let mut world = world(Phase::After);
    let key = world.aws.users.iter().find(|user| user.name == story::ORPHANED_SERVICE).expect("a user").keys
        [0]
    .id
    .clone();
    let (_, used) = aws(&mut world, &format!("Action=GetAccessKeyLastUsed&AccessKeyId={key}"));
    assert!(used.contains("<LastUsedDate>2026-11-19T09:00:00Z</LastUsedDate>"), "{used}");
}

/// 7. Her Atlassian account is inactive and its token still listed: latent.
#[test]
fn a_token_of_her_inactive_account_is_still_listed() {
    let found = PHASES.map(|phase| {
        let mut world = world(phase);
        let account = world.staff.account_id(story::LEAVER);
        let accounts = atlassian_rows(&mut world, DIRECTORY);
        let hers = accounts.iter().find(|row| row["accountId"] == account.as_str()).expect("her account");
        let tokens = atlassian_rows(&mut world, TOKENS);
        assert!(tokens.len() > 5);
        let token = has(&tokens, &[("/label", &text(story::LATENT_TOKEN)), ("/user/id", &text(&account))]);
        let profile = get(&mut world, System::Atlassian, &format!("/users/{account}/manage/profile"));
        assert_eq!(profile["account"]["account_status"], hers["accountStatus"]);
        (hers["accountStatus"].as_str().expect("a status").to_owned(), token)
    });
    assert_eq!(
        found,
        [("active".to_owned(), true), ("inactive".to_owned(), true), ("inactive".to_owned(), false)]
    );
}

/// 9. A deploy key she added still writes.
#[test]
fn her_deploy_key_still_writes() {
    let found = PHASES.map(|phase| {
        let mut world = world(phase);
        let keys = linked(&mut world, System::GitHub, "/repos/halden/telemetry/keys");
        assert!(has(&keys, &[("/read_only", &Value::from(true))]), "others have keys there as well");
        has(&keys, &[("/added_by", &text(story::GITHUB_LOGIN)), ("/read_only", &Value::from(false))])
    });
    assert_eq!(found, [true, true, false]);
}

/// The blind line: for a week nobody can say what the expenses application holds.
#[test]
fn the_expenses_application_goes_blind() {
    let statuses = PHASES.map(|phase| {
        let mut world = world(phase);
        let target = "/scim/v2/Users?filter=externalId+eq+%222017%22";
        let answer = System::Scim.answer(&mut world, &call(System::Scim, "GET", target));
        (answer.status, body_of(&answer)["totalResults"].as_u64())
    });
    assert_eq!(statuses, [(200, Some(1)), (403, None), (200, Some(0))]);
}

/// What was done well has to look done well, or the demo would accuse the innocent.
#[test]
fn the_rest_of_the_offboarding_was_real() {
    for phase in [Phase::After, Phase::Finished] {
        let mut world = world(phase);
        let okta = world.staff.okta_id(story::LEAVER);
        let account = world.staff.account_id(story::LEAVER);

        let listed = linked(&mut world, System::Okta, "/api/v1/users");
        assert!(!has(&listed, &[("/id", &text(&okta))]), "the list leaves deactivated users out");
        let searched = linked(&mut world, System::Okta, "/api/v1/users?search=status+eq+%22DEPROVISIONED%22");
        assert!(has(&searched, &[("/id", &text(&okta)), ("/profile/employeeNumber", &text("2017"))]));
        assert!(world.okta.groups.iter().all(|group| !group.members.contains(&okta)));
        assert!(world.okta.apps.iter().all(|app| !app.users.contains(&okta)));

        let user = get(&mut world, System::Matrix, "/_synapse/admin/v2/users/@mara.voss:halden.example");
        assert_eq!(user["deactivated"], true);
        assert_eq!(user["external_ids"], Value::Array(Vec::new()));
        let devices =
            get(&mut world, System::Matrix, "/_synapse/admin/v2/users/@mara.voss:halden.example/devices");
        assert_eq!(devices["total"], 0);
        let hiding = get(&mut world, System::Matrix, "/_synapse/admin/v2/users?limit=500");
        assert!(hiding["total"].as_u64() < Some(world.matrix.users.len() as u64), "version 2 hides some");

        assert!(world.jira.groups.iter().all(|group| !group.members.contains(&account)));
        for path in ["filter", "dashboard"] {
            let rows = jira_rows(&mut world, &format!("/rest/api/3/{path}/search"), "values");
            assert!(!has(&rows, &[("/owner/accountId", &text(&account))]), "{path}");
        }
        let people =
            world.jira.projects.iter().flat_map(|project| &project.roles).flat_map(|role| &role.users);
        assert_eq!(people.filter(|id| **id == account).count(), 0);
    }
}

/// People who share a name or came back are separate people with separate ids, everywhere they exist.
#[test]
fn namesake_and_rehire_are_told_apart_by_number() {
    let mut world = world(Phase::After);
    let mut everyone = linked(&mut world, System::Okta, "/api/v1/users");
    everyone.extend(linked(&mut world, System::Okta, "/api/v1/users?search=status+eq+%22DEPROVISIONED%22"));
    let of = |given: &str, family: &str| -> Vec<(String, String)> {
        let mut rows: Vec<_> = everyone
            .iter()
            .filter(|row| row["profile"]["firstName"] == given && row["profile"]["lastName"] == family)
            .map(|row| {
                let part = |value: &Value| value.as_str().expect("text").to_owned();
                (part(&row["profile"]["employeeNumber"]), part(&row["status"]))
            })
            .collect();
        rows.sort();
        rows
    };
    let pair = |number: &str, status: &str| (number.to_owned(), status.to_owned());
    assert_eq!(of("Mara", "Voss"), [pair("2017", "DEPROVISIONED"), pair("2044", "ACTIVE")]);
    assert_eq!(of("Tomas", "Brandt"), [pair("2009", "DEPROVISIONED"), pair("2052", "ACTIVE")]);
}

/// Who reads is part of the evidence; not every system has the same call for it.
#[test]
fn the_systems_tell_who_reads() {
    let mut request = call(System::GitHub, "POST", "/graphql");
    request.body = br#"{"query":"query { viewer { login } }"}"#.to_vec();
    let body = body_of(&System::GitHub.answer(&mut world(Phase::After), &request));
    assert_eq!(body["data"]["viewer"]["login"], "halden-ci");
    let mut world = world(Phase::After);
    let body = get(&mut world, System::Matrix, "/_matrix/client/v3/account/whoami");
    assert_eq!(body["user_id"], "@oskar.weill:halden.example");
    let body = get(&mut world, System::Jira, &jira("/rest/api/3/myself"));
    assert_eq!((&body["accountType"], &body["appType"]), (&text("app"), &text("service")));
}
