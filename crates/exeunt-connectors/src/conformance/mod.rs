//! The harness that every connector passes: recorded answers, broken in every way a network or a
//! vendor breaks them, must end in `partial(reason)` and never in a shorter list.
//!
//! Faults are injected where a [`Protocol`] answers, into the first and the last page of each
//! read. Accepted is exactly this: the read is partial for the reason that belongs to the fault;
//! or, for an empty page in the middle of a listing whose pages say themselves how to go on, the
//! read is complete with every row of the other pages. What does not apply to a read is reported
//! as skipped with the reason, and never counted as passed.

mod faults;
mod fixture;
mod memory;
mod planted;
mod recorded_system;
mod replay;
mod sequence;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use exeunt_model::manifest::{Paging, ReadRule};
use exeunt_model::{Outcome, PartialReason};

use crate::manifest::Loaded;
use crate::protocol::Protocol;

use faults::{Case, Expected, Maker};
pub use fixture::{ANY_SCOPE, Fixture, Fixtures, Pages, Recorded, fixtures};
pub use memory::{FixedClock, MemoryShelf};
pub use planted::planted;
pub use recorded_system::{Change, Changes, recorded_snapshot};
use replay::ISSUE;
pub use replay::{Ended, Played};
use sequence::{ORIGIN, Tail};
pub use sequence::{Reply, Sequence};

/// One line of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The read.
    pub read: String,
    /// What was injected.
    pub fault: String,
    /// Where.
    pub at: String,
    /// What came of it.
    pub verdict: Verdict,
}

/// What came of a fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The read ended as it has to.
    Held(String),
    /// The fault does not apply; why.
    Skipped(String),
    /// The read ended otherwise: what would have been right, and what came.
    Failed(String),
}

/// The table of one system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The connector.
    pub system: String,
    /// Its lines.
    pub lines: Vec<Line>,
}

impl Report {
    /// The lines that failed, with system, read and fault.
    #[must_use]
    pub fn failures(&self) -> Vec<String> {
        let failed = self.lines.iter().filter_map(|line| match &line.verdict {
            Verdict::Failed(why) => {
                Some(format!("{}/{}: {} ({}): {why}", self.system, line.read, line.fault, line.at))
            }
            _ => None,
        });
        failed.collect()
    }

    /// How many held, were skipped and failed.
    #[must_use]
    pub fn counts(&self) -> (usize, usize, usize) {
        let count = |of: fn(&Verdict) -> bool| self.lines.iter().filter(|line| of(&line.verdict)).count();
        (
            count(|v| matches!(v, Verdict::Held(_))),
            count(|v| matches!(v, Verdict::Skipped(_))),
            count(|v| matches!(v, Verdict::Failed(_))),
        )
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| read | fault | at | outcome |\n| --- | --- | --- | --- |")?;
        for Line { read, fault, at, verdict } in &self.lines {
            let outcome = match verdict {
                Verdict::Held(how) => how.clone(),
                Verdict::Skipped(why) => format!("skipped: {why}"),
                Verdict::Failed(why) => format!("FAILED: {why}"),
            };
            writeln!(f, "| {read} | {fault} | {at} | {} |", outcome.replace('|', "\\|"))?;
        }
        Ok(())
    }
}

/// Puts something between the collector and the recorded system: nothing, or a flaw on purpose.
pub type Between<'a> = &'a (dyn Fn(Sequence) -> Box<dyn Protocol> + Send + Sync);

/// Runs every read of a manifest on its fixtures, whole and with every fault.
pub async fn run(loaded: &Loaded, fixtures: &Fixtures, between: Between<'_>) -> Report {
    let manifest = Arc::clone(&loaded.manifest);
    let mut lines = Vec::new();
    for (ticket, name, rule) in manifest
        .reads
        .iter()
        .map(|(name, rule)| (false, name, rule))
        .chain(manifest.ticket.iter().map(|(name, rule)| (true, name, rule)))
    {
        let mut read =
            Under { loaded: loaded.clone(), ticket, name, rule, between, settings: BTreeMap::new() };
        if let Some(fixture) = fixtures.get(name) {
            read.all(fixture, &mut lines).await;
        } else {
            let why = format!("there is no fixture; record fixtures/{name}.json");
            lines.push(read.line("as recorded", "", Verdict::Failed(why)));
        }
    }
    Report { system: manifest.connector.clone(), lines }
}

/// One read under test.
struct Under<'a> {
    loaded: Loaded,
    ticket: bool,
    name: &'a str,
    rule: &'a ReadRule,
    between: Between<'a>,
    settings: BTreeMap<String, String>,
}

