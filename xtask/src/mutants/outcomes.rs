//! What came of each mutant, kept as it is found out, so that a run that was cut short is not lost.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::mutant::Mutant;
use super::oracle::Outcome;
use super::workplace::read;

/// What was kept of the last run, by what the mutants are known by.
pub struct Kept {
    path: PathBuf,
    before: BTreeMap<String, Outcome>,
}

impl Kept {
    /// What the file says, where it is to be believed.
    ///
    /// # Errors
    /// When there is no such file, or it has another form.
    pub fn new(path: &Path, believed: bool) -> Result<Self, String> {
        let text = if believed { read(path)? } else { String::new() };
        let line =
            |line: &str| serde_json::from_str(line).map_err(|error| format!("{}: {error}", path.display()));
        Ok(Self { path: path.to_owned(), before: text.lines().map(line).collect::<Result<_, _>>()? })
    }

    /// What came of each mutant that any run asked about.
    pub fn outcomes(&self, mutants: &[Mutant]) -> BTreeMap<usize, Outcome> {
        let each = mutants.iter().map(|mutant| self.before.get(&mutant.key()).cloned());
        each.enumerate().filter_map(|(at, outcome)| Some((at, outcome?))).collect()
    }

    /// What came of one mutant the last time, where it could be built.
    pub fn of(&self, mutant: &Mutant) -> Option<Outcome> {
        self.before.get(&mutant.key()).filter(|outcome| **outcome != Outcome::Unbuildable).cloned()
    }

    /// A place for what is found out.
    pub fn notes<'k>(&'k self, mutants: &'k [Mutant], known: BTreeMap<usize, Outcome>) -> Notes<'k> {
        Notes { path: &self.path, mutants, outcomes: Mutex::new(known), asked: AtomicUsize::new(0) }
    }
}

/// What is found out.
pub struct Notes<'k> {
    path: &'k Path,
    mutants: &'k [Mutant],
    outcomes: Mutex<BTreeMap<usize, Outcome>>,
    asked: AtomicUsize,
}

impl Notes<'_> {
    fn outcomes(&self) -> MutexGuard<'_, BTreeMap<usize, Outcome>> {
        self.outcomes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds one.
    ///
    /// # Errors
    /// When it cannot be kept.
    pub fn add(&self, number: usize, outcome: Outcome) -> Result<(), String> {
        let mut outcomes = self.outcomes();
        outcomes.insert(number, outcome);
        drop(outcomes);
        self.pass()
    }

    /// Counts one more, and keeps what is known from time to time.
    ///
    /// # Errors
    /// When it cannot be kept.
    pub fn pass(&self) -> Result<(), String> {
        let asked = self.asked.fetch_add(1, Ordering::Relaxed) + 1;
        if !asked.is_multiple_of(50) {
            return Ok(());
        }
        eprintln!("{asked} asked");
        self.keep(&self.outcomes())
    }

    /// Those of these that nothing noticed.
    pub fn survivors(&self, of: &[usize]) -> Vec<usize> {
        let outcomes = self.outcomes();
        of.iter().copied().filter(|number| outcomes.get(number) == Some(&Outcome::Survived)).collect()
    }

    /// Those of these that are left, however far they were asked about.
    pub fn left(&self, of: &[usize]) -> Vec<usize> {
        let outcomes = self.outcomes();
        of.iter().copied().filter(|number| outcomes.get(number).is_some_and(Outcome::is_left)).collect()
    }

    /// All of them, kept.
    ///
    /// # Errors
    /// When they cannot be kept.
    pub fn done(self) -> Result<BTreeMap<usize, Outcome>, String> {
        self.keep(&self.outcomes())?;
        Ok(self.outcomes.into_inner().unwrap_or_else(PoisonError::into_inner))
    }

    fn keep(&self, outcomes: &BTreeMap<usize, Outcome>) -> Result<(), String> {
        let mut out = Vec::new();
        for (number, outcome) in outcomes {
            let line = serde_json::to_string(&(self.mutants[*number].key(), outcome));
            writeln!(out, "{}", line.map_err(|error| error.to_string())?)
                .map_err(|error| error.to_string())?;
        }
        std::fs::write(self.path, out).map_err(|error| format!("writing {}: {error}", self.path.display()))
    }
}

/// How many came to what.
pub fn count<'o>(outcomes: impl IntoIterator<Item = &'o Outcome>) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for outcome in outcomes {
        let word = match outcome {
            Outcome::Unbuildable => "unbuildable",
            Outcome::NotReached => "not reached",
            Outcome::Story(_) => "noticed by stories",
            Outcome::Unit(_) => "noticed by unit tests",
            Outcome::Property(_) => "noticed by properties",
            Outcome::Hung => "hung",
            Outcome::Survived => "survived",
            Outcome::Alike(_) => "survived, and many worlds as well",
        };
        *counts.entry(word).or_default() += 1;
    }
    counts
}
