//! Lines that are only the consequence of another line stand below it, not beside it.
//!
//! Whoever is still in a team reaches everything the team reaches: that is one thing to mend and
//! many things reached. The document lists each; the report shows what to mend and, under it,
//! what that reaches.

use exeunt_model::SurvivorKind;
use exeunt_model::verdict::Obligation;

/// A line, and the lines that follow from it.
pub(crate) struct Group<'a> {
    pub(crate) line: &'a Obligation,
    pub(crate) reaches: Vec<&'a Obligation>,
}

/// How many lines of a state stand on their own, and how many follow from one of them.
pub(crate) fn counted(lines: &[&Obligation]) -> (usize, usize) {
    let groups = grouped(lines);
    (groups.len(), lines.len() - groups.len())
}

/// Puts each inherited line below the line through which its path leads, where there is one in
/// the same state; order is kept.
pub(crate) fn grouped<'a>(lines: &[&'a Obligation]) -> Vec<Group<'a>> {
    let heads: Vec<&Obligation> =
        lines.iter().copied().filter(|line| head_of(line, lines).is_none()).collect();
    heads
        .into_iter()
        .map(|line| Group {
            line,
            reaches: lines
                .iter()
                .copied()
                .filter(|other| head_of(other, lines).is_some_and(|head| head.id == line.id))
                .collect(),
        })
        .collect()
}

/// The line that an inherited line follows from: one whose own path is the beginning of its path.
/// The longest such path is the closest cause.
fn head_of<'a>(line: &Obligation, lines: &[&'a Obligation]) -> Option<&'a Obligation> {
    if line.used_after_departure.is_some() {
        return None;
    }
    lines
        .iter()
        .copied()
        // What follows from a membership is inherited; what follows from a non-human account is
        // all that it holds.
        .filter(|head| line.kind == SurvivorKind::GrantInherited || head.kind == SurvivorKind::OwnedNhi)
        .filter(|head| head.kind != SurvivorKind::GrantInherited)
        // The account itself is behind everything it reaches; that says nothing.
        .filter(|head| head.kind != SurvivorKind::Principal)
        .filter(|head| head.path.len() < line.path.len() && line.path.starts_with(&head.path))
        .max_by_key(|head| head.path.len())
}
