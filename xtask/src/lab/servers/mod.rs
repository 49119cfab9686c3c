//! Starting each server on free loopback ports and waiting until it answers its own protocol.

pub mod aws;
pub mod ldap;
pub mod postgres;
pub mod synapse;

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};

use super::credentials::Credentials;
use super::edges;
use super::error::LabError;
use super::files;
use super::forward;
use super::inventory::{Inventory, Route, Server};
use super::layout::Layout;
use super::process::{self, Process};

/// What a server is started with.
#[derive(Debug)]
pub struct Start<'a> {
    /// The lab's folders.
    pub layout: &'a Layout,
    /// The lab's secrets.
    pub credentials: &'a Credentials,
    /// Free ports.
    pub ports: &'a mut Ports,
}

/// Ports nobody used a moment ago. All are held until they have been chosen, so that no two are the same.
#[derive(Debug, Default)]
pub struct Ports(Vec<TcpListener>);

impl Ports {
    /// Chooses a free loopback port and holds it.
    pub fn hold(&mut self) -> Result<u16, LabError> {
        let bound = TcpListener::bind("127.0.0.1:0")
            .and_then(|listener| Ok((listener.local_addr()?.port(), listener)));
        let (port, listener) = bound.map_err(|source| LabError::Unreachable {
            doing: "choosing a port".into(),
            url: "127.0.0.1:0".into(),
            source,
        })?;
        self.0.push(listener);
        Ok(port)
    }

    /// Lets go of a port, for its server to take.
    pub fn release(&mut self, port: u16) {
        self.0.retain(|listener| listener.local_addr().map(|address| address.port()).ok() != Some(port));
    }
}

/// A door and a server port for it, both held.
fn route(ports: &mut Ports) -> Result<(Route, u16, u16), LabError> {
    let (door, server) = (ports.hold()?, ports.hold()?);
    let route = Route { door: format!("127.0.0.1:{door}"), server: format!("127.0.0.1:{server}") };
    Ok((route, door, server))
}

/// Text pairs as `lab.json` holds them.
fn pairs<const N: usize>(list: [(&str, String); N]) -> BTreeMap<String, String> {
    list.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

/// A server that is ready to be started.
struct Prepared {
    /// What to run.
    command: Command,
    /// Its entry in `lab.json`, still without a process.
    server: Server,
    /// Whether it answers its own protocol.
    answers: Box<dyn FnMut() -> bool>,
}

/// Starts everything, one server after another, then the doors.
pub fn start(layout: &Layout, inventory: &mut Inventory) -> Result<(), LabError> {
    let credentials = Credentials::of(layout);
    let mut ports = Ports::default();
    for prepare in [ldap::prepare, postgres::prepare, synapse::prepare, aws::prepare] {
        let start = &mut Start { layout, credentials: &credentials, ports: &mut ports };
        let Prepared { mut command, mut server, answers } = prepare(start)?;
        let log = layout.log(&server.name);
        let process = process::spawn(layout, &server.name, &mut command, Stdio::null())?;
        server.pid = process.pid;
        server.process = process.clone();
        inventory.servers.push(server);
        inventory.save(layout)?;
        wait(&process, &log, answers)?;
    }
    for index in 0..inventory.servers.len() {
        for route in inventory.servers[index].routes.clone() {
            if let Some(port) = route.door.rsplit(':').next().and_then(|port| port.parse().ok()) {
                ports.release(port);
            }
        }
        forward::open(layout, &mut inventory.servers[index])?;
        inventory.save(layout)?;
    }
    Ok(())
}

/// Waits until `answers`, up to 30 seconds, and gives up as soon as the process has ended.
fn wait(process: &Process, log: &Path, mut answers: Box<dyn FnMut() -> bool>) -> Result<(), LabError> {
    let mut ended = false;
    let ready = edges::poll(300, || {
        ended = !process.alive();
        ended || answers()
    });
    match (ended, ready) {
        (true, _) => Err(not_ready(&process.name, "ended as it started", log)),
        (false, false) => Err(not_ready(&process.name, "did not answer within 30 seconds", log)),
        (false, true) => Ok(()),
    }
}

/// The error for a server that is not there, with the end of its log.
pub fn not_ready(server: &str, why: &str, log: &Path) -> LabError {
    LabError::NotReady { server: server.into(), why: why.into(), log: log.to_owned(), tail: files::tail(log) }
}
