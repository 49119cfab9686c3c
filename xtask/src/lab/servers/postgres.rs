//! A PostgreSQL cluster of the lab's own, run as user `postgres`, reached over TCP with a password.

use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use super::{Prepared, Start, pairs, route};
use crate::lab::error::LabError;
use crate::lab::files;
use crate::lab::inventory::Server;
use crate::lab::process::Process;
use crate::lab::tls;
use crate::lab::tool::run;

/// Where Debian keeps the server's programs.
const PROGRAMS: &str = "/usr/lib/postgresql/15/bin";

/// The user and group the server runs as.
#[derive(Debug, Clone, Copy)]
struct Owner {
    uid: u32,
    gid: u32,
}

/// The `psql` command, straight to the server; it stops at the first error and reads no start-up file.
pub fn psql(server: &Server, role: &str, password: &str, database: &str) -> Command {
    let (host, port) = server.routes[0].server.split_once(':').unwrap_or(("127.0.0.1", "5432"));
    let mut command = Command::new("psql");
    command
        .args([
            "-X",
            "-q",
            "-A",
            "-t",
            "-v",
            "ON_ERROR_STOP=1",
            "-h",
            host,
            "-p",
            port,
            "-U",
            role,
            "-d",
            database,
        ])
        .env("PGPASSWORD", password)
        .env("PGCONNECT_TIMEOUT", "5");
    command
}

/// Writes its configuration and says how to start it.
pub(super) fn prepare(start: &mut Start<'_>) -> Result<Prepared, LabError> {
    let owner = owner()?;
    let dir = start.layout.server("postgres");
    files::folder(&dir, 0o755)?;
    reachable(&dir)?;
    let home = dir.join("home");
    files::folder(&home, 0o700)?;
    own(&home, owner)?;
    let data = home.join("data");
    let password = start.credentials.make("postgres.postgres.password")?;
    start.credentials.make("postgres.exeunt_reader.password")?;
    let (tcp, door, port) = route(start.ports)?;
    initialise(&home, &data, owner, &password)?;
    let certificate = tls::make_server(start.layout, "postgres")?;
    for (from, name) in [(&certificate.certificate, "server.crt"), (&certificate.key, "server.key")] {
        let to = data.join(name);
        files::write_private(&to, &files::read(from)?)?;
        own(&to, owner)?;
    }
    start.ports.release(port);
    let mut command = as_owner(&format!("{PROGRAMS}/postgres"), owner, &home);
    command.arg("-D").arg(&data);
    for setting in [
        "listen_addresses=127.0.0.1".to_owned(),
        format!("port={port}"),
        // No socket: a path under a long folder would not fit into one.
        "unix_socket_directories=".to_owned(),
        "ssl=on".to_owned(),
        // The data is thrown away with the lab.
        "fsync=off".to_owned(),
    ] {
        command.args(["-c", &setting]);
    }
    let place = |role: &str| start.credentials.place(&format!("postgres.{role}.password"));
    let server = Server {
        name: "postgres".into(),
        kind: "postgresql".into(),
        host: "127.0.0.1".into(),
        port: door,
        url: format!("postgres://127.0.0.1:{door}/instruments"),
        settings: pairs([("database", "instruments".into()), ("databases", "instruments,postgres".into())]),
        ca_file: Some(tls::ca_file(start.layout)),
        reader: pairs([("user", "exeunt_reader".into()), ("password_file", place("exeunt_reader"))]),
        admin: pairs([("user", "postgres".into()), ("password_file", place("postgres"))]),
        pid: 0,
        process: Process::default(),
        door: None,
        routes: vec![tcp],
    };
    let asked = server.clone();
    let answers = move || {
        let mut psql = psql(&asked, "postgres", &password, "postgres");
        run("asking the database", psql.args(["-c", "select 1"]), None).is_ok()
    };
    Ok(Prepared { command, server, answers: Box::new(answers) })
}

/// Makes the cluster; the first password goes through a file that only the server's user can read.
fn initialise(home: &Path, data: &Path, owner: Owner, password: &str) -> Result<(), LabError> {
    let first = home.join("first-password");
    files::write_private(&first, password)?;
    own(&first, owner)?;
    let mut initdb = as_owner(&format!("{PROGRAMS}/initdb"), owner, home);
    initdb
        .args([
            "--username=postgres",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        ])
        .arg("--pwfile")
        .arg(&first)
        .arg("-D")
        .arg(data);
    run("making the database cluster", &mut initdb, None)?;
    files::remove(&first)
}

/// PostgreSQL refuses to run as root.
fn as_owner(program: &str, owner: Owner, home: &Path) -> Command {
    let mut command = Command::new(program);
    command.uid(owner.uid).gid(owner.gid).current_dir(home).env("HOME", home);
    command
}

fn own(path: &Path, owner: Owner) -> Result<(), LabError> {
    chown(path, Some(owner.uid), Some(owner.gid)).map_err(LabError::file("give to postgres", path))
}

/// The user that the Debian package made.
fn owner() -> Result<Owner, LabError> {
    let users = files::read(Path::new("/etc/passwd"))?;
    let line = users.lines().find(|line| line.starts_with("postgres:"));
    let mut fields = line.unwrap_or_default().split(':').skip(2).map(str::parse);
    match (fields.next(), fields.next()) {
        (Some(Ok(uid)), Some(Ok(gid))) => Ok(Owner { uid, gid }),
        _ => Err(LabError::Unfit(
            "there is no user postgres; `apt-get install --reinstall postgresql-common` makes it".into(),
        )),
    }
}

/// Every folder above must let the server's user through.
fn reachable(dir: &Path) -> Result<(), LabError> {
    for folder in dir.ancestors() {
        let found = std::fs::metadata(folder).map_err(LabError::file("look at", folder))?;
        if found.permissions().mode() & 0o001 == 0 {
            return Err(LabError::Unfit(format!(
                "user postgres cannot enter {} (mode {:o}): choose another --dir, or `chmod o+x` that folder",
                folder.display(),
                found.mode() & 0o777
            )));
        }
    }
    Ok(())
}
