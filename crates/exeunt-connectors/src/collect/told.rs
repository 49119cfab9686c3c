//! What a page of a program or file says of itself: when it was so, and whether it is all.
//!
//! A list of last month, read today, is a list of last month. Its receipt has to say so, or an
//! export from before a departure would prove what happened after it.

use exeunt_model::manifest::Protocol;
use exeunt_model::{Duration, PartialReason, Timestamp};
use serde::Deserialize;
use serde_json::Value;

use super::Broken;
use crate::mapper::Subject;

/// How far another machine's clock may be ahead of ours.
const SKEW: Duration = Duration::from_mins(5);

/// What a page says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
    /// Its rows are facts, but they are not all.
    pub(super) partial: Option<Broken>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    taken: Taken,
    #[serde(default)]
    partial: Option<Partial>,
    #[serde(rename = "rows")]
    _rows: Value,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Taken {
    Between { from: Timestamp, to: Timestamp },
    Word(AsAsked),
}

/// Recorded answers of a connector's folder are played at any time; they are of that time.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum AsAsked {
    AsAsked,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Partial {
    reason: PartialReason,
    detail: String,
}

/// What the page says of itself, for protocols whose pages do. `asked` and `answered` are by our
/// clock.
pub(super) fn told(
    protocol: Protocol,
    page: &Subject,
    asked: Timestamp,
    answered: Timestamp,
) -> Result<Option<Told>, Broken> {
    if !matches!(protocol, Protocol::Exec | Protocol::File) {
        return Ok(None);
    }
    let broken = |detail: String| Broken { reason: PartialReason::SchemaChanged, detail };
    let form = Form::deserialize(page.json().unwrap_or_default()).map_err(|error| {
        broken(format!("the page does not say of when it is, or whether it is all: {error}"))
    })?;
    let (from, to) = match form.taken {
        Taken::Between { from, to } => (from, to),
        Taken::Word(AsAsked::AsAsked) => (asked, answered),
    };
    if from > to {
        return Err(broken(format!("it says that it ended at {to}, before it began at {from}")));
    }
    let latest = answered.checked_add(SKEW).unwrap_or(answered);
    if from > latest {
        let says =
            format!("it says that it is of {from}, which has not been yet; correct its date or this clock");
        return Err(broken(says));
    }
    let partial = form.partial.map(|partial| Broken { reason: partial.reason, detail: partial.detail });
    Ok(Some(Told { from: from.min(answered), to: to.min(answered), partial }))
}

#[cfg(test)]
mod tests {
    use exeunt_model::manifest::Protocol;
    use serde_json::{Value, json};

    use super::{Told, told};
    use crate::collect::Broken;
    use crate::mapper::Subject;

    fn tell(page: &Value) -> Result<Option<Told>, Broken> {
        let at = |text: &str| text.parse().expect("a time");
        told(Protocol::File, &Subject::of(page), at("2026-11-21T09:00:00Z"), at("2026-11-21T09:00:01Z"))
    }

    /// An export of last month, read today, must not stand in a receipt of today.
    #[test]
    fn the_time_is_that_of_the_file() {
        let page =
            json!({"rows": [], "taken": {"from": "2026-10-01T00:00:00Z", "to": "2026-10-01T01:00:00Z"}});
        let told = tell(&page).expect("fine").expect("a file says");
        assert_eq!(told.from.to_string(), "2026-10-01T00:00:00Z");
        assert_eq!(told.to.to_string(), "2026-10-01T01:00:00Z");
    }

    /// A page without its time, or of a time to come, proves nothing and must not be taken for today's.
    #[test]
    fn a_missing_or_impossible_time_is_refused() {
        for page in [
            json!({"rows": []}),
            json!({"rows": [], "taken": null}),
            json!({"rows": [], "taken": {"from": "yesterday", "to": "today"}}),
            json!({"rows": [], "taken": {"from": "2027-01-01T00:00:00Z", "to": "2027-01-01T00:00:00Z"}}),
            json!({"rows": [], "taken": {"from": "2026-10-02T00:00:00Z", "to": "2026-10-01T00:00:00Z"}}),
            json!({"taken": "as_asked"}),
            json!("maintenance"),
        ] {
            assert!(tell(&page).is_err(), "{page}");
        }
        // A clock that is a little ahead is everyday; the receipt stays within what can be.
        let ahead =
            json!({"rows": [], "taken": {"from": "2026-11-21T09:02:00Z", "to": "2026-11-21T09:03:00Z"}});
        assert_eq!(tell(&ahead).expect("fine").expect("says").from.to_string(), "2026-11-21T09:00:01Z");
    }

    /// Protocols of systems that answer now have pages of their own form.
    #[test]
    fn others_are_not_asked() {
        let now = "2026-11-21T09:00:00Z".parse().expect("a time");
        assert_eq!(told(Protocol::Http, &Subject::of(&json!([])), now, now), Ok(None));
    }
}
