//! What was read, indexed: what counts of it, in which order, and by which names it is found.

use exeunt_model::{Ref, Snapshot, SystemId};
use serde_json::{Value, json};

use super::{Estate, Held, Sighting, only};
use crate::Inputs;
use crate::small_world::{World, account, non_human, rule, time, token};

fn object(text: &str) -> Ref {
    text.parse().expect("a reference")
}

fn system(name: &str) -> SystemId {
    SystemId::new(name).expect("a system")
}

fn indexed<T>(history: &[Snapshot], question: impl FnOnce(&Estate<'_>, &Inputs<'_>) -> T) -> T {
    World::new().ask(history, &[], |inputs| question(&Estate::new(inputs).expect("digests"), inputs))
}

/// A snapshot of the application that ended at this time: reads by name, end, outcome, and what they show.
fn shown(ended: &str, reads: &[(&str, &str, bool, Vec<Value>)]) -> Snapshot {
    let refused = json!({"partial": {"reason": "forbidden", "detail": "403"}});
    let reads: Vec<Value> = reads
        .iter()
        .map(|(read, at, whole, records)| {
            json!({
                "receipt": {
                    "system": "app", "read": read, "scope": "", "endpoint": "GET /", "permission": "read", "pages": 1,
                    "rows": records.len(), "statuses": [200], "started": at, "ended": at, "exchanges": [],
                    "control": {"seen": "a row"}, "outcome": if *whole { json!("complete") } else { refused.clone() },
                },
                "records": records,
            })
        })
        .collect();
    let snapshot = json!({
        "version": 1, "system": "app", "connector": "small", "manifest": exeunt_model::Digest::of(b"small"),
        "started": "2026-11-20T08:00:00Z", "ended": ended, "reads": reads,
    });
    serde_json::from_value(snapshot).expect("a snapshot")
}

const EARLY: &str = "2026-11-20T08:00:00Z";
const LATE: &str = "2026-11-20T08:10:00Z";

/// A bot as one read shows it.
fn bot(login: &str) -> Value {
    let mut bot = non_human("bot", "service");
    bot["login"] = json!(login);
    bot
}

/// What is told of a thing has to be what was read of it last, whatever the reads are called and however rows came.
#[test]
fn sightings_stand_in_the_order_of_time() {
    let reads = [
        ("accounts", LATE, true, vec![bot("later"), bot("last")]),
        ("groups", EARLY, true, vec![bot("first")]),
        ("members", LATE, true, vec![bot("beside")]),
    ];
    indexed(&[shown(LATE, &reads)], |estate, _| {
        let seen = estate.sightings(&object("app/account/bot"));
        let login = |sighting: &Sighting<'_>| sighting.record.clone();
        let logins: Vec<String> =
            seen.iter().map(|s| serde_json::to_value(login(s)).expect("JSON")["login"].to_string()).collect();
        assert_eq!(logins, ["\"first\"", "\"last\"", "\"later\"", "\"beside\""]);
        assert_eq!(estate.name(&object("app/account/bot")), "later", "of the latest, the greatest record");
    });
}

/// A read that failed once and was whole once was not whole: what it did not show may be there.
#[test]
fn of_a_scope_that_was_read_twice_the_worse_counts() {
    let rows = |n: usize| (0..n).map(|at| bot(&format!("b{at}"))).collect::<Vec<_>>();
    for (first, second, kept) in [(true, false, 2), (false, true, 1), (false, false, 1), (true, true, 1)] {
        let twice = [("accounts", EARLY, first, rows(1)), ("accounts", EARLY, second, rows(2))];
        indexed(&[shown(LATE, &twice)], |estate, _| {
            let (_, held) = estate.newest(&system("app")).expect("a snapshot");
            let rows = held.receipt("accounts", "").map(|receipt| receipt.rows);
            assert_eq!(rows, Some(kept), "{first} {second}");
        });
    }
}

/// A snapshot from after the moment that is judged must not change what is said of it; one that is held twice is one.
#[test]
fn what_of_a_history_counts() {
    let as_of = World::new().ask(&[], &[], |inputs| inputs.as_of);
    let at = |ended: exeunt_model::Timestamp, login: &str| {
        let ended = ended.to_string();
        shown(&ended, &[("accounts", &ended, true, vec![bot(login)])])
    };
    let second = exeunt_model::Duration::from_secs(1);
    let then = as_of.checked_add(second).expect("a time");
    let mut elsewhere = at(as_of, "elsewhere");
    elsewhere.system = system("other");
    let history =
        [at(time(LATE), "old"), at(time(LATE), "old"), at(as_of, "now"), at(then, "after"), elsewhere];
    indexed(&history, |estate, _| {
        let systems: Vec<(&str, usize)> =
            estate.systems().map(|(of, all)| (of.as_str(), all.len())).collect();
        assert_eq!(systems, [("app", 2)]);
        assert_eq!(estate.name(&object("app/account/bot")), "now", "what ended at this moment counts");
    });
}

