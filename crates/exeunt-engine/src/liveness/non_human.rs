//! Service accounts, bots, workloads, agents and shared accounts: not the leaver's self, but theirs to use.
//!
//! Such an account is gone for the leaver when it is retired, or when it was given to somebody else *and*
//! every secret the leaver could have known was replaced. Handing it over changes no secret.

use std::sync::Arc;

use std::collections::BTreeSet;

use exeunt_model::manifest::Coverage;
use exeunt_model::receipt::PositiveControl;
use exeunt_model::record::{ActAsHow, Credential};
use exeunt_model::{Grade, IdentityKind, Record, Ref, State, SurvivorKind, Text, Timestamp, text};

use super::{Behind, Doubt, Fate, Holder, Scene, deader};
use crate::estate::Sighting;
use crate::resolve::{Edge, Tie};

/// One way a non-human account is tied to the leaver.
#[derive(Clone)]
pub(crate) struct NhiTie {
    /// The edges from the leaver to it; the last one is the tie itself.
    pub path: Vec<usize>,
    /// The state of the way up to the tie, by the leaver's own account: a blocked account cannot look up a
    /// shared secret again.
    pub way: State,
}

/// Whether the secrets of a non-human account were replaced.
pub(crate) enum Rotation {
    /// Every known one was, or there are none to know.
    Done(Vec<Arc<exeunt_model::verdict::Cite>>, Option<Timestamp>),
    /// This one was not.
    Missing(String, Vec<Arc<exeunt_model::verdict::Cite>>),
    /// No secret is shown at all.
    Invisible,
    /// One could not be read.
    Unknown(Doubt),
}

const SECRETS: [SurvivorKind; 3] =
    [SurvivorKind::TokenUser, SurvivorKind::TokenResource, SurvivorKind::KeyAsym];

