//! Worlds of registers: which entry answers.

use serde_json::{Value, json};

use super::super::{Domain, Object, OwnerCell, OwnerRegister, Owners, PathRegister, code_owners};
use super::super::{Owner, PathRule};
use crate::Timestamp;

const DOMAIN: Domain = Domain::ApplicationEntitlement;

fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

fn cell(more: &Value) -> OwnerCell {
    let mut cell = json!({"domain": "application_entitlement", "system": "github"});
    let fields = cell.as_object_mut().expect("a cell");
    fields.extend(more.as_object().expect("fields").clone());
    serde_json::from_value(cell).expect("a cell")
}

fn owners(register: &OwnerRegister, system: &str, things: &[(&str, &str)]) -> Vec<String> {
    let object = |(reference, name): &(&str, &str)| Object {
        reference: (*reference).to_owned(),
        name: (*name).to_owned(),
    };
    let objects: Vec<Object> = things.iter().map(object).collect();
    let index = Owners::new(register);
    let found = index.find(DOMAIN, system, &objects, at("2026-11-20T09:00:00Z"));
    found.iter().map(|answer| format!("{} {}", answer.owner.name(), answer.place)).collect()
}

/// Blaming last year's owner is worse than blaming nobody.
#[test]
fn the_closest_cell_in_force_answers() {
    let register = OwnerRegister::of(vec![
        cell(&json!({"system": "*", "owner": "everything"})),
        cell(&json!({"owner": "former", "until": "2026-01-01T00:00:00Z"})),
        cell(&json!({"owner": "platform", "from": "2026-01-01T00:00:00Z"})),
        cell(&json!({"owner": "payments", "resource": "github/resource/7"})),
        cell(&json!({"owner": "billing", "resource": "halden/billing"})),
        cell(&json!({"owner": "bots", "nhi": "github/account/9"})),
        cell(&json!({"owner": "next", "from": "2027-01-01T00:00:00Z"})),
    ]);
    for (system, things, expected) in [
        ("github", &[][..], "platform owners:3"),
        ("github", &[("github/resource/7", "halden/payments")][..], "payments owners:4"),
        ("github", &[("github/resource/8", "halden/billing")], "billing owners:5"),
        ("github", &[("github/resource/9", "halden/other")], "platform owners:3"),
        // Closest first: the account before the resource it reaches.
        ("github", &[("github/account/9", "ci"), ("github/resource/7", "halden/payments")], "bots owners:6"),
        ("slack", &[], "everything owners:1"),
    ] {
        assert_eq!(owners(&register, system, things), [expected], "{things:?}");
    }
    let index = Owners::new(&register);
    assert!(index.find(Domain::IdentityLifecycle, "github", &[], at("2026-11-20T09:00:00Z")).is_empty());
}

/// Of two owners in force nobody may be chosen silently; one owner who stands there twice is one.
#[test]
fn two_owners_of_one_thing_are_both_named() {
    let two = OwnerRegister::of(vec![cell(&json!({"owner": "platform"})), cell(&json!({"owner": "desk"}))]);
    assert_eq!(owners(&two, "github", &[]), ["desk owners:2", "platform owners:1"]);
    let one = OwnerRegister::of(vec![
        cell(&json!({"owner": "platform", "deadline": "24h"})),
        cell(&json!({"owner": "Platform", "deadline": "4h"})),
    ]);
    assert_eq!(owners(&one, "github", &[]), ["Platform owners:2"], "the shorter deadline counts");
    let people = OwnerRegister::of(vec![
        cell(&json!({"owner": "jonas@halden.example"})),
        cell(&json!({"owner": {"person": "Jonas Lind", "email": "Jonas@halden.example"}})),
    ]);
    assert_eq!(owners(&people, "github", &[]).len(), 1, "one person, named in two ways");
}

