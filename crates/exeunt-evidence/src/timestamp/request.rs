//! What is sent to a time authority, and what comes back (RFC 3161 §2.4).

use der::asn1::{Int, OctetString};
use der::oid::ObjectIdentifier;
use der::{Decode as _, Encode as _};
use x509_cert::spki::AlgorithmIdentifier;
use x509_tsp::{MessageImprint, TimeStampReq, TimeStampResp, TspVersion};

use super::{Authorities, Stamped, TimestampError, form, verify_token};
use crate::Digest;

/// SHA-256 (RFC 5754 §2.2).
pub(super) const SHA_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");

/// The request for a timestamp over this digest (`application/timestamp-query`). The authority is asked for its certificates,
/// so that the token can be checked without it.
///
/// # Errors
/// It cannot be written.
pub fn request(digest: Digest, nonce: [u8; 16]) -> Result<Vec<u8>, TimestampError> {
    let wrong = form("request");
    let imprint = MessageImprint {
        hash_algorithm: AlgorithmIdentifier { oid: SHA_256, parameters: Some(der::Any::null()) },
        hashed_message: OctetString::new(digest.as_bytes().as_slice()).map_err(&wrong)?,
    };
    let request = TimeStampReq {
        version: TspVersion::V1,
        message_imprint: imprint,
        req_policy: None,
        nonce: Some(Int::new(&number(nonce)).map_err(&wrong)?),
        cert_req: true,
        extensions: None,
    };
    request.to_der().map_err(wrong)
}

/// The token in an answer (`application/timestamp-reply`), after checking that it answers the request with this digest and
/// nonce and holds.
///
/// # Errors
/// The authority refused, or the token does not hold.
pub fn read_answer(
    answer: &[u8],
    digest: Digest,
    nonce: [u8; 16],
    authorities: &Authorities,
) -> Result<(Vec<u8>, Stamped), TimestampError> {
    let answer = TimeStampResp::from_der(answer).map_err(form("answer"))?;
    let Some(token) = answer.time_stamp_token else {
        return Err(TimestampError::Rejected { status: format!("{:?}", answer.status.status) });
    };
    let token = token.to_der().map_err(form("token"))?;
    let (stamped, found) = verify_token(&token, digest, authorities)?;
    if found.as_deref() != Some(&number(nonce)) {
        return Err(TimestampError::Nonce);
    }
    Ok((token, stamped))
}

/// DER integers have one spelling: positive, and without a zero to begin with.
fn number(mut nonce: [u8; 16]) -> [u8; 16] {
    nonce[0] = nonce[0] & 0x3f | 0x40;
    nonce
}
