//! Whose a thing is now: new owners, their secrets, and what keeps it the leaver's.

use exeunt_model::config::ManualLink;
use exeunt_model::{Grade, State};
use serde_json::{Value, json};

use super::with;
use crate::small_world::{World, account, member, non_human, owns, person, rule, states, token};

const BOT: &str = "app:owned.nhi:bot";

/// The bot was Ada's and is Ben's.
fn handed(kind: &str) -> World {
    World::new()
        .keeps("accounts", non_human("bot", kind))
        .had("groups", owns("account/bot", "1", "owner"))
        .has("groups", owns("account/bot", "2", "owner"))
}

fn fresh() -> Value {
    with(token("bot-key", "bot", "active"), "created", "2026-11-20T17:30:00Z")
}

/// A bot without a secret in sight is only known to have none where such secrets are shown: whole, by a reader that can see
/// them, in every read that shows them.
#[test]
fn secrets_nobody_sees_are_not_replaced() {
    let covered = |survivors: Value, world: World| {
        let mut world = world;
        world.manifest["survivors"] = survivors;
        world
    };
    let seen_by = |reads: &[&str]| json!({"token.user": {"seen_by": reads}});
    let mut unseeing = handed("service");
    unseeing.blind.insert(("app", "credentials"));
    let mut not_read = handed("service");
    not_read.now.remove(&("app", "credentials"));
    let both = seen_by(&["credentials", "integrations"]);
    let keys = json!({"token.user": {"blind": "not listed"}, "key.asym": {"seen_by": ["credentials"]}});
    let table = [
        ("shown, and there is none", handed("service"), State::Gone),
        ("refused", handed("service").refused("credentials"), State::Unknown),
        ("no control", unseeing, State::Unknown),
        ("not read", not_read, State::Unknown),
        ("no read shows them", covered(json!({}), handed("service")), State::Unknown),
        (
            "one of two reads refused",
            covered(both.clone(), handed("service").refused("integrations")),
            State::Unknown,
        ),
        ("both reads whole", covered(both, handed("service")), State::Gone),
        ("another kind of secret is shown", covered(keys, handed("service")), State::Gone),
        ("a workload has none to know", covered(json!({}), handed("workload")), State::Gone),
        ("an agent may", covered(json!({}), handed("agent")), State::Unknown),
    ];
    states(BOT, &table);
    let mut stale = handed("service");
    stale.now.insert(("app", "credentials"), Vec::new());
    let mut history = stale.history();
    let newest = history.last_mut().expect("a snapshot");
    for read in newest.reads.iter_mut().filter(|read| read.receipt.read == "credentials") {
        read.receipt.started = crate::small_world::time("2026-11-20T16:00:00Z");
        read.receipt.ended = read.receipt.started;
    }
    let verdict = stale.judge_history(&history).expect("a verdict");
    let line = verdict.obligations.iter().find(|line| line.id == BOT).expect("the bot");
    assert_eq!(line.state, State::Unknown, "read before the departure: {}", line.because);
}

/// A shared secret that nobody sees was known to the leaver, and nothing shows that it was changed.
#[test]
fn a_shared_secret_nobody_sees() {
    let knows = json!({
        "record": "act_as", "actor": {"object": "app/account/1"}, "target": "app/account/root", "how": "knows_secret", "reason": "list",
    });
    let mut world = World::new().keeps("accounts", non_human("root", "shared")).had("groups", knows.clone());
    world.manifest["survivors"] = json!({});
    let line = world.line("app:owned.nhi:root");
    assert_eq!(line.state, State::Live, "{}", line.because);
    let mut owned = world
        .had("groups", owns("account/root", "1", "owner"))
        .has("groups", owns("account/root", "2", "owner"));
    owned.manifest["survivors"] = json!({});
    states("app:owned.nhi:root", &[("handed to a colleague, but shared", owned, State::Live)]);
}

/// A secret is new only if it was made after the departure and was not there before with that date.
#[test]
fn what_counts_as_a_new_secret() {
    let made = |at: &str| {
        handed("service").has("credentials", with(token("bot-key", "bot", "active"), "created", at))
    };
    let table = [
        ("made after the departure", made("2026-11-20T17:00:01Z"), State::Gone),
        ("made as they left", made("2026-11-20T17:00:00Z"), State::Live),
        ("made before", made("2026-11-20T16:00:00Z"), State::Live),
        (
            "dated ahead before they left",
            made("2026-11-20T17:30:00Z").had("credentials", fresh()),
            State::Live,
        ),
    ];
    states(BOT, &table);
}

