//! DSSE envelopes, in-toto statements and log records.

use exeunt_evidence::Digest;
use exeunt_evidence::dsse::{DsseError, Envelope, pre_authentication_encoding};
use exeunt_evidence::in_toto::{PAYLOAD_TYPE, Statement, StatementError, Subject};
use exeunt_evidence::record::{Record, RecordError};

use crate::world::{log_key, other_key, witness_key};

/// The specification's own example of what is signed.
#[test]
fn the_published_encoding() {
    let bytes = pre_authentication_encoding("http://example.com/HelloWorld", b"hello world");
    assert_eq!(bytes, b"DSSEv1 29 http://example.com/HelloWorld 11 hello world");
}

/// A verdict signed by somebody else, or of another type, is not a verdict.
#[test]
fn envelopes_verify_by_key_and_type() {
    let envelope = Envelope::sign(PAYLOAD_TYPE, b"{}".to_vec(), &log_key());
    let json = envelope.to_json().unwrap();
    let read = Envelope::from_json(&json).unwrap();
    assert_eq!(read.verify(PAYLOAD_TYPE, &[other_key().verifier(), log_key().verifier()]).unwrap(), b"{}");
    assert_eq!(read.verify(PAYLOAD_TYPE, &[other_key().verifier()]), Err(DsseError::Signature));
    assert_eq!(read.verify(PAYLOAD_TYPE, &[witness_key().verifier()]), Err(DsseError::Signature));
    assert!(matches!(read.verify("text/plain", &[log_key().verifier()]), Err(DsseError::Type { .. })));
    let text = String::from_utf8(json).unwrap();
    let retyped = text.replace("in-toto", "in-tota");
    let retyped = Envelope::from_json(retyped.as_bytes()).unwrap();
    assert!(retyped.verify("application/vnd.in-tota+json", &[log_key().verifier()]).is_err());
    // DSSE: readers accept the URL-safe alphabet too.
    let url_safe = text.replace("application/vnd", "@").replace('+', "-").replace('/', "_");
    let url_safe = url_safe.replace("in-toto-json", "in-toto+json").replace('@', "application/vnd");
    assert!(
        Envelope::from_json(url_safe.as_bytes())
            .unwrap()
            .verify(PAYLOAD_TYPE, &[log_key().verifier()])
            .is_ok()
    );
}

/// Statements of another type, or about nothing that can be checked, are refused.
#[test]
fn statements_are_typed_and_name_digests() {
    let subject = Subject::new("receipt", Digest::of(b"x"));
    let json = Statement::new("urn:a", 7, vec![subject]).to_json().unwrap();
    let text = String::from_utf8(json.clone()).unwrap();
    assert!(text.starts_with(r#"{"_type":"https://in-toto.io/Statement/v1","predicate":7,"predicateType":"urn:a","subject":[{"digest":{"sha256":""#));
    let read = Statement::<u8>::from_json(&json, "urn:a").unwrap();
    assert_eq!((read.predicate, read.subject[0].sha256()), (7, Some(Digest::of(b"x"))));
    assert!(matches!(Statement::<u8>::from_json(&json, "urn:b"), Err(StatementError::Type { .. })));
    let v0 = text.replace("Statement/v1", "Statement/v0.1");
    assert!(matches!(Statement::<u8>::from_json(v0.as_bytes(), "urn:a"), Err(StatementError::Type { .. })));
    let weak = text.replace("sha256", "md5");
    assert!(matches!(
        Statement::<u8>::from_json(weak.as_bytes(), "urn:a"),
        Err(StatementError::Subject { .. })
    ));
}

/// A record has one text, so that its digest in the log can be recomputed by anyone.
#[test]
fn records_have_one_text() {
    let record = Record::of_case("LEAVE-42", 3, "receipt", "2026-03-02T18:00:00Z", Digest::of(b"x"));
    let bytes = record.to_bytes().unwrap();
    let text = String::from_utf8(bytes.clone()).unwrap();
    assert_eq!(
        text,
        format!(
            r#"{{"at":"2026-03-02T18:00:00Z","body":"{}","case":"LEAVE-42","kind":"receipt","sequence":3,"v":1}}"#,
            Digest::of(b"x")
        )
    );
    assert_eq!(Record::from_bytes(&bytes), Ok(record.clone()));
    assert!(Record::from_bytes(text.replace(':', ": ").as_bytes()).is_err());
    assert_eq!(Record::from_bytes(format!("{text} ").as_bytes()), Err(RecordError::NotCanonical));
    assert_eq!(
        Record::from_bytes(text.replace("\"sequence\":3", "\"sequence\":null").as_bytes()),
        Err(RecordError::HalfCase)
    );
    for bad in [text.replace("\"v\":1", "\"v\":2"), text.replace("\"v\":1", "\"v\":1,\"w\":1")] {
        assert!(matches!(Record::from_bytes(bad.as_bytes()), Err(RecordError::Form(_))), "{bad}");
    }
    for kind in ["", "Receipt", "a b"] {
        let odd = Record::shared(kind, "2026-03-02T18:00:00Z", Digest::of(b"x"));
        assert_eq!(odd.to_bytes(), Err(RecordError::Word));
    }
}
