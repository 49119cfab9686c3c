//! The witness: every status of tlog-witness v1.0.0, and that no order of requests makes it cosign two histories.

use std::io;
use std::sync::{Arc, Mutex};

use exeunt_evidence::checkpoint::{Checkpoint, SignedCheckpoint};
use exeunt_evidence::key::Algorithm;
use exeunt_evidence::merkle::{ProofError, consistency_proof, leaf_hash, range_root};
use exeunt_evidence::note::Note;
use exeunt_evidence::witness::{
    Answer, FolderHeads, Heads, MemoryHeads, Reply, Request, SeenHead, Witness, WitnessError,
};
use exeunt_evidence::{Digest, SigningKey};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::world::{log_key, other_key, witness_key};

const AT: u64 = 1_772_474_400;

/// A history of a log: its leaves. Two of them with one beginning are a fork.
struct History(Vec<Digest>);

impl History {
    fn new(word: &str, common: u64, count: u64) -> Self {
        let leaf = |n: u64| {
            let word = if n < common { "common" } else { word };
            leaf_hash(format!("{word} {n}").as_bytes())
        };
        Self((0..count).map(leaf).collect())
    }

    fn node(&self, level: u32, index: u64) -> Result<Digest, ProofError> {
        let width = 1_u64 << level;
        let first = index * width;
        if level == 0 {
            return Ok(self.0[usize::try_from(index).unwrap()]);
        }
        let half = first + width / 2;
        let left = range_root(first, half, &mut |level, index| self.node(level, index))?;
        let right = range_root(half, first + width, &mut |level, index| self.node(level, index))?;
        Ok(exeunt_evidence::merkle::node_hash(&left, &right))
    }

    fn root(&self, size: u64) -> Digest {
        range_root(0, size, &mut |level, index| self.node(level, index)).unwrap()
    }

    /// The head at a size, as this key signs it: a log that forks signs whatever suits it.
    fn head(&self, size: u64, key: &SigningKey) -> SignedCheckpoint {
        let first = Checkpoint::sign_first(key).unwrap();
        first.checkpoint().sign_next(size, self.root(size), &[], key).unwrap()
    }

    fn request(&self, old: u64, new: u64) -> Request {
        let proof =
            consistency_proof::<ProofError>(old, new, &mut |level, index| self.node(level, index)).unwrap();
        Request { old, proof, checkpoint: self.head(new, &log_key()).note().clone() }
    }

    fn body(&self, old: u64, new: u64) -> Vec<u8> {
        self.request(old, new).to_string().into_bytes()
    }
}

fn witness() -> Witness<MemoryHeads> {
    Witness::new(witness_key(), vec![log_key().verifier().clone()], MemoryHeads::default()).unwrap()
}

/// A log that grows is cosigned, and what comes back is a cosignature of this very head by this very witness.
#[test]
fn a_growing_log_is_cosigned() {
    let (witness, history) = (witness(), History::new("a", 0, 9));
    for (old, new) in [(0, 0), (0, 1), (1, 4), (4, 4), (4, 9)] {
        let answer = witness.add_checkpoint(&history.body(old, new), AT);
        assert_eq!(
            (answer.status(), answer.content_type()),
            (200, "text/plain; charset=utf-8"),
            "{answer:?}"
        );
        let key = witness_key().verifier().clone();
        let Reply::Cosigned(lines) = Reply::read(200, answer.content_type(), &answer.body(), &key) else {
            panic!("{answer:?}");
        };
        let head = history.head(new, &log_key()).with_cosignature(&lines[0], &key).unwrap();
        assert_eq!((head.witnessed()[0].name.as_str(), head.witnessed()[0].seconds), (key.name(), AT));
    }
}

/// 409 tells the size, so that a log that lost its notes about a witness finds back.
#[test]
fn another_old_size_is_answered_with_the_known_one() {
    let (witness, history) = (witness(), History::new("a", 0, 9));
    assert_eq!(witness.add_checkpoint(&history.body(0, 5), AT).status(), 200);
    for (old, new) in [(0, 7), (4, 7), (6, 7), (0, 3)] {
        let answer = witness.add_checkpoint(&history.body(old, new), AT);
        assert_eq!((answer.status(), answer.content_type()), (409, "text/x.tlog.size"));
        assert_eq!(answer.body(), "5\n");
        let read = Reply::read(409, answer.content_type(), &answer.body(), witness_key().verifier());
        assert_eq!(read, Reply::From(5));
    }
    assert_eq!(witness.add_checkpoint(&history.body(5, 7), AT).status(), 200);
}