/// A new owner counts while they are shown as employed: until the time the directory states, and while one of their accounts
/// there is open. What it showed earlier proves nothing of them now.
#[test]
fn until_when_an_owner_is_somebody() {
    let leaves = |when: &str| {
        let mut world = handed("service").has("credentials", fresh());
        for shown in [&mut world.before, &mut world.after, &mut world.now] {
            shown.get_mut(&("dir", "people")).expect("people")[1]["departed"] = json!(when);
        }
        world
    };
    let in_directory = |states: &[(&str, &str)]| {
        let mut world = handed("service").has("credentials", fresh());
        for shown in [&mut world.before, &mut world.after, &mut world.now] {
            let rows = states.iter().map(|(id, state)| account("dir", id, "ben", "1043", state)).collect();
            shown.insert(("dir", "accounts"), rows);
        }
        world
    };
    let mut unread = in_directory(&[("2", "disabled")]);
    unread.partial.insert(("dir", "accounts"));
    unread.now.insert(("dir", "accounts"), Vec::new());
    let table = [
        ("leaves next month", leaves("2026-12-24T00:00:00Z"), State::Gone),
        ("left", leaves("2026-11-01T00:00:00Z"), State::Live),
        ("leaves at this moment", leaves("2026-11-20T20:30:00Z"), State::Live),
        ("one of two accounts is open", in_directory(&[("2", "disabled"), ("22", "active")]), State::Gone),
        ("both are shut", in_directory(&[("2", "disabled"), ("22", "suspended")]), State::Live),
        ("shut when last read", unread, State::Unknown),
        ("in a state nobody knows", in_directory(&[("2", "unknown")]), State::Unknown),
    ];
    states(BOT, &table);
}

/// A sponsor and the holder of a token have a thing as an owner has it; who made it once has not.
#[test]
fn which_ties_keep_a_thing() {
    let tied = |link: &str| {
        handed("service").has("credentials", fresh()).keeps("groups", owns("account/bot", "1", link))
    };
    let table = [
        ("sponsor", tied("sponsor"), State::Live),
        ("holder of its token", tied("token_holder"), State::Live),
        ("same person", tied("same_person"), State::Live),
        ("creator", tied("creator"), State::Gone),
        ("installer", tied("installer"), State::Gone),
        ("last actor", tied("last_actor"), State::Gone),
    ];
    states(BOT, &table);
    let sponsored = World::new()
        .keeps("accounts", non_human("bot", "agent"))
        .had("groups", owns("account/bot", "1", "sponsor"))
        .has("groups", owns("account/bot", "2", "sponsor"))
        .has("credentials", fresh());
    states(BOT, &[("handed to another sponsor", sponsored, State::Gone)]);
}

/// A rule that runs as somebody else is theirs only if they are somebody; as an account of nobody's it is not the leaver's.
#[test]
fn whom_a_rule_runs_as() {
    let runs = |who: &str| {
        World::new()
            .ada("active")
            .keeps("accounts", non_human("bot", "service"))
            .had("integrations", rule("sync", "1", "enabled"))
            .has("integrations", rule("sync", who, "enabled"))
    };
    let mut left = runs("2");
    for shown in [&mut left.after, &mut left.now] {
        shown.insert(("dir", "accounts"), vec![account("dir", "2", "ben", "1043", "disabled")]);
    }
    let second = runs("11").keeps("accounts", account("app", "11", "ada2", "1042", "active"));
    let table = [
        ("a colleague", runs("2"), State::Gone),
        ("a colleague who has left", left, State::Unknown),
        ("a bot", runs("bot"), State::Gone),
        ("another account of the leaver's", second, State::Live),
    ];
    states("app:owned.automation:sync", &table);
    let owned = World::new()
        .ada("active")
        .keeps("integrations", rule("sync", "2", "enabled"))
        .had("groups", owns("integration/sync", "1", "owner"))
        .has("groups", owns("integration/sync", "2", "owner"));
    states(
        "app:owned.automation:sync",
        &[
            ("given to a colleague", owned.clone(), State::Gone),
            ("whether it was given cannot be read", owned.refused("groups"), State::Unknown),
        ],
    );
}

/// Who was tied to a thing by hand has it until the tie is taken out of the configuration, whoever runs it.
#[test]
fn tied_by_hand() {
    let tied = |object: &str| {
        let mut world = World::new()
            .ada("active")
            .keeps("groups", json!({"record": "group", "id": "app/group/dev", "name": "dev"}))
            .keeps("integrations", rule("sync", "2", "enabled"));
        world.links.push(ManualLink {
            object: object.parse().expect("a reference"),
            person: "dir/identity/1".parse().expect("a reference"),
            by: "Cleo".to_owned(),
            reason: "she set it up".to_owned(),
        });
        world
    };
    let runs = tied("app/integration/sync").line("app:owned.automation:sync");
    assert_eq!(runs.state, State::Live, "{}", runs.because);
    let group = tied("app/group/dev").line("app:grant.direct:dir/identity/1->group/dev#owner");
    assert_eq!((group.state, group.grade), (State::Live, Grade::E0), "nobody saw it");
    assert!(
        group.because.starts_with("Tied to the leaver by hand, by Cleo: she set it up"),
        "{}",
        group.because
    );
}

