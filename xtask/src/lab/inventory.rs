//! `lab.json`: the running lab as others see it. This file is what tests and configurations are made from.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::error::LabError;
use super::files;
use super::layout::Layout;
use super::process::Process;

/// How far the story has been played.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// The servers run and hold nothing.
    Empty,
    /// Everyone has everything.
    Before,
    /// Tom's removal is done, Ida's is half done.
    Half,
    /// Both removals are done.
    Finished,
}

/// When a stage was played, by this machine's clock.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Played {
    /// Before the first change.
    pub started_at: jiff::Timestamp,
    /// After the last change.
    pub ended_at: jiff::Timestamp,
}

/// An address that readers use, and the one behind it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Route {
    /// `127.0.0.1:port` where readers connect.
    pub door: String,
    /// `127.0.0.1:port` where the server listens.
    pub server: String,
}

/// One server.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Server {
    /// Its name in the lab: `ldap`, `postgres`, `synapse` or `aws`.
    pub name: String,
    /// What it is.
    pub kind: String,
    /// The host readers connect to.
    pub host: String,
    /// The port readers connect to.
    pub port: u16,
    /// The address readers use.
    pub url: String,
    /// Other addresses and names: `ldaps_url`, `base_dn`, `database`, `region`, ...
    pub settings: BTreeMap<String, String>,
    /// The certificate authority that signed its certificate, where it speaks TLS.
    pub ca_file: Option<PathBuf>,
    /// The credential for reading: plain names as they are, secrets as `*_file` paths.
    pub reader: BTreeMap<String, String>,
    /// The credential that may change everything; never to be given to a reader.
    pub admin: BTreeMap<String, String>,
    /// The server's process id.
    pub pid: u32,
    /// The server's process.
    pub process: Process,
    /// The process that readers' connections go through; absent while the plug is out.
    pub door: Option<Process>,
    /// Doors and the addresses behind them.
    pub routes: Vec<Route>,
}

/// A leaver, as a test would write the ticket.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LeaverNote {
    /// The LDAP uid.
    pub uid: String,
    /// Full name.
    pub name: String,
    /// The exact key in every system.
    pub employee_number: String,
    /// E-mail.
    pub mail: String,
    /// The departure in the story.
    pub departs: jiff::Timestamp,
}

/// The whole lab.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Inventory {
    /// The version of this document.
    pub version: u32,
    /// The lab's folder.
    pub dir: PathBuf,
    /// How far the story has been played.
    pub stage: Stage,
    /// When each stage was played; real servers stamp their objects with these times.
    pub played: BTreeMap<String, Played>,
    /// Who leaves.
    pub leavers: Vec<LeaverNote>,
    /// The servers.
    pub servers: Vec<Server>,
    /// Other processes: connections that are kept open.
    pub processes: Vec<Process>,
    /// Native ids that servers gave out, by the names the world uses: `synapse.room.engineering`.
    pub objects: BTreeMap<String, String>,
}

impl Inventory {
    /// The lab that is recorded in `layout`, if any.
    pub fn load(layout: &Layout) -> Result<Option<Self>, LabError> {
        let path = layout.inventory();
        if !path.exists() {
            return Ok(None);
        }
        serde_json::from_str(&files::read(&path)?).map(Some).map_err(|error| LabError::Data {
            what: path.display().to_string(),
            why: format!("{error}; `cargo xtask lab reset` starts afresh"),
        })
    }

    /// Writes the description down.
    pub fn save(&self, layout: &Layout) -> Result<(), LabError> {
        let text = serde_json::to_string_pretty(self).map_err(|error| LabError::Data {
            what: "the lab's description".into(),
            why: error.to_string(),
        })?;
        files::write_private(&layout.inventory(), &(text + "\n"))
    }

    /// A server by name.
    pub fn server(&self, name: &str) -> Result<&Server, LabError> {
        self.servers.iter().find(|server| server.name == name).ok_or_else(|| unknown(name))
    }

    /// A server by name, to change.
    pub fn server_mut(&mut self, name: &str) -> Result<&mut Server, LabError> {
        self.servers.iter_mut().find(|server| server.name == name).ok_or_else(|| unknown(name))
    }

    /// A native id that a server gave out.
    pub fn object(&self, name: &str) -> Result<&str, LabError> {
        self.objects.get(name).map(String::as_str).ok_or_else(|| LabError::Data {
            what: "the lab's list of native ids".into(),
            why: format!("it has no {name}; `cargo xtask lab reset` and seed again"),
        })
    }
}

fn unknown(name: &str) -> LabError {
    LabError::Unfit(format!("there is no server {name:?} in the lab; it has ldap, postgres, synapse and aws"))
}
