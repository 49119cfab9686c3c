//! `exeunt connectors test`: whether a connector's folder keeps its promises, without any system at hand.

use std::collections::BTreeMap;
use std::path::Path;

use exeunt_model::verdict::VerdictDocument;
use exeunt_model::{Record, Timestamp};
use exeunt_service::connectors::conformance::{self, Changes, Fixtures, Sequence};
use exeunt_service::connectors::manifest::{self, Loaded};
use exeunt_service::connectors::protocol::Protocol;
use exeunt_service::traps::{self, Outcome};
use serde_json::{Value, json};

use crate::args::{Format, Test};
use crate::error::{Done, Failure};
use crate::terminal::Terminal;

/// What one folder came to.
struct Tested {
    connector: String,
    counts: (usize, usize, usize),
    failures: Vec<String>,
    traps: Vec<Outcome>,
    records: Vec<Record>,
}

/// Breaks every recorded answer of each folder in every known way, then tells its traps.
///
/// # Errors
/// When a folder cannot be read, or something in it is not as it must be.
pub async fn run(test: &Test, format: Format, terminal: &mut Terminal) -> Result<Done, Failure> {
    let mut all = Vec::new();
    for folder in &test.folders {
        all.push(one(folder, test.records).await?);
    }
    let failed = |tested: &Tested| {
        tested.failures.len() + tested.traps.iter().filter(|trap| !trap.wrong.is_empty()).count()
    };
    let wrong: usize = all.iter().map(failed).sum();
    if format == Format::Json {
        terminal.json(&all.iter().map(as_json).collect::<Vec<_>>())?;
    } else {
        for tested in &all {
            print(tested, test, terminal)?;
        }
    }
    if wrong > 0 {
        return Err(Failure::CouldNot(format!("{wrong} of what was tested is not as it must be")));
    }
    Ok(Done::Clear)
}

async fn one(folder: &Path, with_records: bool) -> Result<Tested, Failure> {
    let could_not = |why: String| Failure::CouldNot(why);
    let file = folder.join("manifest.yaml");
    let text = std::fs::read_to_string(&file)
        .map_err(|error| could_not(format!("{}: the manifest cannot be read: {error}", file.display())))?;
    let loaded =
        manifest::load(&text, &file.display().to_string()).map_err(|errors| could_not(errors.to_string()))?;
    let fixtures = conformance::fixtures(&folder.join("fixtures")).map_err(could_not)?;
    let plain = |sequence: Sequence| Box::new(sequence) as Box<dyn Protocol>;
    let report = conformance::run(&loaded, &fixtures, &plain).await;
    let mut outcomes = Vec::new();
    for (name, trap) in traps::traps(folder).map_err(could_not)? {
        outcomes.push(traps::run(&loaded, &fixtures, &name, &trap).await);
    }
    let records = if with_records { recorded(&loaded, &fixtures).await? } else { Vec::new() };
    Ok(Tested {
        connector: loaded.manifest.connector.clone(),
        counts: report.counts(),
        failures: report.failures(),
        traps: outcomes,
        records,
    })
}

async fn recorded(loaded: &Loaded, fixtures: &Fixtures) -> Result<Vec<Record>, Failure> {
    let none = Changes::new();
    let at = Timestamp::UNIX_EPOCH;
    let snapshot = conformance::recorded_snapshot(loaded, fixtures, &BTreeMap::new(), &none, at)
        .await
        .map_err(Failure::CouldNot)?;
    Ok(snapshot.records().map(|(_, record)| record.clone()).collect())
}

fn print(tested: &Tested, test: &Test, terminal: &mut Terminal) -> Result<(), Failure> {
    let (held, skipped, failed) = tested.counts;
    let name = terminal.paint.strong(&tested.connector);
    terminal.line(&format!("{name}  {held} faults held, {skipped} do not apply, {failed} failed"))?;
    for failure in &tested.failures {
        terminal.line(&format!("  {}  {failure}", terminal.paint.bad("failed")))?;
    }
    for outcome in &tested.traps {
        let said = if outcome.wrong.is_empty() {
            terminal.paint.good("holds")
        } else {
            terminal.paint.bad("failed")
        };
        terminal.line(&format!("  {said}  {}: {}", outcome.name, outcome.trap))?;
        for wrong in &outcome.wrong {
            terminal.line(&format!("          {wrong}"))?;
        }
        if test.lines {
            for line in outcome.verdict.iter().flat_map(lines) {
                terminal.line(&format!("          {line}"))?;
            }
        }
    }
    for record in &tested.records {
        terminal.line(&serde_json::to_string(record).unwrap_or_default())?;
    }
    Ok(())
}

fn lines(verdict: &VerdictDocument) -> Vec<String> {
    let mut lines: Vec<String> = verdict
        .obligations
        .iter()
        .map(|line| format!("{:?} {}: {}", line.state, line.id, line.because))
        .collect();
    lines.extend(verdict.gaps.iter().map(|gap| format!("gap {} {}: {}", gap.system, gap.read, gap.detail)));
    lines
}

fn as_json(tested: &Tested) -> Value {
    let (held, skipped, failed) = tested.counts;
    let traps: Vec<Value> = tested
        .traps
        .iter()
        .map(|trap| json!({ "name": trap.name, "trap": trap.trap, "wrong": trap.wrong, "verdict": trap.verdict }))
        .collect();
    json!({
        "connector": tested.connector, "held": held, "do_not_apply": skipped, "failed": failed,
        "failures": tested.failures, "traps": traps, "records": tested.records,
    })
}
