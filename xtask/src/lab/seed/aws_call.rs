//! Calls to the AWS emulator: unsigned while it is being seeded, signed by `curl` to use a key as its holder would.

use std::process::Command;

use super::Scene;
use crate::lab::error::LabError;
use crate::lab::http::{self, Request, encode};
use crate::lab::tool::run;

/// Whether the emulator checks signatures and policies.
#[derive(Debug, Clone, Copy)]
pub enum Guard {
    /// As AWS does.
    On,
    /// Not at all: seeding needs no credential.
    Off,
}

/// Turns the emulator's checking on or off.
pub fn guard(scene: &Scene<'_>, guard: Guard) -> Result<(), LabError> {
    // The number of calls that go unchecked.
    let body = match guard {
        Guard::On => "0",
        Guard::Off => "1000000000",
    };
    let url = format!("http://{}/moto-api/reset-auth", scene.lab.server("aws")?.routes[0].server);
    // As plain text: the emulator finds no body in a form.
    let headers = vec![("Content-Type", "text/plain".to_owned())];
    http::expect(
        "changing the emulator's checking",
        &Request { method: "POST", url, headers, body: body.into() },
    )
    .map(drop)
}

/// Calls IAM as nobody in particular.
pub fn iam(scene: &Scene<'_>, action: &str, parameters: &[(&str, &str)]) -> Result<String, LabError> {
    let mut body = format!("Action={action}&Version=2010-05-08");
    for (name, value) in parameters {
        body = format!("{body}&{name}={}", encode(value));
    }
    let region = &scene.world.aws.region;
    // The emulator finds the service in the credential's scope.
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential=AKIASEED/20260101/{region}/iam/aws4_request, \
         SignedHeaders=host;x-amz-date, Signature=0"
    );
    let headers = vec![
        ("Content-Type", "application/x-www-form-urlencoded".to_owned()),
        ("Authorization", authorization),
    ];
    let url = format!("http://{}/", scene.lab.server("aws")?.routes[0].server);
    http::expect(&format!("calling {action}"), &Request { method: "POST", url, headers, body })
}

/// The text of an element in an answer.
pub fn element(answer: &str, name: &str) -> Result<String, LabError> {
    elements(answer, name).into_iter().next().ok_or_else(|| LabError::Data {
        what: "an answer of the AWS emulator".into(),
        why: format!("it has no {name}"),
    })
}

/// The texts of all elements of that name.
pub fn elements(answer: &str, name: &str) -> Vec<String> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let parts = answer.split(&open).skip(1);
    parts.filter_map(|part| part.split(&close).next()).map(str::to_owned).collect()
}

/// Uses a user's access key, signed as AWS wants it, and gives back the identity it has.
pub fn use_key(scene: &Scene<'_>, user: &str) -> Result<String, LabError> {
    let id = scene.credentials.get(&format!("aws.{user}.access_key_id"))?;
    let secret = scene.credentials.get(&format!("aws.{user}.secret_access_key"))?;
    let mut curl = Command::new("curl");
    let url = format!("http://{}/", scene.lab.server("aws")?.routes[0].server);
    curl.args(["--silent", "--show-error", "--fail-with-body", "--max-time", "20", "--config", "-"])
        .args(["--aws-sigv4", &format!("aws:amz:{}:sts", scene.world.aws.region)])
        .args(["--data", "Action=GetCallerIdentity&Version=2011-06-15", &url]);
    // The key goes in by standard input: arguments can be read by everyone on the machine.
    let config = format!("user = \"{id}:{secret}\"\n");
    let answer = run(&format!("using the access key of {user}"), &mut curl, Some(&config))?;
    element(&answer, "Arn")
}

#[cfg(test)]
mod tests {
    /// Every key of a user must be deleted, not just the first.
    #[test]
    fn all_elements_are_found() {
        let answer = "<a><Id>1</Id></a><a><Id>2</Id></a>";
        assert_eq!(super::elements(answer, "Id"), ["1", "2"]);
        assert!(super::element(answer, "Name").is_err());
    }
}
