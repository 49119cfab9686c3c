//! Timestamps by a time authority of our own: the `openssl` program signs, this crate must agree with it, and must not with
//! anything else.

use std::fs;
use std::path::Path;
use std::process::Command;

use exeunt_evidence::bundle::{Answer, Reading, seal};
use exeunt_evidence::timestamp::{Authorities, TimestampError, read_answer, request, verify_token};
use exeunt_evidence::{Digest, Refusal, Trust, verify, verify_under};
use jiff::SignedDuration;
use tempfile::TempDir;

use crate::world::{log_key, story};

const NONCE: [u8; 16] = [0xa7; 16];

const CONFIG: &str = "\
[ca]
default_ca = own
[own]
new_certs_dir = .
database = ./index.txt
serial = ./ca.serial
default_md = sha256
policy = any
[any]
commonName = supplied
[req]
distinguished_name = name
[name]
[root]
basicConstraints = critical, CA:TRUE
[good]
basicConstraints = CA:FALSE
extendedKeyUsage = critical, timeStamping
[loose]
basicConstraints = CA:FALSE
extendedKeyUsage = timeStamping, emailProtection
[web]
basicConstraints = CA:FALSE
extendedKeyUsage = critical, serverAuth
[tsa]
default_tsa = clock
[clock]
serial = ./tsa.serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_alg = sha256
";

/// A time authority under a root of its own.
struct Authority(TempDir);

