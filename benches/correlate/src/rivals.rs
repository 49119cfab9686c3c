//! What a user would pick instead, run by Python on the same tables.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

/// The rivals' program, kept beside this one.
const PROGRAM: &str = include_str!("../rivals.py");

/// Runs one and gives its row.
pub fn run(name: &str, dir: &Path, python: &str) -> Result<Value, String> {
    let output = Command::new(python)
        .args(["-c", PROGRAM, name])
        .arg(dir)
        .stderr(Stdio::inherit())
        .output()
        .map_err(|e| format!("starting {python}: {e}"))?;
    if !output.status.success() {
        return Err(format!("the rival {name} ended with {}", output.status));
    }
    let said = String::from_utf8_lossy(&output.stdout);
    // Libraries draw progress bars, which end no line.
    let last = said.rfind("{\"engine\"").and_then(|at| said.get(at..)).unwrap_or_default();
    serde_json::from_str(last).map_err(|e| format!("what the rival {name} said: {e}"))
}
