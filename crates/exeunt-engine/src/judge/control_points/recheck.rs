//! The scheduled validations after the departure ran, and nothing came back.
//!
//! Holds when each recheck that was due found nothing that an earlier one had proven gone. This version does
//! not judge it; a thing that came back is shown in its own line.

use exeunt_model::owners::Domain;
use exeunt_model::verdict::Standing;

use super::{Decided, Point};

pub(super) const POINT: Point = Point {
    number: 10,
    name: "recheck",
    domain: Some(Domain::IdentityLifecycle),
    standards: &["NIST CSF 2.0 DE.CM-03", "NIST 800-53 CA-7", "SOC 2 CC4.1"],
    source: include_str!("recheck.rs"),
    judge: |_| Decided::new(Standing::NotJudged, "Not judged by this version."),
};

#[cfg(test)]
mod tests {
    use exeunt_model::verdict::Standing;

    use crate::small_world::World;

    /// What is not judged must never read as held.
    #[test]
    fn it_says_that_it_is_not_judged() {
        assert_eq!(World::new().point(10).standing, Standing::NotJudged);
    }
}
