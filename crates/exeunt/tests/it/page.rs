//! The report as a person reads it, whole: any change of a word or a line is seen in review.

use exeunt_sandbox::story;

use crate::said::exeunt;
use crate::stage::copied;

/// Digests change with every word of a manifest; that they are there is enough here.
fn without_digests(text: &str) -> String {
    let mut parts = text.split("sha256:");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_hexdigit());
        out.push_str("sha256:DIGEST");
        out.push_str(rest);
    }
    out
}

/// The first page anybody reads.
#[tokio::test]
async fn the_demos_report() {
    let state = copied();
    let dir = state.path().to_str().expect("text");
    let said = exeunt(&["--state", dir, "verify", story::TICKET, "--offline"]).await;
    assert_eq!(said.code, 10, "{}", said.err);
    insta::assert_snapshot!(without_digests(&said.out));
}

/// The page behind one line.
#[tokio::test]
async fn a_line_in_full() {
    let state = copied();
    let dir = state.path().to_str().expect("text");
    let said = exeunt(&["--state", dir, "explain", story::TICKET, story::SURVIVING_TOKEN]).await;
    assert_eq!(said.code, 0, "{}", said.err);
    insta::assert_snapshot!(without_digests(&said.out));
}
