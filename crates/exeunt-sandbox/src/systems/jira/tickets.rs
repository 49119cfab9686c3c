//! The offboarding tickets: the one that says Done, an earlier one that was right, and the next one.

use jiff::Timestamp;

use super::state::{Approval, Change, Comment, Issue, IssueKind, IssueStatus};
use crate::{
    calendar::{Phase, at, shift, shift_minutes},
    staff::Staff,
    story,
};

/// What each sub-task is about, who did it, what they wrote when they closed it, and when (minutes before the
/// parent was closed).
const STEPS: [(&str, &str, u32, &str, i64); 8] = [
    (
        "Okta",
        "Deactivate the Okta account",
        story::DESK,
        "Okta account scheduled for deactivation at 17:05",
        95,
    ),
    ("Atlassian", "Deactivate the Atlassian account", story::DESK, "Atlassian account deactivated", 40),
    (
        "Jira",
        "Hand over Jira groups, filters and rules",
        story::DESK,
        "Jira groups and filters handed over",
        35,
    ),
    ("GitHub", "Remove GitHub access", story::ADMIN, "GitHub access removed", 50),
    ("Slack", "Deactivate Slack", story::DESK, "Slack account deactivated", 30),
    ("AWS", "Remove AWS access", story::ADMIN, "AWS user deleted", 45),
    ("Expenses", "Close the expenses account", story::DESK, "Expenses account closed", 25),
    (
        "Matrix",
        "Deactivate the Matrix account",
        story::ADMIN,
        "Matrix account deactivated, devices removed",
        55,
    ),
];

/// The boxes of the checklist.
const CHECKLIST: [&str; 7] = [
    "All accounts deactivated",
    "Tokens and keys revoked",
    "Integrations and bots handed over",
    "Shared passwords changed",
    "Groups and roles removed",
    "Laptop returned",
    "Manager informed",
];

/// The tickets on a given day.
pub(super) fn on(staff: &Staff, phase: Phase) -> Vec<Issue> {
    let desk = Desk { staff };
    let mut issues = desk.offboarding(&Request {
        number: 131,
        leaver: story::EARLIER_LEAVERS[2],
        opened: at(2026, 9, 21, 9, 0),
        closed: Some(at(2026, 9, 30, 16, 30)),
        with_steps: true,
    });
    let done = phase.has_left().then_some(story::RESOLVED);
    let mut ours = desk.offboarding(&Request {
        number: 142,
        leaver: story::LEAVER,
        opened: at(2026, 11, 5, 10, 12),
        closed: done,
        with_steps: true,
    });
    if phase == Phase::Finished {
        desk.reopened(&mut ours[0]);
    }
    issues.extend(ours);
    issues.extend(desk.offboarding(&Request {
        number: 151,
        leaver: 2025,
        opened: at(2026, 11, 10, 14, 0),
        closed: None,
        with_steps: false,
    }));
    issues.extend(desk.ordinary(phase));
    issues
}

/// An offboarding request to be written out.
struct Request {
    number: u64,
    leaver: u32,
    opened: Timestamp,
    closed: Option<Timestamp>,
    with_steps: bool,
}

struct Desk<'a> {
    staff: &'a Staff,
}

