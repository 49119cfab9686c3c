//! What Slack holds, and how it came to hold it.

use jiff::Timestamp;

use crate::{
    calendar::{Phase, at, shift, shift_minutes},
    staff::{Staff, Team},
    story,
};

/// Everything Slack holds.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// People and bots, deactivated ones included.
    pub members: Vec<Member>,
    /// Who installed, changed or removed which app.
    pub events: Vec<Event>,
    /// Apps approved for the workspace.
    pub apps: Vec<App>,
    /// User groups.
    pub groups: Vec<Group>,
}

/// A person or a bot.
#[derive(Clone, Debug)]
pub struct Member {
    /// Immutable id.
    pub id: String,
    /// Handle.
    pub name: String,
    /// Name as shown.
    pub real_name: String,
    /// Job title, for people.
    pub title: &'static str,
    /// Mail address, for people.
    pub email: Option<String>,
    /// Whether the member was deactivated.
    pub deleted: bool,
    /// Whether the member administers the workspace.
    pub admin: bool,
    /// For a bot, the app it belongs to.
    pub app: Option<String>,
    /// When the member last changed.
    pub updated: Timestamp,
}

/// One entry of the integration log.
#[derive(Clone, Debug)]
pub struct Event {
    /// App id.
    pub app: String,
    /// App name.
    pub app_name: String,
    /// Who did it.
    pub user: String,
    /// Their handle.
    pub user_name: String,
    /// When.
    pub date: Timestamp,
    /// `added`, `updated`, `removed` …
    pub change: &'static str,
    /// Scopes.
    pub scope: String,
}

/// An approved app.
#[derive(Clone, Debug)]
pub struct App {
    /// App id.
    pub id: String,
    /// Name.
    pub name: String,
    /// What it does.
    pub description: String,
    /// Bot scopes.
    pub scopes: Vec<&'static str>,
    /// When it was approved.
    pub approved: Timestamp,
    /// Who approved it.
    pub approver: String,
}

/// A user group.
#[derive(Clone, Debug)]
pub struct Group {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Handle.
    pub handle: String,
    /// Member ids.
    pub users: Vec<String>,
    /// Who made it.
    pub creator: String,
    /// When.
    pub created: Timestamp,
}

/// The apps of the workspace, who installed each, and what for.
const APPS: [(&str, u32, &str); 6] = [
    (story::SURVIVING_BOT, story::LEAVER, "Asks for the daily report and posts it"),
    ("deploy-notes", story::SUCCESSOR, "Posts what was deployed"),
    ("pager-relay", 2013, "Posts who is on call"),
    ("lunch-wheel", 2006, "Draws lunch groups"),
    ("invoice-bell", story::NAMESAKE, "Tells sales about paid invoices"),
    ("desk-help", story::ADMIN, "Opens service-desk tickets"),
];

impl State {
    /// The workspace on a given day. The leaver's own account is deactivated, and her bot goes on (4 of nine).
    #[must_use]
    pub fn on(staff: &Staff, phase: Phase) -> Self {
        let mut members: Vec<Member> = staff
            .people
            .iter()
            // A rehire comes back to the account of the first stay, so there is only one.
            .filter(|person| person.number != story::FIRST_STAY)
            .map(|person| Member {
                id: staff.slack_id(person.number),
                name: person.local.clone(),
                real_name: person.name(),
                title: person.title,
                email: Some(person.email()),
                deleted: person.gone(phase.now()),
                admin: matches!(person.number, story::ADMIN | 2032),
                app: None,
                updated: person.left.filter(|_| person.gone(phase.now())).unwrap_or(shift(person.joined, 1)),
            })
            .collect();
        members.extend(APPS.map(|(name, installer, _)| bot(staff, name, installer)));
        if phase == Phase::Finished {
            members.retain(|member| member.name != story::SURVIVING_BOT);
            members.push(bot(staff, story::SURVIVING_BOT, story::SUCCESSOR));
        }
        Self { members, events: events(staff, phase), apps: apps(staff), groups: groups(staff, phase) }
    }
}

fn app_id(staff: &Staff, name: &str) -> String {
    format!("A0{}", staff.seed.upper("slack-app", name, 9))
}

/// A bot user belongs to one installation, so a new installation brings a new one.
fn bot(staff: &Staff, name: &str, installer: u32) -> Member {
    Member {
        id: format!("U0{}", staff.seed.upper("slack-bot", &format!("{name}/{installer}"), 9)),
        name: name.to_owned(),
        real_name: name.to_owned(),
        title: "",
        email: None,
        deleted: false,
        admin: false,
        app: Some(app_id(staff, name)),
        updated: at(2025, 2, 11, 9, 30),
    }
}

fn events(staff: &Staff, phase: Phase) -> Vec<Event> {
    let event = |name: &str, number: u32, date, change| Event {
        app: app_id(staff, name),
        app_name: name.to_owned(),
        user: staff.slack_id(number),
        user_name: staff.person(number).map(|person| person.local.clone()).unwrap_or_default(),
        date,
        change,
        scope: "chat:write,channels:read".to_owned(),
    };
    let mut events: Vec<Event> = APPS
        .iter()
        .zip(0_i64..)
        .flat_map(|((name, installer, _), index)| {
            let added = shift(at(2024, 5, 6, 10, 0), index * 31);
            // Routine updates by administrators: the log is longer than one page, and the last to touch an app is
            // not the one who installed it.
            let mut rows = vec![event(name, *installer, added, "added")];
            rows.extend((1..=4).map(|round| event(name, story::ADMIN, shift(added, round * 40), "updated")));
            rows
        })
        .collect();
    if phase == Phase::Finished {
        events.push(event(story::SURVIVING_BOT, story::ADMIN, story::REPAIRED, "removed"));
        events.push(event(
            story::SURVIVING_BOT,
            story::SUCCESSOR,
            shift_minutes(story::REPAIRED, 12),
            "added",
        ));
    }
    // The newest first, as Slack gives them.
    events.sort_by_key(|event| std::cmp::Reverse(event.date));
    events
}

fn apps(staff: &Staff) -> Vec<App> {
    APPS.iter()
        .map(|(name, _, description)| App {
            id: app_id(staff, name),
            name: (*name).to_owned(),
            description: (*description).to_owned(),
            scopes: vec!["chat:write", "channels:read"],
            approved: at(2024, 5, 6, 9, 0),
            approver: staff.slack_id(story::ADMIN),
        })
        .collect()
}

fn groups(staff: &Staff, phase: Phase) -> Vec<Group> {
    let group = |handle: &str, name: &str, wanted: &dyn Fn(Team) -> bool| Group {
        id: format!("S0{}", staff.seed.upper("slack-group", handle, 9)),
        name: name.to_owned(),
        handle: handle.to_owned(),
        users: staff
            .present(phase.now())
            .filter(|person| wanted(person.team))
            .map(|person| staff.slack_id(person.number))
            .collect(),
        creator: staff.slack_id(story::ADMIN),
        created: at(2022, 6, 1, 9, 0),
    };
    vec![
        group("sre", "Site reliability", &|team| team == Team::Platform),
        group("engineering", "Engineering", &Team::engineers),
        group("finance", "Finance", &|team| team == Team::Finance),
        group("helpdesk", "Service desk", &|team| team == Team::ItOps),
    ]
}
