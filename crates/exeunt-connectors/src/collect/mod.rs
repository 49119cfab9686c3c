//! Collecting: every read of a manifest, each scope ending in a receipt, all of it in a snapshot.
//!
//! Not seen is never gone: whatever keeps a page from coming whole makes its scope
//! `partial(reason)`, whatever hides a scope makes its read partial, and a read never ends
//! `complete` with fewer rows than there were.

mod assume;
mod control;
mod door;
mod fetch;
mod flight;
mod page;
mod paging;
mod probe;
mod reader;
mod redacted;
mod render;
mod scope;
mod status;
mod told;
mod watch;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream;

use exeunt_model::manifest::{Control, ReadRule};
use exeunt_model::receipt::{Outcome, PositiveControl};
use exeunt_model::{PartialReason, Read, ReadReceipt, Snapshot, SystemId, Timestamp};

use crate::clock::Clock;
use crate::manifest::{Loaded, ReadPrograms, filled_settings};
use crate::protocol::Protocol;
use crate::redact::{Redactor, Vault};
use crate::shelf::{Shelf, ShelfError};

pub use probe::{CheckLine, CheckResult, check};
use scope::{Done, Scope};
pub use watch::{Progress, Quiet, Stop};

/// Why a page or a read is not the whole truth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Broken {
    pub(crate) reason: PartialReason,
    pub(crate) detail: String,
}

/// Everything one collection needs.
pub struct Job<'a> {
    loaded: &'a Loaded,
    home: &'a SystemId,
    /// The operator's settings, completed by the manifest's defaults.
    filled: BTreeMap<String, String>,
    controls: &'a BTreeMap<String, String>,
    protocol: &'a dyn Protocol,
    shelf: Arc<dyn Shelf>,
    clock: &'a dyn Clock,
    progress: &'a dyn Progress,
    stop: &'a Stop,
    redactor: Arc<Redactor>,
    /// Secrets that later questions of this collection need.
    vault: Arc<Vault>,
}

/// The edges of a collection: what it talks to, keeps on, tells the time by and is stopped by.
#[derive(Clone)]
pub struct Edges<'a> {
    /// The connection to the system.
    pub protocol: &'a dyn Protocol,
    /// Where pages are kept.
    pub shelf: Arc<dyn Shelf>,
    /// The time.
    pub clock: &'a dyn Clock,
    /// Who watches.
    pub progress: &'a dyn Progress,
    /// Who may stop it.
    pub stop: &'a Stop,
}

impl<'a> Job<'a> {
    /// A collection of the system `home` by a manifest, with the operator's settings and controls
    /// (native ids that a read has to show, by read).
    #[must_use]
    pub fn new(
        loaded: &'a Loaded,
        home: &'a SystemId,
        settings: &BTreeMap<String, String>,
        controls: &'a BTreeMap<String, String>,
        edges: Edges<'a>,
    ) -> Self {
        let Edges { protocol, shelf, clock, progress, stop } = edges;
        let filled = filled_settings(&loaded.manifest, settings);
        let redactor = Arc::new(Redactor::new(shelf.fingerprints()));
        let vault = Arc::default();
        Self { loaded, home, filled, controls, protocol, shelf, clock, progress, stop, redactor, vault }
    }
}

/// The two families of reads a manifest has.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Family<'a> {
    /// Of the system.
    System,
    /// Of one ticket, by its key.
    Ticket(&'a str),
}

impl<'a> Family<'a> {
    fn rules<'j>(self, job: &'j Job<'_>) -> &'j BTreeMap<String, ReadRule> {
        match self {
            Self::System => &job.loaded.manifest.reads,
            Self::Ticket(_) => &job.loaded.manifest.ticket,
        }
    }

    fn programs<'j>(self, job: &'j Job<'_>) -> &'j BTreeMap<String, Arc<ReadPrograms>> {
        match self {
            Self::System => &job.loaded.programs.reads,
            Self::Ticket(_) => &job.loaded.programs.ticket,
        }
    }

    fn issue(self) -> Option<&'a str> {
        match self {
            Self::System => None,
            Self::Ticket(key) => Some(key),
        }
    }
}

/// Collects all reads of a system.
///
/// A run that was killed goes on from the pages its shelf has noted. What fails is in the
/// snapshot's receipts; only a shelf that cannot keep evidence ends the collection.
///
/// # Errors
/// When the shelf could not keep or give back a page, such as on a full disk.
pub async fn collect(job: &Job<'_>) -> Result<Snapshot, ShelfError> {
    run(job, Family::System).await
}

/// Collects the reads of one ticket.
///
/// # Errors
/// As for [`collect`].
pub async fn collect_ticket(job: &Job<'_>, issue: &str) -> Result<Snapshot, ShelfError> {
    run(job, Family::Ticket(issue)).await
}

