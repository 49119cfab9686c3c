//! The GitHub App's own calls: who am I, and a token for an installation in exchange for a signed assertion.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::{message, not_found, view};
use crate::{
    answer::Answer,
    calendar::{iso, shift_minutes},
    call::Call,
    story,
    world::World,
};

pub(super) fn answer(world: &mut World, call: &Call, path: &[&str]) -> Answer {
    if !call.authorization("Bearer").is_some_and(well_formed) {
        return message(401, "A JSON web token could not be decoded");
    }
    match (call.method.as_str(), path) {
        ("GET", ["app"]) => Answer::ok(&view::app()),
        ("POST", ["app", "installations", id, "access_tokens"]) => {
            if *id != story::GITHUB_INSTALLATION.to_string() {
                return not_found();
            }
            let token = format!("sandbox-issued-{}", world.github.issued.len() + 1);
            world.github.issued.push(token.clone());
            Answer::json(
                201,
                &json!({
                    "token": token,
                    "expires_at": iso(shift_minutes(world.now(), 60)),
                    "permissions": { "members": "read", "metadata": "read" },
                    "repository_selection": "all",
                }),
            )
        }
        _ => not_found(),
    }
}

/// Three parts, a header that names RS256 and a body that names the issuer and an expiry. The signature is not
/// checked: the sandbox has no copy of the app's key.
fn well_formed(token: &str) -> bool {
    let parts: Vec<&str> = token.split('.').collect();
    let [header, body, signature] = parts.as_slice() else {
        return false;
    };
    let decoded =
        |part: &str| -> Option<Value> { serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok() };
    !signature.is_empty()
        && decoded(header).is_some_and(|header| header["alg"] == "RS256")
        && decoded(body).is_some_and(|body| !body["iss"].is_null() && body["exp"].is_number())
}
