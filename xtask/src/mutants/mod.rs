//! `cargo xtask mutants`: changes the engine in thousands of small ways, one at a time, and says which of them nothing notices.
//!
//! All mutants are built at once, each behind a switch that is asked at run time, so that one build serves them all. What a
//! verdict rests on has to be noticed; what is left is listed, with the reason why it changes no verdict.

mod chance;
mod dialogue;
mod find;
mod matching;
mod mutant;
mod oracle;
mod outcomes;
mod report;
mod values;
mod workplace;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::run_command::Command;
use chance::Told;
use mutant::Mutant;
use oracle::{Asker, Outcome, reached};
use outcomes::{Kept, count};
use workplace::{Workplace, read, save};

/// What is changed, and how.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Ask only about the files whose path in the engine begins so: `judge/`, `liveness/absence.rs`
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// List the mutants, and stop
    #[arg(long)]
    list: bool,
    /// Ask again about those that were left last time, and about new ones; what was noticed is taken as noticed
    #[arg(long)]
    again: bool,
    /// Ask nothing: write the page from what the last runs found, and the reasons as they are now
    #[arg(long)]
    page: bool,
    /// With `--again`: ask only the engine's tests whose names begin so, and no stories
    #[arg(long, value_delimiter = ',', requires = "again")]
    tests: Vec<String>,
    /// Generated worlds for each property, for those that nothing else noticed; 0 leaves the properties out
    #[arg(long, default_value_t = 60)]
    cases: u32,
    /// Look among so many more chance-made worlds for one that tells a mutant that is left, to be kept; 0 looks for none
    #[arg(long, default_value_t = 0)]
    worlds: u64,
    /// How many are asked about at a time
    #[arg(long, default_value_t = 2)]
    jobs: usize,
}

/// Finds, builds, asks, reports.
///
/// # Errors
/// When the engine cannot be mutated, when a test fails without any mutant, or when a survivor has no reason.
pub fn run(root: &Path, args: &Args) -> Result<(), String> {
    let place = root.join("target/mutants");
    let mut work = Workplace::new(root, &place)?;
    if args.list {
        for mutant in work.mutants.iter().filter(|mutant| args.asks_about(mutant)) {
            println!("{}:{} {}", mutant.file, mutant.line, mutant.key());
        }
        return Ok(());
    }
    let kept = Kept::new(&place.join("outcomes.jsonl"), args.again || args.page)?;
    let outcomes = if args.page { kept.outcomes(&work.mutants) } else { asked(&mut work, args, &kept)? };
    let reasons = report::reasons(&read(&root.join(report::EQUIVALENT))?)?;
    let judged = report::judge(&work.mutants, &outcomes, &reasons);
    for mutant in &judged.open {
        println!("{}:{} {}: {} ({})", mutant.file, mutant.line, mutant.function, mutant.change, mutant.nth);
    }
    for (word, many) in count(outcomes.values()) {
        println!("{many:>6} {word}");
    }
    if outcomes.len() < work.mutants.len() && !args.page {
        return Ok(());
    }
    let commit = Command::new("git", root).args(["log", "-1", "--format=%h of %cs"]).output()?;
    save(&root.join(report::PAGE), &report::page(commit.trim(), &work.mutants, &outcomes, &judged))?;
    for reason in &judged.stale {
        println!("no survivor needs this reason any more: {reason}");
    }
    match (judged.open.len(), judged.stale.len()) {
        (0, 0) => Ok(()),
        (open, stale) => Err(format!(
            "{open} survivors have no reason in {}, and {stale} reasons have no survivor",
            report::EQUIVALENT
        )),
    }
}

impl Args {
    fn asks_about(&self, mutant: &Mutant) -> bool {
        self.only.is_empty() || self.only.iter().any(|prefix| mutant.file.starts_with(prefix))
    }
}

fn asked(work: &mut Workplace, args: &Args, kept: &Kept) -> Result<BTreeMap<usize, Outcome>, String> {
    let programs = work.built(args.cases.max(1))?;
    let reached = reached(&programs, &work.tree, &args.tests)?;
    let mut known = BTreeMap::new();
    let mut todo = Vec::new();
    for (number, mutant) in work.mutants.iter().enumerate() {
        if work.unbuildable.contains(&number) {
            known.insert(number, Outcome::Unbuildable);
            continue;
        }
        let before = kept.of(mutant);
        if args.asks_about(mutant) && before.as_ref().is_none_or(Outcome::is_left) {
            todo.push(number);
        }
        known.extend(before.map(|outcome| (number, outcome)));
    }
    eprintln!("{} mutants to ask about, {} known", todo.len(), known.len());
    let notes = kept.notes(&work.mutants, known);
    let asker = || Asker::new(&programs, &work.tree, &reached);
    each(args.jobs, &todo, &asker, &|asker, number| {
        let outcome = asker.ask(number)?;
        // Some of the tests that do not notice it say nothing of the others.
        if args.tests.is_empty() || !outcome.is_left() { notes.add(number, outcome) } else { notes.pass() }
    })?;
    if args.cases > 0 {
        let left = notes.survivors(&todo);
        eprintln!("{} are left to the generated worlds", left.len());
        each(args.jobs, &left, &asker, &|asker, number| notes.add(number, asker.ask_properties(number)?))?;
    }
    if args.worlds > 0 {
        let left = notes.left(&todo);
        eprintln!("a world is looked for that tells one of {}", left.len());
        let mut tellers: BTreeMap<u64, Vec<&Mutant>> = BTreeMap::new();
        for (number, told) in chance::look(work, &programs.units, &left, args.worlds)? {
            if let Some(outcome) = told.outcome() {
                notes.add(number, outcome)?;
            }
            if let Told::World(world) = told {
                tellers.entry(world).or_default().push(&work.mutants[number]);
            }
        }
        for (world, mutants) in tellers {
            println!("world {world} tells");
            for mutant in mutants {
                println!("  {}:{} {}", mutant.file, mutant.line, mutant.key());
            }
        }
    }
    notes.done()
}

/// Asks about each, so many at a time.
fn each<'a>(
    jobs: usize,
    numbers: &[usize],
    asker: &(dyn Fn() -> Asker<'a> + Sync),
    ask: &(dyn Fn(&mut Asker<'a>, usize) -> Result<(), String> + Sync),
) -> Result<(), String> {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        let work = || {
            let mut asker = asker();
            while let Some(number) = numbers.get(next.fetch_add(1, Ordering::Relaxed)) {
                ask(&mut asker, *number)?;
            }
            Ok(())
        };
        let workers: Vec<_> = (0..jobs.max(1)).map(|_| scope.spawn(work)).collect();
        let mut ends = workers.into_iter().map(std::thread::ScopedJoinHandle::join);
        ends.try_for_each(|end| end.unwrap_or_else(|_| Err("a worker ended early".to_owned())))
    })
}
