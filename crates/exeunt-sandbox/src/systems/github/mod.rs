//! The GitHub organization: members, teams, repositories, tokens, keys, hooks, apps, the audit log, SAML identities.

mod app;
mod crowd;
mod graphql;
mod repo_view;
mod seed;
mod state;
mod view;

pub use state::{
    About, AuditEvent, Authorization, Collaborator, DeployKey, Hook, Identity, Installation, Invitation,
    Member, Repo, State, Team, Token,
};

use serde_json::{Value, json};

use crate::{answer::Answer, call::Call, credentials, paging, story, systems::System, world::World};

/// Answers one call as GitHub does.
#[must_use]
pub fn answer(world: &mut World, call: &Call) -> Answer {
    let segments = call.segments();
    let path: Vec<&str> = segments.iter().map(String::as_str).collect();
    if let ["app", ..] = path.as_slice() {
        return app::answer(world, call, &path);
    }
    let token = call.authorization("Bearer").or_else(|| call.authorization("token"));
    let known = token.is_some_and(|token| {
        token == credentials::of(System::GitHub) || world.github.issued.iter().any(|issued| issued == token)
    });
    if !known {
        return message(401, "Bad credentials");
    }
    match (call.method.as_str(), path.as_slice()) {
        ("POST", ["graphql"]) => graphql::answer(world, call),
        ("GET", ["user"]) => Answer::ok(&view::reader(&world.github)),
        ("GET", ["orgs", org, rest @ ..]) if *org == story::GITHUB_ORG => organization(world, call, rest),
        ("GET", ["repos", org, name, rest @ ..]) if *org == story::GITHUB_ORG => {
            repository(world, call, name, rest)
        }
        _ => not_found(),
    }
}

fn organization(world: &World, call: &Call, path: &[&str]) -> Answer {
    let github = &world.github;
    match path {
        [] => Answer::ok(&view::organization(github)),
        ["members"] => {
            let role = call.param("role").filter(|role| *role != "all");
            let wanted = |member: &&Member| role.is_none_or(|role| (role == "admin") == member.owner);
            list(world, call, github.members.iter().filter(wanted), |one| view::member(one))
        }
        ["outside_collaborators"] => list(world, call, github.outside.iter(), |one| view::member(one)),
        ["memberships", login] => github
            .members
            .iter()
            .find(|member| member.login == *login)
            .map_or_else(not_found, |member| Answer::ok(&view::membership(member))),
        ["invitations"] => list(world, call, github.invitations.iter(), |one| view::invitation(one)),
        ["teams"] => list(world, call, github.teams.iter(), |team| view::team(github, team)),
        ["teams", slug, rest @ ..] => match github.team(slug) {
            Some(team) => team_part(world, call, team, rest),
            None => not_found(),
        },
        ["personal-access-tokens"] => {
            let owner = call.param("owner[]").or_else(|| call.param("owner"));
            let wanted = |token: &&Token| owner.is_none_or(|owner| owner == token.owner.login);
            list(world, call, github.tokens.iter().filter(wanted), |one| view::token(one))
        }
        ["credential-authorizations"] => {
            let wanted = |one: &&Authorization| call.param("login").is_none_or(|login| login == one.login);
            list(world, call, github.authorizations.iter().filter(wanted), |one| view::authorization(one))
        }
        ["installations"] => {
            let rows: Vec<Value> = github.installations.iter().map(view::installation).collect();
            let page = numbered(world, call, &rows);
            let body = json!({ "total_count": page.total, "installations": page.rows });
            linked(call, &page, Answer::ok(&body))
        }
        ["hooks"] => list(world, call, github.hooks.iter(), |hook| repo_view::hook(hook, None)),
        ["repos"] => list(world, call, github.repos.iter(), |repo| repo_view::repo(repo)),
        ["audit-log"] => audit_log(world, call),
        _ => not_found(),
    }
}

