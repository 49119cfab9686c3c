//! `exeunt sweep`: all leavers, from the freshest snapshots.

use exeunt_model::State;
use exeunt_model::verdict::{Conclusion, VerdictDocument};
use exeunt_service::Service;
use exeunt_service::engine::Sweep;
use exeunt_service::pipeline::{Swept, sweep};
use serde_json::{Value, json};

use crate::args::Format;
use crate::error::{Done, Failure};
use crate::terminal::Terminal;

/// Judges every case and prints one line for each, worst first.
///
/// # Errors
/// When state cannot be read.
pub async fn run(service: &Service, format: Format, terminal: &mut Terminal) -> Result<Done, Failure> {
    let swept = sweep(service).await?;
    if format == Format::Json {
        terminal.json(&as_json(&swept))?;
    } else {
        print(&swept, terminal)?;
    }
    Ok(done(&swept))
}

fn done(swept: &Swept) -> Done {
    let any = |wanted| swept.cases.iter().any(|verdict| verdict.verdict == wanted);
    if any(Conclusion::Residual) || !swept.without_case.left.is_empty() {
        Done::Residual
    } else if any(Conclusion::Unproven) || !swept.failed.is_empty() {
        Done::Unproven
    } else {
        Done::Clear
    }
}

fn count(verdict: &VerdictDocument, states: &[State]) -> usize {
    verdict.obligations.iter().filter(|o| states.contains(&o.state)).count()
}

fn print(swept: &Swept, terminal: &mut Terminal) -> Result<(), Failure> {
    let paint = terminal.paint;
    let plain = |text: &str| text.replace(char::is_control, "\u{fffd}");
    for verdict in &swept.cases {
        let used = verdict.obligations.iter().filter(|o| o.used_after_departure.is_some()).count();
        let word = match verdict.verdict {
            Conclusion::Clear => paint.good("clear   "),
            Conclusion::Residual => paint.bad("residual"),
            Conclusion::Unproven => paint.doubt("unproven"),
        };
        terminal.line(&format!(
            "{word}  {:<12} {:<24} {} used after departure, {} live, {} latent, {} unknown, {} gone",
            plain(&verdict.case),
            plain(&verdict.subject.name),
            used,
            count(verdict, &[State::Live]),
            count(verdict, &[State::Latent]),
            count(verdict, &[State::Unknown, State::Unknowable]),
            count(verdict, &[State::Gone]),
        ))?;
    }
    for (case, why) in &swept.failed {
        terminal.line(&format!("{}  {case}: {}", paint.doubt("not judged"), plain(why)))?;
    }
    let Sweep { left, orphans, reached } = &swept.without_case;
    if !left.is_empty() {
        terminal.line(&format!("\n{}", paint.strong("LEFT WITHOUT A CASE, WITH ACTIVE ACCOUNTS")))?;
    }
    for person in left {
        terminal.line(&format!("{} ({}): {}", plain(&person.name), person.identity, person.because))?;
        for account in &person.accounts {
            let login = plain(&account.login);
            terminal.line(&format!("   {login}  {}  {}", account.account, plain(&account.native_state)))?;
        }
    }
    if !reached.is_empty() {
        terminal.line(&format!(
            "\n{}",
            paint.strong("WHAT THOSE WHO LEFT STILL REACH, BY THE NEWEST SNAPSHOTS")
        ))?;
    }
    for one in reached {
        let (live, privileged, doubt) = (one.live, one.privileged, one.in_doubt);
        let counted = format!("{live} live, {privileged} of it administrative, {doubt} blocked or not seen");
        terminal.line(&format!("{} ({}): {counted}", plain(&one.name), one.identity))?;
        for worst in &one.worst {
            terminal.line(&format!("   {}", plain(&worst.way)))?;
            for cut in &worst.cuts {
                terminal.line(&format!("      ends without: {}", plain(cut)))?;
            }
        }
    }
    if !orphans.is_empty() {
        terminal.line(&format!("\n{}", paint.strong("ACCOUNTS THAT ARE NOBODY'S")))?;
    }
    for orphan in orphans {
        let login = plain(&orphan.account.login);
        terminal.line(&format!("   {login}  {}: {}", orphan.account.account, plain(&orphan.because)))?;
    }
    if swept.cases.is_empty() && left.is_empty() {
        terminal.note("No cases yet: make one with `exeunt verify WHO-OR-ISSUE`");
    }
    Ok(())
}

fn as_json(swept: &Swept) -> Value {
    let cases: Vec<Value> = swept
        .cases
        .iter()
        .map(|verdict| {
            json!({
                "case": verdict.case,
                "subject": verdict.subject.name,
                "identity": verdict.subject.identity,
                "verdict": verdict.verdict,
                "as_of": verdict.as_of,
                "used_after_departure":
                    verdict.obligations.iter().filter(|o| o.used_after_departure.is_some()).count(),
                "live": count(verdict, &[State::Live]),
                "latent": count(verdict, &[State::Latent]),
                "unknown": count(verdict, &[State::Unknown, State::Unknowable]),
                "gone": count(verdict, &[State::Gone]),
            })
        })
        .collect();
    let account = |a: &exeunt_service::engine::LeftAccount| json!({ "account": a.account, "login": a.login, "native_state": a.native_state });
    let left: Vec<Value> = swept
        .without_case
        .left
        .iter()
        .map(|p| {
            json!({
                "identity": p.identity, "name": p.name, "departed": p.departed, "because": p.because,
                "accounts": p.accounts.iter().map(account).collect::<Vec<_>>(),
            })
        })
        .collect();
    let orphans: Vec<Value> = swept
        .without_case
        .orphans
        .iter()
        .map(|o| json!({ "account": account(&o.account), "candidates": o.candidates, "because": o.because }))
        .collect();
    let reached: Vec<Value> = swept
        .without_case
        .reached
        .iter()
        .map(|r| {
            json!({
                "identity": r.identity, "name": r.name, "live": r.live, "privileged": r.privileged,
                "in_doubt": r.in_doubt,
                "worst": r.worst.iter().map(|w| json!({ "way": w.way, "cuts": w.cuts })).collect::<Vec<_>>(),
            })
        })
        .collect();
    let failed: Vec<Value> =
        swept.failed.iter().map(|(case, why)| json!({ "case": case, "why": why })).collect();
    json!({ "cases": cases, "failed": failed, "left_without_case": left, "reached": reached, "orphans": orphans })
}
