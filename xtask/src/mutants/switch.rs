//! The switch that turns one mutant on; part of the mutated engine only.

use std::cmp::PartialOrd;
use std::collections::BTreeSet;
use std::io::Write as _;
use std::ops::{Add, Sub};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

const UNSET: u32 = u32::MAX;
const RECORD: u32 = u32::MAX - 1;
const NONE: u32 = u32::MAX - 2;

static ACTIVE: AtomicU32 = AtomicU32::new(UNSET);
static REACHED: Mutex<BTreeSet<u32>> = Mutex::new(BTreeSet::new());

/// Whether this mutant is on.
#[inline]
pub fn on(mutant: u32) -> bool {
    let active = ACTIVE.load(Ordering::Relaxed);
    if active < RECORD { active == mutant } else { first(mutant, active) }
}

#[cold]
fn first(mutant: u32, active: u32) -> bool {
    if active == UNSET {
        let asked = std::env::var("EXEUNT_MUTANT").ok();
        let value = match asked.as_deref() {
            Some("record") => RECORD,
            Some(number) => number.parse().unwrap_or(NONE),
            None => NONE,
        };
        ACTIVE.store(value, Ordering::Relaxed);
        return on(mutant);
    }
    let mut reached = REACHED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if reached.insert(mutant) {
        if let Ok(path) = std::env::var("EXEUNT_REACHED") {
            let file = std::fs::OpenOptions::new().create(true).append(true).open(path);
            if let Ok(mut file) = file {
                let _ = file.write_all(format!("{mutant}\n").as_bytes());
            }
        }
    }
    false
}

/// Turns one mutant on, or with none every mutant off.
pub fn set(mutant: Option<u32>) {
    ACTIVE.store(mutant.unwrap_or(NONE), Ordering::Relaxed);
}

/// Records which mutants are reached, from now on.
pub fn record() {
    REACHED.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clear();
    ACTIVE.store(RECORD, Ordering::Relaxed);
}

/// Whether this one was reached since then.
pub fn was_reached(mutant: u32) -> bool {
    REACHED.lock().unwrap_or_else(std::sync::PoisonError::into_inner).contains(&mutant)
}

/// Those that were reached.
pub fn reached() -> Vec<u32> {
    REACHED.lock().unwrap_or_else(std::sync::PoisonError::into_inner).iter().copied().collect()
}

/// `<`; the first mutant is `<=`, the second `>=`.
pub fn lt<A: PartialOrd<B> + ?Sized, B: ?Sized>(mutant: u32, a: &A, b: &B) -> bool {
    if on(mutant) { a <= b } else { on(mutant + 1) ^ (a < b) }
}

/// `<=`; the first mutant is `<`, the second `>`.
pub fn le<A: PartialOrd<B> + ?Sized, B: ?Sized>(mutant: u32, a: &A, b: &B) -> bool {
    if on(mutant) { a < b } else { on(mutant + 1) ^ (a <= b) }
}

/// `>`; the first mutant is `>=`, the second `<=`.
pub fn gt<A: PartialOrd<B> + ?Sized, B: ?Sized>(mutant: u32, a: &A, b: &B) -> bool {
    if on(mutant) { a >= b } else { on(mutant + 1) ^ (a > b) }
}

/// `>=`; the first mutant is `>`, the second `<`.
pub fn ge<A: PartialOrd<B> + ?Sized, B: ?Sized>(mutant: u32, a: &A, b: &B) -> bool {
    if on(mutant) { a > b } else { on(mutant + 1) ^ (a >= b) }
}

/// `+`; the mutant is `-`.
pub fn add<A: Add<B> + Sub<B, Output = <A as Add<B>>::Output>, B>(mutant: u32, a: A, b: B) -> <A as Add<B>>::Output {
    if on(mutant) { a - b } else { a + b }
}

/// `-`; the mutant is `+`.
pub fn sub<A: Sub<B> + Add<B, Output = <A as Sub<B>>::Output>, B>(mutant: u32, a: A, b: B) -> <A as Sub<B>>::Output {
    if on(mutant) { a + b } else { a - b }
}
