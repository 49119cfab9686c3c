//! HTTP with JSON bodies.

pub mod auth;
pub mod client;
pub mod etag;
pub mod exchange;
pub mod github_app;
pub mod google;
pub mod oauth;
pub mod pace;
pub mod retry;
pub mod send;
pub mod token;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::de::IgnoredAny;

use exeunt_model::PartialReason;
use exeunt_model::manifest::Method;
use futures_util::future::BoxFuture;
use reqwest::Url;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, IF_NONE_MATCH};

use self::auth::Credential;
use self::etag::{EtagStore, Remembered};
use self::send::{Outgoing, Sent, Wire};
use super::{Answer, Ask, Fault, Page, Protocol};
use crate::mapper::Subject;

/// One system that speaks HTTP and JSON.
pub struct HttpProtocol {
    /// The client and its limits.
    pub wire: Wire,
    /// The credential.
    pub credential: Credential,
    /// The system's URL, ending without `/`.
    pub base: Url,
    /// Its origin.
    pub origin: String,
    /// Headers of the manifest.
    pub headers: HeaderMap,
    /// Answers of before, if conditional requests are sound and wanted.
    pub etags: Option<Arc<dyn EtagStore>>,
}

impl Protocol for HttpProtocol {
    fn fetch<'a>(&'a self, ask: &'a Ask) -> BoxFuture<'a, Result<Answer, Fault>> {
        Box::pin(async move {
            let mut outgoing = self.outgoing(ask)?;
            let remembered = self.recall(&mut outgoing);
            let sent = self.wire.send(&outgoing, &self.credential).await?;
            self.answer(&outgoing, sent, remembered)
        })
    }

    fn origin(&self) -> Option<&str> {
        Some(&self.origin)
    }

    fn reread(&self, _ask: &Ask, body: &[u8]) -> Result<Subject, Fault> {
        // Without a body there was a 204; every other success had JSON in it.
        if body.is_empty() {
            return Ok(Subject::default());
        }
        Subject::parse(body).map_err(|error| Fault {
            reason: PartialReason::SchemaChanged,
            detail: format!("a kept page is no JSON: {error}. Collect this system anew"),
            statuses: Vec::new(),
        })
    }
}

impl HttpProtocol {
    fn outgoing(&self, ask: &Ask) -> Result<Outgoing, Fault> {
        let Ask::Http { method, target, headers, body } = ask else {
            return Err(unaskable("this system is read over HTTP, and the read asks for another protocol"));
        };
        let method = match method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Put | Method::Patch | Method::Delete => {
                return Err(unaskable("reading never uses a method that changes something"));
            }
        };
        let url = self.target(target)?;
        let mut all = self.headers.clone();
        if body.is_some() {
            all.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        all.extend(
            header_map(headers)
                .map_err(|name| unaskable(&format!("the header {name} of the read cannot be sent")))?,
        );
        all.entry(ACCEPT).or_insert(HeaderValue::from_static("application/json"));
        Ok(Outgoing { method, url, headers: all, body: body.as_ref().map(|v| v.to_string().into_bytes()) })
    }

    /// The URL of a target; an absolute one has to be on the system's own origin, since the
    /// credential goes with it.
    fn target(&self, target: &str) -> Result<Url, Fault> {
        let url = if target.starts_with('/') && !target.starts_with("//") {
            Url::parse(&format!("{}{target}", self.base.as_str().trim_end_matches('/')))
        } else {
            Url::parse(target)
        };
        let url = url.map_err(|e| unaskable(&format!("{target} is no path and no URL ({e})")))?;
        let ours = url.origin() == self.base.origin();
        if ours && url.username().is_empty() && url.password().is_none() {
            return Ok(url);
        }
        Err(Fault {
            reason: PartialReason::Redirected,
            detail: format!(
                "the next page is said to be at {}, which is not {}. It is not followed, since \
                 our credential would go with it",
                url.origin().ascii_serialization(),
                self.origin
            ),
            statuses: Vec::new(),
        })
    }

    fn recall(&self, outgoing: &mut Outgoing) -> Option<Remembered> {
        let store = self.etags.as_ref().filter(|_| self.conditional(outgoing))?;
        let remembered = store.recall(&key(outgoing))?;
        let etag = HeaderValue::from_str(&remembered.etag).ok()?;
        outgoing.headers.insert(IF_NONE_MATCH, etag);
        Some(remembered)
    }