/// A log must not get a smaller tree cosigned after a larger one, whichever old size it states.
#[test]
fn rollback_is_refused() {
    let (witness, history) = (witness(), History::new("a", 0, 9));
    assert_eq!(witness.add_checkpoint(&history.body(0, 8), AT).status(), 200);
    assert_eq!(witness.add_checkpoint(&history.body(0, 6), AT), Answer::OtherSize(8));
    let mut back = history.request(0, 6);
    back.old = 8;
    let answer = witness.add_checkpoint(back.to_string().as_bytes(), AT);
    assert_eq!(answer.status(), 400, "{answer:?}");
}

/// Two histories with one beginning: the second is not cosigned, at the same size or at a larger one.
#[test]
fn a_fork_is_refused() {
    let (one, other) = (History::new("a", 4, 9), History::new("b", 4, 9));
    let witness = witness();
    assert_eq!(witness.add_checkpoint(&one.body(0, 6), AT).status(), 200);
    for new in [6, 9] {
        let answer = witness.add_checkpoint(&other.body(6, new), AT);
        assert_eq!(answer.status(), 422, "{answer:?}");
    }
    // Nor with the proof of the true history, and the true history still goes on.
    let mut mixed = one.request(6, 9);
    mixed.checkpoint = other.head(9, &log_key()).note().clone();
    assert_eq!(witness.add_checkpoint(mixed.to_string().as_bytes(), AT).status(), 422);
    assert_eq!(witness.add_checkpoint(&one.body(6, 9), AT).status(), 200);
}

/// Proofs that show nothing: left out, cut, changed, or there although the old size is 0.
#[test]
fn a_proof_that_shows_nothing_is_refused() {
    let (witness, history) = (witness(), History::new("a", 0, 9));
    let mut first = history.request(0, 3);
    first.proof.push(history.root(1));
    assert_eq!(witness.add_checkpoint(first.to_string().as_bytes(), AT).status(), 422);
    assert_eq!(witness.add_checkpoint(&history.body(0, 3), AT).status(), 200);
    let good = history.request(3, 9);
    for at in 0..=good.proof.len() {
        let mut bad = good.clone();
        match at {
            0 => bad.proof.clear(),
            at => bad.proof[at - 1] = Digest::of(b"another"),
        }
        assert_eq!(witness.add_checkpoint(bad.to_string().as_bytes(), AT).status(), 422, "{at}");
    }
    // An empty tree has one root only (tlog-witness: SHA-256 of nothing).
    let note = Note::sign(
        &format!("{}\n0\n{}\n", log_key().verifier().name(), history.root(1).to_base64()),
        &log_key(),
    );
    let empty = Request { old: 0, proof: vec![], checkpoint: note.unwrap() };
    let fresh = self::witness();
    assert_eq!(fresh.add_checkpoint(empty.to_string().as_bytes(), AT).status(), 422);
}

/// 404 and 403: a log that is not followed, and a head that the log's key did not sign.
#[test]
fn only_known_logs_and_their_own_signatures_count() {
    let (witness, history) = (witness(), History::new("a", 0, 3));
    let stranger = SigningKey::from_seed("example.org/other", Algorithm::Ed25519, &[1; 32]).unwrap();
    let request = |key: &SigningKey| {
        let checkpoint = history.head(3, key).note().clone();
        Request { old: 0, proof: vec![], checkpoint }.to_string().into_bytes()
    };
    assert_eq!(witness.add_checkpoint(&request(&stranger), AT).status(), 404);
    assert_eq!(witness.add_checkpoint(&request(&other_key()), AT).status(), 403);
    let text = String::from_utf8(request(&log_key())).unwrap();
    let changed = text.replacen("\n3\n", "\n2\n", 1);
    assert_eq!(witness.add_checkpoint(changed.as_bytes(), AT).status(), 403);
    // Signatures of unknown keys beside the good one are ignored.
    let more = format!("{text}{}", history.head(3, &other_key()).note().signatures()[0]);
    assert_eq!(witness.add_checkpoint(more.as_bytes(), AT).status(), 200);
    // A log may change its key under its origin.
    let keys = vec![log_key().verifier().clone(), other_key().verifier().clone()];
    let both = Witness::new(witness_key(), keys, MemoryHeads::default()).unwrap();
    assert_eq!(both.add_checkpoint(&request(&other_key()), AT).status(), 200);
}

