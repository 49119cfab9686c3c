//! Okta's objects in Okta's JSON.

use serde_json::{Value, json};

use super::state::{ApiToken, App, Grant, Group, Rule, State, Status, User};
use crate::calendar::{iso_millis, shift};
use crate::staff::Team;

const HOST: &str = "https://halden.okta.example";

pub(super) fn user(user: &User) -> Value {
    let mut body = json!({
        "id": user.id,
        "status": user.status.word(),
        "created": iso_millis(user.created),
        "activated": iso_millis(user.created),
        "statusChanged": iso_millis(user.status_changed),
        "lastLogin": user.last_login.map(iso_millis),
        "lastUpdated": iso_millis(user.status_changed),
        "passwordChanged": iso_millis(user.created),
        "type": { "id": "otyHaldenDefault0001" },
        "profile": {
            "firstName": user.first_name,
            "lastName": user.last_name,
            "displayName": format!("{} {}", user.first_name, user.last_name),
            "login": user.login,
            "email": user.login,
            "department": user.department,
            "title": user.title,
            "userType": user.user_type,
        },
        "credentials": { "provider": { "type": "OKTA", "name": "OKTA" } },
        "_links": { "self": { "href": format!("{HOST}/api/v1/users/{}", user.id) } },
    });
    // What is not filled in is left out.
    if let Some(number) = user.employee_number {
        body["profile"]["employeeNumber"] = json!(number.to_string());
    }
    if let Some(manager) = user.manager {
        body["profile"]["managerId"] = json!(manager.to_string());
    }
    body
}

/// The second factors of a user: only the service desk has enrolled any so far.
pub(super) fn factors(user: &User) -> Value {
    if user.status != Status::Active
        || user.department != Team::ItOps.name()
        || user.employee_number.is_none()
    {
        return json!([]);
    }
    json!([{
        "id": user.id.replacen("00u", "opf", 1),
        "factorType": "push",
        "provider": "OKTA",
        "vendorName": "OKTA",
        "status": "ACTIVE",
        "created": iso_millis(user.created),
        "lastUpdated": iso_millis(user.created),
        "profile": { "name": "Phone" },
        "_links": { "self": { "href": format!("{HOST}/api/v1/users/{}/factors", user.id) } },
    }])
}

/// Who holds an administrator's role: the service desk's administrator and the company's reader.
pub(super) fn assignees(state: &State) -> Value {
    let holders: Vec<&User> = state.tokens.iter().filter_map(|token| state.user(&token.user)).collect();
    let value: Vec<Value> = holders
        .iter()
        .map(|user| {
            json!({
                "id": user.id,
                "orn": format!("orn:okta:directory:00oHalden0000000001:users:{}", user.id),
                "_links": { "roles": { "href": format!("{HOST}/api/v1/users/{}/roles", user.id) } },
            })
        })
        .collect();
    json!({ "value": value, "_links": {} })
}

pub(super) fn group(group: &Group) -> Value {
    json!({
        "id": group.id,
        "created": "2020-05-04T08:00:00.000Z",
        "lastUpdated": "2025-05-04T08:00:00.000Z",
        "lastMembershipUpdated": iso_millis(group.changed),
        "objectClass": ["okta:user_group"],
        "type": if group.built_in { "BUILT_IN" } else { "OKTA_GROUP" },
        "profile": { "name": group.name, "description": group.description },
        "_links": { "users": { "href": format!("{HOST}/api/v1/groups/{}/users", group.id) } },
    })
}

pub(super) fn rule(rule: &Rule) -> Value {
    json!({
        "type": "group_rule",
        "id": rule.id,
        "status": if rule.active { "ACTIVE" } else { "INACTIVE" },
        "name": rule.name,
        "created": "2023-02-01T08:00:00.000Z",
        "lastUpdated": "2024-08-19T08:00:00.000Z",
        "conditions": {
            "people": { "users": { "exclude": [] }, "groups": { "exclude": [] } },
            "expression": { "value": rule.expression, "type": "urn:okta:expression:1.0" },
        },
        "actions": { "assignUserToGroups": { "groupIds": rule.groups } },
    })
}

pub(super) fn token(token: &ApiToken) -> Value {
    json!({
        "id": token.id,
        "name": token.name,
        "userId": token.user,
        "clientName": "Okta API",
        "tokenWindow": "P30D",
        "network": { "connection": "ANYWHERE" },
        "created": iso_millis(token.created),
        "lastUpdated": iso_millis(token.updated),
        "expiresAt": iso_millis(shift(token.updated, 30)),
    })
}

pub(super) fn app(app: &App) -> Value {
    json!({
        "id": app.id,
        "name": app.label.to_lowercase().replace(' ', "_"),
        "label": app.label,
        "status": "ACTIVE",
        "signOnMode": app.sign_on,
        "created": "2022-01-10T08:00:00.000Z",
        "lastUpdated": "2026-01-10T08:00:00.000Z",
        "features": [],
        "accessibility": { "selfService": false },
        "_links": { "users": { "href": format!("{HOST}/api/v1/apps/{}/users", app.id) } },
    })
}

pub(super) fn app_user(user: &User) -> Value {
    json!({
        "id": user.id,
        "created": iso_millis(user.created),
        "lastUpdated": iso_millis(user.status_changed),
        "scope": "GROUP",
        "status": "ACTIVE",
        "statusChanged": iso_millis(user.status_changed),
        "syncState": "DISABLED",
        "credentials": { "userName": user.login },
        "profile": { "email": user.login },
        "_links": { "user": { "href": format!("{HOST}/api/v1/users/{}", user.id) } },
    })
}

pub(super) fn grant(grant: &Grant) -> Value {
    json!({
        "id": grant.id,
        "status": "ACTIVE",
        "created": iso_millis(grant.created),
        "createdBy": { "id": grant.user, "type": "User" },
        "lastUpdated": iso_millis(grant.created),
        "issuer": HOST,
        "clientId": grant.client,
        "userId": grant.user,
        "scopeId": grant.scope,
        "source": "END_USER",
    })
}
