//! The directory, with `ldapmodify`.

use std::process::Command;

use super::Scene;
use super::ldif::Ldif;
use crate::lab::error::LabError;
use crate::lab::servers::ldap::{ADMIN, BASE, READER};
use crate::lab::tool::run;
use crate::lab::world::Leaver;

fn person_dn(uid: &str) -> String {
    format!("uid={uid},ou=people,{BASE}")
}

fn group_dn(cn: &str) -> String {
    format!("cn={cn},ou=groups,{BASE}")
}

fn apply(scene: &Scene<'_>, doing: &str, ldif: &Ldif) -> Result<(), LabError> {
    let server = scene.lab.server("ldap")?;
    let mut modify = Command::new("ldapmodify");
    modify
        .args(["-x", "-H", &format!("ldap://{}", server.routes[0].server), "-D", ADMIN, "-y"])
        .arg(scene.credentials.path("ldap.admin.password"));
    run(doing, &mut modify, Some(ldif.text())).map(drop)
}

/// The tree, the password policy and the reader.
pub fn readers(scene: &Scene<'_>) -> Result<(), LabError> {
    let mut ldif = Ldif::default();
    let company = &scene.world.company.name;
    ldif.add(
        BASE,
        &[("objectClass", "dcObject"), ("objectClass", "organization"), ("o", company), ("dc", "halden")],
    );
    for ou in ["people", "groups", "services", "policies"] {
        ldif.add(&format!("ou={ou},{BASE}"), &[("objectClass", "organizationalUnit"), ("ou", ou)]);
    }
    ldif.add(
        &format!("cn=default,ou=policies,{BASE}"),
        &[
            ("objectClass", "device"),
            ("objectClass", "pwdPolicy"),
            ("cn", "default"),
            ("pwdAttribute", "userPassword"),
            ("pwdLockout", "TRUE"),
        ],
    );
    let password = scene.credentials.get("ldap.exeunt-reader.password")?;
    ldif.add(
        READER,
        &[
            ("objectClass", "device"),
            ("objectClass", "simpleSecurityObject"),
            ("cn", "exeunt-reader"),
            ("userPassword", &password),
        ],
    );
    apply(scene, "making the tree and the reader of the directory", &ldif)
}

/// Everyone, in their groups.
pub fn before(scene: &mut Scene<'_>) -> Result<(), LabError> {
    let mut ldif = Ldif::default();
    for person in &scene.world.people {
        let password = scene.credentials.make(&format!("ldap.{}.password", person.uid))?;
        ldif.add(
            &person_dn(&person.uid),
            &[
                ("objectClass", "inetOrgPerson"),
                ("uid", &person.uid),
                ("cn", &format!("{} {}", person.given, person.family)),
                ("givenName", &person.given),
                ("sn", &person.family),
                ("employeeNumber", &person.number),
                ("mail", &scene.world.mail(&person.uid)),
                ("title", &person.title),
                ("userPassword", &password),
            ],
        );
    }
    let groups = &scene.world.ldap.groups;
    for group in groups {
        let members: Vec<String> = group.members.iter().map(|uid| person_dn(uid)).collect();
        let mut attributes = vec![("objectClass", "groupOfNames"), ("cn", group.cn.as_str())];
        attributes.extend(members.iter().map(|dn| ("member", dn.as_str())));
        ldif.add(&group_dn(&group.cn), &attributes);
    }
    // Groups in groups come last, since they may go in a circle.
    for group in groups {
        for inner in &group.groups {
            ldif.modify(&group_dn(&group.cn), "add", "member", &group_dn(inner));
        }
    }
    apply(scene, "filling the directory", &ldif)?;
    for person in &scene.world.people {
        let id = search(scene, "asking for an immutable id", &format!("(uid={})", person.uid), "entryUUID")?;
        scene.lab.objects.extend(id.into_iter().map(|id| (format!("ldap.person.{}", person.uid), id)));
    }
    Ok(())
}

/// The values of one attribute of all entries that match, as the administrator sees them.
fn search(scene: &Scene<'_>, doing: &str, filter: &str, attribute: &str) -> Result<Vec<String>, LabError> {
    let server = scene.lab.server("ldap")?;
    let mut search = Command::new("ldapsearch");
    search
        .args(["-x", "-LLL", "-o", "ldif-wrap=no", "-H", &format!("ldap://{}", server.routes[0].server)])
        .args(["-D", ADMIN, "-b", BASE, "-y"])
        .arg(scene.credentials.path("ldap.admin.password"))
        .args([filter, attribute]);
    let found = run(doing, &mut search, None)?;
    let prefix = format!("{attribute}: ");
    Ok(found.lines().filter_map(|line| line.strip_prefix(&prefix)).map(str::to_owned).collect())
}

/// Locks the account and takes away a group or two.
pub fn half(scene: &Scene<'_>, leaver: &Leaver) -> Result<(), LabError> {
    let dn = person_dn(&leaver.person);
    let mut ldif = Ldif::default();
    // The value that means "locked until an administrator unlocks it".
    ldif.modify(&dn, "replace", "pwdAccountLockedTime", "000001010000Z");
    for cn in scene.world.ldap.half_removes.get(&leaver.person).into_iter().flatten() {
        ldif.modify(&group_dn(cn), "delete", "member", &dn);
    }
    apply(scene, &format!("locking {} in the directory", leaver.person), &ldif)
}

/// Takes the person out of every group, then removes the entry.
pub fn full(scene: &Scene<'_>, leaver: &Leaver) -> Result<(), LabError> {
    let dn = person_dn(&leaver.person);
    let mut ldif = Ldif::default();
    for group in search(scene, "looking for a leaver's groups", &format!("(member={dn})"), "dn")? {
        ldif.modify(&group, "delete", "member", &dn);
    }
    ldif.delete(&dn);
    apply(scene, &format!("removing {} from the directory", leaver.person), &ldif)?;
    scene.credentials.forget(&format!("ldap.{}.password", leaver.person))
}
