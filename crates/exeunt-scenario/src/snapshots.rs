//! Snapshots from what a story shows: every read of every manifest is made at every moment, and is whole with its
//! control seen unless the story says otherwise. A read that shows nothing is an empty list.

use std::collections::{BTreeMap, BTreeSet};

use exeunt_model::manifest::Manifest;
use exeunt_model::receipt::PositiveControl;
use exeunt_model::{
    Digest, Outcome, PartialReason, Read, ReadReceipt, Record, Ref, Snapshot, SystemId, Timestamp,
};

use crate::records::whole;
use crate::story::{Fault, Loaded, Shows};

/// All snapshots of a story, oldest first.
pub fn snapshots(loaded: &Loaded, systems: &BTreeMap<&SystemId, &String>) -> Result<Vec<Snapshot>, String> {
    let mut moments: BTreeMap<&str, Timestamp> =
        loaded.company.moments.iter().map(|(name, at)| (name.as_str(), *at)).collect();
    moments.extend(loaded.story.moments.iter().map(|(name, at)| (name.as_str(), *at)));
    let shows = shows(loaded);
    let named =
        shows.iter().map(|s| (&s.at, "shows")).chain(loaded.story.faults.iter().map(|f| (&f.at, "faults")));
    for (at, part) in named {
        for name in at.iter().flatten() {
            if !moments.contains_key(name.as_str()) {
                return Err(format!("`{part}` names the moment `{name}`, which is not under `moments`"));
            }
        }
    }
    let mut ordered: Vec<(&str, Timestamp)> = moments.into_iter().collect();
    ordered.sort_by_key(|(_, at)| *at);
    let mut snapshots = Vec::new();
    for (moment, at) in ordered {
        for (system, connector) in systems {
            let Some((manifest, digest)) = loaded.manifests.get(*connector) else { continue };
            let taken = Taken { system, moment, at, manifest, shows: &shows, faults: &loaded.story.faults };
            if taken.fault(None).is_none() {
                snapshots.push(taken.snapshot(connector, *digest)?);
            }
        }
    }
    Ok(snapshots)
}

/// What is shown: the story's own word on a read counts instead of the company's.
fn shows(loaded: &Loaded) -> Vec<&Shows> {
    let own: BTreeSet<(&SystemId, &str)> =
        loaded.story.shows.iter().map(|shows| (&shows.system, shows.read.as_str())).collect();
    let shared =
        loaded.company.shows.iter().filter(|shows| !own.contains(&(&shows.system, shows.read.as_str())));
    shared.chain(&loaded.story.shows).collect()
}

/// One system at one moment.
struct Taken<'a> {
    system: &'a SystemId,
    moment: &'a str,
    at: Timestamp,
    manifest: &'a Manifest,
    shows: &'a [&'a Shows],
    faults: &'a [Fault],
}

impl Taken<'_> {
    fn fault(&self, read: Option<&str>) -> Option<&Fault> {
        self.faults.iter().find(|fault| {
            fault.system == *self.system
                && fault.read.as_deref() == read
                && fault.at.as_ref().is_none_or(|at| at.iter().any(|at| at == self.moment))
        })
    }

    fn of(&self, read: &str) -> impl Iterator<Item = &Shows> {
        self.shows.iter().copied().filter(move |shows| shows.system == *self.system && shows.read == read)
    }

    fn now(&self, shows: &Shows) -> bool {
        let named = |moments: &[String]| moments.iter().any(|moment| moment == self.moment);
        shows.at.as_ref().is_none_or(|at| named(at)) && !named(&shows.except)
    }

    fn snapshot(&self, connector: &str, digest: Digest) -> Result<Snapshot, String> {
        let known: BTreeSet<&str> = self.manifest.reads.keys().map(String::as_str).collect();
        let strange = self
            .shows
            .iter()
            .find(|shows| shows.system == *self.system && !known.contains(shows.read.as_str()));
        if let Some(strange) = strange {
            return Err(format!("{} has no read `{}`, but {known:?}", self.system, strange.read));
        }
        let mut reads = Vec::new();
        for (read, rule) in &self.manifest.reads {
            let mut scopes: BTreeMap<&str, Option<&str>> =
                self.of(read).map(|shows| (shows.scope.as_str(), shows.row.as_deref())).collect();
            if let Some(each) = &rule.each {
                if scopes.is_empty()
                    && self.of(&each.read).any(|shows| self.now(shows) && !shows.records.is_empty())
                {
                    scopes.insert("all", None);
                }
                scopes.retain(|_, row| row.is_none_or(|row| self.has_row(row)));
                // The collector tells that a list had no row to run for.
                if scopes.is_empty() {
                    scopes.insert("", None);
                }
            } else {
                scopes.insert("", None);
            }
            for scope in scopes.into_keys() {
                reads.push(self.read(read, scope, &rule.permission)?);
            }
        }
        let snapshot = Snapshot {
            version: 1,
            system: self.system.clone(),
            connector: connector.to_owned(),
            manifest: digest,
            started: self.at,
            ended: self.at,
            reads,
        };
        Ok(snapshot.in_order())
    }

    /// Whether any list shows a row now.
    fn has_row(&self, row: &str) -> bool {
        let Ok(row) = Ref::localise(row, self.system) else { return false };
        let shown = self.shows.iter().filter(|shows| shows.system == *self.system && self.now(shows));
        shown.flat_map(|shows| &shows.records).any(|record| {
            let id = record.get("id").and_then(serde_json::Value::as_str).unwrap_or_default();
            Ref::localise(id, self.system).is_ok_and(|id| id == row)
        })
    }

    fn read(&self, read: &str, scope: &str, permission: &str) -> Result<Read, String> {
        let shown = self.of(read).filter(|shows| shows.scope == scope && self.now(shows));
        let mut records: Vec<Record> = Vec::new();
        for record in shown.flat_map(|shows| &shows.records) {
            records.push(whole(record, self.system).map_err(|why| format!("{} {read}: {why}", self.system))?);
        }
        let fault = self.fault(Some(read));
        let partial = fault.and_then(|fault| fault.partial);
        if partial.is_some() {
            records.clear();
        }
        Ok(Read {
            receipt: ReadReceipt {
                system: self.system.clone(),
                read: read.to_owned(),
                scope: scope.to_owned(),
                endpoint: format!("as the manifest says of {read}"),
                permission: permission.to_owned(),
                reader: Some("exeunt-reader".to_owned()),
                pages: 1,
                rows: records.len() as u64,
                statuses: vec![if partial == Some(PartialReason::Forbidden) { 403 } else { 200 }],
                terminal: Some("the end of the list".to_owned()),
                started: self.at,
                ended: self.at,
                server_date: None,
                exchanges: vec![Digest::of(format!("{} {read} {scope} {}", self.system, self.at).as_bytes())],
                control: match fault {
                    Some(Fault { partial: None, .. }) => {
                        PositiveControl::NotSeen("the known object".to_owned())
                    }
                    _ => PositiveControl::Seen("the known object".to_owned()),
                },
                outcome: match partial {
                    Some(reason) => Outcome::Partial { reason, detail: reason.words().to_owned() },
                    None => Outcome::Complete,
                },
            },
            records,
            kept: Vec::new(),
        })
    }
}
