//! Positive controls: whatever of hers is gone, others' things of the same kind are still there to be seen.

use exeunt_sandbox::story;

use crate::asking::{PHASES, world};

/// A list that is empty but for her things could not prove that the reader sees such things at all, once they are gone.
#[test]
fn every_list_shows_something_of_somebody_else_in_every_phase() {
    for phase in PHASES {
        let world = world(phase);
        let github = &world.github;
        let hers = |login: &str| login == story::GITHUB_LOGIN;
        assert!(github.tokens.iter().any(|token| !hers(&token.owner.login)));
        assert!(github.authorizations.iter().any(|one| one.kind == "SSH key" && !hers(&one.login)));
        assert!(github.authorizations.iter().any(|one| one.kind != "SSH key" && !hers(&one.login)));
        for team in &github.teams {
            assert!(team.members.iter().any(|member| !hers(&member.login)), "{}", team.slug);
            assert!(!team.repos.is_empty(), "{}", team.slug);
        }
        for repo in &github.repos {
            assert!(repo.keys.iter().any(|key| !hers(&key.added_by)), "{}", repo.name);
            assert!(!repo.hooks.is_empty() && !repo.collaborators.is_empty(), "{}", repo.name);
        }
        assert!(github.audit.iter().any(|event| event.action == "integration_installation.create"));

        let okta = world.staff.okta_id(story::LEAVER);
        assert!(world.okta.tokens.iter().any(|token| token.user != okta));
        assert!(world.okta.grants.iter().any(|grant| grant.user != okta));
        assert!(world.okta.users.iter().any(|user| user.status.word() == "DEPROVISIONED" && user.id != okta));
        for group in &world.okta.groups {
            assert!(group.members.iter().any(|id| *id != okta), "{}", group.name);
        }

        let account = world.staff.account_id(story::LEAVER);
        assert!(world.atlassian.tokens.iter().any(|token| token.account != account));
        assert!(
            world
                .jira
                .rules
                .iter()
                .any(|rule| rule.enabled && rule.actor != account && rule.author != account)
        );
        assert!(
            world.jira.filters.iter().any(|filter| filter.owner != account && !filter.subscribers.is_empty())
        );
        assert!(world.jira.links.len() > 1 && !world.jira.webhooks.is_empty());
        for group in &world.jira.groups {
            assert!(group.members.iter().any(|id| *id != account), "{}", group.name);
        }

        let slack = world.staff.slack_id(story::LEAVER);
        assert!(world.slack.members.iter().any(|member| member.deleted && member.id != slack));
        assert!(world.slack.events.iter().any(|event| event.change == "added" && event.user != slack));
        assert!(world.slack.members.iter().filter(|member| member.app.is_some()).count() > 1);

        let users = || world.aws.users.iter().filter(|user| user.name != "mara.voss");
        assert!(users().any(|user| !user.ssh_keys.is_empty()));
        assert!(users().any(|user| !user.service_credentials.is_empty()));
        assert!(users().any(|user| !user.certificates.is_empty()));
        assert!(users().any(|user| user.mfa.is_some() && user.console.is_some()));
        assert!(users().any(|user| !user.policies.is_empty()));

        assert!(
            world
                .matrix
                .users
                .iter()
                .any(|user| !user.devices.is_empty() && user.display_name != "Mara Voss")
        );
        assert!(world.matrix.users.iter().any(|user| user.locked));
    }
}
