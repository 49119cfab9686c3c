//! Objects, and what names them, as numbers: fixed hashes. Two things that hash alike are taken for one, which can only
//! keep more.

use std::borrow::Cow;
use std::hash::{BuildHasher as _, Hash};

use exeunt_model::record::{JoinKey, KeyKind};
use exeunt_model::{Noun, Ref, SystemId, Who};
use foldhash::fast::FixedState;

use crate::correlate::{Forms, plain_name};

/// A hash whose last bits say of which class the thing is.
pub(super) type Key = u64;

const CLASS: u64 = 7;

/// What is told apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Class {
    /// An identity of the directory.
    Person,
    /// An identity of another source.
    Foreign,
    /// An account of the directory.
    DirectoryAccount,
    Account,
    Group,
    /// Any other object.
    Thing,
    /// An exact key, an address or a login.
    Token,
    /// A name, as names are compared.
    Name,
}

const CLASSES: [Class; 8] = [
    Class::Person,
    Class::Foreign,
    Class::DirectoryAccount,
    Class::Account,
    Class::Group,
    Class::Thing,
    Class::Token,
    Class::Name,
];

/// The class of a key.
pub(super) fn class(key: Key) -> Class {
    CLASSES[(key & CLASS) as usize]
}

/// Whether a key is of something that is correlated: an account, or an identity of another source.
pub(super) fn is_correlated(key: Key) -> bool {
    matches!(class(key), Class::Foreign | Class::DirectoryAccount | Class::Account)
}

/// How things become keys.
pub(super) struct Keys<'i> {
    state: FixedState,
    directory: &'i SystemId,
    forms: Forms,
}

impl<'i> Keys<'i> {
    pub fn new(directory: &'i SystemId, domains: &[String]) -> Self {
        Self { state: FixedState::default(), directory, forms: Forms::new(domains) }
    }

    /// The directory.
    pub const fn directory(&self) -> &'i SystemId {
        self.directory
    }

    fn hash(&self, value: impl Hash, class: Class) -> Key {
        (self.state.hash_one(value) & !CLASS) | class as u64
    }

    /// An object.
    pub fn object(&self, object: &Ref) -> Key {
        self.named_object(object.system.as_str(), object.noun, &object.id)
    }

    /// An object by the parts of its reference.
    pub fn named_object(&self, system: &str, noun: Noun, id: &str) -> Key {
        let home = system == self.directory.as_str();
        let class = match noun {
            Noun::Identity if home => Class::Person,
            Noun::Identity => Class::Foreign,
            Noun::Account if home => Class::DirectoryAccount,
            Noun::Account => Class::Account,
            Noun::Group => Class::Group,
            Noun::Resource | Noun::Credential | Noun::Integration | Noun::Document | Noun::Event => {
                Class::Thing
            }
        };
        self.hash((0_u8, system, noun, id), class)
    }

    /// A login or another name in one system.
    pub fn login(&self, system: &SystemId, login: &str) -> Key {
        self.hash((1_u8, system.as_str(), &*lower(login)), Class::Token)
    }

    /// An address.
    pub fn address(&self, address: &str) -> Key {
        self.hash((2_u8, self.forms.form(address)), Class::Token)
    }

    /// An exact key. The issuer counts where it always does; a fingerprint is the same whoever shows it.
    pub fn join(&self, key: &JoinKey) -> Key {
        let issuer = if issuer_may_differ(key.kind) { None } else { key.issuer.as_deref() };
        self.hash((3_u8, key.kind, key.value.as_str(), issuer), Class::Token)
    }

    /// The directory's own id of a person, which others may have as a key.
    pub fn directory_id(&self, id: &str) -> Key {
        self.hash((3_u8, KeyKind::DirectoryId, id, None::<&str>), Class::Token)
    }

    /// A public key's fingerprint.
    pub fn fingerprint(&self, value: &str) -> Key {
        self.hash((3_u8, KeyKind::KeyFingerprint, value, None::<&str>), Class::Token)
    }

    /// A link made by hand, by its place.
    pub fn link(&self, place: usize) -> Key {
        self.hash((4_u8, place), Class::Token)
    }

    /// What a thing is called, in any system.
    pub fn called(&self, name: &str) -> Key {
        self.hash((6_u8, &*lower(name)), Class::Token)
    }

    /// A name.
    pub fn name(&self, name: &str) -> Key {
        self.hash((5_u8, plain_name(name)), Class::Name)
    }

    /// Whom a record of a system names.
    pub fn who(&self, system: &SystemId, who: &Who) -> Key {
        match who {
            Who::Object(object) => self.object(object),
            Who::Login(login) => self.login(system, login),
            Who::Email(address) => self.address(address),
            Who::Key(key) => self.join(key),
        }
    }
}

/// Kinds of key that may be the same though their issuers differ.
pub(super) const fn issuer_may_differ(kind: KeyKind) -> bool {
    matches!(kind, KeyKind::EmployeeNumber | KeyKind::DirectoryId | KeyKind::KeyFingerprint)
}

fn lower(text: &str) -> Cow<'_, str> {
    if text.bytes().any(|byte| byte.is_ascii_uppercase() || !byte.is_ascii()) {
        Cow::Owned(text.to_lowercase())
    } else {
        Cow::Borrowed(text)
    }
}
