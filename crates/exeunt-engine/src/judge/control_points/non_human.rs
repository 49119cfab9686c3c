//! Service accounts, bots, workloads and agents of the leaver have a living owner, or are retired.
//!
//! Holds when each non-human account that was the leaver's is proven gone, or is shown with another owner, has
//! no tie to the leaver left, and every secret the leaver could have known was replaced. One that was handed
//! over but kept its secrets falls to control point 8.
//!
//! Decided from ownerships and who holds tokens, the state of the account, and the age of its credentials. It is
//! live whatever the state of the leaver's own account, since its secret outlives that.

use exeunt_model::State;
use exeunt_model::owners::Domain;

use super::{Point, over};

pub(super) const POINT: Point = Point {
    number: 7,
    name: "non-human",
    domain: Some(Domain::IntegrationRevocation),
    standards: &[
        "OWASP NHI1:2025",
        "OWASP NHI10:2025",
        "NIST CSF 2.0 GV.RR-02",
        "NIST CSF 2.0 ID.AM-08",
        "NIST AI RMF GOVERN 1.6",
        "NIST AI RMF GOVERN 1.7",
        "NIST AI RMF GOVERN 2.1",
        "NIST 800-53 PS-4",
        "SOC 2 CC6.3",
        "CIS 5.5",
        "PCI DSS 8.6",
    ],
    source: include_str!("non_human.rs"),
    judge: |court| {
        over(
            court,
            7,
            &[State::Live, State::Latent],
            "Each non-human account is retired or handed over with new secrets",
        )
    },
};

#[cfg(test)]
mod tests {
    use exeunt_model::State;
    use exeunt_model::verdict::Standing;
    use serde_json::json;

    use crate::small_world::{World, non_human, owns, states, token};

    fn bot() -> World {
        World::new()
            .had("accounts", non_human("bot", "service"))
            .had("groups", owns("account/bot", "1", "owner"))
            .had("credentials", token("bot-key", "bot", "active"))
    }

    fn handed() -> World {
        bot().has("accounts", non_human("bot", "service")).has("groups", owns("account/bot", "2", "owner"))
    }

    /// Handing a bot over changes no secret: only a new owner and new secrets end it for the leaver.
    #[test]
    fn gone_live_latent_unknown() {
        let mut fresh = token("bot-key-2", "bot", "active");
        fresh["created"] = json!("2026-11-20T17:30:00Z");
        let mut dated = token("bot-key", "bot", "active");
        dated["created"] = json!("2026-11-21T00:00:00Z");
        let mut foreseen = World::new()
            .had("accounts", non_human("bot", "service"))
            .had("groups", owns("account/bot", "1", "owner"))
            .had("credentials", dated.clone());
        foreseen = foreseen
            .has("accounts", non_human("bot", "service"))
            .has("groups", owns("account/bot", "2", "owner"))
            .has("credentials", dated);
        let mut asleep = non_human("bot", "service");
        asleep["state"] = json!("suspended");
        let owned = bot()
            .has("accounts", non_human("bot", "service"))
            .has("groups", owns("account/bot", "1", "owner"));
        let table = [
            ("retired", bot(), State::Gone, 7, Standing::Holds),
            (
                "handed over, secrets replaced",
                handed().has("credentials", fresh),
                State::Gone,
                8,
                Standing::Holds,
            ),
            (
                "still the leaver's",
                owned.has("credentials", token("bot-key", "bot", "active")),
                State::Live,
                7,
                Standing::Failed,
            ),
            (
                "handed over, old secret kept",
                handed().has("credentials", token("bot-key", "bot", "active")),
                State::Live,
                8,
                Standing::Failed,
            ),
            ("a secret the leaver dated ahead", foreseen, State::Live, 8, Standing::Failed),
            (
                "nobody's",
                bot().has("accounts", non_human("bot", "service")),
                State::Live,
                7,
                Standing::Failed,
            ),
            ("suspended", bot().has("accounts", asleep), State::Latent, 7, Standing::Failed),
            ("refused", handed().refused("accounts"), State::Unknown, 8, Standing::Unknown),
            (
                "its owner cannot be read",
                bot().has("accounts", non_human("bot", "service")).refused("groups"),
                State::Unknown,
                7,
                Standing::Unknown,
            ),
        ];
        for (title, world, state, point, standing) in table {
            states("app:owned.nhi:bot", &[(title, world.clone(), state)]);
            assert_eq!(world.point(point).standing, standing, "{title}");
        }
    }
}
