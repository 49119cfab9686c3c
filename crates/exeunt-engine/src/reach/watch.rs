//! Whom a change can concern.
//!
//! A walk that met none of the holders whose edges changed would go the same way again. So the holders each leaver met are
//! kept, turned round.

use super::Change;
use super::graph::{AccessGraph, Level, Malformed};
use super::walk::{Answer, Walk};

/// For each holder, the leavers who met it. It may name some who no longer do; they are walked for once too often.
#[derive(Debug, Clone, Default)]
pub struct Watch {
    /// Holder and leaver, in order.
    met: Vec<(u32, u32)>,
    /// What came after, in order.
    later: Vec<(u32, u32)>,
}

impl Watch {
    /// Walks for each of `left`, and notes whom they met. What is walked up to `limit` also serves what is walked less far.
    #[must_use]
    pub fn new(graph: &AccessGraph, left: &[u32], limit: Level) -> Self {
        let (mut walk, mut watch) = (Walk::default(), Self::default());
        for leaver in left {
            note(&mut watch.met, *leaver, &walk.holders_from(graph, *leaver, limit));
        }
        watch.met.sort_unstable();
        watch
    }

    /// The leavers who met any of these holders, in order.
    #[must_use]
    pub fn concerned(&self, holders: &[u32]) -> Vec<u32> {
        let mut all = Vec::new();
        for holder in holders {
            for met in [&self.met, &self.later] {
                let from = met.partition_point(|(known, _)| known < holder);
                let those =
                    met.get(from..).unwrap_or_default().iter().take_while(|(known, _)| known == holder);
                all.extend(those.map(|(_, leaver)| *leaver));
            }
        }
        all.sort_unstable();
        all.dedup();
        all
    }
}

fn note(met: &mut Vec<(u32, u32)>, leaver: u32, answer: &Answer<'_>) {
    met.extend(answer.visits.iter().map(|visit| (visit.holder, leaver)));
}

/// Takes up changes and walks again for those whom they can concern. What `each` is not told stays as it was.
///
/// # Errors
/// When a change names what there is not.
pub fn recheck(
    graph: &mut AccessGraph,
    watch: &mut Watch,
    changes: &[Change],
    walk: &mut Walk,
    limit: Level,
    each: &mut dyn FnMut(u32, &Answer<'_>),
) -> Result<(), Malformed> {
    graph.apply(changes)?;
    let holders: Vec<u32> = changes.iter().map(|change| change.holder).collect();
    for leaver in watch.concerned(&holders) {
        let answer = walk.from(graph, leaver, limit);
        note(&mut watch.later, leaver, &answer);
        each(leaver, &answer);
    }
    watch.later.sort_unstable();
    watch.later.dedup();
    Ok(())
}
