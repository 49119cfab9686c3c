//! How one object is named: system, noun, and the system's own immutable id.
//!
//! Logins and e-mail addresses are renamed, reused and recycled, so they never name an object
//! (reference: systems facts §0.2). Where a vendor only tells us a login or an address, the
//! record says so with [`Who`], and correlation decides what it stands for.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Text;
use crate::record::JoinKey;

/// The name the operator gave a system in `exeunt.yaml`, such as `github` or `jira-eu`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SystemId(Text);

/// Why a text is not a name or a reference.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadReference {
    /// Not a system name.
    #[error(
        "`{0}` is not a system name; use lower-case letters, digits and `-`, and none of the nouns \
         (account, group, ...)"
    )]
    System(String),
    /// Not `system/noun/id`.
    #[error("`{0}` is not a reference; expected `system/noun/id`, such as `github/account/1234`")]
    Shape(String),
    /// The vendor's id is empty or the text `null`, which is what a missing field turns into.
    #[error("`{0}` has no native id; the field it was taken from is missing or null")]
    NoId(String),
}

impl SystemId {
    /// Checks and wraps a system name.
    ///
    /// # Errors
    /// When the text is empty, has other characters than `a-z 0-9 -`, or is a noun.
    pub fn new(name: impl Into<String>) -> Result<Self, BadReference> {
        let name = name.into();
        let fine = !name.is_empty()
            && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && Noun::from_str(&name).is_err();
        if fine { Ok(Self(name.into())) } else { Err(BadReference::System(name)) }
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What sort of object a reference names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Noun {
    /// A person or non-human identity as its authoritative source knows it.
    Identity,
    /// Something that signs in or acts in a system.
    Account,
    /// A group, team, or role that has members.
    Group,
    /// Something access is given to.
    Resource,
    /// A secret, key, token or session.
    Credential,
    /// An app, bot connection, webhook, rule or trust.
    Integration,
    /// A ticket, sub-task, comment, approval or change.
    Document,
    /// Something that happened.
    Event,
}

impl Noun {
    const ALL: [(Self, &'static str); 8] = [
        (Self::Identity, "identity"),
        (Self::Account, "account"),
        (Self::Group, "group"),
        (Self::Resource, "resource"),
        (Self::Credential, "credential"),
        (Self::Integration, "integration"),
        (Self::Document, "document"),
        (Self::Event, "event"),
    ];

    /// The word used in references and documents.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(noun, _)| *noun == self).map_or("event", |(_, word)| word)
    }
}

impl FromStr for Noun {
    type Err = BadReference;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.iter().find(|(_, word)| *word == text);
        found.map(|(noun, _)| *noun).ok_or_else(|| BadReference::Shape(text.to_owned()))
    }
}

/// One object in one system: `system/noun/native-id`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Ref {
    /// Where it lives.
    pub system: SystemId,
    /// What it is.
    pub noun: Noun,
    /// The system's immutable id for it; may contain `/` and any other character.
    pub id: String,
}

impl Ref {
    /// A reference from its parts.
    ///
    /// # Errors
    /// When the id is empty or the text `null`.
    pub fn new(system: SystemId, noun: Noun, id: impl Into<String>) -> Result<Self, BadReference> {
        let id = id.into();
        if id.is_empty() || id == "null" {
            return Err(BadReference::NoId(format!("{}/{}/{id}", system.as_str(), noun.as_str())));
        }
        Ok(Self { system, noun, id })
    }

    /// Reads `noun/id` as an object of `home`, or `system/noun/id` as it stands. Manifests write
    /// the short form; documents always carry the long one.
    ///
    /// # Errors
    /// When the text has neither form.
    pub fn localise(text: &str, home: &SystemId) -> Result<Self, BadReference> {
        let (first, rest) = text.split_once('/').ok_or_else(|| BadReference::Shape(text.to_owned()))?;
        match Noun::from_str(first) {
            Ok(noun) => Self::new(home.clone(), noun, rest),
            Err(_) => text.parse(),
        }
    }
}

impl FromStr for Ref {
    type Err = BadReference;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.splitn(3, '/');
        let (Some(system), Some(noun), Some(id)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(BadReference::Shape(text.to_owned()));
        };
        let noun = noun.parse().map_err(|_| BadReference::Shape(text.to_owned()))?;
        Self::new(SystemId::new(system)?, noun, id)
    }
}

/// Somebody, as precisely as the source names them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// By immutable id.
    Object(Ref),
    /// By a login of the same system, which may have been reused.
    Login(String),
    /// By e-mail address.
    Email(String),
    /// By a key that other systems share, such as an employee number.
    Key(JoinKey),
}

macro_rules! text_form {
    ($type:ty, $name:literal, $pattern:literal) => {
        impl TryFrom<String> for $type {
            type Error = BadReference;
            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }
        impl From<$type> for String {
            fn from(value: $type) -> Self {
                value.to_string()
            }
        }
        impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                $name.into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "pattern": $pattern })
            }
        }
    };
}

impl FromStr for SystemId {
    type Err = BadReference;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::new(text)
    }
}

impl fmt::Display for SystemId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Ref {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.system, self.noun.as_str(), self.id)
    }
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Object(object) => write!(f, "{object}"),
            Self::Login(login) => write!(f, "login {login}"),
            Self::Email(address) => f.write_str(address),
            Self::Key(key) => write!(f, "{key}"),
        }
    }
}

text_form!(SystemId, "SystemId", "^[a-z0-9-]+$");
text_form!(Ref, "Ref", "^[a-z0-9-]+/[a-z]+/.+$");

#[cfg(test)]
mod tests {
    use super::{BadReference, Noun, Ref, SystemId};

    fn home() -> SystemId {
        SystemId::new("aws").expect("a fine name")
    }

    /// An ARN has colons and slashes; cutting it would join two different roles.
    #[test]
    fn native_ids_keep_every_character() {
        let arn = "arn:aws:iam::1:role/team/ops";
        let role = Ref::localise(&format!("account/{arn}"), &home()).expect("valid");
        assert_eq!(role.id, arn);
        assert_eq!(role.to_string().parse::<Ref>(), Ok(role));
    }

    /// `"account/\(.id)"` on a row without id gives `account/null`: a changed schema, never an account.
    #[test]
    fn a_missing_id_is_refused() {
        for text in ["account/null", "account/", "aws/account/null"] {
            assert!(matches!(Ref::localise(text, &home()), Err(BadReference::NoId(_))), "{text}");
        }
    }

    /// A system called `account` would make `account/1` ambiguous.
    #[test]
    fn a_noun_is_no_system_name() {
        assert!(SystemId::new("account").is_err());
        assert!(SystemId::new("Jira").is_err());
        assert_eq!(Noun::Account.as_str(), "account");
    }
}
