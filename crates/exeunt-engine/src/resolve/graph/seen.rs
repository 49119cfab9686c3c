//! The edges that snapshots showed: gathered in parts by where they begin, so that both cores gather and join.

use std::cmp::Ordering;
use std::convert::Infallible;
use std::hash::BuildHasher;

use exeunt_model::{Record, Ref, Who};
use foldhash::fast::FixedState;

use super::{Edge, Tie};
use crate::both;
use crate::correlate::People;
use crate::estate::{Estate, Sighting};

/// Parts, by the upper bits of the hash of where an edge begins.
const PARTS: usize = 64;

/// One sighting of one edge.
struct Seen<'a> {
    hash: u64,
    from: &'a Ref,
    to: &'a Ref,
    tie: Tie<'a>,
    sighting: Sighting<'a>,
}

/// What one worker gathered, by part.
struct Gathered<'a>(Vec<Vec<Seen<'a>>>);

impl Default for Gathered<'_> {
    fn default() -> Self {
        Self((0..PARTS).map(|_| Vec::new()).collect())
    }
}

/// Every edge, once, with where it was seen.
pub(super) fn edges<'a>(estate: &Estate<'a>, people: &People<'a>) -> Vec<Edge<'a>> {
    let hasher = FixedState::default();
    let reads: Vec<_> = estate
        .systems()
        .flat_map(|(system, history)| {
            let snapshots = history.iter().enumerate();
            snapshots
                .flat_map(move |(at, held)| held.snapshot.reads.iter().map(move |read| (system, at, read)))
        })
        .collect();
    let gathered = both::over(reads.len(), &|place, gathered: &mut Gathered<'a>| {
        let Some((system, at, read)) = reads.get(place) else { return Ok(()) };
        for record in &read.records {
            let sighting = Sighting { system, at: *at, receipt: &read.receipt, record };
            let who = |who: &'a Who| people.resolve(estate, who, &sighting);
            edges_of(record, &who, &mut |from, to, tie| {
                let hash = hasher.hash_one(from);
                if let Some(part) = gathered.0.get_mut((hash >> 58) as usize).filter(|_| from != to) {
                    part.push(Seen { hash, from, to, tie, sighting });
                }
            });
        }
        Ok::<(), Infallible>(())
    });
    let Ok(gathered) = gathered;
    let mut gathered: Vec<_> = gathered.into_iter().map(|made| made.0.into_iter()).collect();
    let parts: Vec<Vec<Vec<Seen<'a>>>> =
        (0..PARTS).map(|_| gathered.iter_mut().filter_map(Iterator::next).collect()).collect();
    let joined = both::each(&parts, &|part| join(estate, part));
    joined.into_iter().flatten().collect()
}

/// The edges of a part.
fn join<'a>(estate: &Estate<'a>, part: &[Vec<Seen<'a>>]) -> Vec<Edge<'a>> {
    let mut all: Vec<&Seen<'a>> = part.iter().flatten().collect();
    all.sort_unstable_by(|a, b| (a.hash.cmp(&b.hash)).then_with(|| is(a, b)));
    let same = |a: &&Seen<'a>, b: &&Seen<'a>| a.hash == b.hash && is(a, b) == Ordering::Equal;
    all.chunk_by(same)
        .filter_map(|seen| {
            let first = seen.first()?;
            let mut sightings: Box<[Sighting<'a>]> = seen.iter().map(|seen| seen.sighting).collect();
            sightings.sort_by(Sighting::order);
            let (from, to) = (first.from, first.to);
            let ends = [from, to].map(|end| estate.latest(end));
            Some(Edge { from, to, tie: first.tie, ends, sightings, manual: None })
        })
        .collect()
}

/// The order of what edges are.
fn is(a: &Seen<'_>, b: &Seen<'_>) -> Ordering {
    (a.from, a.to, a.tie).cmp(&(b.from, b.to, b.tie))
}

fn edges_of<'a>(
    record: &'a Record,
    who: &dyn Fn(&'a Who) -> Option<&'a Ref>,
    add: &mut dyn FnMut(&'a Ref, &'a Ref, Tie<'a>),
) {
    let mut tie = |from: Option<&'a Ref>, to: &'a Ref, tie: Tie<'a>| {
        if let Some(from) = from {
            add(from, to, tie);
        }
    };
    match record {
        Record::Membership(m) => tie(who(&m.member), &m.group, Tie::Member),
        Record::Grant(g) => tie(who(&g.subject), &g.resource, Tie::Grant(&g.permission)),
        Record::ActAs(a) => tie(who(&a.actor), &a.target, Tie::Acts(a.how)),
        Record::Ownership(o) => tie(who(&o.owner), &o.subject, Tie::Owns(o.link)),
        Record::Credential(c) => {
            tie(c.holder.as_ref().and_then(who), &c.id, Tie::Holds);
            for opened in &c.opens {
                tie(Some(&c.id), opened, Tie::Opens);
            }
        }
        Record::Integration(i) => tie(i.acts_as.as_ref().and_then(who), &i.id, Tie::Runs),
        Record::Identity(_)
        | Record::Account(_)
        | Record::Group(_)
        | Record::Resource(_)
        | Record::Document(_)
        | Record::Event(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use exeunt_model::{Record, Who};

    use super::{Seen, Tie, join};
    use crate::estate::{Estate, Sighting};
    use crate::small_world::{World, member};

    /// Who gathered what first is chance: an edge is told by the sighting that is last in time.
    #[test]
    fn sightings_of_an_edge_stand_in_the_order_of_time() {
        let world = World::new().keeps("groups", member("dev", "account/1"));
        let history = world.history();
        world.ask(&history, &[], |inputs| {
            let estate = Estate::new(inputs).expect("digests");
            let mut seen = Vec::new();
            for (system, history) in estate.systems() {
                for (at, held) in history.iter().enumerate() {
                    for read in &held.snapshot.reads {
                        for record in &read.records {
                            let Record::Membership(m) = record else { continue };
                            let Who::Object(from) = &m.member else { continue };
                            let sighting = Sighting { system, at, receipt: &read.receipt, record };
                            seen.push(Seen { hash: 7, from, to: &m.group, tie: Tie::Member, sighting });
                        }
                    }
                }
            }
            seen.reverse();
            let edges = join(&estate, &[seen]);
            let places: Vec<usize> = edges[0].sightings.iter().map(|sighting| sighting.at).collect();
            assert_eq!((edges.len(), places.as_slice()), (1, &[0, 1, 2][..]));
        });
    }
}
