//! Objects in a store that speaks S3: reading and writing whole ones, signed with AWS Signature Version 4.

use std::fmt;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PercentEncodingMode, SignableBody, SignableRequest, SigningSettings, UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;
use reqwest::header::{HeaderName, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, Request, Response};
use url::{Host, Url};

use crate::SharedError;

/// Largest object read: an entry bundle of 256 entries of 65,535 bytes, and some.
const LARGEST: usize = 17 << 20;

/// How long one object may take.
const LONGEST: Duration = Duration::from_secs(30);

/// Where objects are.
#[derive(Clone, Debug)]
pub struct Place {
    /// The address with the bucket, and a prefix if there is one: `https://s3.example/bucket/ledgers`. Each log has a
    /// folder of its name in it.
    pub url: Url,
    /// The region in the signature.
    pub region: String,
}

/// The keys that requests are signed with. They cannot print.
#[derive(Clone)]
pub struct Keys {
    /// The access key id.
    pub id: String,
    /// The secret access key.
    pub secret: String,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(not shown)")
    }
}

/// A store of objects.
#[derive(Clone, Debug)]
pub struct Objects {
    client: Client,
    place: Place,
    keys: Keys,
    clock: fn() -> SystemTime,
}

impl Objects {
    /// Objects asked for with a client that follows no redirects and waits no longer than half a minute; without TLS on
    /// loopback only.
    ///
    /// # Errors
    /// The address cannot be used, or there is no client.
    pub fn connect(place: Place, keys: Keys, clock: fn() -> SystemTime) -> Result<Self, SharedError> {
        let cannot = |cause: String| SharedError::Address { what: "`objects`", cause };
        let loopback = match place.url.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost",
            None => false,
        };
        if place.url.scheme() != "https" && !(place.url.scheme() == "http" && loopback) {
            return Err(cannot("it is not https; without TLS only loopback is spoken to".into()));
        }
        let client = Client::builder().redirect(Policy::none()).timeout(LONGEST).connect_timeout(LONGEST / 3);
        let client = client.build().map_err(|e| cannot(e.to_string()))?;
        Self::new(client, place, keys, clock)
    }

    /// Objects asked for with this client, which knows its limits. A signature states the time.
    ///
    /// # Errors
    /// The address cannot have a path.
    pub fn new(
        client: Client,
        place: Place,
        keys: Keys,
        clock: fn() -> SystemTime,
    ) -> Result<Self, SharedError> {
        if place.url.cannot_be_a_base() {
            return Err(SharedError::Address { what: "`objects`", cause: "it can have no path".into() });
        }
        Ok(Self { client, place, keys, clock })
    }

    /// An object; `None` only if the store says that there is no such key.
    pub(crate) async fn get(self, key: String) -> Result<Option<Vec<u8>>, SharedError> {
        let failed = |cause: String| SharedError::Objects { attempted: "read", object: key.clone(), cause };
        let (status, body) = self.ask(Method::GET, &key, Vec::new()).await.map_err(failed)?;
        match status {
            200 => Ok(Some(body)),
            404 if contains(&body, b"<Code>NoSuchKey</Code>") => Ok(None),
            _ => Err(failed(said(status, &body))),
        }
    }

    /// Writes an object, whole or not at all.
    pub(crate) async fn put(self, key: String, bytes: Vec<u8>) -> Result<(), SharedError> {
        let failed = |cause: String| SharedError::Objects { attempted: "write", object: key.clone(), cause };
        let (status, body) = self.ask(Method::PUT, &key, bytes).await.map_err(failed)?;
        if status == 200 { Ok(()) } else { Err(failed(said(status, &body))) }
    }

    async fn ask(&self, method: Method, key: &str, body: Vec<u8>) -> Result<(u16, Vec<u8>), String> {
        let mut url = self.place.url.clone();
        url.path_segments_mut().map_err(|()| "it can have no path")?.pop_if_empty().extend(key.split('/'));
        let mut request = Request::new(method, url);
        self.sign(&mut request, &body)?;
        *request.body_mut() = Some(body.into());
        let answer = self.client.execute(request).await.map_err(|e| e.without_url().to_string())?;
        Ok((answer.status().as_u16(), capped(answer).await?))
    }

    fn sign(&self, request: &mut Request, body: &[u8]) -> Result<(), String> {
        let identity = Credentials::new(&self.keys.id, &self.keys.secret, None, None, "exeunt").into();
        let mut settings = SigningSettings::default();
        // S3 signs the path as it is sent, and wants the digest of the body as a header.
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        settings.payload_checksum_kind = aws_sigv4::http_request::PayloadChecksumKind::XAmzSha256;
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.place.region)
            .name("s3")
            .time((self.clock)())
            .settings(settings)
            .build()
            .map_err(|e| e.to_string())?
            .into();
        let (method, url) = (request.method().as_str(), request.url().as_str());
        let signable = SignableRequest::new(method, url, std::iter::empty(), SignableBody::Bytes(body));
        let signable = signable.map_err(|e| e.to_string())?;
        let (instructions, _) = sign(signable, &params).map_err(|e| e.to_string())?.into_parts();
        for (name, value) in instructions.headers() {
            let name = HeaderName::try_from(name).map_err(|e| e.to_string())?;
            let mut value = HeaderValue::try_from(value).map_err(|e| e.to_string())?;
            value.set_sensitive(true);
            request.headers_mut().insert(name, value);
        }
        Ok(())
    }
}

async fn capped(mut answer: Response) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|e| e.without_url().to_string())? {
        if bytes.len() + chunk.len() > LARGEST {
            return Err(format!("it is larger than {LARGEST} bytes"));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

fn contains(body: &[u8], words: &[u8]) -> bool {
    body.windows(words.len()).any(|window| window == words)
}

/// What a store answered, short.
fn said(status: u16, body: &[u8]) -> String {
    let words: String = String::from_utf8_lossy(body).chars().filter(|c| !c.is_control()).take(200).collect();
    format!("it answered {status} {words}")
}
