//! Who has what, of those whom anybody met.

use std::cmp::Reverse;

use super::altered::Altered;
use super::graph::AccessGraph;
use super::near::Near;
use super::rows::Rows;
use super::visits::Visits;
use super::watch::NONE;

/// For each entitlement, the numbers of holders that have it, as alive as is asked.
#[derive(Debug, Clone)]
pub(super) struct Granted {
    by: Rows<u32>,
}

impl Granted {
    /// Whom more leavers met stands first, so that who is looked for is found soon.
    pub fn new(near: &Near, graph: &AccessGraph, visits: &Visits) -> Self {
        let mut numbers: Vec<_> = (0..short(near.len())).collect();
        numbers.sort_by_key(|number| Reverse(visits.by(*number).len()));
        let grants = numbers.iter().flat_map(|number| grants(near, graph, *number));
        Self { by: Rows::of(graph.entitlements() as usize, grants) }
    }

    /// Who has an entitlement.
    pub fn by(&self, entitlement: u32) -> &[u32] {
        self.by.row(entitlement)
    }

    /// Takes away what went. Everybody then stands here who has something as before.
    pub fn take_away(&mut self, altered: &Altered, graph: &AccessGraph) {
        let went =
            altered.numbers().iter().filter_map(|number| Some((*number, altered.went_and_came(*number)?.0)));
        let went = went.flat_map(|(number, went)| {
            altered.ends(graph, went).iter().map(move |end| (end.number(), number))
        });
        self.read_ahead(went.clone());
        for (entitlement, number) in went {
            if let Some(place) = self.by.row(entitlement).iter().position(|known| *known == number) {
                self.by.remove(entitlement, place);
            }
        }
    }

    /// Adds what came, and all that those have who were given numbers from one on.
    pub fn add(&mut self, altered: &Altered, near: &Near, graph: &AccessGraph, from: usize) {
        let came =
            altered.numbers().iter().filter_map(|number| Some((*number, altered.went_and_came(*number)?.1)));
        let came = came.flat_map(|(number, came)| {
            altered.ends(graph, came).iter().map(move |end| (end.number(), number))
        });
        let more =
            came.chain((short(from)..short(near.len())).flat_map(|number| grants(near, graph, number)));
        self.read_ahead(more.clone());
        for (entitlement, number) in more {
            self.by.push(entitlement, number);
        }
    }

    /// Reads the beginnings of all rows first, so that memory is waited for once and not for each of them.
    fn read_ahead(&self, grants: impl Iterator<Item = (u32, u32)>) {
        let begins = grants.filter_map(|(entitlement, _)| self.by.row(entitlement).first());
        std::hint::black_box(begins.fold(0, |all, one| all ^ one));
    }
}

/// What a holder has: entitlement and number.
fn grants(near: &Near, graph: &AccessGraph, number: u32) -> impl Iterator<Item = (u32, u32)> + Clone {
    graph.grant_ends(near.granted(number)).iter().map(move |end| (end.number(), number))
}

fn short(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(NONE)
}
