//! A token: a CMS signed message whose content says what digest was seen when (RFC 3161 §2.4.2, RFC 5652 §5).

use cms::cert::CertificateChoices;
use cms::content_info::ContentInfo;
use cms::signed_data::{SignedData, SignerIdentifier, SignerInfo};
use der::asn1::OctetString;
use der::oid::ObjectIdentifier;
use der::{Decode as _, Encode as _};
use jiff::Timestamp;
use rustls_pki_types::CertificateDer;
use sha2::{Digest as _, Sha256, Sha384, Sha512};
use webpki::EndEntityCert;
use x509_cert::Certificate;
use x509_cert::ext::pkix::{ExtendedKeyUsage, SubjectKeyIdentifier};
use x509_tsp::TstInfo;

use super::authorities::ALGORITHMS;
use super::request::SHA_256;
use super::{Authorities, Stamped, TimestampError, form};
use crate::Digest;

const SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");
/// `id-ct-TSTInfo` (RFC 3161 §2.4.2).
const TST_INFO: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.1.4");
const CONTENT_TYPE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.3");
const MESSAGE_DIGEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.4");
/// `id-aa-signingCertificateV2` (RFC 5816 §2).
const SIGNING_CERTIFICATE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.47");
const EXTENDED_KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.37");
const SUBJECT_KEY_ID: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.14");

/// `SigningCertificateV2`, as far as it binds the signer (RFC 5035 §3).
#[derive(der::Sequence)]
struct SigningCertificate {
    certs: Vec<CertificateId>,
    #[asn1(optional = "true")]
    policies: Option<der::Any>,
}

#[derive(der::Sequence)]
struct CertificateId {
    #[asn1(optional = "true")]
    algorithm: Option<x509_cert::spki::AlgorithmIdentifierOwned>,
    hash: OctetString,
    #[asn1(optional = "true")]
    issuer_serial: Option<der::Any>,
}

/// Checks a token over this digest and gives what it says, and the nonce it carries.
///
/// # Errors
/// The first thing that is wrong.
pub fn verify_token(
    token: &[u8],
    digest: Digest,
    authorities: &Authorities,
) -> Result<(Stamped, Option<Vec<u8>>), TimestampError> {
    let wrong = |why: &str| form("token")(why);
    let outer = ContentInfo::from_der(token).map_err(form("token"))?;
    if outer.content_type != SIGNED_DATA {
        return Err(wrong("it is not a signed message"));
    }
    let signed: SignedData = outer.content.decode_as().map_err(form("token"))?;
    if signed.encap_content_info.econtent_type != TST_INFO {
        return Err(wrong("what is signed is not a timestamp"));
    }
    let content = signed.encap_content_info.econtent.as_ref().ok_or_else(|| wrong("it has no content"))?;
    let content: OctetString = content.decode_as().map_err(form("token"))?;
    let info = TstInfo::from_der(content.as_bytes()).map_err(form("token"))?;
    let imprint = &info.message_imprint;
    if imprint.hash_algorithm.oid != SHA_256 || imprint.hashed_message.as_bytes() != digest.as_bytes() {
        let found = hex::encode(imprint.hashed_message.as_bytes());
        return Err(TimestampError::OtherDigest { expected: digest, found });
    }
    let seconds = i64::try_from(info.gen_time.to_unix_duration().as_secs()).map_err(form("time"))?;
    let time = Timestamp::from_second(seconds).map_err(form("time"))?;
    let [signer] = signed.signer_infos.0.as_slice() else {
        return Err(wrong("it is not signed by exactly one authority"));
    };
    let carried = certificates(&signed)?;
    let (certificate, der) = signing(signer, &carried)?;
    check_signature(signer, content.as_bytes(), der)?;
    check_purpose(certificate)?;
    let der = CertificateDer::from(der.as_slice());
    let others: Vec<_> = carried.iter().map(|(_, der)| CertificateDer::from(der.as_slice())).collect();
    let end = EndEntityCert::try_from(&der).map_err(form("certificate"))?;
    authorities.vouch_for(&end, &others, time)?;
    let stamped = Stamped {
        time,
        authority: certificate.tbs_certificate.subject.to_string(),
        serial: hex::encode(info.serial_number.as_bytes()),
    };
    Ok((stamped, info.nonce.map(|nonce| nonce.as_bytes().to_vec())))
}

fn certificates(signed: &SignedData) -> Result<Vec<(Certificate, Vec<u8>)>, TimestampError> {
    let set = signed.certificates.iter().flat_map(|set| set.0.iter());
    let certificates = set.filter_map(|choice| match choice {
        CertificateChoices::Certificate(certificate) => Some(certificate),
        CertificateChoices::Other(_) => None,
    });
    let with_der = |certificate: &Certificate| Ok((certificate.clone(), certificate.to_der()?));
    certificates.map(with_der).collect::<Result<_, der::Error>>().map_err(form("certificate"))
}

