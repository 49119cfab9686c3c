//! What makes an absence count. Not seen is never gone: the same read of the same scope has to be complete,
//! from a reader shown able to see such objects, fresh, begun after departure, and past the settle time.

use std::collections::BTreeSet;

use exeunt_model::manifest::Coverage;
use exeunt_model::receipt::PositiveControl;
use exeunt_model::record::EventAction;
use exeunt_model::{
    Duration, Effect, Grade, Noun, Outcome, ReadReceipt, Ref, SurvivorKind, SystemId, Timestamp, text,
};

use super::{Doubt, Holder, Presence, Proof, Scene};
use crate::estate::{Sighting, at};

impl<'a> Scene<'_, 'a> {
    /// Judges a thing that the newest snapshot (number `now`) does not show.
    pub(super) fn absence(
        &self,
        shown: &[Sighting<'a>],
        now: usize,
        kind: SurvivorKind,
        parents: &[&'a Ref],
    ) -> Presence<'a> {
        let Some(last) = shown.iter().rev().find(|sighting| sighting.at < now) else {
            return self.presence(&[], kind, parents);
        };
        let by: BTreeSet<(&str, &str)> = shown
            .iter()
            .filter(|sighting| sighting.at == last.at)
            .map(|sighting| (sighting.receipt.read.as_str(), sighting.receipt.scope.as_str()))
            .collect();
        let mut proof: Option<Proof> = None;
        let mut absent_from = BTreeSet::new();
        let mut open: Vec<(&str, &str, Doubt)> = Vec::new();
        for (read, scope) in by {
            match self.absent_from(last, (read, scope), now, kind) {
                Err(doubt) => open.push((read, scope, doubt)),
                Ok(found) => {
                    absent_from.insert(read);
                    match &mut proof {
                        None => proof = Some(found),
                        Some(known) => {
                            known.since = known.since.max(found.since);
                            known.cites.extend(found.cites);
                        }
                    }
                }
            }
        }
        // A read that is made for each row of a list that no longer has the row is not made for it any more. One that was
        // made and failed is a doubt all the same: it may have been made for another row.
        let held = self.estate.history(last.system).get(now);
        open.retain(|(read, scope, _)| {
            let asked = held.is_none_or(|held| held.receipt(read, scope).is_some());
            let of =
                self.manifest(last.system).and_then(|m| m.reads.get(*read)).and_then(|r| r.each.as_ref());
            let row_is_gone = of.is_some_and(|each| absent_from.contains(each.read.as_str()));
            asked || !(row_is_gone && self.asked_for_each(last.system, read, now))
        });
        if let Some((read, _, doubt)) = open.into_iter().next() {
            let with_parent = self
                .asked_for_each(last.system, read, now)
                .then(|| self.gone_with_parent(last.system, kind, parents))
                .flatten();
            return with_parent.map_or(Presence::Unproven(doubt), Presence::Absent);
        }
        match (proof, self.elsewhere(last, now, kind)) {
            (None, _) => self.presence(&[], kind, parents),
            (Some(_), Some(doubt)) => Presence::Unproven(doubt),
            (Some(proof), None) => Presence::Absent(proof),
        }
    }

    /// Why an account that left the list it stood in may stand in another: deleted users, outsiders and the like have lists
    /// of their own, and each of them has to have been read whole.
    fn elsewhere(&self, last: &Sighting<'a>, now: usize, kind: SurvivorKind) -> Option<Doubt> {
        if kind != SurvivorKind::Principal {
            return None;
        }
        let Some(Coverage::SeenBy(reads)) = self.manifest(last.system)?.survivors.get(&kind) else {
            return None;
        };
        let held = self.estate.history(last.system).get(now)?;
        let title = last.receipt.title();
        for read in reads {
            let mut receipts = held.receipts_of(read).peekable();
            let never_asked = receipts.peek().is_none() && !self.asked_for_each(last.system, read, now);
            let partial = receipts.find_map(|receipt| match &receipt.outcome {
                Outcome::Partial { reason, .. } => Some((receipt, *reason)),
                Outcome::Complete => None,
            });
            let why = match partial {
                Some((receipt, reason)) => {
                    format!("{} could not be read since {}", receipt.title(), reason.words())
                }
                None if never_asked => format!("{read} was not read"),
                None => continue,
            };
            return Some(Doubt {
                because: text!("It is no longer listed in {title}, but {why}, and it may stand there now"),
                would_change: text!("A complete read of {read} in {}.", last.system),
                grade: Grade::E2,
                cites: partial.iter().filter_map(|(r, _)| self.estate.cite(last.system, now, r)).collect(),
            });
        }
        None
    }

    fn absent_from(
        &self,
        last: &Sighting<'a>,
        (read, scope): (&str, &str),
        now: usize,
        kind: SurvivorKind,
    ) -> Result<Proof, Doubt> {
        let system = last.system;
        let receipt = self.estate.history(system).get(now).and_then(|held| held.receipt(read, scope));
        let seen = at(last.receipt.ended);
        let title = if scope.is_empty() { read.to_owned() } else { format!("{read}[{scope}]") };
        let Some(receipt) = receipt else {
            return Err(Doubt {
                because: text!("It was last seen at {seen}, and {title} was not read this time"),
                would_change: text!("A complete read of {title} in {system}."),
                grade: Grade::E0,
                cites: self.estate.cite_sighting(last).into_iter().collect(),
            });
        };
        let cites: Vec<_> = self.estate.cite(system, now, receipt).into_iter().collect();
        let doubt = |because: String, would_change: String, grade| Doubt {
            because: because.into(),
            would_change: would_change.into(),
            grade,
            cites: cites.clone(),
        };
        if let Outcome::Partial { reason, detail } = &receipt.outcome {
            return Err(doubt(
                format!(
                    "It was last seen at {seen}; {} could not be read since {}",
                    receipt.title(),
                    reason.words()
                ),
                format!(
                    "A complete read of {} in {system}, which needs {}: {detail}",
                    receipt.title(),
                    receipt.permission
                ),
                Grade::E0,
            ));
        }
        self.timely(receipt).map_err(|because| {
            doubt(
                format!("It is no longer listed, but {because}"),
                format!("Read {system} again."),
                Grade::E2,
            )
        })?;
        if !matches!(receipt.control, PositiveControl::Seen(_)) {
            return Err(doubt(
                format!(
                    "It is no longer listed in {}, but nothing showed that our reader can see such objects",
                    receipt.title()
                ),
                format!(
                    "A positive control for {read}: a known object that the read has to show (`controls` of {system} in the configuration)."
                ),
                Grade::E2,
            ));
        }
        let Some(settle) = self.settle(system, kind) else {
            return Err(doubt(
                format!(
                    "It is no longer listed, but the connector of {system} does not say what proves {kind} gone"
                ),
                format!("A proof rule for {kind} in the connector's manifest."),
                Grade::E2,
            ));
        };
        let since = self.absent_since(last, read, scope, now, receipt);
        if !settled(settle, since, receipt.started) {
            let until = since.checked_add(settle).map_or_else(|_| "the settle time is over".to_owned(), at);
            return Err(doubt(
                format!(
                    "It is no longer listed since {}, and the removal is settling until {until}",
                    at(since)
                ),
                format!("A read of {system} that begins at or after {until}."),
                Grade::E2,
            ));
        }
        Ok(Proof {
            since,
            because: text!("No longer in the complete read {} of {}", receipt.title(), at(receipt.ended)),
            cites,
        })
    }

    /// The end of the first reading of the unbroken run of complete readings without it, or an earlier report
    /// of its removal after it was last seen.
    fn absent_since(
        &self,
        last: &Sighting<'a>,
        read: &str,
        scope: &str,
        now: usize,
        receipt: &ReadReceipt,
    ) -> Timestamp {
        let mut since = receipt.ended;
        for held in self.estate.history(last.system).get(last.at + 1..now).unwrap_or_default().iter().rev() {
            match held.receipt(read, scope) {
                Some(earlier) if earlier.outcome.is_complete() => since = since.min(earlier.ended),
                _ => break,
            }
        }
        let reported = last.record.object().into_iter().flat_map(|object| self.estate.events(object));
        reported
            .filter(|event| matches!(event.action, EventAction::Removed | EventAction::Disabled))
            .filter(|event| event.at >= last.receipt.ended)
            .map(|event| event.at)
            .fold(since, Timestamp::min)
    }

    /// Whether a read is made once for each row of another that was complete now. Only then is a scope that was
    /// not read one whose row is gone; a whole listing that was refused hides the living with the dead.
    pub(super) fn asked_for_each(&self, system: &SystemId, read: &str, now: usize) -> bool {
        let each = self.manifest(system).and_then(|m| m.reads.get(read)).and_then(|rule| rule.each.as_ref());
        let Some((each, held)) = each.zip(self.estate.history(system).get(now)) else { return false };
        let mut receipts = held.receipts_of(&each.read).peekable();
        receipts.peek().is_some() && receipts.all(|receipt| receipt.outcome.is_complete())
    }

    /// Gone because what it lived in is gone and the manifest says that such things die with it.
    fn gone_with_parent(&self, system: &SystemId, kind: SurvivorKind, parents: &[&'a Ref]) -> Option<Proof> {
        let kills = self.kills(system, kind)?;
        for parent in parents {
            let within = match self.when_gone(Some(kills), parent) {
                Some(Effect::Dies) => Duration::ZERO,
                Some(Effect::DiesWithin(within)) => within,
                Some(Effect::Latent | Effect::Survives) | None => continue,
            };
            let proof = match parent.noun {
                Noun::Account => match self.holder(parent) {
                    Holder::Gone(proof) => Some(proof),
                    _ => None,
                },
                _ => match self.presence(self.estate.sightings(parent), kind, &[]) {
                    Presence::Absent(proof) => Some(proof),
                    _ => None,
                },
            };
            if let Some(mut proof) = proof
                && proof.since.checked_add(within).is_ok_and(|bound| bound <= self.as_of)
            {
                let name = self.estate.name(parent);
                proof.because = text!("It ended with {name}, which is gone: {}", proof.because);
                return Some(proof);
            }
        }
        None
    }
}

/// Whether a read began late enough. A kind that settles at once needs no second read.
pub(super) fn settled(settle: Duration, since: Timestamp, started: Timestamp) -> bool {
    settle.is_zero() || since.checked_add(settle).is_ok_and(|until| started >= until)
}

#[cfg(test)]
mod tests {
    use exeunt_model::State;
    use serde_json::{Value, json};

    use crate::small_world::{World, token};

    /// An export that is older than the one before it shows neither what came since nor what went: a key made
    /// in between would be missing in it, and is not gone.
    #[test]
    fn a_read_that_goes_back_in_time_proves_nothing() {
        let world = World::new().ada("active").keeps("credentials", token("pat", "1", "active"));
        let state = |started: &str| {
            let mut history: Vec<Value> = world
                .history()
                .iter()
                .map(|snapshot| serde_json::to_value(snapshot).expect("json"))
                .collect();
            let last =
                history.iter_mut().rev().find(|snapshot| snapshot["system"] == "app").expect("of the app");
            for read in last["reads"].as_array_mut().expect("reads") {
                if read["receipt"]["read"] == "credentials" {
                    read["records"] = json!([]);
                    read["receipt"]["started"] = json!(started);
                    read["receipt"]["ended"] = json!(started);
                }
            }
            let history: Vec<_> = history
                .into_iter()
                .map(|snapshot| serde_json::from_value(snapshot).expect("a snapshot"))
                .collect();
            let verdict = world.judge_history(&history).expect("a verdict");
            let line = verdict.obligations.into_iter().find(|line| line.id == "app:token.user:pat");
            line.map(|line| (line.state, line.because))
        };
        // Of the time of its snapshot, an hour after the first sighting since the departure: settling or gone.
        let (_, because) = state("2026-11-20T20:00:00Z").expect("a line");
        assert!(!because.contains("earlier collection"), "{because}");
        // After the departure, and before what the collection before it showed.
        let (found, because) = state("2026-11-20T17:30:00Z").expect("a line");
        assert_eq!(found, State::Unknown, "{because}");
        assert!(because.contains("an earlier collection showed"), "{because}");
    }
}
