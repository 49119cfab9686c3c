//! The report for a terminal: the answer first, then what to do about it, worst first.

use std::fmt::Write;

use exeunt_model::verdict::{Conclusion, Obligation, VerdictDocument};

use crate::clean::clean;
use crate::paint::Paint;
use crate::{summary, words};

/// The whole report. `all` also lists what is proven gone, instead of counting it.
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
        for obligation in lines {
            number += 1;
            item(out, number, obligation, paint);
        }
    };
    section(&mut out, paint.bad("USED AFTER DEPARTURE"), &sorted.used);
    section(&mut out, paint.bad("LIVE"), &sorted.live);
    section(&mut out, paint.doubt("LATENT: comes back if what blocks it is undone"), &sorted.latent);
    section(&mut out, paint.doubt("UNKNOWN: could not be seen, so not counted as gone"), &sorted.unknown);
    section(&mut out, paint.strong("WAIVED"), &sorted.waived);
    gone(&mut out, &sorted.gone, paint, all);
    chain(&mut out, verdict, paint);
    limits(&mut out, verdict, paint);
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
    put(
        out,
        &paint.dim(&format!(
            "Left {}. Judged for {}.",
            words::time(verdict.departed),
            words::time(verdict.as_of)
        )),
    );
}

fn item(out: &mut String, number: usize, o: &Obligation, paint: Paint) {
    let privileged = if o.privileged { ", privileged" } else { "" };
    put(
        out,
        &format!(
            "{number:3}. {}  {} in {}{privileged}  {}",
            paint.strong(&o.item.name),
            o.item.native_type,
            o.system,
            paint.dim(&format!("[{}]", o.id)),
        ),
    );
    let mut line = |label: &str, said: &str| put(out, &format!("     {label:<8} {said}"));
    line(words::state(o.state), &format!("{} ({:?})", o.because, o.grade));
    if let Some(at) = o.used_after_departure {
        line("used", &paint.bad(&format!("{}, after departure", words::time(at))));
    }
    if o.path.len() > 1 {
        line("path", &words::path(&o.path));
    }
    if let Some(point) = o.control_point {
        line("broke at", &format!("control point {point}"));
    }
    for accountable in &o.accountable {
        line("answers", &format!("{}: {}", words::accountable(accountable), accountable.why));
    }
    for check in &o.claims {
        line("ticket", &words::claim(check));
    }
    if !o.next_step.is_empty() {
        line("next", &o.next_step);
    }
}

fn gone(out: &mut String, gone: &[&Obligation], paint: Paint, all: bool) {
    if gone.is_empty() {
        return;
    }
    put(out, "");
    let hint = if all { "" } else { " (list them with --all)" };
    put(out, &format!("{}  {}{hint}", paint.good("GONE"), words::count(gone.len(), "thing, proven", "things, proven")));
    if all {
        for o in gone {
            put(out, &format!("     {}  {} in {}: {} ({:?})", o.item.name, o.item.native_type, o.system, o.because, o.grade));
        }
    }
}

fn chain(out: &mut String, verdict: &VerdictDocument, paint: Paint) {
    put(out, "");
    put(out, &paint.strong("CHAIN OF CONTROL"));
    for point in &verdict.control_points {
        let because = point.because.first().map_or("", String::as_str);
        put(
            out,
            &format!(
                "{:3}. {:<14} {:<16} {because}",
                point.number,
                point.name,
                words::standing(point.standing)
            ),
        );
    }
}

fn limits(out: &mut String, verdict: &VerdictDocument, paint: Paint) {
    let mut list = |title: &str, lines: Vec<String>| {
        if !lines.is_empty() {
            let _ = write!(out, "\n{}\n", paint.strong(title));
            for line in lines {
                let _ = writeln!(out, "   - {line}");
            }
        }
    };
    let blocks = |blocks: bool| if blocks { "" } else { " (noted, does not block)" };
    list(
        "READS THAT DO NOT COUNT IN FULL",
        verdict
            .gaps
            .iter()
            .map(|gap| {
                let read = if gap.read.is_empty() { String::new() } else { format!(" {}", gap.read) };
                format!("{}{read}: {}{}. {}", gap.system, gap.detail, blocks(gap.blocks), gap.next_step)
            })
            .collect(),
    );
    list(
        "GOVERNANCE",
        verdict.governance.iter().map(|finding| finding.says.clone()).collect(),
    );
    list(
        "NOT CLEAR WHOSE",
        verdict
            .disputed
            .iter()
            .map(|d| format!("{} ({}): {}", d.login, d.account, d.because))
            .collect(),
    );
    list(
        "WHAT NOBODY CAN SEE THERE",
        verdict
            .blind_spots
            .iter()
            .map(|spot| format!("{} {}: {} Ends by: {}", spot.system, spot.kind, spot.what, spot.bound))
            .collect(),
    );
}
