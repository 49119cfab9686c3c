//! Whether a thing was seen now, is proven absent, or neither.

use std::rc::Rc;
use std::sync::Arc;

use exeunt_model::record::{AccountState, CredentialState, IntegrationState};
use exeunt_model::verdict::Cite;
use exeunt_model::{Grade, ReadReceipt, Record, Ref, SurvivorKind, Text, Timestamp, text};

use super::Scene;
use crate::estate::{Sighting, at};

/// Seen, absent or neither. There is no fourth.
pub(crate) enum Presence<'a> {
    /// A fresh read that began after departure shows it.
    Seen(Sighting<'a>),
    /// Proven absent.
    Absent(Proof),
    /// Neither.
    Unproven(Doubt),
}

/// Why a thing is gone, at grade E3.
#[derive(Clone)]
pub(crate) struct Proof {
    /// Gone at the latest since.
    pub since: Timestamp,
    pub because: Text,
    pub cites: Vec<Arc<Cite>>,
}

/// Why nothing can be said.
#[derive(Clone)]
pub(crate) struct Doubt {
    pub because: Text,
    pub would_change: Text,
    pub grade: Grade,
    pub cites: Vec<Arc<Cite>>,
}

impl<'a> Scene<'_, 'a> {
    /// Whether a thing of one kind is there. Of several systems that show it, that in which it is
    /// counts, and else the one that says most life. `parents` are the objects it lives in: where one of them is
    /// proven gone, and the manifest says that kills such things, the thing is gone with it.
    pub fn presence(
        &self,
        sightings: &[Sighting<'a>],
        kind: SurvivorKind,
        parents: &[&'a Ref],
    ) -> Presence<'a> {
        let mut absent: Option<Proof> = None;
        let mut doubt: Option<Doubt> = None;
        let mut seen: Option<Sighting<'a>> = None;
        for shown_by in sightings.chunk_by(|one, other| one.system == other.system) {
            match self.in_one_system(shown_by, kind, parents) {
                Presence::Seen(sighting) => {
                    seen = seen.filter(|known| weight(known) >= weight(&sighting)).or(Some(sighting));
                }
                Presence::Unproven(other) => doubt = doubt.or(Some(other)),
                Presence::Absent(proof) => match &mut absent {
                    None => absent = Some(proof),
                    Some(known) => {
                        known.since = known.since.max(proof.since);
                        known.cites.extend(proof.cites);
                    }
                },
            }
        }
        match (seen, doubt, absent) {
            // What others say is blocked or dead its own system may show alive, as long as it was not read.
            (Some(sighting), None, _) => Presence::Seen(sighting),
            (Some(sighting), Some(_), _) if is_own(&sighting) || is_alive(sighting.record) => {
                Presence::Seen(sighting)
            }
            (_, Some(doubt), _) => Presence::Unproven(doubt),
            (None, None, Some(proof)) => Presence::Absent(proof),
            (None, None, None) => Presence::Unproven(Doubt {
                because: Text::new_static("No read shows it; other records only refer to it"),
                would_change: Text::new_static("A read that shows such objects."),
                grade: Grade::E1,
                cites: Vec::new(),
            }),
        }
    }

    fn in_one_system(&self, shown: &[Sighting<'a>], kind: SurvivorKind, parents: &[&'a Ref]) -> Presence<'a> {
        let (Some(last), Some((now, _))) =
            (shown.last(), shown.first().and_then(|s| self.estate.newest(s.system)))
        else {
            return self.presence(&[], kind, parents);
        };
        if last.at < now {
            return self.absence(shown, now, kind, parents);
        }
        let mut stale = None;
        let mut best: Option<Sighting<'a>> = None;
        for sighting in shown.iter().filter(|sighting| sighting.at == now) {
            match self.counts(sighting) {
                Err(doubt) => stale = Some(doubt),
                Ok(()) => best = best.filter(|known| life(known) >= life(sighting)).or(Some(*sighting)),
            }
        }
        match (best, stale) {
            (Some(sighting), _) => Presence::Seen(sighting),
            (None, Some(doubt)) => Presence::Unproven(doubt),
            (None, None) => self.absence(shown, now, kind, parents),
        }
    }

    /// Whether a reading says anything about now.
    fn counts(&self, sighting: &Sighting<'a>) -> Result<(), Doubt> {
        self.timely(sighting.receipt).map_err(|because| Doubt {
            because: text!("It was there when last read, but {because}"),
            would_change: text!("Read {} again.", sighting.system),
            grade: Grade::E2,
            cites: self.estate.cite_sighting(sighting).into_iter().collect(),
        })
    }

    /// Whether a read of the newest snapshot is fresh and began after departure; if not, why, to follow "but". Found once
    /// for each read.
    pub fn timely(&self, receipt: &'a ReadReceipt) -> Result<(), Rc<str>> {
        let mut known = self.untimely.borrow_mut();
        let why = known.entry(std::ptr::from_ref(receipt).addr());
        why.or_insert_with(|| self.untimely(receipt).map(Rc::from)).clone().map_or(Ok(()), Err)
    }

    fn untimely(&self, receipt: &ReadReceipt) -> Option<String> {
        let title = receipt.title();
        if receipt.started < self.window.departed {
            return Some(format!("the read {title} began before the departure, at {}", at(receipt.started)));
        }
        let stale = receipt.ended.checked_add(self.policy.fresh_for).is_ok_and(|end| end < self.as_of);
        if stale {
            return Some(format!("the read {title} is older than policy allows, from {}", at(receipt.ended)));
        }
        self.goes_back(receipt).map(|later| {
            format!(
                "the read {title} is of {}, and what an earlier collection showed is of {}",
                at(receipt.started),
                at(later.ended)
            )
        })
    }

    /// A read of an earlier snapshot that is of a later time. An export that is older than the one before it
    /// shows neither what came since nor what went.
    fn goes_back(&self, receipt: &ReadReceipt) -> Option<&'a ReadReceipt> {
        let (_, before) = self.estate.history(&receipt.system).split_last()?;
        let mut earlier = before.iter().filter_map(|held| held.receipt(&receipt.read, &receipt.scope));
        earlier.find(|earlier| earlier.started > receipt.started)
    }
}

