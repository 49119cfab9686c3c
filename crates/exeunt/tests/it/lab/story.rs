//! Two leavers, from before they leave until nothing of theirs is left.
//!
//! Tom Reyes was removed properly, Ida Brandt half; a second Ida Brandt stays. What is left of Ida is planted by the
//! lab, line by line, in `expected.yaml`. The verdicts are made in this process, with a clock that is put forward past
//! the settle times, and by the program itself where its exit code counts.
//!
//! What the AWS emulator cannot show is not in the story: when a service last used a permission, the trail of API calls,
//! and what a session token of STS still opens. Its service-specific credentials are an addition of the lab. It names a
//! trusted user that is deleted by its ARN still, where IAM turns that into a unique id.

use std::collections::BTreeMap;

use exeunt_model::verdict::{Conclusion, GapKind, Obligation, Standing, VerdictDocument};
use exeunt_model::{Grade, PartialReason, State, Timestamp};
use exeunt_service::pipeline::VerifyOptions;
use serde_json::json;

use super::expected::{Line, exactly_what_is_planted, nobody_else_is_named, path};
use super::running::Lab;
use super::setup::{Exeunt, SYSTEMS, configuration};

const IDA: &str = "1042";
const TOM: &str = "1043";

/// Longer than every settle time of the connectors.
const SETTLED: i64 = 10;

/// The story so far: the lab, the program, and how far the clock was put forward.
struct Story {
    lab: Lab,
    exeunt: Exeunt,
    departed: Timestamp,
    minutes: i64,
}

impl Story {
    /// Everybody has everything; a snapshot is taken; Tom's removal is done and Ida's half done.
    async fn until_half() -> Self {
        let lab = Lab::take();
        if lab.stage() != "empty" {
            lab.play(&["reset"]);
        }
        lab.play(&["seed", "--stage", "before"]);
        let exeunt = Exeunt::on(&lab);
        for snapshot in exeunt.collect(0, &[]).await {
            assert!(snapshot.is_complete(), "{} was not read whole", snapshot.system);
        }
        lab.play(&["seed", "--stage", "half"]);
        let departed = lab.began("half");
        Self { lab, exeunt, departed, minutes: 0 }
    }

    /// Puts the clock past every settle time.
    fn settle(&mut self) {
        self.minutes += SETTLED;
    }

    async fn verify(&self, who: &str) -> VerdictDocument {
        let options = VerifyOptions { departed: Some(self.departed), offline: false };
        self.exeunt.verify(who, self.minutes, options).await
    }

    /// From the snapshots there are.
    async fn judge(&self, who: &str) -> VerdictDocument {
        let options = VerifyOptions { departed: Some(self.departed), offline: true };
        self.exeunt.verify(who, self.minutes, options).await
    }

    /// One system refuses to be spoken to: its lines, and what rested on it, and only those, are unknown.
    async fn refused(&mut self, system: &str, before: &VerdictDocument) -> VerdictDocument {
        self.settle();
        self.lab.play(&["plug", system, "out"]);
        let verdict = self.verify(IDA).await;
        self.lab.play(&["plug", system, "in"]);
        only_this_is_unknown(system, PartialReason::Unreachable, before, &verdict);
        verdict
    }

    /// The same for one that takes the connection and never answers.
    async fn hanging(&mut self, system: &str, before: &VerdictDocument) {
        self.settle();
        self.lab.play(&["plug", system, "out", "--how", "hang"]);
        let mut hasty = configuration(&self.lab);
        let connector = &mut hasty["systems"][system]["connector"];
        *connector = json!(format!("hasty-{}", connector.as_str().expect("a connector")));
        self.exeunt.configure(&hasty);
        self.exeunt.collect(self.minutes, &[system]).await;
        let verdict = self.judge(IDA).await;
        self.exeunt.configure(&configuration(&self.lab));
        self.lab.play(&["plug", system, "in"]);
        only_this_is_unknown(system, PartialReason::TimedOut, before, &verdict);
    }

    /// A system is within reach again and is read, so that what comes next finds it settled.
    async fn back(&mut self, system: &str) {
        self.minutes += 1;
        self.exeunt.collect(self.minutes, &[system]).await;
    }
}

/// Whether a line was gone by what a read of a system showed.
fn rested_on(system: &str, before: &VerdictDocument, line: &Obligation) -> bool {
    let was = before.obligations.iter().find(|was| was.id == line.id && was.state == State::Gone);
    was.is_some_and(|was| was.evidence.iter().any(|cite| cite.system.as_str() == system))
}

/// Its lines, and those that were gone by what it showed.
fn only_this_is_unknown(
    system: &str,
    reason: PartialReason,
    before: &VerdictDocument,
    verdict: &VerdictDocument,
) {
    let lines = |verdict: &VerdictDocument| -> BTreeMap<String, Line> {
        verdict.obligations.iter().map(|line| (line.id.clone(), Line::of(line))).collect()
    };
    let (was, is) = (lines(before), lines(verdict));
    assert!(was.keys().all(|id| is.contains_key(id)), "{system} out: a line is missing");
    for line in &verdict.obligations {
        if line.system.as_str() == system {
            // Among them may be what was plainly somebody else's while it could be read: the key that a program got with
            // its new owner.
            assert_eq!(
                (line.state, line.control_point),
                (State::Unknown, Some(9)),
                "{}: {}",
                line.id,
                line.because
            );
        } else if rested_on(system, before, line) {
            // What is somebody else's now is so because the directory shows them.
            assert_eq!(line.state, State::Unknown, "{system} out: {}: {}", line.id, line.because);
        } else {
            assert_eq!(was.get(&line.id), is.get(&line.id), "{system} out: {}", line.because);
        }
    }
    assert!(
        verdict.gaps.iter().any(|gap| gap.system.as_str() == system && gap.kind == GapKind::Partial(reason))
    );
    assert!(
        verdict.gaps.iter().all(|gap| gap.system.as_str() == system || !gap.blocks),
        "{:?}",
        verdict.gaps
    );
}

