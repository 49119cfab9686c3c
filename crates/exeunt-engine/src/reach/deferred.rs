//! A graph that takes up at once what changed of holders somebody asked for, and everything else when it is asked for.
//!
//! Most of what changes in a large system concerns no leaver. It is noted in the order it comes in, and a row is mended when
//! somebody comes by it for the first time.

use super::graph::{AccessGraph, Malformed};
use super::{Change, Changes};

/// Notes are taken up when there is one for so many edges of the graph, lest they grow without end.
const MOST_NOTES: usize = 8;

/// The graph, and what of it is put off.
#[derive(Debug, Clone)]
pub(super) struct Deferred {
    graph: AccessGraph,
    /// A bit for each holder that was asked for: its row is as it is now.
    asked: Vec<u64>,
    /// A bit for each holder that was not, and of which something is noted.
    noted: Vec<u64>,
    notes: Changes,
    /// Whether the notes stand in the order of holders, and none of them undoes another.
    sorted: bool,
    /// Whether they came in more than once: only then does one undo another.
    mixed: bool,
}

impl Deferred {
    /// A graph as it is; nobody was asked for.
    pub fn new(graph: AccessGraph) -> Self {
        let words = graph.holders().div_ceil(64);
        Self {
            graph,
            asked: vec![0; words],
            noted: vec![0; words],
            notes: Changes::default(),
            sorted: true,
            mixed: false,
        }
    }

    /// The graph: rows of holders that were asked for are as they are now.
    pub const fn graph(&self) -> &AccessGraph {
        &self.graph
    }

    /// How many changes are put off.
    pub const fn notes(&self) -> usize {
        self.notes.steps.len() + self.notes.grants.len()
    }

    /// Mends the row of a holder that somebody comes by, once and for all: what changes of it is taken up at once from now on.
    pub fn ask(&mut self, holder: u32) -> Result<&AccessGraph, Malformed> {
        if let Some(asked) = self.asked.get_mut(holder as usize / 64) {
            *asked |= bit(holder);
            if is_set(&self.noted, holder) {
                self.sort();
                self.noted[holder as usize / 64] &= !bit(holder);
                self.graph.apply_steps(of(&self.notes.steps, holder))?;
                self.graph.apply_grants(of(&self.notes.grants, holder))?;
            }
        }
        Ok(&self.graph)
    }

    /// Takes up what changed of holders that were asked for, and says what that is. The rest is noted.
    ///
    /// # Errors
    /// When a change leads nowhere, or an edge went of a holder that was asked for and was not there.
    pub fn take_up(&mut self, changes: &Changes) -> Result<Changes, Malformed> {
        let (holders, entitlements) = (self.graph.holders(), self.graph.entitlements() as usize);
        let words = holders.div_ceil(64);
        self.asked.resize(words, 0);
        self.noted.resize(words, 0);
        let noted = self.notes();
        let steps = self.part(&changes.steps, "step", holders, true)?;
        let grants = self.part(&changes.grants, "grant", entitlements, false)?;
        if noted < self.notes() {
            self.sorted = false;
            self.mixed |= noted > 0;
        }
        self.graph.apply_steps(&steps)?;
        self.graph.apply_grants(&grants)?;
        if self.notes() > self.graph.edges() / MOST_NOTES {
            self.settle()?;
        }
        Ok(Changes { steps, grants })
    }

    fn part(
        &mut self,
        changes: &[Change],
        what: &str,
        below: usize,
        steps: bool,
    ) -> Result<Vec<Change>, Malformed> {
        let notes = if steps { &mut self.notes.steps } else { &mut self.notes.grants };
        let mut now = Vec::new();
        for change in changes {
            let (word, bit) = (change.from as usize / 64, bit(change.from));
            let Some(asked) = self.asked.get(word).filter(|_| (change.to as usize) < below) else {
                return Err(Malformed(format!("a changed {what} of holder {} leads nowhere", change.from)));
            };
            if asked & bit == 0 {
                self.noted[word] |= bit;
                notes.push(*change);
            } else {
                now.push(*change);
            }
        }
        Ok(now)
    }

    /// Takes up all that was put off.
    ///
    /// # Errors
    /// When an edge went that was not there.
    pub fn settle(&mut self) -> Result<&AccessGraph, Malformed> {
        self.sort();
        self.mixed = false;
        let Changes { mut steps, mut grants } = std::mem::take(&mut self.notes);
        // What was noted of a holder before it was asked for was taken up then.
        steps.retain(|change| is_set(&self.noted, change.from));
        grants.retain(|change| is_set(&self.noted, change.from));
        self.noted.fill(0);
        self.graph.apply_steps(&steps)?;
        self.graph.apply_grants(&grants)?;
        Ok(&self.graph)
    }

    fn sort(&mut self) {
        if !std::mem::replace(&mut self.sorted, true) {
            for notes in [&mut self.notes.steps, &mut self.notes.grants] {
                if self.mixed {
                    net(notes);
                } else {
                    // Quick where those of one holder stand together in the order of holders.
                    notes.sort_by_key(|change| change.from);
                }
            }
        }
    }
}

/// In the order of holders, without what came and went, or went and came again.
fn net(changes: &mut Vec<Change>) {
    changes.sort_unstable_by_key(|change| (change.from, change.to, change.level, change.came));
    let edge = |change: &Change| (change.from, change.to, change.level);
    let mut kept = Vec::new();
    for same in changes.chunk_by(|a, b| edge(a) == edge(b)) {
        let (went, came) = same.split_at(same.partition_point(|change| !change.came));
        kept.extend_from_slice(went.get(came.len()..).unwrap_or_default());
        kept.extend_from_slice(came.get(went.len()..).unwrap_or_default());
    }
    *changes = kept;
}

const fn bit(holder: u32) -> u64 {
    1 << (holder % 64)
}

fn is_set(bits: &[u64], holder: u32) -> bool {
    bits.get(holder as usize / 64).is_some_and(|word| word & bit(holder) != 0)
}

/// Those of one holder.
fn of(changes: &[Change], holder: u32) -> &[Change] {
    let from = changes.partition_point(|change| change.from < holder);
    let some = changes.get(from..).unwrap_or_default();
    some.get(..some.partition_point(|change| change.from == holder)).unwrap_or_default()
}
