//! The whole company as plain data: who works there and what each system holds on a given day.

use jiff::{SignedDuration, Timestamp};

use crate::{
    calendar::Phase,
    seed::Seed,
    staff::Staff,
    systems::{atlassian, aws, github, jira, matrix, okta, scim, slack},
};

/// Halden Instruments on one day.
///
/// The states are what the systems answer from, so a change to them is seen by the next reader. Entering a phase
/// builds every state anew from the seed.
#[derive(Clone, Debug)]
pub struct World {
    /// Rows per page at most, in every list: low, so that paging is really exercised.
    pub page_cap: usize,
    /// Everyone who works or worked here.
    pub staff: Staff,
    /// The directory.
    pub okta: okta::State,
    /// The Atlassian organization.
    pub atlassian: atlassian::State,
    /// The Jira site.
    pub jira: jira::State,
    /// The GitHub organization.
    pub github: github::State,
    /// The Slack workspace.
    pub slack: slack::State,
    /// The expenses application.
    pub scim: scim::State,
    /// The AWS account.
    pub aws: aws::State,
    /// The Matrix homeserver.
    pub matrix: matrix::State,
    /// How long before the phase's moment the company's clock stands.
    pub earlier: SignedDuration,
    phase: Phase,
}

impl World {
    /// Halden Instruments the day before the leaver's last. The same seed gives the same company, byte for byte.
    #[must_use]
    pub fn halden(seed: u64) -> Self {
        Self::on(Staff::hire(Seed(seed)), Phase::Before, 20)
    }

    /// Takes every system to a phase, as the story has it on that day.
    pub fn enter(&mut self, phase: Phase) {
        // A reader may hold an installation token over the change of day.
        let issued = std::mem::take(&mut self.github.issued);
        *self = Self::on(self.staff.clone(), phase, self.page_cap);
        self.github.issued = issued;
    }

    /// The phase the company is in.
    #[must_use]
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// The company's clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.phase.now().checked_sub(self.earlier).unwrap_or_else(|_| self.phase.now())
    }

    fn on(staff: Staff, phase: Phase, page_cap: usize) -> Self {
        Self {
            page_cap,
            okta: okta::State::on(&staff, phase),
            atlassian: atlassian::State::on(&staff, phase),
            jira: jira::State::on(&staff, phase),
            github: github::State::on(&staff, phase),
            slack: slack::State::on(&staff, phase),
            scim: scim::State::on(&staff, phase),
            aws: aws::State::on(&staff, phase),
            matrix: matrix::State::on(&staff, phase),
            staff,
            earlier: SignedDuration::ZERO,
            phase,
        }
    }
}
