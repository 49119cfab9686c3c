//! Where the lab keeps what: one folder, thrown away by `reset`, and the installed tools beside it.

use std::path::{Path, PathBuf};

/// The folders of one lab.
#[derive(Debug, Clone)]
pub struct Layout {
    /// Everything that belongs to this lab.
    pub dir: PathBuf,
    /// Python environments; kept by `reset` and shared by labs.
    pub tools: PathBuf,
}

impl Layout {
    /// The layout of the lab in `dir`; both default to `lab-state` in the repository.
    pub fn new(dir: Option<PathBuf>, tools: Option<PathBuf>) -> std::io::Result<Self> {
        let state = Path::new(env!("CARGO_MANIFEST_DIR")).join("../lab-state");
        Ok(Self {
            dir: absolute(dir.unwrap_or_else(|| state.clone()))?,
            tools: absolute(tools.unwrap_or_else(|| state.join("tools")))?,
        })
    }

    /// The description of the running lab: what tests read.
    pub fn inventory(&self) -> PathBuf {
        self.dir.join("lab.json")
    }

    /// Passwords, tokens and keys, one to a file.
    pub fn credentials(&self) -> PathBuf {
        self.dir.join("credentials")
    }

    /// The lab's certificate authority and what it signed.
    pub fn tls(&self) -> PathBuf {
        self.dir.join("tls")
    }

    /// The files of one server.
    pub fn server(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// The log of one process.
    pub fn log(&self, process: &str) -> PathBuf {
        self.dir.join("logs").join(format!("{process}.log"))
    }

    /// A Python environment.
    pub fn venv(&self, name: &str) -> PathBuf {
        self.tools.join(name)
    }
}

/// `path` made absolute, with `..` taken out where the folder before it exists.
fn absolute(path: PathBuf) -> std::io::Result<PathBuf> {
    let path = std::path::absolute(path)?;
    let mut clean = PathBuf::new();
    for part in path.components() {
        if matches!(part, std::path::Component::ParentDir) {
            clean.pop();
        } else {
            clean.push(part);
        }
    }
    Ok(clean)
}
