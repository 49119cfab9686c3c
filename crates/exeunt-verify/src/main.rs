//! `exeunt-verify`: whether a bundle holds, for somebody who has nothing else of ours. It opens no socket and reads no file but
//! those it is given.

mod args;

use std::fs::File;
use std::io::{self, Read as _, Write};
use std::path::Path;
use std::process::ExitCode;

use args::{Args, USAGE};
use exeunt_evidence::bundle::Reading;
use exeunt_evidence::timestamp::Authorities;
use exeunt_evidence::{Policy, Refusal, Trust, Verified, verify_under};
use jiff::Timestamp;

/// Largest bundle read: 4 GiB.
const LARGEST: u64 = 4 << 30;
const REFUSED: u8 = 1;
const MISUSED: u8 = 2;

fn main() -> ExitCode {
    let args = match args::read(std::env::args().skip(1)) {
        Ok(Some(args)) => args,
        Ok(None) => return said(&writeln!(io::stdout(), "{USAGE}"), ExitCode::SUCCESS),
        Err(why) => {
            let told = writeln!(io::stderr(), "exeunt-verify: {why}\n\n{USAGE}");
            return said(&told, ExitCode::from(MISUSED));
        }
    };
    let known = || -> Result<_, String> { Ok((read(&args.file)?, policy(&args)?, authorities(&args)?)) };
    let answer = match known() {
        Ok((bytes, policy, authorities)) => {
            let trust =
                Trust { key: args.key.as_ref(), policy: policy.as_ref(), authorities: authorities.as_ref() };
            verify_under(&bytes, trust)
        }
        Err(why) => {
            let told = writeln!(io::stderr(), "exeunt-verify: {why}");
            return said(&told, ExitCode::from(REFUSED));
        }
    };
    match answer {
        Ok(verified) => said(&accept(&verified, &args, &mut io::stdout()), ExitCode::SUCCESS),
        Err(refusal) => said(&refuse(&refusal, &mut io::stdout()), ExitCode::from(REFUSED)),
    }
}

/// What could not be told to anybody was not verified for anybody.
fn said(told: &io::Result<()>, code: ExitCode) -> ExitCode {
    if told.is_ok() { code } else { ExitCode::from(REFUSED) }
}

/// The reader's policy; one that cannot be followed must not be passed over.
fn policy(args: &Args) -> Result<Option<Policy>, String> {
    let Some(file) = &args.policy else { return Ok(None) };
    let bytes = read(file)?;
    Policy::parse(&bytes).map(Some).map_err(|why| format!("{}: {why}", file.display()))
}

fn authorities(args: &Args) -> Result<Option<Authorities>, String> {
    let Some(file) = &args.authority else { return Ok(None) };
    let bytes = read(file)?;
    Authorities::from_pem(&bytes).map(Some).map_err(|why| format!("{}: {why}", file.display()))
}

#[expect(clippy::disallowed_methods, reason = "capped by LARGEST just here")]
fn read(file: &Path) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    match File::open(file).and_then(|file| file.take(LARGEST).read_to_end(&mut bytes)) {
        Ok(_) => Ok(bytes),
        Err(error) => Err(format!("could not read {}: {error}", file.display())),
    }
}

#[expect(clippy::disallowed_methods, reason = "the edge of this program: how old is a verdict now?")]
fn now() -> Timestamp {
    Timestamp::now()
}

fn accept(verified: &Verified, args: &Args, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "ACCEPTED  {}", verified.case)?;
    let reading = Reading { now: args.at.unwrap_or_else(now), max_age: args.max_age };
    for finding in verified.findings(reading) {
        writeln!(out, "  {:<13} {:<5} {}", finding.name, finding.answer, finding.why)?;
    }
    for missing in verified.missing() {
        writeln!(out, "  missing:      {missing}")?;
    }
    writeln!(out, "  key:          {}", verified.key)?;
    writeln!(out, "  log:          {}, {} entries", verified.checkpoint.origin, verified.checkpoint.size)
}

fn refuse(refusal: &Refusal, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "REFUSED")?;
    writeln!(out, "  part:         {}", refusal.part())?;
    writeln!(out, "  why:          {refusal}")?;
    writeln!(out, "  next:         {}", refusal.next_step())
}
