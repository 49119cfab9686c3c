//! How the Jira site came to hold what it holds on a given day. The tickets have a file of their own.

use jiff::Timestamp;

use super::{
    state::{
        AppLink, AuditRecord, Dashboard, Filter, Group, Project, Role, Rule, State, User, Webhook,
        automation_id, reader_id,
    },
    tickets,
};
use crate::{
    calendar::{Phase, at, shift_minutes},
    staff::{Person, Staff, Team},
    story,
};

impl State {
    /// The site on a given day. The leaver's groups, roles and filters were handed over; an application link she
    /// made (2 of nine) and a rule that runs as her (3) were not.
    #[must_use]
    pub fn on(staff: &Staff, phase: Phase) -> Self {
        let links = links(staff, phase);
        Self {
            users: users(staff, phase),
            groups: groups(staff, phase),
            projects: projects(staff, phase),
            filters: filters(staff, phase),
            dashboards: dashboards(staff, phase),
            audit: audit(staff, phase, &links),
            issues: tickets::on(staff, phase),
            webhooks: webhooks(staff),
            rules: rules(staff, phase),
            links,
        }
    }
}

fn users(staff: &Staff, phase: Phase) -> Vec<User> {
    // A few people hide their address; none of them matters to the story.
    let hidden = |person: &Person| matches!(person.number, 2007 | 2021 | 2036 | 2055);
    let mut users: Vec<User> = staff
        .people
        .iter()
        .filter(|person| person.number != story::FIRST_STAY)
        .map(|person| User {
            id: staff.account_id(person.number),
            name: person.name(),
            email: (!hidden(person)).then(|| person.email()),
            account_type: "atlassian",
            app_type: None,
            active: !person.gone(phase.now()),
        })
        .collect();
    let app = |id: String, name: &str, email: Option<&str>, app_type| User {
        id,
        name: name.to_owned(),
        email: email.map(str::to_owned),
        account_type: "app",
        app_type,
        active: true,
    };
    let other = |key: &str| format!("712020:{}", staff.seed.uuid("jira-app", key));
    users.push(app(
        reader_id(staff),
        "Access review",
        Some("access-review@serviceaccount.atlassian.com"),
        Some("service"),
    ));
    users.push(app(
        other("importer"),
        "Ledger importer",
        Some("ledger-importer@serviceaccount.atlassian.com"),
        Some("service"),
    ));
    users.push(app(other("triage"), "Triage agent", None, Some("agent")));
    users.push(app(automation_id(staff), "Automation for Jira", None, Some("unknown")));
    users
}

fn group_id(staff: &Staff, name: &str) -> String {
    staff.seed.uuid("jira-group", name)
}

fn groups(staff: &Staff, phase: Phase) -> Vec<Group> {
    let group = |name: &str, wanted: &dyn Fn(&Person) -> bool| Group {
        id: group_id(staff, name),
        name: name.to_owned(),
        members: staff
            .present(phase.now())
            .filter(|person| wanted(person))
            .map(|person| staff.account_id(person.number))
            .collect(),
    };
    vec![
        group("jira-users-halden", &|_| true),
        group("jira-administrators", &|person| matches!(person.number, story::ADMIN | 2032)),
        group("jira-servicemanagement-agents", &|person| person.team == Team::ItOps),
        group("platform", &|person| person.team == Team::Platform),
        group("engineering", &|person| person.team.engineers()),
        group("finance", &|person| person.team == Team::Finance),
    ]
}

