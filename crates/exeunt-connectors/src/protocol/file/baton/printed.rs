//! What `baton syncs -o json` and its sisters printed.

use exeunt_model::PartialReason;
use exeunt_model::manifest::{BatonList, BatonRequest};
use serde_json::Value;

use super::sync::{Sync, Told, chosen};
use super::{Failure, list_name};

/// The name of a list's file in the folder.
pub(super) const fn file_name(list: BatonList) -> &'static str {
    match list {
        BatonList::ResourceTypes => "resource-types.json",
        BatonList::Resources => "resources.json",
        BatonList::Entitlements => "entitlements.json",
        BatonList::Grants => "grants.json",
    }
}

/// One body out of the two files: the syncs on the first line, the list as it is behind it.
pub(super) fn together(syncs: &[u8], list: &[u8]) -> Result<Vec<u8>, Failure> {
    let syncs: Value = parsed(syncs).map_err(|(reason, says)| (reason, format!("syncs.json: {says}")))?;
    Ok([syncs.to_string().as_bytes(), b"\n", list].concat())
}

fn parsed(bytes: &[u8]) -> Result<Value, Failure> {
    serde_json::from_slice(bytes).map_err(|error| {
        let reason = if error.is_eof() { PartialReason::Truncated } else { PartialReason::SchemaChanged };
        (reason, format!("it is neither a Baton file of version 1 nor what `baton -o json` prints: {error}"))
    })
}

pub(super) fn list(bytes: &[u8], ask: &BatonRequest) -> Result<(Sync, Vec<Value>), Failure> {
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    let (syncs, printed) = (parsed(&bytes[..end])?, parsed(bytes.get(end + 1..).unwrap_or_default())?);
    let missing = |what: &str| (PartialReason::SchemaChanged, format!("it has no list `{what}`"));
    let all = syncs.get("syncs").and_then(Value::as_array).ok_or_else(|| missing("syncs"))?;
    let told: Vec<Told> = all.iter().map(told).collect();
    let sync = chosen(&told, ask, false)?;
    let name = list_name(ask.list);
    match printed.get(name) {
        Some(Value::Array(rows)) => Ok((sync, rows.clone())),
        // protojson leaves an empty list out; then nothing else may stand there either.
        None if printed.as_object().is_some_and(serde_json::Map::is_empty) => Ok((sync, Vec::new())),
        _ => Err(missing(name)),
    }
}

fn told(sync: &Value) -> Told {
    let text = |name: &str| sync.get(name).and_then(Value::as_str).map(str::to_owned);
    Told {
        id: text("id").unwrap_or_default(),
        started: text("startedAt").unwrap_or_default(),
        ended: text("endedAt"),
        kind: text("syncType"),
        token: text("syncToken").unwrap_or_default(),
    }
}
