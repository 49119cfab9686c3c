//! Properties over generated small worlds: less seen is never better, order carries no meaning, the same values
//! give the same bytes, and neither a claim nor an owner changes a fact.

use std::collections::{BTreeMap, BTreeSet};

use exeunt_model::verdict::{Conclusion, VerdictDocument};
use exeunt_model::{Digest, Outcome, PartialReason, Snapshot, State, canonical};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::{Value, json};

use crate::small_world::{World, account, grant, member, non_human, owns, rule, token};

/// One thing of a world: which, at which of the three moments it is shown, and in which of its states.
type Thing = (usize, u8, usize);

const THINGS: usize = 23;

/// A record of the application by number, and the read that shows it.
fn thing(number: usize, variant: usize) -> (&'static str, Value) {
    let pick = |states: &[&'static str]| states[variant % states.len()];
    let credential = pick(&["active", "inactive", "revoked", "unknown"]);
    let mut fresh = token("bot-2", "bot", credential);
    fresh["created"] = json!("2026-11-20T17:30:00Z");
    let act_as = |actor: &str, target: &str, how: &str| {
        json!({
            "record": "act_as", "actor": {"object": format!("app/{actor}")}, "target": format!("app/account/{target}"),
            "how": how, "reason": "generated",
        })
    };
    let with_state = |mut record: Value, state: &str| {
        record["state"] = json!(state);
        record
    };
    let account_state = pick(&["active", "suspended", "disabled", "locked", "deleted", "unknown"]);
    match number {
        0 => ("accounts", account("app", "1", "ada", "1042", account_state)),
        1 => ("accounts", with_state(non_human("bot", "service"), account_state)),
        2 => ("accounts", with_state(non_human("root", "shared"), account_state)),
        3 => ("accounts", non_human("role", "workload")),
        4 => ("groups", member("dev", "account/1")),
        5 => ("groups", member("all", "group/dev")),
        6 => ("groups", member("dev", "group/all")),
        7 => ("groups", member("ops", "account/1")),
        8 => ("groups", grant("group/all", "vault", "admin")),
        9 => ("groups", grant("group/ops", "vault", "admin")),
        10 => ("groups", grant("account/1", "repo", "write")),
        11 => ("groups", owns("account/bot", "1", pick(&["owner", "creator", "token_holder"]))),
        12 => ("groups", owns("account/bot", "2", "owner")),
        13 => ("groups", act_as("account/1", "root", "knows_secret")),
        14 => ("groups", act_as("group/ops", "role", "assume")),
        15 => ("groups", grant("account/role", "bucket", "read")),
        16 => ("credentials", token("pat", "1", credential)),
        17 => ("credentials", token("bot-1", "bot", credential)),
        18 => ("credentials", fresh),
        19 => ("credentials", token("password", "root", credential)),
        20 => ("integrations", rule("sync", pick(&["1", "2"]), pick(&["enabled", "enabled", "disabled"]))),
        21 => ("of_account[1]", token("app-password", "1", credential)),
        _ => ("groups", owns("integration/sync", pick(&["1", "2"]), "owner")),
    }
}

fn build((things, settle, deleted): &Plan) -> World {
    let mut world = World::new();
    // A system shows one object once, in one state.
    let mut known = BTreeSet::new();
    for (number, moments, variant) in things.iter().filter(|thing| known.insert(thing.0)) {
        for (place, shown) in [&mut world.before, &mut world.after, &mut world.now].into_iter().enumerate() {
            if moments & (1 << place) != 0 {
                // A thing may change between moments.
                let (read, record) = thing(*number, variant + if place == 2 { variant / 7 } else { 0 });
                shown.entry(("app", read)).or_default().push(record);
            }
        }
    }
    // What is read for each account is read for those that are listed.
    for shown in [&mut world.before, &mut world.after, &mut world.now] {
        if shown[&("app", "accounts")].iter().any(|account| account["id"] == "app/account/1") {
            shown.entry(("app", "of_account[1]")).or_default();
        } else {
            shown.remove(&("app", "of_account[1]"));
        }
    }
    for rule in world.manifest["proof"].as_object_mut().expect("rules").values_mut() {
        rule["settle"] = json!(["0s", "5m", "3h"][*settle]);
    }
    for kind in ["token.user", "grant.direct"] {
        world.manifest["kills"][kind]["deleted"] = json!(["dies", "survives", "latent"][*deleted]);
    }
    world.ticket = Some(vec![json!({
        "record": "document", "id": "jira/document/1", "doc_type": "ticket", "key": "OFF-1", "at": "2026-11-19T09:00:00Z",
    })]);
    // Without a baseline nobody can know what was lost with it: policy decides, here strictly.
    world.policy.require_baseline = true;
    world
}

/// What a world is built from; small enough to read when a property fails.
type Plan = (Vec<Thing>, usize, usize);

fn plans() -> impl Strategy<Value = Plan> {
    let things = prop::collection::vec((0..THINGS, 1_u8..8, 0_usize..24), 0..14);
    (things, 0_usize..3, 0_usize..3)
}

/// A way to see less.
#[derive(Debug, Clone, Copy)]
enum Loss {
    /// A read turns out partial; what it showed is kept.
    Partial,
    /// A read of the newest snapshot is partial, and rows are lost.
    Rows(u8),
    /// A read of the newest snapshot is not made.
    Read,
    /// The control is not seen.
    Control,
}

fn lose(history: &mut [Snapshot], loss: Loss, which: usize, read: usize) {
    let newest = matches!(loss, Loss::Rows(_) | Loss::Read);
    let place = if newest { history.len() - 1 - which % 2 } else { which % history.len() };
    let Some(snapshot) = history.get_mut(place) else { return };
    let reads = snapshot.reads.len();
    let Some(hit) = snapshot.reads.get_mut(read % reads.max(1)) else { return };
    // One scope of many left out without a receipt is a collector that lies; refused, it has a receipt.
    let loss = match loss {
        Loss::Read if !hit.receipt.scope.is_empty() => Loss::Rows(0),
        loss => loss,
    };
    let refused = || Outcome::Partial { reason: PartialReason::Forbidden, detail: "403".to_owned() };
    match loss {
        Loss::Partial => hit.receipt.outcome = refused(),
        Loss::Rows(mask) => {
            hit.receipt.outcome = refused();
            let mut row = 0;
            hit.records.retain(|_| {
                row += 1;
                mask & (1 << (row % 8)) != 0
            });
        }
        Loss::Control => {
            hit.receipt.control = exeunt_model::receipt::PositiveControl::NotSeen("lost".to_owned());
        }
        Loss::Read => {
            snapshot.reads.remove(read % reads);
        }
    }
}

fn losses() -> impl Strategy<Value = (Loss, usize, usize)> {
    let loss = prop_oneof![
        3 => Just(Loss::Partial),
        3 => any::<u8>().prop_map(Loss::Rows),
        2 => Just(Loss::Read),
        1 => Just(Loss::Control),
    ];
    (loss, 0_usize..6, 0_usize..5)
}

/// Cells of a register: domain, system, thing, owner, and when in force.
fn registers() -> impl Strategy<Value = Vec<Value>> {
    let domains = ["identity_lifecycle", "application_entitlement", "integration_revocation"];
    let owners = json!([
        "Some team", "ada@halden.example", "ben@halden.example", {"team": "Two", "members": ["ada@halden.example", "Ben"]},
        {"person": "Nobody", "email": "nobody@halden.example"}, {"login": {"system": "app", "login": "ada"}},
    ]);
    let systems = ["*", "app", "dir"];
    let things = ["", "app/account/1", "app/resource/vault", "sync", "pat", "app/account/bot"];
    let cell = (0_usize..3, 0_usize..3, 0_usize..6, 0_usize..6, 0_usize..6, 0_usize..3);
    let cell = cell.prop_map(move |(domain, system, thing, owner, deputy, when)| {
        let mut cell = json!({
            "domain": domains[domain], "system": systems[system], "owner": owners[owner],
            "deputies": [owners[deputy]], "escalation": {"to": owners[(owner + deputy) % 6]}, "deadline": "1h",
        });
        if system > 0 && thing > 0 {
            cell["resource"] = json!(things[thing]);
        }
        match when {
            1 => cell["until"] = json!("2026-11-20T19:00:00Z"),
            2 => cell["from"] = json!("2026-11-20T19:00:00Z"),
            _ => {}
        }
        cell
    });
    prop::collection::vec(cell, 0..8)
}

fn states(verdict: &VerdictDocument) -> BTreeMap<&str, State> {
    verdict.obligations.iter().map(|line| (line.id.as_str(), line.state)).collect()
}

/// The lines of a verdict without what the ticket says of them. An approval by whoever did the work fails the first control
/// point, and whoever answers for that is named as well; those are left out too.
fn facts(verdict: &VerdictDocument) -> Vec<exeunt_model::verdict::Obligation> {
    let mut lines = verdict.obligations.clone();
    for line in &mut lines {
        line.claims.clear();
        line.timeline.clear();
        line.accountable.retain(|answers| !answers.why.starts_with("Control point 1 "));
    }
    lines
}

/// Something that a ticket may say.
fn document(n: usize, sort: usize, way: usize, minute: u8) -> Value {
    const SORTS: [&str; 10] = [
        "subtask",
        "linked_issue",
        "checklist_item",
        "comment",
        "approval",
        "change",
        "form",
        "request",
        "comment",
        "change",
    ];
    const WORDS: [&str; 6] = [
        "App account ada",
        "app account ben",
        "token `pat` in the app",
        "all access removed",
        "approved",
        "elsewhere",
    ];
    let done = way.is_multiple_of(2);
    json!({
        "record": "document", "id": format!("jira/document/{}", n + 10), "doc_type": SORTS[sort % SORTS.len()],
        "parent": format!("jira/document/{}", if way.is_multiple_of(3) { 1 } else { 10 }), "title": WORDS[way % WORDS.len()],
        "text": WORDS[(way + 3) % WORDS.len()], "status": {"id": way.to_string(), "name": "status", "done": done},
        "done": if way.is_multiple_of(5) { Value::Null } else { json!(done) }, "at": format!("2026-11-20T{}:{minute:02}:00Z", 16 + way % 5),
        "author": {"object": format!("app/account/{}", way % 4)}, "changed": ["status", "summary"],
        "stated_actor": if way.is_multiple_of(7) { json!("Cy") } else { Value::Null },
        "stated_through": if way.is_multiple_of(4) { json!("sync") } else { Value::Null },
        "author_kind": if way.is_multiple_of(6) { json!("workload") } else { Value::Null },
        "fields": {"systems": WORDS[way % WORDS.len()], "updated": format!("2026-11-20T19:{minute:02}:00Z")},
        "links": [format!("jira/document/{}", way + 10)],
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1500,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(20_261_120),
        ..ProptestConfig::default()
    })]

    /// A reader that loses a permission, a page or a whole read must never make a leaver look cleaner. (A whole
    /// snapshot withheld is another matter: that is what the log's completeness is for.)
    #[test]
    fn less_seen_is_never_better(plan in plans(), losses in prop::collection::vec(losses(), 1..4)) {
        let world = build(&plan);
        let whole = world.history();
        let mut less = whole.clone();
        for (loss, which, read) in losses {
            lose(&mut less, loss, which, read);
        }
        let before = world.judge_history(&whole).expect("a verdict");
        let Ok(after) = world.judge_history(&less) else { return Ok(()) };
        let known = states(&before);
        for line in &after.obligations {
            if line.state == State::Gone {
                let was = known.get(line.id.as_str()).copied().unwrap_or(State::Gone);
                prop_assert_eq!(was, State::Gone, "{} became gone: {}", line.id, line.because);
            }
        }
        if after.verdict == Conclusion::Clear {
            prop_assert_eq!(before.verdict, Conclusion::Clear);
        }
    }

    /// Neither the order of snapshots, nor of reads, nor of rows carries meaning; and two runs are one.
    #[test]
    fn order_does_not_matter(plan in plans(), turn in 0_usize..7) {
        let world = build(&plan);
        let history = world.history();
        let ids: Vec<Digest> = history.iter().map(|s| s.id().expect("an id")).collect();
        let mut turned: Vec<(Snapshot, Digest)> = history.iter().cloned().zip(ids.clone()).collect();
        let places = turned.len();
        turned.rotate_left(turn % places);
        turned.reverse();
        for (snapshot, _) in &mut turned {
            snapshot.reads.reverse();
            for read in &mut snapshot.reads {
                read.records.reverse();
                let rows = read.records.len().max(1);
                read.records.rotate_left(turn % rows);
            }
        }
        let (turned, turned_ids): (Vec<Snapshot>, Vec<Digest>) = turned.into_iter().unzip();
        let one = canonical::bytes(&world.judge_with(&history, &ids).expect("a verdict")).expect("json");
        let again = canonical::bytes(&world.judge_history(&history).expect("a verdict")).expect("json");
        let other = canonical::bytes(&world.judge_with(&turned, &turned_ids).expect("a verdict")).expect("json");
        prop_assert_eq!(&one, &again);
        prop_assert_eq!(String::from_utf8(one), String::from_utf8(other));
    }

    /// Every line has an id of its own, a reason and a next step; only what is open has a break and an owner.
    #[test]
    fn lines_are_whole(plan in plans()) {
        let verdict = build(&plan).judge();
        let mut ids: Vec<&str> = verdict.obligations.iter().map(|line| line.id.as_str()).collect();
        let lines = ids.len();
        ids.sort_unstable();
        ids.dedup();
        prop_assert_eq!(ids.len(), lines);
        for line in &verdict.obligations {
            prop_assert!(!line.because.is_empty() && !line.next_step.is_empty() && !line.path.is_empty(), "{}", line.id);
            prop_assert_eq!(line.state == State::Gone, line.control_point.is_none());
            prop_assert_eq!(line.state == State::Gone, line.accountable.is_empty());
            if line.state == State::Gone {
                prop_assert!(line.grade >= exeunt_model::Grade::E3 && !line.evidence.is_empty(), "{}: {}", line.id, line.because);
            }
        }
    }
}

