//! Memberships, grants, roles, ownerships and trusts of the leaver are gone, direct and inherited.
//!
//! Holds when each of them is proven gone. One that sleeps with a blocked account comes back with it, so latent
//! fails this point. A way through nested groups is as dead as its deadest edge; a target as alive as its most
//! alive way.
//!
//! Decided from memberships, nesting, grants, ownerships and act-as edges, each with its own read, and from
//! what the manifest says a blocked account does to entitlements. Unknown while an edge could not be read, or
//! while the manifest does not say.

use exeunt_model::State;
use exeunt_model::owners::Domain;

use super::{Point, over};

pub(super) const POINT: Point = Point {
    number: 4,
    name: "entitlement",
    domain: Some(Domain::ApplicationEntitlement),
    standards: &[
        "OWASP NHI5:2025",
        "NIST CSF 2.0 PR.AA-05",
        "NIST 800-53 AC-6",
        "SOC 2 CC6.3",
        "ISO 27001 A.5.18",
        "ISO 27001 A.8.2",
        "PCI DSS 7.2",
    ],
    source: include_str!("entitlement.rs"),
    judge: |court| over(court, 4, &[State::Live, State::Latent], "Each entitlement is proven gone"),
};

#[cfg(test)]
mod tests {
    use exeunt_model::State;
    use exeunt_model::verdict::Standing;

    use crate::small_world::{World, grant, member, states};

    fn in_group() -> World {
        World::new().had("groups", member("dev", "account/1"))
    }

    /// A membership outlives a suspension; it must not be called removed.
    #[test]
    fn gone_live_latent_unknown() {
        let kept = || World::new().keeps("groups", member("dev", "account/1"));
        let table = [
            ("gone", in_group().ada("active"), State::Gone, Standing::Holds),
            ("live", kept().ada("active"), State::Live, Standing::Failed),
            ("latent", kept().ada("suspended"), State::Latent, Standing::Failed),
            ("what disabling does is not stated", kept().ada("disabled"), State::Unknown, Standing::Unknown),
            ("refused", in_group().ada("active").refused("groups"), State::Unknown, Standing::Unknown),
            (
                "listed for each account, gone with the account",
                World::new().had("of_account[1]", member("dev", "account/1")),
                State::Gone,
                Standing::Holds,
            ),
        ];
        for (title, world, state, standing) in table {
            states("app:grant.direct:account/1->group/dev", &[(title, world.clone(), state)]);
            assert_eq!(world.point(4).standing, standing, "{title}");
        }
    }

    /// Nested groups in a circle: the grant is found, by the shortest path, and cut by the one membership.
    #[test]
    fn nested_groups_with_a_cycle() {
        let world = World::new()
            .ada("active")
            .keeps("groups", member("dev", "account/1"))
            .keeps("groups", member("all", "group/dev"))
            .keeps("groups", member("dev", "group/all"))
            .keeps("groups", grant("group/all", "vault", "admin"));
        let line = world.line("app:grant.inherited:account/1->resource/vault#admin");
        assert_eq!(line.state, State::Live);
        let to: Vec<&str> = line.path.iter().map(|step| step.names.1.as_str()).collect();
        assert_eq!(to, ["ada", "dev", "all", "vault"]);
        assert_eq!(line.next_step, "Take ada out of dev; that cuts every way to admin on vault.");
    }

    /// Taken out of one group, still in another that leads to the same place.
    #[test]
    fn one_way_cut_is_not_all_ways_cut() {
        let world = World::new()
            .ada("active")
            .had("groups", member("dev", "account/1"))
            .keeps("groups", member("ops", "account/1"))
            .keeps("groups", grant("group/dev", "vault", "admin"))
            .keeps("groups", grant("group/ops", "vault", "admin"));
        assert_eq!(world.state("app:grant.inherited:account/1->resource/vault#admin"), State::Live);
        assert_eq!(world.state("app:grant.direct:account/1->group/dev"), State::Gone);
    }
}
