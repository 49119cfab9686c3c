//! One read of one scope: page after page until a proven end, or until something is missing.

use std::collections::BTreeMap;
use std::sync::Arc;

use exeunt_model::manifest::{Paging, ReadRule};
use exeunt_model::receipt::{Outcome, PositiveControl};
use exeunt_model::{PartialReason, ReadReceipt, Record, Timestamp};
use serde_json::Value;

use super::page::{self, Reading, Seen};
use super::paging::{Step, Turned, Walk, next_link};
use super::render::{self, Values};
use super::told::{Told, told};
use super::{Broken, Family, Job, status};
use crate::protocol::Ask;
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

/// What came of it.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) receipt: ReadReceipt,
    /// When it was asked for and answered, by our clock; what came may be of another time.
    pub(crate) asked: (Timestamp, Timestamp),
    pub(crate) records: Vec<Record>,
    pub(crate) control: Option<String>,
    pub(crate) known: Option<String>,
    pub(crate) scopes: BTreeMap<String, Vec<BTreeMap<String, String>>>,
    pub(crate) unbound: BTreeMap<String, String>,
}

/// One page and what it took.
struct Page {
    value: Value,
    offered: Option<String>,
    note: PageNote,
    /// From the shelf, not asked for now.
    kept: bool,
    /// A failure that means "none".
    none: bool,
}

/// A page that did not come whole, and what it took.
struct Failure {
    broken: Broken,
    statuses: Vec<u16>,
}

