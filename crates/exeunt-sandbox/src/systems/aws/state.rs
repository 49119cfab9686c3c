//! What the AWS account holds, and how it came to hold it.

use jiff::Timestamp;

use super::arn;
use crate::{
    calendar::{Phase, at, shift},
    staff::{Person, Staff, Team},
    story,
};

/// Everything the account holds.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// Users: people, services and shared ones.
    pub users: Vec<User>,
    /// Groups.
    pub groups: Vec<Group>,
    /// Roles.
    pub roles: Vec<Role>,
    /// The account's own managed policies.
    pub policies: Vec<Policy>,
}

/// An IAM user.
#[derive(Clone, Debug)]
pub struct User {
    /// Name.
    pub name: String,
    /// Immutable id.
    pub id: String,
    /// When it was made.
    pub created: Timestamp,
    /// Tags.
    pub tags: Vec<(String, String)>,
    /// Names of its groups.
    pub groups: Vec<String>,
    /// Names of managed policies attached to it directly.
    pub policies: Vec<String>,
    /// Access keys.
    pub keys: Vec<AccessKey>,
    /// SSH keys for code repositories.
    pub ssh_keys: Vec<SshKey>,
    /// Credentials of single services.
    pub service_credentials: Vec<ServiceCredential>,
    /// Signing certificates.
    pub certificates: Vec<Certificate>,
    /// When a second factor was enabled, if there is one.
    pub mfa: Option<Timestamp>,
    /// When a console password was made, if there is one.
    pub console: Option<Timestamp>,
}

/// An access key.
#[derive(Clone, Debug)]
pub struct AccessKey {
    /// Id.
    pub id: String,
    /// Whether it is active.
    pub active: bool,
    /// When it was made.
    pub created: Timestamp,
    /// Last use.
    pub last_used: Option<Timestamp>,
}

/// An SSH key.
#[derive(Clone, Debug)]
pub struct SshKey {
    /// Id.
    pub id: String,
    /// When it was uploaded.
    pub uploaded: Timestamp,
}

/// A certificate that signs requests of old interfaces.
#[derive(Clone, Debug)]
pub struct Certificate {
    /// Id.
    pub id: String,
    /// When it was uploaded.
    pub uploaded: Timestamp,
}

/// A credential of one service.
#[derive(Clone, Debug)]
pub struct ServiceCredential {
    /// Id.
    pub id: String,
    /// Service.
    pub service: &'static str,
    /// When it was made.
    pub created: Timestamp,
}

/// A group.
#[derive(Clone, Debug)]
pub struct Group {
    /// Name.
    pub name: String,
    /// Immutable id.
    pub id: String,
    /// Names of managed policies attached to it.
    pub policies: Vec<String>,
}

/// A role.
#[derive(Clone, Debug)]
pub struct Role {
    /// Name.
    pub name: String,
    /// Path.
    pub path: &'static str,
    /// Immutable id.
    pub id: String,
    /// ARNs or services that may assume it.
    pub trusted: Vec<Trusted>,
    /// Names of managed policies attached to it.
    pub policies: Vec<String>,
    /// Last use.
    pub last_used: Option<Timestamp>,
}

/// Who may assume a role.
#[derive(Clone, Debug)]
pub enum Trusted {
    /// A user, a role or an account.
    Arn(String),
    /// A service of AWS.
    Service(&'static str),
}

/// A managed policy of the account's own.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Name.
    pub name: String,
    /// Immutable id.
    pub id: String,
    /// What it allows.
    pub actions: Vec<&'static str>,
}

impl State {
    /// The account on a given day. The leaver's own user is deleted; the shared user whose key she knows keeps its
    /// key (6 of nine), and a service user goes on with her as its owner (8).
    #[must_use]
    pub fn on(staff: &Staff, phase: Phase) -> Self {
        let mut users: Vec<User> = staff
            .present(phase.now())
            .filter(|person| person.aws())
            .map(|person| human(staff, person, phase))
            .collect();
        users.extend(shared(staff, phase));
        users.extend(services(staff, phase));
        users.sort_by(|a, b| a.name.cmp(&b.name));
        Self { users, groups: groups(staff), roles: roles(staff, phase), policies: policies(staff) }
    }
}

