//! The leaver's account in each application is blocked or removed.
//!
//! Holds when each account of the leaver outside the directory is observed blocked, dead or gone. A blocked
//! account is enough for this point; that its credentials sleep with it, or do not, is judged by the later ones.
//!
//! Decided from the newest read of each account, joined to the person by an immutable key, a verified address
//! or a link made by hand. Fails while one is live; unknown while one could not be read.

use exeunt_model::State;
use exeunt_model::owners::Domain;

use super::{Point, over};

pub(super) const POINT: Point = Point {
    number: 3,
    name: "account",
    domain: Some(Domain::ApplicationEntitlement),
    standards: &[
        "NIST CSF 2.0 PR.AA-01",
        "NIST 800-53 AC-2",
        "SOC 2 CC6.2",
        "ISO 27001 A.5.18",
        "CIS 6.2",
        "PCI DSS 8.2.5",
    ],
    source: include_str!("account.rs"),
    judge: |court| over(court, 3, &[State::Live], "Each application account is observed blocked or gone"),
};

#[cfg(test)]
mod tests {
    use exeunt_model::State;
    use exeunt_model::verdict::Standing;
    use serde_json::json;

    use crate::small_world::{World, account, states};

    /// An account that is only suspended passes this point and still keeps the case from being clear.
    #[test]
    fn gone_live_latent_unknown() {
        let mut dead = World::new().ada("disabled");
        dead.manifest["proof"]["principal"]["dead_states"] = json!(["disabled"]);
        let mut unseeing = World::new();
        unseeing.blind.insert(("app", "accounts"));
        let two_lists = |world: World| {
            let mut world = world;
            world.manifest["survivors"]["principal"] = json!({"seen_by": ["accounts", "groups"]});
            world
        };
        let table = [
            ("gone", World::new(), State::Gone, Standing::Holds),
            ("dead though listed", dead, State::Gone, Standing::Holds),
            ("live", World::new().ada("active"), State::Live, Standing::Failed),
            ("latent", World::new().ada("suspended"), State::Latent, Standing::Holds),
            ("refused", World::new().refused("accounts"), State::Unknown, Standing::Unknown),
            ("no positive control", unseeing, State::Unknown, Standing::Unknown),
            ("in neither of its lists", two_lists(World::new()), State::Gone, Standing::Holds),
            (
                "gone from one list, and the other was refused",
                two_lists(World::new().refused("groups")),
                State::Unknown,
                Standing::Unknown,
            ),
            (
                "its row is gone, so its own page was not asked for",
                World::new().had("of_account[1]", account("app", "1", "ada", "1042", "active")),
                State::Gone,
                Standing::Holds,
            ),
            (
                "its row is gone, and another row's page that showed it was refused",
                World::new()
                    .had("of_account[2]", account("app", "1", "ada", "1042", "active"))
                    .refused("of_account"),
                State::Unknown,
                Standing::Unknown,
            ),
            ("unknown word", World::new().ada("unknown"), State::Unknown, Standing::Unknown),
        ];
        for (title, world, state, standing) in table {
            states("app:principal:1", &[(title, world.clone(), state)]);
            assert_eq!(world.point(3).standing, standing, "{title}");
        }
    }
}
