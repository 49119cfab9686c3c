//! What a user would pick instead, through Python: one process each, the same files, the same question.

use std::path::Path;
use std::process::Command;

use exeunt_bench_figures::output;
use serde_json::{Value, json};

use crate::ours::MODES;

/// The program that knows them.
const PROGRAM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/rivals.py");

/// Runs one. An engine that is not installed is an error that says so.
pub fn run(python: &str, engine: &str, dir: &Path) -> Result<Value, String> {
    let mut command = Command::new(python);
    command.arg(PROGRAM).arg(engine).arg(dir);
    let output = command.output().map_err(|e| format!("starting {python}: {e}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let last = said.lines().rev().take(3).collect::<Vec<_>>().join(" / ");
        return Err(format!("{engine} failed: {last}"));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().last().unwrap_or_default();
    serde_json::from_str(line).map_err(|e| format!("{engine} said `{line}`: {e}"))
}

/// Rows and sums of the tables at rest, as `DuckDB` reads them by itself; and the same question asked of them: the pairs and
/// the checksum, in both modes.
const READING: &str = r#"
import duckdb, json, sys, time
duckdb.execute("set enable_progress_bar = false")
at = lambda table: f"'{sys.argv[1]}/{table}.parquet'"
def ask(table, *columns):
    sums = "".join(f', coalesce(sum("{column}"), 0)::bigint' for column in columns)
    return duckdb.sql(f"select count(*){sums} from {at(table)}").fetchall()[0]
def reach(limit):
    return duckdb.sql(f"""
      with recursive met(leaver, holder) as (
        select holder, holder from {at("left")}
        union
        select met.leaver, s."to" from met join {at("steps")} s on s."from" = met.holder and s.level <= {limit})
      select count(*), coalesce(sum((leaver::bigint + 1) * (entitlement + 1) % 1000003), 0)::bigint from (
        select distinct met.leaver, g.entitlement from met join {at("grants")} g on g.holder = met.holder and g.level <= {limit})
    """).fetchall()[0]
read = [ask("holders", "kind", "steps_end"), ask("steps", "to", "level"), ask("grants", "entitlement", "level")]
begun = time.perf_counter()
found = [reach(0), reach(1)]
print(json.dumps({"read": read, "found": found, "seconds": time.perf_counter() - begun}))
"#;

/// Lets `DuckDB` read the tables at rest and answer the question from them, and compares it with what we load and find. Gives
/// the seconds that its answers took.
pub fn duckdb_reads(python: &str, snapshot: &Path, found: &Value) -> Result<f64, String> {
    let said = output(Command::new(python).args(["-c", READING]).arg(snapshot), &[0])?;
    let columns = exeunt_columns::access::load(snapshot).map_err(|e| e.to_string())?;
    let sum = |all: &[u32]| all.iter().map(|one| u64::from(*one)).sum::<u64>();
    let read = json!([
        [columns.kind.len(), sum(&columns.kind), sum(&columns.steps_end)],
        [columns.step_to.len(), sum(&columns.step_to), sum(&columns.step_level)],
        [columns.grant_to.len(), sum(&columns.grant_to), sum(&columns.grant_level)],
    ]);
    if said["read"] != read {
        return Err(format!("DuckDB reads {} in the snapshot, and we {read}", said["read"]));
    }
    let found = MODES.map(|(mode, _)| json!([found[mode]["pairs"], found[mode]["checksum"]]));
    if said["found"] != json!(found) {
        return Err(format!("DuckDB finds {} in the snapshot, and we {found:?}", said["found"]));
    }
    Ok(said["seconds"].as_f64().unwrap_or(f64::NAN))
}
