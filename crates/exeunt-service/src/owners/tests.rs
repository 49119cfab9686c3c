//! The guide's examples, and files that are wrong.

use std::fs;
use std::path::Path;

use exeunt_model::owners::{Answer, Domain, Object, Owners};
use exeunt_model::{Timestamp, canonical};

use crate::config::LoadedConfig;

const GUIDE: &str = include_str!("../../../../docs/guides/owners.md");
const FILES: [&str; 5] = [
    "exeunt.yaml",
    "owners/teams.yaml",
    "owners/applications.csv",
    "owners/CODEOWNERS",
    "owners/catalog-info.yaml",
];

/// The block of the guide that is the text of one file.
fn example(name: &str) -> &'static str {
    let (_, rest) =
        GUIDE.split_once(&format!("\n`{name}`:\n")).unwrap_or_else(|| panic!("no {name} in the guide"));
    let (_, block) = rest.split_once("```").expect("a block");
    let (_, text) = block.split_once('\n').expect("its text");
    text.split_once("```").expect("its end").0
}

fn guide(folder: &Path) {
    fs::create_dir(folder.join("owners")).expect("made");
    for name in FILES {
        fs::write(folder.join(name), example(name)).expect("written");
    }
}

fn read(folder: &Path) -> Result<LoadedConfig, String> {
    LoadedConfig::read(&folder.join("exeunt.yaml")).map_err(|error| error.to_string())
}

fn line_of(name: &str, words: &str) -> usize {
    example(name).lines().position(|line| line.contains(words)).expect("a line") + 1
}

fn at() -> Timestamp {
    "2026-11-20T09:00:00Z".parse().expect("a time")
}

fn answers<'a>(owners: &Owners<'a>, domain: Domain, system: &str, thing: &str) -> Vec<Answer<'a>> {
    let object = Object { reference: thing.to_owned(), name: thing.to_owned() };
    owners.find(domain, system, &[object], at())
}

/// An example that does not load, or names somebody else than it says, is worse than none.
#[test]
fn the_guides_examples_answer() {
    let folder = tempfile::tempdir().expect("a folder");
    guide(folder.path());
    let config = read(folder.path()).expect("the guide's register");
    let owners = Owners::new(&config.owners);
    let (entitlement, integration) = (Domain::ApplicationEntitlement, Domain::IntegrationRevocation);
    for (domain, system, thing, owner, file, words) in [
        (Domain::IdentityLifecycle, "okta", "", "IT operations", "exeunt.yaml", "owner: IT operations"),
        (integration, "okta", "", "Integration office", "exeunt.yaml", "owner: Integration office"),
        (entitlement, "okta", "", "Identity team", "owners/applications.csv", "Identity team"),
        (entitlement, "slack", "", "Ines Roth", "owners/applications.csv", "Ines Roth"),
        (
            entitlement,
            "github",
            "halden/other",
            "Platform team",
            "owners/teams.yaml",
            "- domain: application_entitlement",
        ),
        (entitlement, "github", "halden/payments", "halden/payments", "owners/CODEOWNERS", "@ines-roth"),
        (
            integration,
            "github",
            "halden/payments/terraform/main",
            "halden/cloud",
            "owners/CODEOWNERS",
            "/terraform/",
        ),
        (
            integration,
            "github",
            "halden/ledger",
            "Finance systems",
            "owners/catalog-info.yaml",
            "owner: group",
        ),
        (
            integration,
            "slack",
            "release-bot",
            "Jonas Lind",
            "owners/teams.yaml",
            "- domain: integration_revocation",
        ),
        (integration, "slack", "deploy-bot", "Jonas Lind", "owners/catalog-info.yaml", "owner: user"),
    ] {
        let found = answers(&owners, domain, system, thing);
        let said: Vec<_> =
            found.iter().map(|answer| (answer.owner.name().into_owned(), answer.place.clone())).collect();
        let place = format!("{file}:{}", line_of(file, words));
        assert_eq!(said, [(owner.to_owned(), place)], "{} on {system} {thing}", domain.as_str());
    }
    let platform = answers(&owners, entitlement, "github", "")[0].clone();
    assert_eq!(platform.owner.people().count(), 3);
    assert_eq!((platform.deputies.len(), platform.contact), (1, Some("platform@halden.example")));
    let finance = answers(&owners, integration, "github", "halden/ledger")[0].clone();
    assert_eq!(finance.contact, Some("finance-it@halden.example"));
    let members: Vec<_> = finance.owner.people().map(|person| person.email.as_deref()).collect();
    assert_eq!(members, [Some("jonas.lind@halden.example")], "named twice, once a member");
    let payments = answers(&owners, entitlement, "github", "halden/payments")[0].clone();
    assert_eq!(payments.deputies[0].called().last().as_deref(), Some("ines-roth"));
    assert_eq!(payments.deadline.map(|deadline| deadline.as_hours()), Some(4), "the file's own");
    assert_eq!(payments.escalation.map(|next| next.to.name().into_owned()).as_deref(), Some("CISO"));
}

