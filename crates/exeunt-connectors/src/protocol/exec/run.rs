//! One run of a program: its environment, its limits, and its end.

use std::process::{ExitStatus, Stdio};

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};

use exeunt_model::manifest::ClientRules;
use exeunt_model::{PartialReason, Timestamp};
use serde::{Deserialize, Serialize};

use super::Program;
use crate::clock::Clock;
use crate::protocol::Fault;

/// What is kept of a program's standard error: its last words, which say why it failed.
const LAST_WORDS: usize = 2048;

/// A value shorter than this is found everywhere by chance.
const SHORTEST_SECRET: usize = 6;

/// The first line of the kept bytes: what we know of the run itself.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ran {
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
    /// Why nothing of it can be taken for whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) failed: Option<Failed>,
}

/// Why a run is not the whole truth.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Failed {
    pub(super) reason: PartialReason,
    pub(super) detail: String,
}

/// Runs the program and gives what it printed, behind a line about the run. A run that failed gives
/// what it printed until then: records that came are facts.
pub(super) async fn run(program: &Program, rules: &ClientRules, clock: &dyn Clock) -> Result<Vec<u8>, Fault> {
    let from = clock.now();
    let mut command = Command::new(&program.program);
    command
        .args(&program.arguments)
        .current_dir(&program.folder)
        .env_clear()
        .envs(program.variables.iter().map(|(name, value)| (name, value)))
        .envs(program.hidden.iter().map(|(name, value)| (name, value.expose())))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    #[cfg(unix)]
    command.process_group(0);
    let mut child = command.spawn().map_err(|error| fault(program, &error))?;
    let group = Group::of(&child);
    let limit = rules.timeout.unsigned_abs();
    let mut printed = Vec::new();
    let mut said = Tail::default();
    let ended = tokio::time::timeout(limit, drain(&mut child, rules.max_body, &mut printed, &mut said)).await;
    // Whatever it started and left behind ends with it.
    drop(group);
    let words = words(&said.text(), program);
    let mut failed = match ended {
        Err(_) => Some((
            PartialReason::TimedOut,
            format!(
                "it did not end within {} s and was stopped. Raise `client.timeout` in the manifest, or make it quicker",
                limit.as_secs_f32()
            ),
        )),
        Ok(Err(error)) => Some((PartialReason::Truncated, format!("its output could not be read: {error}"))),
        Ok(Ok(None)) => Some((
            PartialReason::Oversized,
            format!(
                "it printed more than {} bytes and was stopped. Raise `client.max_body` in the manifest",
                rules.max_body
            ),
        )),
        Ok(Ok(Some(status))) if !status.success() => {
            Some((PartialReason::ServerError, format!("it ended with {status}")))
        }
        Ok(Ok(Some(_))) => None,
    };
    if let Some(name) = leaked(&printed, program) {
        printed.clear();
        let detail = format!(
            "its output holds the credential that it was given as `{name}`; nothing of it was kept. Correct the program, and replace the credential"
        );
        failed = Some((PartialReason::UnexpectedStatus, detail));
    }
    let failed = failed.map(|(reason, detail)| Failed {
        reason,
        detail: format!("the program {}: {detail}{words}", program.program.display()),
    });
    let ran = Ran { from, to: clock.now(), failed };
    let mut kept = serde_json::to_vec(&ran).map_err(|error| fault(program, &error))?;
    kept.push(b'\n');
    kept.append(&mut printed);
    Ok(kept)
}

fn fault(program: &Program, error: &dyn std::error::Error) -> Fault {
    Fault {
        reason: PartialReason::Unreachable,
        detail: format!(
            "the program {} could not be run: {error}. Check that it exists and may be executed by the user who runs exeunt",
            program.program.display()
        ),
        statuses: Vec::new(),
    }
}

/// Reads both outputs to their ends, then waits. `None` when there was more than allowed.
async fn drain(
    child: &mut Child,
    most: u64,
    printed: &mut Vec<u8>,
    said: &mut Tail,
) -> std::io::Result<Option<ExitStatus>> {
    let (Some(mut out), Some(mut err)) = (child.stdout.take(), child.stderr.take()) else {
        return Err(std::io::Error::other("it has no output"));
    };
    let whole = {
        let reading = read_capped(&mut out, most, printed);
        let listening = listen(&mut err, said);
        tokio::pin!(reading, listening);
        let mut heard = false;
        loop {
            tokio::select! {
                whole = &mut reading => break whole?,
                done = &mut listening, if !heard => { done?; heard = true; }
            }
        }
    };
    if !whole {
        return Ok(None);
    }
    listen(&mut err, said).await?;
    child.wait().await.map(Some)
}

/// Whether the end was reached within the cap.
async fn read_capped(
    from: &mut (impl AsyncRead + Unpin),
    most: u64,
    into: &mut Vec<u8>,
) -> std::io::Result<bool> {
    let mut chunk = vec![0; 64 * 1024];
    loop {
        let count = from.read(&mut chunk).await?;
        if count == 0 {
            return Ok(true);
        }
        if into.len() as u64 + count as u64 > most {
            return Ok(false);
        }
        into.extend_from_slice(&chunk[..count]);
    }
}

async fn listen(from: &mut (impl AsyncRead + Unpin), into: &mut Tail) -> std::io::Result<()> {
    let mut chunk = [0; 4096];
    loop {
        let count = from.read(&mut chunk).await?;
        if count == 0 {
            return Ok(());
        }
        into.add(&chunk[..count]);
    }
}

/// The end of a stream of any length.
#[derive(Default)]
struct Tail(Vec<u8>);

impl Tail {
    fn add(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
        let over = self.0.len().saturating_sub(LAST_WORDS);
        self.0.drain(..over);
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0).into_owned()
    }
}

/// The last words of a program in one line that can be printed anywhere, without our credentials.
fn words(said: &str, program: &Program) -> String {
    let mut line = said
        .split(|c: char| c.is_control() || c.is_whitespace())
        .filter(|w| !w.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    for (_, secret) in &program.hidden {
        for part in secret.expose().split_whitespace().filter(|part| part.len() >= SHORTEST_SECRET) {
            line = line.replace(part, "[redacted]");
        }
    }
    let skip = line.chars().count().saturating_sub(300);
    let last: String = line.chars().skip(skip).collect();
    if last.is_empty() { String::new() } else { format!(" (it said: \"{last}\")") }
}

/// The variable whose value stands in the output.
fn leaked<'a>(printed: &[u8], program: &'a Program) -> Option<&'a str> {
    let stands = |secret: &str| {
        secret.len() >= SHORTEST_SECRET
            && printed.windows(secret.len()).any(|window| window == secret.as_bytes())
    };
    program.hidden.iter().find(|(_, secret)| stands(secret.expose())).map(|(name, _)| name.as_str())
}

/// The processes of a run. Dropped, they end, those included that the program left behind.
struct Group(#[cfg(unix)] Option<rustix::process::Pid>);

impl Group {
    #[cfg(unix)]
    fn of(child: &Child) -> Self {
        let id = child.id().and_then(|id| i32::try_from(id).ok());
        Self(id.and_then(rustix::process::Pid::from_raw))
    }

    #[cfg(not(unix))]
    const fn of(_: &Child) -> Self {
        Self()
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        #[cfg(unix)]
        if let Some(group) = self.0 {
            // Usually all have ended, and there is nobody to tell.
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
    }
}
