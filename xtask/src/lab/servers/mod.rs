//! Starting each server on free loopback ports and waiting until it answers its own protocol.

pub mod aws;
pub mod ldap;
pub mod postgres;
pub mod synapse;

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::Path;

use super::credentials::Credentials;
use super::edges;
use super::error::LabError;
use super::files;
use super::forward;
use super::inventory::{Inventory, Route, Server};
use super::layout::Layout;
use super::process::{Process, Signal};

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
        let bound = TcpListener::bind("127.0.0.1:0").and_then(|listener| Ok((listener.local_addr()?.port(), listener)));
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

/// Starts everything, one server after another, writing each down as soon as it runs.
pub fn start(layout: &Layout, inventory: &mut Inventory) -> Result<(), LabError> {
    type Starter = fn(&mut Start<'_>) -> Result<Server, (Option<Process>, LabError)>;
    let starters: [Starter; 4] = [ldap::start, postgres::start, synapse::start, aws::start];
    let credentials = Credentials::of(layout);
    let mut ports = Ports::default();
    for starter in starters {
        let outcome = starter(&mut Start { layout, credentials: &credentials, ports: &mut ports });
        match outcome {
            Ok(server) => inventory.servers.push(server),
            Err((left_over, error)) => {
                if let Some(process) = left_over {
                    process.end(Signal::Term)?;
                }
                return Err(error);
            }
        }
        inventory.save(layout)?;
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

/// Ends everything the lab started and nothing else.
pub fn stop(inventory: &Inventory) -> Result<(), LabError> {
    for process in &inventory.processes {
        process.end(Signal::Term)?;
    }
    for server in &inventory.servers {
        if let Some(door) = &server.door {
            door.end(Signal::Term)?;
        }
        // PostgreSQL waits for its sessions on TERM and closes them on INT.
        server.process.end(if server.name == "postgres" { Signal::Int } else { Signal::Term })?;
    }
    Ok(())
}

/// Waits until `answers`, up to 30 seconds, and gives up as soon as the process has ended.
fn wait(process: &Process, log: &Path, mut answers: impl FnMut() -> bool) -> Result<(), LabError> {
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
