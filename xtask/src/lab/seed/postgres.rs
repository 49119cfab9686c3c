//! The database, with `psql`.

use std::fmt::Write as _;

use super::Scene;
use super::postgres_session as session;
use super::sql::{name, text};
use crate::lab::error::LabError;
use crate::lab::servers::postgres::psql;
use crate::lab::tool::run;
use crate::lab::world::{Leaver, Login, ServiceRole};

/// Runs statements as the superuser and gives back what they print.
fn execute(scene: &Scene<'_>, doing: &str, database: &str, statements: &str) -> Result<String, LabError> {
    let password = scene.credentials.get("postgres.postgres.password")?;
    let mut command = psql(scene.lab.server("postgres")?, "postgres", &password, database);
    run(doing, command.args(["-f", "-"]), Some(statements))
}

/// The application database and the reader, who may see statistics and settings and nothing else.
pub fn readers(scene: &Scene<'_>) -> Result<(), LabError> {
    let password = scene.credentials.get("postgres.exeunt_reader.password")?;
    let statements = format!(
        "create database {};\n\
         create role exeunt_reader login nosuperuser password {};\n\
         grant pg_monitor to exeunt_reader;\n",
        name(&scene.world.postgres.database),
        text(&password)
    );
    execute(scene, "making the database and its reader", "postgres", &statements).map(drop)
}

fn login(scene: &Scene<'_>, out: &mut String, login: &Login) -> Result<(), LabError> {
    let number = &scene.world.person(&login.person)?.number;
    let password = scene.credentials.make(&format!("postgres.{}.password", login.role))?;
    role(out, &login.role, &password, &login.member_of, &format!("employeeNumber={number}"));
    Ok(())
}

fn role(out: &mut String, role: &str, password: &str, member_of: &[String], comment: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(out, "create role {} login password {};", name(role), text(password));
    for group in member_of {
        let _ = writeln!(out, "grant {} to {};", name(group), name(role));
    }
    let _ = writeln!(out, "comment on role {} is {};", name(role), text(comment));
}

/// Everyone's roles, tables and functions, and the connections that stay open.
pub fn before(scene: &mut Scene<'_>) -> Result<(), LabError> {
    let world = scene.world;
    let mut roles = String::new();
    for group in &world.postgres.group_roles {
        let _ = writeln!(roles, "create role {} nologin;", name(&group.role));
        for outer in &group.member_of {
            let _ = writeln!(roles, "grant {} to {};", name(outer), name(&group.role));
        }
    }
    for person in &world.postgres.logins {
        login(scene, &mut roles, person)?;
    }
    for service in &world.postgres.services {
        let password = scene.credentials.make(&format!("postgres.{}.password", service.role))?;
        let comment = format!("owner={}", world.mail(&service.owner));
        role(&mut roles, &service.role, &password, &service.member_of, &comment);
    }
    execute(scene, "making the database roles", "postgres", &roles)?;
    let mut objects = String::new();
    for table in &world.postgres.tables {
        let _ = writeln!(objects, "create table {} (id bigint primary key, note text);", name(&table.name));
        let _ = writeln!(objects, "alter table {} owner to {};", name(&table.name), name(&table.owner));
        let _ = writeln!(objects, "grant select on {} to reporting;", name(&table.name));
    }
    for function in &world.postgres.functions {
        // It answers whose rights it runs with.
        let _ = writeln!(
            objects,
            "create function {0}() returns text language sql security definer as 'select current_user::text';\n\
             alter function {0}() owner to {1};",
            name(&function.name),
            name(&function.owner)
        );
    }
    execute(scene, "making tables and functions", &world.postgres.database, &objects)?;
    for wanted in &world.postgres.sessions {
        session::open(scene, wanted)?;
    }
    note_ids(scene)
}

/// Writes down the ids of all roles: a role made anew under an old name has another.
fn note_ids(scene: &mut Scene<'_>) -> Result<(), LabError> {
    let query = "select rolname || ' ' || oid from pg_roles where rolname !~ '^pg_';\n";
    let found = execute(scene, "asking for the ids of roles", "postgres", query)?;
    scene.lab.objects.retain(|name, _| !name.starts_with("postgres.role."));
    for (role, oid) in found.lines().filter_map(|line| line.split_once(' ')) {
        scene.lab.objects.insert(format!("postgres.role.{role}"), oid.to_owned());
    }
    Ok(())
}