fn projects(staff: &Staff, phase: Phase) -> Vec<Project> {
    let account = |number| staff.account_id(number);
    let leads =
        |number: u32| if phase.has_left() && number == story::LEAVER { story::SUCCESSOR } else { number };
    let project = |id: u32, key: &str, name: &str, kind, lead, developers: &[u32], group: &str| Project {
        id: id.to_string(),
        key: key.to_owned(),
        name: name.to_owned(),
        kind,
        lead: account(leads(lead)),
        roles: vec![
            Role {
                id: 10_002,
                name: "Administrators",
                users: vec![account(leads(lead))],
                groups: vec![group_id(staff, "jira-administrators")],
            },
            Role {
                id: 10_003,
                name: "Developers",
                users: developers
                    .iter()
                    .filter(|number| !(phase.has_left() && **number == story::LEAVER))
                    .map(|number| account(*number))
                    .collect(),
                groups: vec![group_id(staff, group)],
            },
        ],
    };
    vec![
        project(
            10_100,
            "OFF",
            "Offboarding",
            "service_desk",
            story::ADMIN,
            &[story::DESK, 2032],
            "jira-servicemanagement-agents",
        ),
        project(
            10_101,
            "PLAT",
            "Platform",
            "software",
            story::MANAGER,
            &[story::LEAVER, story::SUCCESSOR],
            "platform",
        ),
        project(10_102, "REL", "Releases", "software", story::LEAVER, &[story::LEAVER, 2013], "engineering"),
        project(
            10_103,
            "PROD",
            "Product",
            "software",
            2005,
            &[2005, 2013, story::SECOND_STAY],
            "engineering",
        ),
        project(10_104, "FIN", "Finance", "business", 2019, &[2019, 2027], "finance"),
    ]
}

fn filters(staff: &Staff, phase: Phase) -> Vec<Filter> {
    let heir = if phase.has_left() { story::SUCCESSOR } else { story::LEAVER };
    let mut filters: Vec<Filter> = Vec::new();
    let mut add = |name: String, jql: &str, owner: u32| {
        let id = 10_200 + u64::try_from(filters.len()).unwrap_or(0);
        filters.push(Filter {
            id,
            name,
            jql: jql.to_owned(),
            owner: staff.account_id(owner),
            shared_with: id.is_multiple_of(2).then(|| group_id(staff, "engineering")),
            subscribers: if id.is_multiple_of(3) { vec![staff.account_id(owner)] } else { Vec::new() },
        });
    };
    add("Open incidents".to_owned(), "project = PLAT AND status != Done", heir);
    add("Release blockers".to_owned(), "project = REL AND status != Done", heir);
    for person in
        staff.present(phase.now()).filter(|person| person.number % 2 == 0 && person.team.engineers())
    {
        add(format!("Assigned to {}", person.given), "assignee = currentUser()", person.number);
    }
    filters
}

fn dashboards(staff: &Staff, phase: Phase) -> Vec<Dashboard> {
    let heir = if phase.has_left() { story::SUCCESSOR } else { story::LEAVER };
    [("Platform health", heir), ("Sprint", 2005), ("Month end", 2019), ("Service desk", story::DESK)]
        .into_iter()
        .zip(10_300..)
        .map(|((name, owner), id)| Dashboard { id, name: name.to_owned(), owner: staff.account_id(owner) })
        .collect()
}

fn links(staff: &Staff, phase: Phase) -> Vec<AppLink> {
    let link = |name: &str, url: &str, kind| AppLink {
        id: staff.seed.uuid("jira-link", name),
        name: name.to_owned(),
        url: url.to_owned(),
        kind,
    };
    let mut links = vec![
        link("Knowledge base", "https://kb.halden.example", "confluence"),
        link("Status page", "https://status.halden.example", "generic"),
        link(story::SURVIVING_LINK, "https://mirror.build.halden.example", "generic"),
    ];
    if phase == Phase::Finished {
        links.retain(|link| link.name != story::SURVIVING_LINK);
    }
    links
}

