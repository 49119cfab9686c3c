//! The site's objects in Jira's JSON, apart from issues.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::state::{AppLink, AuditRecord, Dashboard, Filter, Group, Project, Role, State, User, Webhook};
use crate::{calendar::jira as stamp, call::encode, story};

/// The address Jira gives in its objects: the gateway, never the port of this process.
pub(super) fn base() -> String {
    format!("https://api.atlassian.com/ex/jira/{}/rest/api/3", story::CLOUD_ID)
}

pub(super) fn server_info(now: Timestamp) -> Value {
    json!({
        "baseUrl": "https://halden.atlassian.example",
        "version": "1001.0.0-SNAPSHOT",
        "versionNumbers": [1001, 0, 0],
        "deploymentType": "Cloud",
        "buildNumber": 100_300,
        "buildDate": "2026-11-09T06:00:00.000+0000",
        "serverTime": stamp(now),
        "scmInfo": "sandbox",
        "serverTitle": "Halden Instruments",
    })
}

fn avatars(id: &str) -> Value {
    let url = |size: u32| format!("https://avatar.atlassian.example/{}/{size}", encode(id));
    json!({ "16x16": url(16), "24x24": url(24), "32x32": url(32), "48x48": url(48) })
}

pub(super) fn user(user: &User) -> Value {
    let mut body = json!({
        "self": format!("{}/user?accountId={}", base(), encode(&user.id)),
        "accountId": user.id,
        "accountType": user.account_type,
        "displayName": user.name,
        "active": user.active,
        "avatarUrls": avatars(&user.id),
    });
    if let Some(email) = &user.email {
        body["emailAddress"] = json!(email);
    }
    if let Some(kind) = user.app_type {
        body["appType"] = json!(kind);
    }
    body
}

/// A user by account id; for an account that Jira does not know, the id alone.
pub(super) fn user_by_id(state: &State, id: &str) -> Value {
    state.user(id).map_or_else(|| json!({ "accountId": id, "active": false }), user)
}

pub(super) fn group_details(group: &Group) -> Value {
    json!({ "groupId": group.id, "name": group.name })
}

fn group_name(state: &State, id: &str) -> Value {
    let name = state.groups.iter().find(|group| group.id == id).map(|group| group.name.as_str());
    json!({
        "groupId": id,
        "name": name.unwrap_or_default(),
        "self": format!("{}/group?groupId={id}", base()),
    })
}

pub(super) fn project(state: &State, project: &Project) -> Value {
    json!({
        "self": format!("{}/project/{}", base(), project.id),
        "id": project.id,
        "key": project.key,
        "name": project.name,
        "projectTypeKey": project.kind,
        "simplified": false,
        "style": "classic",
        "isPrivate": false,
        "lead": user_by_id(state, &project.lead),
    })
}

pub(super) fn role_links(project: &Project) -> Value {
    let links: Map<String, Value> = project
        .roles
        .iter()
        .map(|role| {
            (role.name.to_owned(), json!(format!("{}/project/{}/role/{}", base(), project.id, role.id)))
        })
        .collect();
    Value::Object(links)
}

pub(super) fn role(state: &State, project: &Project, role: &Role) -> Value {
    let people = role.users.iter().zip(1_u64..).map(|(id, index)| {
        json!({
            "id": role.id * 100 + index,
            "type": "atlassian-user-role-actor",
            "displayName": state.user(id).map(|user| user.name.as_str()).unwrap_or_default(),
            "actorUser": { "accountId": id },
        })
    });
    let groups = role.groups.iter().zip(51_u64..).map(|(id, index)| {
        let name = state.groups.iter().find(|group| group.id == *id).map(|group| group.name.as_str());
        let name = name.unwrap_or_default();
        json!({
            "id": role.id * 100 + index,
            "type": "atlassian-group-role-actor",
            "displayName": name,
            "name": name,
            "actorGroup": { "groupId": id, "name": name, "displayName": name },
        })
    });
    json!({
        "self": format!("{}/project/{}/role/{}", base(), project.id, role.id),
        "id": role.id,
        "name": role.name,
        "description": "",
        "actors": people.chain(groups).collect::<Vec<_>>(),
    })
}

pub(super) fn filter(state: &State, filter: &Filter) -> Value {
    let shares: Vec<Value> = filter
        .shared_with
        .iter()
        .map(|id| json!({ "id": filter.id, "type": "group", "group": group_name(state, id) }))
        .collect();
    let subscriptions: Vec<Value> = filter
        .subscribers
        .iter()
        .map(|id| json!({ "id": filter.id, "user": user_by_id(state, id) }))
        .collect();
    json!({
        "self": format!("{}/filter/{}", base(), filter.id),
        "id": filter.id.to_string(),
        "name": filter.name,
        "jql": filter.jql,
        "owner": user_by_id(state, &filter.owner),
        "favourite": false,
        "sharePermissions": shares,
        "subscriptions": subscriptions,
    })
}

pub(super) fn dashboard(state: &State, dashboard: &Dashboard) -> Value {
    let mut owner = user_by_id(state, &dashboard.owner);
    if let Some(owner) = owner.as_object_mut() {
        // The description's user of a dashboard is a smaller one.
        owner.retain(|name, _| {
            matches!(name.as_str(), "self" | "accountId" | "displayName" | "active" | "avatarUrls")
        });
    }
    json!({
        "self": format!("{}/dashboard/{}", base(), dashboard.id),
        "id": dashboard.id.to_string(),
        "name": dashboard.name,
        "owner": owner,
        "isFavourite": false,
        "sharePermissions": [],
        "editPermissions": [],
    })
}

pub(super) fn audit_record(record: &AuditRecord) -> Value {
    json!({
        "id": record.id,
        "summary": record.summary,
        "authorKey": record.author,
        "authorAccountId": record.author,
        "created": stamp(record.created),
        "category": record.category,
        "eventSource": "",
        "remoteAddress": "192.0.2.30",
        "objectItem": { "id": record.object_id, "name": record.object, "typeName": record.object_type },
        "changedValues": [],
        "associatedItems": [],
    })
}

pub(super) fn webhook(hook: &Webhook) -> Value {
    json!({
        "self": format!("https://halden.atlassian.example/rest/webhooks/1.0/webhook/{}", hook.id),
        "name": hook.name,
        "url": hook.url,
        "enabled": true,
        "events": ["jira:issue_updated"],
        "filters": {},
        "excludeBody": false,
        "lastUpdatedUser": hook.updated_by,
        "lastUpdatedDisplayName": hook.updated_by_name,
        "lastUpdated": hook.updated.as_millisecond(),
    })
}

pub(super) fn app_link(link: &AppLink) -> Value {
    json!({
        "id": link.id,
        "name": link.name,
        "typeId": link.kind,
        "displayUrl": link.url,
        "rpcUrl": link.url,
        "primary": false,
        "system": false,
    })
}
