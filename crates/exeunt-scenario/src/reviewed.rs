//! A whole verdict as text that people review: everything said, and no digest, which any edit of a manifest changes.

use std::fmt::{Result, Write};

use exeunt_model::verdict::{Obligation, VerdictDocument};
use serde::Serialize;

/// The text of `expected.txt`.
#[must_use]
pub fn reviewed(title: &str, verdict: &VerdictDocument) -> String {
    let mut out = String::new();
    // Writing to a text cannot fail.
    let _ = whole(&mut out, title, verdict);
    out
}

fn whole(out: &mut String, title: &str, verdict: &VerdictDocument) -> Result {
    writeln!(out, "{title}")?;
    writeln!(
        out,
        "{}: {}, left {}, judged for {}",
        word(&verdict.verdict),
        verdict.subject.name,
        verdict.departed,
        verdict.as_of
    )?;
    writeln!(out, "\nCONTROL POINTS")?;
    for point in &verdict.control_points {
        writeln!(out, "{:>2} {}: {}", point.number, point.name, word(&point.standing))?;
        for because in &point.because {
            writeln!(out, "     {because}")?;
        }
    }
    for line in &verdict.obligations {
        one(out, line)?;
    }
    section(
        out,
        "GAPS",
        verdict.gaps.iter().map(|gap| {
            let blocks = if gap.blocks { "" } else { " (does not block)" };
            format!("{} {}: {}{blocks}", gap.system, gap.read, gap.detail)
        }),
    )?;
    section(
        out,
        "GOVERNANCE",
        verdict.governance.iter().map(|finding| format!("{}: {}", finding.code, finding.says)),
    )?;
    section(
        out,
        "DISPUTED",
        verdict.disputed.iter().map(|d| {
            let candidates: Vec<String> = d.candidates.iter().map(ToString::to_string).collect();
            format!("{} ({}): {}, {}", d.account, d.login, candidates.join(" or "), d.because)
        }),
    )
}

fn section(out: &mut String, title: &str, lines: impl Iterator<Item = String>) -> Result {
    let lines: Vec<String> = lines.collect();
    if !lines.is_empty() {
        writeln!(out, "\n{title}")?;
    }
    lines.iter().try_for_each(|line| writeln!(out, "  {line}"))
}

fn one(out: &mut String, line: &Obligation) -> Result {
    let broke = line.control_point.map_or_else(String::new, |point| format!(", broke at {point}"));
    let privileged = if line.privileged { ", privileged" } else { "" };
    writeln!(out, "\n{}  {} {:?}{broke}{privileged}", line.id, word(&line.state), line.grade)?;
    writeln!(out, "  {} {}: {}", line.item.native_type, line.item.name, line.because)?;
    for step in &line.path {
        writeln!(out, "  path      {} {} {}", step.names.0, step.how, step.names.1)?;
    }
    if let Some(used) = line.used_after_departure {
        writeln!(out, "  used      {used}, after the departure")?;
    }
    if let Some(outcome) = &line.outcome {
        writeln!(out, "  outcome   {}", word(outcome))?;
    }
    if let Some(back) = &line.regression {
        writeln!(out, "  came back {}: {}", word(&back.cause), back.why)?;
    }
    for answers in &line.accountable {
        let owner = answers.owner.as_deref().unwrap_or("nobody");
        writeln!(out, "  answers   {owner} ({}): {}", answers.domain.as_str(), answers.why)?;
    }
    for check in &line.claims {
        writeln!(out, "  claim     {}: {}", word(&check.comparison), check.claim.says)?;
    }
    for moment in &line.timeline {
        writeln!(out, "  {} {:?}  {}", moment.at, moment.grade, moment.what)?;
    }
    for cite in &line.evidence {
        writeln!(out, "  evidence  {} {} of {}", cite.system, cite.read, cite.at)?;
    }
    writeln!(out, "  next      {}", line.next_step)
}

fn word(value: &impl Serialize) -> String {
    let value = serde_json::to_value(value).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}
