//! What the half-finished removal leaves behind, worked out from the world alone.
//!
//! The list of expected survivors is written by hand, so that it can be argued with; this is the
//! other way to the same list, and the two are compared.

use std::collections::BTreeSet;

use super::error::LabError;
use super::world::{Leaver, Removal, ServiceRole, World};

/// System, canonical kind, name in the world.
pub type Planted = (String, String, String);

/// Collects what is left of one leaver.
struct Left(BTreeSet<Planted>);

impl Left {
    fn add(&mut self, system: &str, kind: &str, item: &str) {
        self.0.insert((system.into(), kind.into(), item.into()));
    }
}

/// Everything that is left of a leaver at stage `half`.
pub fn planted(world: &World, leaver: &Leaver) -> Result<BTreeSet<Planted>, LabError> {
    let mut left = Left(BTreeSet::new());
    world.person(&leaver.person)?;
    if leaver.removal == Removal::Half {
        ldap(world, &leaver.person, &mut left);
        postgres(world, &leaver.person, &mut left);
        matrix(world, &leaver.person, &mut left);
        aws(world, &leaver.person, &mut left)?;
    }
    Ok(left.0)
}

/// Everything reachable from `start` by `next`, without `start`; cycles end.
fn closure(start: &[String], next: impl Fn(&str) -> Vec<String>) -> BTreeSet<String> {
    let mut seen: BTreeSet<String> = start.iter().cloned().collect();
    let mut open = start.to_vec();
    while let Some(name) = open.pop() {
        for further in next(&name) {
            if seen.insert(further.clone()) {
                open.push(further);
            }
        }
    }
    seen.retain(|name| !start.contains(name));
    seen
}

fn ldap(world: &World, uid: &str, left: &mut Left) {
    left.add("ldap", "principal", uid);
    let removed = world.ldap.half_removes.get(uid).cloned().unwrap_or_default();
    let groups = &world.ldap.groups;
    let member = groups.iter().filter(|group| group.members.iter().any(|member| member == uid));
    let direct: Vec<String> =
        member.map(|group| group.cn.clone()).filter(|cn| !removed.contains(cn)).collect();
    for cn in &direct {
        left.add("ldap", "grant.direct", cn);
    }
    let outer = |cn: &str| {
        let holding = groups.iter().filter(|group| group.groups.iter().any(|inner| inner == cn));
        holding.map(|group| group.cn.clone()).collect()
    };
    for cn in closure(&direct, outer) {
        left.add("ldap", "grant.inherited", &cn);
    }
}

fn postgres(world: &World, uid: &str, left: &mut Left) {
    let data = &world.postgres;
    for login in data.logins.iter().filter(|login| login.person == uid) {
        left.add("postgres", "principal", &login.role);
        let revoked = data.half_revokes.get(&login.role).cloned().unwrap_or_default();
        let direct: Vec<String> =
            login.member_of.iter().filter(|role| !revoked.contains(role)).cloned().collect();
        for role in &direct {
            left.add("postgres", "grant.direct", role);
        }
        let outer = |role: &str| {
            let group = data.group_roles.iter().find(|group| group.role == role);
            group.map(|group| group.member_of.clone()).unwrap_or_default()
        };
        for role in closure(&direct, outer) {
            left.add("postgres", "grant.inherited", &role);
        }
        for session in data.sessions.iter().filter(|session| session.role == login.role) {
            left.add("postgres", "session", &session.application);
        }
        for table in data.tables.iter().filter(|table| table.owner == login.role) {
            left.add("postgres", "owned.data", &table.name);
        }
        for function in data.functions.iter().filter(|function| function.owner == login.role) {
            left.add("postgres", "owned.automation", &function.name);
        }
    }
    for service in data.services.iter().filter(|service| service.owner == uid) {
        postgres_service(world, service, left);
    }
}

/// A program's role, and what it may do: whoever knows its password may do that too.
fn postgres_service(world: &World, service: &ServiceRole, left: &mut Left) {
    let data = &world.postgres;
    let role = &service.role;
    left.add("postgres", "owned.nhi", role);
    let outer = |role: &str| {
        let group = data.group_roles.iter().find(|group| group.role == role);
        group.map(|group| group.member_of.clone()).unwrap_or_default()
    };
    let mut groups = closure(&service.member_of, outer);
    groups.extend(service.member_of.iter().cloned());
    // Every table may be read by `reporting`.
    let tables = data.tables.iter().map(|table| &table.name).filter(|_| groups.contains("reporting"));
    for reached in groups.iter().chain(tables) {
        left.add("postgres", "grant.inherited", &format!("{role}/{reached}"));
    }
    for session in data.sessions.iter().filter(|session| session.role == *role) {
        left.add("postgres", "session", &format!("{role}/{}", session.application));
    }
}

fn matrix(world: &World, uid: &str, left: &mut Left) {
    left.add("synapse", "principal", uid);
    // Whoever signs in with the leaver's number is the leaver.
    left.add("synapse", "recovery", &world.matrix.auth_provider);
    let removal = world.matrix.half_removes.get(uid);
    for device in world.matrix.devices.iter().filter(|device| device.person == uid) {
        if !removal.is_some_and(|removal| removal.devices.contains(&device.device)) {
            left.add("synapse", "token.user", &device.device);
        }
    }
    for room in world.matrix.rooms.iter().filter(|room| room.members.iter().any(|member| member == uid)) {
        if !removal.is_some_and(|removal| removal.rooms.contains(&room.alias)) {
            left.add("synapse", "grant.direct", &room.alias);
        }
    }
    for bot in world.matrix.bots.iter().filter(|bot| bot.owner == uid) {
        left.add("synapse", "owned.nhi", &bot.localpart);
        left.add("synapse", "token.user", &format!("{}/{}", bot.localpart, bot.device));
        for room in &bot.rooms {
            left.add("synapse", "grant.inherited", &format!("{}/{room}", bot.localpart));
        }
    }
}

fn aws(world: &World, uid: &str, left: &mut Left) -> Result<(), LabError> {
    for user in world.aws.users.iter().filter(|user| user.person == uid) {
        left.add("aws", "principal", &user.name);
        let removal = world.aws.half_removes.get(&user.name);
        if user.access_key {
            left.add("aws", "token.user", "access-key");
        }
        if let Some(service) = &user.service_credential {
            left.add("aws", "token.user", service);
        }
        if user.ssh_key {
            left.add("aws", "key.asym", "ssh-key");
        }
        for policy in user.attached.iter().chain(&user.inline) {
            left.add("aws", "grant.direct", policy);
        }
        for name in &user.groups {
            let group = world.aws.groups.iter().find(|group| group.name == *name);
            let group = group.ok_or_else(|| LabError::Data {
                what: "world.yaml".into(),
                why: format!("there is no group {name} in the cloud"),
            })?;
            if !removal.is_some_and(|removal| removal.groups.contains(name)) {
                left.add("aws", "grant.direct", name);
                left.add("aws", "grant.inherited", &group.policy);
            }
        }
        for role in world.aws.roles.iter().filter(|role| role.trusts.contains(&user.name)) {
            left.add("aws", "trust", &role.name);
        }
    }
    for service in world.aws.services.iter().filter(|service| service.owner == uid) {
        left.add("aws", "owned.nhi", &service.name);
        left.add("aws", "token.user", &format!("{}/access-key", service.name));
        for policy in &service.attached {
            left.add("aws", "grant.inherited", &format!("{}/{policy}", service.name));
        }
    }
    Ok(())
}
