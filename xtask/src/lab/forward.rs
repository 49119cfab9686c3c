//! A door in front of each server, so that a server can be out of reach and keep its state.
//!
//! Readers go through the door, the lab itself goes straight to the server: sessions that the lab
//! keeps open survive a pulled plug, and the AWS emulator, whose world is in memory, loses nothing.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::{Command, Stdio};

use super::edges;
use super::error::LabError;
use super::inventory::{Route, Server};
use super::layout::Layout;
use super::process::{self, Signal};

/// How a server is out of reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Outage {
    /// Connections are refused.
    Refuse,
    /// Connections are taken and nothing is ever answered.
    Hang,
}

/// Opens the door of `server` and waits until it lets a connection in.
pub fn open(layout: &Layout, server: &mut Server) -> Result<(), LabError> {
    let log = layout.log(&format!("{}-door", server.name));
    let program =
        std::env::current_exe().map_err(|source| LabError::Start { program: "the lab".into(), source })?;
    let mut command = Command::new(program);
    command.args(["lab", "forward"]);
    for route in &server.routes {
        command.args(["--route", &format!("{}={}", route.door, route.server)]);
    }
    let door = process::spawn(layout, &format!("{}-door", server.name), &mut command, Stdio::null())?;
    server.door = Some(door.clone());
    let open = edges::poll(50, || server.routes.iter().all(|route| TcpStream::connect(&route.door).is_ok()));
    if open && door.alive() {
        return Ok(());
    }
    Err(super::servers::not_ready(&door.name, "does not open", &log))
}

/// Puts a server out of reach.
pub fn close(server: &mut Server, how: Outage) -> Result<(), LabError> {
    match (how, &server.door) {
        (Outage::Hang, Some(door)) if door.alive() => door.signal(Signal::Stop),
        (Outage::Hang, _) => Err(LabError::Unfit(format!(
            "{} already refuses connections; `cargo xtask lab plug {} in` first",
            server.name, server.name
        ))),
        (Outage::Refuse, Some(door)) => {
            door.end(Signal::Term)?;
            server.door = None;
            Ok(())
        }
        (Outage::Refuse, None) => Ok(()),
    }
}

/// Puts a server within reach again.
pub fn reopen(layout: &Layout, server: &mut Server) -> Result<(), LabError> {
    match &server.door {
        Some(door) if door.alive() => door.signal(Signal::Cont),
        _ => open(layout, server),
    }
}

/// The door itself: carries bytes for as long as it lives.
pub fn serve(routes: &[Route]) -> Result<(), LabError> {
    let mut threads = Vec::new();
    for route in routes {
        let listener = TcpListener::bind(&route.door).map_err(|source| LabError::Unreachable {
            doing: "opening a door".into(),
            url: route.door.clone(),
            source,
        })?;
        let to = route.server.clone();
        threads.push(std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let to = to.clone();
                std::thread::spawn(move || carry(&stream, &to));
            }
        }));
    }
    for thread in threads {
        if thread.join().is_err() {
            return Err(LabError::Unfit("a door broke".into()));
        }
    }
    Ok(())
}

/// Joins two connections; when the server cannot be reached, the reader's is closed at once.
fn carry(reader: &TcpStream, to: &str) {
    let Ok(server) = TcpStream::connect(to) else { return };
    let (Ok(from_reader), Ok(to_server)) = (reader.try_clone(), server.try_clone()) else { return };
    let up = std::thread::spawn(move || pour(from_reader, to_server));
    if let Ok(to_reader) = reader.try_clone() {
        pour(server, to_reader);
    }
    // Either side may have ended first; the other thread has then ended too.
    drop(up.join());
}

/// Copies until the source ends, then says so to the sink.
fn pour(mut from: TcpStream, mut to: TcpStream) {
    let mut buffer = [0_u8; 16 * 1024];
    while let Ok(count) = from.read(&mut buffer) {
        if count == 0 || to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    // Nothing to do when the other side has already gone.
    drop(to.shutdown(Shutdown::Write));
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::{TcpListener, TcpStream};

    /// What a server says must reach the reader whole, also when the server ends the connection.
    #[test]
    fn a_door_carries_both_ways_and_passes_the_end_on() {
        let server = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let to = server.local_addr().expect("bound").to_string();
        let door = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let mut reader = TcpStream::connect(door.local_addr().expect("bound")).expect("the door is open");
        let (inner, _) = door.accept().expect("the reader");
        let carrying = std::thread::spawn(move || super::carry(&inner, &to));
        let (mut answering, _) = server.accept().expect("the door");
        reader.write_all(b"ping").expect("sent");
        let mut asked = [0_u8; 4];
        answering.read_exact(&mut asked).expect("asked");
        answering.write_all(b"pong").expect("answered");
        drop(answering);
        let mut answer = [0_u8; 5];
        assert_eq!(
            (&asked, reader.read(&mut answer).expect("answered"), &answer[..4]),
            (b"ping", 4, &b"pong"[..])
        );
        assert_eq!(reader.read(&mut answer).expect("the end"), 0);
        drop(reader);
        carrying.join().expect("ended");
    }
}
