//! Edges that came or went since the graph was made. A row is mended where it stands; one that outgrows its place takes what
//! is free behind it, or moves to the end.

use std::ops::Range;

use super::graph::{AccessGraph, End, Ends, Level, Malformed};

/// Changes whose rows are looked at together.
const BATCH: usize = 128;

/// So many ends stand in one line of memory, and are passed over at once.
const BLOCK: usize = 16;

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
        let mut room = Room::default();
        for some in changes.chunks(BATCH) {
            room.read_ahead(some, &self.steps, |from| self.holders.get(from).map(|holder| holder.steps));
            for same in some.chunk_by(|a, b| a.from == b.from) {
                let from = same.first().map_or(0, |first| first.from);
                let holder = self.holders.get_mut(from as usize).ok_or_else(|| nowhere("step", from))?;
                room.find_steps(self.steps.row(holder.steps()), same);
                let mended = self.steps.mend(holder.steps(), &mut room, below);
                holder.steps = mended.ok_or_else(|| nowhere("step", from))?;
            }
        }
        Ok(())
    }

    /// Takes up grants that came or went. Places of grants are from now on those of the graph as it is.
    ///
    /// # Errors
    /// When one leads nowhere, or went and was not there. Those before it are then taken up.
    pub fn apply_grants(&mut self, changes: &[Change]) -> Result<(), Malformed> {
        let below = self.entitlements as usize;
        let mut room = Room::default();
        for some in changes.chunks(BATCH) {
            room.read_ahead(some, &self.grants, |from| self.holders.get(from).map(|holder| holder.grants));
            for same in some.chunk_by(|a, b| a.from == b.from) {
                let from = same.first().map_or(0, |first| first.from);
                let holder = self.holders.get_mut(from as usize).ok_or_else(|| nowhere("grant", from))?;
                room.find_grants(self.grants.row(holder.grants()), same);
                let mended = self.grants.mend(holder.grants(), &mut room, below);
                holder.grants = mended.ok_or_else(|| nowhere("grant", from))?;
            }
        }
        Ok(())
    }
}

/// An end that is taken out of a row, or put into it before the one that stands there: what is put in first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Edit {
    end: End,
    went: bool,
    place: usize,
}

/// Room to work in.
#[derive(Debug, Default)]
struct Room {
    /// For each change of a batch, where its row stands.
    rows: Vec<(u32, u32)>,
    /// What is done to one row, in the order of places.
    edits: Vec<Edit>,
    part: Vec<End>,
}

impl Room {
    /// Reads a little of the rows to come: first where they all stand, then all of them, so that memory is waited for once and
    /// not for each.
    fn read_ahead(&mut self, changes: &[Change], ends: &Ends, row: impl Fn(usize) -> Option<(u32, u32)>) {
        self.rows.clear();
        self.rows.resize(changes.len(), (0, 0));
        let (mut count, mut last) = (0, None);
        for change in changes {
            // Written down each time and counted only if it is another one, so that the processor need not guess.
            count += usize::from(last.is_some_and(|last| last != change.from));
            last = Some(change.from);
            self.rows[count] = row(change.from as usize).unwrap_or_default();
        }
        self.rows.truncate(count + 1);
        let mut all = 0;
        for (from, until) in &self.rows {
            let row = ends.row(*from as usize..*until as usize);
            all ^= row.last().map_or(0, |end| end.number());
            for end in row.iter().step_by(BLOCK) {
                all ^= end.number();
            }
        }
        std::hint::black_box(all);
    }

    /// Looks for grants in a row, which is in order: from front to back, as memory is read best.
    fn find_grants(&mut self, row: &[End], changes: &[Change]) {
        self.list(changes);
        self.edits.sort_unstable();
        let (mut from, mut free) = (0, 0);
        for edit in &mut self.edits {
            while row.get(from + BLOCK - 1).is_some_and(|last| *last < edit.end) {
                from += BLOCK;
            }
            let some = &row[from..row.len().min(from + BLOCK)];
            edit.place = from + some.iter().map(|known| usize::from(*known < edit.end)).sum::<usize>();
            if edit.went {
                // Of several alike that go, each has a place of its own.
                edit.place = edit.place.max(free);
                free = edit.place + 1;
            }
        }
    }