impl Under<'_> {
    fn line(&self, fault: &str, at: &str, verdict: Verdict) -> Line {
        Line { read: self.name.to_owned(), fault: fault.to_owned(), at: at.to_owned(), verdict }
    }

    async fn all(&mut self, fixture: &Fixture, lines: &mut Vec<Line>) {
        self.settings = fixture.settings(&self.loaded.manifest);
        let scopes = fixture.by_scope(self.rule);
        let longest = scopes.first().map_or(0, |(_, pages)| pages.len());
        // Endless listings are cut soon, so that the harness is quick.
        let cap = u32::try_from(longest).unwrap_or(u32::MAX).saturating_add(6);
        Arc::make_mut(&mut self.loaded.manifest).client.max_pages = cap;
        if scopes.is_empty() {
            lines.push(self.line("as recorded", "", Verdict::Failed("the fixture is empty".to_owned())));
        }
        for (index, (bound, pages)) in scopes.iter().enumerate() {
            let pages: Vec<Recorded> = pages.iter().map(moved).collect();
            let maker = self.maker(bound, &pages);
            let tail = faults::ends_with_empty(&self.rule.paging).then(|| maker.end());
            let replies = pages.iter().map(|page| Ok(page.answer())).collect();
            let whole = self.play(bound, replies, tail).await;
            let verdict = self.recorded(&whole, &pages, index == 0);
            let sound = matches!(verdict, Verdict::Held(_));
            lines.push(self.line("as recorded", &text(bound), verdict));
            if index > 0 || !sound {
                continue;
            }
            for Case { fault, at, played } in maker.cases() {
                let verdict = match played {
                    Err(why) => Verdict::Skipped(why),
                    Ok((replies, tail, expected)) => {
                        judge(&expected, &self.play(bound, replies, tail).await, &whole)
                    }
                };
                lines.push(self.line(fault, &at, verdict));
            }
        }
    }

    fn maker<'m>(&'m self, bound: &BTreeMap<String, String>, pages: &'m [Recorded]) -> Maker<'m> {
        let settings =
            serde_json::to_value(crate::manifest::filled_settings(&self.loaded.manifest, &self.settings));
        let mut variables = vec![("settings".to_owned(), settings.unwrap_or_default())];
        if self.ticket {
            variables.push(("issue".to_owned(), Value::from(ISSUE)));
        }
        variables.extend(bound.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))));
        Maker { manifest: &self.loaded.manifest, rule: self.rule, pages, variables }
    }

    /// The recorded answers have to be a sound example, or the faults prove nothing.
    fn recorded(&self, whole: &Ended, pages: &[Recorded], main: bool) -> Verdict {
        let paged = !matches!(self.rule.paging, Paging::None { .. });
        match &whole.outcome {
            Outcome::Partial { reason, detail } => {
                Verdict::Failed(format!("expected complete, got partial({reason:?}): {detail}"))
            }
            Outcome::Complete if main && paged && pages.len() < 2 => {
                Verdict::Failed("a paged read needs a fixture of two pages at least".to_owned())
            }
            Outcome::Complete if main && whole.rows == 0 => {
                Verdict::Failed("the fixture has no row, so that no loss could be seen".to_owned())
            }
            Outcome::Complete if (whole.pages as usize) < pages.len() => {
                Verdict::Failed(format!("complete after {} of {} recorded pages", whole.pages, pages.len()))
            }
            Outcome::Complete => Verdict::Held(format!("complete, {} rows", whole.rows)),
        }
    }

    async fn play(&self, bound: &BTreeMap<String, String>, replies: Vec<Reply>, tail: Option<Tail>) -> Ended {
        let protocol = (self.between)(Sequence::new(replies, tail));
        let (loaded, settings) = (&self.loaded, &self.settings);
        let played =
            Played { loaded, read: self.name, rule: self.rule, ticket: self.ticket, bound, settings };
        played.on(&*protocol).await.unwrap_or_else(|detail| Ended {
            outcome: Outcome::Partial { reason: PartialReason::UnexpectedStatus, detail },
            rows: 0,
            records: Vec::new(),
            pages: 0,
        })
    }
}

fn text(bound: &BTreeMap<String, String>) -> String {
    bound.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join(",")
}

fn judge(expected: &Expected, got: &Ended, whole: &Ended) -> Verdict {
    match &got.outcome {
        Outcome::Partial { reason, .. }
            if expected.reasons.is_empty() || expected.reasons.contains(reason) =>
        {
            Verdict::Held(format!("partial({reason:?})"))
        }
        Outcome::Complete
            if expected.or_whole && (got.rows, got.records.len()) == (whole.rows, whole.records.len()) =>
        {
            Verdict::Held(format!("complete, all {} rows", got.rows))
        }
        Outcome::Partial { reason, detail } => Verdict::Failed(format!(
            "expected partial({:?}), got partial({reason:?}): {detail}",
            expected.reasons
        )),
        Outcome::Complete => Verdict::Failed(format!(
            "expected partial({:?}), got complete with {} rows of {}",
            expected.reasons, got.rows, whole.rows
        )),
    }
}

/// A recorded answer whose next URLs lead to where recorded systems live.
fn moved(page: &Recorded) -> Recorded {
    let mut page = page.clone();
    for (name, value) in &mut page.headers {
        if name.eq_ignore_ascii_case("link") {
            let parts = value.split('<').map(|part| match part.split_once('>') {
                Some((target, rest)) => format!("{}>{rest}", rehost(target)),
                None => part.to_owned(),
            });
            *value = parts.collect::<Vec<_>>().join("<");
        }
    }
    if page.body.is_object() {
        rehost_top(&mut page.body, 0);
    }
    page
}

fn rehost(text: &str) -> String {
    let origin = url::Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    let origin = origin.map(|url| url.origin().ascii_serialization());
    let rest = origin.and_then(|origin| text.strip_prefix(origin.as_str()).map(str::to_owned));
    rest.map_or_else(|| text.to_owned(), |rest| format!("{ORIGIN}{rest}"))
}

/// Only the top of a page holds next URLs; what rows say stays as the vendor said it.
fn rehost_top(value: &mut Value, depth: usize) {
    match value {
        Value::String(text) => *text = rehost(text),
        Value::Object(map) if depth < 2 => map.values_mut().for_each(|value| rehost_top(value, depth + 1)),
        _ => {}
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod ticket_tests;
