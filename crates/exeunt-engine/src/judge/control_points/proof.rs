//! There is fresh, complete evidence from each target for all of the above.
//!
//! Holds when no obligation is unknown, every read in scope was complete, fresh, begun after the departure and
//! shown able to see, and no account is disputed between the leaver and somebody else by an exact key or a
//! verified address. It has no domain of its own: what is unproven belongs to the owner of what it is.
//!
//! Decided from the read receipts, and from the reasons of what is unknown.

use std::collections::BTreeSet;

use exeunt_model::State;
use exeunt_model::verdict::Standing;

use super::{Court, Decided, Point};

pub(super) const POINT: Point = Point {
    number: 9,
    name: "proof",
    domain: None,
    standards: &[
        "NIST CSF 2.0 DE.CM-03",
        "NIST 800-53 CA-7",
        "NIST 800-53 AU-10",
        "SOC 2 CC4.1",
        "ISO 27001 A.5.28",
    ],
    source: include_str!("proof.rs"),
    judge,
};

fn judge(court: &Court<'_, '_, '_>) -> Decided {
    let mut because = Vec::new();
    let mut evidence = BTreeSet::new();
    for draft in court.drafts.iter().filter(|d| !court.waived.contains_key(d.id.as_str())) {
        if draft.fate.state == State::Unknown {
            because.push(format!(
                "{} in {} is not proven: {}.",
                draft.item.name, draft.system, draft.fate.because
            ));
            evidence.extend(draft.fate.cites.iter().cloned());
        }
    }
    for gap in court.gaps.iter().filter(|gap| gap.blocks) {
        let read = if gap.read.is_empty() { String::new() } else { format!(" {}", gap.read) };
        because.push(format!("{}{read}: {}", gap.system, gap.detail));
    }
    for (account, dispute) in court.scene.people.disputes(court.scene.leaver) {
        if dispute.blocks && court.scene.object_in_window(account) {
            because.push(format!("{account} may be {}'s: {}.", court.subject.name, dispute.because));
        }
    }
    if because.is_empty() {
        return Decided::new(Standing::Holds, "Every line rests on a fresh, complete read.");
    }
    Decided { standing: Standing::Failed, because, evidence: evidence.into_iter().collect() }
}

#[cfg(test)]
mod tests {
    use exeunt_model::verdict::{Conclusion, Standing};
    use serde_json::{Value, json};

    use crate::small_world::{World, account, person};

    fn ticketed(mut world: World) -> World {
        world.ticket = Some(vec![json!({
            "record": "document", "id": "jira/document/1", "doc_type": "ticket", "key": "OFF-1", "at": "2026-11-19T09:00:00Z",
        })]);
        world
    }

    fn stray(emails: &Value, name: &str) -> Value {
        let mut stray = account("app", "7", "stray", "9999", "active");
        stray["keys"] = json!([]);
        stray["emails"] = emails.clone();
        stray["display_name"] = json!(name);
        stray
    }

    /// Everything gone is clear; one read that was refused, stale or blind is not, whatever it would have shown.
    #[test]
    fn clear_needs_every_read() {
        let mut blind = World::new();
        blind.blind.insert(("app", "integrations"));
        let mut stale = World::new();
        stale.policy.fresh_for = exeunt_model::Duration::from_mins(10);
        let mut first_seen_late = World::new();
        first_seen_late.before.retain(|(system, _), _| *system == "dir");
        let table = [
            ("all read", World::new(), Standing::Holds, Conclusion::Clear),
            ("one refused", World::new().refused("integrations"), Standing::Failed, Conclusion::Unproven),
            ("no control", blind, Standing::Failed, Conclusion::Unproven),
            ("stale", stale, Standing::Failed, Conclusion::Unproven),
            ("live", World::new().ada("active"), Standing::Holds, Conclusion::Residual),
        ];
        for (title, world, standing, conclusion) in table {
            let verdict = ticketed(world).judge();
            assert_eq!(verdict.control_points[8].standing, standing, "{title}");
            assert_eq!(verdict.verdict, conclusion, "{title}: {:?}", verdict.gaps);
        }
    }

    /// A namesake and an unverified address are shown and given to nobody; a shared exact key has to be settled.
    #[test]
    fn disputes() {
        let world = |record| ticketed(World::new().keeps("accounts", record));
        let named = world(stray(&json!([]), "ADA"));
        assert_eq!(named.judge().verdict, Conclusion::Clear);
        assert_eq!(named.judge().disputed.len(), 1);
        let claimed = world(stray(&json!([{"address": "ada@halden.example"}]), "X"));
        assert_eq!(claimed.judge().verdict, Conclusion::Clear);
        let alias = world(stray(&json!([{"address": "Ada@Halden.TEST", "verified": true}]), "X"));
        assert_eq!(
            alias.judge().verdict,
            Conclusion::Residual,
            "an address in another domain of the organisation is hers"
        );

        let mut twins = world(account("app", "7", "stray", "1043", "active"));
        for shown in [&mut twins.before, &mut twins.after, &mut twins.now] {
            let mut twin = person("1", "Ada", "1042");
            twin["keys"]
                .as_array_mut()
                .expect("keys")
                .push(json!({"kind": "employee_number", "value": "1043"}));
            shown.entry(("dir", "people")).or_default().remove(0);
            shown.entry(("dir", "people")).or_default().push(twin);
        }
        let verdict = twins.judge();
        assert_eq!(verdict.verdict, Conclusion::Unproven);
        assert!(verdict.disputed.iter().any(|d| d.login == "stray"));
    }
}
