//! What a credential can and cannot see: one page of each read, kept nowhere.

use std::collections::BTreeMap;

use exeunt_model::PartialReason;
use exeunt_model::manifest::{ReadRule, Request};
use serde_json::json;

use super::page::{self, Seen};
use super::render::{self, Values};
use super::{Broken, Family, Job, status, waves};
use crate::mapper::Subject;
use crate::protocol::{Answer, Ask};
use crate::redact::Named;

/// What was found out about one read, or about the reader itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckLine {
    /// The read, or `reader`, or `rights`.
    pub read: String,
    /// The permission the manifest says it needs; empty for the reader.
    pub permission: String,
    /// What came of asking.
    pub result: CheckResult,
}

/// What came of asking for one page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CheckResult {
    /// It answers as stated.
    Sees {
        /// Rows on the first page.
        rows: u64,
        /// What on it shows that the reader can see such objects; without it, an empty list
        /// proves nothing. For the reader, its name.
        control: Option<String>,
    },
    /// It does not.
    Refused {
        /// Why.
        reason: PartialReason,
        /// What was attempted, what came back, what to ask for.
        detail: String,
    },
    /// It was not asked; why.
    NotTried(String),
    /// What the credential may do that no read needs; nothing is as it should be.
    Beyond(Vec<String>),
}

/// Asks who we are, then each read for its first page; a read that runs for each row of another is
/// asked for the first row.
pub async fn check(job: &Job<'_>) -> Vec<CheckLine> {
    let mut lines: Vec<CheckLine> = reader(job).await.into_iter().collect();
    lines.push(rights(job).await);
    let mut first: BTreeMap<String, Option<BTreeMap<String, String>>> = BTreeMap::new();
    for (name, rule) in waves(&job.loaded.manifest.reads).into_iter().flatten() {
        let bound = match &rule.each {
            None => Ok(BTreeMap::new()),
            Some(each) => match first.get(name) {
                Some(Some(bound)) => Ok(bound.clone()),
                _ => Err(format!("`{}` showed no row to ask it for", each.read)),
            },
        };
        let result = match bound {
            Ok(bound) => match one_page(job, name, rule, &bound).await {
                Ok(seen) => {
                    for (child, scopes) in seen.scopes {
                        first.insert(child, scopes.into_iter().next());
                    }
                    CheckResult::Sees { rows: seen.rows, control: control(rule, seen.control) }
                }
                Err(broken) => CheckResult::Refused { reason: broken.reason, detail: broken.detail },
            },
            Err(why) => CheckResult::NotTried(why),
        };
        lines.push(CheckLine { read: name.clone(), permission: rule.permission.clone(), result });
    }
    lines
}

fn control(rule: &ReadRule, row: Option<String>) -> Option<String> {
    use exeunt_model::manifest::Control;
    match &rule.control {
        Control::AnyRow | Control::Row { .. } => row,
        Control::RefusesOtherwise { because } => Some(because.clone()),
        Control::None { .. } => None,
    }
}

/// One call outside the reads.
async fn asked(job: &Job<'_>, request: &Request, permission: &str) -> Result<Answer, Broken> {
    let none = BTreeMap::new();
    let values = Values { settings: &job.filled, bound: &none, issue: None };
    let ask = render::plain(request, None, &values)
        .map_err(|unfilled| Broken { reason: PartialReason::Dependency, detail: unfilled.to_string() })?;
    let answer = fetch(job, &ask, &Named::default()).await?;
    status::classify(&job.loaded.manifest, &answer, &render::endpoint(&ask), permission)?;
    Ok(answer)
}

