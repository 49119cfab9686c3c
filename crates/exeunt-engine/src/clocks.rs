//! How far the clocks of systems are from ours, by the dates in their answers.

use exeunt_model::{Duration, ReadReceipt};

/// Between which differences a system's clock is, theirs less ours, as the receipts of one snapshot bound it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Offset {
    least: Duration,
    most: Duration,
}

impl Offset {
    /// None when no answer carried a date.
    ///
    /// A date is in whole seconds and was stamped between the first request and the end of the last answer. So the
    /// difference is at least the date less the end, and at most the date and a second less the start; each receipt
    /// narrows that.
    pub fn of<'r>(receipts: impl Iterator<Item = &'r ReadReceipt>) -> Option<Self> {
        let mut known: Option<Self> = None;
        for receipt in receipts {
            let Some(date) = receipt.server_date else { continue };
            let least = date.duration_since(receipt.ended);
            let most = date.duration_since(receipt.started).saturating_add(Duration::from_secs(1));
            known = Some(known.map_or(Self { least, most }, |known| Self {
                least: known.least.max(least),
                most: known.most.min(most),
            }));
        }
        known
    }

    /// How far that clock may be from ours, in whole seconds. Where the receipts contradict each other the clock was
    /// set meanwhile, and the farther of them counts.
    pub fn bound(self) -> Duration {
        let far = self.least.abs().max(self.most.abs());
        let whole = Duration::from_secs(far.as_secs());
        if whole < far { whole.saturating_add(Duration::from_secs(1)) } else { whole }
    }
}

#[cfg(test)]
mod tests {
    use exeunt_model::{Duration, ReadReceipt};
    use serde_json::json;

    use super::Offset;

    fn receipt(started: &str, ended: &str, date: Option<&str>) -> ReadReceipt {
        serde_json::from_value(json!({
            "system": "app", "read": "r", "endpoint": "GET /", "permission": "read", "pages": 1, "rows": 0, "statuses": [200],
            "started": started, "ended": ended, "server_date": date, "exchanges": [], "control": {"seen": "x"},
            "outcome": "complete",
        }))
        .expect("a receipt")
    }

    fn bound(receipts: &[ReadReceipt]) -> Option<Duration> {
        Offset::of(receipts.iter()).map(Offset::bound)
    }

    /// A clock that is said to agree better than the answers show would put events in an order nobody knows.
    #[test]
    fn the_bound_is_what_the_answers_show() {
        let (start, end) = ("2026-11-20T10:00:00Z", "2026-11-20T10:00:02Z");
        assert_eq!(bound(&[receipt(start, end, None)]), None, "never compared");
        let same = receipt(start, end, Some("2026-11-20T10:00:01Z"));
        assert_eq!(bound(std::slice::from_ref(&same)), Some(Duration::from_secs(2)));
        let fast = receipt(start, end, Some("2026-11-20T10:05:00Z"));
        assert_eq!(bound(std::slice::from_ref(&fast)), Some(Duration::from_secs(301)), "five minutes fast");
        let slow = receipt(start, end, Some("2026-11-20T09:59:00Z"));
        assert_eq!(bound(std::slice::from_ref(&slow)), Some(Duration::from_secs(62)), "a minute slow");
        let short = receipt(start, "2026-11-20T10:00:00.100Z", Some(start));
        assert_eq!(bound(&[same, short]), Some(Duration::from_secs(1)), "a shorter read narrows it");
        let part = receipt(start, "2026-11-20T10:00:02.100Z", Some(start));
        assert_eq!(bound(&[part]), Some(Duration::from_secs(3)), "a part of a second is a second");
        assert_eq!(bound(&[fast, slow]), Some(Duration::from_secs(298)), "set in between");
    }
}
