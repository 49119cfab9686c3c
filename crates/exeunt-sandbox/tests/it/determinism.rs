//! The same seed gives the same company, byte for byte, and another seed gives another one.

use exeunt_sandbox::{System, World};

use crate::asking::{PHASES, call, jira, text};

fn everything(seed: u64) -> String {
    let targets = [
        (System::Okta, "/api/v1/users?limit=200".to_owned()),
        (
            System::Atlassian,
            "/admin/v2/orgs/d41b7a06-93e2-4c58-a7f1-6c0e8b25d3aa/directories/-/users".to_owned(),
        ),
        (System::Jira, jira("/rest/api/3/issue/OFF-142")),
        (System::GitHub, "/orgs/halden/personal-access-tokens".to_owned()),
        (System::Slack, "/api/users.list".to_owned()),
        (System::Scim, "/scim/v2/Users".to_owned()),
        (System::Aws, "/?Action=GetAccountAuthorizationDetails".to_owned()),
        (System::Matrix, "/_synapse/admin/v3/users".to_owned()),
    ];
    let mut all = String::new();
    let mut world = World::halden(seed);
    for phase in PHASES {
        world.enter(phase);
        for (system, target) in &targets {
            all.push_str(&text(&system.answer(&mut world, &call(*system, "GET", target))));
        }
    }
    all
}

/// A demo that tells another story on each run could not be documented or tested.
#[test]
fn the_same_seed_gives_the_same_bytes() {
    assert_eq!(everything(7), everything(7));
    assert_ne!(everything(7), everything(8));
}

/// Ids that collide would merge two people, whatever the seed.
#[test]
fn nobody_shares_an_id_or_an_address() {
    for seed in 0..40 {
        let world = World::halden(seed);
        let mut seen = std::collections::BTreeSet::new();
        for person in &world.staff.people {
            assert!(seen.insert(person.email()), "seed {seed}: {}", person.email());
            assert!(seen.insert(world.staff.okta_id(person.number)));
            assert!(seen.insert(world.staff.account_id(person.number)));
            assert!(seen.insert(world.staff.slack_id(person.number)));
        }
        for member in &world.github.members {
            assert!(seen.insert(member.id.to_string()), "seed {seed}");
        }
    }
}

/// The story's people keep their names, numbers and jobs under every seed.
#[test]
fn the_storys_people_are_the_same_under_every_seed() {
    for seed in 0..5 {
        let world = World::halden(seed);
        assert_eq!(world.staff.email(2017), "mara.voss@halden.example");
        assert_eq!(world.staff.email(2044), "mara.voss2@halden.example");
        assert_eq!(world.staff.email(2011), "jonas.lind@halden.example");
        assert!((55..=65).contains(&world.staff.people.len()));
    }
}

/// Secret scanners, and people, must not mistake the demo's data for leaked credentials.
#[test]
fn nothing_looks_like_a_real_secret() {
    let all = everything(7);
    for mark in ["ghp_", "gho_", "ghs_", "github_pat_", "xoxb-", "xoxp-", "BEGIN ", "eyJ"] {
        assert!(!all.contains(mark), "{mark}");
    }
    let mut world = World::halden(7);
    for phase in PHASES {
        world.enter(phase);
        for key in world.aws.users.iter().flat_map(|user| &user.keys) {
            assert!(key.id.starts_with("AKIAEXAMPLE1"), "{}", key.id);
        }
    }
}
