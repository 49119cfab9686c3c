//! App links, apps, webhooks, automation rules and other things that run on their own.

use exeunt_model::record::{Integration, IntegrationState};
use exeunt_model::{Grade, LinkStrength, Record, Ref, State, Text, text};

use super::presence::seen_grade;
use super::{Behind, Doubt, Fate, Presence, Scene};
use crate::estate::{Sighting, at};
use crate::resolve::Tie;

impl<'a> Scene<'_, 'a> {
    /// The fate of an integration. `ties` are the edges by which it is the leaver's, `runs_as` the leaver's
    /// account it acts as.
    pub fn integration_fate(&self, integration: &'a Ref, ties: &[usize], runs_as: Option<&'a Ref>) -> Fate {
        let sightings = self.estate.sightings(integration);
        let Some(Record::Integration(latest)) = self.estate.latest(integration) else {
            return Fate::unknown(Doubt {
                because: Text::new_static("No read shows the integration; other records only refer to it"),
                would_change: Text::new_static("A read that lists such integrations."),
                grade: Grade::E1,
                cites: Vec::new(),
            });
        };
        let parents: Vec<&'a Ref> = runs_as.into_iter().chain(latest.opens.iter()).collect();
        let sighting = match self.presence(sightings, latest.kind, &parents) {
            Presence::Absent(proof) => return Fate::gone(proof),
            Presence::Unproven(doubt) => return Fate::unknown(doubt),
            Presence::Seen(sighting) => sighting,
        };
        let Record::Integration(record) = sighting.record else {
            return Fate::unknown(Doubt {
                because: Text::new_static("The record under this reference is no integration"),
                would_change: Text::new_static(
                    "A connector that gives integrations references of their own.",
                ),
                grade: Grade::E1,
                cites: Vec::new(),
            });
        };
        match self.handed_over(integration, record, &sighting, ties) {
            Some(fate) => fate,
            None => self.running(&sighting, record, runs_as),
        }
    }

    fn running(&self, sighting: &Sighting<'a>, record: &Integration, runs_as: Option<&'a Ref>) -> Fate {
        let when = at(sighting.receipt.ended);
        let mut cites: Vec<_> = self.estate.cite_sighting(sighting).into_iter().collect();
        let (state, because) = match record.state {
            IntegrationState::Disabled => {
                (State::Latent, format!("Switched off at {when}; it can be switched on again"))
            }
            IntegrationState::Unknown => {
                (State::Unknown, format!("Listed at {when}, but the system does not say whether it runs"))
            }
            IntegrationState::Enabled => {
                let (state, why, more) = match runs_as {
                    Some(account) => self.under(sighting.system, record.kind, account, record.last_used),
                    None => (State::Live, String::new(), Vec::new()),
                };
                cites.extend(more);
                let to = record.sends_to.join(", ");
                let sends = if to.is_empty() { to } else { format!(", sends to {to}") };
                (state, format!("Enabled at {when}{sends}{why}"))
            }
        };
        let would_change = Text::new_static("Its removal, or a new owner and another account to run as.");
        Fate { state, grade: seen_grade(sighting), because: because.into(), would_change, cites, since: None }
    }

    /// Gone for the leaver because it was given to somebody else: it is seen now, every tie that can be taken
    /// away is proven gone, and somebody else is shown as its owner or as whom it runs.
    fn handed_over(
        &self,
        integration: &'a Ref,
        record: &Integration,
        sighting: &Sighting<'a>,
        ties: &[usize],
    ) -> Option<Fate> {
        let mut cites: Vec<_> = self.estate.cite_sighting(sighting).into_iter().collect();
        let mut since = None;
        for tie in ties.iter().filter(|tie| self.can_be_taken(**tie)) {
            let fate = self.edge(*tie);
            match fate.state {
                State::Gone => {
                    since = since.max(fate.since);
                    cites.extend(fate.cites.iter().cloned());
                }
                State::Unknown => {
                    return Some(Fate {
                        because: text!("Whether it is still the leaver's is not known: {}", fate.because),
                        ..(*fate).clone()
                    });
                }
                _ => return None,
            }
        }
        let taken = ties.iter().any(|tie| self.can_be_taken(*tie));
        // Whom a thing runs as says who has it only where it was the leaver before. What the leaver wrote and
        // an app runs has always run as the app.
        let runs_as_other = || {
            let now = record.acts_as.as_ref().filter(|_| taken)?;
            self.people.resolve(self.estate, now, sighting).filter(|account| self.may_have(account))
        };
        let other = self.other_owner(integration).or_else(runs_as_other);
        cites.extend(self.oversight_cites(integration));
        cites.extend(
            other
                .and_then(|other| self.people.person(other))
                .map(|person| self.employment_cites(person))
                .unwrap_or_default(),
        );
        match other {
            Some(other) => Some(Fate {
                state: State::Gone,
                grade: Grade::E3,
                because: text!("It is no longer the leaver's; {} has it now", self.estate.name(other)),
                would_change: Text::new_static("A later read that ties it to the leaver again."),
                cites,
                since: since.or(Some(sighting.receipt.ended)),
            }),
            None if taken => Some(Fate {
                state: State::Unknown,
                grade: Grade::E2,
                because: match self
                    .shown_owner(integration)
                    .map(|(owner, behind)| (self.estate.name(owner), behind))
                {
                    Some((left, Behind::Nobody)) => text!(
                        "It is no longer shown as the leaver's, but {left}, who is shown to have it, has nobody behind them who is left"
                    ),
                    Some((other, _)) => text!(
                        "It is no longer shown as the leaver's, and no read since shows whether anybody behind {other}, who is shown to have it, is employed"
                    ),
                    None => Text::new_static(
                        "It still exists and is no longer shown as the leaver's, but nobody else is shown to have it",
                    ),
                },
                would_change: Text::new_static("A read that shows its new owner, or its removal."),
                cites,
                since: None,
            }),
            None => None,
        }
    }

    /// Whether an edge is one that offboarding can take away. Who made or installed a thing stays true.
    pub fn can_be_taken(&self, tie: usize) -> bool {
        match self.graph.edges.get(tie).map(|edge| edge.tie) {
            Some(Tie::Owns(link)) => {
                matches!(
                    link,
                    LinkStrength::SamePerson
                        | LinkStrength::Owner
                        | LinkStrength::Sponsor
                        | LinkStrength::TokenHolder
                )
            }
            Some(_) => true,
            None => false,
        }
    }
}
