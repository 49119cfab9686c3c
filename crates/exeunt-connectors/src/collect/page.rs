//! From one page to rows, records and what paging and positive controls need. No I/O.

use std::collections::BTreeMap;
use std::hash::BuildHasher as _;

use exeunt_model::manifest::Manifest;
use exeunt_model::record::{Classified, RecordKey};
use exeunt_model::{IdentityKind, PartialReason, Record, SystemId};
use serde_json::Value;

use foldhash::quality::FixedState;

use super::Broken;
use super::paging::Turned;
use crate::manifest::{EachPrograms, ReadPrograms};
use crate::mapper::{MapError, Mapper, Subject, record};

/// What a page is read with.
#[derive(Debug, Clone)]
pub(crate) struct Reading {
    pub(crate) programs: std::sync::Arc<ReadPrograms>,
    pub(crate) manifest: std::sync::Arc<Manifest>,
    pub(crate) home: SystemId,
    /// Values of the programs' variables, in their order.
    pub(crate) variables: Vec<Value>,
    /// The native id that the operator says has to be seen.
    pub(crate) known: Option<String>,
}

/// What one page showed.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// Rows on it.
    pub(crate) rows: u64,
    pub(crate) records: Vec<Record>,
    /// The least name of a row that is the positive control, so that order does not matter.
    pub(crate) control: Option<String>,
    /// The operator's known object, if it was on the page.
    pub(crate) known: Option<String>,
    /// The scopes that dependent reads get from these rows.
    pub(crate) scopes: BTreeMap<String, Vec<BTreeMap<String, String>>>,
    /// Dependent reads whose scopes could not be told from a row, and why.
    pub(crate) unbound: BTreeMap<String, String>,
}

fn changed<T>(detail: impl Into<String>) -> Result<T, Broken> {
    Err(Broken { reason: PartialReason::SchemaChanged, detail: detail.into() })
}

fn failed(what: &str, row: Option<usize>) -> impl Fn(MapError) -> Broken + '_ {
    move |error| {
        let row = row.map(|row| format!(" on row {}", row + 1)).unwrap_or_default();
        Broken { reason: PartialReason::SchemaChanged, detail: format!("`{what}`{row}: {error}") }
    }
}

/// What a page is that has the form of JSON and cannot be read.
pub(crate) fn unreadable(error: &serde_json::Error) -> Broken {
    Broken { reason: PartialReason::SchemaChanged, detail: format!("the answer is not JSON ({error})") }
}

/// Whether the body is a refusal in spite of its status.
fn refused(reading: &Reading, page: &Subject, variables: &[Subject]) -> Result<(), Broken> {
    for (when, reason, says) in &reading.programs.refusals {
        if when.holds(page, variables).map_err(failed("refused_when", None))? {
            let says = says.as_ref().and_then(|says| says.one(page, variables).ok());
            let words = match says {
                Some(Value::String(words)) => words.chars().take(160).collect(),
                _ => reason.words().to_owned(),
            };
            return Err(Broken { reason: *reason, detail: format!("a success that is a refusal: {words}") });
        }
    }
    Ok(())
}

/// Whether a failure's body says that there are none.
pub(crate) fn says_none(reading: &Reading, status: u16, page: &Subject) -> bool {
    reading.programs.none.as_ref().is_some_and(|(expected, when)| {
        *expected == status && when.holds(page, &reading.variables()).unwrap_or(false)
    })
}

impl Reading {
    /// Whether a failure of this read may say that there are none.
    pub(crate) fn may_say_none(&self) -> bool {
        self.programs.none.is_some()
    }

    fn variables(&self) -> Vec<Subject> {
        self.variables.iter().map(Subject::of).collect()
    }
}

/// Reads a page. `offered` is what the protocol offers as the next page. What paging needs is told as soon as it is
/// known, so that the next page can be asked for while this one is mapped.
pub(crate) fn read(
    reading: &Reading,
    subject: &Subject,
    offered: Option<String>,
    tell: impl FnOnce(Turned),
) -> Result<Seen, Broken> {
    let programs = &*reading.programs;
    let variables = reading.variables();
    refused(reading, subject, &variables)?;
    let rows = match programs.rows.list(subject, &variables).map_err(failed("rows", None))? {
        Ok(rows) => rows,
        Err(sort) => return changed(format!("`rows` gives {sort} where a list is expected")),
    };
    tell(turned(reading, subject, &rows, &variables, offered)?);
    let mut seen = Seen { rows: rows.len() as u64, ..Seen::default() };
    for (index, row) in rows.iter().enumerate() {
        let one = Row { reading, variables: &variables, index, subject: row };
        one.check()?;
        one.read(&mut seen)?;
    }
    Ok(seen)
}

fn turned(
    reading: &Reading,
    subject: &Subject,
    rows: &[Subject],
    variables: &[Subject],
    offered: Option<String>,
) -> Result<Turned, Broken> {
    let paging = &reading.programs.paging;
    // A keyset goes on from the last row, everything else from the page.
    let from = match (&paging.from, paging.on_last_row, rows.last()) {
        (Some(from), true, Some(last)) => mark(from, last, variables, "paging.from")?,
        (Some(from), false, _) => mark(from, subject, variables, "paging.from")?,
        _ => Value::Null,
    };
    let on_page = |program: &Option<Mapper>, what| {
        program.as_ref().map_or(Ok(Value::Null), |program| mark(program, subject, variables, what))
    };
    Ok(Turned {
        rows: rows.len() as u64,
        content: Some(content(rows)),
        from,
        flag: on_page(&paging.flag, "paging.more/last")?,
        count: on_page(&paging.count, "paging.total/pages")?,
        offered,
    })
}

