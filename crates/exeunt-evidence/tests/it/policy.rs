//! Trust policies (C2SP tlog-policy): every rule of the file, and what a bundle is worth under one.

use exeunt_evidence::bundle::{Answer, Reading, seal};
use exeunt_evidence::cosignature::cosign;
use exeunt_evidence::key::Algorithm;
use exeunt_evidence::policy::Quorum;
use exeunt_evidence::{Policy, Refusal, SigningKey, Trust, verify_under};
use jiff::SignedDuration;

use crate::world::{Story, log_key, log_of, other_key, story, witness_key};

fn witness(n: u8) -> SigningKey {
    SigningKey::from_seed(&format!("w{n}.example/witness"), Algorithm::CosignatureV1, &[100 + n; 32]).unwrap()
}

/// The example of the specification: two of three X and any of three Y.
fn example() -> String {
    let key = |n| witness(n).verifier().to_string();
    format!(
        "# who we believe\n\nlog {}\n\
         witness X1 {} https://x1.example/\n witness\tX2 {}\nwitness X3 {}\ngroup X-witnesses 2 X1 X2 X3\n\
         witness Y1 {}\nwitness Y2 {}\nwitness Y3 {}\ngroup Y-witnesses any Y1 Y2 Y3\n\
         \tgroup X-and-Y all X-witnesses Y-witnesses \nquorum X-and-Y\n  # end\n",
        log_key().verifier(),
        key(1),
        key(2),
        key(3),
        key(4),
        key(5),
        key(6),
    )
}

fn judged(policy: &str, by: &[u8]) -> Quorum {
    let policy = Policy::parse(policy.as_bytes()).unwrap();
    let mut note = log_of(3).head().note().clone();
    for n in by {
        note.add(cosign(&note, &witness(*n), 1_772_474_400 + u64::from(*n)).unwrap());
    }
    policy.judge(&note).unwrap()
}

/// Every set of the six witnesses of the example reaches the quorum exactly when the rule written by hand says so.
#[test]
fn the_quorum_is_the_rule_of_the_file() {
    for set in 0..64_u8 {
        let by: Vec<u8> = (1..=6).filter(|n| set & (1 << (n - 1)) != 0).collect();
        let x = by.iter().filter(|n| **n <= 3).count();
        let quorum = judged(&example(), &by);
        assert_eq!(quorum.reached, x >= 2 && by.len() > x, "{by:?}");
        assert_eq!((quorum.witnessed.len(), quorum.absent.len()), (by.len(), 6 - by.len()));
    }
    let none = judged("quorum none\n", &[]);
    assert!(none.reached && none.name == "none");
}

/// A witness must not count twice by signing twice; its earliest time is what bounds the head.
#[test]
fn a_witness_counts_once() {
    let text = example().replace("quorum X-and-Y", "quorum X-witnesses");
    let policy = Policy::parse(text.as_bytes()).unwrap();
    let mut note = log_of(3).head().note().clone();
    for seconds in [1_772_474_500, 1_772_474_400, 1_772_474_600] {
        note.add(cosign(&note, &witness(1), seconds).unwrap());
    }
    let quorum = policy.judge(&note).unwrap();
    assert!(!quorum.reached);
    assert_eq!((quorum.witnessed.len(), quorum.witnessed[0].seconds), (1, 1_772_474_400));
    // A cosignature of another head under a known name is a forgery, not an absence.
    note.add(cosign(log_of(4).head().note(), &witness(2), 1_772_474_400).unwrap());
    assert!(policy.judge(&note).is_err());
}

/// A policy that is misread could ask for less than its writer meant: whatever is not of the form is refused by line.
#[test]
fn a_policy_that_cannot_be_followed_is_refused_by_line() {
    let (w1, w2) = (witness(1).verifier().to_string(), witness(2).verifier().to_string());
    let log = log_key().verifier().to_string();
    let two = format!("witness A {w1}\nwitness B {w2}\n");
    // Another name around the key of w1: to the specification a duplicate.
    let again = SigningKey::from_seed("renamed", Algorithm::CosignatureV1, &[101; 32]).unwrap();
    let cases = [
        (0, String::new()),
        (2, two.clone()),
        (1, "quorum A\n".into()),
        (1, "quorum none".into()),
        (2, "quorum none\nquorum none\n".into()),
        (3, format!("{two}quorum C\n")),
        (3, format!("{two}group g 3 A B\nquorum g\n")),
        (3, format!("{two}group g 0 A B\nquorum g\n")),
        (3, format!("{two}group g 01 A B\nquorum g\n")),
        (3, format!("{two}group g most A B\nquorum g\n")),
        (3, format!("{two}group g all\nquorum g\n")),
        (3, format!("{two}group g all A A\nquorum g\n")),
        (3, format!("{two}group g all A g\nquorum g\n")),
        (3, format!("{two}group A all B\nquorum A\n")),
        (3, format!("{two}group none all B\nquorum none\n")),
        (3, format!("{two}group g any none\nquorum g\n")),
        (4, format!("{two}group g all A B\ngroup h any A\nquorum h\n")),
        (2, format!("witness A {w1}\nwitness A {w2}\nquorum A\n")),
        (2, format!("witness A {w1}\nwitness B {w1}\nquorum A\n")),
        (2, format!("witness A {w1}\nwitness B {}\nquorum A\n", again.verifier())),
        (2, format!("log {log}\nlog {log}\nquorum none\n")),
        (1, format!("log {w1}\nquorum none\n")),
        (1, format!("witness A {log}\nquorum A\n")),
        (1, format!("witness A {w1} https://a.example/ more\nquorum A\n")),
        (1, "witness A nonsense\nquorum A\n".into()),
        (1, "trust everybody\nquorum none\n".into()),
        (1, "quorum\r none\n".into()),
        (1, "quorum\u{a0}none\n".into()),
    ];
    for (line, text) in cases {
        let refused = Policy::parse(text.as_bytes()).unwrap_err();
        assert_eq!(refused.line, line, "{text}: {refused}");
    }
}

