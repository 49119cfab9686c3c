//! What the homeserver holds, and how it came to hold it.

use jiff::Timestamp;

use crate::{
    calendar::{Phase, at, shift},
    staff::{Person, Staff, Team},
    story,
};

/// Everything the homeserver holds.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// Local users, deactivated ones included.
    pub users: Vec<User>,
    /// Rooms.
    pub rooms: Vec<Room>,
}

/// A local user.
#[derive(Clone, Debug)]
pub struct User {
    /// `@name:server`.
    pub id: String,
    /// Name as shown.
    pub display_name: String,
    /// Nothing for people, `bot` for bots.
    pub user_type: Option<&'static str>,
    /// The application service that runs it, if any.
    pub appservice: Option<&'static str>,
    /// Whether it administers the server.
    pub admin: bool,
    /// Whether it was deactivated.
    pub deactivated: bool,
    /// Whether it is locked.
    pub locked: bool,
    /// When it was made.
    pub created: Timestamp,
    /// When it was last seen.
    pub last_seen: Option<Timestamp>,
    /// Confirmed mail address.
    pub email: Option<String>,
    /// Id at the single-sign-on provider.
    pub external_id: Option<String>,
    /// Devices, each with a session.
    pub devices: Vec<Device>,
}

/// A device.
#[derive(Clone, Debug)]
pub struct Device {
    /// Id.
    pub id: String,
    /// Name as shown.
    pub name: String,
    /// When it was last seen.
    pub last_seen: Timestamp,
}

/// A room.
#[derive(Clone, Debug)]
pub struct Room {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Who made it.
    pub creator: String,
    /// Who is in it.
    pub members: Vec<String>,
}

impl State {
    /// The homeserver on a given day. The leaver's account was deactivated properly, with nothing left behind.
    #[must_use]
    pub fn on(staff: &Staff, phase: Phase) -> Self {
        let now = phase.now();
        let mut users: Vec<User> = staff
            .people
            .iter()
            // A rehire comes back to the account of the first stay.
            .filter(|person| person.matrix() && person.number != story::FIRST_STAY)
            .map(|person| user(staff, person, now))
            .collect();
        users.push(bot("alertbot", "Alerts", None));
        users.push(bot("_slack_bridge", "Slack bridge", Some("slack-bridge")));
        let room = |name: &str, wanted: &dyn Fn(Team) -> bool| Room {
            id: format!("!{}:{}", staff.seed.mixed("matrix-room", name, 18), story::MATRIX_SERVER),
            name: name.to_owned(),
            creator: user_id(
                &staff.person(story::ADMIN).map(|person| person.local.clone()).unwrap_or_default(),
            ),
            members: staff
                .present(now)
                .filter(|person| person.matrix() && wanted(person.team))
                .map(|person| user_id(&person.local))
                .collect(),
        };
        Self {
            rooms: vec![
                room("Engineering", &Team::engineers),
                room("Incidents", &|team| team == Team::Platform),
                room("Data", &|team| team == Team::Data),
                room("Service desk", &|_| true),
            ],
            users,
        }
    }
}

fn user_id(local: &str) -> String {
    format!("@{local}:{}", story::MATRIX_SERVER)
}

fn user(staff: &Staff, person: &Person, now: Timestamp) -> User {
    let gone = person.gone(now);
    let seen = |what: &str| shift(now, -staff.seed.days(what, &person.local, 0, 9));
    let device = |name: &str| Device {
        id: staff.seed.upper(name, &person.local, 10),
        name: name.to_owned(),
        last_seen: seen(name),
    };
    User {
        id: user_id(&person.local),
        display_name: person.name(),
        user_type: None,
        appservice: None,
        admin: person.number == story::ADMIN,
        deactivated: gone,
        // One account of somebody on long leave is locked, so that "locked" is seen in every phase.
        locked: person.number == 2032,
        created: person.joined.max(at(2023, 4, 17, 9, 0)),
        last_seen: (!gone).then(|| seen("Element Desktop")),
        email: (!gone).then(|| person.email()),
        external_id: (!gone).then(|| staff.okta_id(person.number)),
        devices: if gone { Vec::new() } else { vec![device("Element Desktop"), device("Element X")] },
    }
}

fn bot(local: &str, name: &str, appservice: Option<&'static str>) -> User {
    User {
        id: user_id(local),
        display_name: name.to_owned(),
        user_type: Some("bot"),
        appservice,
        admin: false,
        deactivated: false,
        locked: false,
        created: at(2023, 4, 17, 9, 0),
        last_seen: None,
        email: None,
        external_id: None,
        devices: Vec::new(),
    }
}