impl<'a> Scene<'_, 'a> {
    /// The fate of a non-human account for the leaver.
    pub fn nhi_fate(&self, account: &'a Ref, ties: &[NhiTie]) -> Fate {
        let own = match self.holder(account) {
            Holder::Gone(proof) => return Fate::gone(proof),
            Holder::Unknown(doubt) => Fate::unknown(doubt),
            Holder::Free => self.account_fate(account),
            Holder::Blocked(_) => return self.account_fate(account),
        };
        let name = self.estate.name(account);
        let mut cites = own.cites.clone();
        let (mut owned, mut since) = (false, None);
        for tie in ties {
            let Some(last) = tie.path.last().copied() else { continue };
            let by = self.graph.edges.get(last).map(|edge| edge.tie);
            let by_secret = matches!(by, Some(Tie::Acts(_) | Tie::Opens));
            owned |= !by_secret;
            if by == Some(Tie::Opens) {
                continue;
            }
            let edge = self.edge(last);
            if !self.can_be_taken(last) {
                // Who made it stays true; what shows it is what the line rests on all the same.
                cites.extend(edge.cites.iter().cloned());
                continue;
            }
            let state = deader(edge.state, tie.way);
            if by_secret && state != State::Live {
                // Whoever knew the secret knows it still; what counts is whether it was replaced.
                continue;
            }
            match state {
                State::Gone => {
                    since = since.max(edge.since);
                    cites.extend(edge.cites.iter().cloned());
                }
                State::Unknown => {
                    return Fate {
                        because: text!("Whether {name} is still the leaver's is not known: {}", edge.because),
                        ..(*edge).clone()
                    };
                }
                _ => {
                    cites.extend(edge.cites.iter().cloned());
                    return Fate {
                        because: text!("{}; {}", edge.because, lower(&own.because)),
                        cites,
                        ..own
                    };
                }
            }
        }
        if own.state != State::Live {
            return own;
        }
        self.handed_nhi(account, own, owned, since, cites)
    }

    fn handed_nhi(
        &self,
        account: &'a Ref,
        own: Fate,
        owned: bool,
        since: Option<Timestamp>,
        mut cites: Vec<Arc<exeunt_model::verdict::Cite>>,
    ) -> Fate {
        let name = self.estate.name(account);
        let shown = self.shown_owner(account).map(|(owner, behind)| (self.estate.name(owner), behind));
        let none = shown.is_none_or(|(_, behind)| behind == Behind::Nobody);
        if owned && none && !self.is_shared(account) {
            let because = if let Some((left, _)) = shown {
                text!("{name} is active; {left} is shown as its owner, behind whom nobody is left")
            } else {
                text!("{name} is active and nobody else is shown as its owner")
            };
            return Fate {
                because,
                would_change: Text::new_static("A new owner, new secrets, and a complete read of both."),
                cites,
                ..own
            };
        }
        let in_doubt = shown.filter(|(_, behind)| owned && *behind == Behind::NotKnown);
        let holder = match shown {
            Some((other, Behind::Somebody)) => format!("{other} has {name} now"),
            Some((other, Behind::NotKnown)) => format!("{other} is shown to have {name} now"),
            _ => format!("{name} is no longer open to the leaver by itself"),
        };
        let would_change =
            Text::new_static("Replacing the secret, and a complete read that shows the new one.");
        match self.rotation(account) {
            Rotation::Done(more, _) if let Some((other, _)) = in_doubt => {
                cites.extend(more);
                Fate {
                    state: State::Unknown,
                    grade: Grade::E2,
                    because: text!(
                        "{holder}, and no read since shows whether anybody behind {other} is employed"
                    ),
                    would_change: text!("A complete read of {}, or another owner.", self.people.directory),
                    cites,
                    since: None,
                }
            }
            Rotation::Done(more, rotated) => {
                cites.extend(more);
                cites.extend(self.oversight_cites(account));
                Fate {
                    state: State::Gone,
                    grade: Grade::E3,
                    because: text!("{holder}, and every secret the leaver could have known was replaced"),
                    would_change: Text::new_static("A later read that ties it to the leaver again."),
                    cites,
                    since: since.max(rotated),
                }
            }
            Rotation::Missing(what, more) => {
                cites.extend(more);
                Fate { because: text!("{holder}, but {what}"), would_change, cites, ..own }
            }
            Rotation::Invisible if owned && !self.is_shared(account) => Fate {
                state: State::Unknown,
                grade: Grade::E2,
                because: text!(
                    "{holder}, but no read shows its secrets, so whether they were replaced is not known"
                ),
                would_change,
                cites,
                since: None,
            },
            Rotation::Invisible => Fate {
                because: text!(
                    "{name} is active, the leaver could know its secret, and nothing shows that it was replaced"
                ),
                would_change,
                ..own
            },
            Rotation::Unknown(doubt) => Fate {
                because: text!("{holder}, but whether a secret was replaced is not known: {}", doubt.because),
                ..Fate::unknown(doubt)
            },
        }
    }

    /// Whether a tie that can be taken away may still be there.
    pub fn may_be_tied(&self, ties: &[NhiTie]) -> bool {
        ties.iter().any(|tie| {
            let last = tie.path.last().filter(|last| self.can_be_taken(**last));
            last.is_some_and(|last| deader(self.edge(*last).state, tie.way) != State::Gone)
        })
    }

    /// Whether an account is used by several people.
    pub fn is_shared(&self, account: &Ref) -> bool {
        self.estate.account(account).is_some_and(|account| account.kind.kind == IdentityKind::Shared)
    }

    /// Whether every secret of the account that the leaver could have known was replaced after departure.
    pub fn rotation(&self, account: &'a Ref) -> Rotation {
        let (mut cites, mut since) = (Vec::new(), None);
        let mut any = false;
        for credential in self.secrets_of(account) {
            any = true;
            if self.made_after(credential) {
                let shown = self.first_new(credential);
                since = since.max(shown.map(|s| s.receipt.ended));
                cites.extend(shown.and_then(|s| self.estate.cite_sighting(s)));
                continue;
            }
            let fate = self.credential_fate(credential, None);
            let name = self.estate.name(credential);
            match fate.state {
                State::Gone => {
                    since = since.max(fate.since);
                    cites.extend(fate.cites);
                }
                State::Unknown => {
                    return Rotation::Unknown(Doubt {
                        because: text!("{name}: {}", fate.because),
                        would_change: fate.would_change,
                        grade: fate.grade,
                        cites: fate.cites,
                    });
                }
                _ => {
                    let what = format!("its secret {name} is older than the departure and was not replaced");
                    return Rotation::Missing(what, fate.cites);
                }
            }
        }
        let federated = self.estate.account(account).is_some_and(|a| a.kind.kind == IdentityKind::Workload);
        if any || federated || self.secrets_are_visible(account) {
            Rotation::Done(cites, since)
        } else {
            Rotation::Invisible
        }
    }

    /// Credentials that act as the account or open it, and those of other non-human accounts that can act as it and were
    /// the leaver's: an agent has no secret of its own and signs in with its blueprint's.
    pub fn secrets_of(&self, account: &'a Ref) -> Vec<&'a Ref> {
        let (mut secrets, mut asked, mut waiting) = (Vec::new(), BTreeSet::new(), vec![account]);
        while let Some(account) = waiting.pop().filter(|account| asked.insert(*account)) {
            secrets.extend(self.own_secrets(account));
            let acting = |edge: &Edge<'_>| matches!(edge.tie, Tie::Acts(_));
            let actors = self.graph.into(account).filter(|(_, edge)| acting(edge) && self.in_window(edge));
            waiting.extend(actors.map(|(_, edge)| edge.from).filter(|actor| self.was_leavers(actor)));
        }
        secrets.sort_unstable();
        secrets.dedup();
        secrets
    }

    /// Whether a non-human account was the leaver's by any tie, whatever became of it.
    fn was_leavers(&self, account: &Ref) -> bool {
        let tied = |tie| matches!(tie, Tie::Owns(_) | Tie::Acts(ActAsHow::KnowsSecret));
        self.people.person(account).is_none()
            && self
                .graph
                .into(account)
                .any(|(_, edge)| tied(edge.tie) && self.in_window(edge) && self.is_leavers_own(edge.from))
    }

    fn own_secrets(&self, account: &'a Ref) -> Vec<&'a Ref> {
        let held = self.graph.from(account).filter(|(_, edge)| edge.tie == Tie::Holds).map(|(_, edge)| edge);
        let opening =
            self.graph.into(account).filter(|(_, edge)| edge.tie == Tie::Opens).map(|(_, edge)| edge);
        let opening = opening.filter(|edge| self.in_window(edge)).map(|edge| edge.from);
        held.filter(|edge| self.in_window(edge)).map(|edge| edge.to).chain(opening).collect()
    }

    /// The first reading of a credential as it is now.
    pub fn first_new(&self, credential: &Ref) -> Option<&Sighting<'a>> {
        let made = |sighting: &&Sighting<'a>| match sighting.record {
            Record::Credential(record) => record.created,
            _ => None,
        };
        let sightings = self.estate.sightings(credential);
        let now = sightings.last().as_ref().and_then(made);
        sightings.iter().find(|sighting| made(sighting) == now)
    }

    /// Whether the credential, as it is now, was made or changed after departure. Some systems let whoever makes a
    /// secret choose its date, so one that was already there before with that same date was not.
    pub fn made_after(&self, credential: &Ref) -> bool {
        let latest: Option<&Credential> = match self.estate.latest(credential) {
            Some(Record::Credential(latest)) => Some(latest),
            _ => None,
        };
        let created = latest.and_then(|credential| credential.created);
        let as_before = self.estate.sightings(credential).iter().any(|sighting| {
            let same = matches!(sighting.record, Record::Credential(before) if before.created == created);
            same && sighting.receipt.ended <= self.window.departed
        });
        !as_before && created.is_some_and(|created| created > self.window.departed)
    }

    /// Whether the system shows secrets of such accounts at all: some read of them is complete now, from a
    /// reader shown able to see them.
    fn secrets_are_visible(&self, account: &Ref) -> bool {
        let Some((_, held)) = self.estate.newest(&account.system) else { return false };
        let Some(manifest) = self.manifest(&account.system) else { return false };
        SECRETS.iter().any(|kind| match manifest.survivors.get(kind) {
            Some(Coverage::SeenBy(reads)) => reads.iter().all(|read| {
                let mut receipts = held.receipts_of(read).peekable();
                receipts.peek().is_some()
                    && receipts.all(|receipt| {
                        receipt.outcome.is_complete()
                            && matches!(receipt.control, PositiveControl::Seen(_))
                            && self.timely(receipt).is_ok()
                    })
            }),
            _ => false,
        })
    }
}

/// A sentence to go on with after a semicolon.
fn lower(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}
