//! One request as a system sees it, free of any server library's types.

use percent_encoding::percent_decode_str;

/// A request, taken apart.
#[derive(Clone, Debug, Default)]
pub struct Call {
    /// `GET`, `POST` …
    pub method: String,
    /// The path as sent, still percent-encoded.
    pub path: String,
    /// Decoded query parameters in the order sent.
    pub query: Vec<(String, String)>,
    /// Header names in lower case with their values.
    pub headers: Vec<(String, String)>,
    /// The body as sent.
    pub body: Vec<u8>,
}

impl Call {
    /// The decoded path, cut at its slashes.
    #[must_use]
    pub fn segments(&self) -> Vec<String> {
        self.path
            .trim_matches('/')
            .split('/')
            .map(|part| percent_decode_str(part).decode_utf8_lossy().into_owned())
            .collect()
    }

    /// The first query parameter of this name.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<&str> {
        find(&self.query, name)
    }

    /// A query parameter as a number; anything else counts as absent.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<usize> {
        self.param(name)?.parse().ok()
    }

    /// The value of a header, by its lower-case name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        find(&self.headers, name)
    }

    /// What follows `scheme` in the `Authorization` header.
    #[must_use]
    pub fn authorization(&self, scheme: &str) -> Option<&str> {
        let (given, rest) = self.header("authorization")?.split_once(' ')?;
        given.eq_ignore_ascii_case(scheme).then(|| rest.trim())
    }

    /// The address the caller used for this server, for links to further pages.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("http://{}", self.header("host").unwrap_or("localhost"))
    }

    /// The address the vendor's own service would give itself. For addresses in a body that nobody follows: a port
    /// of today in them would make two runs of one company keep different evidence.
    #[must_use]
    pub fn own_address(&self, vendor: &str) -> String {
        format!("https://{vendor}{}", self.path)
    }

    /// The form in the body, decoded.
    #[must_use]
    pub fn form(&self) -> Vec<(String, String)> {
        pairs(&String::from_utf8_lossy(&self.body))
    }

    /// The JSON in the body, or null.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The URL of this call with some query parameters set anew.
    #[must_use]
    pub fn url_with(&self, changes: &[(&str, String)]) -> String {
        let mut query = self.query.clone();
        for (name, value) in changes {
            query.retain(|(known, _)| known != name);
            query.push(((*name).to_owned(), value.clone()));
        }
        let query: Vec<String> =
            query.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
        format!("{}{}?{}", self.origin(), self.path, query.join("&"))
    }
}

/// The value of `name` among `pairs`.
#[must_use]
pub fn find<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

/// Takes a query string or a form body apart.
#[must_use]
pub fn pairs(text: &str) -> Vec<(String, String)> {
    text.split('&')
        .filter(|part| !part.is_empty())
        .map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            (decode(name), decode(value))
        })
        .collect()
}

fn decode(text: &str) -> String {
    let spaced = text.replace('+', " ");
    percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
}

/// Percent-encodes everything but letters, digits and `-._~`.
#[must_use]
pub fn encode(text: &str) -> String {
    const KEPT: &percent_encoding::AsciiSet =
        &percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    percent_encoding::utf8_percent_encode(text, KEPT).to_string()
}
