//! The people of Halden Instruments, and the names each system knows them by.

use jiff::Timestamp;

use crate::{
    calendar::{at, shift},
    seed::Seed,
    story,
};

const GIVEN: [&str; 40] = [
    "Aino", "Birger", "Celine", "Dagny", "Edvin", "Frida", "Gustav", "Hedda", "Ismail", "Jorunn", "Kaspar",
    "Leonie", "Magnus", "Nadia", "Ole", "Petra", "Quentin", "Runa", "Selma", "Torben", "Ursula", "Viktor",
    "Wanda", "Xaver", "Yara", "Zoltan", "Amira", "Bastian", "Clara", "Dario", "Elif", "Florian", "Greta",
    "Henrik", "Ilse", "Jamal", "Katya", "Lorenz", "Milena", "Nils",
];
const FAMILY: [&str; 40] = [
    "Aasen",
    "Berg",
    "Castel",
    "Dahl",
    "Engel",
    "Fjeld",
    "Grimm",
    "Haugen",
    "Iversen",
    "Jansen",
    "Krog",
    "Lunde",
    "Moen",
    "Nygaard",
    "Olsen",
    "Pohl",
    "Quist",
    "Rasmussen",
    "Stein",
    "Thorsen",
    "Ude",
    "Vik",
    "Weber",
    "Ystad",
    "Zeller",
    "Arndt",
    "Bakke",
    "Clausen",
    "Drews",
    "Eide",
    "Falk",
    "Gundersen",
    "Holm",
    "Isaksen",
    "Juhl",
    "Kern",
    "Lorentz",
    "Myhre",
    "Nissen",
    "Opdal",
];

/// A department.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Team {
    /// Site reliability and infrastructure.
    Platform,
    /// Product engineering.
    Product,
    /// Data engineering.
    Data,
    /// Design.
    Design,
    /// Finance.
    Finance,
    /// Sales.
    Sales,
    /// IT operations and the service desk.
    ItOps,
    /// People and leadership.
    People,
}

impl Team {
    /// The department's name as HR writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Platform => "Platform",
            Self::Product => "Product Engineering",
            Self::Data => "Data",
            Self::Design => "Design",
            Self::Finance => "Finance",
            Self::Sales => "Sales",
            Self::ItOps => "IT Operations",
            Self::People => "People",
        }
    }

    /// The department's name as a group or handle.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Self::Platform => "platform",
            Self::Product => "product",
            Self::Data => "data",
            Self::Design => "design",
            Self::Finance => "finance",
            Self::Sales => "sales",
            Self::ItOps => "it-ops",
            Self::People => "people",
        }
    }

    /// Whether its people write software.
    #[must_use]
    pub fn engineers(self) -> bool {
        matches!(self, Self::Platform | Self::Product | Self::Data)
    }

    /// Every department.
    pub const ALL: [Self; 8] = [
        Self::Platform,
        Self::Product,
        Self::Data,
        Self::Design,
        Self::Finance,
        Self::Sales,
        Self::ItOps,
        Self::People,
    ];

    fn of(number: u32) -> Self {
        match number {
            story::MANAGER | story::SUCCESSOR | story::LEAVER => Self::Platform,
            story::NAMESAKE => Self::Sales,
            story::DESK | story::ADMIN | 2032 | 2033 => Self::ItOps,
            story::FIRST_STAY | story::SECOND_STAY => Self::Product,
            2001 | 2002 | 2060 => Self::People,
            _ => match number % 8 {
                0 | 5 => Self::Product,
                1 => Self::Platform,
                2 => Self::Data,
                3 => Self::Finance,
                4 => Self::Sales,
                6 => Self::Design,
                _ => Self::Product,
            },
        }
    }
}

/// A person, as the HR system knows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The employee number: never reused, not even for a rehire.
    pub number: u32,
    /// Given name.
    pub given: String,
    /// Family name.
    pub family: String,
    /// The local part of the mail address.
    pub local: String,
    /// Department.
    pub team: Team,
    /// Job title.
    pub title: &'static str,
    /// First day.
    pub joined: Timestamp,
    /// Last moment, for those who left.
    pub left: Option<Timestamp>,
}

impl Person {
    /// Given and family name.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{} {}", self.given, self.family)
    }

    /// The mail address, which is also the login of the directory.
    #[must_use]
    pub fn email(&self) -> String {
        format!("{}@{}", self.local, story::DOMAIN)
    }

    /// Whether the person had left at `now`.
    #[must_use]
    pub fn gone(&self, now: Timestamp) -> bool {
        self.left.is_some_and(|left| left <= now)
    }

    /// The person's login on GitHub, if they have one.
    #[must_use]
    pub fn github(&self) -> Option<String> {
        match self.number {
            story::LEAVER => Some(story::GITHUB_LOGIN.to_owned()),
            story::NAMESAKE => Some(story::NAMESAKE_LOGIN.to_owned()),
            story::DESK => None,
            _ if self.team.engineers() || self.team == Team::Design || self.team == Team::ItOps => {
                Some(format!("{}-hi", self.local.replace('.', "-")))
            }
            _ => None,
        }
    }

    /// Whether the person has an AWS user of their own.
    #[must_use]
    pub fn aws(&self) -> bool {
        self.number != story::FIRST_STAY
            && (self.team == Team::Platform || (self.team == Team::Data && self.number % 16 == 10))
    }

    /// Whether the person uses the chat of operations.
    #[must_use]
    pub fn matrix(&self) -> bool {
        matches!(self.team, Team::Platform | Team::Data | Team::ItOps)
            || (self.team == Team::Product && self.number % 8 == 7)
    }

    /// Whether the person hands in expenses.
    #[must_use]
    pub fn expenses(&self) -> bool {
        self.team != Team::Design
    }
}

