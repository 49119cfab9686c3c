//! The reference page of one connector.

use std::fmt::Write as _;

use exeunt_model::manifest::{
    AuthMethod, Control, Coverage, Kills, Manifest, Method, Paging, ReadRule, Request,
};
use exeunt_model::{Effect, SurvivorKind};

use super::cell;
use crate::manifest::Loaded;

/// The page, in Markdown.
#[must_use]
pub fn reference_page(loaded: &Loaded) -> String {
    let manifest = &*loaded.manifest;
    let mut page = format!("# {}\n\n{}\n\n", manifest.title, manifest.about.trim());
    let _ = writeln!(page, "Connector `{}`, protocol {}.", manifest.connector, word(&manifest.protocol));
    head(manifest, &mut page);
    survivors(manifest, &mut page);
    reads("Reads", &manifest.reads.iter().collect::<Vec<_>>(), &mut page);
    reads("Reads of a ticket", &manifest.ticket.iter().collect::<Vec<_>>(), &mut page);
    kinds(manifest, &mut page);
    liveness(manifest, &mut page);
    blind(manifest, &mut page);
    if !manifest.sources.is_empty() {
        page.push_str("\n## Sources\n\n");
        for source in &manifest.sources {
            let _ = writeln!(page, "- <{source}>");
        }
    }
    page
}

/// The word that a value has in a manifest.
fn word<T: serde::Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        Ok(serde_json::Value::Object(map)) => map.keys().next().cloned().unwrap_or_default(),
        _ => String::new(),
    }
}

fn head(manifest: &Manifest, page: &mut String) {
    if let Some(url) = &manifest.url {
        let _ = writeln!(page, "It is at `{url}` unless the configuration says otherwise.");
    }
    if !manifest.settings.is_empty() {
        page.push_str("\n## Settings\n\n| setting | what it is | default |\n| --- | --- | --- |\n");
        for (name, setting) in &manifest.settings {
            let default = match setting.default.as_deref() {
                None => "required".to_owned(),
                Some("") => "empty".to_owned(),
                Some(text) => format!("`{}`", cell(text)),
            };
            let _ = writeln!(page, "| `{name}` | {} | {default} |", cell(&setting.about));
        }
    }
    page.push_str("\n## Ways to sign in\n\n");
    for method in &manifest.auth {
        let more = match method {
            AuthMethod::Header { name, prefix } => format!(": `{name}: {prefix}…`"),
            AuthMethod::OauthClientCredentials { token_url, scope } => {
                format!(": `{token_url}`, scope `{scope}`")
            }
            AuthMethod::GoogleServiceAccount { scope, .. } => format!(": scope `{scope}`"),
            AuthMethod::Sigv4 { service } => format!(": service `{service}`"),
            _ => String::new(),
        };
        let _ = writeln!(page, "- `{}`{more}", word(method));
    }
}

fn survivors(manifest: &Manifest, page: &mut String) {
    page.push_str("\n## What can survive a leaver\n\n| kind | covered |\n| --- | --- |\n");
    for kind in SurvivorKind::ALL {
        let covered = match manifest.survivors.get(&kind) {
            Some(Coverage::SeenBy(reads)) => format!("seen by {}", quoted(reads)),
            Some(Coverage::Blind(why)) => format!("**blind**: {}", cell(why)),
            Some(Coverage::NotApplicable(why)) => format!("does not exist: {}", cell(why)),
            None => "not stated".to_owned(),
        };
        let _ = writeln!(page, "| `{kind}` | {covered} |");
    }
}

fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn reads(title: &str, rules: &[(&String, &ReadRule)], page: &mut String) {
    if rules.is_empty() {
        return;
    }
    let _ = write!(page, "\n## {title}\n");
    for (name, rule) in rules {
        let _ = write!(page, "\n### `{name}`\n\n{}\n\n", rule.about.trim());
        let _ = writeln!(page, "- asks `{}`", request(&rule.request));
        let _ = writeln!(page, "- needs {}", cell(&rule.permission));
        if let Some(each) = &rule.each {
            let only =
                each.when.as_ref().map(|when| format!(" for which `{}`", cell(when))).unwrap_or_default();
            let _ = writeln!(page, "- once for each row of `{}`{only}", each.read);
        }
        let _ = writeln!(page, "- pages: {}", paging(&rule.paging));
        let _ = writeln!(page, "- positive control: {}", control(&rule.control));
        for refusal in &rule.refused_when {
            let _ = writeln!(page, "- refused, in spite of a success, when `{}`", cell(&refusal.when));
        }
        if let Some(none) = &rule.none_when {
            let _ = writeln!(page, "- status {} means none: {}", none.status, cell(&none.because));
        }
        if let Some(why) = &rule.may_skip {
            let _ = writeln!(page, "- a row may give no record: {}", cell(why));
        }
    }
}

