//! What a user would pick instead, through Python: one process each, the same files, the same question.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

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

/// Rows and sums of the tables at rest, as `DuckDB` reads them by itself.
const READING: &str = r#"
import duckdb, json, sys
def ask(table, *columns):
    sums = "".join(f', coalesce(sum("{column}"), 0)::bigint' for column in columns)
    return duckdb.sql(f"select count(*){sums} from '{sys.argv[1]}/{table}.parquet'").fetchall()[0]
print(json.dumps([ask("holders", "kind", "steps_end"), ask("steps", "to", "level"), ask("grants", "entitlement", "level")]))
"#;

/// Lets `DuckDB` read the tables at rest and compares what it finds with what we load.
pub fn duckdb_reads(python: &str, snapshot: &Path) -> Result<(), String> {
    let output = Command::new(python).args(["-c", READING]).arg(snapshot).output();
    let output = output.map_err(|e| format!("starting {python}: {e}"))?;
    let said: Value = serde_json::from_slice(&output.stdout).map_err(|e| {
        format!("DuckDB cannot read the snapshot: {e}: {}", String::from_utf8_lossy(&output.stderr))
    })?;
    let columns = exeunt_columns::access::load(snapshot).map_err(|e| e.to_string())?;
    let sum = |all: &[u32]| all.iter().map(|one| u64::from(*one)).sum::<u64>();
    let ours = serde_json::json!([
        [columns.kind.len(), sum(&columns.kind), sum(&columns.steps_end)],
        [columns.step_to.len(), sum(&columns.step_to), sum(&columns.step_level)],
        [columns.grant_to.len(), sum(&columns.grant_to), sum(&columns.grant_level)],
    ]);
    if said == ours { Ok(()) } else { Err(format!("DuckDB reads {said} in the snapshot, and we {ours}")) }
}
