//! The removal was asked for in time, and approved by somebody who may.
//!
//! Holds when the ticket was made by the departure (less the notice the workflow asks for, more the delay that
//! policy allows) and no approval is open, declined, given by the leaver, or given by whoever says that the
//! removal was done. A ticket without any approval holds, and is reported under governance. An app or an automation rule
//! approves nothing; where one closed a part of the ticket, the rule did that and not the person it acts as.
//!
//! Decided from the ticket's documents: when it was made, its approvals (those of the service desk, and comments with a
//! phrase that the workflow counts as one), and who said that something was done, by the recorded authors alone.
//! Unknown when the case has no ticket or part of the ticket could not be read. Without a workflow there is
//! nothing to hold.

use exeunt_model::owners::Domain;
use exeunt_model::verdict::Standing;

use super::{Court, Decided, Point};
use crate::estate::at;

pub(super) const POINT: Point = Point {
    number: 1,
    name: "trigger",
    domain: Some(Domain::IdentityLifecycle),
    standards: &[
        "NIST CSF 2.0 GV.RR-04",
        "NIST CSF 2.0 GV.RR-02",
        "NIST 800-53 PS-4",
        "SOC 2 CC6.2",
        "ISO 27001 A.6.5",
        "ISO 27001 A.5.3",
    ],
    source: include_str!("trigger.rs"),
    judge,
};

fn judge(court: &Court<'_, '_, '_>) -> Decided {
    if court.said.ticket.is_none() {
        return if court.workflow.system.is_none() && court.case.ticket_system.is_none() {
            Decided::new(Standing::NothingToHold, "No workflow is configured.")
        } else {
            Decided::new(
                Standing::Unknown,
                "The case has no ticket, so who asked for the removal and when is not known.",
            )
        };
    }
    let departed = court.scene.window.departed;
    let limit = departed
        .checked_add(court.scene.policy.trigger_deadline)
        .and_then(|limit| limit.checked_sub(court.workflow.notice))
        .unwrap_or(departed);
    let Some(requested) = court.said.requested else {
        return Decided::new(Standing::Unknown, "The ticket does not say when it was made.");
    };
    let mut because = Vec::new();
    let late = requested > limit;
    if late {
        because.push(format!("Removal was requested at {}; it was due by {}.", at(requested), at(limit)));
    }
    for approval in &court.said.approvals {
        let by = approval.by.map_or_else(|| "somebody".to_owned(), |by| court.name(by));
        match approval.decision {
            Some(false) => because.push(format!("{by} declined the removal.")),
            None => because.push(format!("The approval by {by} is open.")),
            Some(true) if approval.by.is_some_and(|by| court.is_leaver(by)) => {
                because.push(format!("{by}, who leaves, approved the removal."));
            }
            Some(true) if approval.by.is_some_and(|by| court.is_executor(by)) => {
                because.push(format!("{by} approved the removal and also says it was done."));
            }
            Some(true) => {}
        }
    }
    if !because.is_empty() {
        return Decided { standing: Standing::Failed, because, evidence: Vec::new() };
    }
    if !court.said.whole {
        return Decided::new(
            Standing::Unknown,
            "Part of the ticket could not be read, so an approval may be missing.",
        );
    }
    Decided::new(
        Standing::Holds,
        format!("Removal was requested at {}, due by {}.", at(requested), at(limit)),
    )
}

#[cfg(test)]
mod tests {
    use exeunt_model::verdict::Standing;
    use serde_json::{Value, json};

    use crate::small_world::World;

    fn ticket(at: &str) -> Value {
        json!({"record": "document", "id": "jira/document/1", "doc_type": "ticket", "key": "OFF-1", "at": at})
    }

    fn approval(by: &str, decision: Option<bool>) -> Value {
        json!({"record": "document", "id": "jira/document/2", "doc_type": "approval", "done": decision, "author": {"object": by}})
    }

    fn done_by(who: &str) -> [Value; 2] {
        let done = json!({"id": "3", "name": "Done", "done": true});
        [
            json!({
                "record": "document", "id": "jira/document/3", "doc_type": "subtask", "title": "Remove from app",
                "status": done,
            }),
            json!({
                "record": "document", "id": "jira/document/4", "doc_type": "change", "parent": "jira/document/3",
                "status": done, "author": {"object": who}, "at": "2026-11-20T18:30:00Z",
            }),
        ]
    }

    /// A removal that was asked for late, or that one person asked for, approved and did, must not pass.
    #[test]
    fn who_asked_when_and_who_approved() {
        let early = ticket("2026-11-19T09:00:00Z");
        let table = [
            ("in time", vec![early.clone()], Standing::Holds),
            ("late", vec![ticket("2026-11-20T19:00:00Z")], Standing::Failed),
            ("approved", vec![early.clone(), approval("jira/account/9", Some(true))], Standing::Holds),
            ("declined", vec![early.clone(), approval("jira/account/9", Some(false))], Standing::Failed),
            ("open", vec![early.clone(), approval("jira/account/9", None)], Standing::Failed),
            (
                "approved by whoever did it",
                [&[early.clone(), approval("jira/account/9", Some(true))][..], &done_by("jira/account/9")]
                    .concat(),
                Standing::Failed,
            ),
            ("approved by the leaver", vec![early, approval("app/account/1", Some(true))], Standing::Failed),
        ];
        for (title, documents, expected) in table {
            let mut world = World::new();
            world.ticket = Some(documents);
            assert_eq!(world.point(1).standing, expected, "{title}");
        }
        assert_eq!(World::new().point(1).standing, Standing::Unknown, "no ticket");
    }
}
