//! What a bundle that holds shows, as separate statements, each with an answer of its own: none of them stands for another.

use std::fmt;

use jiff::{SignedDuration, Timestamp};

use super::{Verified, VerifiedEntry};
use crate::checkpoint::Witnessed;
use crate::in_toto::Subject;

/// Whether a statement holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// The bundle and what was given with it do not tell.
    Open,
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Open => "open",
        })
    }
}

/// One statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// `authentic`, `intact`, `complete`, `fresh` or `time-bounded`.
    pub name: &'static str,
    /// Whether it holds.
    pub answer: Answer,
    /// Why, in a sentence or two.
    pub why: String,
}

/// The time of reading, and how old a verdict may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The reader's clock.
    pub now: Timestamp,
    /// A verdict that was logged longer ago is not fresh.
    pub max_age: SignedDuration,
}

impl Verified {
    /// The five statements, in the order of what they rest on.
    #[must_use]
    pub fn findings(&self, reading: Reading) -> Vec<Finding> {
        vec![self.authentic(), self.intact(), self.complete(), self.fresh(reading), self.time_bounded()]
    }

    /// What is not in the bundle though it belongs to the case or the verdict rests on it, one line each.
    #[must_use]
    pub fn missing(&self) -> Vec<String> {
        let body = |index: &u64| {
            let kind = self.entries.iter().find(|entry| entry.index == *index);
            let kind = kind.map_or("body", |entry| entry.record.kind.as_str());
            format!("the body of the {kind} at ledger index {index}: withheld or erased")
        };
        let subject = |subject: &Subject| format!("{}, on which the verdict rests", subject.name());
        let absent = self.completeness.bodies_absent.iter().map(body);
        absent.chain(self.completeness.subjects_absent.iter().map(subject)).collect()
    }

    /// Entries that state an earlier time than an entry before them in the log: written later than they say, or by a
    /// clock that was set back.
    #[must_use]
    pub fn back_dated(&self) -> Vec<BackDated> {
        let mut latest: Option<(Timestamp, &VerifiedEntry)> = None;
        let mut found = Vec::new();
        for entry in &self.entries {
            let Some(at) = time_of(entry) else { continue };
            match latest {
                Some((before, earlier)) if at < before => found.push(BackDated {
                    index: entry.index,
                    at: entry.record.at.clone(),
                    after: earlier.index,
                    after_at: earlier.record.at.clone(),
                }),
                _ => latest = Some((at, entry)),
            }
        }
        found
    }

    fn authentic(&self) -> Finding {
        let answer = if self.authenticity.expected_key { Answer::Yes } else { Answer::Open };
        Finding { name: "authentic", answer, why: after_colon(&self.authenticity.to_string()) }
    }

    fn intact(&self) -> Finding {
        Finding { name: "intact", answer: Answer::Yes, why: after_colon(&self.integrity.to_string()) }
    }

    fn complete(&self) -> Finding {
        let absent = self.missing().len();
        let answer = if absent == 0 { Answer::Yes } else { Answer::No };
        Finding { name: "complete", answer, why: after_colon(&self.completeness.to_string()) }
    }

    fn fresh(&self, Reading { now, max_age }: Reading) -> Finding {
        let finding = |answer, why| Finding { name: "fresh", answer, why };
        let verdict = self.entries.iter().find(|entry| entry.index == self.verdict_index);
        let Some((entry, at)) = verdict.and_then(|entry| Some((entry, time_of(entry)?))) else {
            return finding(Answer::Open, "The verdict's entry states no time that can be read.".into());
        };
        let age = now.duration_since(at);
        let (said, hours) = (&entry.record.at, age.as_hours());
        if age.is_negative() {
            let why = format!(
                "The verdict says it was logged at {said}, which is after now ({now}): one clock is wrong."
            );
            return finding(Answer::Open, why);
        }
        let newer = self.entries.iter().filter(|other| other.index > self.verdict_index);
        let newer = newer.filter(|other| other.record.kind == super::VERDICT_KIND).count();
        let answer = if age <= max_age && newer == 0 { Answer::Yes } else { Answer::No };
        let allowed = max_age.as_hours();
        let mut why = format!(
            "The verdict was logged at {said}, {hours} h before now; up to {allowed} h count as fresh."
        );
        if newer > 0 {
            why.push_str(" A newer verdict of this case is in the bundle.");
        }
        finding(answer, why)
    }

    fn time_bounded(&self) -> Finding {
        let finding = |answer, why| Finding { name: "time-bounded", answer, why };
        let back_dated = self.back_dated();
        if !back_dated.is_empty() {
            let named: Vec<String> = back_dated.iter().map(ToString::to_string).collect();
            return finding(Answer::No, format!("{}.", named.join("; ")));
        }
        // Under a policy only its own witnesses count.
        let authenticity = &self.authenticity;
        let witnessed =
            authenticity.quorum.as_ref().map_or(&authenticity.witnessed, |quorum| &quorum.witnessed);
        let seen = witnessed.iter().map(|Witnessed { name, seconds }| {
            let time = i64::try_from(*seconds).ok().and_then(|s| Timestamp::from_second(s).ok());
            (time, format!("when {name} saw this head of the log"))
        });
        let stamped = self.stamped.iter().map(|token| {
            (Some(token.time), format!("by a token of the time authority {} over this head", token.authority))
        });
        // A time that cannot be read comes last.
        let Some((time, how)) = stamped.chain(seen).min_by_key(|(time, _)| time.unwrap_or(Timestamp::MAX))
        else {
            let why = "No witness and no time authority states when this head of the log existed; the times in the entries \
                       are the word of the log's holder, and stand in order.";
            let unread = match self.tokens {
                0 => String::new(),
                tokens => format!(
                    " {tokens} timestamps are carried: name the authorities you trust to have them read."
                ),
            };
            return finding(Answer::Open, format!("{why}{unread}"));
        };
        let said = time.map_or_else(|| "an unreadable time".into(), |time| time.to_string());
        let later = |entry: &&VerifiedEntry| time_of(entry).zip(time).is_some_and(|(at, seen)| at > seen);
        if let Some(entry) = self.entries.iter().find(later) {
            let (index, at) = (entry.index, &entry.record.at);
            let why =
                format!("The entry at ledger index {index} says {at}, though it existed at {said}, {how}.");
            return finding(Answer::No, why);
        }
        let why = format!("All of it existed at {said}, {how}, and the entries' times stand in order.");
        finding(Answer::Yes, why)
    }
}

/// An entry that states an earlier time than one before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackDated {
    /// Ledger index.
    pub index: u64,
    /// What it states.
    pub at: String,
    /// Ledger index of the entry before it.
    pub after: u64,
    /// What that one states.
    pub after_at: String,
}

impl fmt::Display for BackDated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { index, at, after, after_at } = self;
        write!(
            f,
            "The entry at ledger index {index} is back-dated: it says {at}, and stands after the entry {after} of {after_at}"
        )
    }
}

fn time_of(entry: &VerifiedEntry) -> Option<Timestamp> {
    entry.record.at.parse().ok()
}

/// The statements say their own name before a colon.
fn after_colon(text: &str) -> String {
    text.split_once(": ").map_or(text, |(_, rest)| rest).to_owned()
}
