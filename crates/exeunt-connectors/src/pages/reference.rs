//! The reference page of one system.

use std::fmt::Write;

use exeunt_model::kind::Effect;
use exeunt_model::manifest::{
    AuthMethod, Control, Coverage, Kills, Manifest, Paging, ReadRule, Request,
};

use super::cell;

/// The page, Markdown.
#[must_use]
pub fn reference(manifest: &Manifest) -> String {
    let mut out = String::new();
    // Writing to a text cannot fail.
    let _ = write_all(&mut out, manifest);
    out
}

fn write_all(out: &mut String, m: &Manifest) -> std::fmt::Result {
    writeln!(out, "# {}\n\nGenerated from `connectors/{}/manifest.yaml`; do not edit.\n", m.title, m.connector)?;
    writeln!(out, "{}\n", m.about.trim())?;
    let ways: Vec<&str> = m.auth.iter().map(auth).collect();
    writeln!(out, "Signs in with: {}.", ways.join(", "))?;
    if !m.settings.is_empty() {
        writeln!(out, "\n## Settings\n\n| setting | what it is | default |\n| --- | --- | --- |")?;
        for (name, setting) in &m.settings {
            let default = setting.default.as_deref().unwrap_or("required");
            writeln!(out, "| `{name}` | {} | {} |", cell(&setting.about), cell(default))?;
        }
    }
    survivors(out, m)?;
    reads(out, "Reads", m.reads.iter())?;
    reads(out, "Reads of one ticket", m.ticket.iter())?;
    liveness(out, m)?;
    if !m.blind_spots.is_empty() {
        writeln!(out, "\n## What nobody can see\n\n| kind | what | what ends it |\n| --- | --- | --- |")?;
        for spot in &m.blind_spots {
            writeln!(out, "| `{}` | {} | {} |", spot.kind, cell(&spot.what), cell(&spot.bound))?;
        }
    }
    if !m.identity_kinds.is_empty() {
        writeln!(out, "\n## Who is human\n\nThe first rule that holds decides.\n")?;
        for rule in &m.identity_kinds {
            writeln!(out, "- {:?}: {}", rule.kind, cell(&rule.reason))?;
        }
    }
    if !m.sources.is_empty() {
        writeln!(out, "\n## Sources\n")?;
        m.sources.iter().try_for_each(|source| writeln!(out, "- {}", cell(source)))?;
    }
    Ok(())
}

fn survivors(out: &mut String, m: &Manifest) -> std::fmt::Result {
    writeln!(out, "\n## What can survive a leaver\n\n| kind | seen | how it is removed |\n| --- | --- | --- |")?;
    for (kind, coverage) in &m.survivors {
        let seen = match coverage {
            Coverage::SeenBy(reads) => {
                let reads: Vec<String> = reads.iter().map(|read| format!("`{read}`")).collect();
                format!("by {}", reads.join(", "))
            }
            Coverage::Blind(why) => format!("**blind**: {}", cell(why)),
            Coverage::NotApplicable(why) => format!("not applicable: {}", cell(why)),
        };
        let step = m.revoke.get(kind).map_or(String::new(), |step| {
            let needs = step.permission.as_deref().map_or(String::new(), |p| format!(" (needs {p})"));
            let call = step.call.as_ref().map_or(String::new(), |c| format!(" `{}`", endpoint(c)));
            cell(&format!("{}{needs}{call}", step.says.trim()))
        });
        writeln!(out, "| `{kind}` | {seen} | {step} |")?;
    }
    Ok(())
}

fn reads<'a>(
    out: &mut String,
    title: &str,
    all: impl Iterator<Item = (&'a String, &'a ReadRule)>,
) -> std::fmt::Result {
    let mut all = all.peekable();
    if all.peek().is_none() {
        return Ok(());
    }
    writeln!(
        out,
        "\n## {title}\n\n| read | asks | needs | pages | shown able to see by |\n| --- | --- | --- | --- | --- |"
    )?;
    for (name, read) in all {
        let each = read.each.as_ref().map_or(String::new(), |e| format!(", for each of `{}`", e.read));
        writeln!(
            out,
            "| `{name}`: {}{each} | `{}` | {} | {} | {} |",
            cell(&read.about),
            cell(&endpoint(&read.request)),
            cell(&read.permission),
            paging(&read.paging),
            control(&read.control)
        )?;
    }
    Ok(())
}

