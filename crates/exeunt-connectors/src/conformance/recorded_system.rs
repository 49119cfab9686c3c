//! A whole system that answers as recorded, so that a manifest can be judged by what it leads to.
//!
//! Where the harness plays one read at a time, this plays all of them through the collector as it is, with
//! changes: what an administrator's half-done removal would have changed in the answers.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::future::{self, BoxFuture};
use serde::Deserialize;

use exeunt_model::{PartialReason, Snapshot, SystemId, Timestamp};

use super::fixture::{ANY_SCOPE, Fixture, Fixtures, Recorded};
use super::memory::{FixedClock, MemoryShelf};
use super::sequence::{ORIGIN, Reply, Sequence};
use super::{faults, moved};
use crate::collect::{Edges, Job, Quiet, Stop, collect};
use crate::manifest::Loaded;
use crate::mapper::{Mapper, Subject};
use crate::protocol::{Ask, Fault, Protocol};

/// What is different from the recorded answers of one read, or of one of its scopes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// The status of every answer; as recorded when absent.
    #[serde(default)]
    pub status: Option<u16>,
    /// jq on each recorded body, giving the changed one.
    #[serde(default)]
    pub body: Option<String>,
}

/// Changes by read (`users`), or by read and scope (`members[group=3]`).
pub type Changes = BTreeMap<String, Change>;

/// What one collection of the recorded system shows.
///
/// # Errors
/// When a change names no read, or its jq does not compile or gives nothing; with its name.
pub async fn recorded_snapshot(
    loaded: &Loaded,
    fixtures: &Fixtures,
    settings: &BTreeMap<String, String>,
    changes: &Changes,
    at: Timestamp,
) -> Result<Snapshot, String> {
    let manifest = &loaded.manifest;
    let mut filled = BTreeMap::new();
    for fixture in fixtures.values() {
        filled.extend(fixture.settings(manifest));
    }
    filled.extend(settings.clone());
    let system = RecordedSystem::new(loaded, fixtures, &filled, changes)?;
    let home = SystemId::new(manifest.connector.clone()).map_err(|error| error.to_string())?;
    let (shelf, clock, stop) = (Arc::new(MemoryShelf::default()), FixedClock(at), Stop::new());
    let edges = Edges { protocol: &system, shelf, clock: &clock, progress: &Quiet, stop: &stop };
    let none = BTreeMap::new();
    collect(&Job::new(loaded, &home, &filled, &none, edges)).await.map_err(|error| error.to_string())
}

/// The recorded answers, by read and scope.
struct RecordedSystem {
    scopes: BTreeMap<(String, String), Sequence>,
    /// By read, what every other scope is answered with.
    others: BTreeMap<String, Sequence>,
}

impl RecordedSystem {
    fn new(
        loaded: &Loaded,
        fixtures: &Fixtures,
        settings: &BTreeMap<String, String>,
        changes: &Changes,
    ) -> Result<Self, String> {
        let mut system = Self { scopes: BTreeMap::new(), others: BTreeMap::new() };
        let mut unused: Vec<&str> = changes.keys().map(String::as_str).collect();
        for (read, rule) in &loaded.manifest.reads {
            let recorded = Fixture::default();
            let fixture = fixtures.get(read).unwrap_or(&recorded);
            for (scope, pages) in fixture.texts() {
                let mut pages: Vec<Recorded> = pages.iter().map(moved).collect();
                for key in [read.clone(), format!("{read}[{scope}]")] {
                    if let Some(change) = changes.get(&key) {
                        unused.retain(|name| *name != key);
                        pages = pages
                            .iter()
                            .map(|page| changed(page, change, settings))
                            .collect::<Result<_, _>>()
                            .map_err(|why| format!("the change of {key}: {why}"))?;
                    }
                }
                let replies: Vec<Reply> = pages.iter().map(|page| Ok(page.answer())).collect();
                if scope == ANY_SCOPE {
                    let first = pages.first().map(Recorded::answer).ok_or_else(|| {
                        format!("fixtures/{read}.json: the scope `{ANY_SCOPE}` has no page")
                    })?;
                    let tail = Box::new(move |_| Ok(first.clone()));
                    system.others.insert(read.clone(), Sequence::new(Vec::new(), Some(tail)));
                } else {
                    let tail = (faults::ends_with_empty(&rule.paging) && !pages.is_empty())
                        .then(|| faults::empty_tail(loaded, rule, &pages, settings));
                    system.scopes.insert((read.clone(), scope.to_owned()), Sequence::new(replies, tail));
                }
            }
        }
        match unused.first() {
            None => Ok(system),
            Some(key) => Err(format!("the change of {key}: nothing is recorded under this name")),
        }
    }
}

fn changed(
    page: &Recorded,
    change: &Change,
    settings: &BTreeMap<String, String>,
) -> Result<Recorded, String> {
    let mut page = page.clone();
    if let Some(status) = change.status {
        page.status = status;
        page.headers.retain(|name, _| !name.eq_ignore_ascii_case("link"));
    }
    if let Some(code) = &change.body {
        let mapper = Mapper::compile(code, &["settings"]).map_err(|error| error.to_string())?;
        let settings = serde_json::to_value(settings).unwrap_or_default();
        let variables = [Subject::of(&settings)];
        page.body = mapper.one(&Subject::of(&page.body), &variables).map_err(|error| error.to_string())?;
    }
    Ok(page)
}

fn not_recorded() -> Fault {
    Fault {
        reason: PartialReason::UnexpectedStatus,
        detail: "nothing is recorded for this".to_owned(),
        statuses: Vec::new(),
    }
}

impl Protocol for RecordedSystem {
    fn fetch<'a>(&'a self, _: &'a Ask) -> BoxFuture<'a, Reply> {
        Box::pin(future::ready(Err(not_recorded())))
    }

    fn origin(&self) -> Option<&str> {
        Some(ORIGIN)
    }

    fn of_scope(&self, read: &str, scope: &str) -> Option<&dyn Protocol> {
        let key = (read.to_owned(), scope.to_owned());
        let found = self.scopes.get(&key).or_else(|| self.others.get(read))?;
        Some(found)
    }

    fn reread(&self, _: &Ask, _: &[u8]) -> Result<Subject, Fault> {
        Err(not_recorded())
    }
}
