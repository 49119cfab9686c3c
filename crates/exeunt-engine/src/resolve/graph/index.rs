//! The edges at each object.

use std::collections::HashMap;
use std::hash::BuildHasher;

use exeunt_model::Ref;
use foldhash::fast::FixedState;

use super::Edge;
use crate::both;

/// For each object, its edges in the order of what they are.
#[derive(Default)]
pub(super) struct Index<'a> {
    /// Where the places of an object's edges begin and end.
    of: HashMap<&'a Ref, (usize, usize), FixedState>,
    places: Vec<u32>,
}

impl<'a> Index<'a> {
    /// The index by where edges begin, and the one by where they end.
    pub fn both(edges: &[Edge<'a>]) -> [Self; 2] {
        let ends: [fn(&Edge<'a>) -> &'a Ref; 2] = [|edge| edge.from, |edge| edge.to];
        let mut made = both::each(&ends, &|end| Self::new(edges, *end)).into_iter();
        std::array::from_fn(|_| made.next().unwrap_or_default())
    }

    fn new(edges: &[Edge<'a>], end: fn(&Edge<'a>) -> &'a Ref) -> Self {
        let hasher = FixedState::default();
        let hashed = (0u32..).zip(edges).map(|(place, edge)| (hasher.hash_one(end(edge)), place));
        let mut hashed: Vec<(u64, u32)> = hashed.collect();
        hashed.sort_unstable();
        let mut index = Self { of: HashMap::default(), places: Vec::with_capacity(edges.len()) };
        let edge = |place: &u32| edges.get(*place as usize);
        for of_one in hashed.chunk_by(|a, b| a.0 == b.0) {
            let mut places: Vec<u32> = of_one.iter().map(|(_, place)| *place).collect();
            // Two objects may have one hash.
            places.sort_unstable_by_key(|place| edge(place).map(|edge| (end(edge), edge.content())));
            for places in places.chunk_by(|a, b| edge(a).map(end) == edge(b).map(end)) {
                let begin = index.places.len();
                index.places.extend(places);
                if let Some(object) = places.first().and_then(edge).map(end) {
                    index.of.insert(object, (begin, index.places.len()));
                }
            }
        }
        index
    }

    /// The places of an object's edges.
    pub fn places(&self, object: &Ref) -> &[u32] {
        let of = self.of.get(object);
        of.and_then(|(begin, end)| self.places.get(*begin..*end)).unwrap_or_default()
    }
}
