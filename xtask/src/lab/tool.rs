//! Running a program to its end: packages, keys, queries.

use std::process::{Command, Stdio};

use super::error::LabError;

/// Runs a tool to its end, with `input` on its standard input, and gives back its output.
pub fn run(doing: &str, command: &mut Command, input: Option<&str>) -> Result<String, LabError> {
    use std::io::Write;
    let program = command.get_program().to_string_lossy().into_owned();
    let start = |source| LabError::Start { program: program.clone(), source };
    let mut child = command
        .stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() })
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(start)?;
    let writer = child.stdin.take().zip(input.map(str::to_owned)).map(|(mut pipe, text)| {
        // A tool that fails early closes its end; its exit status then says more than the pipe.
        std::thread::spawn(move || pipe.write_all(text.as_bytes()).is_ok())
    });
    let output = child.wait_with_output().map_err(start)?;
    if let Some(writer) = writer {
        let whole = writer.join().unwrap_or(false);
        if output.status.success() && !whole {
            return Err(tool(doing, program, &output, "it did not read all of its input"));
        }
    }
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    Err(tool(doing, program, &output, &said))
}

fn tool(doing: &str, program: String, output: &std::process::Output, said: &str) -> LabError {
    let lines: Vec<&str> = said.trim().lines().collect();
    let said = lines[lines.len().saturating_sub(12)..].join("\n");
    LabError::Tool { doing: doing.to_owned(), program, status: output.status.to_string(), said }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// When a tool fails, its own words reach the user.
    #[test]
    fn a_failing_tool_is_quoted() {
        let error = run("trying", Command::new("sh").args(["-c", "echo no room >&2; exit 3"]), None)
            .expect_err("exit 3");
        assert!(error.to_string().contains("no room"), "{error}");
    }
}
