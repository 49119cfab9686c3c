//! Whose a public key is: a system that shows a key as held by somebody's own account says so for every other
//! system that knows the key by its fingerprint only.
//!
//! Only a `fingerprint` on a `key.asym` credential counts. A file that lists who may use an account is no such
//! statement, and connectors that read one give no `fingerprint`.

use std::collections::{BTreeSet, HashMap};

use exeunt_model::record::KeyKind;
use exeunt_model::{Record, Ref, SurvivorKind, Who};

use super::People;
use crate::estate::Estate;

/// People by the fingerprints of keys that their accounts hold.
pub(crate) type Fingerprints<'a> = HashMap<&'a str, BTreeSet<&'a Ref>>;

/// Reads them off every snapshot: a key that was taken away in one system is still the same person's elsewhere.
pub(super) fn fingerprints<'a>(people: &People<'a>, estate: &Estate<'a>) -> Fingerprints<'a> {
    let mut found = Fingerprints::new();
    for (_, sightings) in estate.objects() {
        for sighting in sightings {
            let Record::Credential(key) = sighting.record else { continue };
            let (Some(fingerprint), Some(holder)) = (&key.fingerprint, &key.holder) else { continue };
            let by_key = matches!(holder, Who::Key(key) if key.kind == KeyKind::KeyFingerprint);
            if key.kind != SurvivorKind::KeyAsym || by_key {
                continue;
            }
            let holder = people.resolve(estate, holder, sighting).and_then(|object| people.person(object));
            if let Some(person) = holder {
                found.entry(fingerprint.as_str()).or_default().insert(person);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use exeunt_model::State;
    use serde_json::{Value, json};

    use crate::small_world::{World, non_human};

    const PRINT: &str = "SHA256:v/xcgQMncK4YS26YuJYcBbcqxTpi4LhXLzvZtZX/WFo";

    fn key(id: &str, holder: &str, fingerprint: Option<&str>) -> Value {
        json!({
            "record": "credential", "id": format!("app/credential/{id}"), "kind": "key.asym", "native_type": "key", "name": id,
            "holder": {"object": format!("app/account/{holder}")}, "state": "active", "fingerprint": fingerprint,
        })
    }

    fn owned(id: &str) -> Value {
        json!({
            "record": "ownership", "subject": format!("app/credential/{id}"), "link": "owner", "reason": "fingerprint",
            "owner": {"key": {"kind": "key_fingerprint", "value": PRINT}},
        })
    }

    /// Ada's key in a shared account is hers though nothing there says so: another system knows the key.
    fn world() -> World {
        World::new()
            .ada("active")
            .keeps("accounts", non_human("9", "shared"))
            .keeps("credentials", key("shared", "9", None))
            .keeps("credentials", owned("shared"))
    }

    fn ids(world: &World) -> Vec<String> {
        world.judge().obligations.iter().map(|line| line.id.clone()).collect()
    }

    /// The commonest way back in: a key in `deploy` that nobody took out, since it had no name on it.
    #[test]
    fn a_key_is_known_by_its_fingerprint_in_another_system() {
        let known = world().keeps("credentials", key("own", "1", Some(PRINT)));
        assert_eq!(known.state("app:key.asym:shared"), State::Live);
        let once = world().had("credentials", key("own", "1", Some(PRINT)));
        assert_eq!(
            once.state("app:key.asym:shared"),
            State::Live,
            "taking the key away in one place is no loss of memory"
        );
    }

    /// The directory may know the key itself.
    #[test]
    fn a_key_of_the_directory_is_the_persons() {
        let mut known = world();
        for shown in [&mut known.before, &mut known.after, &mut known.now] {
            let people = shown.get_mut(&("dir", "people")).expect("people");
            people[0]["keys"]
                .as_array_mut()
                .expect("keys")
                .push(json!({"kind": "key_fingerprint", "value": PRINT}));
        }
        assert_eq!(known.state("app:key.asym:shared"), State::Live);
    }

    /// A key that two people show as theirs is nobody's alone, and one that nobody shows is nobody's.
    #[test]
    fn a_key_of_two_people_is_given_to_neither() {
        let two = world()
            .keeps("credentials", key("own", "1", Some(PRINT)))
            .keeps("credentials", key("bens", "2", Some(PRINT)));
        assert!(!ids(&two).contains(&"app:key.asym:shared".to_owned()), "{:?}", ids(&two));
        assert!(!ids(&world()).contains(&"app:key.asym:shared".to_owned()));
    }

    /// A list of who may come in makes nobody the holder of a key, and neither does a token that has a fingerprint.
    #[test]
    fn what_says_whose_a_key_is() {
        let hers = "app:key.asym:shared".to_owned();
        let known = |own: Value| ids(&world().keeps("credentials", own)).contains(&hers);
        let held = |holder: Value| {
            let mut own = key("own", "1", Some(PRINT));
            own["holder"] = holder;
            own
        };
        assert!(
            known(held(json!({"key": {"kind": "employee_number", "value": "1042"}}))),
            "a holder by their number"
        );
        let mut listed = world()
            .keeps("credentials", held(json!({"key": {"kind": "key_fingerprint", "value": "SHA256:x"}})));
        for shown in [&mut listed.before, &mut listed.after, &mut listed.now] {
            let people = shown.get_mut(&("dir", "people")).expect("people");
            people[0]["keys"] = json!([{"kind": "employee_number", "value": "1042"}, {"kind": "key_fingerprint", "value": "SHA256:x"}]);
        }
        assert!(!ids(&listed).contains(&hers), "a holder by the key itself");
        let mut token = key("own", "1", Some(PRINT));
        token["kind"] = json!("token.user");
        assert!(!known(token), "a token");
        let mut other = world().keeps("credentials", key("own", "1", Some(PRINT)));
        for shown in [&mut other.before, &mut other.after, &mut other.now] {
            let rows = shown.get_mut(&("app", "credentials")).expect("credentials");
            rows.iter_mut().filter(|row| row["record"] == "ownership").for_each(|row| {
                row["owner"]["key"]["kind"] = json!("scim_external_id");
            });
        }
        assert!(!ids(&other).contains(&hers), "another kind of key with the same value");
    }
}