/// Tells rows from other rows. It is compared within one listing and kept nowhere; two pages that agree by chance would
/// end the listing as repeated, which is never taken for the whole.
fn content(rows: &[Subject]) -> u64 {
    FixedState::default().hash_one(rows)
}

/// None is null: `.next // empty` is a natural way to write a cursor.
fn mark(program: &Mapper, subject: &Subject, variables: &[Subject], what: &str) -> Result<Value, Broken> {
    let mut values = program.run(subject, variables).map_err(failed(what, None))?;
    match values.len() {
        0 => Ok(Value::Null),
        1 => Ok(values.remove(0)),
        count => Err(failed(what, None)(MapError::NotOne(count))),
    }
}

fn sort_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

struct Row<'a> {
    reading: &'a Reading,
    variables: &'a [Subject],
    index: usize,
    subject: &'a Subject,
}

impl Row<'_> {
    fn check(&self) -> Result<(), Broken> {
        if self.subject.is_null() {
            return changed(format!("row {} is null", self.index + 1));
        }
        for field in &self.reading.programs.require {
            if !self.subject.has(field) {
                let names = self.subject.fields().map(|names| names.join(", "));
                let has = names.unwrap_or_else(|| format!("it is {}", self.subject.sort()));
                return changed(format!("row {} has no `{field}`; its fields: {has}", self.index + 1));
            }
        }
        Ok(())
    }

    fn read(&self, seen: &mut Seen) -> Result<(), Broken> {
        let programs = &*self.reading.programs;
        let given =
            programs.map.values(self.subject, self.variables).map_err(failed("map", Some(self.index)))?;
        if given.is_empty() && !programs.may_skip {
            return changed(format!(
                "row {} gives no record, and the manifest does not say why it might (`may_skip`)",
                self.index + 1
            ));
        }
        let mut first: Option<RecordKey> = None;
        for value in given {
            let record = record(&value, &self.reading.home).map_err(|error| Broken {
                reason: PartialReason::SchemaChanged,
                detail: format!("row {}: {error}", self.index + 1),
            })?;
            let record = self.classify(record)?;
            if let (Some(known), Some(object)) = (&self.reading.known, record.object())
                && object.id == *known
            {
                seen.known = Some(object.to_string());
            }
            let key = record.key();
            first = Some(match first {
                Some(least) => least.min(key),
                None => key,
            });
            seen.records.push(record);
        }
        self.control(first.as_ref(), seen)?;
        for (child, each) in &programs.children {
            match self.scope(each) {
                Ok(Some(bound)) => seen.scopes.entry(child.clone()).or_default().push(bound),
                Ok(None) => {}
                Err(why) => {
                    seen.unbound.entry(child.clone()).or_insert(why);
                }
            }
        }
        Ok(())
    }

    /// The first rule that holds says what sort of actor it is; the map's own word stands.
    fn classify(&self, mut record: Record) -> Result<Record, Broken> {
        let kind = match &mut record {
            Record::Account(account) => &mut account.kind,
            Record::Identity(identity) => &mut identity.kind,
            _ => return Ok(record),
        };
        if kind.kind != IdentityKind::Unknown || !kind.reason.is_empty() {
            return Ok(record);
        }
        for (when, index) in &self.reading.programs.kinds {
            let holds = when.holds(self.subject, self.variables);
            if holds.map_err(failed("identity_kinds.when", Some(self.index)))?
                && let Some(rule) = self.reading.manifest.identity_kinds.get(*index)
            {
                *kind = Classified { kind: rule.kind, reason: rule.reason.clone() };
                break;
            }
        }
        Ok(record)
    }

    fn control(&self, name: Option<&RecordKey>, seen: &mut Seen) -> Result<(), Broken> {
        let proves = match &self.reading.programs.control {
            None => true,
            Some(matching) => matching
                .holds(self.subject, self.variables)
                .map_err(failed("control.row.matching", Some(self.index)))?,
        };
        if proves {
            let name = name.map_or("a row without record", RecordKey::as_str);
            if seen.control.as_deref().is_none_or(|least| name < least) {
                seen.control = Some(name.to_owned());
            }
        }
        Ok(())
    }

    fn scope(&self, each: &EachPrograms) -> Result<Option<BTreeMap<String, String>>, String> {
        if let Some(when) = &each.when {
            let holds = when.holds(self.subject, self.variables);
            if !holds.map_err(|error| format!("`each.when` on row {}: {error}", self.index + 1))? {
                return Ok(None);
            }
        }
        let mut bound = BTreeMap::new();
        for (name, program) in &each.bind {
            let value = program.one(self.subject, self.variables);
            let text = match value.map_err(|error| format!("`{name}` on row {}: {error}", self.index + 1))? {
                Value::String(text) if !text.is_empty() => text,
                Value::Number(number) => number.to_string(),
                other => {
                    let sort = sort_of(&other);
                    return Err(format!(
                        "`{name}` on row {} is {sort}, not a text or number",
                        self.index + 1
                    ));
                }
            };
            bound.insert(name.clone(), text);
        }
        Ok(Some(bound))
    }
}
