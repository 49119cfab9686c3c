//! What somebody sees who opens the page: the verdict, or the part that fails.

use exeunt_report::page;

use crate::browser::{opened, said};
use crate::sealed::bundle;

/// An auditor without any program of ours opens the page and reads a verified report.
#[test]
fn a_browser_verifies_the_page_and_shows_the_report() {
    let shown = opened(&page("OFF-142", &bundle()));
    assert_eq!(said(&shown, "data-verified"), Some("yes"), "{shown}");
    for text in [
        "<h1>Verified</h1>",
        "Mara &lt;b&gt;Voss&lt;/b&gt;",
        "release-laptop",
        "live (E2)",
        "mara-voss holds release-laptop",
        "Grace for application entitlement: owns GitHub",
        "revoke the token",
        "2026-02-14T09:00:00Z",
        "no list of sessions.",
        "403. grant okta.users.read",
        "witness.example saw this head at 2026-03-02T18:00:00.000Z",
        "Not carried: the body of the claims at ledger index 4, snapshot:okta.",
        "6 entries",
        "sha256:",
    ] {
        assert!(shown.contains(text), "{text} is not in {shown}");
    }
}

/// One byte changed, in each kind of part: the page says which part fails, and shows nothing of the content.
#[test]
fn a_browser_names_the_part_in_which_a_byte_was_changed() {
    let bytes = bundle();
    let text = String::from_utf8(bytes.clone()).unwrap();
    let at = |what: &str, skip: usize| text.find(what).unwrap() + skip;
    let log_key = at("+ARl/", 8);
    let changes = [
        (at("\"checkpoint\":\"evidence", 15), "checkpoint"),
        (at("receipt", 0), "entries/3/record"),
        (at("\"body\":\"", 12), "entries/3/body"),
        (at("\"proof\":[\"", 14), "entries/3/proof"),
        (at("\"exchanges\":[{\"body\":\"", 26), "exchanges/0"),
        (at("\"payload\":\"", 40), "seal"),
        (at("\"sig\":\"", 12), "seal"),
        (log_key, "keys"),
        (text.len() - 1, "text"),
    ];
    for (at, part) in changes {
        let mut changed = bytes.clone();
        // Another letter of the same alphabet, so that the text stays readable and the change has to be found out.
        changed[at] = match changed[at] {
            b'A' => b'B',
            b'\n' => b' ',
            byte if byte.is_ascii_lowercase() => {
                if byte == b'a' {
                    b'b'
                } else {
                    b'a'
                }
            }
            _ => b'A',
        };
        let shown = opened(&page("OFF-142", &changed));
        assert_eq!(said(&shown, "data-verified"), Some("no"), "byte {at}");
        assert_eq!(said(&shown, "data-part"), Some(part), "byte {at}: {shown}");
        assert!(shown.contains("<h1>Refused</h1>") && !shown.contains("release-laptop"), "byte {at}");
    }
}

/// A browser without Ed25519 must not look like one that checked: the page says so in so many words.
#[test]
fn a_signature_that_could_not_be_checked_is_not_called_good() {
    let html = page("OFF-142", &bundle());
    // The policy pins the script, so the browser is made one that cannot through a changed script and its changed policy.
    let (head, rest) = html.split_once("script-src 'sha256-").unwrap();
    let (_, rest) = rest.split_once('\'').unwrap();
    let html = format!("{head}script-src 'unsafe-inline'{rest}")
        .replace("{ name: \"Ed25519\" }", "{ name: \"Ed99999\" }");
    let shown = opened(&html);
    assert_eq!(said(&shown, "data-verified"), Some("open"), "{shown}");
    assert!(
        shown.contains("could not be checked by this browser") && !shown.contains("<h1>Verified</h1>"),
        "{shown}"
    );
}

/// A script that somebody put into the page does not run, and ours does not run when it was changed.
#[test]
fn the_policy_lets_nothing_else_run() {
    let html = page("OFF-142", &bundle());
    let added =
        html.replace("</body>", "<script>document.documentElement.dataset.part = 'mine'</script></body>");
    assert_eq!(said(&opened(&added), "data-part"), None);
    let changed = html.replace(
        "function banner(kind, title, text) {",
        "function banner(kind, title, text) { kind = 'yes';",
    );
    assert_eq!(said(&opened(&changed), "data-verified"), Some("pending"));
}