/// What one read of one scope gave.
pub(crate) struct Scoped {
    pub(crate) receipt: ReadReceipt,
    pub(crate) records: Vec<exeunt_model::Record>,
}

/// The request for the first page of a read.
pub(crate) fn first_ask(
    rule: &ReadRule,
    settings: &BTreeMap<String, String>,
    bound: &BTreeMap<String, String>,
    issue: Option<&str>,
) -> Result<crate::protocol::Ask, String> {
    render::ask(rule, &render::Values { settings, bound, issue }, None).map_err(|error| error.to_string())
}

/// Runs one read for one scope, as the conformance harness does.
pub(crate) async fn run_scope(
    job: &Job<'_>,
    issue: Option<&str>,
    read: &str,
    bound: &BTreeMap<String, String>,
) -> Result<Scoped, ShelfError> {
    let family = issue.map_or(Family::System, Family::Ticket);
    let scope = Scope { read: read.to_owned(), bound: bound.clone() };
    let rule = family.rules(job).get(read).ok_or_else(|| ShelfError {
        attempted: format!("running the read `{read}`"),
        cause: "the manifest has none of this name".to_owned(),
    })?;
    let done = scope::run(job, family, rule, &scope, None).await?;
    Ok(Scoped { receipt: done.receipt, records: done.records })
}

async fn run(job: &Job<'_>, family: Family<'_>) -> Result<Snapshot, ShelfError> {
    let reader = reader::name(job).await?.and_then(Result::ok);
    let reader = reader.as_deref();
    let rules = family.rules(job);
    let mut parents: BTreeMap<&str, Parent> = BTreeMap::new();
    let mut reads = Vec::new();
    let mut asked: Option<(Timestamp, Timestamp)> = None;
    for wave in waves(rules) {
        let mut scopes = Vec::new();
        for (name, rule) in &wave {
            let mine = scopes_of(name, rule, &parents);
            job.progress.begins(name, mine.len());
            scopes.extend(mine.into_iter().map(|scope| (*rule, scope)));
        }
        let mut done = all_scopes(job, family, &scopes, reader).await?;
        for (name, rule) in wave {
            let mut mine = done.remove(name).unwrap_or_default();
            control::settle(job, rule, name, &mut mine);
            let extra = rule.each.as_ref().and_then(|each| {
                dependency(job, name, rule, parents.get(each.read.as_str())?, mine.is_empty(), reader)
            });
            for (from, to) in mine.iter().map(|done| done.asked) {
                asked = Some(asked.map_or((from, to), |(first, last)| (first.min(from), last.max(to))));
            }
            parents.insert(name, Parent::of(&mut mine, extra.as_ref(), job.clock.now()));
            reads.extend(mine.into_iter().map(|done| Read {
                receipt: done.receipt,
                records: done.records,
                kept: done.kept,
            }));
            if let Some(receipt) = extra {
                job.progress.ended(&receipt);
                reads.push(Read { receipt, records: Vec::new(), kept: Vec::new() });
            }
        }
    }
    Ok(snapshot(job, reads, asked))
}

/// Reads in the order of their dependence: those that stand alone, then those that run for each of
/// their rows, and so on.
fn waves(rules: &BTreeMap<String, ReadRule>) -> Vec<Vec<(&String, &ReadRule)>> {
    let mut waves: Vec<Vec<(&String, &ReadRule)>> = Vec::new();
    for (name, rule) in rules {
        let (mut depth, mut above) = (0, rule.each.as_ref());
        // The loader refuses circles; the bound keeps a hand-made manifest from looping.
        while let Some(each) = above.filter(|_| depth < rules.len()) {
            depth += 1;
            above = rules.get(&each.read).and_then(|rule| rule.each.as_ref());
        }
        waves.resize_with(waves.len().max(depth + 1), Vec::new);
        waves[depth].push((name, rule));
    }
    waves
}

/// What a read leaves for those that depend on it.
struct Parent {
    complete: bool,
    control: PositiveControl,
    at: Timestamp,
    scopes: BTreeMap<String, BTreeSet<BTreeMap<String, String>>>,
    unbound: BTreeMap<String, String>,
}

impl Parent {
    fn of(scopes: &mut [Done], extra: Option<&ReadReceipt>, now: Timestamp) -> Self {
        let receipts = || scopes.iter().map(|done| &done.receipt).chain(extra);
        let complete = receipts().all(|receipt| receipt.outcome.is_complete());
        let at = receipts().map(|receipt| receipt.ended).max().unwrap_or(now);
        let control = receipts().next().map_or(PositiveControl::NotStated, |receipt| receipt.control.clone());
        let mut parent = Self { complete, control, at, scopes: BTreeMap::new(), unbound: BTreeMap::new() };
        for done in scopes {
            for (child, list) in std::mem::take(&mut done.scopes) {
                parent.scopes.entry(child).or_default().extend(list);
            }
            for (child, why) in std::mem::take(&mut done.unbound) {
                parent.unbound.entry(child).or_insert(why);
            }
        }
        parent
    }
}

