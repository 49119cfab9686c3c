//! Whether a call carries a signature version 4 of the reader's key.

use super::Refused;
use crate::{call::Call, credentials};

/// Checks that the signature is there, is written as AWS wants it, and names the reader's key. The signature's value
/// is not computed anew.
pub(super) fn check(call: &Call) -> Result<(), Refused> {
    let Some(given) = call.authorization("AWS4-HMAC-SHA256") else {
        return Err(refused("MissingAuthenticationToken", "Request is missing Authentication Token"));
    };
    let part = |name: &str| {
        given.split(',').map(str::trim).find_map(|part| part.strip_prefix(name)?.strip_prefix('='))
    };
    let scope: Vec<&str> = part("Credential").unwrap_or_default().split('/').collect();
    let [key, day, _region, _service, "aws4_request"] = scope.as_slice() else {
        return Err(refused(
            "IncompleteSignature",
            "Credential must have exactly 5 slash-delimited elements",
        ));
    };
    let signed = part("SignedHeaders").unwrap_or_default();
    let signature = part("Signature").unwrap_or_default();
    let dated = call.header("x-amz-date").is_some_and(|date| date.starts_with(day));
    let hex = signature.len() == 64 && signature.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !signed.split(';').any(|name| name == "host") || !hex || !dated {
        return Err(refused(
            "IncompleteSignature",
            "The request signature does not conform to AWS standards.",
        ));
    }
    if *key != credentials::AWS_KEY_ID {
        return Err(refused(
            "InvalidClientTokenId",
            "The security token included in the request is invalid.",
        ));
    }
    Ok(())
}

fn refused(code: &'static str, message: &str) -> Refused {
    Refused { status: 403, code, message: message.to_owned() }
}
