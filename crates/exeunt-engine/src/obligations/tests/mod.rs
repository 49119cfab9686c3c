//! Tables of worlds for the list itself: what stands on it, by which way, whose it is, and when it was last used.

mod limits;
mod two_systems;

use exeunt_model::verdict::Obligation;
use exeunt_model::{LinkStrength, State};
use serde_json::{Value, json};

use crate::small_world::{World, account, grant, member, non_human, owns, rule, time, token};

fn with(mut record: Value, field: &str, value: impl Into<Value>) -> Value {
    record[field] = value.into();
    record
}

fn found(world: &World, id: &str) -> Option<Obligation> {
    world.judge().obligations.into_iter().find(|line| line.id == id)
}

fn act_as(actor: &str, target: &str, how: &str) -> Value {
    json!({
        "record": "act_as", "actor": {"object": format!("app/{actor}")}, "target": format!("app/account/{target}"), "how": how,
        "reason": "listed",
    })
}

/// The last use that counts is the latest after the departure and until now, by a record or by a log.
#[test]
fn when_a_thing_was_last_used() {
    let used = |before: &str, now: &str| {
        let mut world = World::new().ada("active");
        let pat = |at: &str| with(token("pat", "1", "active"), "last_used", at);
        for shown in [&mut world.before, &mut world.after] {
            shown.entry(("app", "credentials")).or_default().push(pat(before));
        }
        world.now.entry(("app", "credentials")).or_default().push(pat(now));
        world.line("app:token.user:pat").used_after_departure
    };
    let (early, at, late) = ("2026-11-20T16:00:00Z", "2026-11-20T17:00:00Z", "2026-11-20T17:00:01Z");
    assert_eq!(used(early, early), None);
    assert_eq!(used(early, at), None, "as they left");
    assert_eq!(used(early, late), Some(time(late)));
    assert_eq!(used(late, "2026-11-20T19:00:00Z"), Some(time("2026-11-20T19:00:00Z")), "the latest");
    assert_eq!(used(early, "2026-11-20T20:30:00Z"), Some(time("2026-11-20T20:30:00Z")), "at this moment");
    assert_eq!(used(early, "2026-11-20T20:30:01Z"), None, "by a clock that is ahead");
    let logged = |action: &str| {
        let event = json!({
            "record": "event", "id": "app/event/1", "at": "2026-11-20T19:00:00Z", "action": action, "subject": "app/credential/pat",
            "detail": "",
        });
        let world = World::new()
            .ada("active")
            .keeps("credentials", token("pat", "1", "active"))
            .keeps("integrations", event);
        world.line("app:token.user:pat").used_after_departure.is_some()
    };
    assert!(logged("used") && !logged("changed"));
    let ran = with(rule("sync", "1", "enabled"), "last_used", "2026-11-20T19:00:00Z");
    assert!(
        World::new()
            .ada("active")
            .keeps("integrations", ran)
            .line("app:owned.automation:sync")
            .used_after_departure
            .is_some()
    );
    let bots = with(token("bot-key", "bot", "active"), "last_used", "2026-11-20T19:00:00Z");
    let bot = World::new()
        .keeps("accounts", non_human("bot", "service"))
        .keeps("groups", owns("account/bot", "1", "owner"))
        .keeps("credentials", bots);
    assert_eq!(bot.line("app:token.user:bot-key").used_after_departure, None, "a bot's work goes on");
}

/// What makes a line privileged: the account, the group it leads to, or the grant.
#[test]
fn what_is_privileged() {
    let token_of = |privileged: bool| {
        let holder = with(account("app", "1", "ada", "1042", "active"), "privileged", privileged);
        let world = World::new().has("accounts", holder).keeps("credentials", token("pat", "1", "active"));
        (world.line("app:principal:1").privileged, world.line("app:token.user:pat").privileged)
    };
    assert_eq!(token_of(true), (true, true));
    assert_eq!(token_of(false), (false, false));
    let rule_of = |privileged: bool| {
        let holder = with(account("app", "1", "ada", "1042", "active"), "privileged", privileged);
        World::new()
            .has("accounts", holder)
            .keeps("integrations", rule("sync", "1", "enabled"))
            .line("app:owned.automation:sync")
            .privileged
    };
    assert!(rule_of(true) && !rule_of(false));
    let joins = |privileged: bool| {
        let group =
            json!({"record": "group", "id": "app/group/dev", "name": "dev", "privileged": privileged});
        let world =
            World::new().ada("active").keeps("groups", group).keeps("groups", member("dev", "account/1"));
        world.line("app:grant.direct:account/1->group/dev").privileged
    };
    assert!(joins(true) && !joins(false));
    let assumes = |privileged: bool| {
        let root = with(non_human("role", "workload"), "privileged", privileged);
        let world = World::new()
            .ada("active")
            .keeps("accounts", root)
            .keeps("groups", act_as("account/1", "role", "assume"));
        world.line("app:trust:account/1->account/role#assume").privileged
    };
    assert!(assumes(true) && !assumes(false));
}