    /// Looks for steps in a row, where those of one level stand in any order: one that comes takes the place of one that goes.
    fn find_steps(&mut self, row: &[End], changes: &[Change]) {
        self.list(changes);
        let mut at = 0;
        while let Some(edit) = self.edits.get(at).copied() {
            let before = &self.edits[..at];
            let place = if edit.went {
                let mut all = (0..).zip(row).filter(|(_, known)| **known == edit.end);
                all.find(|(place, _)| before.iter().all(|edit| !edit.went || edit.place != *place))
                    .map_or(row.len(), |(place, _)| place)
            } else {
                let level = edit.end.level();
                let freed = |edit: &&Edit| edit.went && edit.end.level() == level;
                let went = before.iter().rfind(freed).map(|edit| edit.place);
                went.unwrap_or_else(|| row.partition_point(|known| known.level() <= level))
            };
            self.edits[at].place = place;
            at += 1;
        }
        self.edits.sort_unstable_by_key(|edit| (edit.place, edit.went, edit.end));
    }

    fn list(&mut self, changes: &[Change]) {
        self.edits.clear();
        let edit =
            |change: &Change| Edit { end: End::new(change.to, change.level), went: !change.came, place: 0 };
        self.edits.extend(changes.iter().map(edit));
    }
}

fn nowhere(what: &str, from: u32) -> Malformed {
    Malformed(format!("a changed {what} of holder {from} leads nowhere, or went and was not there"))
}

impl Ends {
    /// Changes one row, and says where it stands then; nothing if a change does not fit it.
    fn mend(&mut self, places: Range<usize>, room: &mut Room, below: usize) -> Option<(u32, u32)> {
        let Room { edits, part, .. } = room;
        let row = self.row(places.clone());
        let fits = |edit: &Edit| {
            if edit.went {
                row.get(edit.place) == Some(&edit.end)
            } else {
                (edit.end.number() as usize) < below
            }
        };
        if !edits.iter().all(fits) {
            return None;
        }
        let went = edits.iter().filter(|edit| edit.went).count();
        let len_after = places.len() + edits.len() - 2 * went;
        let room = len_after.max(places.len());
        let from =
            if self.has_room(&places, room) { places.start } else { self.move_row(places.clone(), room)? };
        let row = self.row_mut(from..from + room)?;
        let (first, last) = (edits.first()?, edits.last()?);
        // Mostly one leads elsewhere now. What comes stands first.
        if let [came, went] = edits.as_slice()
            && came.place == went.place
            && went.went
        {
            row[came.place] = came.end;
            return Some((u32::try_from(from).ok()?, u32::try_from(from + len_after).ok()?));
        }
        // What stands behind the last edit moves as a whole.
        let (begins, until) = (first.place, last.place + usize::from(last.went));
        part.clear();
        part.extend_from_slice(row.get(begins..until)?);
        row.copy_within(until..places.len(), until + len_after - places.len());
        let (mut at, mut rest, mut place) = (begins, part.as_slice(), begins);
        for edit in edits.iter() {
            let (stay, others) = rest.split_at(edit.place - place);
            row[at..at + stay.len()].copy_from_slice(stay);
            at += stay.len();
            place = edit.place;
            rest = others;
            if edit.went {
                rest = &rest[1..];
                place += 1;
            } else {
                row[at] = edit.end;
                at += 1;
            }
        }
        row.get_mut(len_after..)?.fill(End::FREE);
        Some((u32::try_from(from).ok()?, u32::try_from(from + len_after).ok()?))
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
