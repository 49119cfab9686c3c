//! Every byte of a bundle is covered: no change, cut or addition at any place goes unnoticed.

use std::sync::LazyLock;

use exeunt_evidence::bundle::{Refusal, verify};

use crate::world::{Numbers, story};

static BUNDLE: LazyLock<Vec<u8>> = LazyLock::new(|| story().bundle());

fn refused(changed: &[u8], what: &str) -> Refusal {
    assert_ne!(changed, BUNDLE.as_slice(), "{what} changes nothing");
    match verify(changed, None) {
        Ok(_) => panic!("accepted after {what}"),
        Err(refusal) => {
            let told = (refusal.to_string(), refusal.part(), refusal.next_step());
            assert!(!told.0.is_empty() && !told.1.is_empty() && !told.2.is_empty());
            refusal
        }
    }
}

/// Every byte: its lowest bit, its letter case, its highest bit, and the byte left out.
#[test]
fn every_byte_changed_or_left_out_is_refused() {
    for at in 0..BUNDLE.len() {
        for flip in [0x01, 0x20, 0x80] {
            let mut changed = BUNDLE.clone();
            changed[at] ^= flip;
            refused(&changed, &format!("xor {flip:#x} at {at}"));
        }
        let mut shorter = BUNDLE.clone();
        shorter.remove(at);
        refused(&shorter, &format!("leaving out the byte {at}"));
    }
}

/// Other changes, each at a seeded sample of places: letter case, high bit, another byte, a byte more, a byte less.
#[test]
fn other_changes_at_sampled_places_are_refused() {
    let mut numbers = Numbers(7);
    for n in 0..3000 {
        let at = numbers.below(BUNDLE.len());
        let mut changed = BUNDLE.clone();
        let byte = b"A0=/+ \"{},:\n\\zf\xc3"[numbers.below(16)];
        match n % 6 {
            0 => changed[at] ^= 0x20,
            1 => changed[at] ^= 0x80,
            2 if changed[at] != byte => changed[at] = byte,
            3 => drop(changed.remove(at)),
            4 => changed.insert(at, byte),
            _ => changed[at] = changed[at].wrapping_add(1),
        }
        refused(&changed, &format!("change {} at {at}", n % 6));
    }
}

/// A download that broke off is called that, at whatever length.
#[test]
fn every_cut_is_refused_as_a_cut() {
    for length in 0..BUNDLE.len() {
        let refusal = refused(&BUNDLE[..length], &format!("cut to {length}"));
        assert_eq!(refusal, Refusal::Cut { at: length });
    }
}

/// Nothing can ride along behind the end.
#[test]
fn whatever_is_appended_is_refused() {
    let length = BUNDLE.len();
    for more in [&b"\n"[..], b" ", b"x", b"\0", b"{}", b"\r\n", BUNDLE.as_slice()] {
        let refusal = refused(&[&BUNDLE, more].concat(), &format!("appending {more:?}"));
        assert_eq!(refusal, Refusal::Appended { at: length }, "{more:?}");
    }
}

/// Two changes far apart do not cancel out, and parts do not change places.
#[test]
fn exchanged_stretches_are_refused() {
    let mut numbers = Numbers(11);
    for _ in 0..300 {
        let width = 1 + numbers.below(60);
        let (a, b) = (numbers.below(BUNDLE.len() - width), numbers.below(BUNDLE.len() - width));
        let mut changed = BUNDLE.clone();
        changed.copy_within(a..a + width, b);
        if changed != *BUNDLE {
            refused(&changed, &format!("copying {width} bytes from {a} to {b}"));
        }
    }
}