/// 400: bodies that are not a request, among them one hash more than the specification allows.
#[test]
fn what_is_not_a_request_is_said_to_be_that() {
    let (witness, history) = (witness(), History::new("a", 0, 9));
    let good = String::from_utf8(history.body(3, 9)).unwrap();
    let hash = format!("{}\n", history.root(1).to_base64());
    let (old, rest) = good.split_once('\n').unwrap();
    let lines =
        |count: usize| format!("old 3\n{}\n{}", hash.repeat(count), history.head(9, &log_key()).note());
    let bad = [
        String::new(),
        "old 3\n\n".into(),
        good.replacen("old 3", "old 03", 1),
        good.replacen("old 3", "old  3", 1),
        good.replacen("old 3", "3", 1),
        good.replacen("old 3", "old -3", 1),
        good.replacen("\n\n", "\n", 1),
        format!("{old}\nAAAA\n{rest}"),
        format!("{old}\n\n{rest}"),
        good[..good.len() - 1].to_owned(),
        good.replacen("\n9\n", "\n09\n", 1),
        lines(64),
        history.request(0, 3).to_string().replacen("old 0", "old 4", 1),
    ];
    for body in bad {
        let answer = witness.add_checkpoint(body.as_bytes(), AT);
        assert_eq!(answer.status(), 400, "{body}: {answer:?}");
    }
    assert_eq!(witness.add_checkpoint(b"old 0\n\n\xFF\n", AT).status(), 400);
    // 63 are allowed, so this one is refused for its size only.
    assert_eq!(witness.add_checkpoint(lines(63).as_bytes(), AT), Answer::OtherSize(0));
    assert_eq!(Request::parse(good.as_bytes()).unwrap().to_string(), good);
}

/// A key of the wrong kind would sign what nobody takes for a cosignature, or take a cosignature for a log's own.
#[test]
fn keys_of_the_wrong_kind_are_refused() {
    let log = log_key().verifier().clone();
    let made = Witness::new(log_key(), vec![log], MemoryHeads::default());
    assert!(matches!(made, Err(WitnessError::NotAWitnessKey { .. })));
    let made = Witness::new(witness_key(), vec![witness_key().verifier().clone()], MemoryHeads::default());
    assert!(matches!(made, Err(WitnessError::NotALogKey { .. })));
}

/// A witness that forgot at its restart could be shown the other history; and two processes must not share a memory.
#[test]
fn a_restart_forgets_nothing() {
    let home = tempfile::tempdir().unwrap();
    let open = || {
        let heads = FolderHeads::open(home.path().join("heads")).unwrap();
        Witness::new(witness_key(), vec![log_key().verifier().clone()], heads).unwrap()
    };
    let (one, other) = (History::new("a", 2, 9), History::new("b", 2, 9));
    let first = open();
    assert_eq!(first.add_checkpoint(&one.body(0, 5), AT).status(), 200);
    let second = FolderHeads::open(home.path().join("heads"));
    assert_eq!(second.unwrap_err().kind(), io::ErrorKind::WouldBlock);
    drop(first);
    let again = open();
    assert_eq!(again.add_checkpoint(&other.body(0, 5), AT), Answer::OtherSize(5));
    assert_eq!(again.add_checkpoint(&other.body(5, 9), AT).status(), 422);
    assert_eq!(again.add_checkpoint(&one.body(5, 9), AT).status(), 200);
    drop(again);
    // A damaged memory is not an empty one.
    for file in std::fs::read_dir(home.path().join("heads")).unwrap() {
        let file = file.unwrap().path();
        if file.file_name().unwrap() != ".lock" {
            std::fs::write(file, "not a head").unwrap();
        }
    }
    let answer = open().add_checkpoint(&one.body(0, 9), AT);
    assert_eq!(answer.status(), 500);
    assert!(!answer.body().contains("damaged"), "what went wrong inside stays inside");
}

