//! A side of a bench in a process of its own, so that its memory and its caches are its own.

use std::ffi::OsStr;
use std::process::{Command, Stdio};

use serde_json::Value;

/// Runs this bench once more with other arguments, and reads the JSON that it prints.
///
/// # Errors
/// When it cannot be started, fails, or prints anything else.
pub fn apart(arguments: &[&OsStr]) -> Result<Value, String> {
    let program = std::env::current_exe().map_err(|e| format!("finding this program: {e}"))?;
    output(Command::new(program).args(arguments), &[0])
}

/// Runs a program that prints JSON and ends with one of some codes; what it says besides is passed on.
///
/// # Errors
/// When it cannot be started, ends with another code, or prints anything else.
pub fn output(command: &mut Command, codes: &[i32]) -> Result<Value, String> {
    let output =
        command.stderr(Stdio::inherit()).output().map_err(|e| format!("starting {command:?}: {e}"))?;
    if !output.status.code().is_some_and(|code| codes.contains(&code)) {
        return Err(format!("{command:?} ended with {}", output.status));
    }
    serde_json::from_slice(&output.stdout).map_err(|e| format!("what {command:?} said: {e}"))
}
