//! The smallest HTTP client the lab needs: one request to a loopback server, answered to the end.
//!
//! It speaks HTTP/1.0, so that an answer is never chunked and ends with the connection.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use super::error::LabError;

/// No server of the lab answers more than this.
const LARGEST: u64 = 16 * 1024 * 1024;

/// One request.
#[derive(Debug, Clone, Default)]
pub struct Request<'a> {
    /// The HTTP method.
    pub method: &'a str,
    /// `http://host:port/path`.
    pub url: String,
    /// Headers beside the usual.
    pub headers: Vec<(&'a str, String)>,
    /// The body.
    pub body: String,
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: String,
}

/// Sends a request; any status is an answer.
pub fn send(doing: &str, request: &Request<'_>) -> Result<Response, LabError> {
    exchange(request).map_err(|source| LabError::Unreachable {
        doing: doing.to_owned(),
        url: request.url.clone(),
        source,
    })
}

/// Sends a request; anything but a 2xx is an error.
pub fn expect(doing: &str, request: &Request<'_>) -> Result<String, LabError> {
    let response = send(doing, request)?;
    if (200..300).contains(&response.status) {
        return Ok(response.body);
    }
    Err(LabError::Refused {
        doing: doing.to_owned(),
        url: request.url.clone(),
        status: response.status,
        body: response.body.chars().take(400).collect(),
    })
}

#[expect(clippy::disallowed_methods, reason = "the stream is cut at LARGEST before it is read to its end")]
fn exchange(request: &Request<'_>) -> std::io::Result<Response> {
    let invalid = |why: &str| std::io::Error::new(std::io::ErrorKind::InvalidData, why.to_owned());
    let rest = request.url.strip_prefix("http://").ok_or_else(|| invalid("only http:// is spoken"))?;
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let mut stream = TcpStream::connect(authority)?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    stream.set_write_timeout(Some(Duration::from_secs(20)))?;
    let mut head = format!(
        "{} /{path} HTTP/1.0\r\nHost: {authority}\r\nConnection: close\r\nContent-Length: {}\r\n",
        request.method,
        request.body.len()
    );
    for (name, value) in &request.headers {
        // Writing to a String cannot fail.
        let _ = write!(head, "{name}: {value}\r\n");
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes())?;
    stream.write_all(request.body.as_bytes())?;
    let mut bytes = Vec::new();
    stream.take(LARGEST).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    let (head, body) =
        text.split_once("\r\n\r\n").ok_or_else(|| invalid("the answer has no end of headers"))?;
    let status = head.split(' ').nth(1).and_then(|word| word.parse().ok());
    Ok(Response { status: status.ok_or_else(|| invalid("the answer has no status"))?, body: body.to_owned() })
}

/// `text` as it may stand in a form or a path segment.
pub fn encode(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};

    /// A refusal must stop the seeding with the server's own words, not pass as done.
    #[test]
    fn a_refusal_is_an_error_and_quotes_the_server() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}/x", listener.local_addr().expect("bound"));
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("one connection");
            // All of the request: closing with some of it unread would cut the answer off.
            let mut request = Vec::new();
            let mut byte = [0_u8; 1];
            while !request.ends_with(b"\r\n\r\n") {
                stream.read_exact(&mut byte).expect("a request");
                request.push(byte[0]);
            }
            stream.write_all(b"HTTP/1.0 403 No\r\nA: b\r\n\r\nnot you").expect("sent");
            request
        });
        let request = super::Request { method: "GET", url, ..Default::default() };
        let error = super::expect("asking", &request).expect_err("403");
        assert!(server.join().expect("served").starts_with(b"GET /x HTTP/1.0\r\n"));
        assert!(error.to_string().ends_with("answered 403 while asking: not you"), "{error}");
    }

    /// A user id such as `@ida:halden.example` must reach the server as one path segment.
    #[test]
    fn reserved_characters_are_encoded() {
        assert_eq!(super::encode("@i:h/é"), "%40i%3Ah%2F%C3%A9");
    }
}
