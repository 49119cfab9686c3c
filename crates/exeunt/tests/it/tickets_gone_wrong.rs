//! Tickets that name nobody, two people, or do not exist; and a register with a hole.

use exeunt_sandbox::{Phase, story};

use crate::stage::{Stage, nothing_became_gone};

/// What the ticket says of the leaver.
struct Subject {
    /// Whether the field with the user is filled.
    user: bool,
    /// The field with the employee number.
    number: Option<u32>,
}

async fn refused(stage: &Stage, subject: &Subject, words: &[&str]) {
    {
        let mut world = stage.sandbox.world();
        let issue =
            world.jira.issues.iter_mut().find(|issue| issue.key == story::TICKET).expect("the ticket");
        issue.employee_number = subject.number;
        if !subject.user {
            issue.leaver = None;
        }
    }
    stage.verify().await.refuses(1, words);
    // As the story has it again.
    stage.sandbox.set_phase(Phase::After);
}

/// Whoever is judged in a leaver's place loses their access; a ticket that does not say clearly whom it means is not
/// judged at all.
#[tokio::test]
async fn an_unclear_subject_is_nobodys_verdict() {
    let stage = Stage::after().await;
    let two = Subject { user: true, number: Some(story::NAMESAKE) };
    refused(&stage, &two, &["more than one person", "employee number"]).await;
    let unknown = Subject { user: false, number: Some(9999) };
    refused(&stage, &unknown, &["9999", "matches nobody", "okta"]).await;
    let nobody = Subject { user: false, number: None };
    refused(&stage, &nobody, &[story::TICKET, "workflow.subject_field"]).await;
    let said = stage.verify().await;
    assert_eq!(said.code, 10, "{}", said.err);
}

/// A key that is mistyped must not be taken for a person without access.
#[tokio::test]
async fn an_unknown_ticket_or_person_is_an_error() {
    let stage = Stage::after().await;
    stage.run(&["verify", "OFF-9999"]).await.refuses(1, &["ticket"]);
    stage
        .run(&["verify", "nobody@halden.example", "--offline"])
        .await
        .refuses(1, &["nobody@halden.example", "matches nobody"]);
    // The leaver can be named in other ways.
    let by_number = stage.run(&["verify", "2017", "--offline", "--format", "json"]).await;
    assert_eq!(by_number.code, 10, "{}", by_number.err);
    assert_eq!(by_number.verdict().subject.name, "Mara Voss");
}

/// A hole in the register is a finding, not a reason to say nothing.
#[tokio::test]
async fn a_missing_owner_is_a_finding() {
    let stage = Stage::after().await;
    let cell = "  - { domain: application_entitlement, system: expenses, owner: Finance systems, contact: finance-it@halden.example, deadline: 24h }\n";
    stage.edit(cell, "");
    let desk = "  - { domain: application_entitlement, system: \"*\", owner: Service desk, contact: desk@halden.example, deadline: 24h }\n";
    stage.edit(desk, "");
    let said = stage.run(&["--format", "json", "verify", story::TICKET, "--offline"]).await;
    let verdict = said.verdict();
    nothing_became_gone(&verdict);
    let missing: Vec<&str> =
        verdict.governance.iter().filter(|f| f.code == "owner_missing").map(|f| f.says.as_str()).collect();
    assert!(missing.iter().any(|says| says.contains("expenses")), "{:?}", verdict.governance);
    let line = verdict.obligations.iter().find(|o| o.system.as_str() == "expenses").expect("a line");
    assert!(line.accountable.iter().all(|a| a.owner.is_none()), "{:?}", line.accountable);
    let owners = stage.run(&["owners"]).await;
    assert!(owners.out.contains("nobody; add a cell to `owners`"), "{}", owners.out);
}
