//! Database connections that stay open after the command that opened them.

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::Scene;
use crate::lab::edges;
use crate::lab::error::LabError;
use crate::lab::files;
use crate::lab::process::{self, Signal};
use crate::lab::servers::{not_ready, postgres::psql};
use crate::lab::tool::run;
use crate::lab::world::Session;

/// The named pipe that a session reads its statements from.
fn pipe(scene: &Scene<'_>, role: &str) -> PathBuf {
    scene.layout.dir.join("sessions").join(role)
}

/// Opens a connection. `psql` reads a pipe that it holds open for writing too, so its input never ends.
pub fn open(scene: &mut Scene<'_>, wanted: &Session) -> Result<(), LabError> {
    let path = pipe(scene, &wanted.role);
    files::folder(&scene.layout.dir.join("sessions"), 0o700)?;
    files::remove(&path)?;
    run("making a pipe", Command::new("mkfifo").args(["-m", "600"]).arg(&path), None)?;
    let input = File::options().read(true).write(true).open(&path).map_err(LabError::file("open", &path))?;
    let password = scene.credentials.get(&format!("postgres.{}.password", wanted.role))?;
    let database = &scene.world.postgres.database;
    let mut command = psql(scene.lab.server("postgres")?, &wanted.role, &password, database);
    command.env("PGAPPNAME", &wanted.application).args(["-f", "-"]);
    let log = scene.layout.log(&format!("session-{}", wanted.role));
    let process =
        process::spawn(scene.layout, &format!("session-{}", wanted.role), &mut command, Stdio::from(input))?;
    scene.lab.processes.push(process.clone());
    scene.lab.save(scene.layout)?;
    let mut pid = None;
    edges::poll(100, || {
        pid = backend(scene, wanted).ok().flatten();
        pid.is_some() || !process.alive()
    });
    let pid = pid.ok_or_else(|| not_ready(&process.name, "did not connect", &log))?;
    scene.lab.objects.insert(format!("postgres.session.{}", wanted.role), pid);
    Ok(())
}

/// The server's process for this session.
fn backend(scene: &Scene<'_>, wanted: &Session) -> Result<Option<String>, LabError> {
    let password = scene.credentials.get("postgres.postgres.password")?;
    let mut command = psql(scene.lab.server("postgres")?, "postgres", &password, "postgres");
    let query = format!(
        "select pid from pg_stat_activity where usename = {} and application_name = {}",
        super::sql::text(&wanted.role),
        super::sql::text(&wanted.application)
    );
    let answer = run("looking for a session", command.args(["-c", &query]), None)?;
    Ok(answer.lines().next().map(str::to_owned))
}

/// Sends a statement through an open connection, and waits for its answer to reach the log.
pub fn say(scene: &Scene<'_>, wanted: &Session, statement: &str) -> Result<(), LabError> {
    let path = pipe(scene, &wanted.role);
    let log = scene.layout.log(&format!("session-{}", wanted.role));
    let length = |log: &PathBuf| std::fs::metadata(log).map_or(0, |found| found.len());
    let before = length(&log);
    // Opening for reading too, so that a session that has ended does not hold the lab up.
    let mut input =
        File::options().read(true).write(true).open(&path).map_err(LabError::file("open", &path))?;
    input.write_all(statement.as_bytes()).map_err(LabError::file("write to", &path))?;
    if edges::poll(100, || length(&log) > before) {
        return Ok(());
    }
    Err(not_ready(&wanted.role, "has a session that does not answer", &log))
}

/// Ends the processes of a role's sessions; the server has already ended its side.
pub fn forget(scene: &mut Scene<'_>, role: &str) -> Result<(), LabError> {
    let name = format!("session-{role}");
    for process in scene.lab.processes.iter().filter(|process| process.name == name) {
        process.end(Signal::Term)?;
    }
    scene.lab.processes.retain(|process| process.name != name);
    scene.lab.objects.remove(&format!("postgres.session.{role}"));
    scene.lab.save(scene.layout)?;
    files::remove(&pipe(scene, role))
}
