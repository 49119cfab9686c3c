//! The lab: real servers on loopback, with people, leavers and removals left half done.
//!
//! `up` installs and starts them, `seed` plays the story up to a stage, `finish` completes the
//! removals. `lab.json` in the lab's folder says where everything is. A world is whole or absent:
//! the AWS emulator keeps its world in memory, so when any server is found dead, `up` starts all of
//! them afresh.

mod credentials;
mod edges;
mod error;
mod expected;
mod files;
mod forward;
mod http;
mod install;
mod inventory;
mod layout;
#[cfg(test)]
mod planted;
mod process;
mod seed;
mod servers;
mod story;
mod tls;
mod tool;
mod world;

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use error::LabError;
use forward::Outage;
use inventory::{Inventory, Route, Stage};
use layout::Layout;

/// Real servers to test against: Debian 12, as root, everything on loopback.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Folder of this lab [default: lab-state in the repository].
    #[arg(long, global = true, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Folder of the installed Python environments, shared by labs [default: lab-state/tools in the repository].
    #[arg(long, global = true, value_name = "DIR")]
    tools: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Install what is missing and start every server; nothing to do when they run.
    Up,
    /// End every process the lab started.
    Down,
    /// Play the story up to a stage, from the start if it is already past it.
    Seed {
        /// The stage to reach.
        #[arg(long, value_enum, default_value = "half")]
        stage: Stage,
    },
    /// Complete the removals that were left half done.
    Finish,
    /// Throw the world away and start empty servers.
    Reset,
    /// Say what runs and how far the story is.
    Status,
    /// Print what tests find the lab by, as environment variables: the path of lab.json, and that of this program.
    Env,
    /// Put one server out of reach for readers, or within reach again.
    Plug {
        /// ldap, postgres, synapse or aws.
        server: String,
        /// Out of reach or within reach.
        #[arg(value_enum)]
        position: Position,
        /// What readers meet while it is out.
        #[arg(long, value_enum, default_value = "refuse")]
        how: Outage,
    },
    /// The door in front of a server; started by `up`.
    #[command(hide = true)]
    Forward {
        /// DOOR=SERVER, both host:port.
        #[arg(long, value_parser = parse_route)]
        route: Vec<Route>,
    },
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Position {
    Out,
    In,
}

fn parse_route(text: &str) -> Result<Route, String> {
    let (door, server) = text.split_once('=').ok_or("expected DOOR=SERVER")?;
    Ok(Route { door: door.to_owned(), server: server.to_owned() })
}

/// Runs a `lab` command.
///
/// # Errors
/// What was attempted, on what, why it failed and what to do next.
pub fn run(args: Args) -> Result<(), String> {
    execute(args).map_err(|error| error.full())
}

fn execute(args: Args) -> Result<(), LabError> {
    let layout = Layout::new(args.dir, args.tools).map_err(LabError::file("find", Path::new(".")))?;
    match args.command {
        Command::Up => story::up(&layout).map(drop),
        Command::Down => story::down(&layout),
        Command::Seed { stage } => story::seed(&layout, stage),
        Command::Finish => story::finish(&layout),
        Command::Reset => story::reset(&layout).map(drop),
        Command::Status => status(&layout),
        Command::Env => {
            running(&layout)?;
            let myself =
                std::env::current_exe().map_err(LabError::file("find", Path::new("this program")))?;
            print(&format!(
                "EXEUNT_LAB={}\nEXEUNT_LAB_TOOL={}\nEXEUNT_LAB_TOOLS={}\n",
                layout.inventory().display(),
                myself.display(),
                layout.tools.display()
            ))
        }
        Command::Plug { server, position, how } => {
            let mut inventory = running(&layout)?;
            let server = inventory.server_mut(&server)?;
            match position {
                Position::Out => forward::close(server, how)?,
                Position::In => forward::reopen(&layout, server)?,
            }
            inventory.save(&layout)
        }
        Command::Forward { route } => forward::serve(&route),
    }
}

/// The lab, if it is up.
fn running(layout: &Layout) -> Result<Inventory, LabError> {
    match Inventory::load(layout)? {
        Some(inventory) if story::whole(&inventory) => Ok(inventory),
        _ => Err(LabError::Unfit(format!(
            "no lab runs in {}; start it with `cargo xtask lab up`",
            layout.dir.display()
        ))),
    }
}

fn status(layout: &Layout) -> Result<(), LabError> {
    let Some(inventory) = Inventory::load(layout)? else {
        return print(&format!("no lab in {}\n", layout.dir.display()));
    };
    let mut text = format!("stage {:?} in {}\n", inventory.stage, inventory.dir.display());
    // Writing to a String cannot fail.
    for server in &inventory.servers {
        let state = match (server.process.alive(), &server.door) {
            (false, _) => "dead",
            (true, Some(door)) if door.stopped() => "up, plug out (hangs)",
            (true, Some(door)) if door.alive() => "up",
            (true, _) => "up, plug out (refuses)",
        };
        let _ = writeln!(text, "{:<10} pid {:<8} {:<40} {state}", server.name, server.pid, server.url);
    }
    for process in &inventory.processes {
        let state = if process.alive() { "open" } else { "closed" };
        let _ = writeln!(text, "{:<10} pid {:<8} {:<40} {state}", "session", process.pid, process.name);
    }
    print(&text)
}

/// Prints; a reader that has stopped reading is no failure of the lab.
fn print(text: &str) -> Result<(), LabError> {
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(LabError::file("write to", Path::new("standard output"))(error))
        }
        _ => Ok(()),
    }
}
