//! The eight systems of the company: one folder each, with what it holds and how it answers.

pub mod atlassian;
pub mod aws;
pub mod github;
pub mod jira;
pub mod matrix;
pub mod okta;
pub mod scim;
pub mod slack;

use crate::{answer::Answer, call::Call, world::World};

/// A system of the company.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum System {
    /// Okta, the authoritative directory.
    Okta,
    /// The Atlassian organization (administration API).
    Atlassian,
    /// Jira Cloud behind Atlassian's gateway, with its automation API.
    Jira,
    /// The GitHub organization.
    GitHub,
    /// The Slack workspace.
    Slack,
    /// The expenses application, which speaks SCIM 2.0.
    Scim,
    /// The AWS account (IAM and STS).
    Aws,
    /// The Matrix homeserver (Synapse).
    Matrix,
}

impl System {
    /// Every system.
    pub const ALL: [Self; 8] = [
        Self::Okta,
        Self::Atlassian,
        Self::Jira,
        Self::GitHub,
        Self::Slack,
        Self::Scim,
        Self::Aws,
        Self::Matrix,
    ];

    /// A short lower-case name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Okta => "okta",
            Self::Atlassian => "atlassian",
            Self::Jira => "jira",
            Self::GitHub => "github",
            Self::Slack => "slack",
            Self::Scim => "scim",
            Self::Aws => "aws",
            Self::Matrix => "matrix",
        }
    }

    /// The system a path of this listener belongs to: Atlassian's organization API and Jira share one public host,
    /// so both listeners serve both.
    #[must_use]
    pub fn behind(self, path: &str) -> Self {
        let jira = path.starts_with("/ex/jira/") || path.starts_with("/automation/");
        match self {
            Self::Atlassian if jira => Self::Jira,
            Self::Jira if path.starts_with("/admin/") || path.starts_with("/users/") => Self::Atlassian,
            _ => self,
        }
    }

    /// Answers one call from the world's state.
    #[must_use]
    pub fn answer(self, world: &mut World, call: &Call) -> Answer {
        match self {
            Self::Okta => okta::answer(world, call),
            Self::Atlassian => atlassian::answer(world, call),
            Self::Jira => jira::answer(world, call),
            Self::GitHub => github::answer(world, call),
            Self::Slack => slack::answer(world, call),
            Self::Scim => scim::answer(world, call),
            Self::Aws => aws::answer(world, call),
            Self::Matrix => matrix::answer(world, call),
        }
    }
}
