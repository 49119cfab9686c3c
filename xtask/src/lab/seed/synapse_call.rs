//! Calls to the chat server, as an administrator or as one of its users.

use serde_json::{Value, json};

use super::Scene;
use crate::lab::error::LabError;
use crate::lab::http::{self, Request, encode};

/// Calls the server with `token`, if any.
pub fn call(
    scene: &Scene<'_>,
    token: Option<&str>,
    doing: &str,
    (method, path): (&str, &str),
    body: Option<&Value>,
) -> Result<Value, LabError> {
    let mut headers = vec![("Content-Type", "application/json".to_owned())];
    if let Some(token) = token {
        headers.push(("Authorization", format!("Bearer {token}")));
    }
    let url = format!("http://{}{path}", scene.lab.server("synapse")?.routes[0].server);
    let body = body.map(Value::to_string).unwrap_or_default();
    let answer = http::expect(doing, &Request { method, url, headers, body })?;
    serde_json::from_str(&answer).map_err(|error| LabError::Data {
        what: format!("the answer to {method} {path}"),
        why: error.to_string(),
    })
}

/// Calls as the lab's own administrator.
pub fn admin(
    scene: &Scene<'_>,
    doing: &str,
    line: (&str, &str),
    body: Option<&Value>,
) -> Result<Value, LabError> {
    let token = scene.credentials.get("synapse.halden-admin.token")?;
    call(scene, Some(&token), doing, line, body)
}

/// Creates or changes an account.
pub fn put_user(scene: &Scene<'_>, localpart: &str, body: &Value) -> Result<(), LabError> {
    let path = format!("/_synapse/admin/v2/users/{}", encode(&scene.world.matrix_id(localpart)));
    admin(scene, &format!("writing the account {localpart}"), ("PUT", &path), Some(body)).map(drop)
}

/// Logs in with the kept password and keeps the token under `synapse.LOCALPART.SECRET`.
pub fn log_in(scene: &Scene<'_>, localpart: &str, device: &str, secret: &str) -> Result<(), LabError> {
    let password = scene.credentials.get(&format!("synapse.{localpart}.password"))?;
    let body = json!({
        "type": "m.login.password",
        "identifier": {"type": "m.id.user", "user": localpart},
        "password": password,
        "device_id": device,
        "initial_device_display_name": device,
    });
    let doing = format!("logging in as {localpart}");
    let answer = call(scene, None, &doing, ("POST", "/_matrix/client/v3/login"), Some(&body))?;
    let token = text(&answer, "access_token")?;
    scene.credentials.put(&format!("synapse.{localpart}.{secret}"), &token)
}

/// A text in an answer.
pub fn text(answer: &Value, field: &str) -> Result<String, LabError> {
    answer[field].as_str().map(str::to_owned).ok_or_else(|| LabError::Data {
        what: "an answer of the chat server".into(),
        why: format!("it has no {field}"),
    })
}