/// A verdict names the register by one digest; a file that changed must show in it.
#[test]
fn the_digest_covers_every_file() {
    let folder = tempfile::tempdir().expect("a folder");
    guide(folder.path());
    let digest = || canonical::digest(&read(folder.path()).expect("a register").owners).expect("a digest");
    let first = digest();
    assert_eq!(digest(), first);
    for name in FILES.iter().skip(1) {
        let path = folder.path().join(name);
        let text = fs::read_to_string(&path).expect("a file");
        fs::write(&path, text.clone() + "\n").expect("written");
        assert_ne!(digest(), first, "{name}");
        fs::write(&path, text).expect("written");
    }
    assert_eq!(digest(), first);
}

/// Whoever keeps the register has to find the slip: each is refused with file, line and what to do.
#[test]
fn a_slip_is_refused_with_its_place() {
    let header = "domain,system,owner,deadline,kind,email,login,escalation,escalate_after,from\n";
    let csv = |row: &str| format!("{header}{row}\n");
    let entity = |more: &str| format!("kind: Component\nmetadata:\n  name: x\n{more}");
    let tied = "  annotations: { exeunt/system: slack }\n";
    let table = [
        ("owners/applications.csv", String::new(), &["applications.csv:1: ", "domain,system,owner"][..]),
        ("owners/applications.csv", "domain,system\n".to_owned(), &["applications.csv:1: ", "no column `owner`"]),
        ("owners/applications.csv", "domain,system,owner,colour\n".to_owned(), &["applications.csv:1:4: ", "no column `colour`", "deadline"]),
        ("owners/applications.csv", "domain,system,owner,owner\n".to_owned(), &["applications.csv:1:3: ", "twice"]),
        ("owners/applications.csv", csv("entitlement,slack,A,,,,,,,"), &["applications.csv:2:1: ", "`domain`", "application_entitlement"]),
        ("owners/applications.csv", csv("identity_lifecycle,slack,,,,,,,,"), &["applications.csv:2:3: ", "`owner`", "fill it in"]),
        ("owners/applications.csv", csv("identity_lifecycle,slack,A,tomorrow,,,,,,"), &["applications.csv:2:4: ", "`deadline`", "4h"]),
        ("owners/applications.csv", csv("identity_lifecycle,slack,A,,robot,,,,,"), &["applications.csv:2:5: ", "neither `team` nor `person`"]),
        ("owners/applications.csv", csv("identity_lifecycle,slack,A,,team,a@b.example,,,,"), &["applications.csv:2:5: ", "a team or a person"]),
        ("owners/applications.csv", csv("identity_lifecycle,slack,A,,,,octocat,,,"), &["applications.csv:2:7: ", "github:octocat"]),
        ("owners/applications.csv", csv("identity_lifecycle,slack,A,,,,,,4h,"), &["applications.csv:2:8: ", "say to whom"]),
        ("owners/applications.csv", csv("identity_lifecycle,slack,A,,,,,,,20.11.2026"), &["applications.csv:2:10: ", "2026-11-20"]),
        ("owners/applications.csv", csv("identity_lifecycle,slakc,A,,,,,,,"), &["applications.csv:2: ", "`slakc`", "github, okta, slack"]),
        ("owners/applications.csv", csv("identity_lifecycle,slack,A"), &["applications.csv:2: ", "3 fields", "has 10"]),
        ("owners/CODEOWNERS", "* @a\nmy file @b\n".to_owned(), &["CODEOWNERS:2:4: ", "`file` is no owner"]),
        ("owners/teams.yaml", "owners:\n  - { domain: identity_lifecycle, system: okta, ownr: A }\n".to_owned(), &["teams.yaml", "ownr", "line 2"]),
        ("owners/teams.yaml", "owners:\n\n  - { domain: identity_lifecycle, system: slakc, owner: A }\n".to_owned(), &["teams.yaml:3: ", "`slakc`", "github, okta, slack"]),
        ("owners/teams.yaml", "owners:\n  - { domain: identity_lifecycle, system: okta, owner: A, nhi: a, resource: b }\n".to_owned(), &["teams.yaml:2: ", "a cell for each"]),
        ("owners/teams.yaml", "owners:\n  - { domain: identity_lifecycle, system: okta, owner: A, from: 2026-02-01T00:00:00Z, until: 2026-01-01T00:00:00Z }\n".to_owned(), &["teams.yaml:2: ", "which is never"]),
        ("owners/catalog-info.yaml", entity(tied), &["catalog-info.yaml:1: ", "component:default/x", "spec.owner"]),
        ("owners/catalog-info.yaml", entity(""), &["catalog-info.yaml: ", "no entity is tied", "exeunt/system"]),
        ("owners/catalog-info.yaml", format!("{}---\n{}", entity(""), entity("")), &["catalog-info.yaml:5: ", "twice, first at line 1"]),
        ("owners/catalog-info.yaml", "kind: Component\nmetadata: [\n".to_owned(), &["catalog-info.yaml", "line"]),
    ];
    let folder = tempfile::tempdir().expect("a folder");
    guide(folder.path());
    for (file, text, words) in table {
        fs::write(folder.path().join(file), &text).expect("written");
        let refused = read(folder.path()).map(|_| ()).expect_err(&text);
        for word in words {
            assert!(refused.contains(word), "{word} in: {refused}");
        }
        fs::write(folder.path().join(file), example(file)).expect("written");
    }
    read(folder.path()).expect("as it was");
}

