//! What the lines come to, and in which order they stand.

use exeunt_model::State;
use exeunt_model::verdict::{Conclusion, ControlPoint, Gap, Obligation, Standing};

use crate::order::in_order;

/// Residual if anything is live or latent; clear only if everything is gone or waived, no read is missing, every
/// control point holds and all that was promised was observed; else unproven.
pub(crate) fn conclude(
    lines: &[Obligation],
    points: &[ControlPoint],
    gaps: &[Gap],
    promised_not_observed: bool,
) -> Conclusion {
    if lines.iter().any(|line| matches!(line.state, State::Live | State::Latent)) {
        return Conclusion::Residual;
    }
    let gone = lines.iter().all(|line| matches!(line.state, State::Gone | State::Waived));
    let seen = !promised_not_observed && !gaps.iter().any(|gap| gap.blocks);
    let held = points.iter().all(|point| match point.standing {
        Standing::Holds | Standing::NothingToHold | Standing::NotJudged => true,
        Standing::Failed | Standing::Unknown => false,
    });
    if gone && seen && held { Conclusion::Clear } else { Conclusion::Unproven }
}

/// Used after departure first; then live (privileged before others), latent, unknown, waived, gone.
pub(crate) fn worst_first(lines: Vec<Obligation>) -> Vec<Obligation> {
    in_order(lines, |a, b| {
        let rank =
            |line: &Obligation| (line.used_after_departure.is_none(), order(line.state), !line.privileged);
        (rank(a), &a.id).cmp(&(rank(b), &b.id))
    })
}

const fn order(state: State) -> u8 {
    match state {
        State::Live => 0,
        State::Latent => 1,
        State::Unknown => 2,
        State::Unknowable => 3,
        State::Waived => 4,
        State::Gone => 5,
    }
}