impl Desk<'_> {
    fn blank(
        &self,
        project: &str,
        number: u64,
        kind: IssueKind,
        summary: String,
        created: Timestamp,
    ) -> Issue {
        let base = if project == "OFF" { 40_000 } else { 50_000 };
        Issue {
            id: base + number,
            key: format!("{project}-{number}"),
            kind,
            project: project.to_owned(),
            summary,
            description: Vec::new(),
            status: IssueStatus::ToDo,
            parent: None,
            reporter: self.staff.account_id(story::MANAGER),
            assignee: None,
            created,
            updated: created,
            resolved: None,
            leaver: None,
            employee_number: None,
            departure: None,
            checklist: Vec::new(),
            system: None,
            comments: Vec::new(),
            changes: Vec::new(),
            approvals: Vec::new(),
        }
    }

    fn offboarding(&self, request: &Request) -> Vec<Issue> {
        let staff = self.staff;
        let name = staff.name(request.leaver);
        let mut parent = self.blank(
            "OFF",
            request.number,
            IssueKind::Offboarding,
            format!("Offboard {name}"),
            request.opened,
        );
        parent.description = vec![
            format!("{name} (employee number {}) is leaving.", request.leaver),
            "Please remove all access on the last day.".to_owned(),
        ];
        parent.assignee = Some(staff.account_id(story::DESK));
        parent.leaver = Some(staff.account_id(request.leaver));
        parent.employee_number = Some(request.leaver);
        parent.departure =
            staff.person(request.leaver).and_then(|person| person.left).or(Some(at(2026, 12, 18, 16, 0)));
        parent.checklist =
            CHECKLIST.iter().map(|line| ((*line).to_owned(), request.closed.is_some())).collect();
        parent.approvals = vec![Approval {
            id: request.number,
            approver: staff.account_id(story::MANAGER),
            created: shift_minutes(request.opened, 5),
            given: Some(shift(request.opened, 1)),
        }];
        let started = shift_minutes(request.opened, 60);
        change(&mut parent, staff.account_id(story::DESK), started, IssueStatus::InProgress);
        let mut issues = vec![parent];
        if request.with_steps {
            issues.extend(
                STEPS.iter().zip(request.number + 1..).map(|(step, number)| self.step(request, step, number)),
            );
        }
        if let Some(closed) = request.closed {
            let parent = &mut issues[0];
            let mut said = STEPS;
            said.sort_by_key(|(.., before)| std::cmp::Reverse(*before));
            for (_, _, doer, text, before) in said.into_iter().filter(|_| request.with_steps) {
                comment(parent, staff.account_id(doer), shift_minutes(closed, -before), text);
            }
            let text = "All sub-tasks are done and every box is ticked. Closing.";
            comment(parent, staff.account_id(story::DESK), shift_minutes(closed, -2), text);
            change(parent, staff.account_id(story::DESK), closed, IssueStatus::Done);
        }
        issues
    }

    fn step(&self, request: &Request, step: &(&'static str, &str, u32, &str, i64), number: u64) -> Issue {
        let (system, summary, doer, _, before) = *step;
        let name = self.staff.name(request.leaver);
        let mut issue = self.blank(
            "OFF",
            number,
            IssueKind::SubTask,
            format!("{summary} of {name}"),
            shift_minutes(request.opened, 10),
        );
        issue.parent = Some(format!("OFF-{}", request.number));
        issue.assignee = Some(self.staff.account_id(doer));
        issue.system = Some(system);
        if let Some(closed) = request.closed {
            let at = shift_minutes(closed, -before);
            change(&mut issue, self.staff.account_id(doer), shift_minutes(at, 1), IssueStatus::Done);
        }
        issue
    }

    /// After the repair the ticket carries what was really done.
    fn reopened(&self, issue: &mut Issue) {
        let desk = self.staff.account_id(story::DESK);
        let done = shift_minutes(story::REPAIRED, 60);
        for text in [
            "GitHub: membership, team release-eng, token release-laptop and the telemetry deploy key removed.",
            "Jira: link Build mirror deleted, rule Nightly export to finance rewritten by Jonas Lind.",
            "Slack: standup-bot installed anew by Jonas Lind.",
            "AWS: keys of ops-shared and svc-ledger-sync rotated, svc-ledger-sync now owned by Jonas Lind.",
            "Atlassian: API token jira-cli revoked. Expenses: account deleted.",
        ] {
            comment(issue, desk.clone(), done, text);
        }
    }

    /// Ordinary work in other projects, so that a search without bounds would find more than one page.
    fn ordinary(&self, phase: Phase) -> Vec<Issue> {
        (1..=30_u64)
            .map(|number| {
                let created = at(2026, 8, 3, 8, 0);
                let summary = format!("Backlog item {number}");
                let mut issue = self.blank("PLAT", number, IssueKind::Task, summary, created);
                issue.reporter = self.staff.account_id(story::SUCCESSOR);
                issue.assignee = Some(self.staff.account_id(story::SUCCESSOR));
                if number.is_multiple_of(2) {
                    let done = shift(phase.now(), -20);
                    change(&mut issue, self.staff.account_id(story::SUCCESSOR), done, IssueStatus::Done);
                }
                issue
            })
            .collect()
    }
}

fn comment(issue: &mut Issue, author: String, created: Timestamp, text: &str) {
    let serial = u64::try_from(issue.comments.len()).unwrap_or(0);
    issue.comments.push(Comment { id: issue.id * 10 + serial, author, created, text: vec![text.to_owned()] });
    issue.updated = issue.updated.max(created);
}

fn change(issue: &mut Issue, author: String, created: Timestamp, to: IssueStatus) {
    let serial = u64::try_from(issue.changes.len()).unwrap_or(0);
    issue.changes.push(Change { id: issue.id * 10 + serial, author, created, from: issue.status, to });
    issue.status = to;
    issue.updated = issue.updated.max(created);
    issue.resolved = (to == IssueStatus::Done).then_some(created);
}

impl IssueStatus {
    /// The status's name in Jira.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ToDo => "To Do",
            Self::InProgress => "In Progress",
            Self::Done => "Done",
        }
    }
}
