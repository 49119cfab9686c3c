//! Teams and people, as a register names them.
//!
//! Both have a short form. `jonas@halden.example` and `okta/identity/00u7` are people, since they can be looked up
//! in the directory; any other text, as an owner, is the name of a team of which nothing more is known.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use schemars::JsonSchema;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::reference::{Noun, Ref, SystemId};

/// A login in one of the systems: how code hosts name people.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// The system's name in `exeunt.yaml`.
    pub system: SystemId,
    /// The login there.
    pub login: String,
}

/// A person. Address, identity or login lead to the directory; a name alone leads nowhere.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Person {
    /// The name.
    #[serde(rename = "person", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The identity in the directory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity: Option<Ref>,
    /// A login in one of the systems.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub login: Option<Login>,
}

/// A team.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Team {
    /// The name.
    #[serde(rename = "team")]
    pub name: String,
    /// Who leads it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lead: Option<Person>,
    /// Who belongs to it, as far as the register says.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<Person>,
}

/// Whether an owner is a team or a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OwnerKind {
    /// A team.
    Team,
    /// A person.
    Person,
}

/// Who answers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(untagged)]
pub enum Owner {
    /// A team.
    Team(Team),
    /// A person.
    Person(Person),
}

/// What is written is neither a team nor a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAParty {
    /// Both at once.
    #[error("an owner is either a `team` or a `person`, not both; `lead` and `members` belong to a team")]
    Both,
    /// Nothing that names anybody.
    #[error("nobody is named: write a `team`, or a `person`, `email`, `identity` or `login`")]
    Nobody,
    /// A person was expected.
    #[error("members, leads and deputies of a team are people: write an address, an identity or a name")]
    Team,
}

impl Owner {
    /// What people call the owner.
    #[must_use]
    pub fn name(&self) -> Cow<'_, str> {
        match self {
            Self::Team(team) => Cow::Borrowed(&team.name),
            Self::Person(person) => person.shown(),
        }
    }

    /// Which of the two it is.
    #[must_use]
    pub const fn kind(&self) -> OwnerKind {
        match self {
            Self::Team(_) => OwnerKind::Team,
            Self::Person(_) => OwnerKind::Person,
        }
    }

    /// The people behind it, lead first; none for a team of which only the name is known.
    pub fn people(&self) -> impl Iterator<Item = &Person> {
        let (alone, lead, members) = match self {
            Self::Person(person) => (Some(person), None, &[][..]),
            Self::Team(team) => (None, team.lead.as_ref(), team.members.as_slice()),
        };
        alone.into_iter().chain(lead).chain(members)
    }

    /// Every word that may stand for the owner where somebody wrote a name: names, addresses, identities.
    pub fn called(&self) -> impl Iterator<Item = String> {
        let people = self.people().flat_map(|person| {
            let identity = person.identity.as_ref().map(ToString::to_string);
            let login = person.login.as_ref().map(|login| login.login.clone());
            [person.name.clone(), person.email.clone(), identity, login].into_iter().flatten()
        });
        std::iter::once(self.name().into_owned()).chain(people)
    }

    /// Whether two entries of a register mean the same owner: a team by its name, a person by what they can be
    /// looked up by.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Team(one), Self::Team(two)) => one.name.eq_ignore_ascii_case(&two.name),
            (Self::Person(one), Self::Person(two)) => one.is_same(two),
            _ => false,
        }
    }
}

impl Person {
    /// Somebody known by their address.
    #[must_use]
    pub fn by_email(address: &str) -> Self {
        Self { email: Some(address.to_owned()), ..Self::default() }
    }

    /// What people call them.
    #[must_use]
    pub fn shown(&self) -> Cow<'_, str> {
        let text = self.name.as_deref().or(self.email.as_deref());
        let login = || self.login.as_ref().map(|login| login.login.as_str());
        match (text.or_else(login), &self.identity) {
            (Some(text), _) => Cow::Borrowed(text),
            (None, Some(identity)) => Cow::Owned(identity.to_string()),
            (None, None) => Cow::Borrowed("somebody"),
        }
    }

    fn is_same(&self, other: &Self) -> bool {
        if let (Some(one), Some(two)) = (&self.identity, &other.identity) {
            return one == two;
        }
        if let (Some(one), Some(two)) = (&self.email, &other.email) {
            return one.eq_ignore_ascii_case(two);
        }
        if let (Some(one), Some(two)) = (&self.login, &other.login) {
            return one == two;
        }
        self.shown() == other.shown()
    }

    fn looked_up(text: &str) -> Option<Self> {
        let between = text.find('@').is_some_and(|at| at > 0 && at + 1 < text.len());
        if between && !text.contains(char::is_whitespace) {
            return Some(Self::by_email(text));
        }
        let identity = text.parse::<Ref>().ok().filter(|object| object.noun == Noun::Identity)?;
        Some(Self { identity: Some(identity), ..Self::default() })
    }
}

impl From<&str> for Person {
    fn from(text: &str) -> Self {
        Self::looked_up(text).unwrap_or_else(|| Self { name: Some(text.to_owned()), ..Self::default() })
    }
}