/// A file that is named and not there, or that cannot be told, would leave holes nobody sees.
#[test]
fn a_file_that_cannot_be_read_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    guide(folder.path());
    let good = example("exeunt.yaml");
    for (from, to, words) in [
        (
            "owners/teams.yaml",
            "owners/gone.yaml",
            &["gone.yaml", "there is no such file", "owners_files"][..],
        ),
        ("owners/teams.yaml", "owners", &["format", "codeowners"]),
        ("    system: github\n    repo", "    repo", &["CODEOWNERS: ", "set `system`"]),
        ("system: github\n", "system: gihtub\n", &["CODEOWNERS: ", "`gihtub`", "github, okta, slack"]),
        (
            "owner: Service desk",
            "owner: { team: Desk, person: Ben }",
            &["exeunt.yaml", "not both", "line 12"],
        ),
        (
            "system: \"*\", owner: Service desk",
            "system: jria, owner: Service desk",
            &["exeunt.yaml:12: ", "`jria`"],
        ),
    ] {
        assert!(good.contains(from), "{from}");
        fs::write(folder.path().join("exeunt.yaml"), good.replace(from, to)).expect("written");
        let refused = read(folder.path()).map(|_| ()).expect_err(to);
        for word in words {
            assert!(refused.contains(word), "{word} in: {refused}");
        }
    }
}
