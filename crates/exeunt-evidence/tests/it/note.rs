//! Signed notes, checkpoints, cosignatures and offline proofs.

use exeunt_evidence::Digest;
use exeunt_evidence::checkpoint::{Checkpoint, CheckpointError, SignedCheckpoint};
use exeunt_evidence::cosignature::{cosign, stated_seconds};
use exeunt_evidence::key::{Algorithm, SigningKey, VerifierKey};
use exeunt_evidence::merkle::{ProofError, leaf_hash, root_of};
use exeunt_evidence::note::{MAX_SIGNATURES, Note, NoteError, NoteVerifier};
use exeunt_evidence::tlog_proof::TlogProof;

use crate::world::{ORIGIN, log_key, log_of, other_key, witness_key};

/// The example of Go's note package, which every signed-note tool verifies.
const TEXT: &str =
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const LINE: &str = "\u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
const PUBLIC: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const SECRET: &str = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";

/// A note of another tool verifies here, and ours is byte for byte theirs.
#[test]
fn the_published_note() {
    let text = format!("{TEXT}\n{LINE}");
    let key: VerifierKey = PUBLIC.parse().unwrap();
    let note = Note::parse(&text).unwrap();
    assert_eq!(note.text(), TEXT);
    assert_eq!(note.verify(&[&key]).unwrap().len(), 1);
    assert_eq!(note.to_string(), text);
    let secret = SigningKey::from_text(SECRET).unwrap();
    assert_eq!(secret.verifier(), &key);
    assert_eq!(Note::sign(TEXT, &secret).unwrap().to_string(), text);
}

/// Any change to a note is noticed.
#[test]
fn a_changed_note_is_refused() {
    let text = format!("{TEXT}\n{LINE}").into_bytes();
    let key: VerifierKey = PUBLIC.parse().unwrap();
    for at in 0..text.len() {
        for flip in [0x01, 0x20, 0x80] {
            let mut changed = text.clone();
            changed[at] ^= flip;
            let holds = String::from_utf8(changed)
                .is_ok_and(|text| Note::parse(&text).is_ok_and(|note| note.verify(&[&key]).is_ok()));
            assert!(!holds, "byte {at} xor {flip:#x}");
        }
    }
}

/// signed-note: unknown keys are ignored even if they share a name or an id; a known key that fails rejects the
/// note; without a known key there is nothing to trust.
#[test]
fn known_and_unknown_keys() {
    let key = log_key();
    let mut note = Note::sign("hello\n", &key).unwrap();
    assert!(matches!(note.verify(&[other_key().verifier()]), Err(NoteError::Unsigned { .. })));
    let same_name = Note::sign("something else\n", &other_key()).unwrap();
    note.add(same_name.signatures()[0].clone());
    assert_eq!(note.verify(&[key.verifier()]).unwrap().len(), 1);
    let other = other_key();
    let both: [&dyn NoteVerifier; 2] = [key.verifier(), other.verifier()];
    assert!(matches!(note.verify(&both), Err(NoteError::BadSignature { name }) if name == ORIGIN));
}

/// What is no note is refused, and a note may hold empty lines.
#[test]
fn the_form_of_a_note() {
    let sig = LINE;
    for bad in [
        String::new(),
        "\n\n".into(),
        TEXT.into(),
        format!("{TEXT}\n"),
        format!("{TEXT}{sig}"),
        format!("{TEXT}\n{}", sig.trim_end()),
        format!("{TEXT}\n{sig}x\n"),
        format!("a\tb\n\n{sig}"),
        format!("{TEXT}\n{}", sig.replace('\u{2014}', "-")),
        format!("{TEXT}\n{}", sig.replace("PeterNeumann", "Peter Neumann")),
        format!("{TEXT}\n{}", sig.replace("PeterNeumann", "Peter+Neumann")),
        format!("{TEXT}\n{}", sig.replace('=', "")),
        format!("{TEXT}\n\u{2014} a AAAAAA==\n"),
        format!("{TEXT}\n{}", sig.repeat(MAX_SIGNATURES + 1)),
    ] {
        assert!(matches!(Note::parse(&bad), Err(NoteError::Form(_))), "{bad:?}");
    }
    assert!(Note::parse(&format!("{TEXT}\n{}", sig.repeat(16))).is_ok());
    assert_eq!(Note::parse(&format!("a\n\nb\n\n{sig}")).unwrap().text(), "a\n\nb\n");
}

/// A checkpoint has one text per head, and only the log's own signature makes it one.
#[test]
fn the_form_of_a_checkpoint() {
    let root = Digest::of(b"").to_base64();
    let good = format!("{ORIGIN}\n0\n{root}\n");
    assert_eq!(Checkpoint::parse(&good).unwrap().to_string(), good);
    let extended = format!("{good}extension\n");
    assert_eq!(Checkpoint::parse(&extended).unwrap().extensions, ["extension"]);
    for bad in [
        String::new(),
        "\n0\n".to_owned() + &root + "\n",
        good.trim_end().to_owned(),
        good.replace("\n0\n", "\n00\n"),
        good.replace("\n0\n", "\n-1\n"),
        good.replace('=', ""),
        format!("{good}\n"),
        format!("{ORIGIN}\n0\n"),
    ] {
        assert!(matches!(Checkpoint::parse(&bad), Err(CheckpointError::Form(_))), "{bad:?}");
    }
}