fn team_part(world: &World, call: &Call, team: &Team, path: &[&str]) -> Answer {
    let github = &world.github;
    match path {
        [] => Answer::ok(&view::team(github, team)),
        ["members"] => {
            let rows = github.team_members(team);
            list(world, call, rows.into_iter(), |(member, inherited)| view::team_member(member, *inherited))
        }
        ["repos"] => {
            let rows = team.repos.iter().filter_map(|(name, role)| {
                github.repos.iter().find(|repo| repo.name == *name).map(|repo| (repo, *role))
            });
            list(world, call, rows, |(repo, role)| repo_view::team_repo(repo, role))
        }
        ["teams"] => {
            let children = github.teams.iter().filter(|child| child.parent.as_deref() == Some(&team.slug));
            list(world, call, children, |child| view::team(github, child))
        }
        _ => not_found(),
    }
}

fn repository(world: &World, call: &Call, name: &str, path: &[&str]) -> Answer {
    let Some(repo) = world.github.repos.iter().find(|repo| repo.name == name) else {
        return not_found();
    };
    match path {
        ["keys"] => list(world, call, repo.keys.iter(), |key| repo_view::deploy_key(repo, key)),
        ["hooks"] => list(world, call, repo.hooks.iter(), |hook| repo_view::hook(hook, Some(repo))),
        ["collaborators"] => list(world, call, repo.collaborators.iter(), |one| repo_view::collaborator(one)),
        _ => not_found(),
    }
}

/// The audit log pages by cursor, unlike every other list here.
fn audit_log(world: &World, call: &Call) -> Answer {
    let mut action = None;
    let mut actor = None;
    for term in call.param("phrase").unwrap_or_default().split_whitespace() {
        match term.split_once(':') {
            Some(("action", word)) => action = Some(word),
            Some(("actor", word)) => actor = Some(word),
            _ => {}
        }
    }
    // `action:team` stands for every action that begins with `team.`, as GitHub reads it.
    let matches = |event: &&AuditEvent| {
        action.is_none_or(|word| event.action == word || event.action.starts_with(&format!("{word}.")))
            && actor.is_none_or(|word| word == event.actor.login)
    };
    let rows: Vec<Value> = world.github.audit.iter().filter(matches).map(view::audit_event).collect();
    let Some(start) = paging::start(call, "after", "audit") else {
        return message(422, "Invalid cursor");
    };
    let page = paging::page(&rows, start, paging::size(call, "per_page", world.page_cap));
    let answer = Answer::ok(&Value::from(page.rows.to_vec()));
    match page.next {
        Some(next) => {
            let url = call.url_with(&[("after", paging::cursor("audit", next))]);
            answer.with("link", format!("<{url}>; rel=\"next\""))
        }
        None => answer,
    }
}

/// One page of a list. Only the rows on it are written out: a crowd has a thousand pages.
fn list<T>(world: &World, call: &Call, items: impl Iterator<Item = T>, view: impl Fn(&T) -> Value) -> Answer {
    let items: Vec<T> = items.collect();
    let page = numbered(world, call, &items);
    linked(call, &page, Answer::ok(&page.rows.iter().map(view).collect()))
}

fn numbered<'a, T>(world: &World, call: &Call, rows: &'a [T]) -> paging::Page<'a, T> {
    let size = paging::size(call, "per_page", world.page_cap);
    let number = call.number("page").unwrap_or(1).max(1);
    paging::page(rows, (number - 1) * size, size)
}

fn linked<T>(call: &Call, page: &paging::Page<'_, T>, answer: Answer) -> Answer {
    let url = |number: usize| call.url_with(&[("page", number.to_string())]);
    let number = page.start / page.size + 1;
    let last = page.total.div_ceil(page.size).max(1);
    let mut links = Vec::new();
    if number > 1 {
        links.push(format!("<{}>; rel=\"prev\"", url(number - 1)));
    }
    if page.next.is_some() {
        links.push(format!("<{}>; rel=\"next\"", url(number + 1)));
        links.push(format!("<{}>; rel=\"last\"", url(last)));
    }
    let answer = answer
        .with("x-ratelimit-limit", "15000".to_owned())
        .with("x-ratelimit-remaining", "14999".to_owned());
    if links.is_empty() { answer } else { answer.with("link", links.join(", ")) }
}

fn not_found() -> Answer {
    message(404, "Not Found")
}

fn message(status: u16, text: &str) -> Answer {
    Answer::json(
        status,
        &json!({
            "message": text,
            "documentation_url": "https://docs.github.com/rest",
            "status": status.to_string(),
        }),
    )
}
