//! Starting servers that outlive the command, and ending only those that the lab itself started.

use std::fs::File;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::{Deserialize, Serialize};

use super::edges;
use super::error::LabError;
use super::files;
use super::layout::Layout;
use super::tool::run;

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

/// Where every process that was ever started is written down, one to a line. `lab.json` says what
/// each is for; this says what to end, also when a command was cut short.
fn journal(layout: &Layout) -> PathBuf {
    layout.dir.join("processes")
}

/// Runs `command` in the background, detached from the terminal, with its output in its log.
pub fn spawn(layout: &Layout, name: &str, command: &mut Command, stdin: Stdio) -> Result<Process, LabError> {
    let log = layout.log(name);
    let open = |path: &Path| {
        let file = File::options().create(true).append(true).mode(0o600).open(path);
        file.map_err(LabError::file("open", path))
    };
    let output = open(&log)?;
    let errors = output.try_clone().map_err(LabError::file("open", &log))?;
    let mut started = open(&journal(layout))?;
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
    let line = format!("{pid} {start_ticks} {name}\n");
    started.write_all(line.as_bytes()).map_err(LabError::file("write", &journal(layout)))?;
    Ok(Process { name: name.to_owned(), pid, start_ticks })
}

/// Ends everything the lab ever started and that still runs, the newest first, and nothing else.
pub fn end_all(layout: &Layout) -> Result<(), LabError> {
    let path = journal(layout);
    if !path.exists() {
        return Ok(());
    }
    for line in files::read(&path)?.lines().rev() {
        let mut words = line.splitn(3, ' ');
        let process = words.next().and_then(|pid| pid.parse().ok()).and_then(|pid| {
            let start_ticks = words.next()?.parse().ok()?;
            Some(Process { name: words.next()?.to_owned(), pid, start_ticks })
        });
        let process = process.ok_or_else(|| LabError::Data {
            what: path.display().to_string(),
            why: format!("{line:?} is no process; end the lab's processes by hand and remove the file"),
        })?;
        // PostgreSQL waits for its sessions on TERM and closes them on INT.
        process.end(if process.name == "postgres" { Signal::Int } else { Signal::Term })?;
    }
    files::remove(&path)
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
}
