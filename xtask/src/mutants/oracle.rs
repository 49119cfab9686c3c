//! Asks the stories and the engine's tests about one mutant at a time, with a limit of time.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use super::chance::SEARCH;
use super::dialogue::{Dialogue, limited, lines};
use super::workplace::{Programs, read};

/// How long one question may take before the mutant counts as hung.
pub const LIMIT: Duration = Duration::from_mins(1);

/// What came of a mutant.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The compiler refuses it.
    Unbuildable,
    /// No test comes by it.
    NotReached,
    /// A story ends otherwise.
    Story(String),
    /// One of the engine's own tests fails.
    Unit(String),
    /// A property does not hold.
    Property(String),
    /// A test did not end.
    Hung,
    /// Nobody noticed.
    Survived,
    /// Nobody noticed, and so many chance-made worlds that came by it were judged as without it.
    Alike(usize),
}

impl Outcome {
    /// Whether nothing noticed it.
    pub const fn is_left(&self) -> bool {
        matches!(self, Self::Survived | Self::Alike(_) | Self::NotReached)
    }
}

/// One of the engine's tests, and what it comes by.
#[derive(Debug)]
pub struct Test {
    pub name: String,
    pub reaches: BTreeSet<usize>,
}

impl Test {
    /// Whether it judges generated worlds, which takes longest.
    fn is_generated(&self) -> bool {
        self.name.starts_with("properties::")
            || self.name == "slice::tests::the_verdict_is_that_over_everything"
    }
}

/// What each story and each test comes by.
#[derive(Debug, Default)]
pub struct Reached {
    pub stories: BTreeSet<usize>,
    pub tests: Vec<Test>,
}

/// Asks all of them, without any mutant, what they come by.
///
/// # Errors
/// When one of them fails already, or cannot be run.
pub fn reached(programs: &Programs, tree: &Path, only: &[String]) -> Result<Reached, String> {
    let mut reached = Reached::default();
    if only.is_empty() {
        reached.stories = by_stories(programs, tree)?;
    }
    let listed = Command::new(&programs.units)
        .args(["--list", "--format", "terse"])
        .output()
        .map_err(|error| format!("listing the engine's tests: {error}"))?;
    for line in String::from_utf8_lossy(&listed.stdout).lines() {
        let Some(name) = line.strip_suffix(": test").filter(|name| *name != SEARCH) else { continue };
        if !only.is_empty() && !only.iter().any(|prefix| name.starts_with(prefix)) {
            continue;
        }
        let path = tree.join("../reached.txt");
        let _ = std::fs::remove_file(&path);
        let run = tested(&programs.units, tree, &[name], "record", Some(&path), Duration::from_mins(15))?;
        if run != Run::Passed {
            return Err(format!("{name} fails without any mutant"));
        }
        let numbers = read(&path).unwrap_or_default();
        let reaches = numbers.lines().filter_map(|number| number.parse().ok()).collect();
        reached.tests.push(Test { name: name.to_owned(), reaches });
    }
    Ok(reached)
}

/// The program that tells the stories.
fn teller(program: &Path, tree: &Path) -> Result<Dialogue, String> {
    let folder = tree.join("scenarios");
    let entries = std::fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut stories: Vec<PathBuf> =
        entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    stories.sort();
    Dialogue::start(limited(program).arg(tree.join("connectors")).args(stories))
}

fn by_stories(programs: &Programs, tree: &Path) -> Result<BTreeSet<usize>, String> {
    let mut reached = BTreeSet::new();
    let mut teller = teller(&programs.stories, tree)?;
    teller.say("record")?;
    loop {
        let line = teller.answer(Duration::from_mins(10)).ok_or("the stories are not told")?;
        if line == "end" {
            return Ok(reached);
        }
        reached.extend(line.split(' ').skip(1).filter_map(|number| number.parse::<usize>().ok()));
    }
}

/// One that asks about mutants, one after another.
pub struct Asker<'a> {
    programs: &'a Programs,
    tree: &'a Path,
    reached: &'a Reached,
    teller: Option<Dialogue>,
}

