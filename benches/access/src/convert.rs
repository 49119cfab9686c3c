//! The files of the estate as an access graph at rest.
//!
//! A leaver's own link is latent if it ended, an account is latent if it is not live, a grant is gone if it expired: so
//! what is *residual* is what a walk up to live finds, and what has to be taken away is what a walk up to latent finds.

use std::path::Path;

use exeunt_columns::access::{Columns, Names, write};

use crate::rows::{Rows, number, text};

/// What the numbers of `kind` mean.
pub const KINDS: [&str; 8] =
    ["person", "human", "service", "workload", "agent", "shared", "unknown", "group"];
/// What the numbers of `tie` mean.
pub const TIES: [&str; 8] =
    ["own", "nhi_owner", "shared_holder", "assume_role", "stored_key", "impersonate", "member", "nested"];

const LIVE: u32 = 0;
const LATENT: u32 = 1;
const GONE: u32 = 3;

/// Credentials that outlive a disabled account.
const SURVIVORS: [&[u8]; 5] = [b"pat", b"ssh_key", b"api_key", b"oauth_token", b"cert"];

/// An edge: from, level, to, tie. In the order in which edges are kept.
type Edge = (u32, u32, u32, u32);

/// Converts the files in `dir` to tables in `snapshot`.
pub fn convert(dir: &Path, snapshot: &Path) -> Result<(), String> {
    let (columns, named) = columns(dir)?;
    let names = Names {
        holders: &named.holders,
        references: &named.references,
        levels: &named.levels,
        entitlements: &named.entitlements,
        privileged: &named.privileged,
        ties: &named.ties,
        kinds: &KINDS,
        tie_words: &TIES,
    };
    write(snapshot, &columns, &names).map(drop).map_err(|e| e.to_string())
}

/// What is only looked up.
pub struct Named {
    holders: Vec<String>,
    references: Vec<String>,
    levels: Vec<u32>,
    entitlements: Vec<String>,
    privileged: Vec<u32>,
    ties: Vec<u32>,
}

/// What the product calls a person, an account or a group. They stand in the order of holders.
pub fn reference(noun: &str, number: u32) -> String {
    format!("estate/{noun}/{number:09}")
}

/// The columns of the graph, and the names.
pub fn columns(dir: &Path) -> Result<(Columns, Named), String> {
    let mut columns = Columns::default();
    let mut named = Named {
        holders: Vec::new(),
        references: Vec::new(),
        levels: Vec::new(),
        entitlements: Vec::new(),
        privileged: Vec::new(),
        ties: Vec::new(),
    };
    Rows::open(dir, "people")?.each(|[id, _, given, family, _, _, _, status]| {
        if status == b"leaver" {
            columns.left.push(number(id));
        }
        columns.kind.push(0);
        named.levels.push(LIVE);
        named.holders.push(format!("{} {}", text(given), text(family)));
        named.references.push(reference("identity", number(id)));
    });
    let account_from = count(&columns.kind);
    let mut survives = Vec::new();
    Rows::open(dir, "credentials")?.each(|[_, account, _, kind, state]| {
        if state == b"active" && SURVIVORS.contains(&kind) {
            let account = number(account) as usize;
            survives.resize(survives.len().max(account + 1), false);
            survives[account] = true;
        }
    });
    Rows::open(dir, "accounts")?.each(|[id, _, kind, status, login]| {
        let survivor = survives.get(number(id) as usize) == Some(&true);
        let live = status == b"active" || (status == b"disabled" && survivor);
        columns.kind.push(code(&KINDS, kind));
        named.levels.push(if live { LIVE } else { LATENT });
        named.holders.push(text(login));
        named.references.push(reference("account", number(id)));
    });
    let group_from = count(&columns.kind);
    Rows::open(dir, "groups")?.each(|[id, _, name]| {
        columns.kind.push(code(&KINDS, b"group"));
        named.levels.push(LIVE);
        named.holders.push(text(name));
        named.references.push(reference("group", number(id)));
    });
    Rows::open(dir, "entitlements")?.each(|[_, _, resource, role, risk]| {
        named.entitlements.push(format!("{} on {}", text(role), text(resource)));
        named.privileged.push(u32::from(risk != b"low"));
    });
    columns.entitlements = count(&named.entitlements);
    let holders = columns.kind.len();
    let mut steps = steps(dir, account_from, group_from)?;
    // The way over a step is as dead as where it leads.
    for step in &mut steps {
        step.1 = step.1.max(named.levels[step.2 as usize]);
    }
    steps.sort_unstable();
    columns.steps_end = ends(&steps, holders);
    columns.step_to = steps.iter().map(|step| step.2).collect();
    columns.step_level = steps.iter().map(|step| step.1).collect();
    named.ties = steps.iter().map(|step| step.3).collect();
    drop(steps);
    let mut grants: Vec<Edge> = Vec::new();
    Rows::open(dir, "grants")?.each(|[kind, subject, entitlement, state]| {
        let from = number(subject) + if kind == b"g" { group_from } else { account_from };
        let level = if state == b"active" { LIVE } else { GONE };
        grants.push((from, level, number(entitlement), 0));
    });
    grants.sort_unstable();
    columns.grants_end = ends(&grants, holders);
    columns.grant_to = grants.iter().map(|grant| grant.2).collect();
    columns.grant_level = grants.iter().map(|grant| grant.1).collect();
    Ok((columns, named))
}

fn steps(dir: &Path, account_from: u32, group_from: u32) -> Result<Vec<Edge>, String> {
    let mut steps: Vec<Edge> = Vec::new();
    Rows::open(dir, "owners")?.each(|[person, account, relation, state]| {
        let level = if state == b"active" { LIVE } else { LATENT };
        steps.push((number(person), level, account_from + number(account), code(&TIES, relation)));
    });
    Rows::open(dir, "acts_as")?.each(|[from, to, how]| {
        steps.push((account_from + number(from), LIVE, account_from + number(to), code(&TIES, how)));
    });
    for (name, from, tie) in [("members", account_from, b"member"), ("nested", group_from, b"nested")] {
        let rows = Rows::open(dir, name)?;
        let tie = code(&TIES, tie);
        rows.each(|[inner, outer]| steps.push((from + number(inner), LIVE, group_from + number(outer), tie)));
    }
    Ok(steps)
}

/// Where the edges of each holder end.
fn ends(edges: &[Edge], holders: usize) -> Vec<u32> {
    let mut ends = vec![0; holders];
    for edge in edges {
        ends[edge.0 as usize] += 1;
    }
    let mut before = 0;
    for end in &mut ends {
        before += *end;
        *end = before;
    }
    ends
}

fn code(words: &[&str], word: &[u8]) -> u32 {
    (0u32..).zip(words).find(|(_, known)| known.as_bytes() == word).map_or(0, |(code, _)| code)
}

fn count<T>(all: &[T]) -> u32 {
    u32::try_from(all.len()).unwrap_or(u32::MAX)
}
