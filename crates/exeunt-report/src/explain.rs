//! One obligation, in full: path, timeline, evidence, owner, next step.

use std::collections::BTreeSet;
use std::fmt::Write;

use exeunt_model::State;
use exeunt_model::verdict::{Obligation, VerdictDocument};

use crate::clean::clean;
use crate::paint::Paint;
use crate::words;

/// Everything about one obligation of a verdict; `None` when it has no such obligation.
#[must_use]
pub fn explain(verdict: &VerdictDocument, id: &str, paint: Paint) -> Option<String> {
    let verdict = &clean(verdict);
    let o = verdict.obligations.iter().find(|o| o.id == id)?;
    let mut out = String::new();
    // Writing to a text cannot fail.
    let _ = write_all(&mut out, verdict, o, paint);
    Some(out)
}

fn write_all(out: &mut String, verdict: &VerdictDocument, o: &Obligation, paint: Paint) -> std::fmt::Result {
    let title = format!("{}: {} in {}", o.item.name, o.item.native_type, o.system);
    writeln!(out, "{}  {}", paint.strong(&title), paint.dim(&o.id))?;
    writeln!(out, "  {} ({:?}): {}", words::state(o.state), o.grade, o.because)?;
    writeln!(out, "  What would change this: {}", o.would_change)?;
    if let Some(at) = o.used_after_departure {
        writeln!(out, "  {}", paint.bad(&format!("Used {}, after departure.", words::time(at))))?;
    }
    writeln!(out, "\n{}", paint.strong("PATH"))?;
    if let Some(first) = o.path.first() {
        writeln!(out, "  {}  {}", first.names.0, paint.dim(&first.from))?;
    }
    for (depth, step) in o.path.iter().enumerate() {
        let indent = "   ".repeat(depth);
        writeln!(out, "  {indent}└─ {} {}  {}", step.how, step.names.1, paint.dim(&step.to))?;
    }
    writeln!(out, "\n{}", paint.strong("WHERE IT BROKE, WHO ANSWERS"))?;
    match o.control_point {
        None if o.state == State::Gone => writeln!(out, "  Nothing broke: it is gone.")?,
        None => writeln!(
            out,
            "  Nothing broke: control point {}, {}, asks for it to be blocked, and it is. It can come back.",
            o.falls_to,
            words::control_point(Some(o.falls_to))
        )?,
        Some(number) => {
            let point = verdict.control_points.iter().find(|p| p.number == number);
            let name = point.map_or("", |p| p.name.as_str());
            writeln!(out, "  Control point {number}, {name}.")?;
        }
    }
    for accountable in &o.accountable {
        writeln!(out, "  {}: {}", words::accountable(accountable), accountable.why)?;
        if let Some(due) = words::due(accountable) {
            writeln!(out, "    Due {due}.")?;
        }
        if let Some(instead) = words::instead(accountable) {
            writeln!(out, "    {instead}")?;
        }
    }
    if !o.caught_by.is_empty() {
        writeln!(out, "\n{}", paint.strong("WHAT WOULD HAVE CAUGHT IT"))?;
    }
    for caught in &o.caught_by {
        let failed = words::control_point(Some(caught.failed));
        writeln!(
            out,
            "  The failed {failed}: by control point {}, {}: {}.",
            caught.by, caught.name, caught.how
        )?;
    }
    if !o.claims.is_empty() {
        writeln!(out, "\n{}", paint.strong("WHAT THE TICKET SAYS"))?;
        for check in &o.claims {
            writeln!(out, "  {}", words::claim(check))?;
        }
        let asked: BTreeSet<&str> =
            o.claims.iter().filter_map(|check| check.claim.requested_by.as_deref()).collect();
        let approved: BTreeSet<&str> =
            o.claims.iter().flat_map(|check| &check.claim.approved_by).map(String::as_str).collect();
        for (says, who) in [("Asked for by", asked), ("Approved by", approved)] {
            if !who.is_empty() {
                writeln!(out, "  {says} {}.", who.into_iter().collect::<Vec<_>>().join(", "))?;
            }
        }
    }
    writeln!(out, "\n{}", paint.strong("TIMELINE"))?;
    for moment in &o.timeline {
        let known = paint.dim(&words::known(moment));
        writeln!(out, "  {}  {} {known}", words::time(moment.at), moment.what)?;
        if moment.order_undecided {
            writeln!(out, "    The clocks do not decide whether this came before the next line.")?;
        }
    }
    writeln!(out, "\n{}", paint.strong("EVIDENCE"))?;
    for cite in &o.evidence {
        writeln!(
            out,
            "  {} {}, read {}, snapshot {}",
            cite.system,
            cite.read,
            words::time(cite.at),
            cite.snapshot
        )?;
        for exchange in &cite.exchanges {
            writeln!(out, "    {}", paint.dim(&exchange.to_string()))?;
        }
    }
    if !o.next_step.is_empty() {
        writeln!(out, "\n{}\n  {}", paint.strong("NEXT STEP"), o.next_step)?;
    }
    Ok(())
}