/// What shows that a thing is not the leaver's any more is what shows the tie gone and the new owner employed.
#[test]
fn what_shows_that_it_was_handed_over() {
    let cited = |world: &World, id: &str| -> Vec<String> {
        let line = world.line(id);
        assert_eq!(line.state, State::Gone, "{}", line.because);
        let mut cited: Vec<_> =
            line.evidence.iter().map(|cite| format!("{} {}", cite.system, cite.read)).collect();
        cited.sort();
        cited.dedup();
        cited
    };
    let given = World::new()
        .ada("active")
        .keeps("integrations", rule("sync", "2", "enabled"))
        .had("groups", owns("integration/sync", "1", "owner"))
        .has("groups", owns("integration/sync", "2", "owner"));
    let expected = ["app groups", "app integrations", "dir accounts", "dir people"];
    assert_eq!(cited(&given, "app:owned.automation:sync"), expected);
    let of_team = json!({
        "record": "ownership", "subject": "app/integration/sync", "owner": {"object": "app/group/team"}, "link": "owner",
        "reason": "small",
    });
    let given = World::new()
        .ada("active")
        .keeps("integrations", rule("sync", "2", "enabled"))
        .had("groups", owns("integration/sync", "1", "owner"))
        .keeps("groups", json!({"record": "group", "id": "app/group/team", "name": "team"}))
        .keeps("groups", member("team", "account/2"))
        .has("groups", of_team);
    assert_eq!(cited(&given, "app:owned.automation:sync"), expected, "of who is in the team");
    let team = json!({"record": "group", "id": "app/group/team", "name": "team"});
    let of_team = json!({
        "record": "ownership", "subject": "app/account/bot", "owner": {"object": "app/group/team"}, "link": "owner",
        "reason": "small",
    });
    let mut team = World::new()
        .keeps("accounts", non_human("bot", "service"))
        .had("groups", owns("account/bot", "1", "owner"))
        .keeps("groups", team)
        .has("groups", of_team)
        .keeps("groups", member("team", "account/19"))
        .keeps("groups", member("team", "account/2"))
        .keeps("accounts", account("app", "19", "cem", "1044", "active"))
        .has("credentials", fresh());
    for shown in [&mut team.before, &mut team.after, &mut team.now] {
        shown.get_mut(&("dir", "people")).expect("people").push(person("3", "Cem", "1044"));
    }
    team.before
        .get_mut(&("dir", "accounts"))
        .expect("rows")
        .push(account("dir", "3", "cem", "1044", "active"));
    let expected = ["app accounts", "app credentials", "app groups", "dir accounts", "dir people"];
    assert_eq!(cited(&team, BOT), expected, "of Ben, who is there, and not of Cem, who has left");
    let both = team
        .has("groups", owns("account/bot", "19", "owner"))
        .has("groups", owns("account/bot", "2", "owner"));
    assert_eq!(cited(&both, BOT), expected, "of Ben, where both are shown as its owners");
}

/// Two bots that own one another, and are both a colleague's, are the colleague's; so is what teams have that are in one
/// another, with a colleague in one of them.
#[test]
fn owners_that_own_one_another() {
    let world = World::new()
        .keeps("accounts", non_human("01", "service"))
        .keeps("accounts", non_human("02", "service"))
        .had("groups", owns("account/01", "1", "owner"))
        .keeps("groups", owns("account/01", "02", "owner"))
        .keeps("groups", owns("account/02", "01", "owner"))
        .keeps("groups", owns("account/01", "2", "owner"))
        .keeps("groups", owns("account/02", "2", "owner"))
        .had("credentials", with(token("key", "01", "active"), "created", "2026-01-01T00:00:00Z"))
        .has("credentials", with(token("key", "01", "active"), "created", "2026-11-20T17:30:00Z"));
    let line = world.line("app:owned.nhi:01");
    assert_eq!(line.state, State::Gone, "{}", line.because);
    assert!(line.evidence.iter().any(|cite| cite.read == "people"), "Ben is shown as employed");
    let mut teams = handed("service").has("credentials", fresh());
    for shown in [&mut teams.after, &mut teams.now] {
        shown.get_mut(&("app", "groups")).expect("rows").clear();
    }
    let of_team = json!({
        "record": "ownership", "subject": "app/account/bot", "owner": {"object": "app/group/one"}, "link": "owner",
        "reason": "small",
    });
    for team in ["one", "three", "two"] {
        teams = teams
            .keeps("groups", json!({"record": "group", "id": format!("app/group/{team}"), "name": team}));
    }
    let teams = teams
        .has("groups", of_team)
        .keeps("groups", member("one", "group/two"))
        .keeps("groups", member("two", "group/one"))
        .keeps("groups", member("two", "group/three"))
        .keeps("groups", member("three", "account/2"));
    let line = teams.line(BOT);
    assert_eq!(line.state, State::Gone, "{}", line.because);
    assert!(line.evidence.iter().any(|cite| cite.read == "people"), "Ben is in the third team");
}