/// What the credential may do beyond reading: a reader that could also change things is worth stealing.
async fn rights(job: &Job<'_>) -> CheckLine {
    let rule = job.loaded.manifest.rights.as_ref().zip(job.loaded.programs.rights.as_ref());
    let result = match rule {
        None => CheckResult::NotTried(
            "this system has no call that tells what a credential may do; compare it with `exeunt connectors \
             permissions`"
                .to_owned(),
        ),
        Some((rule, program)) => match asked(job, &rule.request, "to sign in").await {
            Err(broken) => CheckResult::Refused { reason: broken.reason, detail: broken.detail },
            Ok(answer) => {
                let told = json!({ "headers": answer.headers, "page": answer.page().json() });
                match program.one(&Subject::of(&told), &[]).map(serde_json::from_value::<Option<Vec<String>>>) {
                    Ok(Ok(Some(beyond))) => CheckResult::Beyond(beyond),
                    Ok(Ok(None)) => CheckResult::NotTried(
                        "this system does not tell the rights of this kind of credential".to_owned(),
                    ),
                    _ => CheckResult::Refused {
                        reason: PartialReason::SchemaChanged,
                        detail: "`rights.beyond` gives no list of texts: the answer has another shape than stated"
                            .to_owned(),
                    },
                }
            }
        },
    };
    CheckLine { read: "rights".to_owned(), permission: String::new(), result }
}

async fn reader(job: &Job<'_>) -> Option<CheckLine> {
    let rule = job.loaded.manifest.reader.as_ref()?;
    let program = job.loaded.programs.reader.as_ref()?;
    let result = match asked(job, &rule.request, "to sign in").await.map(|answer| answer.page()) {
        Err(broken) => CheckResult::Refused { reason: broken.reason, detail: broken.detail },
        Ok(page) => match program.one(&page, &[]) {
            Ok(serde_json::Value::String(name)) => CheckResult::Sees { rows: 1, control: Some(name) },
            Ok(serde_json::Value::Number(name)) => {
                CheckResult::Sees { rows: 1, control: Some(name.to_string()) }
            }
            _ => CheckResult::Refused {
                reason: PartialReason::SchemaChanged,
                detail: "`reader.name` gives no text: the answer has another shape than stated".to_owned(),
            },
        },
    };
    Some(CheckLine { read: "reader".to_owned(), permission: String::new(), result })
}

/// Nothing is kept, and no secret is said either.
async fn fetch(job: &Job<'_>, ask: &Ask, named: &Named) -> Result<Answer, Broken> {
    let answer = job
        .protocol
        .fetch(ask)
        .await
        .map_err(|fault| Broken { reason: fault.reason, detail: job.redactor.text(&fault.detail).0 })?;
    job.redacted(job.protocol, ask, answer, named).map(|(_, answer)| answer)
}

async fn one_page(
    job: &Job<'_>,
    name: &str,
    rule: &ReadRule,
    bound: &BTreeMap<String, String>,
) -> Result<Seen, Broken> {
    let values = Values { settings: &job.filled, bound, issue: None };
    let ask = render::ask(rule, &values, None)
        .map_err(|unfilled| Broken { reason: PartialReason::Dependency, detail: unfilled.to_string() })?;
    let scope = super::scope::Scope { read: name.to_owned(), bound: bound.clone() };
    let reading = super::scope::reading(job, Family::System, &scope)
        .map_err(|error| Broken { reason: PartialReason::SchemaChanged, detail: error.to_string() })?;
    let asked = job.clock.now();
    let answer = fetch(job, &ask, &Named::new(&rule.secrets)).await?;
    if page::says_none(&reading, answer.status(), &answer.page()) {
        return Ok(Seen::default());
    }
    status::classify(&job.loaded.manifest, &answer, &render::endpoint(&ask), &rule.permission)?;
    let page = answer.page.read(&answer.body).map_err(|error| page::unreadable(&error))?;
    let told = super::told::told(job.loaded.manifest.protocol, &page, asked, job.clock.now())?;
    if let Some(broken) = told.and_then(|told| told.partial) {
        return Err(broken);
    }
    let task = tokio::task::spawn_blocking(move || page::read(&reading, &page, None, drop));
    task.await.unwrap_or_else(|_| {
        Err(Broken { reason: PartialReason::SchemaChanged, detail: "the mapping broke off".to_owned() })
    })
}
