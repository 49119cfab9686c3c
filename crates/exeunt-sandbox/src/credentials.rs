//! What a reader has to show to each system. None of these words opens anything outside this process.

use crate::systems::System;

/// The access key id of the reader in AWS.
pub const AWS_KEY_ID: &str = "AKIAEXAMPLE010READER";
/// The secret that goes with [`AWS_KEY_ID`].
pub const AWS_SECRET: &str = "sandbox-aws-secret-of-the-reader";

/// The word a reader of this system hands over: the value of the bearer or `SSWS` token, or, for AWS, the secret
/// that goes with [`AWS_KEY_ID`].
#[must_use]
pub fn of(system: System) -> &'static str {
    match system {
        System::Okta => "sandbox-okta-reader",
        System::Atlassian => "sandbox-atlassian-organization-key",
        System::Jira => "sandbox-jira-service-account",
        System::GitHub => "sandbox-github-installation",
        System::Slack => "sandbox-slack-reader",
        System::Scim => "sandbox-expenses-reader",
        System::Aws => AWS_SECRET,
        System::Matrix => "sandbox-synapse-admin",
    }
}
