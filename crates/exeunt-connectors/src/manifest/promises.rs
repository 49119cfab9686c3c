//! What a manifest promises: every survivor kind accounted for, by reads that show it, and rules
//! only for what exists.

use std::collections::BTreeSet;

use exeunt_model::SurvivorKind;
use exeunt_model::manifest::{Coverage, Manifest, Protocol, ReadRule, Request};

use super::Findings;
use super::check::no_read;

/// Checks coverage and the rules about liveness.
pub(super) fn check(manifest: &Manifest, findings: &mut Findings<'_>) {
    survivors(manifest, findings);
    coverage_of_reads(manifest, findings);
    liveness(manifest, findings);
}

fn survivors(manifest: &Manifest, findings: &mut Findings<'_>) {
    for kind in SurvivorKind::ALL {
        let place = ["survivors", kind.as_str()];
        match manifest.survivors.get(&kind) {
            None => findings.add(
                &["survivors"],
                format!("`{kind}` is not accounted for"),
                "say `seen_by: [reads]`, `blind: why` or `not_applicable: why`",
            ),
            Some(Coverage::SeenBy(reads)) => {
                if reads.is_empty() {
                    findings.add(&place, "no read is named", "name the reads, or say `blind: why`");
                }
                for name in reads {
                    match manifest.reads.get(name) {
                        None => no_read(manifest, name, &place, findings),
                        Some(rule) => shows(kind, name, rule, &place, findings),
                    }
                }
            }
            Some(Coverage::Blind(why) | Coverage::NotApplicable(why)) => {
                if why.trim().is_empty() {
                    findings.add(&place, "why is not said", "an auditor will ask");
                }
            }
        }
    }
}

/// Whether the map of a read gives such records at all.
fn shows(kind: SurvivorKind, name: &str, rule: &ReadRule, place: &[&str], findings: &mut Findings<'_>) {
    let needed: &[&str] = match kind {
        SurvivorKind::Principal => &["account", "identity"],
        SurvivorKind::Session
        | SurvivorKind::TokenUser
        | SurvivorKind::TokenResource
        | SurvivorKind::KeyAsym => &["credential"],
        SurvivorKind::GrantDirect | SurvivorKind::GrantInherited => {
            &["grant", "membership", "act_as", "group"]
        }
        _ => return,
    };
    if !needed.iter().any(|noun| gives(rule, noun)) {
        let says = format!("read `{name}` gives no record of {}", needed.join(" or "));
        findings.add(place, says, "name the read that does, or let its `map` give them");
    }
}

fn gives(rule: &ReadRule, noun: &str) -> bool {
    rule.map.contains(&format!("\"{noun}\""))
}

/// Reads of things that survive, which no survivor kind names: nothing would be judged by them.
fn coverage_of_reads(manifest: &Manifest, findings: &mut Findings<'_>) {
    let named: BTreeSet<&str> = manifest
        .survivors
        .values()
        .filter_map(|coverage| if let Coverage::SeenBy(reads) = coverage { Some(reads) } else { None })
        .flatten()
        .map(String::as_str)
        .collect();
    for (name, rule) in manifest.reads.iter().filter(|(name, _)| !named.contains(name.as_str())) {
        if let Some(noun) =
            ["credential", "integration", "grant", "account"].into_iter().find(|n| gives(rule, n))
        {
            findings.add(
                &["reads", name],
                format!("it gives records of {noun}, and no survivor kind is seen by it"),
                "name the read under `survivors`, or nobody will be shown what it finds missing",
            );
        }
    }
}

fn liveness(manifest: &Manifest, findings: &mut Findings<'_>) {
    let absent =
        |kind: &SurvivorKind| matches!(manifest.survivors.get(kind), Some(Coverage::NotApplicable(_)));
    let hint = "remove one of the two";
    for (section, kinds) in [
        ("kills", manifest.kills.keys().collect::<Vec<_>>()),
        ("proof", manifest.proof.keys().collect()),
        ("revoke", manifest.revoke.keys().collect()),
    ] {
        for kind in kinds.into_iter().filter(|kind| absent(kind)) {
            let says = format!("`{kind}` is stated not to exist here, and has a rule");
            findings.add(&[section, kind.as_str()], says, hint);
        }
    }
    for (index, spot) in manifest.blind_spots.iter().enumerate().filter(|(_, spot)| absent(&spot.kind)) {
        let says = format!("`{}` is stated not to exist here, and is a blind spot", spot.kind);
        findings.add(&["blind_spots", &index.to_string()], says, hint);
    }
    for (kind, proof) in &manifest.proof {
        if *kind != SurvivorKind::Principal && !proof.dead_states.is_empty() {
            let says = "only accounts (`principal`) have dead states";
            findings.add(&["proof", kind.as_str(), "dead_states"], says, "remove them");
        }
    }
    for (kind, step) in &manifest.revoke {
        let place = ["revoke", kind.as_str(), "call"];
        match &step.call {
            Some(Request::Http(http))
                if manifest.protocol == Protocol::Http && http.path.starts_with('/') => {}
            Some(Request::Http(_)) if manifest.protocol == Protocol::Http => {
                findings.add(&place, "a path begins with `/`", "it is appended to the system's URL");
            }
            Some(Request::Aws(_)) if manifest.protocol == Protocol::Aws => {}
            Some(_) => findings.add(&place, "a call is HTTP or an AWS action", "say in words what to do"),
            None => {}
        }
    }
}