fn unique_id(staff: &Staff, prefix: &str, name: &str) -> String {
    format!("{prefix}EXAMPLE0{}", staff.seed.upper(prefix, name, 9))
}

/// Key ids hold the word EXAMPLE and digits that no real one has.
fn key_id(staff: &Staff, name: &str, created: Timestamp) -> String {
    let serial = staff.seed.number("aws-key", &format!("{name}/{created}"), 10_000_000, 80_000_000);
    format!("AKIAEXAMPLE1{serial}")
}

fn tag(name: &str, value: impl Into<String>) -> (String, String) {
    (name.to_owned(), value.into())
}

fn key(staff: &Staff, user: &str, created: Timestamp, last_used: Option<Timestamp>) -> AccessKey {
    AccessKey { id: key_id(staff, user, created), active: true, created, last_used }
}

fn human(staff: &Staff, person: &Person, phase: Phase) -> User {
    let name = person.local.clone();
    let now = phase.now();
    let used = shift(now, -staff.seed.days("aws-used", &name, 0, 14));
    let created = person.joined.max(at(2021, 2, 1, 9, 0));
    let admin = person.number == story::MANAGER;
    let group = if admin {
        "administrators"
    } else if person.team == Team::Platform {
        "operators"
    } else {
        "developers"
    };
    User {
        id: unique_id(staff, "AIDA", &name),
        created,
        tags: vec![
            tag("exeunt:kind", "human"),
            tag("employee-number", person.number.to_string()),
            tag("email", person.email()),
        ],
        groups: vec![group.to_owned()],
        policies: if admin { vec!["BreakGlass".to_owned()] } else { Vec::new() },
        keys: vec![key(staff, &name, shift(created, 30), Some(used))],
        ssh_keys: if person.number.is_multiple_of(2) {
            vec![SshKey { id: unique_id(staff, "APKA", &name), uploaded: shift(created, 31) }]
        } else {
            Vec::new()
        },
        service_credentials: if person.team == Team::Data {
            vec![ServiceCredential {
                id: unique_id(staff, "ACCA", &name),
                service: "bedrock.amazonaws.com",
                created: shift(created, 40),
            }]
        } else {
            Vec::new()
        },
        certificates: if person.number == story::SUCCESSOR {
            vec![Certificate {
                id: staff.seed.upper("aws-certificate", &name, 24),
                uploaded: shift(created, 50),
            }]
        } else {
            Vec::new()
        },
        mfa: Some(shift(created, 1)),
        console: Some(created),
        name,
    }
}

fn machine(
    staff: &Staff,
    name: &str,
    tags: Vec<(String, String)>,
    group: &str,
    keys: Vec<AccessKey>,
) -> User {
    User {
        name: name.to_owned(),
        id: unique_id(staff, "AIDA", name),
        created: at(2023, 5, 2, 9, 0),
        tags,
        groups: vec![group.to_owned()],
        policies: Vec::new(),
        keys,
        ssh_keys: Vec::new(),
        service_credentials: Vec::new(),
        certificates: Vec::new(),
        mfa: None,
        console: None,
    }
}

/// Users with one key that several people know. Who knows it is written in a tag; only rotation takes it away.
fn shared(staff: &Staff, phase: Phase) -> Vec<User> {
    let known_by =
        |numbers: &[u32]| numbers.iter().map(|number| staff.email(*number)).collect::<Vec<_>>().join(" ");
    let user = |name: &str, knowing: &[u32], owner: &str, created| {
        let tags = vec![
            tag("exeunt:kind", "shared"),
            tag("exeunt:known-by", known_by(knowing)),
            tag("owner", owner),
        ];
        machine(staff, name, tags, "operators", vec![key(staff, name, created, Some(shift(phase.now(), -1)))])
    };
    let rotated = if phase == Phase::Finished { story::REPAIRED } else { at(2025, 1, 14, 10, 20) };
    let knowing: &[u32] =
        if phase == Phase::Finished { &[story::SUCCESSOR] } else { &[story::LEAVER, story::SUCCESSOR] };
    vec![
        user(story::SHARED_ACCOUNT, knowing, story::PLATFORM_TEAM, rotated),
        user("reports-shared", &[2010, 2042], "data@halden.example", at(2026, 2, 3, 9, 0)),
    ]
}

