//! The report for a terminal: the answer first, then what to do about it, worst first.

use std::fmt::Write;

use exeunt_model::SurvivorKind;
use exeunt_model::verdict::{ClaimCheck, Conclusion, Obligation, VerdictDocument};

use crate::clean::clean;
use crate::groups::{Group, grouped};
use crate::paint::Paint;
use crate::{summary, words};

/// How many things a line may be said to reach before they are only counted.
const REACHED: usize = 4;

/// The whole report. `all` also lists what is otherwise only counted: what is proven gone, reads
/// that are noted without blocking, and what nobody can see.
#[must_use]
pub fn text(verdict: &VerdictDocument, paint: Paint, all: bool) -> String {
    let verdict = &clean(verdict);
    let mut out = String::new();
    head(&mut out, verdict, paint);
    let sorted = summary::sorted(verdict);
    let mut number = 0;
    let mut section = |out: &mut String, title: String, lines: &[&Obligation]| {
        if lines.is_empty() {
            return;
        }
        put(out, "");
        put(out, &title);
        for group in grouped(lines) {
            number += 1;
            item(out, number, &group, paint);
        }
    };
    section(&mut out, paint.bad("USED AFTER DEPARTURE"), &sorted.used);
    section(&mut out, paint.bad("LIVE: can act now"), &sorted.live);
    section(&mut out, paint.doubt("LATENT: comes back if what blocks it is undone"), &sorted.latent);
    section(&mut out, paint.doubt("UNKNOWN: could not be seen, so not counted as gone"), &sorted.unknown);
    section(&mut out, paint.strong("WAIVED"), &sorted.waived);
    gone(&mut out, &sorted.gone, paint, all);
    chain(&mut out, verdict, paint);
    limits(&mut out, verdict, paint, all);
    out
}

fn put(out: &mut String, line: &str) {
    out.push_str(line);
    out.push('\n');
}

fn head(out: &mut String, verdict: &VerdictDocument, paint: Paint) {
    let word = words::conclusion(verdict.verdict);
    let word = match verdict.verdict {
        Conclusion::Clear => paint.good(word),
        Conclusion::Residual => paint.bad(word),
        Conclusion::Unproven => paint.doubt(word),
    };
    let named = if verdict.case == verdict.subject.identity.to_string() {
        verdict.subject.name.clone()
    } else {
        format!("{}, {}", verdict.case, verdict.subject.name)
    };
    put(out, &format!("{word}  {}", paint.strong(&named)));
    put(out, &summary::answer(verdict));
    let (left, judged) = (words::time(verdict.departed), words::time(verdict.as_of));
    put(out, &paint.dim(&format!("Left {left}. Judged for {judged}.")));
}

fn item(out: &mut String, number: usize, group: &Group<'_>, paint: Paint) {
    let o = group.line;
    let privileged = o.privileged || group.reaches.iter().any(|reached| reached.privileged);
    let privileged = if privileged { ", privileged" } else { "" };
    put(
        out,
        &format!(
            "{number:3}. {}  {} in {}{privileged}",
            paint.strong(&o.item.name),
            o.item.native_type,
            o.system
        ),
    );
    let mut line = |label: &str, said: &str| put(out, &format!("     {label:<9}{said}"));
    line(words::state(o.state), &o.because);
    if let Some(at) = o.used_after_departure {
        line("used", &paint.bad(&format!("{}, after departure", words::time(at))));
    }
    if o.path.len() > 1 || o.kind != SurvivorKind::Principal {
        line("path", &words::path(&o.path));
    }
    if !group.reaches.is_empty() {
        line("reaches", &reached(group));
    }
    if let Some((first, others)) = o.accountable.split_first() {
        let number = o.control_point.unwrap_or(o.falls_to);
        let broke = if o.control_point.is_some() { "broke at" } else { "blocked, as is asked by" };
        let name = words::control_point(Some(number));
        line("owner", &format!("{}; {broke} control point {number}, {name}", words::accountable(first)));
        if let Some(due) = words::due(first) {
            line("due", &due);
        }
        if let Some(instead) = words::instead(first) {
            line("instead", &instead);
        }
        for other in others {
            line("and", &format!("{}: {}", words::accountable(other), words::shortened(&other.why)));
        }
    }
    if !o.caught_by.is_empty() {
        line("caught", &format!("it would have been, by {}", caught(o)));
    }
    if let Some(said) = ticket(&o.claims) {
        line("ticket", &said);
    }
    if !o.next_step.is_empty() {
        line("next", &o.next_step);
    }
    line("id", &paint.dim(&o.id));
}