/// A file of higher precedence answers, and what it overrules is not hidden.
#[test]
fn precedence_is_stated_not_silent() {
    let mut register =
        OwnerRegister::of(vec![cell(&json!({"owner": "old"})), cell(&json!({"owner": "new"}))]);
    register.cells[1].precedence = 1;
    assert_eq!(owners(&register, "github", &[]), ["new owners:2"]);
    let index = Owners::new(&register);
    let found = index.find(DOMAIN, "github", &[], at("2026-11-20T09:00:00Z"));
    let overruled: Vec<_> =
        found[0].overruled.iter().map(|(owner, place)| (owner.name(), place.as_str())).collect();
    assert_eq!(overruled, [("old".into(), "owners:1")]);
    // Of a lower one, the owner of the thing itself still answers before the owner of the system.
    register.cells[1].cell.owner = Owner::from("new");
    register
        .cells
        .push(OwnerRegister::of(vec![cell(&json!({"owner": "own", "resource": "r"}))]).cells.remove(0));
    assert_eq!(owners(&register, "github", &[("r", "r")]), ["own owners:1"]);
}

fn paths(text: &str, repository: Option<&str>) -> OwnerRegister {
    let rules = code_owners(text).expect("a file").into_iter();
    let named = |mention: &super::super::Mention| Owner::from(format!("{mention:?}").as_str());
    let rules = rules.map(|rule| PathRule {
        line: rule.line,
        section: rule.section,
        optional: rule.optional,
        excludes: rule.excludes,
        pattern: rule.pattern,
        owners: rule.owners.iter().map(named).collect(),
    });
    OwnerRegister {
        paths: vec![PathRegister {
            file: "CODEOWNERS".to_owned(),
            precedence: 0,
            system: "github".parse().expect("a system"),
            repository: repository.map(str::to_owned),
            domains: vec![DOMAIN],
            deadline: None,
            escalation: None,
            from: None,
            until: None,
            rules: rules.collect(),
        }],
        cells: OwnerRegister::of(vec![cell(&json!({"owner": "platform"}))]).cells,
        ..OwnerRegister::default()
    }
}

/// The last match counts; a repository belongs to whoever owns all of it; what nobody owns falls to the system's owner.
#[test]
fn the_last_rule_that_covers_it_counts() {
    let register = paths("* @all\n/infra/ @cloud\n/infra/open\n*.md @docs\n", Some("halden/app"));
    let owner = |name: &str| owners(&register, "github", &[("github/resource/1", name)]).join();
    for (name, expected) in [
        ("halden/app", "Login(\"all\") CODEOWNERS:1"),
        ("Halden/App", "Login(\"all\") CODEOWNERS:1"),
        ("halden/app/infra/main.tf", "Login(\"cloud\") CODEOWNERS:2"),
        ("halden/app/infra/open", "platform owners:1"),
        ("halden/app/infra/a.md", "Login(\"docs\") CODEOWNERS:4"),
        ("halden/apple", "platform owners:1"),
        ("other/app", "platform owners:1"),
    ] {
        assert_eq!(owner(name), expected, "{name}");
    }
    // Without a repository, paths are names of resources.
    let whole = paths("/halden/ @all\n/halden/payments @pay\n", None);
    assert_eq!(owners(&whole, "github", &[("r", "halden/payments")]), ["Login(\"pay\") CODEOWNERS:2"]);
    assert_eq!(owners(&whole, "github", &[("r", "halden/app")]), ["Login(\"all\") CODEOWNERS:1"]);
}

/// Each section of GitLab's speaks for itself: two that match are two owners; an optional one only counts alone.
#[test]
fn sections_speak_for_themselves() {
    let register = paths(
        "* @all\n[Docs]\ndocs/ @docs\n!docs/old\n^[Maybe]\n*.rs @maybe\n[Only]\n!x\nx @never\n",
        Some("halden/app"),
    );
    let owner = |name: &str| owners(&register, "github", &[("r", name)]);
    assert_eq!(
        owner("halden/app/a.rs"),
        ["Login(\"all\") CODEOWNERS:1"],
        "an optional section does not take over"
    );
    assert_eq!(owner("halden/app/docs/a").len(), 2, "both are named");
    assert_eq!(owner("halden/app/docs/old"), ["Login(\"all\") CODEOWNERS:1"], "taken out of its section");
    assert_eq!(owner("halden/app/x"), ["Login(\"all\") CODEOWNERS:1"], "and it does not come back");
}

trait Joined {
    fn join(self) -> String;
}

impl Joined for Vec<String> {
    fn join(self) -> String {
        self.as_slice().join(" and ")
    }
}
