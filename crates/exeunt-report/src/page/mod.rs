//! A bundle of evidence as one HTML page that verifies itself in the browser, offline, and reads as a report.
//!
//! The page holds the bundle's bytes and a script of our own; it loads nothing, sends nothing, and its policy lets nothing
//! but that script and that style run. What it shows comes out of the verified bytes: the page is not a second report that
//! could say something else.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use exeunt_model::Digest;

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = concat!(include_str!("verify.js"), "\n", include_str!("show.js"));

/// The page for the bytes of a bundle.
#[must_use]
pub fn page(title: &str, bundle: &[u8]) -> String {
    let mut page = String::with_capacity(PAGE.len() + SCRIPT.len() + STYLE.len() + bundle.len() * 4 / 3);
    let mut rest = PAGE;
    while let Some((before, after)) = rest.split_once('{') {
        page.push_str(before);
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        match name {
            "title" => push_text(&mut page, title),
            "script-hash" => page.push_str(&policy_hash(SCRIPT)),
            "style-hash" => page.push_str(&policy_hash(STYLE)),
            "script" => page.push_str(SCRIPT),
            "style" => page.push_str(STYLE),
            _ => STANDARD.encode_string(bundle, &mut page),
        }
        rest = after;
    }
    page.push_str(rest);
    page
}

/// How a content security policy names the only script, or style, that may run (CSP Level 3, "hash-source").
fn policy_hash(text: &str) -> String {
    let bytes = hex::decode(Digest::of(text.as_bytes()).hex()).unwrap_or_default();
    format!("sha256-{}", STANDARD.encode(bytes))
}

fn push_text(page: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '<' => page.push_str("&lt;"),
            '>' => page.push_str("&gt;"),
            '&' => page.push_str("&amp;"),
            other => page.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{SCRIPT, STYLE, page};

    /// A page that loads anything from elsewhere tells somebody who reads which case, and can be changed from there.
    #[test]
    fn the_page_is_all_there_is() {
        let page = page("<b>OFF&142</b>", b"bundle");
        for reference in ["http:", "//", "src=", "href=", "@import", "url(", "eval(", "innerHTML", "unsafe"] {
            let text = page.replace("https://in-toto.io/Statement/v1", "").replace("// ", "");
            assert!(!text.contains(reference), "{reference}");
        }
        assert!(page.contains("&lt;b&gt;OFF&amp;142&lt;/b&gt;") && page.contains("YnVuZGxl"));
        assert!(page.contains("default-src 'none'; script-src 'sha256-"));
    }

    /// The text of the script must not be able to end the element it stands in.
    #[test]
    fn the_script_stays_in_its_element() {
        assert!(!SCRIPT.contains("</") && !SCRIPT.contains("<!--") && !STYLE.contains('<'));
    }
}