struct Run<'a> {
    job: &'a Job<'a>,
    family: Family<'a>,
    rule: &'a ReadRule,
    scope: &'a Scope,
    text: String,
    reading: Arc<Reading>,
    done: Done,
    /// Pages of a listing whose cursor lives no longer than the connection are noted together.
    held: Vec<PageNote>,
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
        control: None,
        known: None,
        scopes: BTreeMap::new(),
        unbound: BTreeMap::new(),
    };
    let text = scope.text();
    let run = Run { job, family, rule, scope, text, reading: Arc::new(reading), done, held: Vec::new() };
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
        Ok(self.done)
    }

    async fn pages(&mut self) -> Result<Result<String, Broken>, ShelfError> {
        let client = &self.job.loaded.manifest.client;
        let origin = self.job.protocol.origin();
        let rule = self.rule;
        let mut walk = Walk::new(&rule.paging, client.max_pages, origin);
        let mut kept = self.job.shelf.noted(&self.scope.read, &self.text)?.into_iter();
        let mut next: Option<String> = None;
        loop {
            let values =
                Values { settings: &self.job.filled, bound: &self.scope.bound, issue: self.family.issue() };
            let ask = match render::ask(rule, &values, next.as_deref()) {
                Ok(ask) => ask,
                Err(unfilled) => {
                    let reason = PartialReason::Dependency;
                    return Ok(Err(Broken { reason, detail: unfilled.to_string() }));
                }
            };
            if self.done.receipt.endpoint.is_empty() {
                self.done.receipt.endpoint = render::endpoint(&ask);
            }
            let page = match kept.next() {
                Some(note) => self.again(&ask, note)?,
                None => self.fetch(&ask).await?,
            };
            let page = match page {
                Ok(page) => page,
                Err(failure) => {
                    self.done.receipt.statuses.extend(failure.statuses);
                    return Ok(Err(failure.broken));
                }
            };
            match self.take(page, &mut walk, &ask).await? {
                Ok(Step::More(cursor)) => next = Some(cursor),
                Ok(Step::End(how)) => return Ok(Ok(how)),
                Err(broken) => return Ok(Err(broken)),
            }
        }
    }

    /// A page that a run before this one kept.
    fn again(&mut self, ask: &Ask, note: PageNote) -> Result<Result<Page, Failure>, ShelfError> {
        let body = self.job.shelf.body(&note.body)?;
        let status = note.statuses.last().copied().unwrap_or_default();
        let value = match self.job.protocol.reread(ask, &body) {
            Ok(value) => value,
            Err(fault) => {
                let broken = Broken { reason: fault.reason, detail: fault.detail };
                return Ok(Err(Failure { broken, statuses: note.statuses }));
            }
        };
        let none = self.is_none(status, &value);
        Ok(Ok(Page { value, offered: note.next.clone(), note, kept: true, none }))
    }

    fn is_none(&self, status: u16, value: &Value) -> bool {
        self.done.receipt.pages == 0 && page::says_none(&self.reading, status, value)
    }

    /// A page asked for now. Its body is kept whatever it says.
    async fn fetch(&mut self, ask: &Ask) -> Result<Result<Page, Failure>, ShelfError> {
        let job = self.job;
        let fail = |reason, detail: String, statuses| {
            Ok(Err(Failure { broken: Broken { reason, detail }, statuses }))
        };
        let interrupted =
            || "stopped before the end of the listing; the next run goes on from here".to_owned();
        if job.stop.is_set() {
            return fail(PartialReason::Interrupted, interrupted(), Vec::new());
        }
        let protocol = job.protocol.of_scope(&self.scope.read, &self.text).unwrap_or(job.protocol);
        let started = job.clock.now();
        if self.done.receipt.pages == 0 {
            self.done.receipt.started = started;
            self.done.asked.0 = started;
        }
        let answer = tokio::select! {
            biased;
            () = job.stop.said() => return fail(PartialReason::Interrupted, interrupted(), Vec::new()),
            answer = protocol.fetch(ask) => answer,
        };
        let ended = job.clock.now();
        self.done.receipt.ended = ended;
        self.done.asked.1 = ended;
        let answer = match answer {
            Ok(answer) => answer,
            Err(fault) => return fail(fault.reason, fault.detail, fault.statuses),
        };
        let body = job.shelf.keep(&answer.body)?;
        let endpoint = render::endpoint(ask);
        let none = self.is_none(answer.status(), &answer.page);
        if !none
            && let Err(broken) =
                status::classify(&job.loaded.manifest, &answer, &endpoint, &self.rule.permission)
        {
            // A refused answer is evidence too: it shows that we asked and were refused.
            self.done.receipt.exchanges.push(body);
            self.done.receipt.server_date = answer.server_date.or(self.done.receipt.server_date);
            return Ok(Err(Failure { broken, statuses: answer.statuses }));
        }
        let offered = match self.rule.paging {
            Paging::LdapPaged { .. } => (!answer.cookie.is_empty()).then(|| render::to_hex(&answer.cookie)),
            _ => answer.headers.get("link").and_then(|header| next_link(header)),
        };
        let note = PageNote {
            body,
            statuses: answer.statuses,
            next: None,
            started,
            ended,
            server_date: answer.server_date,
        };
        Ok(Ok(Page { value: answer.page, offered, note, kept: false, none }))
    }

    /// Adds a page to what was read, notes it, and says what comes after it.
    async fn take(
        &mut self,
        page: Page,
        walk: &mut Walk<'_>,
        ask: &Ask,
    ) -> Result<Result<Step, Broken>, ShelfError> {
        let Page { value, offered, mut note, kept, none } = page;
        let told = told(self.job.loaded.manifest.protocol, &value, note.started, note.ended);
        let receipt = &mut self.done.receipt;
        let (from, to) = match &told {
            Ok(Some(told)) => (told.from, told.to),
            _ => (note.started, note.ended),
        };
        if receipt.pages == 0 {
            receipt.started = from;
            self.done.asked.0 = note.started;
        }
        receipt.ended = to;
        self.done.asked.1 = note.ended;
        receipt.server_date = note.server_date.or(receipt.server_date);
        receipt.statuses.extend(&note.statuses);
        receipt.exchanges.push(note.body);
        let step = if none {
            let because = self.rule.none_when.as_ref().map_or("", |none| &none.because);
            Ok(Step::End(format!("the answer that means none: {because}")))
        } else if let Err(broken) = told {
            Err(broken)
        } else {
            match self.read(value, offered).await {
                Ok((seen, turned)) => {
                    let step = walk.turn(&turned, target(ask));
                    self.add(seen);
                    // What came is a fact all the same; it is only not all.
                    match told {
                        Ok(Some(Told { partial: Some(broken), .. })) => Err(broken),
                        _ => step,
                    }
                }
                Err(broken) => Err(broken),
            }
        };
        let step = match step {
            Ok(step) => step,
            Err(mut broken) => {
                broken.detail = format!("{}: {}", render::endpoint(ask), broken.detail);
                return Ok(Err(broken));
            }
        };
        self.done.receipt.pages += 1;
        if !kept {
            note.next = match &step {
                Step::More(next) => Some(next.clone()),
                Step::End(_) => None,
            };
            if matches!(self.rule.paging, Paging::LdapPaged { .. }) {
                self.held.push(note);
            } else {
                self.job.shelf.note(&self.scope.read, &self.text, &note)?;
            }
        }
        self.job.progress.page(&self.scope.read, &self.text, self.done.receipt.rows);
        Ok(Ok(step))
    }

    /// Maps a page off the async threads: a long page must not hold up the others.
    async fn read(&self, value: Value, offered: Option<String>) -> Result<(Seen, Turned), Broken> {
        let reading = Arc::clone(&self.reading);
        let task = tokio::task::spawn_blocking(move || {
            let mut turned = Turned::default();
            page::read(&reading, value, offered, |told| turned = told).map(|seen| (seen, turned))
        });
        task.await.unwrap_or_else(|_| {
            Err(Broken {
                reason: PartialReason::SchemaChanged,
                detail: "the mapping broke off on this page; please report it with the manifest".to_owned(),
            })
        })
    }

    fn add(&mut self, seen: Seen) {
        let done = &mut self.done;
        done.receipt.rows += seen.rows;
        done.records.extend(seen.records);
        done.control = least(done.control.take(), seen.control);
        done.known = done.known.take().or(seen.known);
        for (child, scopes) in seen.scopes {
            done.scopes.entry(child).or_default().extend(scopes);
        }
        for (child, why) in seen.unbound {
            done.unbound.entry(child).or_insert(why);
        }
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