/// The certificate that the signer names.
fn signing<'c>(
    signer: &SignerInfo,
    carried: &'c [(Certificate, Vec<u8>)],
) -> Result<(&'c Certificate, &'c Vec<u8>), TimestampError> {
    let named = |certificate: &Certificate| {
        let tbs = &certificate.tbs_certificate;
        match &signer.sid {
            SignerIdentifier::IssuerAndSerialNumber(id) => {
                id.issuer == tbs.issuer && id.serial_number == tbs.serial_number
            }
            SignerIdentifier::SubjectKeyIdentifier(id) => {
                let own = tbs.extensions.iter().flatten().find(|own| own.extn_id == SUBJECT_KEY_ID);
                own.and_then(|own| SubjectKeyIdentifier::from_der(own.extn_value.as_bytes()).ok())
                    .is_some_and(|own| own == *id)
            }
        }
    };
    let found = carried.iter().find(|(certificate, _)| named(certificate));
    let found = found.map(|(certificate, der)| (certificate, der));
    found.ok_or_else(|| form("token")("it does not carry the certificate of who signed it"))
}

/// The signature is over the signed attributes, which hold the content's digest and the certificate's.
fn check_signature(signer: &SignerInfo, content: &[u8], certificate: &[u8]) -> Result<(), TimestampError> {
    let wrong = |why: &str| TimestampError::Signature { why: why.to_owned() };
    let attributes = signer.signed_attrs.as_ref().ok_or_else(|| wrong("it signs no attributes"))?;
    let value = |oid: ObjectIdentifier, name: &str| {
        let mut found = attributes.iter().filter(|attribute| attribute.oid == oid);
        match (found.next(), found.next()) {
            (Some(attribute), None) if attribute.values.len() == 1 => {
                attribute.values.get(0).ok_or_else(|| wrong(name))
            }
            _ => Err(wrong(&format!("it has not exactly one {name}"))),
        }
    };
    let kind: ObjectIdentifier = value(CONTENT_TYPE, "content type")?.decode_as().map_err(form("token"))?;
    if kind != TST_INFO {
        return Err(wrong("it is of another type of content"));
    }
    let digest: OctetString = value(MESSAGE_DIGEST, "message digest")?.decode_as().map_err(form("token"))?;
    if hashed(signer.digest_alg.oid, content)? != digest.as_bytes() {
        return Err(wrong("the content was changed"));
    }
    let bound: SigningCertificate =
        value(SIGNING_CERTIFICATE, "signing certificate (RFC 5816)")?.decode_as().map_err(form("token"))?;
    let first = bound.certs.first().ok_or_else(|| wrong("it is bound to no certificate"))?;
    // The default of RFC 5035 is SHA-256.
    let algorithm = first.algorithm.as_ref().map_or(SHA_256, |algorithm| algorithm.oid);
    if hashed(algorithm, certificate)? != first.hash.as_bytes() {
        return Err(wrong("it is bound to another certificate than the one it comes with"));
    }
    let signed = attributes.to_der().map_err(form("token"))?;
    let der = CertificateDer::from(certificate);
    let end = EndEntityCert::try_from(&der).map_err(form("certificate"))?;
    let signature = signer.signature.as_bytes();
    let by_digest = |algorithm: &&&dyn rustls_pki_types::SignatureVerificationAlgorithm| {
        end.verify_signature(**algorithm, &signed, signature).is_ok()
    };
    match ALGORITHMS.iter().find(by_digest) {
        Some(_) => Ok(()),
        None => Err(wrong("it is not by the certificate it comes with, or of a kind that is not understood")),
    }
}

/// RFC 3161 §2.3: for nothing but timestamps, and critically so.
fn check_purpose(certificate: &Certificate) -> Result<(), TimestampError> {
    let purpose = |why| TimestampError::Purpose { why };
    let mut extensions = certificate.tbs_certificate.extensions.iter().flatten();
    let usage = extensions.find(|extension| extension.extn_id == EXTENDED_KEY_USAGE);
    let usage = usage.ok_or(purpose("it has no extended key usage"))?;
    let purposes = ExtendedKeyUsage::from_der(usage.extn_value.as_bytes()).map_err(form("certificate"))?;
    if !usage.critical || purposes.0.len() != 1 {
        return Err(purpose("its extended key usage must be critical, and be timeStamping alone"));
    }
    Ok(())
}

fn hashed(algorithm: ObjectIdentifier, bytes: &[u8]) -> Result<Vec<u8>, TimestampError> {
    match algorithm.to_string().as_str() {
        "2.16.840.1.101.3.4.2.1" => Ok(Sha256::digest(bytes).to_vec()),
        "2.16.840.1.101.3.4.2.2" => Ok(Sha384::digest(bytes).to_vec()),
        "2.16.840.1.101.3.4.2.3" => Ok(Sha512::digest(bytes).to_vec()),
        other => Err(TimestampError::Signature { why: format!("the digest {other} is not a strong one") }),
    }
}
