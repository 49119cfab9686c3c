//! Shared accounts the leaver could use, and secrets they could read, were replaced after they left.
//!
//! Holds when each secret of such an account that existed before the departure is proven gone or was made anew
//! after it, and no way to look it up again is left. Taking somebody off the list of those who know a secret
//! makes nobody forget it.
//!
//! Decided from who knows which secret, from the credentials of the account, and from when each was made.

use exeunt_model::State;
use exeunt_model::owners::Domain;

use super::{Point, over};

pub(super) const POINT: Point = Point {
    number: 8,
    name: "shared secret",
    domain: Some(Domain::ApplicationEntitlement),
    standards: &[
        "OWASP NHI2:2025",
        "OWASP NHI9:2025",
        "NIST CSF 2.0 RS.MI-02",
        "NIST 800-53 IA-5",
        "SOC 2 CC6.1",
        "ISO 27001 A.5.17",
        "PCI DSS 8.2.2",
    ],
    source: include_str!("shared_secret.rs"),
    judge: |court| {
        over(court, 8, &[State::Live, State::Latent], "Each shared secret was replaced after the departure")
    },
};

#[cfg(test)]
mod tests {
    use exeunt_model::State;
    use exeunt_model::verdict::Standing;
    use serde_json::{Value, json};

    use crate::small_world::{World, non_human, states, token};

    fn knows() -> Value {
        json!({
            "record": "act_as", "actor": {"object": "app/account/1"}, "target": "app/account/root", "how": "knows_secret",
            "reason": "on the list",
        })
    }

    fn shared() -> World {
        World::new()
            .keeps("accounts", non_human("root", "shared"))
            .had("groups", knows())
            .had("credentials", token("root-password", "root", "active"))
    }

    /// Whoever knew the password of a shared account knows it until it is changed.
    #[test]
    fn gone_live_latent_unknown() {
        let mut changed = token("root-password", "root", "active");
        changed["created"] = json!("2026-11-20T17:30:00Z");
        let mut retired = shared();
        for shown in [&mut retired.after, &mut retired.now] {
            shown.entry(("app", "accounts")).or_default().retain(|record| record["id"] != "app/account/root");
        }
        let mut asleep = retired.clone();
        let mut suspended = non_human("root", "shared");
        suspended["state"] = json!("suspended");
        asleep = asleep.has("accounts", suspended);
        let table = [
            ("changed", shared().has("credentials", changed.clone()), State::Gone, Standing::Holds),
            ("retired", retired, State::Gone, Standing::Holds),
            (
                "off the list, not changed",
                shared().has("credentials", token("root-password", "root", "active")),
                State::Live,
                Standing::Failed,
            ),
            (
                "changed, but still on the list",
                shared().ada("active").has("groups", knows()).has("credentials", changed),
                State::Live,
                Standing::Failed,
            ),
            ("suspended", asleep, State::Latent, Standing::Failed),
            ("refused", shared().refused("credentials"), State::Unknown, Standing::Unknown),
        ];
        for (title, world, state, standing) in table {
            states("app:owned.nhi:root", &[(title, world.clone(), state)]);
            assert_eq!(world.point(8).standing, standing, "{title}");
        }
    }
}