/// An account that is signed in to through one of the leaver's is theirs too, unless it is a colleague's or in question.
#[test]
fn accounts_signed_in_to_through_another() {
    let inner = |more: Value| {
        let mut record = account("app", "9", "inner", "0", "active");
        record["keys"] = json!([]);
        record.as_object_mut().expect("an account").extend(more.as_object().expect("fields").clone());
        World::new().ada("active").keeps("accounts", record).keeps("groups", act_as("account/1", "9", "sso"))
    };
    let hers = |world: &World| found(world, "app:principal:9").map(|line| line.path.len());
    assert_eq!(hers(&inner(json!({}))), Some(2), "by way of her own account");
    let bens = json!({"keys": [{"kind": "employee_number", "value": "1043"}]});
    assert_eq!(hers(&inner(bens)), None, "a colleague's");
    assert_eq!(hers(&inner(json!({"display_name": "Ben"}))), None, "perhaps a colleague's");
    let both = json!({"keys": [{"kind": "employee_number", "value": "1042"}]});
    assert_eq!(hers(&inner(both)), Some(1), "hers anyway, by the shorter way");
    let mut other = inner(json!({}));
    for shown in [&mut other.before, &mut other.after, &mut other.now] {
        shown.get_mut(&("app", "groups")).expect("rows").retain(|row| row["how"] != "sso");
    }
    assert_eq!(hers(&other), None, "nothing leads there");
}

/// What a bot of the leaver's owns is theirs as the bot is: by the weaker of the two ties.
#[test]
fn what_a_bot_owns() {
    let by = |first: &str, second: &str| {
        let world = World::new()
            .ada("active")
            .keeps("accounts", non_human("bot", "service"))
            .keeps("accounts", non_human("other", "service"))
            .keeps("groups", owns("account/bot", "1", first))
            .keeps("groups", owns("integration/sync", "bot", second))
            .keeps("groups", owns("credential/key", "bot", second))
            .keeps("groups", owns("account/other", "bot", second))
            .keeps("integrations", rule("sync", "2", "enabled"))
            .keeps("credentials", token("key", "2", "active"));
        let key = world.line("app:token.user:key");
        assert_eq!(key.falls_to, 7, "it is the bot's");
        let others = ["app:owned.automation:sync", "app:owned.nhi:other"].map(|id| world.line(id).link);
        assert_eq!(others, [key.link; 2]);
        key.link
    };
    assert_eq!(by("owner", "owner"), LinkStrength::Owner);
    assert_eq!(by("owner", "creator"), LinkStrength::Creator);
    assert_eq!(by("creator", "owner"), LinkStrength::Creator);
}

/// Of several ties of one thing the closest is told, and every one of them has to go.
#[test]
fn several_ties_of_one_thing() {
    let world = |before: &[&str], since: &[&str]| {
        let mut world = World::new().ada("active").keeps("integrations", rule("sync", "2", "enabled"));
        for link in before {
            world = world.had("groups", owns("integration/sync", "1", link));
        }
        for link in since {
            world = world.has("groups", owns("integration/sync", "1", link));
        }
        world.has("groups", owns("integration/sync", "2", "owner")).line("app:owned.automation:sync")
    };
    let both = world(&["owner", "creator"], &["owner", "creator"]);
    assert_eq!((both.link, both.state), (LinkStrength::Owner, State::Live));
    assert_eq!(
        world(&["creator", "owner"], &["creator", "owner"]).link,
        LinkStrength::Owner,
        "in whatever order"
    );
    assert_eq!(world(&["owner", "creator"], &["creator"]).state, State::Gone, "who made it stays true");
    assert_eq!(world(&["owner", "sponsor"], &["sponsor"]).state, State::Live, "one of two is left");
    let runs = World::new()
        .ada("suspended")
        .keeps("integrations", rule("sync", "1", "enabled"))
        .keeps("groups", owns("integration/sync", "1", "owner"));
    assert_eq!(
        runs.line("app:owned.automation:sync").state,
        State::Latent,
        "it runs as her, also where she owns it"
    );
}

