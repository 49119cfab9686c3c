//! Figures over all cases, for people.

use std::collections::BTreeMap;
use std::fmt::{Display, Result, Write};

use exeunt_model::Duration;
use exeunt_model::programme::{OwnerFigures, ProgrammeFigures, ProvenFigures};
use serde::Serialize;

use crate::paint::Paint;
use crate::words;

/// The figures as text; with `markdown`, headings and lists are Markdown.
#[must_use]
pub fn programme(figures: &ProgrammeFigures, markdown: bool, paint: Paint) -> String {
    let mut page = Page { out: String::new(), markdown, paint };
    // Writing to a text cannot fail.
    let _ = page.all(figures);
    page.out
}

struct Page {
    out: String,
    markdown: bool,
    paint: Paint,
}

impl Page {
    fn all(&mut self, f: &ProgrammeFigures) -> Result {
        self.heading(&format!("CASES, {}", words::time(f.as_of)))?;
        let c = &f.cases;
        self.line(format!(
            "{} cases: {} clear, {} residual, {} unproven, {} not judged. Something was used after departure in {}.",
            c.all, c.clear, c.residual, c.unproven, c.not_judged, c.used_after_departure
        ))?;
        self.heading("LEAVERS' TOKENS AND KEYS")?;
        let t = &f.tokens;
        self.line(format!(
            "{} of {} leavers with a known token or key still have one that works ({}); {} more have one that sleeps or cannot be seen.",
            t.with_live,
            t.leavers,
            share(t.with_live, t.leavers),
            t.with_latent_or_unknown
        ))?;
        self.line(format!(
            "{} of {} tokens and keys are live ({}).",
            t.live,
            t.tokens,
            share(t.live, t.tokens)
        ))?;
        self.heading("FROM DEPARTURE TO PROVEN GONE")?;
        for proven in &f.proven {
            self.line(took(proven))?;
        }
        self.heading("WHAT TICKETS SAY, AGAINST THE FACTS")?;
        self.counts(&f.claims)?;
        self.heading("WHAT IS LEFT, BY WHO ANSWERS")?;
        for owner in &f.residual_by_owner {
            self.line(owed(owner))?;
        }
        self.heading("WHAT IS LEFT, BY HOW LONG AGO THE LEAVER LEFT")?;
        for age in f.residual_by_age.iter().filter(|age| age.live + age.latent > 0) {
            let until =
                age.until.map_or_else(|| "and longer".to_owned(), |until| format!("to {}", days(until)));
            self.line(format!("{} {until}: {} live, {} latent", days(age.from), age.live, age.latent))?;
        }
        self.heading("CAME BACK")?;
        self.counts(&f.regressions)?;
        self.heading("COVERAGE")?;
        for (system, row) in &f.coverage {
            self.line(format!(
                "{system}: read whole in {} of {} cases; {} of {} lines unknown",
                row.whole,
                row.whole + row.with_gaps,
                row.unknown,
                row.lines
            ))?;
        }
        self.heading("WHAT NOBODY CAN SEE, MOST CASES FIRST")?;
        for spot in &f.blind_spots {
            self.line(format!(
                "{} cases: {} {}: {}",
                spot.cases,
                spot.system,
                spot.kind,
                words::shortened(&spot.what)
            ))?;
        }
        self.heading("NAMED BY OTHERS, NOT READ")?;
        if f.uncovered.is_empty() {
            self.line("none")?;
        }
        for (system, count) in &f.uncovered {
            self.line(format!("{system}: named by {count} accounts and edges"))?;
        }
        self.heading("GOVERNANCE")?;
        self.counts(&f.governance)?;
        self.heading("CONTROL POINTS THAT NEVER FAILED")?;
        for point in &f.never_failed {
            self.line(format!(
                "{} {}: held in {} cases, had nothing to hold in {}, could not be decided in {}",
                point.point, point.name, point.held, point.nothing_to_hold, point.unknown
            ))?;
        }
        Ok(())
    }

    fn heading(&mut self, text: &str) -> Result {
        let gap = if self.out.is_empty() { "" } else { "\n" };
        if self.markdown {
            writeln!(self.out, "{gap}## {text}\n")
        } else {
            writeln!(self.out, "{gap}{}", self.paint.strong(text))
        }
    }

    fn line(&mut self, text: impl Display) -> Result {
        let text = text.to_string().replace(char::is_control, "\u{fffd}");
        writeln!(self.out, "{}{text}", if self.markdown { "- " } else { "  " })
    }

    fn counts<K: Serialize>(&mut self, counts: &BTreeMap<K, u64>) -> Result {
        if counts.is_empty() {
            return self.line("none");
        }
        for (what, count) in counts {
            let word = serde_json::to_value(what).unwrap_or_default();
            self.line(format!("{count:>6}  {}", word.as_str().unwrap_or_default().replace('_', " ")))?;
        }
        Ok(())
    }
}

fn took(proven: &ProvenFigures) -> String {
    let name = words::control_point(Some(proven.point));
    let times = match (proven.p50, proven.p90, proven.p99) {
        (Some(p50), Some(p90), Some(p99)) => {
            format!("P50 {}, P90 {}, P99 {}", hours(p50), hours(p90), hours(p99))
        }
        _ => "no case is proven".to_owned(),
    };
    format!("{} {name}: {times} ({} cases proven, {} open)", proven.point, proven.cases, proven.open)
}

fn owed(owner: &OwnerFigures) -> String {
    format!(
        "{} ({}): {} live, {} latent, {} unknown in {} cases, the oldest for {}",
        owner.owner.as_deref().unwrap_or("nobody"),
        words::domain(owner.domain),
        owner.live,
        owner.latent,
        owner.unknown,
        owner.cases,
        days(owner.oldest)
    )
}

fn share(part: u64, whole: u64) -> String {
    if whole == 0 { "none known".to_owned() } else { format!("{} %", (part * 200 + whole) / (whole * 2)) }
}

fn hours(time: Duration) -> String {
    let minutes = time.as_mins();
    if minutes < 60 { format!("{minutes} min") } else { format!("{}.{} h", minutes / 60, minutes % 60 / 6) }
}

fn days(time: Duration) -> String {
    format!("{} days", time.as_hours() / 24)
}

#[cfg(test)]
mod tests {
    use super::share;

    /// A share of nothing is none, and halves are rounded up like everybody does.
    #[test]
    fn shares() {
        assert_eq!(share(91, 100), "91 %");
        assert_eq!(share(1, 200), "1 %");
        assert_eq!(share(0, 0), "none known");
    }
}