impl Authority {
    fn new(algorithm: &str) -> Self {
        let own = Self(tempfile::tempdir().unwrap());
        for (file, text) in [("c.cnf", CONFIG), ("index.txt", ""), ("ca.serial", "01"), ("tsa.serial", "01")]
        {
            fs::write(own.path().join(file), text).unwrap();
        }
        let option = if algorithm == "EC" { "ec_paramgen_curve:P-256" } else { "rsa_keygen_bits:2048" };
        for key in ["root.key", "tsa.key"] {
            own.run(&format!("genpkey -algorithm {algorithm} -pkeyopt {option} -out {key}"));
        }
        own.run(
            "req -x509 -config c.cnf -extensions root -key root.key -subj /CN=Root -days 30 -out root.pem",
        );
        own.run("req -new -config c.cnf -key tsa.key -subj /CN=Clock -out tsa.csr");
        own.certify("good", "20200101000000Z", "20490101000000Z");
        own
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn run(&self, words: &str) {
        let done = Command::new("openssl").args(words.split(' ')).current_dir(self.path()).output().unwrap();
        assert!(done.status.success(), "openssl {words}: {}", String::from_utf8_lossy(&done.stderr));
    }

    /// The authority's certificate, with these extensions and dates.
    fn certify(&self, extensions: &str, from: &str, to: &str) {
        fs::write(self.path().join("index.txt"), "").unwrap();
        self.run(&format!(
            "ca -batch -notext -config c.cnf -cert root.pem -keyfile root.key -in tsa.csr -out tsa.pem -extensions {extensions} \
             -startdate {from} -enddate {to}"
        ));
    }

    fn answer(&self, request: &[u8]) -> Vec<u8> {
        fs::write(self.path().join("q"), request).unwrap();
        self.run(
            "ts -reply -config c.cnf -queryfile q -signer tsa.pem -inkey tsa.key -chain root.pem -out r",
        );
        fs::read(self.path().join("r")).unwrap()
    }

    fn trusted(&self) -> Authorities {
        Authorities::from_pem(&fs::read(self.path().join("root.pem")).unwrap()).unwrap()
    }

    fn token(&self, digest: Digest) -> Vec<u8> {
        let answer = self.answer(&request(digest, NONCE).unwrap());
        read_answer(&answer, digest, NONCE, &self.trusted()).unwrap().0
    }
}

/// What an authority that is trusted says must be believed, by either kind of key in use.
#[test]
fn a_token_of_a_trusted_authority_holds() {
    let digest = Digest::of(b"head");
    for algorithm in ["EC", "RSA"] {
        let clock = Authority::new(algorithm);
        let answer = clock.answer(&request(digest, NONCE).unwrap());
        let (token, stamped) = read_answer(&answer, digest, NONCE, &clock.trusted()).unwrap();
        assert_eq!(stamped.authority, "CN=Clock");
        let (again, _) = verify_token(&token, digest, &clock.trusted()).unwrap();
        assert_eq!(again, stamped);
    }
}

/// A time for another head, an answer from before, and an authority nobody named prove nothing about this head.
#[test]
fn tokens_of_something_or_somebody_else_are_named() {
    let (clock, other) = (Authority::new("EC"), Authority::new("EC"));
    let digest = Digest::of(b"head");
    let answer = clock.answer(&request(digest, NONCE).unwrap());
    let read =
        |digest, nonce, by: &Authority| read_answer(&answer, digest, nonce, &by.trusted()).unwrap_err();
    assert!(matches!(read(Digest::of(b"other"), NONCE, &clock), TimestampError::OtherDigest { .. }));
    assert_eq!(read(digest, [0x11; 16], &clock), TimestampError::Nonce);
    assert!(matches!(read(digest, NONCE, &other), TimestampError::Foreign { .. }));
    let refused = other.answer(b"no request at all");
    let refused = read_answer(&refused, digest, NONCE, &other.trusted()).unwrap_err();
    assert!(matches!(refused, TimestampError::Rejected { .. }), "{refused}");
}

/// A certificate that had expired, was not valid yet, or is for something else vouches for no time.
#[test]
fn certificates_that_do_not_count_are_named() {
    let clock = Authority::new("EC");
    let digest = Digest::of(b"head");
    let asked = request(digest, NONCE).unwrap();
    let read =
        |clock: &Authority| read_answer(&clock.answer(&asked), digest, NONCE, &clock.trusted()).unwrap_err();
    clock.certify("good", "20200101000000Z", "20210101000000Z");
    assert!(read(&clock).to_string().ends_with("it had expired"), "{}", read(&clock));
    clock.certify("good", "20480101000000Z", "20490101000000Z");
    assert!(read(&clock).to_string().ends_with("it was not valid yet"), "{}", read(&clock));
}

/// A certificate for web servers, or for timestamps among other things, is not a time authority's (RFC 3161 §2.3). The program
/// refuses to answer with one, so what it said is signed anew beneath it.
#[test]
fn certificates_for_something_else_are_named() {
    let clock = Authority::new("EC");
    let digest = Digest::of(b"head");
    fs::write(clock.path().join("token"), clock.token(digest)).unwrap();
    clock.run("cms -verify -noverify -inform DER -in token -out said");
    let sign = |extensions: &str| {
        clock.certify(extensions, "20200101000000Z", "20490101000000Z");
        clock.run(
            "cms -sign -binary -nodetach -cades -md sha256 -econtent_type 1.2.840.113549.1.9.16.1.4 -signer tsa.pem \
             -inkey tsa.key -in said -outform DER -out token",
        );
        verify_token(&fs::read(clock.path().join("token")).unwrap(), digest, &clock.trusted())
    };
    sign("good").unwrap();
    for extensions in ["loose", "web"] {
        let why = sign(extensions).unwrap_err();
        assert!(matches!(why, TimestampError::Purpose { .. }), "{extensions}: {why}");
    }
}

/// Every byte of a token is either signed or of no meaning (the root it carries, which the reader has from elsewhere): none
/// can be changed so that it says something else.
#[test]
fn no_byte_of_a_token_can_be_changed() {
    let clock = Authority::new("EC");
    let digest = Digest::of(b"head");
    let token = clock.token(digest);
    let (said, nonce) = verify_token(&token, digest, &clock.trusted()).unwrap();
    let mut refused = 0;
    for at in 0..token.len() {
        let mut changed = token.clone();
        changed[at] ^= 0x01;
        match verify_token(&changed, digest, &clock.trusted()) {
            Ok(found) => assert_eq!(found, (said.clone(), nonce.clone()), "byte {at}"),
            Err(_) => refused += 1,
        }
    }
    assert!(refused * 4 > token.len() * 3, "{refused} of {}", token.len());
}

/// A bundle with a token says that its time is bounded, to whoever trusts the authority, and to nobody else.
#[test]
fn a_bundle_with_a_token_is_bounded_in_time() {
    let clock = Authority::new("EC");
    let story = story();
    let mut contents = story.contents();
    contents.witnesses.clear();
    let head = contents.checkpoint.checkpoint().digest();
    contents.timestamps = vec![clock.token(head)];
    let bytes = seal(contents.clone(), &log_key()).unwrap();
    let bounded = |trust: Trust<'_>| {
        let verified = verify_under(&bytes, trust).unwrap();
        let reading =
            Reading { now: "2026-03-03T00:00:00Z".parse().unwrap(), max_age: SignedDuration::from_hours(24) };
        verified.findings(reading).pop().unwrap()
    };
    let (trusted, foreign) = (clock.trusted(), Authority::new("EC").trusted());
    let found = bounded(Trust { authorities: Some(&trusted), ..Trust::default() });
    assert_eq!(found.answer, Answer::Yes, "{}", found.why);
    assert!(found.why.contains("CN=Clock"), "{}", found.why);
    let found = bounded(Trust::default());
    assert_eq!(found.answer, Answer::Open);
    assert!(found.why.contains("1 timestamps are carried"), "{}", found.why);
    let refusal =
        verify_under(&bytes, Trust { authorities: Some(&foreign), ..Trust::default() }).unwrap_err();
    assert!(matches!(refusal, Refusal::Timestamp { place: 0, why: TimestampError::Foreign { .. } }));
    assert_eq!(refusal.part(), "timestamps/0");
    contents.timestamps = vec![clock.token(Digest::of(b"another head"))];
    let other = seal(contents, &log_key()).unwrap();
    let refusal =
        verify_under(&other, Trust { authorities: Some(&trusted), ..Trust::default() }).unwrap_err();
    assert!(matches!(refusal, Refusal::Timestamp { place: 0, why: TimestampError::OtherDigest { .. } }));
    // Without the token it is another bundle, and its seal says so.
    let text = String::from_utf8(bytes).unwrap();
    let (without, _) = text.split_once(",\"timestamps\"").unwrap();
    let refusal = verify(format!("{without}}}\n").as_bytes(), None).unwrap_err();
    assert_eq!(refusal, Refusal::PartRemoved { part: "timestamps/0".into() });
}