fn liveness(out: &mut String, m: &Manifest) -> std::fmt::Result {
    if !m.kills.is_empty() {
        writeln!(
            out,
            "\n## What kills what\n\nWhat becomes of things when their holder's account changes. Empty is unknown, and judged as unknown.\n\n\
             | kind | disabled | suspended | locked | deleted | unassigned | source |\n| --- | --- | --- | --- | --- | --- | --- |"
        )?;
        for (kind, kills) in &m.kills {
            let Kills { disabled, suspended, locked, deleted, unassigned, source } = kills;
            let effects = [disabled, suspended, locked, deleted, unassigned].map(effect).join(" | ");
            writeln!(out, "| `{kind}` | {effects} | {} |", cell(source))?;
        }
    }
    if !m.proof.is_empty() {
        writeln!(out, "\n## What proves it gone\n\n| kind | settles in | dead states | source |\n| --- | --- | --- | --- |")?;
        for (kind, proof) in &m.proof {
            let dead: Vec<String> = proof
                .dead_states
                .iter()
                .filter_map(|state| serde_json::to_value(state).ok()?.as_str().map(str::to_owned))
                .collect();
            writeln!(out, "| `{kind}` | {:#} | {} | {} |", proof.settle, dead.join(", "), cell(&proof.source))?;
        }
    }
    Ok(())
}

fn effect(effect: &Option<Effect>) -> String {
    match effect {
        None => String::new(),
        Some(Effect::Dies) => "dies".to_owned(),
        Some(Effect::Latent) => "latent".to_owned(),
        Some(Effect::Survives) => "**survives**".to_owned(),
        Some(Effect::DiesWithin(bound)) => format!("dies within {bound:#}"),
    }
}

const fn auth(method: &AuthMethod) -> &'static str {
    match method {
        AuthMethod::Bearer => "bearer token",
        AuthMethod::Basic => "user and password",
        AuthMethod::Header { .. } => "a header of its own",
        AuthMethod::OauthClientCredentials { .. } => "OAuth 2.0 client credentials",
        AuthMethod::GithubApp => "GitHub App",
        AuthMethod::Sigv4 { .. } => "AWS Signature Version 4",
        AuthMethod::LdapSimple => "LDAP simple bind over TLS",
        AuthMethod::SqlPassword => "database user and password",
    }
}

fn endpoint(request: &Request) -> String {
    match request {
        Request::Http(http) => format!("{} {}", format!("{:?}", http.method).to_uppercase(), http.path),
        Request::Ldap(ldap) => format!("search {} {}", ldap.base, ldap.filter),
        Request::Sql(sql) => sql.query.split_whitespace().collect::<Vec<_>>().join(" "),
        Request::Aws(aws) => aws.action.clone(),
    }
}

fn paging(paging: &Paging) -> String {
    match paging {
        Paging::None { because } => format!("whole: {}", cell(because)),
        Paging::Link { .. } => "`Link` header".to_owned(),
        Paging::NextUrl { .. } => "next URL in the body".to_owned(),
        Paging::Cursor { into, .. } => format!("cursor into `{into}`"),
        Paging::Offset { start, .. } => format!("offset in `{start}`"),
        Paging::Page { into, .. } => format!("page number in `{into}`"),
        Paging::Keyset { into, .. } => format!("last key in `{into}`"),
        Paging::LdapPaged { size } => format!("paged results, {size} entries"),
    }
}

fn control(control: &Control) -> String {
    match control {
        Control::AnyRow => "any row".to_owned(),
        Control::Row { matching } => format!("a row where `{}`", cell(matching)),
        Control::RefusesOtherwise { because } => format!("success itself: {}", cell(because)),
        Control::None { because } => format!("nothing: {}", cell(because)),
    }
}