    fn conditional(&self, outgoing: &Outgoing) -> bool {
        self.wire.rules().conditional && outgoing.method == reqwest::Method::GET
    }

    fn answer(
        &self,
        outgoing: &Outgoing,
        sent: Sent,
        remembered: Option<Remembered>,
    ) -> Result<Answer, Fault> {
        let Sent { mut whole, statuses } = sent;
        let server_date = retry::server_date(&whole.headers);
        if whole.status == 304 {
            let Some(remembered) = remembered else {
                return Err(Fault {
                    reason: PartialReason::UnexpectedStatus,
                    detail: format!(
                        "{}: it answered 304 (not modified) to a question that was not \
                         conditional. A cache in between answers for the system; go around it",
                        outgoing.label()
                    ),
                    statuses,
                });
            };
            let mut headers = remembered.headers;
            headers.append(&mut whole.headers);
            whole.headers = headers;
            whole.body = remembered.body;
        }
        let success = matches!(whole.status, 200..=299 | 304);
        let page = match page(&whole.body, whole.status, &whole.headers) {
            Ok(_) if !success => Page::Value(Subject::parse(&whole.body).unwrap_or_default()),
            Ok(page) => page,
            Err(_) if !success => Page::Value(Subject::default()),
            Err((reason, words)) => {
                return Err(Fault { reason, detail: format!("{}: {words}", outgoing.label()), statuses });
            }
        };
        if let (Some(store), Some(etag), 200) = (&self.etags, whole.headers.get("etag"), whole.status)
            && self.conditional(outgoing)
        {
            let answer =
                Remembered { etag: etag.clone(), headers: whole.headers.clone(), body: whole.body.clone() };
            store.remember(&key(outgoing), answer);
        }
        Ok(Answer {
            statuses,
            headers: whole.headers,
            body: whole.body,
            page,
            cookie: Vec::new(),
            server_date,
        })
    }
}

/// The body as JSON.
fn page(
    body: &[u8],
    status: u16,
    headers: &BTreeMap<String, String>,
) -> Result<Page, (PartialReason, String)> {
    if body.is_empty() && matches!(status, 204 | 205) {
        return Ok(Page::Value(Subject::default()));
    }
    if let Some(coding) = headers.get("content-encoding").filter(|c| !c.eq_ignore_ascii_case("identity")) {
        let words = format!("the answer is compressed ({coding}) though that was not asked for");
        return Err((PartialReason::SchemaChanged, words));
    }
    serde_json::from_slice::<IgnoredAny>(body).map(|_| Page::OfBody).map_err(|e| {
        if e.is_eof() {
            (PartialReason::Truncated, format!("the answer ended in the middle of its JSON, after {} bytes. Try again later", body.len()))
        } else {
            let kind = headers.get("content-type").map_or("of no stated type", String::as_str);
            (PartialReason::SchemaChanged, format!("the answer ({kind}) is not JSON ({e}). Check the URL; a sign-in page or a gateway may have answered"))
        }
    })
}

/// What a remembered answer belongs to. The credential is put on later and is no part of it.
fn key(outgoing: &Outgoing) -> String {
    let mut key = format!("{} {}", outgoing.method, outgoing.url);
    let mut headers: Vec<_> = outgoing
        .headers
        .iter()
        .filter(|(name, _)| *name != IF_NONE_MATCH)
        .map(|(name, value)| format!("\n{name}: {}", String::from_utf8_lossy(value.as_bytes())))
        .collect();
    headers.sort();
    key.extend(headers);
    key
}

fn unaskable(words: &str) -> Fault {
    Fault {
        reason: PartialReason::UnexpectedStatus,
        detail: format!("nothing was sent: {words}. Correct the manifest"),
        statuses: Vec::new(),
    }
}

/// Headers of a manifest or a read.
///
/// # Errors
/// The name of one that cannot be sent.
pub fn header_map(headers: &BTreeMap<String, String>) -> Result<HeaderMap, String> {
    headers
        .iter()
        .map(|(name, value)| {
            let parsed = HeaderName::try_from(name.as_str()).ok().zip(HeaderValue::from_str(value).ok());
            parsed.ok_or_else(|| name.clone())
        })
        .collect()
}
