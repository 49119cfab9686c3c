//! Every line of every story can be checked by hand from what `exeunt explain` shows of it.

use exeunt_model::verdict::{Cite, Obligation};
use exeunt_model::{Record, Ref, State};
use exeunt_report::{Paint, explain};
use exeunt_scenario::Told;

use crate::stories::{all, told};

fn shows(told: &Told, cite: &Cite, line: &Obligation) -> Option<bool> {
    let snapshot = told.snapshots.iter().find(|s| s.id().is_ok_and(|id| id == cite.snapshot))?;
    let read = snapshot.reads.iter().find(|read| read.receipt.title() == cite.read)?;
    Some(read.records.iter().any(|record| names(record, &line.item.key)))
}

fn names(record: &Record, key: &str) -> bool {
    serde_json::to_string(record).is_ok_and(|text| text.contains(&format!("\"{key}\"")))
}

/// A reason nobody can look up is an opinion: each line cites reads that exist, its explanation shows them with the
/// time, and one that is seen now is in a read it cites.
#[test]
fn each_line_rests_on_reads_that_can_be_looked_up() {
    for folder in all() {
        let told = told(&folder);
        for line in &told.verdict.obligations {
            let place = format!("{}: {}", told.name, line.id);
            let text = explain(&told.verdict, &line.id, Paint::Plain).unwrap_or_else(|| panic!("{place}"));
            for cite in &line.evidence {
                assert!(text.contains(&cite.read), "{place}: {} is not shown", cite.read);
                assert!(shows(&told, cite, line).is_some(), "{place}: {} is in no snapshot", cite.read);
            }
            for answers in &line.accountable {
                let owner = answers.owner.as_deref().unwrap_or("nobody");
                assert!(text.contains(owner), "{place}: {owner} is not named");
            }
            let open = matches!(line.state, State::Live | State::Latent);
            if open && line.item.key.parse::<Ref>().is_ok() {
                let seen = line.evidence.iter().any(|cite| shows(&told, cite, line) == Some(true));
                assert!(seen, "{place}: no cited read shows it");
            }
            assert!(!line.evidence.is_empty() || line.state == State::Unknown, "{place}: rests on nothing");
        }
    }
}
