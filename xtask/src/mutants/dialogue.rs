//! A program that is asked line by line.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// The program under a limit of memory: a loop that never ends often also fills it.
pub fn limited(program: &Path) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -v 6000000; exec nice -n 10 \"$0\" \"$@\""]).arg(program);
    command
}

pub fn lines(child: &mut Child) -> Receiver<String> {
    let (send, receive) = channel();
    if let Some(out) = child.stdout.take() {
        std::thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                if send.send(line).is_err() {
                    break;
                }
            }
        });
    }
    receive
}

/// A program that answers each line it reads.
pub struct Dialogue {
    child: Child,
    to: ChildStdin,
    from: Receiver<String>,
}

impl Dialogue {
    /// Starts it.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start(command: &mut Command) -> Result<Self, String> {
        let program = format!("{command:?}");
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("{program}: {error}"))?;
        let to = child.stdin.take().ok_or_else(|| format!("{program} does not listen"))?;
        let from = lines(&mut child);
        Ok(Self { child, to, from })
    }

    /// Asks.
    ///
    /// # Errors
    /// When it ended.
    pub fn say(&mut self, line: &str) -> Result<(), String> {
        writeln!(self.to, "{line}").map_err(|error| format!("asking a program: {error}"))
    }

    /// Its next line, if one comes in time.
    pub fn answer(&mut self, limit: Duration) -> Option<String> {
        self.from.recv_timeout(limit).ok()
    }

    /// Whether it ended by itself.
    pub fn ended(&mut self) -> bool {
        self.child.try_wait().is_ok_and(|status| status.is_some())
    }
}

impl Drop for Dialogue {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