/// The roles of a person, by the key in the comment; a login name alone says nothing.
fn roles_of(scene: &Scene<'_>, person: &str) -> Result<Vec<String>, LabError> {
    let comment = format!("employeeNumber={}", scene.world.person(person)?.number);
    let query = format!(
        "select rolname from pg_roles where shobj_description(oid, 'pg_authid') = {} order by 1;\n",
        text(&comment)
    );
    let found = execute(scene, "looking for a leaver's roles", "postgres", &query)?;
    Ok(found.lines().map(str::to_owned).collect())
}

/// Forbids new logins and takes away a membership; what is open stays open.
pub fn half(scene: &Scene<'_>, leaver: &Leaver) -> Result<(), LabError> {
    let mut statements = String::new();
    for role in roles_of(scene, &leaver.person)? {
        let _ = writeln!(statements, "alter role {} nologin;", name(&role));
        for group in scene.world.postgres.half_revokes.get(&role).into_iter().flatten() {
            let _ = writeln!(statements, "revoke {} from {};", name(group), name(&role));
        }
    }
    execute(scene, "forbidding a leaver's logins", "postgres", &statements)?;
    // The leaver's open connection goes on working, and is used.
    for wanted in &scene.world.postgres.sessions {
        if roles_of(scene, &leaver.person)?.contains(&wanted.role) {
            session::say(scene, wanted, "select count(*) from drift_study;\n")?;
        }
    }
    Ok(())
}

/// Ends sessions, hands over what is owned, drops the roles, and makes programs' roles anew for a new owner.
pub fn full(scene: &mut Scene<'_>, leaver: &Leaver) -> Result<(), LabError> {
    let world = scene.world;
    let successor =
        world.postgres.logins.iter().find(|login| login.person == leaver.successor).ok_or_else(|| {
            LabError::Data {
                what: "world.yaml".into(),
                why: format!("{} has no database role", leaver.successor),
            }
        })?;
    for plain in roles_of(scene, &leaver.person)? {
        let (role, heir) = (name(&plain), name(&successor.role));
        let terminate = format!(
            "select pg_terminate_backend(pid) from pg_stat_activity where usename = {};\n",
            text(&plain)
        );
        // What is owned is per database; the role itself is shared by all of them.
        let hand_over = format!("reassign owned by {role} to {heir};\ndrop owned by {role};\n");
        execute(
            scene,
            "ending a leaver's sessions",
            "postgres",
            &format!("alter role {role} nologin;\n{terminate}"),
        )?;
        execute(scene, "handing over what a leaver owns", &world.postgres.database, &hand_over)?;
        execute(scene, "dropping a leaver's role", "postgres", &format!("{hand_over}drop role {role};\n"))?;
        session::forget(scene, &plain)?;
        scene.credentials.forget(&format!("postgres.{plain}.password"))?;
        scene.lab.objects.remove(&format!("postgres.role.{plain}"));
    }
    for service in world.postgres.services.iter().filter(|service| service.owner == leaver.person) {
        replace(scene, service, &leaver.successor)?;
    }
    Ok(())
}

/// Retires a program's role and makes it anew under its name, with a new owner and a new password. A new
/// password alone could not be proven: the server shows nobody when a password was changed, while a new role
/// has a new id.
fn replace(scene: &mut Scene<'_>, service: &ServiceRole, owner: &str) -> Result<(), LabError> {
    let world = scene.world;
    let plain = service.role.as_str();
    let ended = format!(
        "alter role {0} nologin;\n\
         select pg_terminate_backend(pid) from pg_stat_activity where usename = {1};\n",
        name(plain),
        text(plain)
    );
    execute(scene, "ending a program's sessions", "postgres", &ended)?;
    let rights = format!("drop owned by {};\n", name(plain));
    execute(scene, "taking away a program's rights", &world.postgres.database, &rights)?;
    let mut statements = format!("{rights}drop role {};\n", name(plain));
    let password = scene.credentials.make(&format!("postgres.{plain}.password"))?;
    role(&mut statements, plain, &password, &service.member_of, &format!("owner={}", world.mail(owner)));
    execute(scene, "making a program's role anew", "postgres", &statements)?;
    session::forget(scene, plain)?;
    for wanted in world.postgres.sessions.iter().filter(|session| session.role == plain) {
        session::open(scene, wanted)?;
    }
    note_ids(scene)
}

/// Gives the login of someone who has left to someone else.
pub fn recycle(scene: &mut Scene<'_>) -> Result<(), LabError> {
    let mut statements = String::new();
    for person in &scene.world.postgres.recycled {
        login(scene, &mut statements, person)?;
    }
    execute(scene, "giving a login to someone else", "postgres", &statements)?;
    note_ids(scene)
}