/// The grade of something that is seen.
pub(crate) const fn seen_grade(sighting: &Sighting<'_>) -> Grade {
    if sighting.receipt.outcome.is_complete() { Grade::E3 } else { Grade::E2 }
}

/// What each snapshot of one system says of a thing: the record that says most life, oldest first.
pub(crate) fn each_snapshot<'x, 'a>(
    sightings: impl Iterator<Item = &'x Sighting<'a>>,
) -> Vec<&'x Sighting<'a>>
where
    'a: 'x,
{
    let mut said: Vec<&'x Sighting<'a>> = Vec::new();
    for sighting in sightings {
        match said.last_mut().filter(|last| last.at == sighting.at) {
            Some(last) if life(last) < life(sighting) => *last = sighting,
            Some(_) => {}
            None => said.push(sighting),
        }
    }
    said
}

/// What counts of several sightings: the one with the most of it.
fn life<'a>(sighting: &Sighting<'a>) -> (u8, &'a Record) {
    (aliveness(sighting.record), sighting.record)
}

/// Which of the sightings of several systems counts: that of the system in which the thing is, which knows best what became of
/// it, and else the one that says most life.
fn weight(sighting: &Sighting<'_>) -> (bool, u8) {
    (is_own(sighting), aliveness(sighting.record))
}

/// Whether the system that shows a thing is the one in which it is.
fn is_own(sighting: &Sighting<'_>) -> bool {
    sighting.record.object().is_some_and(|object| object.system == *sighting.system)
}

/// Whether a thing works as a record says, than which no other could say anything worse.
const fn is_alive(record: &Record) -> bool {
    match record {
        Record::Account(account) => matches!(account.state, AccountState::Active | AccountState::Invited),
        Record::Credential(credential) => matches!(credential.state, CredentialState::Active),
        Record::Integration(integration) => matches!(integration.state, IntegrationState::Enabled),
        _ => true,
    }
}

/// Which of two records of one object in one snapshot counts: the one that says more life. What says nothing
/// yields to what says something, but not to what says that all is over.
pub(crate) const fn aliveness(record: &Record) -> u8 {
    match record {
        Record::Account(account) => match account.state {
            AccountState::Deleted => 0,
            AccountState::Unknown => 1,
            AccountState::SoftDeleted => 2,
            AccountState::Disabled | AccountState::Suspended | AccountState::Locked => 3,
            AccountState::Invited => 4,
            AccountState::Active => 5,
        },
        Record::Credential(credential) => match credential.state {
            CredentialState::Revoked => 0,
            CredentialState::Expired => 1,
            CredentialState::Unknown => 2,
            CredentialState::Inactive => 3,
            CredentialState::Active => 4,
        },
        Record::Integration(integration) => match integration.state {
            IntegrationState::Unknown => 0,
            IntegrationState::Disabled => 1,
            IntegrationState::Enabled => 2,
        },
        _ => 0,
    }
}

impl<'a> Scene<'_, 'a> {
    /// When a thing was missing from a complete read of where it had been seen, and when it was seen again.
    pub fn came_back(&self, sightings: &[Sighting<'a>]) -> Option<(Timestamp, Timestamp)> {
        for shown_by in sightings.chunk_by(|one, other| one.system == other.system) {
            for pair in shown_by.windows(2) {
                let [before, after] = pair else { continue };
                let (read, scope) = (before.receipt.read.as_str(), before.receipt.scope.as_str());
                let between =
                    self.estate.history(before.system).get(before.at + 1..after.at).unwrap_or_default();
                let missing = between.iter().zip(before.at + 1..).find_map(|(held, at)| {
                    // A read that is made for each row of a list is not made for a row that is gone.
                    let (whole, started, ended) = if let Some(receipt) = held.receipt(read, scope) {
                        (receipt.outcome.is_complete(), receipt.started, receipt.ended)
                    } else {
                        let asked = self.asked_for_each(before.system, read, at);
                        (asked, held.snapshot.started, held.snapshot.ended)
                    };
                    (whole && started >= self.window.departed).then_some(ended)
                });
                if let Some(missing) = missing {
                    return Some((missing, after.receipt.ended));
                }
            }
        }
        None
    }
}
