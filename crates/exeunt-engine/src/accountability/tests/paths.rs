//! Owners by path, files that outdo one another, and log-ins that were given to something else.

use exeunt_model::owners::{OwnerRegister, PathRegister};
use exeunt_model::verdict::{ActingAs, VerdictDocument};
use serde_json::{Value, json};

use super::super::check_owners;
use super::{first, world};
use crate::small_world::{World, grant};
use crate::{Inputs, judge_case};

fn with_register<T>(
    world: &World,
    change: impl FnOnce(&mut OwnerRegister),
    question: impl FnOnce(&Inputs<'_>) -> T,
) -> T {
    world.ask(&world.history(), &[], |inputs| {
        let mut register = inputs.owners.clone();
        change(&mut register);
        question(&Inputs { owners: &register, ..*inputs })
    })
}

fn judged(world: &World, change: impl FnOnce(&mut OwnerRegister)) -> VerdictDocument {
    with_register(world, change, |inputs| judge_case(inputs).expect("a verdict"))
}

/// The rules of a CODEOWNERS file: one, of the vault.
fn paths(owner: &str, more: &Value) -> PathRegister {
    let mut paths = json!({
        "file": "CODEOWNERS", "precedence": 0, "system": "app", "repository": null, "domains": ["application_entitlement"],
        "deadline": null, "escalation": null, "from": null, "until": null,
        "rules": [{"line": 3, "section": "", "optional": false, "excludes": false, "pattern": "/vault", "owners": [owner]}],
    });
    paths.as_object_mut().expect("an object").extend(more.as_object().expect("fields").clone());
    serde_json::from_value(paths).expect("a register")
}

/// Whoever owns a thing by its path answers for it, and nobody else's thing.
#[test]
fn an_owner_by_path() {
    let world = world(&json!([{"owner": "App team"}])).keeps("groups", grant("account/1", "vault", "admin"));
    let verdict = judged(&world, |register| register.paths.push(paths("Vault keepers", &json!({}))));
    let owner = |id: &str| {
        let line = verdict.obligations.iter().find(|line| line.id == id).expect("a line");
        line.accountable[0].owner.as_ref().map(ToString::to_string)
    };
    assert_eq!(owner("app:grant.direct:account/1->resource/vault#admin").as_deref(), Some("Vault keepers"));
    assert_eq!(owner("app:token.user:pat").as_deref(), Some("App team"));
}

/// A file that outdoes another says so, with whom the other names.
#[test]
fn a_file_that_takes_precedence() {
    let world = world(&json!([{"owner": "Old team"}, {"owner": "New team"}]));
    let verdict = judged(&world, |register| register.cells[2].precedence = 1);
    let line = verdict.obligations.iter().find(|line| line.id == super::TOKEN).expect("the token");
    let owners: Vec<_> = line.accountable.iter().filter_map(|by| by.owner.as_deref()).collect();
    assert_eq!(owners, ["New team"]);
    let why = line.accountable[0].why.as_str();
    assert!(why.contains("It takes precedence over owners:2, which names Old team."), "{why}");
}

/// Rules by path are checked as entries are: while they are in force, with whoever is asked next.
#[test]
fn rules_by_path_are_checked() {
    let found = |owner: &str, more: Value| -> Vec<(&'static str, String)> {
        let world = world(&json!([{"owner": "App team"}]));
        let change = |register: &mut OwnerRegister| register.paths.push(paths(owner, &more));
        let check = with_register(&world, change, |inputs| check_owners(inputs).expect("a check"));
        let left = check.findings.into_iter().filter(|finding| finding.code.ends_with("_left"));
        left.map(|finding| (finding.code, finding.says)).collect()
    };
    let codes = |owner: &str, more: Value| -> Vec<&'static str> {
        found(owner, more).into_iter().map(|(code, _)| code).collect()
    };
    let (now, later) = ("2026-11-20T20:30:00Z", "2026-11-20T20:30:01Z");
    let (_, says) = found("cem@halden.example", json!({})).remove(0);
    assert!(says.starts_with("The owner cem@halden.example (CODEOWNERS:3)"), "{says}");
    assert!(codes("ben@halden.example", json!({})).is_empty());
    assert_eq!(codes("cem@halden.example", json!({"from": now, "until": later})), ["owner_left"]);
    assert!(codes("cem@halden.example", json!({"from": later})).is_empty());
    assert!(codes("cem@halden.example", json!({"until": now})).is_empty());
    let next = json!({"escalation": {"to": "dora@halden.example"}});
    assert_eq!(codes("ben@halden.example", next), ["escalation_left"]);
}

/// A log-in that a group goes by today is still the account's that had it.
#[test]
fn a_login_that_is_a_groups_now() {
    let login = json!({"person": "Cem", "login": {"system": "app", "login": "cem"}});
    let mut world = world(&json!([{"owner": login, "deputies": ["ben@halden.example"]}]))
        .had("accounts", crate::small_world::account("app", "3", "cem", "1044", "active"))
        .has("groups", json!({"record": "group", "id": "app/group/old", "name": "old", "aliases": ["cem"]}));
    let acting = first(&world).acting.map(|acting| (acting.who, acting.right));
    assert_eq!(acting, Some((Some("ben@halden.example".to_owned()), ActingAs::Deputy)));
    world.before.get_mut(&("app", "accounts")).expect("rows").retain(|row| row["login"] != "cem");
    assert!(first(&world).acting.is_none(), "nothing leads to anybody");
}
