//! AWS Signature Version 4 on a request.

use std::sync::Arc;
use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use futures_util::future::BoxFuture;
use reqwest::Request;
use reqwest::header::{HeaderName, HeaderValue};

use exeunt_model::PartialReason;

use super::is_throttling;
use crate::protocol::Fault;
use crate::protocol::http::send::{Signer, Wire};
use crate::secret::Secret;

/// Keys, our own or of a session.
pub struct Keys {
    /// The access key id.
    pub access_key_id: Secret,
    /// The secret access key.
    pub secret_access_key: Secret,
    /// The session token of temporary keys.
    pub session_token: Option<Secret>,
}

/// Keys and what they sign for.
pub struct Sigv4 {
    /// The region in the credential scope.
    pub region: String,
    /// The service in the credential scope.
    pub service: String,
    /// The keys.
    pub keys: Arc<Keys>,
}

impl Sigv4 {
    /// The keys for the service and region they were configured for.
    pub(super) fn as_configured(&self) -> Signed<'_> {
        Signed { keys: &self.keys, service: &self.service, region: &self.region }
    }
}

/// The keys for one service in one region.
pub(super) struct Signed<'a> {
    pub(super) keys: &'a Keys,
    pub(super) service: &'a str,
    pub(super) region: &'a str,
}

impl Signed<'_> {
    /// Signs method, URL, body and the time; the time is the run's own.
    fn put(&self, wire: &Wire, request: &mut Request) -> Result<(), String> {
        let identity = Credentials::new(
            self.keys.access_key_id.expose(),
            self.keys.secret_access_key.expose(),
            self.keys.session_token.as_ref().map(|token| token.expose().to_owned()),
            None,
            "exeunt",
        )
        .into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(self.region)
            .name(self.service)
            .time(SystemTime::from(wire.now()))
            .settings(SigningSettings::default())
            .build()
            .map_err(|e| e.to_string())?
            .into();
        let headers: Vec<(String, String)> = request
            .headers()
            .iter()
            .map(|(name, value)| Ok((name.to_string(), value.to_str()?.to_owned())))
            .collect::<Result<_, reqwest::header::ToStrError>>()
            .map_err(|e| e.to_string())?;
        let body = request.body().and_then(reqwest::Body::as_bytes).unwrap_or_default();
        let signable = SignableRequest::new(
            request.method().as_str(),
            request.url().as_str(),
            headers.iter().map(|(name, value)| (name.as_str(), value.as_str())),
            SignableBody::Bytes(body),
        )
        .map_err(|e| e.to_string())?;
        let (instructions, _signature) = sign(signable, &params).map_err(|e| e.to_string())?.into_parts();
        for (name, value) in instructions.headers() {
            let name = HeaderName::try_from(name).map_err(|e| e.to_string())?;
            let mut value = HeaderValue::try_from(value).map_err(|e| e.to_string())?;
            value.set_sensitive(true);
            request.headers_mut().insert(name, value);
        }
        Ok(())
    }
}

impl Signer for Signed<'_> {
    fn sign<'a>(&'a self, wire: &'a Wire, request: &'a mut Request) -> BoxFuture<'a, Result<(), Fault>> {
        let signed = self.put(wire, request).map_err(|cause| Fault {
            reason: PartialReason::Unauthorized,
            detail: format!(
                "the request to {} could not be signed ({cause}). Check the access key and region",
                request.url()
            ),
            statuses: Vec::new(),
        });
        Box::pin(std::future::ready(signed))
    }

    fn forget(&self) -> bool {
        false
    }

    fn throttled(&self, status: u16, body: &[u8]) -> bool {
        status >= 400 && is_throttling(body)
    }
}
