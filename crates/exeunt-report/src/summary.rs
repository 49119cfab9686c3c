//! What both the text and the Markdown report say first.

use exeunt_model::State;
use exeunt_model::verdict::{Conclusion, Obligation, VerdictDocument};

use crate::groups::counted;
use crate::words;

/// Obligations by what a reader does about them.
pub(crate) struct Sorted<'a> {
    pub(crate) used: Vec<&'a Obligation>,
    pub(crate) live: Vec<&'a Obligation>,
    pub(crate) latent: Vec<&'a Obligation>,
    pub(crate) unknown: Vec<&'a Obligation>,
    pub(crate) waived: Vec<&'a Obligation>,
    pub(crate) gone: Vec<&'a Obligation>,
}

pub(crate) fn sorted(verdict: &VerdictDocument) -> Sorted<'_> {
    let of = |wanted: &dyn Fn(&Obligation) -> bool| {
        verdict.obligations.iter().filter(|o| wanted(o)).collect::<Vec<_>>()
    };
    // A credential used after departure is an incident and stands first, whatever it is now.
    let used = |o: &Obligation| o.used_after_departure.is_some() && o.state != State::Gone;
    Sorted {
        used: of(&used),
        live: of(&|o| o.state == State::Live && !used(o)),
        latent: of(&|o| o.state == State::Latent && !used(o)),
        unknown: of(&|o| matches!(o.state, State::Unknown | State::Unknowable) && !used(o)),
        waived: of(&|o| o.state == State::Waived && !used(o)),
        gone: of(&|o| o.state == State::Gone),
    }
}

/// The answer in a few short sentences. It counts what has to be mended, as the lines below it do.
pub(crate) fn answer(verdict: &VerdictDocument) -> String {
    let name = &verdict.subject.name;
    let of = |states: &[State]| -> Vec<&Obligation> {
        verdict.obligations.iter().filter(|o| states.contains(&o.state)).collect()
    };
    let (live, reached) = counted(&of(&[State::Live]));
    let mut said = match verdict.verdict {
        Conclusion::Clear => format!(
            "Nothing can act for {name} any more: {} proven gone.",
            words::count(of(&[State::Gone]).len(), "thing", "things")
        ),
        Conclusion::Residual | Conclusion::Unproven if live > 0 => {
            let reach =
                if reached > 0 { format!(", with {reached} more behind them") } else { String::new() };
            format!("{} can still act for {name}{reach}.", words::count(live, "thing", "things"))
        }
        Conclusion::Residual => format!("Nothing was seen acting for {name}, but not all is removed."),
        Conclusion::Unproven => format!("Nothing was seen that acts for {name}, but that is not proven."),
    };
    let mut also = |n: usize, one: &str, many: &str| {
        if n > 0 {
            said.push(' ');
            said.push_str(&words::count(n, one, many));
        }
    };
    let used = verdict.obligations.iter().filter(|o| o.used_after_departure.is_some()).count();
    also(used, "was used after departure.", "were used after departure.");
    let (latent, _) = counted(&of(&[State::Latent]));
    let back = "would come back if what blocks it were undone.";
    also(latent, back, "would come back if what blocks them were undone.");
    let (unseen, _) = counted(&of(&[State::Unknown, State::Unknowable]));
    also(unseen, "could not be seen.", "could not be seen.");
    let blocking = verdict.gaps.iter().filter(|gap| gap.blocks).count();
    also(blocking, "read does not count in full.", "reads do not count in full.");
    said
}
