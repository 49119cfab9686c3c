//! Agents that act on without a person: somebody has to answer for each, and a person has to stand at the end of it.

use exeunt_model::verdict::{Finding, NhiOutcome};
use exeunt_model::{IdentityKind, Ref};

use crate::liveness::{Behind, Scene};
use crate::obligations::Draft;

/// Agents of the leaver that were not retired and that nobody answers for.
pub(crate) fn findings(scene: &Scene<'_, '_>, drafts: &[Draft<'_>]) -> Vec<Finding> {
    let going_on = drafts.iter().filter(|draft| draft.outcome.is_some_and(|o| o != NhiOutcome::Retired));
    let agents = going_on.filter_map(|draft| draft.object).filter(|object| is_agent(scene, object));
    agents.filter_map(|agent| finding(scene, agent)).collect()
}

fn is_agent(scene: &Scene<'_, '_>, object: &Ref) -> bool {
    scene.estate.account(object).is_some_and(|account| account.kind.kind == IdentityKind::Agent)
}

fn finding<'a>(scene: &Scene<'_, 'a>, agent: &'a Ref) -> Option<Finding> {
    let (name, system) = (scene.estate.name(agent), &agent.system);
    let (code, says) = match scene.shown_owner(agent) {
        None | Some((_, Behind::Nobody)) => (
            "agent_without_sponsor",
            format!("The agent {name} in {system} has no living owner or sponsor but the leaver."),
        ),
        Some((_, Behind::Somebody)) if scene.overseer(agent).is_some() => return None,
        Some((owner, _)) => (
            "agent_without_oversight",
            format!(
                "The agent {name} in {system} answers to {}, behind which no person is shown.",
                scene.estate.name(owner)
            ),
        ),
    };
    Some(Finding { code: code.to_owned(), says })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::small_world::{World, non_human, owns};

    /// An agent that outlives its human goes on deciding things; nobody but a person can answer for that.
    #[test]
    fn somebody_answers_for_an_agent() {
        let agent = || {
            World::new()
                .keeps("accounts", non_human("bot", "agent"))
                .had("groups", owns("account/bot", "1", "owner"))
        };
        let team = json!({"record": "group", "id": "app/group/team", "name": "team"});
        let of_team = json!({
            "record": "ownership", "subject": "app/account/bot", "owner": {"object": "app/group/team"}, "link": "owner",
            "reason": "small",
        });
        let knows = json!({
            "record": "act_as", "actor": {"object": "app/account/1"}, "target": "app/account/bot", "how": "knows_secret",
            "reason": "listed",
        });
        let known =
            World::new().ada("active").keeps("accounts", non_human("bot", "agent")).keeps("groups", knows);
        let mut unlisted = agent().keeps("groups", team.clone()).has("groups", of_team.clone());
        unlisted.manifest["proof"].as_object_mut().expect("rules").remove("grant.direct");
        let table = [
            ("nobody", agent(), Some("agent_without_sponsor")),
            ("a sponsor", agent().has("groups", owns("account/bot", "2", "sponsor")), None),
            ("an owner", agent().has("groups", owns("account/bot", "2", "owner")), None),
            ("nobody's, and she knew its secret", known, None),
            ("a team, where nobody lists members at all", unlisted, Some("agent_without_oversight")),
            (
                "a team nobody is shown in",
                agent().keeps("groups", team).has("groups", of_team),
                Some("agent_without_oversight"),
            ),
        ];
        for (title, world, code) in table {
            let verdict = world.judge();
            let mut found = verdict.governance.iter().map(|f| f.code.as_str());
            assert_eq!(found.find(|found| found.starts_with("agent_")), code, "{title}");
        }
    }
}