/// Everyone who works or worked here.
#[derive(Clone, Debug)]
pub struct Staff {
    /// Where ids come from.
    pub seed: Seed,
    /// People by rising employee number.
    pub people: Vec<Person>,
}

impl Staff {
    /// Hires everyone.
    #[must_use]
    pub fn hire(seed: Seed) -> Self {
        let mut given = GIVEN;
        let mut family = FAMILY;
        seed.shuffle("given", &mut given);
        seed.shuffle("family", &mut family);
        let mut people: Vec<Person> = Vec::new();
        for (number, index) in (2001..=2062_u32).zip(0_usize..) {
            let (given, family) = match number {
                story::LEAVER | story::NAMESAKE => ("Mara", "Voss"),
                story::MANAGER => ("Ingrid", "Solheim"),
                story::SUCCESSOR => ("Jonas", "Lind"),
                story::DESK => ("Priya", "Nair"),
                story::ADMIN => ("Oskar", "Weill"),
                story::FIRST_STAY | story::SECOND_STAY => ("Tomas", "Brandt"),
                // The second round pairs the lists anew, so that no two people share a name by chance.
                _ => (given[index % 40], family[(index + index / 40 * 7) % 40]),
            };
            let mut local = format!("{given}.{family}").to_lowercase();
            if people.iter().any(|person| person.local == local) {
                local.push('2');
            }
            let team = Team::of(number);
            people.push(Person {
                number,
                given: given.to_owned(),
                family: family.to_owned(),
                local,
                team,
                title: title(number, team),
                joined: joined(seed, number),
                left: left(number),
            });
        }
        Self { seed, people }
    }

    /// The person with this employee number.
    #[must_use]
    pub fn person(&self, number: u32) -> Option<&Person> {
        self.people.iter().find(|person| person.number == number)
    }

    /// People who work here at `now`.
    pub fn present(&self, now: Timestamp) -> impl Iterator<Item = &Person> {
        self.people.iter().filter(move |person| !person.gone(now))
    }

    /// A person's full name, for texts.
    #[must_use]
    pub fn name(&self, number: u32) -> String {
        self.person(number).map(Person::name).unwrap_or_default()
    }

    /// A person's mail address, for texts.
    #[must_use]
    pub fn email(&self, number: u32) -> String {
        self.person(number).map(Person::email).unwrap_or_default()
    }

    /// A person's id in Okta.
    #[must_use]
    pub fn okta_id(&self, number: u32) -> String {
        format!("00u{}", self.seed.mixed("okta", &number.to_string(), 17))
    }

    /// A person's Atlassian account id, the same in Jira and in the organization.
    #[must_use]
    pub fn account_id(&self, number: u32) -> String {
        format!("712020:{}", self.seed.uuid("atlassian", &number.to_string()))
    }

    /// A person's member id in Slack.
    #[must_use]
    pub fn slack_id(&self, number: u32) -> String {
        format!("U0{}", self.seed.upper("slack", &number.to_string(), 9))
    }

    /// A person's login on GitHub; empty for people without one.
    #[must_use]
    pub fn github_login(&self, number: u32) -> String {
        self.person(number).and_then(Person::github).unwrap_or_default()
    }
}

fn title(number: u32, team: Team) -> &'static str {
    match (number, team) {
        (2001, _) => "Chief executive",
        (story::MANAGER, _) => "Head of platform",
        (story::ADMIN, _) => "Head of IT operations",
        (_, Team::Platform) => "Site-reliability engineer",
        (_, Team::Product) => "Software engineer",
        (_, Team::Data) => "Data engineer",
        (_, Team::Design) => "Designer",
        (_, Team::Finance) => "Accountant",
        (_, Team::Sales) => "Account manager",
        (_, Team::ItOps) => "Service-desk engineer",
        (_, Team::People) => "People partner",
    }
}

fn joined(seed: Seed, number: u32) -> Timestamp {
    match number {
        story::LEAVER => at(2021, 3, 1, 8, 0),
        story::NAMESAKE => at(2024, 9, 2, 8, 0),
        story::SECOND_STAY => at(2026, 2, 2, 8, 0),
        _ => shift(
            at(2018, 1, 8, 8, 0),
            i64::from(number - 2001) * 45 + seed.days("joined", &number.to_string(), 0, 40),
        ),
    }
}

fn left(number: u32) -> Option<Timestamp> {
    match number {
        story::LEAVER => Some(story::DEPARTURE),
        story::FIRST_STAY => Some(at(2025, 3, 28, 16, 0)),
        2020 => Some(at(2026, 6, 30, 16, 0)),
        2038 => Some(at(2026, 8, 14, 16, 0)),
        2047 => Some(at(2026, 9, 30, 16, 0)),
        _ => None,
    }
}
