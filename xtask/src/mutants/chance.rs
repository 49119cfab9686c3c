//! Looks for a chance-made world that is judged otherwise with a mutant on: one to keep.

use std::collections::BTreeMap;
use std::time::Duration;

use super::dialogue::{Dialogue, limited};
use super::oracle::{LIMIT, Outcome};
use super::workplace::{ENGINE, Workplace};

/// What looks, as a test beside the kept worlds.
pub const SEARCH: &str = "kept::search::search";
/// How long all worlds may take once, without any mutant.
const READY: Duration = Duration::from_mins(20);

/// What came of looking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// The first world that is judged otherwise.
    World(u64),
    /// So many came by it, and all were judged the same.
    Same(usize),
    /// It hangs in one of them, or takes the program down.
    Ends,
}

impl Told {
    /// What it says of a survivor.
    pub const fn outcome(self) -> Option<Outcome> {
        match self {
            Self::Same(0) => None,
            Self::Same(many) => Some(Outcome::Alike(many)),
            Self::World(_) | Self::Ends => Some(Outcome::Survived),
        }
    }
}

/// Looks for each of `mutants` among so many worlds, half of them in each of two programs.
///
/// # Errors
/// When the program cannot be run, or fails without any mutant.
pub fn look(
    work: &Workplace,
    units: &std::path::Path,
    mutants: &[usize],
    worlds: u64,
) -> Result<BTreeMap<usize, Told>, String> {
    let halves = mutants.split_at(mutants.len() / 2);
    std::thread::scope(|scope| {
        let other = scope.spawn(move || half(work, units, halves.0, worlds));
        let mut told = half(work, units, halves.1, worlds)?;
        told.extend(other.join().map_err(|_| "looking for worlds ended early".to_owned())??);
        Ok(told)
    })
}

fn half(
    work: &Workplace,
    units: &std::path::Path,
    mutants: &[usize],
    worlds: u64,
) -> Result<BTreeMap<usize, Told>, String> {
    let mut told = BTreeMap::new();
    let mut rest = mutants;
    while !rest.is_empty() {
        let mut program = start(work, units, rest, worlds)?;
        while let Some((mutant, others)) = rest.split_first() {
            program.say(&mutant.to_string())?;
            let answer = next(&mut program, LIMIT * 10);
            rest = others;
            let found = match answer.as_deref().map(|line| line.split_once(' ')) {
                Some(Some(("world", number))) => number.parse().map(Told::World).ok(),
                Some(Some(("same", many))) => many.parse().map(Told::Same).ok(),
                _ => None,
            };
            told.insert(*mutant, found.unwrap_or(Told::Ends));
            if told.len() % 20 == 0 {
                eprintln!("{} of {} looked for", told.len(), mutants.len());
            }
            if found.is_none() {
                break;
            }
        }
    }
    Ok(told)
}

fn start(
    work: &Workplace,
    units: &std::path::Path,
    mutants: &[usize],
    worlds: u64,
) -> Result<Dialogue, String> {
    let mut command = limited(units);
    command.args(["--exact", "--nocapture", SEARCH]).env("EXEUNT_MUTANT", "none");
    let mut program = Dialogue::start(command.current_dir(work.tree.join(ENGINE)))?;
    let asked: Vec<String> = mutants.iter().map(ToString::to_string).collect();
    program.say(&format!("{worlds} {}", asked.join(" ")))?;
    match next(&mut program, READY).as_deref() {
        Some("ready") => Ok(program),
        _ => Err("the chance-made worlds cannot be judged without any mutant".to_owned()),
    }
}

/// The next answer, among what the test harness says.
fn next(program: &mut Dialogue, limit: Duration) -> Option<String> {
    loop {
        let line = program.answer(limit)?;
        if let Some((_, answer)) = line.split_once("@ ") {
            return Some(answer.to_owned());
        }
    }
}
