//! No secret of a known form or in a named field is left, wherever and however it is written; nothing else is touched.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{BEGIN, FingerprintKey, Named, Redactor, Vault};
use crate::conformance::planted;

fn redactor() -> Redactor {
    Redactor::new(FingerprintKey::new([3; 32]))
}

fn body(value: &Value, named: &[&str]) -> Value {
    let names: Vec<String> = named.iter().map(|name| (*name).to_owned()).collect();
    let (redacted, _) = redactor().body(value.to_string().into_bytes(), &Named::new(&names));
    serde_json::from_slice(redacted.bytes()).expect("still JSON")
}

fn is_mark(value: &Value) -> bool {
    value.as_str().is_some_and(super::is_marker)
}

/// A token in a comment, a webhook's address or a list is as good as one in a field called so.
#[test]
fn secrets_of_every_known_form_are_found_in_any_text() {
    for (name, secret) in planted(7) {
        for text in [secret.clone(), format!("use {secret} until Monday"), format!("a\n\t\"{secret}\"\\ ü")]
        {
            for escaped in [false, true] {
                let mut document =
                    json!({"rows": [{"name": "Ada", "note": text, "list": ["a", text]}], "n": 1.50})
                        .to_string();
                if escaped {
                    document = document.replace('/', "\\/").replace('-', "\\u002d").replace('_', "\\u005f");
                }
                let (redacted, replaced) = redactor().body(document.into_bytes(), &Named::default());
                let kept = String::from_utf8(redacted.bytes().to_vec()).expect("text");
                let value: Value = serde_json::from_str(&kept).expect("still JSON");
                for at in ["/rows/0/note", "/rows/0/list/1"] {
                    let said = value.pointer(at).and_then(Value::as_str).expect("text");
                    assert!(said.contains(BEGIN) && !said.contains(&secret), "{name}: {said}");
                }
                assert!(!replaced.is_empty() && kept.contains("\"n\":1.5"), "{name}: {kept}");
            }
        }
    }
}

/// Client secrets and passwords look like anything; they are known by where they stand.
#[test]
fn named_fields_are_replaced_whatever_they_hold() {
    let given = json!({
        "password": "summer", "client_secret": "a b", "clientSecret": "**********", "token": "t", "tokens": ["kept"],
        "config": {"token": ["one", "two"], "token_type": "kept", "other": {"id": "kept"}}, "id": "hook-9",
        "nested": "{\"secretData\":{\"value\":\"kept\"},\"private_key\":\"k\"}", "isSecret": true, "unicodePwd": "set",
        "nextPageToken": "kept",
    });
    let got = body(&given, &["id"]);
    for at in [
        "/password",
        "/client_secret",
        "/token",
        "/config/token/0",
        "/config/token/1",
        "/id",
        "/config/other/id",
    ] {
        assert!(is_mark(got.pointer(at).expect("there")), "{at}: {got}");
    }
    for at in
        ["/clientSecret", "/tokens/0", "/config/token_type", "/isSecret", "/unicodePwd", "/nextPageToken"]
    {
        assert_eq!(got.pointer(at), given.pointer(at), "{at}");
    }
    let nested: Value = serde_json::from_str(got["nested"].as_str().expect("text")).expect("JSON within");
    assert!(is_mark(&nested["private_key"]), "{nested}");
    let got = body(&given, &["other.id"]);
    assert!(is_mark(&got["config"]["other"]["id"]) && got["id"] == "hook-9", "{got}");
    assert_eq!(body(&got, &["other.id"]), got, "what is redacted stays as it is");
}

/// What a gateway answers, XML and broken JSON are kept too.
#[test]
fn bodies_that_are_no_json_are_looked_through() {
    for (given, secret) in [
        ("<Key><SecretAccessKey>wJalrXUtnFEMI/K7MDENG</SecretAccessKey></Key>", "wJalrXUtnFEMI/K7MDENG"),
        ("<html>postgres://app:hunter22@db/x</html>", "hunter22"),
        ("{\"password\": \"hunter22", "hunter22"),
        ("{\"a\": 1} trailing \"token\": \"hunter22\"}}", "hunter22"),
        ("Set: Bearer abcdefghijklmnop1234", "abcdefghijklmnop1234"),
    ] {
        let (redacted, replaced) = redactor().body(given.as_bytes().to_vec(), &Named::default());
        let kept = String::from_utf8_lossy(redacted.bytes()).into_owned();
        assert!(!kept.contains(secret) && kept.contains(BEGIN) && !replaced.is_empty(), "{kept}");
    }
}

/// A fingerprint that differed from one collection to the next would make each webhook a new one; one without a key could
/// be guessed at.
#[test]
fn one_secret_has_one_mark_for_one_key() {
    let mark = |key: u8| FingerprintKey::new([key; 32]).mark(b"hunter22");
    assert_eq!(mark(1), mark(1));
    assert_ne!(mark(1), mark(2));
    assert_ne!(mark(1), FingerprintKey::new([1; 32]).mark(b"hunter23"));
    assert!(super::is_marker(&mark(1)));
    assert_eq!(format!("{:?}", FingerprintKey::new([65; 32])), "FingerprintKey(not shown)");
}

/// The next page of some systems is asked for with a secret: the question must be what the system offered.
#[test]
fn what_the_next_question_needs_is_remembered_and_nothing_else() {
    let next = "https://x.example/list?access_token=abcdefgh12345&page=2";
    let (text, replaced) = redactor().text(next);
    assert!(!text.contains("abcdefgh12345") && text.ends_with("&page=2"), "{text}");
    let vault = Vault::default();
    assert_eq!(vault.whole(&text), None, "a secret of another run");
    vault.remember(&text, &replaced);
    assert_eq!(vault.whole(&text).as_deref(), Some(next));
    assert_eq!(vault.whole(&text.replace(' ', "%20")).as_deref(), Some(next));
    assert!(!format!("{vault:?} {replaced:?}").contains("abcdefgh12345"));
}

fn texts() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[ -~]{0,40}".prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 48, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map("[a-z_]{1,9}", inner, 0..6)
                .prop_map(|object| object.into_iter().collect::<serde_json::Map<_, _>>().into()),
        ]
    })
}

proptest! {
    /// What holds no secret is kept byte for byte; with one planted, exactly its text changes.
    #[test]
    fn everything_else_stays_as_it_is(value in texts(), which in 0..1000_usize, pretty: bool) {
        let text = if pretty { serde_json::to_string_pretty(&value).expect("JSON") } else { value.to_string() };
        let (redacted, replaced) = redactor().body(text.clone().into_bytes(), &Named::default());
        if replaced.is_empty() {
            prop_assert_eq!(redacted.bytes(), text.as_bytes());
        }
        let all = planted(which as u64);
        let (name, secret) = &all[which % all.len()];
        let with = json!({"before": value, "planted": secret, "after": [1, "x"]});
        let (kept, _) = redactor().body(with.to_string().into_bytes(), &Named::default());
        let kept: Value = serde_json::from_slice(kept.bytes()).expect("JSON");
        prop_assert!(!kept["planted"].as_str().expect("text").contains(secret.as_str()), "{}", name);
        prop_assert_eq!(&kept["after"], &with["after"]);
        let (before, _) = redactor().body(with["before"].to_string().into_bytes(), &Named::default());
        if let Ok(before) = serde_json::from_slice::<Value>(before.bytes()) {
            prop_assert_eq!(&kept["before"], &before);
        }
    }
}
