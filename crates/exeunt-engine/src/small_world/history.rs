//! Histories that a small world does not have by itself: of other times, cut short, with more snapshots.

use exeunt_model::verdict::Obligation;
use exeunt_model::{Duration, Outcome, PartialReason, ReadReceipt, Snapshot};

use super::{World, time};

fn of<'h>(history: &'h mut [Snapshot], system: &str, at: &str) -> impl Iterator<Item = &'h mut Snapshot> {
    let at = time(at);
    history.iter_mut().filter(move |snapshot| snapshot.system.as_str() == system && snapshot.started == at)
}

/// The receipts of one read of a system, in all its scopes, at a time.
pub(crate) fn receipts<'h>(
    history: &'h mut [Snapshot],
    system: &str,
    at: &str,
    read: &str,
) -> impl Iterator<Item = &'h mut ReadReceipt> {
    let all = of(history, system, at).flat_map(|snapshot| &mut snapshot.reads);
    all.map(|read| &mut read.receipt).filter(move |receipt| receipt.read == read)
}

/// What a system showed at one time, it showed at another.
pub(crate) fn moved(history: &mut [Snapshot], system: &str, from: &str, to: &str) {
    for snapshot in of(history, system, from) {
        (snapshot.started, snapshot.ended) = (time(to), time(to));
        for read in &mut snapshot.reads {
            (read.receipt.started, read.receipt.ended) = (time(to), time(to));
        }
    }
}

/// The reads of a system that began at one time ended at another.
pub(crate) fn ended(history: &mut [Snapshot], system: &str, began: &str, ended: &str) {
    for snapshot in of(history, system, began) {
        snapshot.ended = time(ended);
        snapshot.reads.iter_mut().for_each(|read| read.receipt.ended = time(ended));
    }
}

/// A read of a system was refused at a time, in one scope or in all.
pub(crate) fn partial(history: &mut [Snapshot], system: &str, at: &str, read: &str, scope: Option<&str>) {
    let in_scope = |receipt: &ReadReceipt| scope.is_none_or(|scope| receipt.scope == scope);
    for receipt in receipts(history, system, at, read).filter(|receipt| in_scope(receipt)) {
        let detail = "the answer was 403".to_owned();
        receipt.outcome = Outcome::Partial { reason: PartialReason::Forbidden, detail };
    }
}

/// A system is read once more and shows what it showed at a time.
pub(crate) fn again(history: &mut Vec<Snapshot>, system: &str, shown: &str, at: &str) {
    let mut more: Vec<Snapshot> = of(history, system, shown).map(|snapshot| snapshot.clone()).collect();
    moved(&mut more, system, shown, at);
    history.extend(more);
}

/// What another world shows at its first moment was read two days before.
pub(crate) fn earlier(history: &mut Vec<Snapshot>, other: &World) {
    for mut snapshot in other.history().into_iter().take(2) {
        let before = |at: exeunt_model::Timestamp| at.checked_sub(Duration::from_hours(48)).expect("a time");
        (snapshot.started, snapshot.ended) = (before(snapshot.started), before(snapshot.ended));
        for read in &mut snapshot.reads {
            let receipt = &mut read.receipt;
            (receipt.started, receipt.ended) = (before(receipt.started), before(receipt.ended));
        }
        history.push(snapshot);
    }
}

impl World {
    /// One obligation in a history of the test's own, if it is there.
    pub fn line_in(&self, history: &[Snapshot], id: &str) -> Option<Obligation> {
        let verdict = self.judge_history(history).expect("a verdict");
        verdict.obligations.into_iter().find(|line| line.id == id)
    }
}