impl<'a> Asker<'a> {
    pub fn new(programs: &'a Programs, tree: &'a Path, reached: &'a Reached) -> Self {
        Self { programs, tree, reached, teller: None }
    }

    /// What comes of one mutant by the stories and the small worlds.
    ///
    /// # Errors
    /// When a program cannot be run.
    pub fn ask(&mut self, mutant: usize) -> Result<Outcome, String> {
        if self.reached.stories.contains(&mutant) {
            let teller = match &mut self.teller {
                Some(teller) => teller,
                none => none.insert(teller(&self.programs.stories, self.tree)?),
            };
            teller.say(&mutant.to_string())?;
            match teller.answer(LIMIT) {
                Some(line) if line == "survived" => {}
                Some(line) => return Ok(Outcome::Story(line.trim_start_matches("killed ").to_owned())),
                None => {
                    // It hangs, or it took the whole program down.
                    let ended = teller.ended();
                    self.teller = None;
                    return Ok(if ended {
                        Outcome::Story("it ends the program".to_owned())
                    } else {
                        Outcome::Hung
                    });
                }
            }
        }
        if let Some(outcome) = self.tests(mutant, false)? {
            return Ok(outcome);
        }
        let asked = self.reached.stories.contains(&mutant)
            || self.reached.tests.iter().any(|test| test.reaches.contains(&mutant));
        Ok(if asked { Outcome::Survived } else { Outcome::NotReached })
    }

    /// What the generated worlds say of one that nothing else noticed.
    ///
    /// # Errors
    /// When a program cannot be run.
    pub fn ask_properties(&mut self, mutant: usize) -> Result<Outcome, String> {
        Ok(self.tests(mutant, true)?.unwrap_or(Outcome::Survived))
    }

    fn tests(&self, mutant: usize, generated: bool) -> Result<Option<Outcome>, String> {
        let tests = self.reached.tests.iter().filter(|test| test.is_generated() == generated);
        let names: Vec<&str> =
            tests.filter(|test| test.reaches.contains(&mutant)).map(|test| test.name.as_str()).collect();
        if names.is_empty() {
            return Ok(None);
        }
        Ok(match tested(&self.programs.units, self.tree, &names, &mutant.to_string(), None, LIMIT)? {
            Run::Passed => None,
            Run::Failed(name) if generated => Some(Outcome::Property(name)),
            Run::Failed(name) => Some(Outcome::Unit(name)),
            Run::Endless => Some(Outcome::Hung),
        })
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Run {
    Passed,
    Failed(String),
    Endless,
}

/// Runs some of the engine's tests until one fails.
fn tested(
    program: &Path,
    tree: &Path,
    names: &[&str],
    mutant: &str,
    note: Option<&Path>,
    limit: Duration,
) -> Result<Run, String> {
    let mut command = limited(program);
    command.args(["--exact", "--test-threads", "1"]).args(names).env("EXEUNT_MUTANT", mutant);
    command
        .env("INSTA_UPDATE", "no")
        .env("RUST_BACKTRACE", "0")
        .current_dir(tree.join("crates/exeunt-engine"));
    if let Some(path) = note {
        command.env("EXEUNT_REACHED", path);
    }
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("{}: {error}", program.display()))?;
    let lines = lines(&mut child);
    let mut latest = String::new();
    let outcome = loop {
        match lines.recv_timeout(limit) {
            Ok(line) => {
                if let Some(name) = line.strip_prefix("test ").and_then(|rest| rest.split(" ... ").next()) {
                    name.clone_into(&mut latest);
                }
                if line.ends_with("FAILED") {
                    break Run::Failed(latest);
                }
            }
            Err(std::sync::mpsc::RecvTimeoutError::Timeout) => break Run::Endless,
            Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => {
                let passed = child.wait().is_ok_and(|status| status.success());
                break if passed { Run::Passed } else { Run::Failed(latest) };
            }
        }
    };
    let _ = child.kill();
    let _ = child.wait();
    Ok(outcome)
}