proptest! {
    // A ticket of ten documents is compared with every line: as much work in fewer cases.
    #![proptest_config(ProptestConfig {
        cases: 2000,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(20_261_120),
        ..ProptestConfig::default()
    })]

    /// Whatever a ticket says, of whomever, in whatever order and by whatever hand, moves no state, no grade and nobody who
    /// answers for a break; it changes what is said of claims, the timeline, who approved, and the governance.
    #[test]
    fn claims_change_no_state(plan in plans(), said in prop::collection::vec((0_usize..10, 0_usize..12, 0_u8..60), 0..10)) {
        let mut loud = build(&plan);
        let mut silent = loud.clone();
        silent.ticket = None;
        for world in [&mut silent, &mut loud] {
            world.workflow["links"] = json!([]);
            world.workflow["systems_fields"] = json!(["systems"]);
            world.workflow["approval_phrases"] = json!(["approved"]);
            world.workflow["claims"] = json!([{"words": "app", "system": "app"}, {"words": "elsewhere", "system": "elsewhere"}]);
        }
        let documents = said.iter().enumerate().map(|(n, (sort, way, minute))| document(n, *sort, *way, *minute));
        loud.ticket.get_or_insert_default().extend(documents);
        let (silent, loud) = (silent.judge(), loud.judge());
        prop_assert_eq!(facts(&silent), facts(&loud));
        let points = |verdict: &VerdictDocument| verdict.control_points.iter().skip(1).cloned().collect::<Vec<_>>();
        prop_assert_eq!(points(&silent), points(&loud));
        prop_assert_eq!((silent.gaps, silent.blind_spots, silent.disputed), (loud.gaps, loud.blind_spots, loud.disputed));
    }

    /// Waiting makes no observation better: as time goes on, proofs age and rechecks fall due, and nothing is gone, or
    /// clear, that was not before.
    #[test]
    fn time_only_ages(plan in plans(), hours in 1_i64..400) {
        let mut world = build(&plan);
        let soon = world.judge();
        world.later = exeunt_model::Duration::from_hours(hours);
        let late = world.judge();
        let before = states(&soon);
        for line in &late.obligations {
            // What ends by itself at a stated time does so without anybody looking.
            if line.state == State::Gone && !line.because.contains("It ended with") {
                prop_assert_eq!(before.get(line.id.as_str()), Some(&State::Gone), "{}: {}", line.id, line.because);
            }
        }
        if late.verdict == Conclusion::Clear {
            prop_assert_eq!(soon.verdict, Conclusion::Clear);
        }
    }

    /// Whatever is accepted stays on the list, and nothing else changes its state for it.
    #[test]
    fn waivers_hide_no_line(plan in plans(), picks in prop::collection::vec(any::<prop::sample::Index>(), 1..4)) {
        let mut world = build(&plan);
        let without = world.judge();
        for pick in picks.iter().filter(|_| !without.obligations.is_empty()) {
            let line = &without.obligations[pick.index(without.obligations.len())];
            world.policy.waivers.push(exeunt_model::policy::Waiver {
                obligation: line.id.clone(),
                case: "OFF-1".to_owned(),
                approver: "Cleo".to_owned(),
                also: Vec::new(),
                reason: "generated".to_owned(),
                expires: crate::small_world::time("2027-01-01T00:00:00Z"),
            });
        }
        let with = world.judge();
        let known = states(&without);
        prop_assert_eq!(known.len(), with.obligations.len());
        for line in &with.obligations {
            let was = known.get(line.id.as_str()).copied();
            let waived = world.policy.waivers.iter().any(|waiver| waiver.obligation == line.id);
            let accepted = waived && was != Some(State::Gone);
            prop_assert_eq!(line.state, if accepted { State::Waived } else { was.unwrap_or(State::Waived) }, "{}", line.id);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1500,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(20_261_120),
        ..ProptestConfig::default()
    })]

    /// Who answers is asked when all is judged: no register, however full of holes or of owners, moves a state, a
    /// control point, a gap or the conclusion.
    #[test]
    fn owners_change_no_state(plan in plans(), cells in registers()) {
        let mut nobody = build(&plan);
        nobody.owners = json!({"owners": []});
        let mut owned = nobody.clone();
        owned.owners = json!({ "owners": cells });
        let (nobody, owned) = (nobody.judge(), owned.judge());
        prop_assert_eq!(states(&nobody), states(&owned));
        prop_assert_eq!(nobody.verdict, owned.verdict);
        prop_assert_eq!(&nobody.control_points, &owned.control_points);
        prop_assert_eq!(&nobody.gaps, &owned.gaps);
        for (line, other) in nobody.obligations.iter().zip(&owned.obligations) {
            let mut other = other.clone();
            other.accountable.clone_from(&line.accountable);
            prop_assert_eq!(line, &other);
        }
    }
}