impl From<&str> for Owner {
    fn from(text: &str) -> Self {
        Person::looked_up(text)
            .map_or_else(|| Self::Team(Team { name: text.to_owned(), ..Team::default() }), Self::Person)
    }
}

/// The long form of both.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Form {
    /// The name of a team.
    team: Option<String>,
    /// Who leads the team.
    lead: Option<Person>,
    /// Who belongs to the team.
    members: Vec<Person>,
    /// The name of a person.
    person: Option<String>,
    /// The person's address.
    email: Option<String>,
    /// The person's identity in the directory.
    identity: Option<Ref>,
    /// The person's login in one of the systems.
    login: Option<Login>,
}

impl TryFrom<Form> for Owner {
    type Error = NotAParty;

    fn try_from(form: Form) -> Result<Self, NotAParty> {
        let Form { team, lead, members, person, email, identity, login } = form;
        let somebody = person.is_some() || email.is_some() || identity.is_some() || login.is_some();
        match team {
            Some(_) if somebody => Err(NotAParty::Both),
            Some(name) if name.trim().is_empty() => Err(NotAParty::Nobody),
            Some(name) => Ok(Self::Team(Team { name, lead, members })),
            None if lead.is_some() || !members.is_empty() => Err(NotAParty::Both),
            None if !somebody => Err(NotAParty::Nobody),
            None => Ok(Self::Person(Person { name: person, email, identity, login })),
        }
    }
}

impl TryFrom<Form> for Person {
    type Error = NotAParty;

    fn try_from(form: Form) -> Result<Self, NotAParty> {
        match Owner::try_from(form)? {
            Owner::Person(person) => Ok(person),
            Owner::Team(_) => Err(NotAParty::Team),
        }
    }
}

/// Reads the short form or the long one, so that an error names the field and not a missing variant.
struct TextOrForm<T>(PhantomData<T>);

impl<'de, T> Visitor<'de> for TextOrForm<T>
where
    T: for<'t> From<&'t str> + TryFrom<Form, Error = NotAParty>,
{
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name, an address, or a mapping with `team` or `person`")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        if text.trim().is_empty() { Err(E::custom(NotAParty::Nobody)) } else { Ok(T::from(text.trim())) }
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        let form = Form::deserialize(MapAccessDeserializer::new(map))?;
        T::try_from(form).map_err(A::Error::custom)
    }
}

macro_rules! text_or_form {
    ($type:ty, $name:literal) => {
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any(TextOrForm(PhantomData))
            }
        }

        impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                $name.into()
            }

            fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                let form = generator.subschema_for::<Form>();
                schemars::json_schema!({ "anyOf": [{ "type": "string" }, form] })
            }
        }
    };
}

text_or_form!(Owner, "Owner");
text_or_form!(Person, "Person");

#[cfg(test)]
mod tests {
    use super::{Owner, OwnerKind, Person};

    fn read(yaml: &str) -> Result<Owner, String> {
        serde_saphyr::from_str(yaml).map_err(|e| e.without_snippet().to_string())
    }

    /// A team taken for a person would be looked up in vain, and a person for a team would never be seen to leave.
    #[test]
    fn a_short_form_is_a_person_only_where_it_can_be_looked_up() {
        for (text, kind) in [
            ("Platform team", OwnerKind::Team),
            ("\"@halden/platform\"", OwnerKind::Team),
            ("jonas@halden.example", OwnerKind::Person),
            ("okta/identity/00u7", OwnerKind::Person),
            ("okta/group/00g1", OwnerKind::Team),
            ("{ person: Jonas Lind }", OwnerKind::Person),
            ("{ team: Cloud, lead: jonas@halden.example, members: [okta/identity/00u8] }", OwnerKind::Team),
        ] {
            assert_eq!(read(text).map(|owner| owner.kind()), Ok(kind), "{text}");
        }
    }

    /// An entry that is half a team and half a person would be neither when it matters.
    #[test]
    fn what_is_neither_is_refused_in_words() {
        for (text, words) in [
            ("{ team: Cloud, email: jonas@halden.example }", "not both"),
            ("{ person: Jonas, members: [x@halden.example] }", "not both"),
            ("{ team: \"\" }", "nobody is named"),
            ("{}", "nobody is named"),
            ("{ team: Cloud, lead: { team: Other } }", "are people"),
            ("{ tema: Cloud }", "tema"),
        ] {
            let refused = read(text).expect_err(text);
            assert!(refused.contains(words), "{text}: {refused}");
        }
    }

    /// What is kept with a verdict has to come back as it was.
    #[test]
    fn both_forms_are_read_back() {
        for text in [
            "Platform team",
            "{ team: Cloud, lead: jonas@halden.example, members: [Ben] }",
            "ben@halden.example",
        ] {
            let owner = read(text).expect(text);
            let json = serde_json::to_string(&owner).expect("JSON");
            assert_eq!(serde_json::from_str::<Owner>(&json).expect("read back"), owner, "{json}");
        }
        assert_eq!(Person::from("Jonas Lind").shown(), "Jonas Lind");
    }
}
