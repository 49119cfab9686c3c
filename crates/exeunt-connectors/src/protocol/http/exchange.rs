//! One request and its whole answer, or why there is none.

use std::error::Error;
use std::time::Duration;

use reqwest::{Client, Request, Response};

use exeunt_model::PartialReason;

use super::retry::Headers;
use crate::net::NetError;
use crate::protocol::tls;

/// An answer that was read to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whole {
    /// The status.
    pub status: u16,
    /// The headers, names in lower case, repeated ones joined by commas; without cookies.
    pub headers: Headers,
    /// The body.
    pub body: Vec<u8>,
}

/// No whole answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    /// Why.
    pub reason: PartialReason,
    /// What came back and what to try next, to follow the method and URL.
    pub words: String,
    /// The status, if it got that far.
    pub status: Option<u16>,
    /// Whether asking again may help.
    pub may_pass: bool,
}

/// Sends one request and reads its answer, at most `max_body` bytes within `limit`.
///
/// # Errors
/// When no whole answer came.
pub async fn exchange(
    client: &Client,
    request: Request,
    max_body: u64,
    limit: Duration,
) -> Result<Whole, Cut> {
    // One limit over connecting, waiting and reading: a server that sends a byte a minute would
    // pass any limit that starts anew with each byte.
    let whole = async {
        let response = client.execute(request).await.map_err(|e| before_answer(&e))?;
        read(response, max_body).await
    };
    tokio::time::timeout(limit, whole).await.unwrap_or_else(|_| {
        Err(Cut {
            reason: PartialReason::TimedOut,
            words: format!(
                "no whole answer came within {} s. If the system is well, ask for smaller pages \
                 or raise `client.timeout` in the manifest",
                limit.as_secs_f32()
            ),
            status: None,
            may_pass: false,
        })
    })
}

async fn read(mut response: Response, max_body: u64) -> Result<Whole, Cut> {
    let status = response.status().as_u16();
    let oversized = || Cut {
        reason: PartialReason::Oversized,
        words: format!(
            "the answer is larger than {max_body} bytes. Ask for smaller pages, or raise \
             `client.max_body` in the manifest"
        ),
        status: Some(status),
        may_pass: false,
    };
    let announced = response.content_length();
    if announced.is_some_and(|announced| announced > max_body) {
        return Err(oversized());
    }
    let headers = headers(&response);
    // What is announced is not believed beyond a page's usual size.
    let mut body = Vec::with_capacity(announced.unwrap_or_default().min(1 << 20) as usize);
    while let Some(chunk) = response.chunk().await.map_err(|e| within_answer(&e, status))? {
        if (body.len() + chunk.len()) as u64 > max_body {
            return Err(oversized());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Whole { status, headers, body })
}

fn headers(response: &Response) -> Headers {
    let mut headers = Headers::new();
    for (name, value) in response.headers() {
        // A session cookie is a credential, and we keep none that we were not given.
        if name == reqwest::header::SET_COOKIE {
            continue;
        }
        let value = String::from_utf8_lossy(value.as_bytes());
        headers
            .entry(name.as_str().to_owned())
            .and_modify(|all: &mut String| {
                all.push_str(", ");
                all.push_str(&value);
            })
            .or_insert_with(|| value.into_owned());
    }
    headers
}

fn before_answer(error: &reqwest::Error) -> Cut {
    let cut = |reason, words, may_pass| Cut { reason, words, status: None, may_pass };
    if let Some(words) = tls::failure_words(error) {
        return cut(PartialReason::Tls, words, false);
    }
    if let Some(refused) = tls::find::<NetError>(error) {
        let passes = matches!(refused, NetError::Unknown { .. });
        return cut(PartialReason::Unreachable, refused.to_string(), passes);
    }
    if error.is_timeout() {
        let words = "no connection could be made in time. Check the address, and any firewall \
                     between this machine and the system";
        return cut(PartialReason::TimedOut, words.to_owned(), false);
    }
    let words = if error.is_connect() {
        format!(
            "no connection could be made ({}). Check that the system runs and is reachable from here",
            innermost(error)
        )
    } else {
        format!("the connection ended before an answer came ({}). Try again later", innermost(error))
    };
    cut(PartialReason::Unreachable, words, !error.is_builder())
}

fn within_answer(error: &reqwest::Error, status: u16) -> Cut {
    Cut {
        reason: PartialReason::Truncated,
        words: format!("the connection ended within the answer ({}). Try again later", innermost(error)),
        status: Some(status),
        may_pass: true,
    }
}

/// The cause at the bottom: the layers above only repeat that something failed, some with the
/// whole URL.
fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut at = error;
    while let Some(below) = at.source() {
        at = below;
    }
    at.to_string()
}
