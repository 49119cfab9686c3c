//! Edges that came or went since the graph was made. A row is mended where it stands; one that outgrows its place takes what
//! is free behind it, or moves to the end.

use std::ops::Range;

use super::graph::{AccessGraph, End, Ends, Level, Malformed};

/// Changes whose rows are read ahead.
const LOOK_AHEAD: usize = 48;

/// An edge that came or went. One that leads over something more or less dead than before went, and came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// The holder it begins at.
    pub from: u32,
    /// The holder or the entitlement it leads to.
    pub to: u32,
    /// How dead it is.
    pub level: Level,
    /// Whether it came, or went.
    pub came: bool,
}

/// What changed. Quickest if those of one holder stand together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// Steps, from holder to holder.
    pub steps: Vec<Change>,
    /// Grants, from a holder to an entitlement.
    pub grants: Vec<Change>,
}

impl Changes {
    /// What takes them back.
    #[must_use]
    pub fn reversed(&self) -> Self {
        let back = |all: &[Change]| all.iter().map(|one| Change { came: !one.came, ..*one }).collect();
        Self { steps: back(&self.steps), grants: back(&self.grants) }
    }
}

impl AccessGraph {
    /// Takes up steps that came or went. Places of steps are from now on those of the graph as it is.
    ///
    /// # Errors
    /// When one leads nowhere, or went and was not there. Those before it are then taken up.
    pub fn apply_steps(&mut self, changes: &[Change]) -> Result<(), Malformed> {
        let below = self.holders();
        let mut ahead = Ahead::default();
        for same in changes.chunk_by(|a, b| a.from == b.from) {
            ahead.look(changes, same.len(), |from| self.steps.row(self.holders.get(from)?.steps()).first());
            let from = same.first().map_or(0, |first| first.from);
            let holder = self.holders.get_mut(from as usize).ok_or_else(|| nowhere("step", from))?;
            let row = holder.steps();
            // Steps of one level stand in any order, so that a step is searched through.
            let find = |row: &[End], end: End| row.iter().position(|known| *known == end);
            let until = |row: &[End], end: End| row.partition_point(|known| known.level() <= end.level());
            holder.steps =
                self.steps.mend(row, same, below, find, until).ok_or_else(|| nowhere("step", from))?;
        }
        Ok(())
    }

    /// Takes up grants that came or went. Places of grants are from now on those of the graph as it is.
    ///
    /// # Errors
    /// When one leads nowhere, or went and was not there. Those before it are then taken up.
    pub fn apply_grants(&mut self, changes: &[Change]) -> Result<(), Malformed> {
        let below = self.entitlements as usize;
        let mut ahead = Ahead::default();
        for same in changes.chunk_by(|a, b| a.from == b.from) {
            ahead.look(changes, same.len(), |from| self.grants.row(self.holders.get(from)?.grants()).first());
            let from = same.first().map_or(0, |first| first.from);
            let holder = self.holders.get_mut(from as usize).ok_or_else(|| nowhere("grant", from))?;
            let row = holder.grants();
            let find = |row: &[End], end: End| row.binary_search(&end).ok();
            let until = |row: &[End], end: End| row.partition_point(|known| *known <= end);
            holder.grants =
                self.grants.mend(row, same, below, find, until).ok_or_else(|| nowhere("grant", from))?;
        }
        Ok(())
    }
}

/// Reads a little of the rows to come, many at a time, so that memory is waited for once and not for each of them.
#[derive(Debug, Default)]
struct Ahead {
    at: usize,
    seen: usize,
}

impl Ahead {
    fn look<'g>(&mut self, changes: &[Change], next: usize, first: impl Fn(usize) -> Option<&'g End>) {
        if self.at >= self.seen {
            self.seen = self.at + LOOK_AHEAD;
            let soon = changes.get(self.at..).unwrap_or_default().iter().take(LOOK_AHEAD + next);
            let read =
                soon.filter_map(|change| first(change.from as usize)).fold(0, |sum, end| sum ^ end.number());
            std::hint::black_box(read);
        }
        self.at += next;
    }
}

fn nowhere(what: &str, from: u32) -> Malformed {
    Malformed(format!("a changed {what} of holder {from} leads nowhere, or went and was not there"))
}

impl Ends {
    /// Changes one row, and says where it stands then; nothing if a change does not fit it.
    fn mend(
        &mut self,
        places: Range<usize>,
        changes: &[Change],
        below: usize,
        find: impl Fn(&[End], End) -> Option<usize>,
        until: impl Fn(&[End], End) -> usize,
    ) -> Option<(u32, u32)> {
        let came = changes.iter().filter(|change| change.came).count();
        let len_after = (places.len() + came).checked_sub(changes.len() - came)?;
        let room = len_after.max(places.len());
        let from =
            if self.has_room(&places, room) { places.start } else { self.move_row(places.clone(), room)? };
        let row = self.row_mut(from..from + room)?;
        let mut len = places.len();
        for change in changes.iter().filter(|change| !change.came) {
            let at = find(&row[..len], End::new(change.to, change.level))?;
            row.copy_within(at + 1..len, at);
            len -= 1;
        }
        for change in changes.iter().filter(|change| change.came) {
            let end = End::new(change.to, change.level);
            let at = until(&row[..len], end);
            if change.to as usize >= below || len >= row.len() {
                return None;
            }
            row.copy_within(at..len, at + 1);
            row[at] = end;
            len += 1;
        }
        row.get_mut(len..)?.fill(End::FREE);
        Some((u32::try_from(from).ok()?, u32::try_from(from + len).ok()?))
    }

    /// Whether no other row has the places behind a row, up to so many.
    fn has_room(&self, places: &Range<usize>, room: usize) -> bool {
        let slots = self.row(places.start..places.start + room);
        slots.len() == room && slots.iter().skip(places.len()).all(|end| *end == End::FREE)
    }

    /// Moves a row to the end, where there is `room` and some more, and says where it begins then.
    fn move_row(&mut self, places: Range<usize>, room: usize) -> Option<usize> {
        let from = self.len();
        let begins = self.later.len();
        let old = self.row(places.clone()).to_vec();
        self.later.extend(old);
        self.later.resize(begins + room + room / 4, End::FREE);
        self.row_mut(places)?.fill(End::FREE);
        Some(from)
    }
}
