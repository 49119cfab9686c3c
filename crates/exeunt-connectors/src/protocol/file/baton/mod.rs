//! Baton files: what a connector of that project found, as its file or as its command printed it.
//!
//! A file holds several syncs. Only one that ended, was full and says of itself that it dropped nothing shows
//! everything; the last such one is read, and its times are the read's.

mod c1z;
mod message;
mod printed;
mod sync;

use std::path::Path;

use exeunt_model::PartialReason;
use exeunt_model::manifest::{BatonList, BatonRequest, ClientRules};
use serde_json::{Value, json};

use super::{Failure, read};
use sync::Sync;

/// What a file of version 1 begins with.
const MAGIC: &[u8] = b"C1ZF\0";

/// The bytes that are kept for a list.
pub(super) fn bytes(folder: &Path, ask: &BatonRequest, rules: &ClientRules) -> Result<Vec<u8>, Failure> {
    let path = folder.join(&ask.file);
    if !path.is_dir() {
        return read(&path, rules.max_body);
    }
    let named = |name: &str| {
        let told = |(reason, says): Failure| (reason, format!("{name}: {says}"));
        read(&path.join(name), rules.max_body).map_err(told)
    };
    printed::together(&named("syncs.json")?, &named(printed::file_name(ask.list))?)
}

/// The page of kept bytes.
pub(super) fn page(bytes: &[u8], ask: &BatonRequest) -> Result<Value, Failure> {
    let (sync, rows) = if bytes.starts_with(MAGIC) {
        c1z::list(&bytes[MAGIC.len()..], ask)?
    } else if bytes.starts_with(b"C1Z") {
        let says = "it is a Baton file of another version than 1. Print it with `baton -o json`, and name the folder";
        return Err((PartialReason::SchemaChanged, says.to_owned()));
    } else {
        printed::list(bytes, ask)?
    };
    let Sync { from, to, flaw, .. } = sync;
    let partial = flaw.map(|detail| json!({ "reason": PartialReason::ShortCount, "detail": detail }));
    Ok(json!({ "taken": { "from": from, "to": to }, "partial": partial, "rows": rows }))
}

/// The name of a list in the output's JSON.
const fn list_name(list: BatonList) -> &'static str {
    match list {
        BatonList::ResourceTypes => "resourceTypes",
        BatonList::Resources => "resources",
        BatonList::Entitlements => "entitlements",
        BatonList::Grants => "grants",
    }
}
