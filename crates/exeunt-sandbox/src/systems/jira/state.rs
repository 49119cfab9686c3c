//! What the Jira site holds.

use jiff::Timestamp;

use crate::staff::Staff;

/// Everything the site holds.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// People, service accounts, agents and apps.
    pub users: Vec<User>,
    /// Groups.
    pub groups: Vec<Group>,
    /// Projects.
    pub projects: Vec<Project>,
    /// Filters.
    pub filters: Vec<Filter>,
    /// Dashboards.
    pub dashboards: Vec<Dashboard>,
    /// The audit log, the newest first.
    pub audit: Vec<AuditRecord>,
    /// Issues by rising key.
    pub issues: Vec<Issue>,
    /// Webhooks made by administrators.
    pub webhooks: Vec<Webhook>,
    /// Application links.
    pub links: Vec<AppLink>,
    /// Automation rules.
    pub rules: Vec<Rule>,
}

/// A user as Jira sees it.
#[derive(Clone, Debug)]
pub struct User {
    /// Immutable account id.
    pub id: String,
    /// Name as shown.
    pub name: String,
    /// Mail address; nothing where a privacy setting hides it.
    pub email: Option<String>,
    /// `atlassian` or `app`.
    pub account_type: &'static str,
    /// `service` or `agent`, for apps of these kinds.
    pub app_type: Option<&'static str>,
    /// Whether the account is active.
    pub active: bool,
}

/// A group.
#[derive(Clone, Debug)]
pub struct Group {
    /// Immutable id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Account ids.
    pub members: Vec<String>,
}

/// A project.
#[derive(Clone, Debug)]
pub struct Project {
    /// Immutable numeric id, as text.
    pub id: String,
    /// Key.
    pub key: String,
    /// Name.
    pub name: String,
    /// `software`, `service_desk` or `business`.
    pub kind: &'static str,
    /// Account id of the lead.
    pub lead: String,
    /// Roles and who is in them.
    pub roles: Vec<Role>,
}

/// A role in a project.
#[derive(Clone, Debug)]
pub struct Role {
    /// Id, the same in every project.
    pub id: u64,
    /// Name.
    pub name: &'static str,
    /// Account ids of people in it.
    pub users: Vec<String>,
    /// Ids of groups in it.
    pub groups: Vec<String>,
}

/// A saved filter.
#[derive(Clone, Debug)]
pub struct Filter {
    /// Id.
    pub id: u64,
    /// Name.
    pub name: String,
    /// Query.
    pub jql: String,
    /// Account id of the owner.
    pub owner: String,
    /// Id of the group it is shared with.
    pub shared_with: Option<String>,
    /// Account ids it is mailed to.
    pub subscribers: Vec<String>,
}

/// A dashboard.
#[derive(Clone, Debug)]
pub struct Dashboard {
    /// Id.
    pub id: u64,
    /// Name.
    pub name: String,
    /// Account id of the owner.
    pub owner: String,
}

/// A record of the audit log.
#[derive(Clone, Debug)]
pub struct AuditRecord {
    /// Id.
    pub id: u64,
    /// What happened.
    pub summary: String,
    /// Category.
    pub category: &'static str,
    /// Account id of who did it.
    pub author: String,
    /// When.
    pub created: Timestamp,
    /// Name of the object.
    pub object: String,
    /// Id of the object.
    pub object_id: String,
    /// Kind of the object: `APPLICATION_LINK`, `USER`, `GROUP` …
    pub object_type: &'static str,
}

/// A webhook.
#[derive(Clone, Debug)]
pub struct Webhook {
    /// Id.
    pub id: u64,
    /// Name.
    pub name: String,
    /// Where it sends to.
    pub url: String,
    /// Account id of its last editor.
    pub updated_by: String,
    /// Name of its last editor.
    pub updated_by_name: String,
    /// When it was last edited.
    pub updated: Timestamp,
}

