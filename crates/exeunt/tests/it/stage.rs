//! The stage: the simulated company with a state folder that knows it already, so that a test begins where it matters.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use exeunt::commands::demo::company;
use exeunt_model::verdict::{Conclusion, VerdictDocument};
use exeunt_model::{State, Timestamp};
use exeunt_sandbox::{Phase, Sandbox, World, story};
use tempfile::TempDir;

use crate::said::{Said, exeunt, program, run};

/// The demo, run once by the built program; its state folder is only read.
pub struct Told {
    dir: TempDir,
    pub said: Said,
}

impl Told {
    pub fn state(&self) -> &str {
        self.dir.path().to_str().expect("text")
    }
}

/// The demo, told once for all tests.
pub fn told() -> &'static Told {
    static TOLD: OnceLock<Told> = OnceLock::new();
    TOLD.get_or_init(|| {
        let dir = tempfile::tempdir().expect("a folder");
        let said = run(program().arg("--state").arg(dir.path()).args(["--format", "json", "demo", "--once"]));
        Told { dir, said }
    })
}

/// A copy of the demo's state folder, to change and to lock.
pub fn copied() -> TempDir {
    let to = tempfile::tempdir().expect("a folder");
    copy(Path::new(told().state()), to.path());
    to
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("a type").is_dir() {
            fs::create_dir(&target).expect("made");
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("copied");
        }
    }
}

/// The company being served, and a state folder.
pub struct Stage {
    pub sandbox: Sandbox,
    dir: TempDir,
}

/// An hour after the demo's verdict: the next time somebody looks.
pub fn next_look() -> Timestamp {
    Phase::After.now() + exeunt_model::Duration::from_hours(1)
}

impl Stage {
    /// The company a week after Mara Voss left, with all that the demo has seen.
    pub async fn after() -> Self {
        Self::on(Phase::After, next_look(), copied()).await
    }

    /// The same company, never looked at before.
    pub async fn unseen() -> Self {
        Self::on(Phase::After, next_look(), tempfile::tempdir().expect("a folder")).await
    }

    /// The company in any phase, at any time, with any state folder.
    pub async fn on(phase: Phase, now: Timestamp, dir: TempDir) -> Self {
        let sandbox = Sandbox::start(World::halden(1)).await.expect("a sandbox");
        sandbox.set_phase(phase);
        let stage = Self { sandbox, dir };
        stage.at(now);
        stage
    }

    /// Lets it be `now` for every command.
    pub fn at(&self, now: Timestamp) {
        company::write(self.dir.path(), &self.sandbox, now).expect("written");
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn state(&self) -> &str {
        self.dir.path().to_str().expect("text")
    }

    /// Changes the configuration; the text to change has to be there.
    pub fn edit(&self, from: &str, to: &str) {
        let path = self.path("exeunt.yaml");
        let text = fs::read_to_string(&path).expect("a configuration");
        assert!(text.contains(from), "no `{from}` in the configuration");
        fs::write(path, text.replace(from, to)).expect("written");
    }

    /// Runs a command on this state.
    pub async fn run(&self, args: &[&str]) -> Said {
        let mut all = vec!["--state", self.state()];
        all.extend(args);
        exeunt(&all).await
    }

    /// Verifies the leaver's ticket.
    pub async fn verify(&self) -> Said {
        self.run(&["--format", "json", "verify", story::TICKET]).await
    }
}

/// The ids of a verdict's lines in a state.
pub fn ids(verdict: &VerdictDocument, state: State) -> BTreeSet<&str> {
    verdict.obligations.iter().filter(|o| o.state == state).map(|o| o.id.as_str()).collect()
}

/// A bad day adds nothing to what is proven gone, and proves nothing clear.
pub fn nothing_became_gone(verdict: &VerdictDocument) {
    let clean = told().said.verdict();
    let before = ids(&clean, State::Gone);
    let more: Vec<_> = ids(verdict, State::Gone).difference(&before).map(ToString::to_string).collect();
    assert_eq!(more, Vec::<String>::new(), "gone, because it could not be seen");
    assert_ne!(verdict.verdict, Conclusion::Clear);
}
