//! One estate: its slice, what the cases share, the verdicts and the figures, each timed.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use exeunt_bench_figures::{clock, cpu, memory};
use exeunt_engine::slice::{Parts as _, slice};
use exeunt_engine::{Inputs, ManifestInUse, Prepared, Tally};
use exeunt_model::case::Case;
use exeunt_model::policy::Policy;
use exeunt_model::programme::ProgrammeFigures;
use exeunt_model::{Digest, Snapshot, SystemId, Timestamp, canonical};
use serde_json::{Map, Value, json};

use crate::company::Company;
use crate::making::Making;
use crate::settings::{AS_OF, cases, manifest, owners, workflow};

/// As many as judge at once.
const WORKERS: usize = 2;

/// Seconds by the clock and of the processors, by step.
struct Timing {
    row: Map<String, Value>,
}

impl Timing {
    fn step<T>(&mut self, name: &str, work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
        let (begun, before) = (clock(), cpu().unwrap_or_default());
        let made = work()?;
        let (wall, spent) = (begun.elapsed().as_secs_f64(), cpu().unwrap_or_default() - before);
        eprintln!("  {name}: {wall:.2} s, {spent:.2} s of processors, {:?} MiB", memory::resident());
        self.row.insert(name.to_owned(), json!(format!("{wall:.2} ({spent:.2})")));
        Ok(made)
    }
}

/// Judges the cases of an estate; with `compare`, over everything as well.
pub fn judge(dir: &Path, most: usize, compare: bool) -> Result<Value, String> {
    let mut timing = Timing { row: Map::new() };
    let company = Company::read(dir)?;
    let making = Making::new(&company)?;
    let cases = cases(&company, most)?;
    let asked: Vec<(&Case, Option<&Snapshot>)> =
        cases.iter().map(|(case, ticket)| (case, Some(ticket))).collect();
    let ids: Vec<Digest> =
        (0..making.snapshots().len()).map(|place| Digest::of(&place.to_le_bytes())).collect();
    let (manifest, digest) = (manifest()?, Digest::of(b"estate"));
    let in_scope: BTreeMap<SystemId, ManifestInUse<'_>> = company
        .systems
        .iter()
        .map(|id| (id.clone(), ManifestInUse { manifest: &manifest, digest }))
        .collect();
    let (owners, workflow, policy) = (owners()?, workflow(&company.systems)?, Policy::default());
    let nobody = cases.first().map(|(case, _)| case).ok_or("nobody left")?;
    let directory = company.systems.first().ok_or("there is no system")?;
    let as_of: Timestamp = AS_OF.parse().map_err(|e| format!("{AS_OF}: {e}"))?;
    let inputs = Inputs {
        case: nobody,
        directory,
        in_scope: &in_scope,
        history: &[],
        ids: &ids,
        ticket: None,
        workflow: &workflow,
        owners: &owners,
        policy: &policy,
        links: &[],
        domains: &["corp.example".to_owned()],
        as_of,
    };
    timing.row.insert("people".to_owned(), json!(company.left.len()));
    timing.row.insert("cases".to_owned(), json!(cases.len()));
    timing.row.insert("records".to_owned(), json!(making.records()));
    timing.step("making alone, twice", || twice(&making))?;
    let (begun, before) = (clock(), cpu().unwrap_or_default());
    let cut = timing.step("slice", || slice(&inputs, &asked, &making).map_err(|e| e.to_string()))?;
    let kept: usize = cut.iter().flat_map(|snapshot| &snapshot.reads).map(|read| read.records.len()).sum();
    timing.row.insert("kept".to_owned(), json!(kept));
    let sliced = Inputs { history: &cut, ..inputs };
    let prepared = timing.step("prepare", || Prepared::new(sliced).map_err(|e| e.to_string()))?;
    let (told, lines) =
        timing.step("judge and figures", || all(&prepared, &asked, &company.systems, as_of))?;
    let (wall, spent) = (begun.elapsed().as_secs_f64(), cpu().unwrap_or_default() - before);
    timing.row.insert("all".to_owned(), json!(format!("{wall:.2} ({spent:.2})")));
    timing.row.insert("lines".to_owned(), json!(lines));
    let tokens = format!("{} of {}", told.tokens.with_live, told.tokens.leavers);
    timing.row.insert("leavers with live tokens".to_owned(), json!(tokens));
    timing.row.insert("peak MiB".to_owned(), json!(memory::peak()));
    if compare {
        let history = making.whole()?;
        let whole = Prepared::new(Inputs { history: &history, ..inputs }).map_err(|e| e.to_string())?;
        for (case, ticket) in &asked {
            let bytes = |prepared: &Prepared<'_>| {
                let verdict = prepared.judge(case, *ticket).map_err(|e| e.to_string())?;
                canonical::bytes(&verdict).map_err(|e| e.to_string())
            };
            if bytes(&prepared)? != bytes(&whole)? {
                return Err(format!("the verdict on {} is another over its slice", case.id));
            }
        }
        timing.row.insert("as over everything".to_owned(), json!("equal"));
    } else {
        timing.row.insert("as over everything".to_owned(), json!("not compared"));
    }
    Ok(Value::Object(timing.row))
}

/// What the slice takes of making records.
fn twice(making: &Making<'_>) -> Result<(), String> {
    let (next, parts) = (AtomicUsize::new(0), making.shown_by().len());
    let worker = || {
        loop {
            let part = next.fetch_add(1, Ordering::Relaxed);
            if part >= 2 * parts {
                return Ok(());
            }
            making.each(part % parts, &mut |record| {
                std::hint::black_box(record);
            })?;
        }
    };
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..WORKERS).map(|_| scope.spawn(worker)).collect();
        let mine: Result<(), String> = worker();
        others
            .into_iter()
            .try_for_each(|other| other.join().map_err(|_| "a worker failed".to_owned())?)
            .and(mine)
    })
}

/// All verdicts, counted where they are judged, so that they need not be held; the figures, and how many lines they have.
fn all(
    prepared: &Prepared<'_>,
    asked: &[(&Case, Option<&Snapshot>)],
    systems: &[SystemId],
    as_of: Timestamp,
) -> Result<(ProgrammeFigures, usize), String> {
    let next = AtomicUsize::new(0);
    let worker = || {
        let (mut tally, mut lines) = (Tally::new(0), 0_usize);
        while let Some((case, ticket)) = asked.get(next.fetch_add(1, Ordering::Relaxed)) {
            let verdict = prepared.judge(case, *ticket).map_err(|e| e.to_string())?;
            lines += verdict.obligations.len();
            tally.take(&verdict, systems);
        }
        Ok::<_, String>((tally, lines))
    };
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..WORKERS).map(|_| scope.spawn(worker)).collect();
        let (mut tally, mut lines) = worker()?;
        for other in others {
            let (more, of) = other.join().map_err(|_| "a worker failed".to_owned())??;
            tally.add(more);
            lines += of;
        }
        Ok((tally.figures(as_of), lines))
    })
}
