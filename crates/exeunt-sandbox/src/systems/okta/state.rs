//! What Okta holds, and how it came to hold it.

use jiff::Timestamp;

use crate::{
    calendar::{Phase, at, shift},
    staff::{Person, Staff, Team},
    story,
};

/// Gives the ids of the people who work here and match.
type Present<'a> = &'a dyn Fn(&dyn Fn(&Person) -> bool) -> Vec<String>;

/// Everything Okta holds.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// Users in every status.
    pub users: Vec<User>,
    /// Groups.
    pub groups: Vec<Group>,
    /// Rules that put people into groups.
    pub rules: Vec<Rule>,
    /// API tokens.
    pub tokens: Vec<ApiToken>,
    /// Applications and who is assigned to them.
    pub apps: Vec<App>,
    /// Consents that let an application act for a user.
    pub grants: Vec<Grant>,
}

/// A user's status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Invited, not yet active.
    Staged,
    /// In use.
    Active,
    /// Blocked for now.
    Suspended,
    /// Deactivated.
    Deprovisioned,
}

impl Status {
    /// Okta's word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Staged => "STAGED",
            Self::Active => "ACTIVE",
            Self::Suspended => "SUSPENDED",
            Self::Deprovisioned => "DEPROVISIONED",
        }
    }

    /// The status of this name.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        [Self::Staged, Self::Active, Self::Suspended, Self::Deprovisioned]
            .into_iter()
            .find(|status| status.word() == word)
    }
}

/// A user.
#[derive(Clone, Debug)]
pub struct User {
    /// Immutable id.
    pub id: String,
    /// Status.
    pub status: Status,
    /// When the account was made.
    pub created: Timestamp,
    /// When the status last changed.
    pub status_changed: Timestamp,
    /// Last sign-in.
    pub last_login: Option<Timestamp>,
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// Login, which is the mail address.
    pub login: String,
    /// Employee number, for people.
    pub employee_number: Option<u32>,
    /// Department.
    pub department: String,
    /// Title.
    pub title: String,
    /// The manager's employee number.
    pub manager: Option<u32>,
    /// `Employee` or `Service`.
    pub user_type: &'static str,
}

/// A group.
#[derive(Clone, Debug)]
pub struct Group {
    /// Immutable id.
    pub id: String,
    /// Name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Whether Okta itself made it.
    pub built_in: bool,
    /// Ids of its users.
    pub members: Vec<String>,
    /// When its members last changed.
    pub changed: Timestamp,
}

/// A rule that puts people into groups.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Expression over the profile.
    pub expression: String,
    /// Ids of the groups.
    pub groups: Vec<String>,
    /// Whether it is active.
    pub active: bool,
}

/// An API token.
#[derive(Clone, Debug)]
pub struct ApiToken {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Id of its user.
    pub user: String,
    /// When it was made.
    pub created: Timestamp,
    /// When it was last used, which renews it.
    pub updated: Timestamp,
}

/// An application.
#[derive(Clone, Debug)]
pub struct App {
    /// Id.
    pub id: String,
    /// Label.
    pub label: String,
    /// How people sign in.
    pub sign_on: &'static str,
    /// Ids of the users assigned to it.
    pub users: Vec<String>,
}

/// A consent.
#[derive(Clone, Debug)]
pub struct Grant {
    /// Id.
    pub id: String,
    /// Id of the user who consented.
    pub user: String,
    /// Client that may act.
    pub client: String,
    /// Scope.
    pub scope: String,
    /// When it was given.
    pub created: Timestamp,
}

impl State {
    /// The directory on a given day. The leaver's account is the part of the offboarding that was done well.
    #[must_use]
    pub fn on(staff: &Staff, phase: Phase) -> Self {
        let mut users: Vec<User> = staff.people.iter().map(|person| user(staff, person, phase)).collect();
        users.push(reader(staff));
        let present = |wanted: &dyn Fn(&Person) -> bool| -> Vec<String> {
            staff
                .present(phase.now())
                .filter(|person| wanted(person))
                .map(|person| staff.okta_id(person.number))
                .collect()
        };
        Self {
            groups: groups(staff, phase, &present),
            rules: rules(staff),
            tokens: tokens(staff, phase),
            apps: apps(staff, &present),
            grants: grants(staff, phase),
            users,
        }
    }

    /// A user by id or login; `me` is the reader.
    #[must_use]
    pub fn user(&self, id: &str) -> Option<&User> {
        let login = if id == "me" { READER } else { id };
        self.users.iter().find(|user| user.id == id || user.login == login)
    }
}

const READER: &str = "svc-access-review@halden.example";

