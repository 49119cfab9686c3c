//! Whether a call carries a signature version 4 made with the reader's key.

use sha2::{Digest, Sha256};

use super::Refused;
use crate::{
    call::{Call, encode},
    credentials,
};

/// The parts of the `Authorization` header.
struct Given<'a> {
    key: &'a str,
    /// Day, region, service and `aws4_request`.
    scope: &'a str,
    signed_headers: &'a str,
    signature: &'a str,
}

/// Checks that the signature is there, is written as AWS wants it, names the reader's key and was made with its
/// secret. How old it is does not matter: the company's clock stands still.
pub(super) fn check(call: &Call) -> Result<(), Refused> {
    let Some(given) = call.authorization("AWS4-HMAC-SHA256") else {
        return Err(refused("MissingAuthenticationToken", "Request is missing Authentication Token"));
    };
    let given = taken_apart(given).ok_or_else(|| {
        refused("IncompleteSignature", "Authorization header requires its three components")
    })?;
    let day = given.scope.split('/').next().unwrap_or_default();
    let date = call.header("x-amz-date").unwrap_or_default();
    let hex = given.signature.len() == 64 && given.signature.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !given.signed_headers.split(';').any(|name| name == "host") || !hex || !date.starts_with(day) {
        return Err(refused(
            "IncompleteSignature",
            "The request signature does not conform to AWS standards.",
        ));
    }
    if given.key != credentials::AWS_KEY_ID {
        return Err(refused(
            "InvalidClientTokenId",
            "The security token included in the request is invalid.",
        ));
    }
    if given.signature != signature(call, &given, date) {
        return Err(refused(
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided.",
        ));
    }
    Ok(())
}

fn taken_apart(text: &str) -> Option<Given<'_>> {
    let part = |name: &str| {
        text.split(',').map(str::trim).find_map(|part| part.strip_prefix(name)?.strip_prefix('='))
    };
    let (key, scope) = part("Credential")?.split_once('/')?;
    let parts: Vec<&str> = scope.split('/').collect();
    let [_day, _region, _service, "aws4_request"] = parts.as_slice() else {
        return None;
    };
    Some(Given { key, scope, signed_headers: part("SignedHeaders")?, signature: part("Signature")? })
}

/// The signature this call should carry (AWS General Reference, "Create a signed AWS API request").
fn signature(call: &Call, given: &Given<'_>, date: &str) -> String {
    let request = hex::encode(Sha256::digest(canonical(call, given.signed_headers)));
    let to_sign = format!("AWS4-HMAC-SHA256\n{date}\n{}\n{request}", given.scope);
    let first = format!("AWS4{}", credentials::AWS_SECRET).into_bytes();
    let key = given.scope.split('/').fold(first, |key, part| hmac(&key, part.as_bytes()));
    hex::encode(hmac(&key, to_sign.as_bytes()))
}

fn canonical(call: &Call, signed_headers: &str) -> String {
    let path: Vec<String> = call.path.split('/').map(encode).collect();
    let mut query: Vec<String> =
        call.query.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    query.sort();
    let mut headers = String::new();
    for name in signed_headers.split(';') {
        let value: Vec<&str> = call.header(name).unwrap_or_default().split_whitespace().collect();
        headers.extend([name, ":", &value.join(" "), "\n"]);
    }
    format!(
        "{}\n{}\n{}\n{headers}\n{signed_headers}\n{}",
        call.method,
        path.join("/"),
        query.join("&"),
        hex::encode(Sha256::digest(&call.body))
    )
}

/// HMAC-SHA-256 (RFC 2104).
fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    const BLOCK: usize = 64;
    let mut padded = if key.len() > BLOCK { Sha256::digest(key).to_vec() } else { key.to_vec() };
    padded.resize(BLOCK, 0);
    let pad = |with: u8| padded.iter().map(|byte| byte ^ with).collect::<Vec<u8>>();
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize().to_vec()
}

fn refused(code: &'static str, message: &str) -> Refused {
    Refused { status: 403, code, message: message.to_owned() }
}