/// Who used a thing first and last is read off its log: each entry once, oldest first, whichever read showed it.
#[test]
fn a_log_is_told_once_and_in_order() {
    let event = |id: &str, at: &str| {
        json!({
            "record": "event", "id": format!("app/event/{id}"), "at": at, "action": "used", "subject": "app/account/bot",
            "actor": {"login": "ada"}, "detail": "",
        })
    };
    let reads = [
        ("groups", EARLY, true, vec![event("1", LATE), event("2", EARLY)]),
        ("log", EARLY, true, vec![event("1", LATE)]),
    ];
    indexed(&[shown(LATE, &reads)], |estate, _| {
        let told: Vec<_> = estate.events(&object("app/account/bot")).iter().map(|event| event.at).collect();
        assert_eq!(told, [time(EARLY), time(LATE)]);
    });
}

fn ids(found: &[&Ref]) -> Vec<String> {
    found.iter().map(|object| object.id.clone()).collect()
}

/// A claim about something nobody can find by its name is a claim about nothing.
#[test]
fn what_goes_by_a_name() {
    let mut ada = account("app", "9", "Ada", "1042", "active");
    ada["emails"] = json!([{"address": "Desk@halden.example", "verified": false}]);
    ada["aliases"] = json!(["ADA"]);
    let mut pat = token("pat", "9", "active");
    pat["name"] = json!("desk");
    let mut desk = account("app", "2", "DESK", "1", "active");
    desk["emails"] = json!([{"address": "sync@halden.example", "verified": true}]);
    let records = vec![
        ada,
        account("app", "1", "ada", "1042", "active"),
        desk,
        pat,
        rule("sync", "9", "enabled"),
        json!({"record": "group", "id": "app/group/0", "name": "Desk"}),
    ];
    indexed(&[shown(LATE, &[("accounts", EARLY, true, records)])], |estate, _| {
        let (_, held): (usize, &Held<'_>) = estate.newest(&system("app")).expect("a snapshot");
        assert_eq!(ids(&held.called("desk")), ["2", "0", "pat"], "a login, a group and a token");
        assert_eq!(ids(&held.called("ADA")), ["1", "9"], "once, though it has the name twice");
        assert_eq!(ids(&held.called("desk@HALDEN.example")), ["9"], "by its address");
        assert_eq!(ids(&held.called("SYNC")), ["sync"], "an integration");
        let login = |login: &str| held.login(login).map(|object| object.id.as_str());
        assert_eq!(login("Ada"), Some("9"), "the spelling decides between two");
        assert_eq!(login("ada"), Some("1"));
        assert_eq!(login("AdA"), None, "two are not chosen between");
        assert_eq!(login("desk"), Some("2"), "one is found in any spelling");
    });
}

/// An account whose login is a number is spoken of by its first address, else by its name.
#[test]
fn the_name_people_use() {
    let numbered = |id: &str, more: Value| {
        let mut one = account("app", id, id, "0", "active");
        one.as_object_mut().expect("an account").extend(more.as_object().expect("fields").clone());
        one
    };
    let emails = json!([{"address": "b@halden.example", "verified": false}, {"address": "a@halden.example", "verified": true}]);
    let records = vec![
        numbered("17", json!({"emails": emails, "display_name": "Ada"})),
        numbered("18", json!({"display_name": "Ben"})),
        numbered("19", json!({})),
    ];
    indexed(&[shown(LATE, &[("accounts", EARLY, true, records)])], |estate, _| {
        let names: Vec<String> = ["17", "18", "19", "20"]
            .map(|id| estate.name(&object(&format!("app/account/{id}"))).to_owned())
            .into();
        assert_eq!(names, ["b@halden.example", "Ben", "19", "20"]);
    });
}

/// Two who have one name are nobody in particular; one who is shown twice is one.
#[test]
fn the_only_one() {
    assert_eq!(only([7, 7, 7].into_iter()), Some(7));
    assert_eq!(only([7, 7, 8].into_iter()), None);
    assert_eq!(only([0_u8; 0].into_iter()), None);
}
