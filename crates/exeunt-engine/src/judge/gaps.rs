//! Reads that do not count in full, and what no read can show.
//!
//! A read that is partial, stale, missing, begun before departure or that did not show its positive control
//! keeps a case from being clear: nobody can tell whether it hides something we never knew of. A read whose
//! manifest states no control at all does not, since nothing that rests on it is ever called gone anyway; a
//! missing baseline does only where policy asks for one.

use std::collections::{BTreeMap, BTreeSet};

use exeunt_model::manifest::{Coverage, Each};
use exeunt_model::receipt::PositiveControl;
use exeunt_model::verdict::{CaseBlindSpot, Gap, GapKind, Obligation};
use exeunt_model::{Outcome, ReadReceipt, Snapshot, SystemId};

use crate::estate::{Held, at};
use crate::inputs::ManifestInUse;
use crate::liveness::Scene;

/// Everything that was not read in full.
pub(crate) fn gaps(
    scene: &Scene<'_, '_>,
    in_scope: &BTreeMap<SystemId, ManifestInUse<'_>>,
    ticket: Option<&Snapshot>,
) -> Vec<Gap> {
    let mut gaps = Vec::new();
    for (system, used) in in_scope {
        let Some((_, held)) = scene.estate.newest(system) else {
            gaps.push(Gap {
                system: system.clone(),
                read: String::new(),
                kind: GapKind::NeverRead,
                detail: format!("{system} has never been read."),
                next_step: format!("Read {system}: exeunt collect {system}."),
                blocks: true,
            });
            continue;
        };
        gaps.extend(baseline(scene, system));
        gaps.extend(unread(system, used, held));
        for receipt in held.receipts() {
            gaps.extend(gap(scene, system, receipt, held));
        }
    }
    for receipt in ticket.into_iter().flat_map(|ticket| &ticket.reads).map(|read| &read.receipt) {
        if let Outcome::Partial { reason, detail } = &receipt.outcome {
            gaps.push(Gap {
                system: receipt.system.clone(),
                read: receipt.title(),
                kind: GapKind::Partial(*reason),
                detail: format!("Part of the ticket could not be read since {}: {detail}", reason.words()),
                next_step: "Read the ticket again. Claims change no fact, but one that is missing cannot be compared.".to_owned(),
                blocks: false,
            });
        }
    }
    gaps.sort();
    gaps.dedup();
    gaps
}

fn gap(scene: &Scene<'_, '_>, system: &SystemId, receipt: &ReadReceipt, held: &Held<'_>) -> Option<Gap> {
    let make = |kind, detail, next_step, blocks| Gap {
        system: system.clone(),
        read: receipt.title(),
        kind,
        detail,
        next_step,
        blocks,
    };
    if let Outcome::Partial { reason, detail } = &receipt.outcome {
        let step = format!("Mend it and read {system} again; the read needs {}.", receipt.permission);
        return Some(make(
            GapKind::Partial(*reason),
            format!("Not read whole since {}: {detail}", reason.words()),
            step,
            true,
        ));
    }
    if let Err(because) = scene.timely(receipt) {
        return Some(make(GapKind::Stale, because.to_string(), format!("Read {system} again."), true));
    }
    match &receipt.control {
        PositiveControl::Seen(_) => None,
        PositiveControl::NotSeen(what) => {
            // In a scoped read any scope can show the control for all of them.
            let elsewhere = held
                .receipts_of(&receipt.read)
                .any(|other| matches!(other.control, PositiveControl::Seen(_)));
            let step = format!(
                "Name an object that {} has to show, under `controls` of {system}, or give the reader {}.",
                receipt.read, receipt.permission
            );
            let detail = format!("Nothing showed that the reader can see such objects: {what}");
            (!elsewhere).then(|| make(GapKind::NoPositiveControl, detail, step, true))
        }
        PositiveControl::NotStated => {
            let step = "Nothing that rests on this read is called gone; a control in the manifest would change that.";
            let detail = "The manifest knows no positive control for this read.";
            Some(make(GapKind::NoPositiveControl, detail.to_owned(), step.to_owned(), false))
        }
    }
}

/// Reads the manifest has and the newest snapshot has not. A read that runs for each row of another may have
/// had no rows to run for, where that other read was complete and had none, or leaves some out.
fn unread(system: &SystemId, used: &ManifestInUse<'_>, held: &Held<'_>) -> Vec<Gap> {
    let made = |read: &str| held.receipts_of(read).next().is_some();
    let whole =
        |read: &str| made(read) && held.receipts_of(read).all(|receipt| receipt.outcome.is_complete());
    let rows = |read: &str| held.receipts_of(read).map(|receipt| receipt.rows).sum::<u64>();
    let none_to_run_for = |each: &Each| whole(&each.read) && (each.when.is_some() || rows(&each.read) == 0);
    let missing = used
        .manifest
        .reads
        .iter()
        .filter(|(name, rule)| !made(name) && !rule.each.as_ref().is_some_and(none_to_run_for));
    missing
        .map(|(name, rule)| Gap {
            system: system.clone(),
            read: name.clone(),
            kind: GapKind::NeverRead,
            detail: format!("The newest snapshot of {system} has no read {name}."),
            next_step: format!("Read {system} again; {name} needs {}.", rule.permission),
            blocks: true,
        })
        .collect()
}

fn baseline(scene: &Scene<'_, '_>, system: &SystemId) -> Option<Gap> {
    let history = scene.estate.history(system);
    let first = history.first()?;
    let before = history.iter().filter(|held| held.snapshot.started < scene.window.departed);
    let (mut any, mut whole) = (false, false);
    for held in before {
        any = true;
        whole |= held.snapshot.is_complete();
    }
    let detail = if any {
        format!(
            "{system} was not read whole before the departure: what was taken from the leaver before it is known in part."
        )
    } else {
        format!(
            "{system} was first read at {}, after the departure: what was taken from the leaver before that is not known.",
            at(first.snapshot.started)
        )
    };
    (!whole).then(|| Gap {
        system: system.clone(),
        read: String::new(),
        kind: GapKind::NoBaseline,
        detail,
        next_step: "Read all systems regularly, so that a departure finds a snapshot from before it."
            .to_owned(),
        blocks: scene.policy.require_baseline,
    })
}

/// What nobody can see, in the systems where the leaver has or had something, or that could not be read.
pub(crate) fn blind_spots(
    in_scope: &BTreeMap<SystemId, ManifestInUse<'_>>,
    lines: &[Obligation],
    gaps: &[Gap],
) -> Vec<CaseBlindSpot> {
    let mut systems: BTreeSet<&SystemId> = lines.iter().map(|line| &line.system).collect();
    systems.extend(gaps.iter().filter(|gap| gap.blocks).map(|gap| &gap.system));
    let mut blind = Vec::new();
    for (system, used) in in_scope.iter().filter(|(system, _)| systems.contains(system)) {
        for spot in &used.manifest.blind_spots {
            blind.push(CaseBlindSpot {
                system: system.clone(),
                kind: spot.kind,
                what: spot.what.clone(),
                bound: spot.bound.clone(),
            });
        }
        for (kind, coverage) in &used.manifest.survivors {
            let told = used.manifest.blind_spots.iter().any(|spot| spot.kind == *kind);
            if let (Coverage::Blind(why), false) = (coverage, told) {
                let bound = "No bound is stated.".to_owned();
                blind.push(CaseBlindSpot { system: system.clone(), kind: *kind, what: why.clone(), bound });
            }
        }
    }
    blind.sort();
    blind.dedup();
    blind
}