fn standing(verdict: &VerdictDocument, point: u8) -> Standing {
    verdict.control_points.iter().find(|p| p.number == point).expect("ten control points").standing
}

/// Nothing is left, and that is proven.
fn is_clear(verdict: &VerdictDocument) {
    let left: Vec<_> = verdict
        .obligations
        .iter()
        .filter(|line| line.state != State::Gone || line.grade < Grade::E3)
        .map(|line| format!("{}: {:?} {:?} {}", line.id, line.state, line.grade, line.because))
        .collect();
    assert!(left.is_empty(), "{left:#?}");
    assert_eq!(verdict.verdict, Conclusion::Clear, "{:#?} {:#?}", verdict.control_points, verdict.gaps);
    assert!(verdict.obligations.len() > 10, "what was there is listed as gone");
}

/// The whole promise on real servers: every survivor with its state, path, break and owner and nothing else; nobody
/// else's; unknown where a system cannot be read; clear once it is all removed, with evidence that verifies.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_of_a_leaver_is_found_and_its_end_is_proven() {
    let mut story = Story::until_half().await;
    half_removed(&story);
    story.settle();
    let half = story.verify(IDA).await;
    found_at_half(&story, &half).await;
    for (system, _) in SYSTEMS {
        let without = story.refused(system, &half).await;
        assert_eq!(without.verdict, Conclusion::Residual, "{system}");
        if system == "ldap" {
            assert_eq!(standing(&without, 2), Standing::Unknown);
        }
        story.hanging(system, &half).await;
        story.back(system).await;
    }
    story.lab.play(&["finish"]);
    story.settle();
    let settling = story.verify(IDA).await;
    assert_ne!(settling.verdict, Conclusion::Clear, "what was removed a moment ago is not proven yet");
    story.settle();
    let clear = story.verify(IDA).await;
    is_clear(&clear);
    for (system, _) in SYSTEMS {
        let without = story.refused(system, &clear).await;
        assert_eq!(without.verdict, Conclusion::Unproven, "{system}");
        story.back(system).await;
    }
    story.settle();
    let last = story.verify(IDA).await;
    is_clear(&last);
    nobody_else_is_named(&story.lab, &last);
    evidence(&story);
}

/// The program itself, before anything has settled: exit code 10, and the answer in words.
fn half_removed(story: &Story) {
    let departed = story.departed.to_string();
    let told = story.exeunt.run(&["verify", IDA, "--departed", &departed]);
    let text = String::from_utf8(told.stdout).expect("UTF-8");
    assert_eq!(told.status.code(), Some(10), "{text}{}", String::from_utf8_lossy(&told.stderr));
    for words in ["Ida Brandt", "drift-dashboard", "prod-admins"] {
        assert!(text.contains(words), "`{words}` is missing:\n{text}");
    }
    let told = story.exeunt.run(&["verify", TOM, "--departed", &departed, "--offline"]);
    assert_eq!(told.status.code(), Some(11), "what was removed a moment ago is not proven yet");
}

async fn found_at_half(story: &Story, half: &VerdictDocument) {
    assert_eq!(half.verdict, Conclusion::Residual);
    assert_eq!(standing(half, 2), Standing::Holds, "the directory locked her");
    exactly_what_is_planted(&story.lab, "ida.brandt", half);
    nobody_else_is_named(&story.lab, half);
    let gone: Vec<String> = half.obligations.iter().filter(|l| l.state == State::Gone).map(path).collect();
    for removed in
        ["calibration", "reporting", "IDAPHONE (IDAPHONE)", "developers", "console password of ida.brandt"]
    {
        assert!(gone.iter().any(|path| path.ends_with(removed)), "{removed} was taken away: {gone:#?}");
    }
    assert!(half.disputed.is_empty(), "{:?}", half.disputed);
    let tom = story.judge(TOM).await;
    is_clear(&tom);
    assert!(!serde_json::to_string(&tom).expect("JSON").contains("ida.brandt"), "nothing of Ida's is Tom's");
}

/// An auditor takes the last verdict away and checks it with nothing but the file.
fn evidence(story: &Story) {
    let file = story.exeunt.path("ida.bundle");
    let file = file.to_str().expect("UTF-8");
    let exported = story.exeunt.run(&["evidence", "export", IDA, "--output", file]);
    assert_eq!(exported.status.code(), Some(0), "{}", String::from_utf8_lossy(&exported.stderr));
    let verified = story.exeunt.run(&["evidence", "verify", file]);
    let said = String::from_utf8_lossy(&verified.stdout);
    assert_eq!(verified.status.code(), Some(0), "{said}");
    assert!(said.contains("ACCEPTED") && said.contains("clear"), "{said}");
}
