//! Credentials: sessions, tokens, keys, consents, ways back in.

use exeunt_model::record::{Credential, CredentialState};
use exeunt_model::{Record, Ref, State, Text, Timestamp, text};

use super::account::since_when;
use super::presence::seen_grade;
use super::{Doubt, Fate, Presence, Scene};
use crate::estate::{Sighting, at};

impl<'a> Scene<'_, 'a> {
    /// The fate of a credential. `holder` is the account whose state it may depend on.
    pub fn credential_fate(&self, credential: &'a Ref, holder: Option<&'a Ref>) -> Fate {
        let sightings = self.estate.sightings(credential);
        let Some(Record::Credential(latest)) = self.estate.latest(credential) else {
            return Fate::unknown(Doubt {
                because: Text::new_static("No read shows the credential; other records only refer to it"),
                would_change: Text::new_static("A read that lists such credentials."),
                grade: exeunt_model::Grade::E1,
                cites: Vec::new(),
            });
        };
        let parents: Vec<&'a Ref> = holder.into_iter().chain(latest.opens.iter()).collect();
        let sighting = match self.presence(sightings, latest.kind, &parents) {
            Presence::Absent(proof) => return Fate::gone(proof),
            Presence::Unproven(doubt) => return Fate::unknown(doubt),
            Presence::Seen(sighting) => sighting,
        };
        let Record::Credential(record) = sighting.record else {
            return Fate::unknown(Doubt {
                because: Text::new_static("The record under this reference is no credential"),
                would_change: Text::new_static("A connector that gives credentials references of their own."),
                grade: exeunt_model::Grade::E1,
                cites: Vec::new(),
            });
        };
        if let Some((word, since)) = dead_credential(sightings, &sighting, record) {
            return self.dead_fate(&sighting, record, word, since);
        }
        self.listed(&sighting, record, holder)
    }

    fn dead_fate(&self, sighting: &Sighting<'a>, record: &Credential, word: &str, since: Timestamp) -> Fate {
        match self.settled_dead(sighting, record.kind, since, word) {
            Err(doubt) => Fate::unknown(doubt),
            Ok(since) => Fate::gone(super::Proof {
                since,
                because: text!("Listed as {word} at {}", at(sighting.receipt.ended)),
                cites: self.estate.cite_sighting(sighting).into_iter().collect(),
            }),
        }
    }

    fn listed(&self, sighting: &Sighting<'a>, record: &Credential, holder: Option<&'a Ref>) -> Fate {
        let when = at(sighting.receipt.ended);
        let mut cites: Vec<_> = self.estate.cite_sighting(sighting).into_iter().collect();
        let (state, because, would_change) = match record.state {
            CredentialState::Inactive => (
                State::Latent,
                format!("Switched off at {when}; it can be switched on again"),
                "Deleting it, or switching it on.".to_owned(),
            ),
            CredentialState::Unknown => (
                State::Unknown,
                format!("Listed at {when}, but the system does not say whether it works"),
                "A read that shows its state, or its deletion.".to_owned(),
            ),
            CredentialState::Active | CredentialState::Expired | CredentialState::Revoked => {
                let (state, why, more) = match holder {
                    Some(holder) => self.under(sighting.system, record.kind, holder, record.last_used),
                    None => (State::Live, String::new(), Vec::new()),
                };
                cites.extend(more);
                let ends = record.expires.map(|end| format!(" It ends by itself at {}.", at(end)));
                let change =
                    format!("Its revocation, and a complete read after it.{}", ends.unwrap_or_default());
                (state, format!("Listed as working at {when}{why}"), change)
            }
        };
        Fate {
            state,
            grade: seen_grade(sighting),
            because: because.into(),
            would_change: would_change.into(),
            cites,
            since: None,
        }
    }
}

/// Whether a listed credential can never work again, in which word, and since when: revoked, expired, or
/// listed by a read that began after its end.
fn dead_credential(
    sightings: &[Sighting<'_>],
    now: &Sighting<'_>,
    record: &Credential,
) -> Option<(&'static str, Timestamp)> {
    if let Some(end) = record.expires.filter(|end| *end <= now.receipt.started) {
        return Some(("expired", end));
    }
    let word = match record.state {
        CredentialState::Revoked => "revoked",
        CredentialState::Expired => "expired",
        CredentialState::Active | CredentialState::Inactive | CredentialState::Unknown => return None,
    };
    let same = |shown: &Record| matches!(shown, Record::Credential(shown) if shown.state == record.state);
    Some((word, since_when(sightings, now, same)))
}