/// Names are octets: a Kelvin sign is not a K, and what is not UTF-8 is a name like any other.
#[test]
fn names_are_octets() {
    let (w1, w2) = (witness(1).verifier().to_string(), witness(2).verifier().to_string());
    let policy = format!("witness K {w1}\nwitness \u{212a} {w2}\nquorum \u{212a}\n");
    assert!(judged(&policy, &[2]).reached && !judged(&policy, &[1]).reached);
    let mut octets = b"witness \xFF ".to_vec();
    octets.extend_from_slice(format!("{w1}\nquorum ").as_bytes());
    octets.extend_from_slice(b"\xFF\n");
    assert!(Policy::parse(&octets).is_ok());
}

fn cosigned(by: &[u8]) -> Vec<u8> {
    let mut story: Story = story();
    for n in by {
        let line = cosign(story.ledger.head().note(), &witness(*n), 1_772_474_400).unwrap();
        story.ledger.cosign(&line.to_string(), witness(*n).verifier()).unwrap();
    }
    story.bundle()
}

/// An auditor's own policy decides, whatever witnesses the bundle names: too few of them, and it is refused.
#[test]
fn a_bundle_is_held_to_the_readers_policy() {
    let policy = Policy::parse(example().as_bytes()).unwrap();
    let verified = verify_under(&cosigned(&[1, 3, 5]), under(&policy)).unwrap();
    let said = verified.authenticity.to_string();
    assert!(verified.authenticity.expected_key, "the policy lists the log");
    assert!(said.contains("quorum X-and-Y is reached: cosigned by X1, X3, Y2; not by X2, Y1, Y3"), "{said}");
    assert!(!said.contains("the bundle's word"), "{said}");
    let reading =
        Reading { now: "2026-03-02T19:00:00Z".parse().unwrap(), max_age: SignedDuration::from_hours(24) };
    let findings = verified.findings(reading);
    let bounded = findings.iter().find(|found| found.name == "time-bounded").unwrap();
    assert_eq!(bounded.answer, Answer::Yes);
    assert!(bounded.why.contains("when X1 saw"), "{}", bounded.why);
    for few in [&[][..], &[1, 2], &[1, 5, 6]] {
        let refusal =
            verify_under(&cosigned(few), Trust { key: Some(log_key().verifier()), ..under(&policy) })
                .unwrap_err();
        assert!(matches!(refusal, Refusal::Quorum(_)), "{refusal}");
        assert_eq!(refusal.part(), "checkpoint");
    }
}

/// A bundle of a log that the policy does not list is refused, with every cosignature there could be.
#[test]
fn a_log_that_is_not_listed_is_refused() {
    let text = example().replace(&log_key().verifier().to_string(), &other_key().verifier().to_string());
    let policy = Policy::parse(text.as_bytes()).unwrap();
    let refusal = verify_under(&cosigned(&[1, 2, 3, 4, 5, 6]), under(&policy)).unwrap_err();
    assert!(matches!(refusal, Refusal::UnlistedLog { .. }), "{refusal}");
    assert_eq!(refusal.part(), "keys");
    // Without a log line the log is known from elsewhere; its key stays as expected or not as it was.
    let policy = Policy::parse(b"quorum none\n").unwrap();
    let verified = verify_under(&cosigned(&[]), under(&policy)).unwrap();
    assert!(!verified.authenticity.expected_key);
}

/// Without the policy's own witnesses no time is bounded, even if the bundle names a witness of its own.
#[test]
fn the_bundles_own_witness_bounds_nothing_under_a_policy() {
    let contents = story().contents();
    assert_eq!(contents.witnesses, [witness_key().verifier().clone()]);
    let bytes = seal(contents, &log_key()).unwrap();
    let verified = verify_under(&bytes, under(&Policy::parse(b"quorum none\n").unwrap())).unwrap();
    let reading =
        Reading { now: "2026-03-02T19:00:00Z".parse().unwrap(), max_age: SignedDuration::from_hours(24) };
    let findings = verified.findings(reading);
    assert_eq!(findings.iter().find(|found| found.name == "time-bounded").unwrap().answer, Answer::Open);
}

fn under(policy: &Policy) -> Trust<'_> {
    Trust { policy: Some(policy), ..Trust::default() }
}
