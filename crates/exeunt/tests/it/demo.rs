//! The demo's story: each of the nine ways by its state, path, break and owner; nobody else's; and twice the same.

use std::collections::BTreeSet;

use exeunt_model::kind::SurvivorKind as Kind;
use exeunt_model::owners::Domain::{self, ApplicationEntitlement, IntegrationRevocation};
use exeunt_model::verdict::{Conclusion, Obligation, VerdictDocument};
use exeunt_model::{State, Timestamp};
use exeunt_sandbox::{Phase, World, story};

use crate::said::{exeunt, program, run};
use crate::stage::{ids, told};

/// One of the nine ways, as the story has it.
struct Way {
    system: &'static str,
    kind: Kind,
    /// What the leaver reaches, by way of what.
    path: &'static [&'static str],
    state: State,
    control_point: u8,
    domain: Domain,
    owner: &'static str,
}

const GITHUB: &str = story::GITHUB_LOGIN;
const MAIL: &str = "mara.voss@halden.example";

const WAYS: [Way; 9] = [
    Way {
        system: "github",
        kind: Kind::TokenUser,
        path: &["Mara Voss", GITHUB, story::SURVIVING_TOKEN],
        state: State::Live,
        control_point: 5,
        domain: ApplicationEntitlement,
        owner: "Platform team",
    },
    Way {
        system: "jira",
        kind: Kind::OwnedNhi,
        path: &["Mara Voss", MAIL, story::SURVIVING_LINK],
        state: State::Live,
        control_point: 6,
        domain: IntegrationRevocation,
        owner: "Jira administrators",
    },
    Way {
        system: "jira",
        kind: Kind::OwnedAutomation,
        path: &["Mara Voss", MAIL, story::SURVIVING_RULE],
        state: State::Live,
        control_point: 6,
        domain: IntegrationRevocation,
        owner: "Jira administrators",
    },
    Way {
        system: "slack",
        kind: Kind::OwnedNhi,
        path: &["Mara Voss", "mara.voss", story::SURVIVING_BOT],
        state: State::Live,
        control_point: 7,
        domain: IntegrationRevocation,
        owner: "Integration office",
    },
    Way {
        system: "github",
        kind: Kind::GrantInherited,
        path: &["Mara Voss", GITHUB, story::SURVIVING_TEAM, story::PARENT_TEAM, "halden/payments"],
        state: State::Live,
        control_point: 4,
        domain: ApplicationEntitlement,
        owner: "Platform team",
    },
    Way {
        system: "aws",
        kind: Kind::OwnedNhi,
        path: &["Mara Voss", story::SHARED_ACCOUNT],
        state: State::Live,
        control_point: 8,
        domain: ApplicationEntitlement,
        owner: "Cloud team",
    },
    Way {
        system: "atlassian",
        kind: Kind::TokenUser,
        path: &["Mara Voss", MAIL, story::LATENT_TOKEN],
        state: State::Latent,
        control_point: 5,
        domain: ApplicationEntitlement,
        owner: "Service desk",
    },
    Way {
        system: "aws",
        kind: Kind::OwnedNhi,
        path: &["Mara Voss", story::ORPHANED_SERVICE],
        state: State::Live,
        control_point: 7,
        domain: IntegrationRevocation,
        owner: "Cloud team",
    },
    Way {
        system: "github",
        kind: Kind::TokenResource,
        path: &["Mara Voss", GITHUB, "edge collector on telemetry"],
        state: State::Live,
        control_point: 5,
        domain: ApplicationEntitlement,
        owner: "Platform team",
    },
];

fn names(obligation: &Obligation) -> Vec<&str> {
    let first = obligation.path.first().map(|step| step.names.0.as_str());
    first.into_iter().chain(obligation.path.iter().map(|step| step.names.1.as_str())).collect()
}

fn is(obligation: &Obligation, way: &Way) -> bool {
    obligation.system.as_str() == way.system && obligation.kind == way.kind && names(obligation) == way.path
}

/// Whoever tries the product first sees whether it tells the truth: exit code, and a document of the published form.
#[test]
fn the_demo_ends_with_residual_access_in_the_published_form() {
    let told = told();
    assert_eq!(told.said.code, 10, "{}", told.said.err);
    let verdict = told.said.verdict();
    assert_eq!((verdict.case.as_str(), verdict.verdict), (story::TICKET, Conclusion::Residual));
    let schema = run(program().args(["schema", "verdict"]));
    let schema = jsonschema::validator_for(&schema.json()).expect("a schema");
    let errors: Vec<String> =
        schema.iter_errors(&told.said.json()).map(|e| format!("{}: {e}", e.instance_path())).collect();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
}

/// Each planted way is found with its state, path, break and owner; a wrong owner would be asked in vain.
#[test]
fn the_nine_ways_are_found() {
    let verdict = told().said.verdict();
    for way in &WAYS {
        let found: Vec<&Obligation> = verdict.obligations.iter().filter(|o| is(o, way)).collect();
        let [found] = found.as_slice() else {
            panic!("{:?} is there {} times", way.path, found.len());
        };
        assert_eq!(found.state, way.state, "{}: {}", found.id, found.because);
        assert_eq!(found.control_point, Some(way.control_point), "{}", found.id);
        let owners: Vec<_> = found.accountable.iter().map(|a| (a.domain, a.owner.as_deref())).collect();
        assert_eq!(owners, [(way.domain, Some(way.owner))], "{}", found.id);
        assert!(!found.next_step.is_empty() && !found.evidence.is_empty(), "{}", found.id);
    }
}

