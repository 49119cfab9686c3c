//! The verdict over a slice is the verdict over everything.

mod rare;

use exeunt_model::case::{Case, SubjectClaim};
use exeunt_model::{Digest, Record, Snapshot, Who, canonical};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::{Value, json};

use super::tangled::{build, plans, who};
use super::{InMemory, Parts, slice};
use crate::inputs::Inputs;
use crate::judge::Prepared;
use crate::small_world::{DEPARTED, World, grant, member, time};

fn case(who: Vec<Who>) -> Case {
    Case {
        id: "OFF-1".to_owned(),
        subject: SubjectClaim { who, said_by: "argument".to_owned() },
        departed: Some(time(DEPARTED)),
        ticket_system: None,
    }
}

fn judged(inputs: &Inputs<'_>, case: &Case) -> Result<String, String> {
    let verdict = Prepared::new(*inputs).expect("digests").judge(case, inputs.ticket);
    let verdict = verdict.map_err(|error| error.to_string())?;
    Ok(String::from_utf8(canonical::bytes(&verdict).expect("JSON")).expect("text"))
}

/// The verdicts over the whole, over one slice for all cases, and over a slice for each.
fn told(world: &World, cases: &[Case]) -> Vec<[Result<String, String>; 3]> {
    let history = world.history();
    let ids: Vec<Digest> = history.iter().map(|snapshot| snapshot.id().expect("an id")).collect();
    world.ask(&history, &ids, |inputs| {
        let cut = |cases: &[&Case]| -> Vec<Snapshot> {
            let cases: Vec<_> = cases.iter().map(|case| (*case, inputs.ticket)).collect();
            slice(inputs, &cases, &InMemory::new(inputs.history)).expect("a slice")
        };
        let all = cut(&cases.iter().collect::<Vec<_>>());
        let each = |case: &Case| {
            let own = cut(&[case]);
            [&history, &all, &own].map(|history| judged(&Inputs { history, ..*inputs }, case))
        };
        cases.iter().map(each).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1500,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(20_261_126),
        ..ProptestConfig::default()
    })]

    /// What a slice leaves out must not be missed by any verdict: a survivor, a namesake, an owner's owner.
    #[test]
    fn the_verdict_is_that_over_everything(plan in plans(), first in 0_u8..24, second in 0_u8..24) {
        let named = |which| serde_json::from_value::<Who>(who(which)).expect("somebody");
        let ada = serde_json::from_value::<Who>(json!({"object": "dir/identity/1"})).expect("somebody");
        let cases = [case(vec![ada]), case(vec![named(first)]), case(vec![named(second), named(first)])];
        for [whole, all, own] in told(&build(&plan), &cases) {
            prop_assert_eq!(&whole, &all);
            prop_assert_eq!(&whole, &own);
        }
    }
}

/// A slice that keeps everything would prove nothing, and cost as much as the whole.
#[test]
fn what_is_nobodys_concern_is_left_out() {
    let world = World::new()
        .ada("active")
        .keeps("groups", member("dev", "account/1"))
        .keeps("groups", member("dev", "account/2"))
        .keeps("groups", grant("group/dev", "vault", "admin"))
        .keeps("groups", grant("account/2", "repo", "write"))
        .keeps("groups", member("ops", "account/2"));
    let history = world.history();
    let kept = world.ask(&history, &[], |inputs| {
        let cut = slice(inputs, &[(inputs.case, None)], &InMemory::new(inputs.history)).expect("a slice");
        serde_json::to_value(&cut).expect("JSON")
    });
    let text = kept.to_string();
    assert!(text.contains("app/account/1") && text.contains("app/resource/vault"));
    for other in ["app/account/2", "app/resource/repo", "app/group/ops", "dir/identity/2"] {
        assert!(!text.contains(other), "{other} is kept");
    }
    let receipts = |value: &Value| -> Vec<Value> {
        let snapshots = value.as_array().into_iter().flatten();
        snapshots
            .flat_map(|s| s["reads"].as_array().into_iter().flatten().map(|r| r["receipt"].clone()))
            .collect()
    };
    assert_eq!(receipts(&kept), receipts(&serde_json::to_value(&history).expect("JSON")));
}

/// Each read in two parts, and of two snapshots that showed the same one part for both.
struct InHalves<'h> {
    history: &'h [Snapshot],
    shown_by: Vec<Vec<(usize, usize)>>,
}

impl<'h> InHalves<'h> {
    fn new(history: &'h [Snapshot]) -> Self {
        let mut shown_by: Vec<Vec<(usize, usize)>> = Vec::new();
        for (at, snapshot) in history.iter().enumerate() {
            for (place, read) in snapshot.reads.iter().enumerate() {
                let alike = shown_by.iter_mut().find(|known| {
                    let (of, known) = known[0];
                    history[of].system == snapshot.system && history[of].reads[known].records == read.records
                });
                match alike {
                    Some(known) => known.push((at, place)),
                    None => shown_by.push(vec![(at, place)]),
                }
            }
        }
        Self {
            history,
            shown_by: shown_by.iter().flat_map(|places| [places.clone(), places.clone()]).collect(),
        }
    }
}

impl Parts for InHalves<'_> {
    type Error = ();

    fn snapshots(&self) -> &[Snapshot] {
        self.history
    }

    fn shown_by(&self) -> &[Vec<(usize, usize)>] {
        &self.shown_by
    }

    fn each(&self, part: usize, take: &mut dyn FnMut(&Record)) -> Result<(), ()> {
        let (at, read) = self.shown_by[part][0];
        let records = &self.history[at].reads[read].records;
        let (first, second) = records.split_at(records.len() / 2);
        if part.is_multiple_of(2) { first } else { second }.iter().for_each(take);
        Ok(())
    }
}

/// How a history is laid down must not decide what is found in it.
#[test]
fn parts_are_put_together() {
    let world = World::new()
        .ada("active")
        .ada_in_directory("disabled")
        .keeps("groups", member("dev", "account/1"))
        .keeps("groups", grant("group/dev", "vault", "admin"))
        .keeps("groups", grant("account/1", "repo", "write"));
    let history = world.history();
    world.ask(&history, &[], |inputs| {
        let cases = [(inputs.case, None)];
        let whole = slice(inputs, &cases, &InMemory::new(&history)).expect("a slice");
        let halves = slice(inputs, &cases, &InHalves::new(&history)).expect("a slice");
        let in_order = |all: Vec<Snapshot>| all.into_iter().map(Snapshot::in_order).collect::<Vec<_>>();
        assert_eq!(in_order(halves), in_order(whole));
    });
}
