//! Ids, names and the next step.

use std::sync::Arc;

use exeunt_model::verdict::Step;
use exeunt_model::{Noun, Ref, State, SurvivorKind, SystemId, Text};

use crate::liveness::Scene;
use crate::resolve::Edge;

/// One step of a path.
pub(crate) fn step(scene: &Scene<'_, '_>, from: &Ref, how: &str, to: &Ref) -> Arc<Step> {
    let name = |object| scene.estate.name(object).to_owned();
    let names = (name(from), name(to));
    Arc::new(Step { from: from.to_string(), how: how.to_owned(), to: to.to_string(), names })
}

/// An edge as a step of a path.
pub(crate) fn step_of(edge: &Edge<'_>) -> Arc<Step> {
    let names = (edge.begin_name().to_owned(), edge.end_name().to_owned());
    Arc::new(Step { from: edge.from.to_string(), how: edge.how(), to: edge.to.to_string(), names })
}

/// The id of an obligation that is one object: `github:token.user:77031`. The noun stands before the native id
/// where the kind alone does not tell it, so that an app and an account of one number stay two.
pub(crate) fn object_id(kind: SurvivorKind, object: &Ref) -> String {
    let usual = match kind {
        SurvivorKind::Principal | SurvivorKind::OwnedNhi => Noun::Account,
        SurvivorKind::Session
        | SurvivorKind::TokenUser
        | SurvivorKind::TokenResource
        | SurvivorKind::KeyAsym
        | SurvivorKind::Recovery => Noun::Credential,
        SurvivorKind::OwnedAutomation | SurvivorKind::Egress | SurvivorKind::GrantDelegated => {
            Noun::Integration
        }
        SurvivorKind::GrantDirect | SurvivorKind::GrantInherited => Noun::Group,
        SurvivorKind::Trust | SurvivorKind::OwnedData => Noun::Resource,
    };
    let mistakable = object.id.split_once('/').is_some_and(|(first, _)| first.parse::<Noun>().is_ok());
    if object.noun == usual && !mistakable {
        format!("{}:{kind}:{}", object.system, object.id)
    } else {
        format!("{}:{kind}:{}/{}", object.system, object.noun.as_str(), object.id)
    }
}

/// The id of an obligation that is a tie of two objects: `github:grant.direct:account/5->group/12`.
pub(crate) fn tie_id(system: &SystemId, kind: SurvivorKind, from: &Ref, to: &Ref, role: &str) -> String {
    let mut id = format!("{system}:{kind}:");
    end(&mut id, system, from);
    id.push_str("->");
    end(&mut id, system, to);
    if !role.is_empty() {
        id.extend(["#", role]);
    }
    id
}

/// An object as an id of its system names it. `>` and `#` divide the id; escaped, no native id can imitate another's parts.
fn end(id: &mut String, system: &SystemId, object: &Ref) {
    if object.system != *system {
        id.extend([object.system.as_str(), "/"]);
    }
    id.extend([object.noun.as_str(), "/"]);
    for part in object.id.split_inclusive(['%', '>', '#']) {
        let escaped = part.strip_suffix('%').map(|plain| (plain, "%25"));
        let escaped = escaped.or_else(|| part.strip_suffix('>').map(|plain| (plain, "%3E")));
        let escaped = escaped.or_else(|| part.strip_suffix('#').map(|plain| (plain, "%23")));
        let (plain, mark) = escaped.unwrap_or((part, ""));
        id.extend([plain, mark]);
    }
}

/// What to do about something: the manifest's words for its removal, or what would let us see.
pub(crate) fn next_step(
    scene: &Scene<'_, '_>,
    system: &SystemId,
    kind: SurvivorKind,
    (name, id): (&str, &str),
    state: State,
    would_change: &Text,
) -> Text {
    match state {
        State::Gone | State::Waived => Text::new_static("Nothing."),
        State::Unknown | State::Unknowable => would_change.clone(),
        State::Live | State::Latent => {
            let rule = scene.manifest(system).and_then(|manifest| manifest.revoke.get(&kind));
            let text = rule.map_or_else(
                || format!("Remove {name} in {system}, then read {system} again."),
                |rule| rule.says.replace("{name}", name).replace("{id}", id),
            );
            text.into()
        }
    }
}
