//! The ticket that claims everything is done.

use exeunt_sandbox::{Phase, System, story};

use crate::{
    asking::{call, get, jira, jira_rows, json as body_of, world},
    story::{has, text},
};

/// The ticket claims everything: closed before she had left, every sub-task done, every box ticked.
#[test]
fn the_ticket_says_done() {
    let mut world = world(Phase::After);
    let ticket = get(&mut world, System::Jira, &jira("/rest/api/3/issue/OFF-142"));
    let fields = &ticket["fields"];
    assert_eq!(fields["status"]["statusCategory"]["key"], "done");
    assert_eq!(fields["resolutiondate"], "2026-11-13T16:40:00.000+0000");
    assert_eq!(fields[story::FIELD_DEPARTURE], "2026-11-13T17:00:00.000+0000");
    assert_eq!(fields[story::FIELD_LEAVER]["accountId"], world.staff.account_id(story::LEAVER).as_str());
    assert_eq!(fields[story::FIELD_NUMBER], "2017");
    let boxes = fields[story::FIELD_CHECKLIST]["content"].as_array().expect("boxes");
    assert!(boxes.iter().all(|line| line["content"][0]["text"].as_str().expect("text").starts_with("[x]")));

    let target =
        jira("/rest/api/3/search/jql?jql=parent+%3D+OFF-142&fields=status,customfield_10054,comment");
    let steps = get(&mut world, System::Jira, &target);
    let steps = steps["issues"].as_array().expect("sub-tasks");
    assert_eq!(steps.len(), 8);
    assert!(steps.iter().all(|step| step["fields"]["status"]["name"] == "Done"));
    assert!(has(steps, &[("/fields/customfield_10054/value", &text("GitHub"))]));
    let said = jira_rows(&mut world, "/rest/api/3/issue/OFF-142/comment", "comments");
    assert!(has(&said, &[("/body/content/0/content/0/text", &text("GitHub access removed"))]));
    assert!(said.len() > 8);

    let approval = get(&mut world, System::Jira, &jira("/rest/servicedeskapi/request/OFF-142/approval"));
    let approval = &approval["values"][0];
    assert_eq!(approval["finalDecision"], "approved");
    let manager = world.staff.account_id(story::MANAGER);
    assert_eq!(approval["approvers"][0]["approver"]["accountId"], manager.as_str());

    let before = get(&mut self::world(Phase::Before), System::Jira, &jira("/rest/api/3/issue/OFF-142"));
    assert_eq!(before["fields"]["status"]["name"], "In Progress");
}

/// A query without bounds, and one that is not understood, are refused in Jira's words instead of answered at random.
#[test]
fn jira_refuses_what_it_cannot_search() {
    let mut world = world(Phase::After);
    for jql in ["", "ORDER+BY+created", "colour+%3D+red", "project"] {
        let target = jira(&format!("/rest/api/3/search/jql?jql={jql}"));
        let answer = System::Jira.answer(&mut world, &call(System::Jira, "GET", &target));
        assert_eq!(answer.status, 400, "{jql}");
        assert!(body_of(&answer)["errorMessages"][0].is_string());
    }
}
