//! Who did what the ticket says: the author that the system recorded, or the app or rule that acted in their name.

use exeunt_model::record::Document;
use exeunt_model::{IdentityKind, Noun, Record, Ref, Who};

use crate::estate::Estate;
use crate::liveness::Scene;

/// Who is behind one document or entry of the history.
#[derive(Clone, Default)]
pub(super) struct Actor<'a> {
    /// The author of record.
    pub who: Option<&'a Who>,
    /// The app or rule, where it was no person.
    pub through: Option<String>,
    /// Whether a rule acted as a person.
    pub as_person: bool,
    /// Somebody else whom the history shows as the actor.
    pub forged: Option<&'a str>,
}

impl<'a> Actor<'a> {
    /// The author of a document. What the caller wrote about the actor never counts: a rule is believed only where the
    /// ticket's system lists it as one that acts as the author.
    pub fn of(scene: &Scene<'_, '_>, document: &'a Document) -> Self {
        let who = document.author.as_ref();
        let account = match who {
            Some(Who::Object(account)) => Some(account),
            _ => None,
        };
        let known = account.and_then(|account| scene.estate.account(account));
        let kind = document.author_kind.or_else(|| known.map(|known| known.kind.kind));
        if let Some(word) = kind.and_then(non_human) {
            let name = account.map_or_else(String::new, |account| shown(scene, account));
            return Self { who, through: Some(format!("{word} {name}")), ..Self::default() };
        }
        let rule = account
            .zip(document.stated_through.as_deref())
            .and_then(|(account, stated)| rule(scene.estate, account, stated));
        if let Some(rule) = rule {
            return Self { who, through: Some(format!("rule {rule}")), as_person: true, forged: None };
        }
        let is_author = |stated: &&str| {
            account.is_some_and(|account| account.id == **stated || shown(scene, account) == **stated)
                || known.is_some_and(|known| {
                    known.login == **stated || known.display_name.as_deref() == Some(*stated)
                })
        };
        let forged = document.stated_actor.as_deref().filter(|stated| !is_author(stated));
        Self { who, forged, ..Self::default() }
    }

    /// Who is held to have done it: nobody where it was an app or a rule.
    pub fn executor(&self) -> Option<&'a Who> {
        self.who.filter(|_| self.through.is_none())
    }
}

const fn non_human(kind: IdentityKind) -> Option<&'static str> {
    match kind {
        IdentityKind::Service => Some("service account"),
        IdentityKind::Workload => Some("app"),
        IdentityKind::Agent => Some("agent"),
        IdentityKind::Human | IdentityKind::Shared | IdentityKind::Unknown => None,
    }
}

/// The rule of the ticket's system that acts as this account and goes by this name or id.
fn rule(estate: &Estate<'_>, account: &Ref, stated: &str) -> Option<String> {
    let (_, held) = estate.newest(&account.system)?;
    let by_id = Ref::new(account.system.clone(), Noun::Integration, stated).ok();
    let mut called = held.called(stated);
    called.extend(by_id.as_ref());
    called.into_iter().find_map(|object| match estate.latest(object)? {
        Record::Integration(rule) => {
            let acts = matches!(&rule.acts_as, Some(Who::Object(actor)) if actor == account);
            acts.then(|| rule.name.clone())
        }
        _ => None,
    })
}

/// The name people know an account by.
pub(super) fn shown(scene: &Scene<'_, '_>, account: &Ref) -> String {
    scene.estate.name(account).to_owned()
}

/// The name people know somebody by.
pub(super) fn name(scene: &Scene<'_, '_>, who: &Who) -> String {
    match who {
        Who::Object(account) => shown(scene, account),
        other => other.to_string(),
    }
}

/// Whether two are the same person.
pub(crate) fn same_person(scene: &Scene<'_, '_>, one: &Who, other: &Who) -> bool {
    let people = scene.people.claimed(scene.estate, one);
    one == other || (!people.is_empty() && people == scene.people.claimed(scene.estate, other))
}
