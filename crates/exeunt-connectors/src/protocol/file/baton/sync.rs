//! Which sync of a file counts, of when it is, and what it says of its own quality.

use exeunt_model::manifest::{BatonList, BatonRequest};
use exeunt_model::{PartialReason, Timestamp};
use jiff::SignedDuration;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::Failure;

/// One run of a connector, as its file tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) id: String,
    pub(super) started: String,
    pub(super) ended: Option<String>,
    /// `full`, `partial`, `resources_only`, ...; `None` where the file does not say.
    pub(super) kind: Option<String>,
    pub(super) token: String,
}

/// The sync that is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sync {
    pub(super) id: String,
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
    /// Why it does not show everything though it ended.
    pub(super) flaw: Option<String>,
}

fn changed<T>(says: impl Into<String>) -> Result<T, Failure> {
    Err((PartialReason::SchemaChanged, says.into()))
}

/// The last full sync that ended. `sure` is whether rows are told apart by sync, so that it is certain which one they
/// are of; otherwise the times span all that it may be.
pub(super) fn chosen(all: &[Told], ask: &BatonRequest, sure: bool) -> Result<Sync, Failure> {
    let mut full = Vec::new();
    for told in all.iter().filter(|told| told.kind.as_deref().is_none_or(|kind| kind == "full")) {
        let Some(ended) = told.ended.as_deref().filter(|ended| !ended.is_empty()) else { continue };
        let ((from, _), (_, to)) = (moment(&told.started, ask)?, moment(ended, ask)?);
        full.push((to, from, told));
    }
    let Some((to, from, told)) = full.iter().max_by_key(|(to, _, told)| (*to, &told.id)) else {
        let others = all.iter().map(|told| match (&told.ended, &told.kind) {
            (None, _) => "one that did not end".to_owned(),
            (Some(_), kind) => format!("one that is {}", kind.as_deref().unwrap_or("of no kind")),
        });
        let others = others.collect::<Vec<_>>().join(", ");
        let says =
            format!("it holds no full sync that ended, but: {others}. Let the connector run to its end");
        return Err((PartialReason::Truncated, says));
    };
    let from = if sure { *from } else { full.iter().map(|(_, from, _)| *from).min().unwrap_or(*from) };
    Ok(Sync { id: told.id.clone(), from, to: *to, flaw: flaw(&told.token, ask.list) })
}

/// What the sync counted as dropped or invalid, in the token that it ended with. A token without counts is from before
/// they were kept, and says nothing.
fn flaw(token: &str, list: BatonList) -> Option<String> {
    if list == BatonList::ResourceTypes {
        return None;
    }
    let token: Value = serde_json::from_str(token).ok()?;
    let quality = token.get("ingest_quality")?.as_object()?;
    let bad = quality.iter().filter(|(_, value)| match value {
        Value::Bool(is) => *is,
        Value::Number(number) => number.as_f64() != Some(0.0),
        _ => true,
    });
    let counts: Vec<String> = bad.map(|(name, value)| format!("{name} {value}")).collect();
    (!counts.is_empty())
        .then(|| format!("the sync says of itself that it is not whole: {}", counts.join(", ")))
}

/// A time as it is written, local and without saying where: as early and as late as it can be.
fn moment(text: &str, ask: &BatonRequest) -> Result<(Timestamp, Timestamp), Failure> {
    // The printed form ends in `Z`, which is put there without looking at the clock's zone.
    let plain = text.trim().trim_end_matches('Z').replace(' ', "T");
    let Ok(local) = plain.parse::<DateTime>() else {
        return changed(format!("`{text}` is no time of a sync"));
    };
    let at = |zone: TimeZone| local.to_zoned(zone).map(|zoned| zoned.timestamp());
    let bad = |error: jiff::Error| (PartialReason::SchemaChanged, format!("`{text}` is no time: {error}"));
    if ask.zone.is_empty() {
        let utc = at(TimeZone::UTC).map_err(bad)?;
        let early = utc.checked_sub(SignedDuration::from_hours(14)).map_err(bad)?;
        return Ok((early, utc.checked_add(SignedDuration::from_hours(12)).map_err(bad)?));
    }
    let zone = if ask.zone == "UTC" { Ok(TimeZone::UTC) } else { named(&ask.zone) };
    let zone = zone.or_else(|error| {
        changed(format!("`{}` is no time zone: {error}. Write UTC, +02:00 or Europe/Berlin", ask.zone))
    })?;
    let at = at(zone).map_err(bad)?;
    Ok((at, at))
}

fn named(zone: &str) -> Result<TimeZone, jiff::Error> {
    if zone.starts_with(['+', '-']) {
        TimeZone::posix(&format!("<exeunt>{}", turned(zone)))
    } else {
        TimeZone::get(zone)
    }
}

/// POSIX counts offsets the other way round.
fn turned(offset: &str) -> String {
    match offset.split_at(1) {
        ("+", rest) => format!("-{rest}"),
        (_, rest) => rest.to_owned(),
    }
}
