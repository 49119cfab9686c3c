//! The text of a drafted manifest.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use exeunt_model::SurvivorKind;

use super::description::Description;
use super::fields::{id, map};
use super::{DraftedRead, Guess};

/// The whole page. Writing to a text cannot fail.
pub(super) fn manifest(
    name: &str,
    description: &Description<'_>,
    reads: &[DraftedRead],
    seen: &BTreeMap<SurvivorKind, Vec<&str>>,
) -> String {
    let mut page = format!(
        "# Drafted from an OpenAPI description. Nothing here has been checked: go through every line, and take out each\n\
         # `DECIDE:` once it is decided. A manifest that still holds one does not load.\n\
         manifest: 1\nconnector: {name}\ntitle: \"{}\"\nabout: \"DECIDE: what it is, in a sentence or two.\"\n\
         sources:\n  - \"DECIDE: the pages of the vendor that these facts rest on\"\nprotocol: http\n\
         {}auth:\n  - bearer  # DECIDE: which ways to sign in does it accept?\n\
         client:\n  concurrency: 2\n  rate: {{ per_second: 5 }}\n\nreads:\n",
        description.title(),
        settings(reads)
    );
    for read in reads {
        one_read(&mut page, read);
    }
    kinds(&mut page, reads);
    page.push_str("\nsurvivors:\n");
    for kind in SurvivorKind::ALL {
        match seen.get(&kind) {
            Some(reads) => _ = writeln!(page, "  {kind}:\n    seen_by: [{}]", reads.join(", ")),
            None => {
                _ = writeln!(
                    page,
                    "  {kind}:\n    blind: \"DECIDE: does it exist here? Which call shows it, or why is it not applicable?\""
                );
            }
        }
    }
    page.push_str(
        "\n# What happens to each kind when its holder's account is disabled, suspended, locked or deleted. What is left out is\n\
         # unknown, and never a pass.\n# kills:\n#   token.user:\n#     disabled: latent\n#     source: Where that is written\n",
    );
    page.push_str("\nproof:\n");
    for kind in seen.keys() {
        _ = writeln!(
            page,
            "  {kind}:\n    settle: 15m\n    source: \"DECIDE: how long after a removal does a read count?\""
        );
    }
    page.push_str("\nrevoke:\n");
    for kind in seen.keys() {
        _ = writeln!(page, "  {kind}:\n    says: \"DECIDE: what does a person do to take {{name}} away?\"");
    }
    page.push_str("\nblind_spots: []  # DECIDE: one for each kind that is blind: what it is, and what ends it all the same\n");
    page
}

/// What the operator fills in.
fn settings(reads: &[DraftedRead]) -> String {
    let names: BTreeSet<String> =
        reads.iter().flat_map(|read| &read.operation.settings).map(|name| snake(name)).collect();
    let mut text = String::from(if names.is_empty() { "" } else { "settings:\n" });
    for name in names {
        _ = writeln!(text, "  {name}:\n    about: \"DECIDE: what it is, and where to find it\"");
    }
    text
}

fn one_read(page: &mut String, read: &DraftedRead) {
    let operation = &read.operation;
    let mut path = operation.path.clone();
    let mut binds = String::new();
    let mut last = None;
    for setting in &operation.settings {
        path = path.replace(&format!("{{{setting}}}"), &format!("{{{}}}", snake(setting)));
    }
    if let Some((parent, bind)) = &read.each {
        _ = write!(binds, "    each:\n      read: {parent}\n      bind: {{ ");
        for (index, (placeholder, from)) in bind.iter().enumerate() {
            let name = snake(placeholder);
            path = path.replace(&format!("{{{placeholder}}}"), &format!("{{{name}}}"));
            _ = write!(binds, "{}{name}: {from}", if index == 0 { "" } else { ", " });
            last = Some(name);
        }
        binds.push_str(" }\n");
    }
    _ = writeln!(page, "  {}:\n    about: \"{}\"", read.name, operation.summary);
    _ = write!(page, "    request:\n      http: {{ path: \"{path}\"");
    if let Some(size) = &read.paging.size {
        _ = write!(page, ", query: {{ \"{size}\": \"100\" }}");
    }
    page.push_str(
        " }\n    permission: \"DECIDE: the least permission that shows all of them\"\n    paging:\n",
    );
    for line in &read.paging.lines {
        _ = writeln!(page, "      {line}");
    }
    match &operation.rows {
        Some(rows) => _ = writeln!(page, "    rows: '.[\"{rows}\"]'"),
        None => page.push_str("    rows: .\n"),
    }
    let required: Vec<&str> = id(operation).into_iter().collect();
    _ = writeln!(page, "    require: [{}]", required.join(", "));
    page.push_str(&binds);
    page.push_str("    map: |\n");
    for line in map(operation, read.guess, last.as_deref()) {
        _ = writeln!(page, "      {line}");
    }
    page.push_str("    control:\n      none: { because: \"DECIDE: what shows that the reader is shown such objects at all?\" }\n\n");
}

/// A placeholder as the name of a bound value.
fn snake(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !out.is_empty() && !out.ends_with('_') {
            out.push('_');
        }
        out.push(if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' });
    }
    if out == "settings" { "settings_of".to_owned() } else { out }
}

fn kinds(page: &mut String, reads: &[DraftedRead]) {
    let named = |guess: Guess| {
        let names: Vec<&str> =
            reads.iter().filter(|read| read.guess == guess).map(|read| read.name.as_str()).collect();
        names.join(", ")
    };
    page.push_str("identity_kinds:\n");
    let (apps, people) = (named(Guess::Apps), named(Guess::Accounts));
    if !apps.is_empty() {
        _ = writeln!(
            page,
            "  - reads: [{apps}]\n    when: \"true\"\n    kind: service\n    reason: \"DECIDE: why all of these are programs\""
        );
    }
    if people.is_empty() {
        page.push_str("  - when: \"true\"\n    kind: unknown\n    reason: \"DECIDE: what tells people from programs?\"\n");
    } else {
        _ = writeln!(
            page,
            "  - reads: [{people}]\n    when: \"true\"\n    kind: human\n    reason: \"DECIDE: what tells people from programs?\""
        );
    }
}
