//! Starting servers that outlive the command, and ending only those that the lab itself started.

use std::fs::File;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use serde::{Deserialize, Serialize};

use super::edges;
use super::error::LabError;

/// A process the lab started. A pid alone can be given to another process later, so the moment
/// of its start, in clock ticks since boot, is part of its name.
#[derive(Debug, Clone, Default, Serialize, Deserialize, PartialEq, Eq)]
pub struct Process {
    /// What it is, within the lab.
    pub name: String,
    /// Its process id.
    pub pid: u32,
    /// When it started, in ticks since boot.
    pub start_ticks: u64,
}

/// A signal the lab sends.
#[derive(Debug, Clone, Copy)]
pub enum Signal {
    /// Ask to end.
    Term,
    /// PostgreSQL's fast shutdown.
    Int,
    /// End at once.
    Kill,
    /// Stop without ending.
    Stop,
    /// Go on.
    Cont,
}

/// Runs `command` in the background, detached from the terminal, with its output in `log`.
pub fn spawn(name: &str, command: &mut Command, stdin: Stdio, log: &Path) -> Result<Process, LabError> {
    let output =
        File::options().create(true).append(true).open(log).map_err(LabError::file("open the log", log))?;
    let errors = output.try_clone().map_err(LabError::file("open the log", log))?;
    let program = command.get_program().to_string_lossy().into_owned();
    let child = command
        .stdin(stdin)
        .stdout(output)
        .stderr(errors)
        .process_group(0)
        .spawn()
        .map_err(|source| LabError::Start { program: program.clone(), source })?;
    let pid = child.id();
    let Some((start_ticks, _)) = stat(pid) else {
        return Err(LabError::Unfit(format!("{program} ended as it started; see {}", log.display())));
    };
    Ok(Process { name: name.to_owned(), pid, start_ticks })
}

impl Process {
    /// Whether this very process still runs.
    pub fn alive(&self) -> bool {
        stat(self.pid).is_some_and(|(ticks, state)| ticks == self.start_ticks && state != 'Z')
    }

    /// Whether it runs and has been stopped.
    pub fn stopped(&self) -> bool {
        stat(self.pid).is_some_and(|(ticks, state)| ticks == self.start_ticks && state == 'T')
    }

    /// Sends a signal, if this very process still runs.
    pub fn signal(&self, signal: Signal) -> Result<(), LabError> {
        if !self.alive() {
            return Ok(());
        }
        let name = match signal {
            Signal::Term => "TERM",
            Signal::Int => "INT",
            Signal::Kill => "KILL",
            Signal::Stop => "STOP",
            Signal::Cont => "CONT",
        };
        // The shell's own `kill`: the program of that name is not on every machine.
        let script = format!("kill -s {name} {}", self.pid);
        run(&format!("signalling {}", self.name), Command::new("sh").args(["-c", &script]), None).map(drop)
    }

    /// Ends it: politely first, then not.
    pub fn end(&self, first: Signal) -> Result<(), LabError> {
        self.signal(Signal::Cont)?;
        self.signal(first)?;
        if !edges::poll(80, || !self.alive()) {
            self.signal(Signal::Kill)?;
        }
        if edges::poll(50, || !self.alive()) {
            return Ok(());
        }
        Err(LabError::Unfit(format!("{} (pid {}) does not end", self.name, self.pid)))
    }
}

/// When a process started and its state letter, from `/proc/PID/stat`; the name in it may hold
/// spaces and brackets, so counting begins after the last bracket.
fn stat(pid: u32) -> Option<(u64, char)> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let after = text.rsplit_once(')')?.1;
    let mut fields = after.split_whitespace();
    let state = fields.next()?.chars().next()?;
    // Field 22 of the line; the state was field 3.
    Some((fields.nth(18)?.parse().ok()?, state))
}

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

    /// A pid that was given to another process must never be ended in the lab's name.
    #[test]
    fn a_reused_pid_is_not_ours() {
        let pid = std::process::id();
        let (ticks, _) = stat(pid).expect("this test runs");
        let ours = Process { name: "this test".into(), pid, start_ticks: ticks };
        assert!(ours.alive());
        let other = Process { start_ticks: ticks + 1, ..ours };
        assert!(!other.alive());
        // Were the start not compared, this would end the test run.
        other.signal(Signal::Kill).expect("nothing to do");
    }

    /// When a tool fails, its own words reach the user.
    #[test]
    fn a_failing_tool_is_quoted() {
        let error = run("trying", Command::new("sh").args(["-c", "echo no room >&2; exit 3"]), None)
            .expect_err("exit 3");
        assert!(error.to_string().contains("no room"), "{error}");
    }
}