/// The same key under another origin, or a witness alone, is not the log.
#[test]
fn a_checkpoint_of_another_log_is_refused() {
    let key = log_key();
    let root = Digest::of(b"").to_base64();
    let other = Note::sign(&format!("other.example/log\n0\n{root}\n"), &key).unwrap();
    let opened = SignedCheckpoint::open(&other.to_string(), key.verifier(), &[]);
    assert!(matches!(opened, Err(CheckpointError::Origin { .. })));
    let text = format!("{ORIGIN}\n0\n{root}\n");
    let signed = Note::sign(&text, &other_key()).unwrap();
    let line = cosign(&signed, &witness_key(), 5).unwrap();
    let only_witnessed = format!("{text}\n{line}");
    let opened = SignedCheckpoint::open(&only_witnessed, key.verifier(), &[witness_key().verifier().clone()]);
    assert!(matches!(opened, Err(CheckpointError::NotByLog { .. })));
}

/// A log must never sign two heads that contradict each other: roll-backs and forks are refused by the signer itself.
#[test]
fn the_signer_refuses_rollback_and_fork() {
    let d: Vec<Digest> = (0..9u8).map(|n| leaf_hash(&[n])).collect();
    let empty = Checkpoint::sign_first(&log_key()).unwrap();
    let four = empty.checkpoint().sign_next(4, root_of(&d[..4]), &[], &log_key()).unwrap();
    let four = four.checkpoint();
    let to_eight = [root_of(&d[4..8])];
    assert!(four.sign_next(8, root_of(&d[..8]), &to_eight, &log_key()).is_ok());
    let shrunk = four.sign_next(3, root_of(&d[..3]), &[], &log_key());
    assert!(matches!(shrunk, Err(CheckpointError::Inconsistent(ProofError::Shrunk { .. }))));
    for (size, root) in [(4, root_of(&d[1..5])), (8, root_of(&d[1..9]))] {
        let forked = four.sign_next(size, root, if size == 4 { &[] } else { &to_eight }, &log_key());
        assert!(matches!(forked, Err(CheckpointError::Inconsistent(ProofError::WrongRoot { .. }))));
    }
    let renamed = SigningKey::from_seed("other.example", Algorithm::Ed25519, &[42; 32]).unwrap();
    let other = four.sign_next(8, root_of(&d[..8]), &to_eight, &renamed);
    assert!(matches!(other, Err(CheckpointError::Origin { .. })));
}

/// A witness's cosignature holds for one time and one head, and a changed one rejects the checkpoint.
#[test]
fn cosignatures() {
    let ledger = log_of(3);
    let witness = witness_key();
    let known = [witness.verifier().clone()];
    let line = cosign(ledger.head().note(), &witness, 1_700_000_000).unwrap();
    assert_eq!(stated_seconds(&line), Some(1_700_000_000));
    let note = format!("{}{line}", ledger.head().note());
    let opened = SignedCheckpoint::open(&note, log_key().verifier(), &known).unwrap();
    assert_eq!(opened.witnessed()[0].name, "witness.example");
    assert_eq!(opened.witnessed()[0].seconds, 1_700_000_000);
    for at in 0..72 {
        let mut changed = line.clone();
        changed.signature[at] ^= 1;
        let note = format!("{}{changed}", ledger.head().note());
        assert!(SignedCheckpoint::open(&note, log_key().verifier(), &known).is_err());
        assert!(ledger.head().with_cosignature(&changed.to_string(), &known[0]).is_err());
        // Who does not know the witness ignores its line.
        assert!(SignedCheckpoint::open(&note, log_key().verifier(), &[]).is_ok());
    }
    assert!(cosign(ledger.head().note(), &log_key(), 1).is_err());
    assert!(Note::sign("x\n", &witness).is_err());
}

/// The file a third party keeps proves its entry, and nothing else.
#[test]
fn offline_proofs() {
    let ledger = log_of(300);
    let proof = ledger.prove(17).unwrap();
    let text = proof.to_string();
    assert!(text.starts_with("c2sp.org/tlog-proof@v1\nindex 17\n"));
    let read = TlogProof::parse(&text).unwrap();
    assert_eq!(read, proof);
    let head = read.verify(b"entry 17", log_key().verifier(), &[]).unwrap();
    assert_eq!(head.checkpoint().size, 300);
    assert!(read.verify(b"entry 18", log_key().verifier(), &[]).is_err());
    assert!(read.verify(b"entry 17", other_key().verifier(), &[]).is_err());
    for at in 0..text.len() {
        let mut changed = text.clone().into_bytes();
        changed[at] ^= 1;
        let holds = String::from_utf8(changed).is_ok_and(|text| {
            TlogProof::parse(&text)
                .is_ok_and(|proof| proof.verify(b"entry 17", log_key().verifier(), &[]).is_ok())
        });
        assert!(!holds, "byte {at}");
    }
    let with_extra = TlogProof { extra: Some(b"context".to_vec()), ..proof };
    assert!(with_extra.to_string().contains("\nextra Y29udGV4dA==\nindex 17\n"));
    assert_eq!(TlogProof::parse(&with_extra.to_string()).unwrap(), with_extra);
    for bad in
        ["", "c2sp.org/tlog-proof@v1", "c2sp.org/tlog-proof@v1\nindex 01\n\nx", "c2sp.org/tlog-proof@v1\n\n"]
    {
        assert!(TlogProof::parse(bad).is_err(), "{bad:?}");
    }
}
