//! Properties over generated small worlds: less seen is never better, order carries no meaning, the same values
//! give the same bytes, and neither a claim nor an owner changes a fact.

mod worlds;

use exeunt_model::verdict::{Conclusion, VerdictDocument};
use exeunt_model::{Digest, Snapshot, State, canonical};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::json;

use worlds::{build, document, facts, lose, losses, plans, registers, states};

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
            let blocked_will_do = line.state == State::Latent && [2, 3].contains(&line.falls_to);
            prop_assert!(blocked_will_do || (line.state == State::Gone) == line.control_point.is_none(), "{}", line.id);
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
