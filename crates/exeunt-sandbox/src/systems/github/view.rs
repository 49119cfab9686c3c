//! GitHub's objects in GitHub's JSON. Its shapes are wide: most of each is links.

use serde_json::{Value, json};

use super::state::{
    About, AuditEvent, Authorization, Installation, Invitation, MACHINE, Member, State, Team, Token,
};
use crate::{
    calendar::{at, iso},
    story,
};

pub(super) const API: &str = "https://api.github.com";
pub(super) const WEB: &str = "https://github.com";

pub(super) fn node(kind: &str, id: u64) -> String {
    format!("{kind}_sandbox{id}")
}

/// Adds `fields` to `base`.
pub(super) fn merged(mut base: Value, fields: Value) -> Value {
    if let (Value::Object(base), Value::Object(fields)) = (&mut base, fields) {
        base.extend(fields);
    }
    base
}

pub(super) fn user(id: u64, login: &str, kind: &str) -> Value {
    let own = format!("{API}/users/{login}");
    json!({
        "login": login,
        "id": id,
        "node_id": node("U", id),
        "avatar_url": format!("{WEB}/images/{login}.png"),
        "gravatar_id": "",
        "url": own,
        "html_url": format!("{WEB}/{login}"),
        "followers_url": format!("{own}/followers"),
        "following_url": format!("{own}/following{{/other_user}}"),
        "gists_url": format!("{own}/gists{{/gist_id}}"),
        "starred_url": format!("{own}/starred{{/owner}}{{/repo}}"),
        "subscriptions_url": format!("{own}/subscriptions"),
        "organizations_url": format!("{own}/orgs"),
        "repos_url": format!("{own}/repos"),
        "events_url": format!("{own}/events{{/privacy}}"),
        "received_events_url": format!("{own}/received_events"),
        "type": kind,
        "site_admin": false,
    })
}

pub(super) fn member(member: &Member) -> Value {
    user(member.id, &member.login, "User")
}

pub(super) fn team_member(one: &Member, inherited: bool) -> Value {
    merged(member(one), json!({ "role": "member", "inherited": inherited }))
}

fn organization_simple() -> Value {
    let own = format!("{API}/orgs/{}", story::GITHUB_ORG);
    json!({
        "login": story::GITHUB_ORG,
        "id": 2_017_000,
        "node_id": node("O", 2_017_000),
        "url": own,
        "repos_url": format!("{own}/repos"),
        "events_url": format!("{own}/events"),
        "hooks_url": format!("{own}/hooks"),
        "issues_url": format!("{own}/issues"),
        "members_url": format!("{own}/members{{/member}}"),
        "public_members_url": format!("{own}/public_members{{/member}}"),
        "avatar_url": format!("{WEB}/images/halden.png"),
        "description": "Halden Instruments",
    })
}

pub(super) fn organization(state: &State) -> Value {
    merged(
        organization_simple(),
        json!({
            "name": "Halden Instruments",
            "html_url": format!("{WEB}/{}", story::GITHUB_ORG),
            "has_organization_projects": true,
            "has_repository_projects": true,
            "public_repos": 0,
            "public_gists": 0,
            "followers": 0,
            "following": 0,
            "total_private_repos": state.repos.len(),
            "type": "Organization",
            "two_factor_requirement_enabled": true,
            "created_at": iso(at(2018, 1, 15, 9, 0)),
            "updated_at": iso(at(2026, 1, 15, 9, 0)),
            "archived_at": null,
        }),
    )
}

pub(super) fn membership(one: &Member) -> Value {
    json!({
        "url": format!("{API}/orgs/{}/memberships/{}", story::GITHUB_ORG, one.login),
        "state": "active",
        "role": if one.owner { "admin" } else { "member" },
        "organization_url": format!("{API}/orgs/{}", story::GITHUB_ORG),
        "organization": organization_simple(),
        "user": member(one),
    })
}

pub(super) fn invitation(one: &Invitation) -> Value {
    json!({
        "id": one.id,
        "login": null,
        "email": one.email,
        "role": "direct_member",
        "created_at": iso(one.created),
        "failed_at": null,
        "failed_reason": null,
        "inviter": member(&one.inviter),
        "team_count": 0,
        "node_id": node("OI", one.id),
        "invitation_teams_url": format!("{API}/organizations/2017000/invitations/{}/teams", one.id),
        "invitation_source": "member",
    })
}

fn team_simple(team: &Team) -> Value {
    let own = format!("{API}/organizations/2017000/team/{}", team.id);
    json!({
        "id": team.id,
        "node_id": node("T", team.id),
        "url": own,
        "html_url": format!("{WEB}/orgs/{}/teams/{}", story::GITHUB_ORG, team.slug),
        "name": team.slug,
        "slug": team.slug,
        "description": team.description,
        "privacy": "closed",
        "notification_setting": "notifications_enabled",
        "permission": "pull",
        "members_url": format!("{own}/members{{/member}}"),
        "repositories_url": format!("{own}/repos"),
        "type": "organization",
        "organization_id": 2_017_000,
    })
}

