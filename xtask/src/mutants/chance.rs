//! Looks for a chance-made world that is judged otherwise with a mutant on: one to keep.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
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

/// Looks for each of `mutants` among so many worlds, with two programs at a time.
///
/// # Errors
/// When the program cannot be run, or fails without any mutant.
pub fn look(
    work: &Workplace,
    units: &Path,
    mutants: &[usize],
    worlds: u64,
) -> Result<BTreeMap<usize, Told>, String> {
    let next = AtomicUsize::new(0);
    let worker = || {
        let mut told = BTreeMap::new();
        let mut program = None;
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(mutant) = mutants.get(place) else { return Ok(told) };
            let mut asked = match program.take() {
                Some(program) => program,
                None => start(work, units, mutants, worlds)?,
            };
            asked.say(&mutant.to_string())?;
            let found = found(answer(&mut asked, LIMIT * 5).as_deref());
            if found != Told::Ends {
                program = Some(asked);
            }
            told.insert(*mutant, found);
            if place.is_multiple_of(20) {
                eprintln!("{place} of {} looked for", mutants.len());
            }
        }
    };
    std::thread::scope(|scope| {
        let other = scope.spawn(worker);
        let mut told: BTreeMap<usize, Told> = worker()?;
        let more: Result<_, String> =
            other.join().map_err(|_| "looking for worlds ended early".to_owned())?;
        told.extend(more?);
        Ok(told)
    })
}

fn found(answer: Option<&str>) -> Told {
    let found = match answer.and_then(|line| line.split_once(' ')) {
        Some(("world", number)) => number.parse().map(Told::World).ok(),
        Some(("same", many)) => many.parse().map(Told::Same).ok(),
        _ => None,
    };
    found.unwrap_or(Told::Ends)
}

fn start(work: &Workplace, units: &Path, mutants: &[usize], worlds: u64) -> Result<Dialogue, String> {
    let mut command = limited(units);
    command.args(["--exact", "--nocapture", SEARCH]).env("EXEUNT_MUTANT", "none");
    let mut program = Dialogue::start(command.current_dir(work.tree.join(ENGINE)))?;
    let asked: Vec<String> = mutants.iter().map(ToString::to_string).collect();
    program.say(&format!("{worlds} {}", asked.join(" ")))?;
    match answer(&mut program, READY).as_deref() {
        Some("ready") => Ok(program),
        _ => Err("the chance-made worlds cannot be judged without any mutant".to_owned()),
    }
}

/// The next answer, among what the test harness says.
fn answer(program: &mut Dialogue, limit: Duration) -> Option<String> {
    loop {
        let line = program.answer(limit)?;
        if let Some((_, answer)) = line.split_once("@ ") {
            return Some(answer.to_owned());
        }
    }
}