/// Users that programs use. Their owner is written in a tag.
fn services(staff: &Staff, phase: Phase) -> Vec<User> {
    let service = |name: &str, owner: String, created, used| {
        let tags = vec![tag("exeunt:kind", "service"), tag("owner", owner)];
        machine(staff, name, tags, "services", vec![key(staff, name, created, Some(used))])
    };
    let yesterday = shift(phase.now(), -1);
    let mut users = vec![
        service("svc-telemetry-upload", staff.email(story::SUCCESSOR), at(2026, 5, 11, 9, 0), yesterday),
        service("svc-website-deploy", staff.email(2005), at(2026, 4, 2, 9, 0), yesterday),
        service("svc-invoice-export", staff.email(2011), at(2026, 1, 19, 9, 0), yesterday),
        service("svc-backup", story::PLATFORM_TEAM.to_owned(), at(2026, 6, 22, 9, 0), yesterday),
    ];
    users.push(if phase == Phase::Finished {
        service(story::ORPHANED_SERVICE, staff.email(story::SUCCESSOR), story::REPAIRED, phase.now())
    } else {
        service(story::ORPHANED_SERVICE, staff.email(story::LEAVER), at(2025, 9, 8, 9, 0), yesterday)
    });
    users
}

fn groups(staff: &Staff) -> Vec<Group> {
    [
        ("administrators", vec!["BreakGlass", "Operate"]),
        ("operators", vec!["Operate"]),
        ("developers", vec!["ReadLogs"]),
        ("services", vec!["WriteTelemetry"]),
    ]
    .into_iter()
    .map(|(name, policies)| Group {
        name: name.to_owned(),
        id: unique_id(staff, "AGPA", name),
        policies: policies.into_iter().map(str::to_owned).collect(),
    })
    .collect()
}

fn roles(staff: &Staff, phase: Phase) -> Vec<Role> {
    let role = |name: &str, path, trusted, policy: &str| Role {
        name: name.to_owned(),
        path,
        id: unique_id(staff, "AROA", name),
        trusted,
        policies: vec![policy.to_owned()],
        last_used: Some(shift(phase.now(), -3)),
    };
    let user = |number: u32| {
        let local = staff.person(number).map(|person| person.local.clone()).unwrap_or_default();
        Trusted::Arn(arn("user", "/", &local))
    };
    vec![
        role("break-glass", "/", vec![user(story::MANAGER), user(story::SUCCESSOR)], "BreakGlass"),
        role("deploy", "/", vec![Trusted::Arn(arn("user", "/", "svc-website-deploy"))], "Operate"),
        role("collector", "/", vec![Trusted::Service("ec2.amazonaws.com")], "WriteTelemetry"),
        role(
            "AWSServiceRoleForSupport",
            "/aws-service-role/support.amazonaws.com/",
            vec![Trusted::Service("support.amazonaws.com")],
            "ReadLogs",
        ),
    ]
}

fn policies(staff: &Staff) -> Vec<Policy> {
    [
        ("BreakGlass", vec!["*"]),
        ("Operate", vec!["ec2:*", "rds:*", "s3:*"]),
        ("ReadLogs", vec!["logs:GetLogEvents", "logs:FilterLogEvents"]),
        ("WriteTelemetry", vec!["s3:PutObject"]),
    ]
    .into_iter()
    .map(|(name, actions)| Policy { name: name.to_owned(), id: unique_id(staff, "ANPA", name), actions })
    .collect()
}