/// Heads whose writes fail while the switch is on.
#[derive(Default)]
struct Failing(MemoryHeads, Arc<Mutex<bool>>);

impl Heads for Failing {
    fn last(&self, origin: &str) -> io::Result<Option<SeenHead>> {
        self.0.last(origin)
    }

    fn keep(&mut self, head: &SeenHead) -> io::Result<()> {
        if *self.1.lock().unwrap() { Err(io::ErrorKind::StorageFull.into()) } else { self.0.keep(head) }
    }
}

/// On a full disk no cosignature leaves the witness: it could not be held to it later.
#[test]
fn what_cannot_be_kept_is_not_cosigned() {
    let full = Arc::new(Mutex::new(true));
    let heads = Failing(MemoryHeads::default(), Arc::clone(&full));
    let witness = Witness::new(witness_key(), vec![log_key().verifier().clone()], heads).unwrap();
    let history = History::new("a", 0, 9);
    let answer = witness.add_checkpoint(&history.body(0, 5), AT);
    assert_eq!(answer.status(), 500);
    assert!(!answer.body().contains('\u{2014}'));
    *full.lock().unwrap() = false;
    assert_eq!(witness.add_checkpoint(&history.body(0, 3), AT).status(), 200);
}

/// The race of the specification: many requests at once, and the head that is kept is the largest that was cosigned.
#[test]
fn requests_at_once_do_not_roll_back() {
    let (witness, history) = (witness(), History::new("a", 0, 64));
    let cosigned = Mutex::new(0);
    std::thread::scope(|scope| {
        for worker in 1..=4 {
            let (witness, history, cosigned) = (&witness, &history, &cosigned);
            scope.spawn(move || {
                for step in 0..16 {
                    let Answer::OtherSize(at) = witness.add_checkpoint(&history.body(64, 64), AT) else {
                        break;
                    };
                    let new = (at + worker + step % 3).min(63);
                    if witness.add_checkpoint(&history.body(at, new), AT).status() == 200 {
                        let mut most = cosigned.lock().unwrap();
                        *most = new.max(*most);
                    }
                }
            });
        }
    });
    let known = witness.add_checkpoint(&history.body(64, 64), AT);
    assert_eq!(known, Answer::OtherSize(*cosigned.lock().unwrap()));
}

/// Random histories: a log with a fork asks for anything, the witness restarts in between. Whatever was cosigned is one
/// history that grows, and a log that does what it should is never turned away.
#[test]
fn no_order_of_requests_gets_two_histories_cosigned() {
    let config = Config { cases: 64, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[6; 32]));
    let step = (any::<bool>(), 0..20_u64, 0..20_u64, 0..4_u8, any::<bool>());
    let input = (0..20_u64, prop::collection::vec(step, 1..24));
    runner
        .run(&input, |(common, steps)| {
            let home = tempfile::tempdir().unwrap();
            let open = || {
                let heads = FolderHeads::open(home.path()).unwrap();
                Witness::new(witness_key(), vec![log_key().verifier().clone()], heads).unwrap()
            };
            let histories = [History::new("a", common, 20), History::new("b", common, 20)];
            let mut witness = Some(open());
            let (mut size, mut roots) = (0, vec![]);
            for (fork, old, new, kind, restart) in steps {
                let history = &histories[usize::from(fork)];
                // Mostly the old size that is right, sometimes any.
                let old = if kind == 0 { old } else { size };
                let mut request = history.request(old.min(new), new);
                request.old = old;
                let answer = witness.as_ref().unwrap().add_checkpoint(request.to_string().as_bytes(), AT);
                let continues = roots.iter().all(|(size, root)| *size <= new && history.root(*size) == *root);
                let expected = match (old > new, old == size, continues) {
                    (true, ..) => 400,
                    (_, false, _) => 409,
                    (_, _, false) => 422,
                    _ => 200,
                };
                prop_assert_eq!(answer.status(), expected);
                if expected == 200 {
                    size = new;
                    roots.push((new, history.root(new)));
                }
                if restart {
                    drop(witness.take());
                    witness = Some(open());
                }
            }
            Ok(())
        })
        .unwrap();
}