/// The system that answered 403 has unknown lines with the reason, and nothing more.
#[test]
fn what_the_expenses_refuse_to_show_is_unknown() {
    let verdict = told().said.verdict();
    let refused: Vec<&Obligation> =
        verdict.obligations.iter().filter(|o| o.system.as_str() == "expenses").collect();
    assert!(!refused.is_empty());
    for line in &refused {
        assert_eq!(line.state, State::Unknown, "{}", line.id);
        assert!(line.because.contains("may not read"), "{}", line.because);
        assert_eq!(line.accountable[0].owner.as_deref(), Some("Finance systems"));
    }
    assert!(refused.iter().any(|line| line.kind == Kind::Principal));
    let gap = verdict.gaps.iter().find(|gap| gap.system.as_str() == "expenses").expect("a gap");
    assert!(gap.blocks && !gap.next_step.is_empty());
}

/// What still works is what was planted and what follows from it, and no line more.
#[test]
fn nothing_else_is_live_or_latent() {
    let verdict = told().said.verdict();
    let planted: BTreeSet<&str> = WAYS.iter().filter_map(|way| way.path.last().copied()).collect();
    // Her account in the organization, and her two closed accounts, which an administrator can open again.
    let accounts = [("github", GITHUB), ("atlassian", MAIL), ("jira", MAIL)];
    for line in &verdict.obligations {
        if !matches!(line.state, State::Live | State::Latent) {
            continue;
        }
        let own = line.kind == Kind::Principal && accounts.contains(&(line.system.as_str(), &line.item.name));
        // The team, what it gives, and the keys and rights of the two accounts in AWS.
        let follows = names(line).iter().any(|name| planted.contains(name) || *name == story::SURVIVING_TEAM);
        assert!(own || follows, "{} is {:?}: {}", line.id, line.state, line.because);
    }
}

/// The token was used after she left; anything else shown as an incident would send people after nothing.
#[test]
fn one_thing_was_used_after_departure() {
    let verdict = told().said.verdict();
    let used: Vec<(&str, Option<Timestamp>)> = verdict
        .obligations
        .iter()
        .filter(|o| o.used_after_departure.is_some())
        .map(|o| (o.item.name.as_str(), o.used_after_departure))
        .collect();
    assert_eq!(used, [(story::SURVIVING_TOKEN, Some(story::SURVIVING_TOKEN_USED))]);
    assert_eq!(verdict.obligations[0].item.name, story::SURVIVING_TOKEN, "incidents come first");
}

/// A namesake's or a colleague's access in a leaver's verdict would be taken from the wrong person.
#[test]
fn nobody_elses_access_is_shown() {
    let verdict = told().said.verdict();
    let mut world = World::halden(1);
    world.enter(Phase::After);
    let user = |number: u32| {
        let number = Some(number);
        let found = world.okta.users.iter().find(|user| user.employee_number == number);
        found.unwrap_or_else(|| panic!("{number:?} is not in the directory")).id.clone()
    };
    assert_eq!(verdict.subject.identity.to_string(), format!("okta/identity/{}", user(story::LEAVER)));
    let begins = verdict.subject.identity.to_string();
    for line in &verdict.obligations {
        assert_eq!(line.path.first().map(|step| step.from.as_str()), Some(begins.as_str()), "{}", line.id);
    }
    let shown = serde_json::to_string(&verdict.obligations).expect("JSON");
    for other in [story::NAMESAKE, story::FIRST_STAY, story::SECOND_STAY, story::EARLIER_LEAVERS[0]] {
        assert!(!shown.contains(&user(other)), "{other} is in her verdict");
    }
    assert!(!shown.contains(story::NAMESAKE_LOGIN));
    // Her successor may be named as the one who has taken a thing over, never as the holder of a line.
    let successor = world.staff.person(story::SUCCESSOR).expect("a person").name();
    assert!(verdict.obligations.iter().all(|line| !names(line).contains(&successor.as_str())));
}

/// A verdict that changes from run to run cannot be compared, and its evidence cannot be told from a forgery.
#[test]
fn two_runs_give_the_same_bytes() {
    let again = run(program().args(["--format", "json", "demo", "--once"]));
    assert_eq!(again.code, 10, "{}", again.err);
    if again.out != told().said.out {
        let other: Vec<(&str, &str)> =
            told().said.out.lines().zip(again.out.lines()).filter(|(a, b)| a != b).take(20).collect();
        panic!("{other:#?}");
    }
}

/// Another seed is another company with the same story: other ids, the same nine ways.
#[test]
fn another_seed_tells_the_same_story() {
    let said = run(program().args(["--format", "json", "demo", "--once", "--seed", "7"]));
    let (verdict, first): (VerdictDocument, _) = (said.verdict(), told().said.verdict());
    for way in &WAYS {
        assert_eq!(verdict.obligations.iter().filter(|o| is(o, way)).count(), 1, "{:?}", way.path);
    }
    assert!(ids(&verdict, State::Live).is_disjoint(&ids(&first, State::Live)));
}

/// Piping the answer into another program must not pipe the chatter with it.
#[tokio::test]
async fn data_and_chatter_go_apart() {
    let said = exeunt(&["demo", "--once"]).await;
    assert_eq!(said.code, 10, "{}", said.err);
    assert!(said.out.starts_with("RESIDUAL ACCESS"), "{}", said.out);
    assert!(said.err.contains("Halden Instruments") && !said.out.contains("Halden Instruments:"));
    assert_eq!(told().said.err, "", "with --format json nothing needs saying");
    let markdown = exeunt(&["--format", "md", "demo", "--once"]).await;
    assert!(markdown.out.starts_with('#') && markdown.out.contains(story::SURVIVING_TOKEN));
}

/// The demo brings its own company; another configuration would be read from, and written over.
#[tokio::test]
async fn the_demo_takes_no_configuration() {
    exeunt(&["--config", "exeunt.yaml", "demo", "--once"]).await.refuses(2, &["--config"]);
}
