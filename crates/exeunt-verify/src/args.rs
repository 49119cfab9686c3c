//! The command line: one file and five options.

use std::path::PathBuf;

use exeunt_evidence::VerifierKey;
use jiff::{SignedDuration, Timestamp};

/// How it is called.
pub const USAGE: &str = "\
Usage: exeunt-verify FILE [--key KEY] [--policy FILE] [--authority FILE] [--at TIME] [--max-age DAYS]

Verifies a bundle of evidence, offline. Says separately whether it is authentic, intact, complete, fresh and time-bounded,
and what is missing.

  --key KEY       the log's verifier key (NAME+HEXID+BASE64), known from elsewhere than the bundle
  --policy FILE   your logs, witnesses and quorum (C2SP tlog-policy): the bundle's log must be one of them, and its head
                  cosigned as the quorum asks
  --authority FILE
                  certificates of the time authorities you trust (PEM): the timestamps in the bundle must be theirs
  --at TIME       read it as of this time (RFC 3339) instead of now
  --max-age DAYS  how old a fresh verdict may be (default 1)

Ends with 0 if the bundle holds, 1 if it is refused or cannot be read, 2 if called wrongly.";

/// What was asked for.
#[derive(Debug)]
pub struct Args {
    /// The bundle.
    pub file: PathBuf,
    /// The key that is expected.
    pub key: Option<VerifierKey>,
    /// The file of the reader's policy.
    pub policy: Option<PathBuf>,
    /// The file of the certificates of time authorities.
    pub authority: Option<PathBuf>,
    /// The time of reading.
    pub at: Option<Timestamp>,
    /// How old a fresh verdict may be.
    pub max_age: SignedDuration,
}

/// Reads the command line; `None` is a call for help.
///
/// # Errors
/// What is wrong with it.
pub fn read(words: impl IntoIterator<Item = String>) -> Result<Option<Args>, String> {
    let (mut file, mut key, mut policy, mut authority, mut at) = (None, None, None, None, None);
    let mut max_age = SignedDuration::from_hours(24);
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or(format!("{word} wants a value"));
        match word.as_str() {
            "-h" | "--help" => return Ok(None),
            "--key" => key = Some(value()?.parse().map_err(|e| format!("--key is no verifier key: {e}"))?),
            "--policy" => policy = Some(PathBuf::from(value()?)),
            "--authority" => authority = Some(PathBuf::from(value()?)),
            "--at" => at = Some(value()?.parse().map_err(|e| format!("--at is no time: {e}"))?),
            "--max-age" => {
                let days: u32 = value()?.parse().map_err(|_| "--max-age is no number of days")?;
                max_age = SignedDuration::from_hours(24 * i64::from(days));
            }
            other if other.starts_with('-') => return Err(format!("there is no option {other}")),
            _ if file.is_none() => file = Some(PathBuf::from(word)),
            _ => return Err(format!("one file at a time, not {word} as well")),
        }
    }
    let file = file.ok_or("name the bundle")?;
    Ok(Some(Args { file, key, policy, authority, at, max_age }))
}
