//! A graph that takes up at once what changed of holders somebody asked for, and everything else when it is asked for.
//!
//! Most of what changes in a large system concerns no leaver. It is noted, and a row is mended when somebody comes by it for the
//! first time.

use super::bits::Bits;
use super::graph::{AccessGraph, Malformed};
use super::{Change, Changes};

/// Notes are taken up when there is one for so many edges of the graph, lest they grow without end,
const EDGES_TO_A_NOTE: usize = 8;
/// and when so many times something was noted, lest there are many places to look for what is noted of a holder.
const MOST_NOTES: usize = 64;

/// The graph, and what of it is put off.
#[derive(Debug, Clone)]
pub(super) struct Deferred {
    graph: AccessGraph,
    /// Holders that were asked for: their rows are as they are now.
    asked: Bits,
    /// Holders that were not, and of which something is noted.
    noted: Bits,
    /// Changes of which something is put off, as they came in, and each time in the order of holders.
    notes: Vec<Changes>,
}

impl Deferred {
    /// A graph as it is; nobody was asked for.
    pub fn new(graph: AccessGraph) -> Self {
        let none = Bits::new(graph.holders());
        Self { graph, asked: none.clone(), noted: none, notes: Vec::new() }
    }

    /// The graph: rows of holders that were asked for are as they are now.
    pub const fn graph(&self) -> &AccessGraph {
        &self.graph
    }

    /// Mends the row of a holder of the graph that somebody comes by, once and for all: what changes of it is taken up at once from now on.
    ///
    /// # Errors
    /// When an edge of it went that was not there.
    pub fn ask(&mut self, holder: u32) -> Result<&AccessGraph, Malformed> {
        self.asked.put(holder);
        if self.noted.has(holder) {
            self.noted.take_out(holder);
            for notes in &self.notes {
                self.graph.apply_steps(of(&notes.steps, holder))?;
                self.graph.apply_grants(of(&notes.grants, holder))?;
            }
        }
        Ok(&self.graph)
    }

    /// Adds a holder without edges, and gives its number.
    ///
    /// # Errors
    /// When there is no such kind, or there are too many holders.
    pub fn add(&mut self, kind: u32) -> Result<u32, Malformed> {
        let number = self.graph.add(kind)?;
        self.asked.make_room(self.graph.holders());
        self.noted.make_room(self.graph.holders());
        Ok(number)
    }

    /// Takes up what changed of holders that were asked for, and says what that is. The rest is noted.
    ///
    /// # Errors
    /// When a change leads nowhere, or an edge went of a holder that was asked for and was not there.
    pub fn take_up(&mut self, mut changes: Changes) -> Result<Changes, Malformed> {
        let entitlements = self.graph.entitlements() as usize;
        let (steps, more_steps) = self.part(&mut changes.steps, "step", self.graph.holders())?;
        let (grants, more_grants) = self.part(&mut changes.grants, "grant", entitlements)?;
        self.graph.apply_steps(&steps)?;
        self.graph.apply_grants(&grants)?;
        if more_steps || more_grants {
            self.notes.push(changes);
        }
        let noted: usize = self.notes.iter().map(|notes| notes.steps.len() + notes.grants.len()).sum();
        if noted > self.graph.edges() / EDGES_TO_A_NOTE || self.notes.len() > MOST_NOTES {
            self.settle()?;
        }
        Ok(Changes { steps, grants })
    }

    /// What is for now, and whether there is more. All of it is put in the order of holders.
    fn part(
        &mut self,
        changes: &mut [Change],
        what: &str,
        below: usize,
    ) -> Result<(Vec<Change>, bool), Malformed> {
        let fits =
            |change: &Change| (change.from as usize) < self.graph.holders() && (change.to as usize) < below;
        if let Some(change) = changes.iter().find(|change| !fits(change)) {
            return Err(Malformed(format!("a changed {what} of holder {} leads nowhere", change.from)));
        }
        // Nothing is to be done where they came in like that.
        changes.sort_by_key(|change| change.from);
        let mut now = Vec::new();
        for change in changes.iter() {
            if self.asked.has(change.from) {
                now.push(*change);
            } else {
                self.noted.put(change.from);
            }
        }
        let more = now.len() < changes.len();
        Ok((now, more))
    }

    /// Takes up all that was put off.
    ///
    /// # Errors
    /// When an edge went that was not there.
    pub fn settle(&mut self) -> Result<&AccessGraph, Malformed> {
        for Changes { mut steps, mut grants } in std::mem::take(&mut self.notes) {
            // Of holders that were asked for, all is taken up: since then at once, and what was noted before it, then.
            steps.retain(|change| self.noted.has(change.from));
            grants.retain(|change| self.noted.has(change.from));
            self.graph.apply_steps(&steps)?;
            self.graph.apply_grants(&grants)?;
        }
        self.noted.clear();
        Ok(&self.graph)
    }
}

/// Those of one holder.
fn of(changes: &[Change], holder: u32) -> &[Change] {
    let from = changes.partition_point(|change| change.from < holder);
    let some = changes.get(from..).unwrap_or_default();
    some.get(..some.partition_point(|change| change.from == holder)).unwrap_or_default()
}
