//! Repositories, their keys, hooks and collaborators, in GitHub's JSON.

use serde_json::{Value, json};

use super::{
    state::{Collaborator, DeployKey, Hook, Repo},
    view::{API, WEB, member, merged, node, user},
};
use crate::{calendar::iso, story};

pub(super) fn repo(repo: &Repo) -> Value {
    let full = format!("{}/{}", story::GITHUB_ORG, repo.name);
    let own = format!("{API}/repos/{full}");
    let mut body = json!({
        "id": repo.id,
        "node_id": node("R", repo.id),
        "name": repo.name,
        "full_name": full,
        "owner": user(2_017_000, story::GITHUB_ORG, "Organization"),
        "private": true,
        "html_url": format!("{WEB}/{full}"),
        "description": repo.description,
        "fork": false,
        "url": own,
        "archived": false,
        "disabled": false,
        "visibility": "private",
        "default_branch": "main",
        "created_at": iso(repo.created),
        "updated_at": iso(repo.created),
        "pushed_at": iso(repo.created),
    });
    for (field, tail) in LINKS {
        body[field] = json!(format!("{own}/{tail}"));
    }
    body
}

/// The links every repository carries, and where each leads below it.
const LINKS: [(&str, &str); 37] = [
    ("archive_url", "{archive_format}{/ref}"),
    ("assignees_url", "assignees{/user}"),
    ("blobs_url", "git/blobs{/sha}"),
    ("branches_url", "branches{/branch}"),
    ("collaborators_url", "collaborators{/collaborator}"),
    ("comments_url", "comments{/number}"),
    ("commits_url", "commits{/sha}"),
    ("compare_url", "compare/{base}...{head}"),
    ("contents_url", "contents/{+path}"),
    ("contributors_url", "contributors"),
    ("deployments_url", "deployments"),
    ("downloads_url", "downloads"),
    ("events_url", "events"),
    ("forks_url", "forks"),
    ("git_commits_url", "git/commits{/sha}"),
    ("git_refs_url", "git/refs{/sha}"),
    ("git_tags_url", "git/tags{/sha}"),
    ("hooks_url", "hooks"),
    ("issue_comment_url", "issues/comments{/number}"),
    ("issue_events_url", "issues/events{/number}"),
    ("issues_url", "issues{/number}"),
    ("keys_url", "keys{/key_id}"),
    ("labels_url", "labels{/name}"),
    ("languages_url", "languages"),
    ("merges_url", "merges"),
    ("milestones_url", "milestones{/number}"),
    ("notifications_url", "notifications{?since,all,participating}"),
    ("pulls_url", "pulls{/number}"),
    ("releases_url", "releases{/id}"),
    ("stargazers_url", "stargazers"),
    ("statuses_url", "statuses/{sha}"),
    ("subscribers_url", "subscribers"),
    ("subscription_url", "subscription"),
    ("tags_url", "tags"),
    ("teams_url", "teams"),
    ("trees_url", "git/trees{/sha}"),
    ("svn_url", ""),
];

pub(super) fn team_repo(one: &Repo, role: &str) -> Value {
    merged(repo(one), access(role))
}

pub(super) fn collaborator(one: &Collaborator) -> Value {
    merged(member(&one.user), access(one.role))
}

/// A role under its two names, and the permissions it brings: each role brings those before it.
fn access(role: &str) -> Value {
    const RISING: [&str; 5] = ["pull", "triage", "push", "maintain", "admin"];
    let rank = RISING.iter().position(|known| *known == role).unwrap_or(0);
    let permissions: serde_json::Map<String, Value> =
        RISING.iter().enumerate().map(|(at, name)| ((*name).to_owned(), json!(at <= rank))).collect();
    let name = match role {
        "pull" => "read",
        "push" => "write",
        other => other,
    };
    json!({ "role_name": name, "permissions": permissions })
}

pub(super) fn deploy_key(repo: &Repo, key: &DeployKey) -> Value {
    json!({
        "id": key.id,
        "key": format!("ssh-ed25519 SANDBOX{}", key.id),
        "url": format!("{API}/repos/{}/{}/keys/{}", story::GITHUB_ORG, repo.name, key.id),
        "title": key.title,
        "verified": true,
        "created_at": iso(key.created),
        "read_only": key.read_only,
        "added_by": key.added_by,
        "last_used": key.last_used.map(iso),
        "enabled": true,
    })
}

pub(super) fn hook(hook: &Hook, repo: Option<&Repo>) -> Value {
    let own = repo.map_or_else(
        || format!("{API}/orgs/{}/hooks/{}", story::GITHUB_ORG, hook.id),
        |repo| format!("{API}/repos/{}/{}/hooks/{}", story::GITHUB_ORG, repo.name, hook.id),
    );
    let body = json!({
        "id": hook.id,
        "type": if repo.is_some() { "Repository" } else { "Organization" },
        "name": "web",
        "active": true,
        "events": hook.events,
        "config": { "url": hook.url, "content_type": "json", "insecure_ssl": "0" },
        "created_at": iso(hook.created),
        "updated_at": iso(hook.created),
        "url": own,
        "ping_url": format!("{own}/pings"),
        "deliveries_url": format!("{own}/deliveries"),
    });
    if repo.is_none() {
        return body;
    }
    let fields = json!({
        "test_url": format!("{own}/tests"),
        "last_response": { "code": 200, "status": "active", "message": "OK" },
    });
    merged(body, fields)
}
