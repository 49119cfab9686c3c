//! One read of one scope: page after page until a proven end, or until something is missing.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use exeunt_model::manifest::ReadRule;
use exeunt_model::receipt::{Outcome, PositiveControl};
use exeunt_model::{PartialReason, ReadReceipt, Record, RecordChunk, Timestamp};
use serde_json::Value;

use super::flight::{Flight, Putting};
use super::page::Reading;
use super::paging::{Step, Walk};
use super::render::{self, Values};
use super::{Broken, Family, Job};
use crate::protocol::Ask;
use crate::redact::{Named, is_marked};
use crate::shelf::{PageNote, ShelfError};

/// What of a read is read: the bound values of a parent row, or nothing for the whole.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Scope {
    pub(crate) read: String,
    pub(crate) bound: BTreeMap<String, String>,
}

impl Scope {
    /// `repo=payments`, or `org=acme,repo=payments`; with several values, a comma or percent sign
    /// in one is encoded, so that two scopes never have one text.
    pub(crate) fn text(&self) -> String {
        let several = self.bound.len() > 1;
        let value = |text: &str| {
            if several { text.replace('%', "%25").replace(',', "%2C") } else { text.to_owned() }
        };
        self.bound.iter().map(|(k, v)| format!("{k}={}", value(v))).collect::<Vec<_>>().join(",")
    }
}

/// So many pages of a scope may still be mapped when the next one is set off.
const AHEAD: usize = 1;

/// What came of it.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) receipt: ReadReceipt,
    /// When it was asked for and answered, by our clock; what came may be of another time.
    pub(crate) asked: (Timestamp, Timestamp),
    pub(crate) records: Vec<Record>,
    pub(crate) kept: Vec<RecordChunk>,
    pub(crate) control: Option<String>,
    pub(crate) known: Option<String>,
    pub(crate) scopes: BTreeMap<String, Vec<BTreeMap<String, String>>>,
    pub(crate) unbound: BTreeMap<String, String>,
}

pub(super) struct Run<'a> {
    pub(super) job: &'a Job<'a>,
    pub(super) family: Family<'a>,
    pub(super) rule: &'a ReadRule,
    pub(super) scope: &'a Scope,
    pub(super) text: String,
    pub(super) reading: Arc<Reading>,
    /// Fields of this read that hold secrets.
    pub(super) named: Arc<Named>,
    pub(super) done: Done,
    /// Pages of a listing whose cursor lives no longer than the connection are noted together.
    pub(super) held: Vec<PageNote>,
    /// Whether anything was taken yet.
    pub(super) begun: bool,
    /// Records that are not on the shelf yet.
    pub(super) batch: Vec<Record>,
    /// A batch on its way there.
    pub(super) putting: Option<Putting>,
}

/// Reads one scope. Whatever the system does ends in a receipt.
///
/// # Errors
/// When the shelf cannot keep or give back pages.
pub(crate) async fn run(
    job: &Job<'_>,
    family: Family<'_>,
    rule: &ReadRule,
    scope: &Scope,
    reader: Option<&str>,
) -> Result<Done, ShelfError> {
    let reading = reading(job, family, scope)?;
    let now = job.clock.now();
    let receipt = ReadReceipt {
        system: job.home.clone(),
        read: scope.read.clone(),
        scope: scope.text(),
        endpoint: String::new(),
        permission: rule.permission.clone(),
        reader: reader.map(str::to_owned),
        pages: 0,
        rows: 0,
        statuses: Vec::new(),
        terminal: None,
        started: now,
        ended: now,
        server_date: None,
        exchanges: Vec::new(),
        control: PositiveControl::NotStated,
        outcome: Outcome::Complete,
    };
    let done = Done {
        receipt,
        asked: (now, now),
        records: Vec::new(),
        kept: Vec::new(),
        control: None,
        known: None,
        scopes: BTreeMap::new(),
        unbound: BTreeMap::new(),
    };
    let text = scope.text();
    let run = Run {
        job,
        family,
        rule,
        scope,
        text,
        reading: Arc::new(reading),
        named: Arc::new(Named::new(&rule.secrets)),
        done,
        held: Vec::new(),
        begun: false,
        batch: Vec::new(),
        putting: None,
    };
    run.finish().await
}

