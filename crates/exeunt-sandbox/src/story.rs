//! The names, keys and instants the story hangs on. What each of them means is told where it is planted.

use jiff::Timestamp;

use crate::calendar::at;

/// The company's mail domain.
pub const DOMAIN: &str = "halden.example";
/// The leaver's employee number.
pub const LEAVER: u32 = 2017;
/// Another person of the same name, who stays.
pub const NAMESAKE: u32 = 2044;
/// Her manager, who asked for the offboarding and approved it.
pub const MANAGER: u32 = 2003;
/// Her colleague, who takes over what she leaves behind.
pub const SUCCESSOR: u32 = 2011;
/// The service-desk engineer who ticked the boxes.
pub const DESK: u32 = 2030;
/// The head of IT operations, who administers most systems.
pub const ADMIN: u32 = 2031;
/// A person's first stay, which ended in 2025.
pub const FIRST_STAY: u32 = 2009;
/// The same person's second stay, which goes on.
pub const SECOND_STAY: u32 = 2052;
/// People who left earlier and whose access really left with them.
pub const EARLIER_LEAVERS: [u32; 3] = [2020, 2038, 2047];
/// The mail address of the platform team.
pub const PLATFORM_TEAM: &str = "platform@halden.example";

/// When the leaver left.
pub const DEPARTURE: Timestamp = at(2026, 11, 13, 17, 0);
/// When the ticket was closed: before she had even left.
pub const RESOLVED: Timestamp = at(2026, 11, 13, 16, 40);
/// When the directory account was in fact deactivated.
pub const DEACTIVATED: Timestamp = at(2026, 11, 13, 17, 5);
/// When the nine things were dealt with.
pub const REPAIRED: Timestamp = at(2026, 11, 20, 15, 0);

/// The offboarding ticket.
pub const TICKET: &str = "OFF-142";
/// The ticket of an earlier leaver.
pub const EARLIER_TICKET: &str = "OFF-131";
/// The ticket of somebody who leaves in December.
pub const NEXT_TICKET: &str = "OFF-151";

/// Jira field with the person who leaves (a user).
pub const FIELD_LEAVER: &str = "customfield_10050";
/// Jira field with the leaver's employee number (a text).
pub const FIELD_NUMBER: &str = "customfield_10051";
/// Jira field with the leaver's last moment (a date and time).
pub const FIELD_DEPARTURE: &str = "customfield_10052";
/// Jira field with the checklist (a document).
pub const FIELD_CHECKLIST: &str = "customfield_10053";
/// Jira field of a sub-task with the system it is about (an option).
pub const FIELD_SYSTEM: &str = "customfield_10054";

/// The Jira site's id, as the gateway path has it.
pub const CLOUD_ID: &str = "5f0c9a52-7d1e-4a86-b3f4-0a1d5e2c9b77";
/// The Atlassian organization's id.
pub const ORG_ID: &str = "d41b7a06-93e2-4c58-a7f1-6c0e8b25d3aa";
/// The Atlassian organization's one directory.
pub const DIRECTORY_ID: &str = "b0e6d0c4-2f58-4d19-9b7c-1f4a77c6e512";
/// The GitHub organization.
pub const GITHUB_ORG: &str = "halden";
/// The leaver's GitHub login.
pub const GITHUB_LOGIN: &str = "mara-voss";
/// The namesake's GitHub login.
pub const NAMESAKE_LOGIN: &str = "mvoss2";
/// The number of the AWS account.
pub const AWS_ACCOUNT: &str = "000000002017";
/// The Matrix server name.
pub const MATRIX_SERVER: &str = "halden.example";
/// The id of the reader's GitHub App installation.
pub const GITHUB_INSTALLATION: u64 = 51_000_001;

/// 1. The token of hers that still works on GitHub.
pub const SURVIVING_TOKEN: &str = "release-laptop";
/// When that token was last used: five days after she left.
pub const SURVIVING_TOKEN_USED: Timestamp = at(2026, 11, 18, 22, 14);
/// 2. The application link she created in Jira.
pub const SURVIVING_LINK: &str = "Build mirror";
/// 3. The Jira automation rule she wrote; it runs as the automation app, so it goes on without her.
pub const SURVIVING_RULE: &str = "Nightly export to finance";
/// 4. The Slack app she installed.
pub const SURVIVING_BOT: &str = "standup-bot";
/// 5. The GitHub team she was left in; its parent administers a repository.
pub const SURVIVING_TEAM: &str = "release-eng";
/// The parent of that team.
pub const PARENT_TEAM: &str = "production";
/// The repository the parent team administers.
pub const ADMIN_REPO: &str = "payments";
/// 6. The shared AWS account whose key she knows.
pub const SHARED_ACCOUNT: &str = "ops-shared";
/// 7. The Atlassian token that comes back if her account is enabled again.
pub const LATENT_TOKEN: &str = "jira-cli";
/// 8. The AWS service user she owned and nobody took over.
pub const ORPHANED_SERVICE: &str = "svc-ledger-sync";
/// 9. The repository with the deploy key she added.
pub const DEPLOY_KEY_REPO: &str = "telemetry";
/// The title of that deploy key.
pub const DEPLOY_KEY: &str = "edge collector";
