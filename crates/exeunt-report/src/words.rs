//! The fixed words of reports, so that they can be searched for.

use exeunt_model::owners::Domain;
use exeunt_model::verdict::{Accountable, ClaimCheck, Comparison, Conclusion, Standing, Step};
use exeunt_model::{State, Timestamp};

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
        Comparison::DoneThenUndone => "seen again after it was claimed done",
        Comparison::Open => "still open",
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
pub(crate) fn path(steps: &[Step]) -> String {
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

/// A claim and how it compares, in one line.
pub(crate) fn claim(check: &ClaimCheck) -> String {
    let by = check.claim.by.as_deref().map_or(String::new(), |by| format!(" by {by}"));
    let at = check.claim.at.map_or(String::new(), |at| format!(", {}", time(at)));
    format!("\"{}\"{by}{at}: {}", check.claim.says, comparison(check.comparison))
}

/// `1 thing`, `3 things`.
pub(crate) fn count(n: usize, one: &str, many: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {many}") }
}
