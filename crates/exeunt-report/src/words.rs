//! The fixed words of reports, so that they can be searched for.

use std::sync::Arc;

use exeunt_model::owners::Domain;
use exeunt_model::verdict::{
    Accountable, ActingAs, ClaimCheck, Clock, Comparison, Conclusion, Moment, Remark, Standing, Step,
};
use exeunt_model::{Duration, State, Timestamp};

pub(crate) const fn conclusion(conclusion: Conclusion) -> &'static str {
    match conclusion {
        Conclusion::Clear => "CLEAR",
        Conclusion::Residual => "RESIDUAL ACCESS",
        Conclusion::Unproven => "UNPROVEN",
    }
}

pub(crate) const fn state(state: State) -> &'static str {
    match state {
        State::Live => "live",
        State::Latent => "latent",
        State::Unknown => "unknown",
        State::Unknowable => "unknowable",
        State::Waived => "waived",
        State::Gone => "gone",
    }
}

pub(crate) const fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::Holds => "holds",
        Standing::Failed => "FAILED",
        Standing::Unknown => "unknown",
        Standing::NothingToHold => "nothing to hold",
        Standing::NotJudged => "not judged",
    }
}

pub(crate) const fn domain(domain: Domain) -> &'static str {
    match domain {
        Domain::IdentityLifecycle => "identity lifecycle",
        Domain::ApplicationEntitlement => "application entitlement",
        Domain::IntegrationRevocation => "integration revocation",
    }
}

pub(crate) const fn comparison(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Confirmed => "confirmed by the system",
        Comparison::Contradicted => "contradicted by the system",
        Comparison::Unobservable => "could not be observed",
        Comparison::Late => "late",
        Comparison::Premature => "claimed while it was still there; gone since",
        Comparison::WrongObject => "done to something that is not the leaver's",
        Comparison::DoneThenUndone => "done, then undone",
        Comparison::NeverAttempted => "contradicted by the system: nothing changed, before or since",
        Comparison::Open => "still open",
    }
}

/// What is to be known of a claim beside what it says.
pub(crate) const fn remark(remark: Remark) -> &'static str {
    match remark {
        Remark::ApproverIsExecutor => "the approver did it",
        Remark::Automation => "no person did it",
        Remark::ForgedActor => "the history shows another actor than its author",
        Remark::EditedAfterClosing => "changed after closing",
    }
}

/// How a moment is known: its grade, its clock and how far that may be off.
pub(crate) fn known(moment: &Moment) -> String {
    let far = moment.uncertain.filter(|far| !far.is_zero());
    let within = far.map_or(String::new(), |far| format!(" within {}", length(far)));
    let clock = match (&moment.clock, moment.uncertain) {
        (Clock::Ours, _) => format!(", our clock{within}"),
        (Clock::System(system), Some(_)) => format!(", clock of {system}{within}"),
        (Clock::System(system), None) => format!(", clock of {system}, never compared with ours"),
        (Clock::Stated, _) => ", as stated".to_owned(),
    };
    format!("({:?}{clock})", moment.grade)
}

/// `1s`, `4m 10s`, `2h 5m`; a part of a second counts as one.
fn length(length: Duration) -> String {
    let seconds = length.as_secs() + i64::from(length.subsec_nanos() > 0);
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, s) => format!("{s}s"),
        (0, m, 0) => format!("{m}m"),
        (0, m, s) => format!("{m}m {s}s"),
        (h, 0, _) => format!("{h}h"),
        (h, m, _) => format!("{h}h {m}m"),
    }
}

/// The name of a control point.
pub(crate) const fn control_point(number: Option<u8>) -> &'static str {
    match number {
        Some(1) => "trigger",
        Some(2) => "directory",
        Some(3) => "account",
        Some(4) => "entitlement",
        Some(5) => "credential",
        Some(6) => "integration",
        Some(7) => "non-human",
        Some(8) => "shared secret",
        Some(9) => "proof",
        Some(10) => "recheck",
        _ => "",
    }
}

/// As much of a sentence as fits a line; the whole of it is in the JSON form.
pub(crate) fn shortened(text: &str) -> String {
    const FITS: usize = 160;
    if text.chars().count() <= FITS {
        return text.to_owned();
    }
    let cut: String = text.chars().take(FITS).collect();
    let end = cut.rfind(' ').unwrap_or(cut.len());
    format!("{} ...", &cut[..end])
}

/// `2026-11-13 17:00 UTC`; seconds are in the JSON form.
pub(crate) fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// The path as names and arrows.
pub(crate) fn path(steps: &[Arc<Step>]) -> String {
    let Some(first) = steps.first() else {
        return String::new();
    };
    steps
        .iter()
        .fold(first.names.0.clone(), |said, step| format!("{said} -[{}]-> {}", step.how, step.names.1))
}

