//! What an answer's status means for a listing: the one place where that is decided.

use exeunt_model::PartialReason;
use exeunt_model::manifest::{Manifest, Protocol};
use serde_json::Value;

use super::Broken;
use crate::protocol::Answer;

/// `Ok` when the answer is a success, whatever it then holds.
pub(crate) fn classify(
    manifest: &Manifest,
    answer: &Answer,
    endpoint: &str,
    permission: &str,
) -> Result<(), Broken> {
    let status = answer.status();
    let reason = match manifest.protocol {
        Protocol::Http | Protocol::Aws => http(manifest, answer),
        // Directories' and databases' refusals are faults of their protocol; 0 is their success.
        Protocol::Ldap | Protocol::Sql | Protocol::Ssh if status == 0 => None,
        Protocol::Ldap | Protocol::Sql | Protocol::Ssh => Some(PartialReason::UnexpectedStatus),
        // Programs and files say in their pages what is wrong with them; see `told`.
        Protocol::Exec | Protocol::File if status == 0 => None,
        Protocol::Exec | Protocol::File => Some(PartialReason::UnexpectedStatus),
    };
    let Some(reason) = reason else { return Ok(()) };
    let advice = match reason {
        PartialReason::Unauthorized => "check the credential under `auth`".to_owned(),
        PartialReason::Forbidden | PartialReason::MissingPermission => format!("ask for `{permission}`"),
        PartialReason::NotFound => {
            format!("check the settings; some systems hide what may not be read: ask for `{permission}`")
        }
        PartialReason::RateLimited => "wait, or lower `rate` for this system".to_owned(),
        PartialReason::ServerError => "try again later".to_owned(),
        PartialReason::Redirected => "check the system's `url`; redirects are not followed".to_owned(),
        _ => "see the vendor's documentation for this status".to_owned(),
    };
    let words = vendor_words(&answer.page().json().unwrap_or_default())
        .map(|words| format!(" (\"{words}\")"))
        .unwrap_or_default();
    Err(Broken { reason, detail: format!("{endpoint} answered {status}{words}; {advice}") })
}

fn http(manifest: &Manifest, answer: &Answer) -> Option<PartialReason> {
    let status = answer.status();
    let header = |name: &str| answer.headers.get(&name.to_ascii_lowercase()).map(String::as_str);
    let throttle = &manifest.client.throttle;
    let throttled = throttle.statuses.contains(&status)
        && (header("retry-after").is_some()
            || throttle.remaining.as_deref().and_then(header).is_some_and(|left| left.trim() == "0"));
    // 304 comes only in answer to a validator of ours, with the page it stands for.
    if matches!(status, 200..=299 | 304) {
        return None;
    }
    let page = answer.page().json().unwrap_or_default();
    let code = page.pointer("/Error/Code").and_then(Value::as_str).unwrap_or_default();
    Some(match (status, code) {
        _ if throttled => PartialReason::RateLimited,
        (_, "Throttling" | "ThrottlingException" | "RequestLimitExceeded" | "TooManyRequestsException") => {
            PartialReason::RateLimited
        }
        // Services of AWS that speak JSON refuse with 400 and say in the code what it is.
        (400, "AccessDenied" | "AccessDeniedException") => PartialReason::Forbidden,
        (400, "ResourceNotFoundException" | "AccountNotFoundException") => PartialReason::NotFound,
        (
            _,
            "InvalidClientTokenId"
            | "SignatureDoesNotMatch"
            | "ExpiredToken"
            | "IncompleteSignature"
            | "MissingAuthenticationToken"
            | "InvalidAccessKeyId"
            | "InvalidSignatureException"
            | "UnrecognizedClientException"
            | "ExpiredTokenException"
            | "IncompleteSignatureException"
            | "MissingAuthenticationTokenException",
        ) => PartialReason::Unauthorized,
        (401, _) => PartialReason::Unauthorized,
        (403, _) => PartialReason::Forbidden,
        (404 | 410, _) => PartialReason::NotFound,
        (408, _) => PartialReason::TimedOut,
        (429, _) => PartialReason::RateLimited,
        (300..=399, _) => PartialReason::Redirected,
        (500..=599, _) => PartialReason::ServerError,
        _ => PartialReason::UnexpectedStatus,
    })
}

/// The vendor's own message, from the places where vendors put it.
fn vendor_words(page: &Value) -> Option<String> {
    let places = [
        "/message",
        "/error_description",
        "/errorMessages/0",
        "/errors/0/message",
        "/Error/Message",
        "/error/message",
        "/error",
        "/detail",
        "/errorSummary",
    ];
    let found = places.iter().find_map(|place| page.pointer(place)?.as_str())?;
    let line: String = found.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(160).collect();
    (!line.is_empty()).then_some(line)
}
