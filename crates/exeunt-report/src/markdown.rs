//! The report as Markdown, for a ticket's comment or a file.

use std::fmt::Write;

use exeunt_model::verdict::VerdictDocument;

use crate::{summary, words};

/// The whole report.
#[must_use]
pub fn markdown(verdict: &VerdictDocument) -> String {
    let mut out = String::new();
    // Writing to a text cannot fail.
    let _ = write_all(&mut out, verdict);
    out
}

fn write_all(out: &mut String, verdict: &VerdictDocument) -> std::fmt::Result {
    writeln!(
        out,
        "# {}: {}, {}\n",
        words::conclusion(verdict.verdict),
        cell(&verdict.case),
        cell(&verdict.subject.name)
    )?;
    writeln!(out, "{}\n", cell(&summary::answer(verdict)))?;
    writeln!(out, "Left {}. Judged for {}.\n", words::time(verdict.departed), words::time(verdict.as_of))?;
    obligations(out, verdict)?;
    writeln!(
        out,
        "\n## Chain of control\n\n| # | control point | standing | because |\n| --- | --- | --- | --- |"
    )?;
    for point in &verdict.control_points {
        writeln!(
            out,
            "| {} | {} | {} | {} |",
            point.number,
            point.name,
            words::standing(point.standing),
            cell(point.because.first().map_or("", String::as_str))
        )?;
    }
    list(
        out,
        "Reads that do not count in full",
        verdict
            .gaps
            .iter()
            .map(|gap| format!("{} {}: {}. {}", gap.system, gap.read, gap.detail, gap.next_step)),
    )?;
    list(out, "Governance", verdict.governance.iter().map(|finding| finding.says.clone()))?;
    list(
        out,
        "Not clear whose",
        verdict.disputed.iter().map(|d| format!("{} ({}): {}", d.login, d.account, d.because)),
    )?;
    list(
        out,
        "What nobody can see there",
        verdict
            .blind_spots
            .iter()
            .map(|spot| format!("{} {}: {} Ends by: {}", spot.system, spot.kind, spot.what, spot.bound)),
    )
}

fn obligations(out: &mut String, verdict: &VerdictDocument) -> std::fmt::Result {
    writeln!(
        out,
        "| state | what | path | broke at | answers | next step |\n| --- | --- | --- | --- | --- | --- |"
    )?;
    let sorted = summary::sorted(verdict);
    let open = [&sorted.used, &sorted.live, &sorted.latent, &sorted.unknown, &sorted.waived];
    for o in open.into_iter().flatten() {
        let used =
            o.used_after_departure.map_or(String::new(), |at| format!(", **used {}**", words::time(at)));
        let answers: Vec<String> = o
            .accountable
            .iter()
            .map(|by| {
                let late =
                    by.overdue.map_or(String::new(), |late| format!(", {} overdue", words::lasting(late)));
                format!("{}{late}", words::accountable(by))
            })
            .collect();
        writeln!(
            out,
            "| {}{used} | {} ({}, {}): {} | {} | {} | {} | {} |",
            words::state(o.state),
            cell(&o.item.name),
            cell(&o.item.native_type),
            o.system,
            cell(&o.because),
            cell(&words::path(&o.path)),
            o.control_point.map_or(String::new(), |n| n.to_string()),
            cell(&answers.join("; ")),
            cell(&o.next_step)
        )?;
    }
    writeln!(out, "\n{}.", words::count(sorted.gone.len(), "thing proven gone", "things proven gone"))
}

fn list(out: &mut String, title: &str, lines: impl Iterator<Item = String>) -> std::fmt::Result {
    let mut lines = lines.peekable();
    if lines.peek().is_some() {
        writeln!(out, "\n## {title}\n")?;
    }
    lines.try_for_each(|line| writeln!(out, "- {}", cell(&line)))
}

/// Text from outside, made harmless in Markdown: names of tokens and groups are chosen by people.
fn cell(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '|' | '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '!' => {
                safe.push('\\');
                safe.push(c);
            }
            '\n' | '\r' => safe.push(' '),
            c if c.is_control() => safe.push('\u{fffd}'),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    /// A token named with Markdown must not become a link or a picture in the ticket.
    #[test]
    fn names_cannot_become_markup() {
        assert_eq!(super::cell("![x](http://e)|`a`\n<b>"), "\\!\\[x\\](http://e)\\|\\`a\\` \\<b\\>");
    }
}
