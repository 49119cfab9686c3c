//! The time authorities a reader trusts: certificates, as a PEM file has them.

use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, UnixTime};
use webpki::ring as known;
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert};

use super::{TimestampError, form};

/// `id-kp-timeStamping`, 1.3.6.1.5.5.7.3.8 (RFC 3161 §2.3), without tag and length.
const TIMESTAMPING: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x08];

/// Signatures that are understood, on certificates and on tokens.
pub(super) static ALGORITHMS: &[&dyn rustls_pki_types::SignatureVerificationAlgorithm] = &[
    known::ECDSA_P256_SHA256,
    known::ECDSA_P256_SHA384,
    known::ECDSA_P384_SHA256,
    known::ECDSA_P384_SHA384,
    known::RSA_PKCS1_2048_8192_SHA256,
    known::RSA_PKCS1_2048_8192_SHA384,
    known::RSA_PKCS1_2048_8192_SHA512,
    known::ED25519,
];

/// Certificates of time authorities that are trusted: roots, or any other a token's certificate may lead to.
#[derive(Clone, Debug)]
pub struct Authorities(Vec<CertificateDer<'static>>);

impl Authorities {
    /// Reads the certificates of a PEM file.
    ///
    /// # Errors
    /// There is none in it, or one cannot be read.
    pub fn from_pem(pem: &[u8]) -> Result<Self, TimestampError> {
        let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
        let certificates = certificates.map_err(form("certificate"))?;
        if certificates.is_empty() {
            return Err(form("certificate")("there is none in the file"));
        }
        for certificate in &certificates {
            anchor_from_trusted_cert(certificate).map_err(form("certificate"))?;
        }
        Ok(Self(certificates))
    }

    /// Checks that a certificate is one for timestamps, was valid at this time, and leads to one that is trusted.
    pub(super) fn vouch_for(
        &self,
        signer: &EndEntityCert<'_>,
        others: &[CertificateDer<'_>],
        at: jiff::Timestamp,
    ) -> Result<(), TimestampError> {
        let anchors: Result<Vec<_>, _> = self.0.iter().map(anchor_from_trusted_cert).collect();
        let anchors = anchors.map_err(form("certificate"))?;
        let seconds = u64::try_from(at.as_second()).unwrap_or(0);
        let time = UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds));
        let usage = KeyUsage::required(TIMESTAMPING);
        let path = signer.verify_for_usage(ALGORITHMS, &anchors, others, time, usage, None, None);
        match path {
            Ok(_) => Ok(()),
            Err(webpki::Error::CertExpired { .. }) => {
                Err(TimestampError::NotValidThen { at, why: "it had expired" })
            }
            Err(webpki::Error::CertNotValidYet { .. }) => {
                Err(TimestampError::NotValidThen { at, why: "it was not valid yet" })
            }
            Err(webpki::Error::RequiredEkuNotFoundContext(_)) => {
                Err(TimestampError::Purpose { why: "its extended key usage does not say timeStamping" })
            }
            Err(why) => Err(TimestampError::Foreign { why: why.to_string() }),
        }
    }
}