/// The control points that would have caught the break, in short; how is in `explain`.
fn caught(o: &Obligation) -> String {
    let own = o.caught_by.iter().filter(|caught| Some(caught.failed) == o.control_point);
    let named: Vec<String> =
        own.map(|caught| format!("control point {}, {}", caught.by, caught.name)).collect();
    named.join(", and ")
}

fn reached(group: &Group<'_>) -> String {
    let mut names: Vec<&str> = group.reaches.iter().map(|o| o.item.name.as_str()).collect();
    names.dedup();
    let more = names.len().saturating_sub(REACHED);
    names.truncate(REACHED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", names.join(", "))
}

/// The claims closest to the thing, one line: what the ticket says, and that it is not so. A claim
/// about the whole case is said only where there is none about the system.
fn ticket(claims: &[ClaimCheck]) -> Option<String> {
    let about_system = claims.iter().filter(|check| check.claim.system.is_some());
    let first = about_system.clone().next().or_else(|| claims.first())?;
    let more = about_system.count().saturating_sub(1);
    let more = if more > 0 { format!(" (and {more} more like it)") } else { String::new() };
    Some(format!("{}{more}", words::claim(first)))
}

fn gone(out: &mut String, gone: &[&Obligation], paint: Paint, all: bool) {
    if gone.is_empty() {
        return;
    }
    put(out, "");
    let hint = if all { "" } else { " (list them with --all)" };
    let counted = words::count(gone.len(), "thing, proven", "things, proven");
    put(out, &format!("{}  {counted}{hint}", paint.good("GONE")));
    for o in gone.iter().filter(|_| all) {
        let Obligation { item, system, because, grade, .. } = o;
        put(out, &format!("     {}  {} in {system}: {because} ({grade:?})", item.name, item.native_type));
    }
}

fn chain(out: &mut String, verdict: &VerdictDocument, paint: Paint) {
    put(out, "");
    put(out, &paint.strong("CHAIN OF CONTROL"));
    for point in &verdict.control_points {
        let first = point.because.first().map_or(String::new(), |because| words::shortened(because));
        let more = point.because.len().saturating_sub(1);
        let more = if more > 0 { format!(" (and {more} more)") } else { String::new() };
        let standing = words::standing(point.standing);
        let line = format!("{:3}. {:<14} {standing:<16} {first}{more}", point.number, point.name);
        put(out, line.trim_end());
    }
}

fn limits(out: &mut String, verdict: &VerdictDocument, paint: Paint, all: bool) {
    let mut list = |title: &str, lines: Vec<String>| {
        if !lines.is_empty() {
            let _ = write!(out, "\n{}\n", paint.strong(title));
            for line in lines {
                let _ = writeln!(out, "   - {line}");
            }
        }
    };
    let gaps = |blocks: bool| {
        let wanted = verdict.gaps.iter().filter(move |gap| gap.blocks == blocks);
        wanted
            .map(|gap| {
                let read = if gap.read.is_empty() { String::new() } else { format!(" {}", gap.read) };
                let detail = gap.detail.trim_end_matches('.');
                format!("{}{read}: {detail}. {}", gap.system, gap.next_step)
            })
            .collect::<Vec<_>>()
    };
    list("READS THAT DO NOT COUNT IN FULL", gaps(true));
    if all {
        list("NOTED, WITHOUT BLOCKING", gaps(false));
    }
    list("GOVERNANCE", verdict.governance.iter().map(|finding| finding.says.clone()).collect());
    let disputed = verdict.disputed.iter();
    list(
        "NOT CLEAR WHOSE",
        disputed.map(|d| format!("{} ({}): {}", d.login, d.account, d.because)).collect(),
    );
    let blind = verdict.blind_spots.iter();
    if all {
        list(
            "WHAT NOBODY CAN SEE THERE",
            blind
                .map(|spot| format!("{} {}: {} Ends by: {}", spot.system, spot.kind, spot.what, spot.bound))
                .collect(),
        );
        return;
    }
    let noted = verdict.gaps.iter().filter(|gap| !gap.blocks).count();
    let counted = [
        (blind.count(), "blind spot of these systems", "blind spots of these systems"),
        (noted, "read noted without blocking", "reads noted without blocking"),
    ];
    let counted: Vec<String> = counted
        .into_iter()
        .filter(|(n, ..)| *n > 0)
        .map(|(n, one, many)| words::count(n, one, many))
        .collect();
    if !counted.is_empty() {
        let _ =
            writeln!(out, "\n{}", paint.dim(&format!("Also: {} (list them with --all)", counted.join(", "))));
    }
}
