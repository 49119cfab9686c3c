//! App links, apps, webhooks and automation rules of the leaver are removed or run as somebody else.
//!
//! Holds when each integration that ran as the leaver, or was theirs, is proven gone, or is seen with another
//! owner or another account to run as while its ties to the leaver are proven gone. A rule that is switched off
//! can be switched on again: latent fails this point.
//!
//! Decided from the newest read of each integration, whom it acts as, its owners, and what the manifest says a
//! blocked account does to integrations that run as it.

use exeunt_model::State;
use exeunt_model::owners::Domain;

use super::{Point, over};

pub(super) const POINT: Point = Point {
    number: 6,
    name: "integration",
    domain: Some(Domain::IntegrationRevocation),
    standards: &[
        "OWASP NHI1:2025",
        "OWASP NHI3:2025",
        "NIST CSF 2.0 ID.AM-02",
        "NIST 800-53 AC-2",
        "SOC 2 CC6.3",
        "ISO 27001 A.5.9",
        "PCI DSS 8.6",
    ],
    source: include_str!("integration.rs"),
    judge: |court| over(court, 6, &[State::Live, State::Latent], "Each integration is removed or reassigned"),
};

#[cfg(test)]
mod tests {
    use exeunt_model::State;
    use exeunt_model::verdict::Standing;

    use crate::small_world::{World, rule, states};

    /// A rule goes on running as somebody who left; given to somebody else, it is theirs.
    #[test]
    fn gone_live_latent_unknown() {
        let had = || World::new().had("integrations", rule("sync", "1", "enabled"));
        let table = [
            ("gone", had().ada("active"), State::Gone, Standing::Holds),
            (
                "runs as somebody else",
                had().ada("active").has("integrations", rule("sync", "2", "enabled")),
                State::Gone,
                Standing::Holds,
            ),
            (
                "live",
                had().ada("active").has("integrations", rule("sync", "1", "enabled")),
                State::Live,
                Standing::Failed,
            ),
            (
                "survives a disabled account",
                had().ada("disabled").has("integrations", rule("sync", "1", "enabled")),
                State::Live,
                Standing::Failed,
            ),
            (
                "switched off",
                had().ada("active").has("integrations", rule("sync", "1", "disabled")),
                State::Latent,
                Standing::Failed,
            ),
            (
                "asleep",
                had().ada("suspended").has("integrations", rule("sync", "1", "enabled")),
                State::Latent,
                Standing::Failed,
            ),
            ("refused", had().ada("active").refused("integrations"), State::Unknown, Standing::Unknown),
        ];
        for (title, world, state, standing) in table {
            states("app:owned.automation:sync", &[(title, world.clone(), state)]);
            assert_eq!(world.point(6).standing, standing, "{title}");
        }
    }

    /// It breaks at the integration owner's step, and the owner of that domain answers.
    #[test]
    fn the_integration_owner_answers() {
        let line = World::new()
            .keeps("integrations", rule("sync", "1", "enabled"))
            .ada("disabled")
            .line("app:owned.automation:sync");
        assert_eq!(line.control_point, Some(6));
        assert_eq!(line.accountable[0].owner.as_deref(), Some("Platform team"));
    }
}