/// Who answers, in one line.
pub(crate) fn accountable(accountable: &Accountable) -> String {
    let owner = accountable.owner.as_deref().unwrap_or("nobody: the register has no owner");
    let contact = accountable.contact.as_deref().map_or(String::new(), |c| format!(", {c}"));
    format!("{owner} ({}{contact})", domain(accountable.domain))
}

/// Until when it was due, how late it is, and who is asked next; none without a deadline.
pub(crate) fn due(accountable: &Accountable) -> Option<String> {
    let late = match accountable.overdue {
        Some(overdue) => format!(", {} overdue", lasting(overdue)),
        None => String::new(),
    };
    let next = accountable.escalation.as_ref().map(|next| {
        let contact = next.contact.as_deref().map_or(String::new(), |contact| format!(" ({contact})"));
        let when = match next.from {
            _ if next.due => "now".to_owned(),
            Some(from) => format!("from {} on", time(from)),
            None => "when the owner does not answer".to_owned(),
        };
        format!("ask {}{contact} {when}", next.to)
    });
    let due = accountable.due.map(|due| format!("by {}{late}", time(due)));
    let said: Vec<String> = due.into_iter().chain(next).collect();
    (!said.is_empty()).then(|| said.join("; "))
}

/// Who answers in the owner's stead, or has it by now.
pub(crate) fn instead(accountable: &Accountable) -> Option<String> {
    if let Some(acting) = &accountable.acting {
        let who = match (&acting.who, acting.right) {
            (Some(who), ActingAs::Deputy) => format!("{who} answers as deputy"),
            (Some(who), _) => format!("{who} answers, as the next one asked"),
            (None, _) => "nobody is left to answer".to_owned(),
        };
        return Some(format!("{} {who}.", acting.because));
    }
    let now: Vec<String> = accountable
        .now
        .iter()
        .map(|now| {
            let contact = now.contact.as_deref().map_or(String::new(), |contact| format!(", {contact}"));
            format!("{}{contact} ({})", now.owner, now.register)
        })
        .collect();
    (!now.is_empty()).then(|| format!("Owned by now by {}.", now.join(" and ")))
}

/// `5 d 12 h`, `1 h 30 min`: the two largest parts.
pub(crate) fn lasting(duration: Duration) -> String {
    let minutes = duration.as_secs() / 60;
    let (days, hours, minutes) = (minutes / 1440, minutes / 60 % 24, minutes % 60);
    let parts = [(days, "d"), (hours, "h"), (minutes, "min")];
    let begin = parts.iter().position(|(count, _)| *count > 0).unwrap_or(2);
    let said = parts.iter().skip(begin).take(2).filter(|(count, _)| *count > 0);
    let said: Vec<String> = said.map(|(count, unit)| format!("{count} {unit}")).collect();
    if said.is_empty() { "less than 1 min".to_owned() } else { said.join(" ") }
}

/// A claim and how it compares, in one line.
pub(crate) fn claim(check: &ClaimCheck) -> String {
    let by = check.claim.by.as_deref().map_or(String::new(), |by| format!(" by {by}"));
    let through = check.claim.through.as_deref().map_or(String::new(), |app| format!(" ({app})"));
    let at = check.claim.at.map_or(String::new(), |at| format!(", {}", time(at)));
    let compared = std::iter::once(comparison(check.comparison));
    let says: Vec<&str> = compared.chain(check.remarks.iter().map(|one| remark(*one))).collect();
    format!("\"{}\"{by}{through}{at}: {}", check.claim.says, says.join("; "))
}

/// `1 thing`, `3 things`.
pub(crate) fn count(n: usize, one: &str, many: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {many}") }
}

#[cfg(test)]
mod tests {
    use exeunt_model::verdict::{Clock, Moment};
    use exeunt_model::{Duration, Grade, Timestamp};

    use super::{known, length};

    /// A clock nobody compared must not read like one that agrees.
    #[test]
    fn a_moment_says_how_well_its_clock_is_known() {
        let system = Clock::System("okta".parse().expect("a system"));
        let says = |clock: &Clock, uncertain| {
            known(&Moment {
                at: Timestamp::UNIX_EPOCH,
                what: exeunt_model::Text::default(),
                grade: Grade::E1,
                clock: clock.clone(),
                uncertain,
                order_undecided: false,
            })
        };
        assert_eq!(says(&Clock::Ours, Some(Duration::ZERO)), "(E1, our clock)");
        assert_eq!(says(&system, Some(Duration::from_secs(2))), "(E1, clock of okta within 2s)");
        assert_eq!(says(&system, None), "(E1, clock of okta, never compared with ours)");
        assert_eq!(says(&Clock::Stated, Some(Duration::ZERO)), "(E1, as stated)");
        assert_eq!(length(Duration::from_millis(250)), "1s");
        assert_eq!(length(Duration::from_secs(7505)), "2h 5m");
        assert_eq!(length(Duration::from_secs(121)), "2m 1s");
    }
}