pub(super) fn team(state: &State, team: &Team) -> Value {
    let parent = team.parent.as_deref().and_then(|slug| state.team(slug)).map(team_simple);
    merged(team_simple(team), json!({ "parent": parent }))
}

pub(super) fn token(token: &Token) -> Value {
    json!({
        "id": token.id,
        "owner": member(&token.owner),
        "repository_selection": "all",
        "repositories_url": format!(
            "{API}/orgs/{}/personal-access-tokens/{}/repositories", story::GITHUB_ORG, token.id
        ),
        "permissions": { "repository": { "contents": token.contents, "metadata": "read" } },
        "access_granted_at": iso(token.granted),
        "token_id": token.token_id,
        "token_name": token.name,
        "token_expired": false,
        "token_expires_at": token.expires.map(iso),
        "token_last_used_at": token.last_used.map(iso),
    })
}

pub(super) fn authorization(one: &Authorization) -> Value {
    let mut body = json!({
        "login": one.login,
        "credential_id": one.id,
        "credential_type": one.kind,
        "credential_authorized_at": iso(one.authorized),
        "credential_accessed_at": one.accessed.map(iso),
        "authorized_credential_id": one.id,
    });
    if one.kind == "SSH key" {
        body["authorized_credential_title"] = json!(one.title);
        body["fingerprint"] = json!(format!("sandbox:{}", one.id));
    } else {
        body["authorized_credential_note"] = json!(one.title);
        body["scopes"] = json!(["repo"]);
        body["authorized_credential_expires_at"] = Value::Null;
    }
    body
}

pub(super) fn installation(one: &Installation) -> Value {
    let created = iso(one.created);
    json!({
        "id": one.id,
        "account": user(2_017_000, story::GITHUB_ORG, "Organization"),
        "repository_selection": "all",
        "access_tokens_url": format!("{API}/app/installations/{}/access_tokens", one.id),
        "repositories_url": format!("{API}/installation/repositories"),
        "html_url": format!("{WEB}/organizations/{}/settings/installations/{}", story::GITHUB_ORG, one.id),
        "app_id": one.app_id,
        "app_slug": one.slug,
        "client_id": format!("Iv1.sandbox{}", one.app_id),
        "target_id": 2_017_000,
        "target_type": "Organization",
        "permissions": { "contents": one.contents, "metadata": "read" },
        "events": [],
        "created_at": created,
        "updated_at": created,
        "single_file_name": null,
        "suspended_at": null,
        "suspended_by": null,
    })
}

pub(super) fn app() -> Value {
    let created = iso(at(2025, 5, 13, 9, 0));
    json!({
        "id": 410_001,
        "slug": "access-review",
        "node_id": node("A", 410_001),
        "owner": user(2_017_000, story::GITHUB_ORG, "Organization"),
        "name": "access-review",
        "description": "Reads who has access",
        "external_url": "https://halden.example/access-review",
        "html_url": format!("{WEB}/apps/access-review"),
        "created_at": created,
        "updated_at": created,
        "permissions": { "metadata": "read" },
        "events": [],
    })
}

pub(super) fn reader(state: &State) -> Value {
    let created = iso(at(2024, 1, 8, 9, 0));
    merged(
        user(state.machine().map_or(0, |member| member.id), MACHINE, "User"),
        json!({
            "name": "Halden CI",
            "company": null,
            "blog": "",
            "location": null,
            "email": null,
            "hireable": null,
            "bio": null,
            "public_repos": 0,
            "public_gists": 0,
            "followers": 0,
            "following": 0,
            "created_at": created,
            "updated_at": created,
            "private_gists": 0,
            "total_private_repos": 0,
            "owned_private_repos": 0,
            "disk_usage": 0,
            "collaborators": 0,
            "two_factor_authentication": true,
        }),
    )
}

pub(super) fn audit_event(event: &AuditEvent) -> Value {
    let when = event.at.as_millisecond();
    let body = json!({
        "@timestamp": when,
        "_document_id": event.id,
        "action": event.action,
        "actor": event.actor.login,
        "actor_id": event.actor.id,
        "created_at": when,
        "org": story::GITHUB_ORG,
        "org_id": 2_017_000,
    });
    let about = match &event.about {
        About::User(login) => json!({ "user": login }),
        About::Team(login, team) => json!({
            "user": login, "team": format!("{}/{team}", story::GITHUB_ORG),
        }),
        About::App(slug) => json!({ "name": slug, "integration": slug }),
        About::Repo(name) => json!({ "repo": format!("{}/{name}", story::GITHUB_ORG) }),
    };
    merged(body, about)
}