fn audit(staff: &Staff, phase: Phase, links: &[AppLink]) -> Vec<AuditRecord> {
    let mut records: Vec<AuditRecord> = Vec::new();
    let mut add = |summary: &str,
                   category,
                   author,
                   created: Timestamp,
                   object: &str,
                   object_id: String,
                   object_type| {
        records.push(AuditRecord {
            id: 0,
            summary: summary.to_owned(),
            category,
            author,
            created,
            object: object.to_owned(),
            object_id,
            object_type,
        });
    };
    let account = |number| staff.account_id(number);
    // Only this log knows who made which link.
    for (name, number, created) in [
        ("Knowledge base", story::ADMIN, at(2022, 2, 14, 9, 0)),
        ("Status page", 2032, at(2023, 7, 3, 9, 0)),
        (story::SURVIVING_LINK, story::LEAVER, at(2025, 6, 17, 11, 26)),
    ] {
        let id = staff.seed.uuid("jira-link", name);
        add(
            "Application link created",
            "applications",
            account(number),
            created,
            name,
            id,
            "APPLICATION_LINK",
        );
    }
    if phase == Phase::Finished && links.iter().all(|link| link.name != story::SURVIVING_LINK) {
        let id = staff.seed.uuid("jira-link", story::SURVIVING_LINK);
        add(
            "Application link deleted",
            "applications",
            account(story::ADMIN),
            shift_minutes(story::REPAIRED, 20),
            story::SURVIVING_LINK,
            id,
            "APPLICATION_LINK",
        );
    }
    for person in staff.people.iter().filter(|person| person.number > 2021) {
        let id = account(person.number);
        add(
            "User created",
            "user management",
            account(story::ADMIN),
            person.joined,
            &person.name(),
            id,
            "USER",
        );
    }
    if phase.has_left() {
        for group in ["jira-users-halden", "platform", "engineering"] {
            let id = group_id(staff, group);
            let removed = at(2026, 11, 13, 16, 5);
            add(
                "User removed from group",
                "group management",
                account(story::DESK),
                removed,
                group,
                id,
                "GROUP",
            );
        }
    }
    records.sort_by_key(|record| record.created);
    for (record, id) in records.iter_mut().zip(20_001..) {
        record.id = id;
    }
    records.reverse();
    records
}

fn webhooks(staff: &Staff) -> Vec<Webhook> {
    [
        ("Release notes", "https://chat-relay.halden.example/jira", story::SUCCESSOR),
        ("Audit sink", "https://audit-sink.halden.example/jira", story::ADMIN),
    ]
    .into_iter()
    .zip(31..)
    .map(|((name, url, editor), id)| Webhook {
        id,
        name: name.to_owned(),
        url: url.to_owned(),
        updated_by: staff.account_id(editor),
        updated_by_name: staff.name(editor),
        updated: at(2026, 3, 9, 15, 0),
    })
    .collect()
}

fn rules(staff: &Staff, phase: Phase) -> Vec<Rule> {
    let app = automation_id(staff);
    let rule = |name: &str, author: u32, actor: Option<u32>, trigger, sends_to| Rule {
        uuid: staff.seed.uuid("jira-rule", &format!("{name}/{author}")),
        name: name.to_owned(),
        enabled: true,
        author: staff.account_id(author),
        actor: actor.map_or_else(|| app.clone(), |number| staff.account_id(number)),
        trigger,
        sends_to,
        created: at(2025, 3, 24, 10, 0),
        updated: at(2026, 7, 6, 10, 0),
    };
    let mut rules = vec![
        rule("Close stale requests", story::DESK, None, "jira.jql.scheduled", None),
        rule("Label payments bugs", 2005, None, "jira.issue.event.trigger:created", None),
        rule("Remind reviewers", 2013, Some(2013), "jira.jql.scheduled", None),
        rule("Month-end checklist", 2019, Some(2019), "jira.jql.scheduled", None),
        rule("Tell the service desk", story::ADMIN, None, "jira.issue.event.trigger:created", None),
    ];
    rules[0].enabled = phase != Phase::Before;
    let export = Some("https://finance-export.halden.example/nightly");
    rules.push(if phase == Phase::Finished {
        // An author cannot be changed, so the rule was written anew by her successor and runs as the app.
        let mut anew = rule(story::SURVIVING_RULE, story::SUCCESSOR, None, "jira.jql.scheduled", export);
        anew.created = story::REPAIRED;
        anew.updated = story::REPAIRED;
        anew
    } else {
        rule(story::SURVIVING_RULE, story::LEAVER, None, "jira.jql.scheduled", export)
    });
    rules
}