/// What pages of a scope are read with.
pub(crate) fn reading(job: &Job<'_>, family: Family<'_>, scope: &Scope) -> Result<Reading, ShelfError> {
    let Some(programs) = family.programs(job).get(&scope.read) else {
        return Err(ShelfError {
            attempted: format!("running the read `{}`", scope.read),
            cause: "its programs are missing; load the manifest again".to_owned(),
        });
    };
    Ok(Reading {
        programs: Arc::clone(programs),
        manifest: Arc::clone(&job.loaded.manifest),
        home: job.home.clone(),
        variables: variables(job, family, scope, &programs.variables),
        known: job.controls.get(&scope.read).cloned(),
    })
}

fn variables(job: &Job<'_>, family: Family<'_>, scope: &Scope, names: &[String]) -> Vec<Value> {
    let value = |name: &String| match name.as_str() {
        "settings" => serde_json::to_value(&job.filled).unwrap_or_default(),
        "issue" if family.issue().is_some() => Value::from(family.issue().unwrap_or_default()),
        name => scope.bound.get(name).map_or(Value::Null, |text| Value::from(text.as_str())),
    };
    names.iter().map(value).collect()
}

impl Run<'_> {
    async fn finish(mut self) -> Result<Done, ShelfError> {
        let outcome = self.pages().await?;
        self.last_records().await?;
        self.done.receipt.outcome = match outcome {
            Ok(terminal) => {
                self.done.receipt.terminal = Some(terminal);
                for note in &self.held {
                    self.job.shelf.note(&self.scope.read, &self.text, note)?;
                }
                Outcome::Complete
            }
            Err(broken) => Outcome::Partial { reason: broken.reason, detail: broken.detail },
        };
        self.unsay();
        Ok(self.done)
    }

    async fn pages(&mut self) -> Result<Result<String, Broken>, ShelfError> {
        let client = &self.job.loaded.manifest.client;
        let origin = self.job.protocol.origin();
        let rule = self.rule;
        let mut walk = Walk::new(&rule.paging, client.max_pages, origin);
        let mut kept = self.job.shelf.noted(&self.scope.read, &self.text)?;
        // A page that was asked for with a secret can only be followed by the run that saw it.
        if kept.iter().any(|note| note.next.as_deref().is_some_and(is_marked)) {
            kept.clear();
        }
        let mut kept = kept.into_iter();
        let mut next: Option<String> = None;
        let mut flights: VecDeque<Flight> = VecDeque::new();
        loop {
            let page = match self.ask(next.as_deref()) {
                Err(broken) => Err(broken.into()),
                Ok(ask) => match kept.next() {
                    Some(note) => self.again(&ask, note)?,
                    None => self.fetch(&ask, next.as_deref()).await?,
                }
                .map(|page| (ask, page)),
            };
            // While that page was on its way, those before it were mapped. They come first, also when this one failed.
            let may_fly = if page.is_ok() { AHEAD } else { 0 };
            while flights.len() > may_fly
                && let Some(flight) = flights.pop_front()
            {
                if let Err(broken) = self.land(flight).await? {
                    return Ok(Err(broken));
                }
            }
            let (ask, page) = match page {
                Ok(page) => page,
                Err(failure) => return Ok(Err(self.failed(failure))),
            };
            let mut taken = self.take(page, render::endpoint(&ask)).await;
            let step = taken.step(|turned| walk.turn(turned, target(&ask)));
            flights.push_back(taken);
            if let Some(Step::More(cursor)) = step {
                next = Some(cursor);
                continue;
            }
            let mut landed = Ok(());
            while let Some(flight) = flights.pop_front()
                && landed.is_ok()
            {
                landed = self.land(flight).await?;
            }
            if let Some(Step::End(how)) = step {
                return Ok(landed.map(|()| how));
            }
            let unsaid = || Broken {
                reason: PartialReason::SchemaChanged,
                detail: "the page was not read to its end; please report it with the manifest".to_owned(),
            };
            return Ok(Err(landed.err().unwrap_or_else(unsaid)));
        }
    }

    fn ask(&mut self, next: Option<&str>) -> Result<Ask, Broken> {
        let (settings, issue) = (&self.job.filled, self.family.issue());
        let values = Values { settings, bound: &self.scope.bound, issue };
        let ask = render::ask(self.rule, &values, next)
            .map_err(|unfilled| Broken { reason: PartialReason::Dependency, detail: unfilled.to_string() })?;
        if self.done.receipt.endpoint.is_empty() {
            self.done.receipt.endpoint = render::endpoint(&ask);
        }
        Ok(ask)
    }
}

/// The lesser of two names, so that the order of answers does not matter.
pub(crate) fn least(a: Option<String>, b: Option<String>) -> Option<String> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

fn target(ask: &Ask) -> &str {
    match ask {
        Ask::Http { target, .. } => target,
        _ => "",
    }
}
