//! A way, written out.

use super::walk::{Answer, Reached};

/// One holder on a way and the step that leads to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leg {
    /// The place of the step.
    pub step: u32,
    /// Where it leads.
    pub holder: u32,
}

/// A way from a start to an entitlement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// Where it begins.
    pub start: u32,
    /// The steps, first to last. The last holder has the entitlement.
    pub legs: Vec<Leg>,
    /// The entitlement.
    pub entitlement: u32,
}

impl Path {
    /// The edges of it, the grant included.
    #[must_use]
    pub const fn hops(&self) -> usize {
        self.legs.len() + 1
    }
}

impl Answer<'_> {
    /// The way by which an entitlement was reached; none if it is of another answer.
    #[must_use]
    pub fn path(&self, reached: &Reached) -> Option<Path> {
        let mut visit = self.via(reached)?;
        let mut legs = Vec::with_capacity(visit.hops.into());
        while visit.hops > 0 {
            legs.push(Leg { step: visit.step, holder: visit.holder });
            visit = self.visits.get(visit.from as usize)?;
        }
        legs.reverse();
        Some(Path { start: visit.holder, legs, entitlement: reached.entitlement() })
    }
}
