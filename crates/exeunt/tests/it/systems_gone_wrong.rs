//! A bad day of one system: its lines, and only those, become unknown; nothing becomes gone; the next run works.

use std::fs;

use exeunt_model::State;
use exeunt_model::verdict::{Comparison, VerdictDocument};
use exeunt_sandbox::{Fault, System, story};

use crate::said::Said;
use crate::stage::{Stage, ids, nothing_became_gone, told};

/// What a bad day of `system` (a name of the configuration) may change: its own lines, into unknown.
fn only_this_system_is_unknown(said: &Said, system: &str) -> VerdictDocument {
    let verdict = said.verdict();
    assert!(matches!(said.code, 10 | 11), "{}", said.err);
    nothing_became_gone(&verdict);
    let clean = told().said.verdict();
    let gap = verdict.gaps.iter().find(|gap| gap.system.as_str() == system && gap.blocks);
    let gap = gap.unwrap_or_else(|| panic!("no gap of {system}"));
    assert!(!gap.detail.is_empty() && !gap.next_step.is_empty(), "{gap:?}");
    for line in &verdict.obligations {
        if line.system.as_str() == system {
            assert!(!matches!(line.state, State::Live | State::Latent), "{} is {:?}", line.id, line.state);
            assert!(!line.claims.iter().any(|c| c.comparison == Comparison::Contradicted), "{}", line.id);
        } else if let Some(before) = clean.obligations.iter().find(|o| o.id == line.id) {
            assert_eq!(line.state, before.state, "{}: {}", line.id, line.because);
        }
    }
    assert!(ids(&verdict, State::Unknown).iter().any(|id| id.starts_with(&format!("{system}:"))));
    verdict
}

/// The run after the bad day: everything is as it was.
async fn the_next_run_works(stage: &Stage) {
    let later = crate::stage::next_look() + exeunt_model::Duration::from_hours(2);
    stage.at(later);
    let said = stage.verify().await;
    assert_eq!(said.code, 10, "{}", said.err);
    let (verdict, clean) = (said.verdict(), told().said.verdict());
    assert_eq!(ids(&verdict, State::Live), ids(&clean, State::Live));
    assert_eq!(ids(&verdict, State::Latent), ids(&clean, State::Latent));
}

/// A token that was rotated without telling us must not empty GitHub.
#[tokio::test]
async fn a_wrong_credential_makes_one_system_unknown() {
    let stage = Stage::after().await;
    fs::write(stage.path("secrets/github"), "not-the-token\n").expect("written");
    let said = stage.verify().await;
    only_this_system_is_unknown(&said, "github");
    assert!(!said.out.contains("not-the-token") && !said.err.contains("not-the-token"));
    let check = stage.run(&["check"]).await;
    assert_eq!(check.code, 1);
    assert!(check.out.contains("refused") && check.err.contains("reads were refused"), "{check:?}");
    the_next_run_works(&stage).await;
    // And the one after that, past the settle times, has all its proofs again.
    stage.at(crate::stage::next_look() + exeunt_model::Duration::from_hours(3));
    assert_eq!(ids(&stage.verify().await.verdict(), State::Gone), ids(&told().said.verdict(), State::Gone));
}

/// A port that nobody listens on is not an empty Slack.
#[tokio::test]
async fn an_unreachable_system_is_unknown() {
    let stage = Stage::after().await;
    let closed =
        std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    stage.edit(&stage.sandbox.url(System::Slack), &format!("http://{closed}"));
    only_this_system_is_unknown(&stage.verify().await, "slack");
    the_next_run_works(&stage).await;
}

/// Pulling the plug on any one system, by any fault, proves nothing and touches no other.
#[tokio::test]
async fn a_fault_of_one_system_stays_there() {
    for (system, name, fault) in [
        (System::Aws, "aws", Fault::RateLimited(1)),
        (System::GitHub, "github", Fault::Truncated(40)),
        (System::Atlassian, "atlassian", Fault::Status(500)),
        (System::Matrix, "matrix", Fault::Refused),
    ] {
        let stage = Stage::after().await;
        stage.sandbox.set_fault(system, fault);
        only_this_system_is_unknown(&stage.verify().await, name);
        stage.sandbox.clear_fault(system);
        the_next_run_works(&stage).await;
    }
}

/// Without the directory nobody can be called a leaver's namesake or themselves; what was known is not forgotten.
#[tokio::test]
async fn a_directory_that_is_down_clears_nobody() {
    let stage = Stage::after().await;
    stage.sandbox.set_fault(System::Okta, Fault::Status(503));
    let said = stage.verify().await;
    if said.code == 1 {
        assert!(!said.err.is_empty());
    } else {
        nothing_became_gone(&said.verdict());
    }
    stage.sandbox.clear_fault(System::Okta);
    the_next_run_works(&stage).await;
}

/// A ticket that cannot be read is said at once, and what it claims is not guessed.
#[tokio::test]
async fn a_ticket_that_cannot_be_read_is_an_error() {
    let stage = Stage::after().await;
    stage.sandbox.set_fault(System::Jira, Fault::StatusOn("/issue/".to_owned(), 403));
    stage.verify().await.refuses(1, &["ticket", "jira"]);
    stage.sandbox.clear_fault(System::Jira);
    the_next_run_works(&stage).await;
}

/// A company seen for the first time on a bad day: unknown for want of sight, not clear for want of findings.
#[tokio::test]
async fn a_first_look_through_fog_is_not_clear() {
    let stage = Stage::unseen().await;
    for system in
        [System::Atlassian, System::GitHub, System::Slack, System::Scim, System::Aws, System::Matrix]
    {
        stage.sandbox.set_fault(system, Fault::Status(403));
    }
    let said = stage.verify().await;
    let verdict = said.verdict();
    assert!(matches!(said.code, 10 | 11), "{}", said.err);
    for system in ["github", "slack", "aws", "matrix", "expenses"] {
        let gone =
            verdict.obligations.iter().filter(|o| o.system.as_str() == system && o.state == State::Gone);
        assert_eq!(gone.count(), 0, "{system}");
        assert!(verdict.gaps.iter().any(|gap| gap.system.as_str() == system && gap.blocks), "{system}");
    }
    assert_eq!(verdict.case, story::TICKET);
}
