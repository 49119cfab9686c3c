//! What was expected, against what is said.

use std::collections::{BTreeMap, BTreeSet};

use exeunt_model::verdict::{Obligation, Standing};

use crate::told::Told;

/// Each way in which a verdict is not what its story expects, as a sentence.
#[must_use]
pub fn differences(told: &Told) -> Vec<String> {
    let (expect, verdict) = (&told.expect, &told.verdict);
    let mut all = Vec::new();
    if expect.verdict != verdict.verdict {
        all.push(format!("expected the verdict {:?}, and it is {:?}", expect.verdict, verdict.verdict));
    }
    let said: BTreeMap<&str, String> =
        verdict.obligations.iter().map(|line| (line.id.as_str(), in_words(line))).collect();
    for (id, expected) in &expect.lines {
        match said.get(id.as_str()) {
            None => all.push(format!("no line {id}, expected `{expected}`")),
            Some(found) if found != expected => {
                all.push(format!("{id}: expected `{expected}`, and it is `{found}`"));
            }
            Some(_) => {}
        }
    }
    for (id, found) in said.iter().filter(|(id, _)| !expect.lines.contains_key(**id)) {
        all.push(format!("a line nobody expected: {id}: `{found}`"));
    }
    for (id, expected) in &expect.claims {
        let line = verdict.obligations.iter().find(|line| line.id == *id);
        let found: BTreeSet<String> =
            line.into_iter().flat_map(|line| &line.claims).map(|check| word(&check.comparison)).collect();
        let expected: BTreeSet<String> = expected.iter().cloned().collect();
        if found != expected {
            all.push(format!("{id}: expected the claims {expected:?}, and they are {found:?}"));
        }
    }
    let codes: BTreeSet<&str> = verdict.governance.iter().map(|finding| finding.code.as_str()).collect();
    for code in expect.governance.iter().filter(|code| !codes.contains(code.as_str())) {
        all.push(format!("no governance finding `{code}`, but {codes:?}"));
    }
    for code in expect.not_governance.iter().filter(|code| codes.contains(code.as_str())) {
        all.push(format!("a governance finding `{code}`"));
    }
    let failed: Vec<u8> =
        verdict.control_points.iter().filter(|p| p.standing == Standing::Failed).map(|p| p.number).collect();
    if failed != expect.failed {
        all.push(format!("expected the control points {:?} to fail, and it is {failed:?}", expect.failed));
    }
    let disputed: Vec<String> = verdict.disputed.iter().map(|d| d.account.to_string()).collect();
    if disputed != expect.disputed {
        all.push(format!("expected {:?} to be disputed, and it is {disputed:?}", expect.disputed));
    }
    all
}

/// The state of a line, and while it is open where it broke and who answers.
fn in_words(line: &Obligation) -> String {
    let mut words = vec![word(&line.state)];
    words.extend(line.control_point.map(|point| point.to_string()));
    let owners: Vec<&str> =
        line.accountable.iter().map(|answers| answers.owner.as_deref().unwrap_or("nobody")).collect();
    if !owners.is_empty() {
        words.push(owners.join(" + "));
    }
    words.join(" ")
}

fn word(value: &impl serde::Serialize) -> String {
    let value = serde_json::to_value(value).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}
