//! Sessions, tokens, keys and consents of the leaver are revoked.
//!
//! Holds when each credential the leaver holds, made or could read is proven gone: missing from a complete read
//! that could have shown it, listed as revoked or expired, or ended with the account it belongs to where the
//! manifest says so. A credential that only sleeps while its account is blocked is not revoked.
//!
//! Decided from the newest read of each credential, its own end, the state of its holder, and what the manifest
//! says that state does to such credentials. What is observed counts more than what should be: a token that is
//! listed as working is live, also when its account is gone.

use exeunt_model::State;
use exeunt_model::owners::Domain;

use super::{Point, over};

pub(super) const POINT: Point = Point {
    number: 5,
    name: "credential",
    domain: Some(Domain::ApplicationEntitlement),
    standards: &[
        "OWASP NHI1:2025",
        "OWASP NHI7:2025",
        "NIST CSF 2.0 PR.AA-01",
        "NIST 800-53 IA-5",
        "NIST 800-53 PS-4",
        "SOC 2 CC6.2",
        "ISO 27001 A.5.17",
        "PCI DSS 8.2.5",
    ],
    source: include_str!("credential.rs"),
    judge: |court| over(court, 5, &[State::Live, State::Latent], "Each credential is proven gone"),
};

#[cfg(test)]
mod tests {
    use exeunt_model::State;
    use exeunt_model::verdict::Standing;
    use serde_json::{Value, json};

    use crate::small_world::{World, states, token};

    fn with(mut token: Value, field: &str, value: &str) -> Value {
        token[field] = json!(value);
        token
    }

    /// The token is the oldest way to outlive an offboarding: each way it can stand.
    #[test]
    fn gone_live_latent_unknown() {
        let had = || World::new().had("credentials", token("pat", "1", "active"));
        let keeps = |state| World::new().keeps("credentials", token("pat", "1", state));
        let used_while = |state| {
            let used = with(token("pat", "1", "active"), "last_used", "2026-11-20T19:00:00Z");
            World::new().ada(state).keeps("credentials", used)
        };
        let mut settling = had().ada("active");
        settling.after.insert(("app", "credentials"), vec![token("pat", "1", "active")]);
        settling.manifest["proof"]["token.user"]["settle"] = json!("1h");
        let mut at_once = settling.clone();
        at_once.manifest["proof"]["token.user"]["settle"] = json!("0s");
        let mut no_rule = had().ada("active");
        no_rule.manifest["proof"]["token.user"] = Value::Null;
        no_rule.manifest["proof"].as_object_mut().expect("rules").remove("token.user");
        let mut unread = had().ada("active");
        unread.now.remove(&("app", "credentials"));
        let expired = with(token("pat", "1", "active"), "expires", "2026-11-01T00:00:00Z");
        let table = [
            ("gone", had().ada("active"), State::Gone, Standing::Holds),
            ("revoked, still listed", keeps("revoked").ada("active"), State::Gone, Standing::Holds),
            (
                "past its end, still listed",
                World::new().ada("active").keeps("credentials", expired),
                State::Gone,
                Standing::Holds,
            ),
            ("live", keeps("active").ada("active"), State::Live, Standing::Failed),
            ("survives a disabled account", keeps("active").ada("disabled"), State::Live, Standing::Failed),
            ("listed though the account is gone", keeps("active"), State::Live, Standing::Failed),
            (
                "asleep with a suspended account",
                keeps("active").ada("suspended"),
                State::Latent,
                Standing::Failed,
            ),
            ("switched off", keeps("inactive").ada("active"), State::Latent, Standing::Failed),
            ("used while its account was locked", used_while("locked"), State::Live, Standing::Failed),
            ("used while its account slept", used_while("suspended"), State::Live, Standing::Failed),
            (
                "what locking does is not stated",
                keeps("active").ada("locked"),
                State::Unknown,
                Standing::Unknown,
            ),
            ("the system does not say", keeps("unknown").ada("active"), State::Unknown, Standing::Unknown),
            ("refused", had().ada("active").refused("credentials"), State::Unknown, Standing::Unknown),
            ("not read at all", unread, State::Unknown, Standing::Unknown),
            ("settling", settling, State::Unknown, Standing::Unknown),
            ("settles at once", at_once, State::Gone, Standing::Holds),
            ("no proof rule", no_rule, State::Unknown, Standing::Unknown),
            (
                "a whole listing refused says nothing, even when the account is gone",
                had().refused("credentials"),
                State::Unknown,
                Standing::Unknown,
            ),
            (
                "listed for each account, dead with the account",
                World::new().had("of_account[1]", token("pat", "1", "active")),
                State::Gone,
                Standing::Holds,
            ),
        ];
        for (title, world, state, standing) in table {
            states("app:token.user:pat", &[(title, world.clone(), state)]);
            assert_eq!(world.point(5).standing, standing, "{title}");
        }
    }

    /// A token that worked after its owner left comes before everything else.
    #[test]
    fn used_after_departure_comes_first() {
        let used = with(token("zzz", "1", "active"), "last_used", "2026-11-20T19:00:00Z");
        let world = World::new()
            .ada("active")
            .keeps("credentials", token("aaa", "1", "active"))
            .keeps("credentials", used);
        let first = world.judge().obligations.remove(0);
        assert_eq!(first.id, "app:token.user:zzz");
        assert!(first.used_after_departure.is_some());
    }
}
