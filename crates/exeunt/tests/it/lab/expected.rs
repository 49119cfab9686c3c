//! What has to be said of somebody, and how a verdict is compared with it.

use std::collections::BTreeSet;

use exeunt_model::State;
use exeunt_model::verdict::{Obligation, VerdictDocument};
use serde_json::Value;

use super::running::Lab;
use super::setup::{owner, text};

/// One line, as far as the lab's expectation states it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Line {
    system: String,
    kind: String,
    path: String,
    state: State,
    control_point: Option<u8>,
    owners: Vec<String>,
    used: bool,
}

impl Line {
    /// The line of an obligation.
    pub(super) fn of(line: &Obligation) -> Self {
        Self {
            system: line.system.to_string(),
            kind: line.kind.to_string(),
            path: path(line),
            state: line.state,
            control_point: line.control_point,
            owners: line
                .accountable
                .iter()
                .map(|by| by.owner.as_deref().unwrap_or_default().to_owned())
                .collect(),
            used: line.used_after_departure.is_some(),
        }
    }

    fn planted(line: &Value) -> Self {
        let point = u8::try_from(line["control_point"].as_u64().expect("a control point")).expect("1 to 10");
        let (system, live) = (text(&line["system"]), line["state"] == "live");
        Self {
            system: system.to_owned(),
            kind: text(&line["kind"]).to_owned(),
            path: text(&line["path"]).to_owned(),
            state: if live { State::Live } else { State::Latent },
            // What is blocked, where no more is asked, is the step's owner's and broke nowhere.
            control_point: Some(point).filter(|point| live || ![2, 3].contains(point)),
            owners: vec![owner(system, point)],
            used: line["used"] == true,
        }
    }
}

/// The leaver's way to a thing: names and verbs in turn. The lab says whose an account is, and not by what it is known.
pub(super) fn path(line: &Obligation) -> String {
    let mut path: Vec<&str> = line.path.first().into_iter().map(|step| step.names.0.as_str()).collect();
    for step in &line.path {
        let known = step.how.starts_with("has (by ") && step.how.ends_with(") the account");
        let how = if known { "has the account" } else { &step.how };
        path.extend([how, &step.names.1]);
    }
    path.join(" > ")
}

/// Everything that is planted for a leaver is said, and nothing else is open.
pub(super) fn exactly_what_is_planted(lab: &Lab, leaver: &str, verdict: &VerdictDocument) {
    let expected = lab.file("expected.json");
    let planted: BTreeSet<Line> = expected["survivors"]
        .as_array()
        .expect("survivors")
        .iter()
        .filter(|line| line["leaver"] == leaver)
        .map(Line::planted)
        .collect();
    assert!(planted.len() > 20, "the lab plants something");
    let open = verdict.obligations.iter().filter(|line| line.state != State::Gone);
    let said: BTreeSet<Line> = open.map(Line::of).collect();
    let missing: Vec<_> = planted.difference(&said).collect();
    let extra: Vec<_> = said.difference(&planted).collect();
    assert!(missing.is_empty() && extra.is_empty(), "not said: {missing:#?}\nsaid besides: {extra:#?}");
}

/// Nothing of anybody else's is named, least of all the namesake's.
pub(super) fn nobody_else_is_named(lab: &Lab, verdict: &VerdictDocument) {
    let said = serde_json::to_string(verdict).expect("JSON");
    for line in lab.file("expected.json")["never"].as_array().expect("things of others") {
        let named = said.match_indices(text(&line["native"])).any(|(at, native)| {
            let next = said.get(at + native.len()..).and_then(|rest| rest.chars().next());
            !next.is_some_and(char::is_alphanumeric)
        });
        assert!(!named, "{} of {} is named", line["item"], line["whose"]);
    }
    for other in ["ida.brandt2", "ida_brandt", "employee_number 1077"] {
        assert!(!said.contains(other), "{other} is named");
    }
}
