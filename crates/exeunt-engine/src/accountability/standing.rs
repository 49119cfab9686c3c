//! Whether an owner is still there.

use exeunt_model::owners::{Owner, Person};
use exeunt_model::{Noun, Ref};

use crate::liveness::{Holder, Scene};

/// Where an owner is, in words that go on from "the owner".
pub(super) enum Whereabouts {
    /// Still there, by the directory.
    Here,
    /// Nothing leads to anybody in the directory: a team without known members, a name, an unknown address.
    Unknown,
    /// Left.
    Left(String),
    /// The leaver of the case.
    Leaver(String),
}

/// Where a team or person is, if `leaver` leaves. A team is there while one of its people is, or could be.
pub(super) fn whereabouts(scene: &Scene<'_, '_>, leaver: Option<&Ref>, owner: &Owner) -> Whereabouts {
    let of_person = |person| of_person(scene, leaver, person);
    let Owner::Team(team) = owner else {
        let person = owner.people().next();
        return person.map_or(Whereabouts::Unknown, of_person);
    };
    let (mut any, mut here, mut alone) = (false, false, false);
    for person in owner.people() {
        any = true;
        match of_person(person) {
            Whereabouts::Here => return Whereabouts::Here,
            Whereabouts::Unknown => here = true,
            Whereabouts::Leaver(_) => alone = true,
            Whereabouts::Left(_) => {}
        }
    }
    match (any, here, alone) {
        (false, ..) | (_, true, _) => Whereabouts::Unknown,
        (_, _, true) if team.members.len() < 2 => {
            Whereabouts::Leaver("is a team of the leaver alone".to_owned())
        }
        (_, _, true) => Whereabouts::Leaver("is a team whose last member is the leaver".to_owned()),
        _ => Whereabouts::Left("is a team whose members have all left".to_owned()),
    }
}

fn of_person(scene: &Scene<'_, '_>, leaver: Option<&Ref>, person: &Person) -> Whereabouts {
    match looked_up(scene, person) {
        None => Whereabouts::Unknown,
        Some(found) if Some(found) == leaver => Whereabouts::Leaver("is the leaver".to_owned()),
        Some(found) => left(scene, found).map_or(Whereabouts::Here, Whereabouts::Left),
    }
}

/// The person of the directory: by identity, verified address, or the login in a system as it shows it now.
fn looked_up<'a>(scene: &Scene<'_, 'a>, person: &Person) -> Option<&'a Ref> {
    if let Some(identity) = &person.identity {
        return scene.people.person(identity);
    }
    if let Some(address) = &person.email {
        return scene.people.by_address(address);
    }
    let login = person.login.as_ref()?;
    // Oldest last: somebody whose account is removed already is still known by it.
    let seen = scene.estate.history(&login.system).iter().rev();
    let account =
        seen.filter_map(|held| held.login(&login.login)).find(|object| object.noun == Noun::Account)?;
    scene.people.person(account)
}

/// Whether the directory says that somebody has left or that none of their accounts there is usable.
fn left(scene: &Scene<'_, '_>, person: &Ref) -> Option<String> {
    let stated = scene.estate.identity(person).and_then(|identity| identity.departed);
    if let Some(departed) = stated.filter(|departed| *departed <= scene.as_of) {
        return Some(format!("left at {departed}"));
    }
    let of_person = scene.people.accounts_of.get(person);
    let mut accounts =
        of_person.into_iter().flatten().filter(|a| a.system == *scene.people.directory).peekable();
    let blocked = accounts.peek().is_some()
        && accounts.all(|a| matches!(scene.holder(a), Holder::Blocked(_) | Holder::Gone(_)));
    blocked.then(|| "has left as well: no account of theirs in the directory can be used".to_owned())
}