/// A secret that the leaver could read is theirs until it is replaced; whose the account is does not matter.
#[test]
fn secrets_that_could_be_read() {
    let read = |created: &str, before: bool| {
        let secret = with(token("shared", "2", "active"), "created", "2026-01-01T00:00:00Z");
        let new = with(token("shared", "2", "active"), "created", created);
        let mut world =
            World::new().ada("active").keeps("groups", owns("credential/shared", "1", "exposure"));
        if before {
            world = world.had("credentials", secret);
        }
        found(&world.has("credentials", new), "app:token.user:shared").map(|line| (line.state, line.falls_to))
    };
    assert_eq!(read("2026-01-01T00:00:00Z", true), Some((State::Live, 8)), "as it was");
    assert_eq!(read("2026-11-20T17:30:00Z", true), Some((State::Gone, 8)), "replaced since");
    assert_eq!(read("2026-11-20T17:30:00Z", false), None, "the leaver never saw the one before");
    let opens = |state: &str| {
        let secret = with(token("root-key", "2", state), "opens", json!(["app/account/root"]));
        let world = World::new()
            .ada("active")
            .keeps("accounts", non_human("root", "shared"))
            .keeps("groups", owns("credential/root-key", "1", "exposure"))
            .keeps("credentials", secret);
        found(&world, "app:owned.nhi:root").map(|line| (line.state, line.falls_to))
    };
    assert_eq!(opens("active"), Some((State::Live, 8)), "what it opens is open");
    assert_eq!(opens("revoked"), Some((State::Gone, 8)));
}

/// A key that opens her account and is nobody's by any record would outlive her, and be on no list.
#[test]
fn keys_to_her_account_that_are_nobodys() {
    let key = |holder: Option<&str>, opens: &str| {
        let mut key = with(token("key", "1", "active"), "opens", json!([format!("app/account/{opens}")]));
        key["holder"] =
            holder.map_or(Value::Null, |holder| json!({"object": format!("app/account/{holder}")}));
        key
    };
    let line =
        |world: World| found(&world, "app:token.user:key").map(|line| (line.state, line.link, line.falls_to));
    let own = |state: &str, key: Value| line(World::new().ada(state).keeps("credentials", key));
    assert_eq!(own("active", key(None, "1")), Some((State::Live, LinkStrength::SamePerson, 5)));
    assert_eq!(
        own("suspended", key(None, "1")),
        Some((State::Live, LinkStrength::SamePerson, 5)),
        "it need not act as her"
    );
    assert_eq!(own("active", with(key(None, "1"), "state", "revoked")).map(|line| line.0), Some(State::Gone));
    assert_eq!(own("active", key(Some("2"), "1")), None, "a colleague's is a colleague's");
    assert_eq!(own("active", key(None, "2")), None, "and opens only his account");
    let owned = World::new().ada("active").keeps("groups", owns("credential/key", "2", "owner"));
    assert_eq!(line(owned.keeps("credentials", key(None, "1"))), None, "one that a colleague owns, too");
    let path =
        World::new().ada("active").keeps("credentials", key(None, "1")).line("app:token.user:key").path;
    assert_eq!(path.last().map(|step| step.how.as_str()), Some("is opened by"));
    let bot = World::new().ada("active").keeps("accounts", non_human("bot", "service"));
    let bot = bot.keeps("groups", owns("account/bot", "1", "owner")).keeps("credentials", key(None, "bot"));
    assert_eq!(line(bot), Some((State::Live, LinkStrength::Owner, 7)), "a bot of hers may be opened by it");
}

