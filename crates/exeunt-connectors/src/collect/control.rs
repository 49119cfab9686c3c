//! Positive controls: what shows that the reader can see such objects at all.

use exeunt_model::manifest::{Control, ReadRule};
use exeunt_model::receipt::PositiveControl;

use super::Job;
use super::scope::{Done, least};

/// Sets the control of all scopes of one read: a row in any of them shows what the reader sees.
pub(crate) fn settle(job: &Job<'_>, rule: &ReadRule, read: &str, scopes: &mut [Done]) {
    let mut row = None;
    let mut known = None;
    for done in scopes.iter_mut() {
        row = least(row, done.control.take());
        known = least(known, done.known.take());
    }
    for done in scopes {
        done.receipt.control = match job.controls.get(read) {
            Some(id) => match &known {
                Some(seen) => PositiveControl::Seen(seen.clone()),
                None => PositiveControl::NotSeen(format!("the known object `{id}` was not shown")),
            },
            None => stated(rule, row.as_ref(), done.receipt.pages > 0),
        };
    }
}

fn stated(rule: &ReadRule, row: Option<&String>, answered: bool) -> PositiveControl {
    match (&rule.control, row) {
        (Control::AnyRow | Control::Row { .. }, Some(row)) => PositiveControl::Seen(row.clone()),
        (Control::AnyRow, None) => PositiveControl::NotSeen("no row was shown in any scope".to_owned()),
        (Control::Row { matching }, None) => {
            PositiveControl::NotSeen(format!("no row was shown for which `{}`", matching.trim()))
        }
        (Control::RefusesOtherwise { because }, _) if answered => {
            PositiveControl::Seen(format!("it would have been refused otherwise: {because}"))
        }
        (Control::RefusesOtherwise { .. }, _) => {
            PositiveControl::NotSeen("no answer was a success".to_owned())
        }
        (Control::None { .. }, _) => PositiveControl::NotStated,
    }
}