fn scopes_of(name: &str, rule: &ReadRule, parents: &BTreeMap<&str, Parent>) -> Vec<Scope> {
    let whole = Scope { read: name.to_owned(), bound: BTreeMap::new() };
    let Some(each) = &rule.each else { return vec![whole] };
    let bounds = parents.get(each.read.as_str()).and_then(|parent| parent.scopes.get(name));
    let scope = |bound: &BTreeMap<String, String>| Scope { read: name.to_owned(), bound: bound.clone() };
    bounds.into_iter().flatten().map(scope).collect()
}

/// Runs scopes, as many at once as the system is said to bear, and sorts them by read.
async fn all_scopes(
    job: &Job<'_>,
    family: Family<'_>,
    scopes: &[(&ReadRule, Scope)],
    reader: Option<&str>,
) -> Result<BTreeMap<String, Vec<Done>>, ShelfError> {
    let concurrency = job.loaded.manifest.client.concurrency.max(1) as usize;
    let runs: Vec<BoxFuture<'_, Result<Done, ShelfError>>> = scopes
        .iter()
        .map(|(rule, scope)| Box::pin(scope::run(job, family, rule, scope, reader)) as BoxFuture<'_, _>)
        .collect();
    let mut running = stream::iter(runs).buffer_unordered(concurrency);
    let mut done: BTreeMap<String, Vec<Done>> = BTreeMap::new();
    while let Some(one) = running.next().await {
        let one = one?;
        job.progress.ended(&one.receipt);
        done.entry(one.receipt.read.clone()).or_default().push(one);
    }
    // The order in which answers came carries no meaning.
    for list in done.values_mut() {
        list.sort_by(|a, b| a.receipt.scope.cmp(&b.receipt.scope));
    }
    Ok(done)
}

/// The receipt that a dependent read as a whole gets when the rows it runs for say more than its
/// scopes do: that some may be missing, or that there are none to run for.
fn dependency(
    job: &Job<'_>,
    name: &str,
    rule: &ReadRule,
    parent: &Parent,
    no_scope: bool,
    reader: Option<&str>,
) -> Option<ReadReceipt> {
    let on = rule.each.as_ref().map_or("", |each| &each.read);
    let partial = |reason, detail| (Outcome::Partial { reason, detail }, None);
    let (outcome, terminal) = if let Some(why) = parent.unbound.get(name) {
        partial(PartialReason::SchemaChanged, format!("a row of `{on}` did not say what to read: {why}"))
    } else if !parent.complete {
        let detail =
            format!("`{on}` was not read whole, so that some of what this read runs for may be missing");
        partial(PartialReason::Dependency, detail)
    } else if no_scope {
        (Outcome::Complete, Some(format!("no row of `{on}` to run for")))
    } else {
        return None;
    };
    // Nothing to run for is as well proven as the read that showed it.
    let control = match (&outcome, &parent.control) {
        (Outcome::Complete, PositiveControl::Seen(seen)) if !job.controls.contains_key(name) => {
            PositiveControl::Seen(format!("`{on}` was seen: {seen}"))
        }
        // A read that has no control of its own is not asked for more than it could ever show.
        (Outcome::Complete, PositiveControl::NotStated)
            if matches!(rule.control, Control::None { .. }) && !job.controls.contains_key(name) =>
        {
            PositiveControl::NotStated
        }
        _ => PositiveControl::NotSeen("nothing was asked".to_owned()),
    };
    Some(ReadReceipt {
        system: job.home.clone(),
        read: name.to_owned(),
        scope: String::new(),
        endpoint: format!("for each row of `{on}`"),
        permission: rule.permission.clone(),
        reader: reader.map(str::to_owned),
        pages: 0,
        rows: 0,
        statuses: Vec::new(),
        terminal,
        started: parent.at,
        ended: parent.at,
        server_date: None,
        exchanges: Vec::new(),
        control,
        outcome,
    })
}

/// `asked` is from the pages and not from this run: a collection that went on after it was killed began
/// when its first page was asked for. It is not from the receipts either: one export of last month does
/// not make this a snapshot of last month, which would then be taken for the state before a departure.
fn snapshot(job: &Job<'_>, reads: Vec<Read>, asked: Option<(Timestamp, Timestamp)>) -> Snapshot {
    let now = job.clock.now();
    let (started, ended) = asked.unwrap_or((now, now));
    let snapshot = Snapshot {
        version: Snapshot::VERSION,
        system: job.home.clone(),
        connector: job.loaded.manifest.connector.clone(),
        manifest: job.loaded.digest,
        started,
        ended,
        reads,
    };
    snapshot.in_order()
}

#[cfg(test)]
mod tests;
