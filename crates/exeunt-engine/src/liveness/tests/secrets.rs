//! Which secrets count for whom: those of what acts as an account, those that were there in time, and since when.

use exeunt_model::State;
use serde_json::{Value, json};

use super::with;
use crate::small_world::{TIMES, World, earlier, member, non_human, owns, partial, states, time, token};

fn act_as(actor: &str, target: &str, how: &str) -> Value {
    json!({
        "record": "act_as", "actor": {"object": format!("app/{actor}")}, "target": format!("app/account/{target}"), "how": how,
        "reason": "listed",
    })
}

fn key(id: &str, holder: &str, fresh: bool) -> Value {
    let created = if fresh { "2026-11-20T17:30:00Z" } else { "2026-01-01T00:00:00Z" };
    with(token(id, holder, "active"), "created", created)
}

/// The thing was Ada's and is Ben's.
fn handed(world: World, thing: &str) -> World {
    world.had("groups", owns(thing, "1", "owner")).has("groups", owns(thing, "2", "owner"))
}

fn bot() -> World {
    handed(World::new().keeps("accounts", non_human("bot", "service")), "account/bot")
}

/// An agent signs in with the secret of what acts as it. Who had that, or knew its secret, has the agent still; who could
/// merely take on its role has not, and what merely owns an agent does not act as it.
#[test]
fn an_agent_and_what_acts_as_it() {
    let agent = |how: Option<&str>| {
        let world = World::new()
            .keeps("accounts", non_human("agent", "agent"))
            .keeps("accounts", non_human("blueprint", "workload"))
            .keeps("credentials", key("blueprint-key", "blueprint", false));
        let world = handed(world, "account/agent");
        match how {
            Some(how) => world.keeps("groups", act_as("account/blueprint", "agent", how)),
            None => world.had("groups", owns("account/agent", "blueprint", "owner")),
        }
    };
    let bens = |world: World| world.keeps("groups", owns("account/blueprint", "2", "owner"));
    let table = [
        ("it was hers", handed(agent(Some("impersonate")), "account/blueprint"), State::Live),
        ("she signs in through it", handed(agent(Some("sso")), "account/blueprint"), State::Live),
        (
            "she knew its secret",
            bens(agent(Some("impersonate"))).had("groups", act_as("account/1", "blueprint", "knows_secret")),
            State::Live,
        ),
        ("it was a colleague's all along", bens(agent(Some("impersonate"))), State::Gone),
        (
            "she could take on its role",
            bens(agent(Some("impersonate"))).had("groups", act_as("account/1", "blueprint", "assume")),
            State::Gone,
        ),
        ("it owned the agent", handed(agent(None), "account/blueprint"), State::Gone),
    ];
    states("app:owned.nhi:agent", &table);
}

/// One tie that is left is enough to learn the new secret; a secret that a team knew is not known to it any more when the
/// team's own tie is gone.
#[test]
fn who_may_know_the_new_secret() {
    let replaced = |world: World| {
        world.had("credentials", key("bot-key", "bot", false)).has("credentials", key("bot-key", "bot", true))
    };
    let sponsored = replaced(bot().had("groups", owns("account/bot", "1", "sponsor")));
    let left = sponsored.clone().has("groups", owns("account/bot", "1", "sponsor"));
    let id = "app:token.user:bot-key";
    states(id, &[("both ties are gone", sponsored, State::Gone), ("one is left", left, State::Live)]);
    let team = World::new()
        .ada("active")
        .keeps("accounts", non_human("bot", "service"))
        .keeps("groups", member("ops", "account/1"))
        .had("groups", act_as("group/ops", "bot", "knows_secret"));
    let line = replaced(team).line(id);
    assert!(line.because.starts_with("Replaced since it was read"), "{}", line.because);
}

/// A thing is not the leaver's any more since its last secret was gone, however early it had a new owner.
#[test]
fn since_its_last_secret_was_gone() {
    let mut world = bot().had("credentials", key("bot-key", "bot", false));
    world.manifest["proof"]["token.user"]["settle"] = json!("0s");
    assert_eq!(world.line("app:owned.nhi:bot").gone_since, Some(time(TIMES[1])));
    world.after.entry(("app", "credentials")).or_default().push(key("bot-key", "bot", false));
    assert_eq!(world.line("app:owned.nhi:bot").gone_since, Some(time(TIMES[2])));
}

/// A secret that was gone before the last whole look before they left is nobody's to replace, held or opening.
#[test]
fn secrets_of_before_the_baseline() {
    let state = |old: Value| {
        let world = bot().has("credentials", key("bot-key", "bot", true)).refused("integrations");
        let mut history = world.history();
        earlier(&mut history, &bot().had("integrations", old));
        world.line_in(&history, "app:owned.nhi:bot").map(|line| line.state)
    };
    assert_eq!(state(key("old-key", "bot", false)), Some(State::Gone));
    let opening = with(key("old-key", "2", false), "opens", json!(["app/account/bot"]));
    assert_eq!(state(opening), Some(State::Gone));
}

/// Secrets that are read account by account are all seen only where each of these reads was whole.
#[test]
fn secrets_that_are_read_for_each_account() {
    let mut world = bot();
    world.manifest["survivors"] = json!({"token.user": {"seen_by": ["of_account"]}});
    for shown in [&mut world.before, &mut world.after, &mut world.now] {
        shown.insert(("app", "of_account[bot]"), Vec::new());
    }
    let state = |refused: Option<&str>| {
        let mut history = world.history();
        if let Some(account) = refused {
            partial(&mut history, "app", TIMES[2], "of_account", Some(account));
        }
        world.line_in(&history, "app:owned.nhi:bot").map(|line| line.state)
    };
    assert_eq!(state(None), Some(State::Gone));
    assert_eq!(state(Some("bot")), Some(State::Unknown));
    assert_eq!(state(Some("2")), Some(State::Unknown));
}