/// A bot that is owned *and* whose secret is known is the owner's step; one whose secret is merely known is a shared secret.
#[test]
fn known_or_owned() {
    let bot = |ties: &[Value]| {
        let mut world = World::new()
            .ada("active")
            .keeps("accounts", non_human("bot", "service"))
            .keeps("credentials", token("bot-key", "bot", "active"));
        for tie in ties {
            world = world.keeps("groups", tie.clone());
        }
        found(&world, "app:owned.nhi:bot").map(|line| line.falls_to)
    };
    let knows = act_as("account/1", "bot", "knows_secret");
    assert_eq!(bot(&[owns("account/bot", "1", "owner")]), Some(7));
    assert_eq!(bot(std::slice::from_ref(&knows)), Some(8));
    assert_eq!(bot(&[owns("account/bot", "1", "owner"), knows]), Some(7));
    assert_eq!(bot(&[owns("account/bot", "1", "exposure")]), Some(8));
    assert_eq!(bot(&[]), None);
    let human = World::new().ada("active").keeps("groups", owns("account/2", "1", "owner"));
    assert_eq!(found(&human, "app:owned.nhi:2"), None, "a colleague is nobody's");
    let stranger = account("app", "9", "stranger", "9999", "active");
    let stranger = World::new()
        .ada("active")
        .keeps("accounts", stranger)
        .keeps("groups", owns("account/9", "1", "owner"));
    assert_eq!(found(&stranger, "app:owned.nhi:9"), None, "nor is a person whom nobody knows");
    let bens =
        with(non_human("22", "service"), "keys", json!([{"kind": "employee_number", "value": "1043"}]));
    let bens =
        World::new().ada("active").keeps("accounts", bens).keeps("groups", owns("account/22", "1", "owner"));
    assert_eq!(found(&bens, "app:owned.nhi:22"), None, "nor an account that is a colleague's by its number");
}

/// A way that no two snapshots show whole at one time was never a way.
#[test]
fn ways_that_were_never_open() {
    let vault = "app:grant.inherited:account/1->resource/vault#admin";
    let mut apart = World::new().ada("active").had("groups", member("dev", "account/1"));
    apart.now.entry(("app", "groups")).or_default().push(grant("group/dev", "vault", "admin"));
    assert_eq!(
        found(&apart, vault).map(|line| line.state),
        None,
        "she was out before the group was granted anything"
    );
    let mut met = World::new().ada("active").had("groups", member("dev", "account/1"));
    met.manifest["proof"]["grant.direct"]["settle"] = json!("0s");
    met.after.entry(("app", "groups")).or_default().push(member("dev", "account/1"));
    for shown in [&mut met.after, &mut met.now] {
        shown.entry(("app", "groups")).or_default().push(grant("group/dev", "vault", "admin"));
    }
    assert_eq!(found(&met, vault).map(|line| line.state), Some(State::Gone), "open for a while, and gone");
    let before = World::new()
        .ada("active")
        .had("groups", member("dev", "account/1"))
        .keeps("groups", grant("group/dev", "vault", "admin"));
    assert_eq!(found(&before, vault).map(|line| line.state), Some(State::Gone));
}

/// A trust is judged as the manifest says of trusts, and like other entitlements where it says nothing of them.
#[test]
fn what_a_blocked_account_does_to_a_trust() {
    let trust = "app:trust:account/1->account/role#assume";
    let world = |rule: Value| {
        let mut world = World::new()
            .ada("suspended")
            .keeps("accounts", non_human("role", "workload"))
            .keeps("groups", act_as("account/1", "role", "assume"));
        if !rule.is_null() {
            world.manifest["kills"]["trust"] = rule;
        }
        found(&world, trust).map(|line| line.state)
    };
    assert_eq!(world(Value::Null), Some(State::Latent), "as entitlements sleep");
    assert_eq!(world(json!({"suspended": "survives", "source": "small"})), Some(State::Live));
    assert_eq!(
        world(json!({"disabled": "latent", "source": "small"})),
        Some(State::Unknown),
        "not stated of this state"
    );
}

/// A shared secret is looked up with the leaver's own account: while that sleeps, so does the way, and what was known stays known.
#[test]
fn the_way_to_a_shared_secret() {
    let world = |state: &str, replaced: bool| {
        let created = if replaced { "2026-11-20T17:30:00Z" } else { "2026-01-01T00:00:00Z" };
        let world = World::new()
            .ada(state)
            .keeps("accounts", non_human("root", "shared"))
            .keeps("groups", act_as("account/1", "root", "knows_secret"))
            .had("credentials", token("password", "root", "active"))
            .has("credentials", with(token("password", "root", "active"), "created", created));
        found(&world, "app:owned.nhi:root").map(|line| line.state)
    };
    assert_eq!(world("active", true), Some(State::Live), "she can look it up again");
    assert_eq!(world("suspended", true), Some(State::Gone), "she cannot, and it is another one now");
    assert_eq!(world("suspended", false), Some(State::Live), "she knows it still");
}