/// An application link. It does not say who made it.
#[derive(Clone, Debug)]
pub struct AppLink {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Where it leads.
    pub url: String,
    /// Kind of the other application.
    pub kind: &'static str,
}

/// An automation rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Id.
    pub uuid: String,
    /// Name.
    pub name: String,
    /// Whether it runs.
    pub enabled: bool,
    /// Account id of who wrote it.
    pub author: String,
    /// Account id it runs as.
    pub actor: String,
    /// What starts it.
    pub trigger: &'static str,
    /// Where its web request goes, if it makes one.
    pub sends_to: Option<&'static str>,
    /// When it was written.
    pub created: Timestamp,
    /// When it was last changed.
    pub updated: Timestamp,
}

/// A kind of issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IssueKind {
    /// An offboarding request.
    Offboarding,
    /// A sub-task of one.
    SubTask,
    /// Ordinary work.
    Task,
}

/// A status of an issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IssueStatus {
    /// Not begun.
    ToDo,
    /// Under way.
    InProgress,
    /// Closed.
    Done,
}

/// An issue.
#[derive(Clone, Debug)]
pub struct Issue {
    /// Immutable numeric id.
    pub id: u64,
    /// Key.
    pub key: String,
    /// Kind.
    pub kind: IssueKind,
    /// Project key.
    pub project: String,
    /// Summary.
    pub summary: String,
    /// Lines of the description.
    pub description: Vec<String>,
    /// Status.
    pub status: IssueStatus,
    /// Key of the parent issue.
    pub parent: Option<String>,
    /// Account id.
    pub reporter: String,
    /// Account id.
    pub assignee: Option<String>,
    /// When it was made.
    pub created: Timestamp,
    /// When it last changed.
    pub updated: Timestamp,
    /// When it was resolved.
    pub resolved: Option<Timestamp>,
    /// Account id of the person who leaves, on an offboarding request.
    pub leaver: Option<String>,
    /// Employee number of that person.
    pub employee_number: Option<u32>,
    /// When that person leaves.
    pub departure: Option<Timestamp>,
    /// Checklist: each line and whether it is ticked.
    pub checklist: Vec<(String, bool)>,
    /// The system a sub-task is about.
    pub system: Option<&'static str>,
    /// Comments, the oldest first.
    pub comments: Vec<Comment>,
    /// History, the oldest first.
    pub changes: Vec<Change>,
    /// Approvals.
    pub approvals: Vec<Approval>,
}

/// A comment.
#[derive(Clone, Debug)]
pub struct Comment {
    /// Id.
    pub id: u64,
    /// Account id.
    pub author: String,
    /// When.
    pub created: Timestamp,
    /// Paragraphs.
    pub text: Vec<String>,
}

/// A change of one field.
#[derive(Clone, Debug)]
pub struct Change {
    /// Id.
    pub id: u64,
    /// Account id.
    pub author: String,
    /// When.
    pub created: Timestamp,
    /// The status before.
    pub from: IssueStatus,
    /// The status after.
    pub to: IssueStatus,
}

/// An approval.
#[derive(Clone, Debug)]
pub struct Approval {
    /// Id.
    pub id: u64,
    /// Account id of the approver.
    pub approver: String,
    /// When it was asked for.
    pub created: Timestamp,
    /// When it was given; nothing while it is pending.
    pub given: Option<Timestamp>,
}

impl State {
    /// A user by account id.
    #[must_use]
    pub fn user(&self, id: &str) -> Option<&User> {
        self.users.iter().find(|user| user.id == id)
    }
}

/// The account id of the reader's service account.
pub(super) fn reader_id(staff: &Staff) -> String {
    format!("712020:{}", staff.seed.uuid("jira-app", "access-review"))
}

/// The account id of Jira's own automation app, as which rules run unless told otherwise.
pub(super) fn automation_id(staff: &Staff) -> String {
    format!("557058:{}", staff.seed.uuid("jira-app", "automation"))
}
