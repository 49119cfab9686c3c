//! After the nine things were dealt with: each planted survivor is proven gone.

use exeunt_model::kind::SurvivorKind;
use exeunt_model::{Duration, State};
use exeunt_sandbox::{Phase, story};

use crate::stage::{Stage, copied};

/// The names under which the story planted what survived.
const PLANTED: [&str; 9] = [
    story::SURVIVING_TOKEN,
    story::SURVIVING_LINK,
    story::SURVIVING_RULE,
    story::SURVIVING_BOT,
    "admin on halden/payments",
    story::SHARED_ACCOUNT,
    story::LATENT_TOKEN,
    story::ORPHANED_SERVICE,
    "edge collector on telemetry",
];

/// Whoever removed everything has to see it: two readings with the settle time between, and nothing planted is left.
#[tokio::test]
async fn what_was_dealt_with_is_proven_gone() {
    let morning = Phase::Finished.now();
    let stage = Stage::on(Phase::Finished, morning - Duration::from_hours(6), copied()).await;
    let night = stage.run(&["collect"]).await;
    assert_ne!(night.code, 1, "{}", night.err);
    stage.at(morning);
    let said = stage.verify().await;
    let verdict = said.verdict();
    let lines = |state| verdict.obligations.iter().filter(move |o| o.state == state);
    for name in PLANTED {
        let found: Vec<_> = verdict.obligations.iter().filter(|o| o.item.name == name).collect();
        assert!(!found.is_empty(), "{name} is forgotten");
        for line in found {
            assert_eq!(line.state, State::Gone, "{}: {}", line.id, line.because);
        }
    }
    // Her Atlassian account is closed to her and still there, so an administrator can open it again: latent.
    let left: Vec<_> = lines(State::Live)
        .chain(lines(State::Latent))
        .map(|o| (o.system.as_str(), o.kind, o.state))
        .collect();
    let account = |system| (system, SurvivorKind::Principal, State::Latent);
    assert_eq!(left, [account("atlassian"), account("jira")]);
}