fn user(staff: &Staff, person: &Person, phase: Phase) -> User {
    let now = phase.now();
    let gone = person.gone(now);
    let left = if person.number == story::LEAVER { story::DEACTIVATED } else { person.left.unwrap_or(now) };
    User {
        id: staff.okta_id(person.number),
        status: if gone { Status::Deprovisioned } else { Status::Active },
        created: shift(person.joined, -3),
        status_changed: if gone { left } else { person.joined },
        last_login: Some(if gone {
            shift(left, -1)
        } else {
            shift(now, -staff.seed.days("okta-login", &person.local, 0, 6))
        }),
        first_name: person.given.clone(),
        last_name: person.family.clone(),
        // Okta keeps logins unique, so the first account of a rehire was renamed when the second was made.
        login: if person.number == story::FIRST_STAY {
            format!("{}.2025@{}", person.local, story::DOMAIN)
        } else {
            person.email()
        },
        employee_number: Some(person.number),
        department: person.team.name().to_owned(),
        title: person.title.to_owned(),
        manager: (person.team == Team::Platform && person.number != story::MANAGER).then_some(story::MANAGER),
        user_type: "Employee",
    }
}

fn reader(staff: &Staff) -> User {
    User {
        id: format!("00u{}", staff.seed.mixed("okta", "reader", 17)),
        status: Status::Active,
        created: at(2026, 1, 12, 10, 0),
        status_changed: at(2026, 1, 12, 10, 0),
        last_login: None,
        first_name: "Access".to_owned(),
        last_name: "Review".to_owned(),
        login: READER.to_owned(),
        employee_number: None,
        department: Team::ItOps.name().to_owned(),
        title: "Service account".to_owned(),
        manager: None,
        user_type: "Service",
    }
}

fn group_id(staff: &Staff, name: &str) -> String {
    format!("00g{}", staff.seed.mixed("okta-group", name, 17))
}

fn groups(staff: &Staff, phase: Phase, present: Present<'_>) -> Vec<Group> {
    let changed = if phase.has_left() { story::DEACTIVATED } else { at(2026, 10, 1, 9, 0) };
    let group = |name: &str, description: &str, members: Vec<String>| Group {
        id: group_id(staff, name),
        name: name.to_owned(),
        description: description.to_owned(),
        built_in: name == "Everyone",
        members,
        changed,
    };
    let mut groups = vec![group("Everyone", "All users in your organization", present(&|_| true))];
    for team in Team::ALL {
        let members = present(&|person| person.team == team);
        groups.push(group(&format!("dept-{}", team.slug()), team.name(), members));
    }
    groups.push(group(
        "all-engineering",
        "Everyone who writes software",
        present(&|person| person.team.engineers()),
    ));
    groups.push(group(
        "sre-oncall",
        "On call for production",
        present(&|person| person.team == Team::Platform),
    ));
    groups.push(group(
        "vpn",
        "May use the VPN",
        present(&|person| person.team.engineers() || person.team == Team::ItOps),
    ));
    groups
}

fn rules(staff: &Staff) -> Vec<Rule> {
    Team::ALL
        .into_iter()
        .map(|team| Rule {
            id: format!("0pr{}", staff.seed.mixed("okta-rule", team.slug(), 17)),
            name: format!("Department {}", team.name()),
            expression: format!("user.department==\"{}\"", team.name()),
            groups: vec![group_id(staff, &format!("dept-{}", team.slug()))],
            active: team != Team::People,
        })
        .collect()
}

fn tokens(staff: &Staff, phase: Phase) -> Vec<ApiToken> {
    [(story::ADMIN, "HR feed"), (2032, "Group audit"), (story::SUCCESSOR, "Terraform")]
        .into_iter()
        .map(|(number, name)| ApiToken {
            id: format!("00T{}", staff.seed.mixed("okta-token", name, 17)),
            name: name.to_owned(),
            user: staff.okta_id(number),
            created: at(2025, 11, 3, 10, 0),
            updated: shift(phase.now(), -2),
        })
        .collect()
}

fn apps(staff: &Staff, present: Present<'_>) -> Vec<App> {
    let app = |label: &str, sign_on, users| App {
        id: format!("0oa{}", staff.seed.mixed("okta-app", label, 17)),
        label: label.to_owned(),
        sign_on,
        users,
    };
    vec![
        app("Atlassian Cloud", "SAML_2_0", present(&|_| true)),
        app("GitHub Enterprise Cloud", "SAML_2_0", present(&|person| person.github().is_some())),
        app("Slack", "SAML_2_0", present(&|_| true)),
        app("AWS IAM", "SAML_2_0", present(&|person| person.aws())),
        app("Matrix", "OPENID_CONNECT", present(&|person| person.matrix())),
        app("Expenses", "OPENID_CONNECT", present(&|person| person.expenses())),
        app("Payroll", "BOOKMARK", present(&|_| true)),
    ]
}

fn grants(staff: &Staff, phase: Phase) -> Vec<Grant> {
    let mut holders = vec![story::SUCCESSOR, story::NAMESAKE, 2005, 2013, 2029];
    if !phase.has_left() {
        holders.push(story::LEAVER);
    }
    holders
        .into_iter()
        .map(|number| Grant {
            id: format!("oag{}", staff.seed.mixed("okta-grant", &number.to_string(), 17)),
            user: staff.okta_id(number),
            client: format!("0oa{}", staff.seed.mixed("okta-app", "Matrix", 17)),
            scope: "openid".to_owned(),
            created: at(2026, 4, 7, 11, 0),
        })
        .collect()
}
