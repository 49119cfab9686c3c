//! One TLS configuration for all protocols, and the words for what goes wrong with it.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{CertificateError, ClientConfig, RootCertStore};

/// The extra authorities could not be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the certificate authorities in {file} could not be used: {cause}. It has to be a PEM file of certificates"
)]
pub struct TlsSetupError {
    /// The file.
    pub file: String,
    /// What is wrong.
    pub cause: String,
}

/// A configuration that trusts the platform's authorities and those in `ca_file`.
///
/// The ring provider is given explicitly: with two providers compiled into a binary, rustls
/// would otherwise panic at the first handshake. Which certificates are in date is rustls's own
/// judgement by the machine's clock, not by the clock of a run.
///
/// # Errors
/// When `ca_file` cannot be read or holds no certificate.
pub fn client_config(ca_file: Option<&Path>) -> Result<ClientConfig, TlsSetupError> {
    let mut roots = RootCertStore::empty();
    // A platform certificate that does not parse is one authority fewer, never one too many.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(file) = ca_file {
        add_authorities(&mut roots, file)?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| TlsSetupError { file: "the TLS library".to_owned(), cause: e.to_string() })?;
    Ok(versions.with_root_certificates(roots).with_no_client_auth())
}

fn add_authorities(roots: &mut RootCertStore, file: &Path) -> Result<(), TlsSetupError> {
    let fail = |cause: String| TlsSetupError { file: file.display().to_string(), cause };
    let pem = std::fs::read(file).map_err(|e| fail(e.to_string()))?;
    let mut found = 0;
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let certificate = certificate.map_err(|e| fail(e.to_string()))?;
        roots.add(certificate).map_err(|e| fail(e.to_string()))?;
        found += 1;
    }
    if found == 0 { Err(fail("there is no certificate in it".to_owned())) } else { Ok(()) }
}

/// The TLS failure somewhere in an error, in words that say what to do; `None` when it is none.
#[must_use]
pub fn failure_words(error: &(dyn Error + 'static)) -> Option<String> {
    find::<rustls::Error>(error).map(words)
}

/// The first error of a type in a chain, looking into I/O errors too, whose `source()` skips
/// the error they wrap.
#[must_use]
pub fn find<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    let mut at = Some(error);
    while let Some(error) = at {
        if let Some(found) = error.downcast_ref::<E>() {
            return Some(found);
        }
        at = match error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
}

fn words(error: &rustls::Error) -> String {
    let rustls::Error::InvalidCertificate(certificate) = error else {
        return format!(
            "the TLS handshake failed ({error}). Check that the port speaks TLS and which \
             versions it offers"
        );
    };
    match certificate {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "its certificate has expired. Have it renewed; until then nothing it says is believed".to_owned()
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "its certificate is not valid yet. Check the clock of this machine and of the system".to_owned()
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "its certificate is for another host name. Correct the URL, or have the certificate \
             issued for this name"
                .to_owned()
        }
        CertificateError::UnknownIssuer => {
            "its certificate is from an authority this machine does not trust. If it is your \
             own authority, name its PEM file in `tls.ca_file`"
                .to_owned()
        }
        CertificateError::Revoked => "its certificate has been revoked".to_owned(),
        other => format!("its certificate was not accepted ({other})"),
    }
}
