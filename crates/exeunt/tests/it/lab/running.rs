//! The running lab: its description, and the tool that plays its story.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

use exeunt_model::Timestamp;
use serde_json::Value;

const HOW: &str = "these tests need the lab: run `cargo xtask test`, or `cargo xtask lab up` and set what \
                   `cargo xtask lab env` prints";

/// The lab, for one test alone.
pub(super) struct Lab {
    folder: PathBuf,
    tool: PathBuf,
    /// Held for as long as the lab is: tests run side by side, as threads or as processes.
    _turn: File,
}

impl Lab {
    /// Waits for its turn and puts every plug in.
    pub(super) fn take() -> Self {
        let named = |name: &str| {
            PathBuf::from(std::env::var_os(name).unwrap_or_else(|| panic!("{name} is not set; {HOW}")))
        };
        let described = named("EXEUNT_LAB");
        let folder = described.parent().expect("the lab's folder").to_owned();
        let turn = File::create(folder.join("tests.lock")).expect("the lab's folder can be written");
        turn.lock().expect("the lab's turn");
        let lab = Self { folder, tool: named("EXEUNT_LAB_TOOL"), _turn: turn };
        lab.play(&["up"]);
        lab
    }

    /// Runs `cargo xtask lab`.
    pub(super) fn play(&self, args: &[&str]) {
        let mut tool = Command::new(&self.tool);
        let done = tool
            .arg("lab")
            .arg("--dir")
            .arg(&self.folder)
            .args(args)
            .output()
            .expect("the lab's tool starts");
        assert!(done.status.success(), "lab {args:?}: {}", String::from_utf8_lossy(&done.stderr));
    }

    /// A JSON file of the lab.
    pub(super) fn file(&self, name: &str) -> Value {
        let text = std::fs::read_to_string(self.folder.join(name)).expect("the lab describes itself");
        serde_json::from_str(&text).expect("JSON")
    }

    /// One server as `lab.json` describes it.
    pub(super) fn server(&self, name: &str) -> Value {
        let lab = self.file("lab.json");
        let servers = lab["servers"].as_array().expect("servers");
        servers.iter().find(|server| server["name"] == name).expect("a server of the lab").clone()
    }

    /// How far the story is.
    pub(super) fn stage(&self) -> String {
        self.file("lab.json")["stage"].as_str().expect("a stage").to_owned()
    }

    /// When a stage began.
    pub(super) fn began(&self, stage: &str) -> Timestamp {
        let at = self.file("lab.json")["played"][stage]["started_at"].clone();
        at.as_str().expect("the stage was played").parse().expect("a time")
    }
}

/// A file of another crate's tests: an authority that signed nothing in the lab.
pub(super) fn another_authority() -> String {
    let file =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../exeunt-connectors/tests/data/tls/authority.pem");
    file.to_str().expect("a path in UTF-8").to_owned()
}