fn request(request: &Request) -> String {
    match request {
        Request::Http(http) => {
            let method = match http.method {
                Method::Get => "GET",
                Method::Post => "POST",
                Method::Put => "PUT",
                Method::Patch => "PATCH",
                Method::Delete => "DELETE",
            };
            let query = http.query.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join("&");
            let mark = if query.is_empty() { "" } else { "?" };
            format!("{method} {}{mark}{query}", http.path)
        }
        Request::Ldap(ldap) => format!("search {} {} {}", ldap.base, word(&ldap.scope), ldap.filter),
        Request::Sql(sql) => cell(&sql.query),
        Request::Ssh(ssh) => format!("section {} over SSH", ssh.section.as_str()),
        Request::Aws(aws) => {
            let target = aws.json.as_ref().map(|json| format!("{}.", json.target)).unwrap_or_default();
            let role = aws.assume.as_ref();
            let role = role.map(|role| format!(" as the role {} of {}", role.role, role.account));
            format!("{target}{} ({}){}", aws.action, aws.version, role.unwrap_or_default())
        }
        Request::Exec(exec) => format!("`{}` of the program's output", exec.read),
        Request::Csv(csv) => format!("the table `{}`", csv.file),
        Request::Baton(baton) => format!("{} of the Baton file `{}`", word(&baton.list), baton.file),
        Request::Airbyte(airbyte) => format!("stream `{}` of `{}`", airbyte.stream, airbyte.file),
    }
}

fn paging(paging: &Paging) -> String {
    match paging {
        Paging::None { because } => format!("none; {}", cell(because)),
        Paging::Link { .. } => "`Link` header, to the last".to_owned(),
        Paging::NextUrl { from } => format!("next URL in `{}`", cell(from)),
        Paging::Cursor { from, into, .. } => format!("cursor `{}` into `{into}`", cell(from)),
        Paging::Offset { start, size, total, .. } => {
            let until =
                total.as_ref().map(|t| format!(", until `{}` rows came", cell(t))).unwrap_or_default();
            format!("by row, `{start}` and `{}={}`{until}", size.0, size.1)
        }
        Paging::Page { into, pages: Some(pages), .. } => {
            format!("by number, `{into}` up to `{}`", cell(pages))
        }
        Paging::Page { into, pages: None, .. } => format!("by number, `{into}`, until two empty pages"),
        Paging::Keyset { from, into } => format!("after the last key, `{}` into `{into}`", cell(from)),
        Paging::LdapPaged { size } => format!("paged results control, {size} entries a page"),
    }
}

fn control(control: &Control) -> String {
    match control {
        Control::AnyRow => "any row of this read".to_owned(),
        Control::Row { matching } => format!("a row for which `{}`", cell(matching)),
        Control::RefusesOtherwise { because } => format!("a success; {}", cell(because)),
        Control::None { because } => format!("none, so that absence proves nothing; {}", cell(because)),
    }
}

fn kinds(manifest: &Manifest, page: &mut String) {
    if manifest.identity_kinds.is_empty() {
        return;
    }
    page.push_str("\n## Human, service, workload, agent\n\nThe first rule that holds decides.\n\n");
    for rule in &manifest.identity_kinds {
        let _ = writeln!(page, "1. {}: {}", word(&rule.kind), cell(&rule.reason));
    }
}

fn effect(effect: Option<Effect>) -> String {
    match effect {
        None => "unknown".to_owned(),
        Some(Effect::Dies) => "dies".to_owned(),
        Some(Effect::Latent) => "latent".to_owned(),
        Some(Effect::Survives) => "**survives**".to_owned(),
        Some(Effect::DiesWithin(time)) => format!("dies within {time:#}"),
    }
}

fn liveness(manifest: &Manifest, page: &mut String) {
    if !manifest.kills.is_empty() {
        page.push_str(
            "\n## What kills what\n\nWhat happens to a thing of this kind when its holder's account is …\n\n",
        );
        page.push_str(
            "| kind | disabled | suspended | locked | deleted, restorable | deleted | unassigned in the IdP | source |\n",
        );
        page.push_str("| --- | --- | --- | --- | --- | --- | --- | --- |\n");
        for (kind, kills) in &manifest.kills {
            let Kills { disabled, suspended, locked, soft_deleted, deleted, unassigned, source } = kills;
            let cells = [disabled, suspended, locked, soft_deleted, deleted, unassigned]
                .map(|e| effect(*e))
                .join(" | ");
            let _ = writeln!(page, "| `{kind}` | {cells} | {} |", cell(source));
        }
    }
    if !manifest.proof.is_empty() {
        page.push_str("\n## What proves it gone\n\n");
        for (kind, proof) in &manifest.proof {
            let _ = write!(
                page,
                "- `{kind}`: absent from a complete read at least {:#} after the removal",
                proof.settle
            );
            if !proof.dead_states.is_empty() {
                let states = proof.dead_states.iter().map(word).collect::<Vec<_>>().join(", ");
                let _ = write!(page, ", or listed as {states}");
            }
            let _ = writeln!(page, " ({})", cell(&proof.source));
        }
    }
    if !manifest.revoke.is_empty() {
        page.push_str("\n## How it is revoked\n\n");
        for (kind, step) in &manifest.revoke {
            let _ = write!(page, "- `{kind}`: {}", cell(&step.says));
            if let Some(call) = &step.call {
                let _ = write!(page, " `{}`", request(call));
            }
            if let Some(permission) = &step.permission {
                let _ = write!(page, " (needs {})", cell(permission));
            }
            page.push('\n');
        }
    }
}

fn blind(manifest: &Manifest, page: &mut String) {
    if manifest.blind_spots.is_empty() {
        return;
    }
    page.push_str("\n## Blind spots\n\n| kind | what cannot be seen | what ends it all the same |\n| --- | --- | --- |\n");
    for spot in &manifest.blind_spots {
        let _ = writeln!(page, "| `{}` | {} | {} |", spot.kind, cell(&spot.what), cell(&spot.bound));
    }
}
