//! `cargo xtask check`: the repository's rules, one file a rule, all of them in one slice.

mod budget;
mod connector_folders;
mod dependencies;
mod doc_paths;
mod drift;
mod edges;
mod finding;
mod headers;
mod house_files;
mod machine_paths;
mod map;
mod marks;
mod purity;
mod reasons;
mod room_names;
mod shared_lints;
mod transcripts;

use std::path::{Path, PathBuf};

use crate::files::Files;
use crate::metadata::Metadata;

pub use finding::Report;

/// What the rules look at.
#[derive(Debug, Default)]
pub struct World {
    /// The repository's root; only rules that run programs need it.
    pub root: PathBuf,
    /// The repository's files.
    pub files: Files,
    /// What Cargo knows of the workspace.
    pub metadata: Metadata,
}

impl World {
    /// Reads the repository at `root`.
    ///
    /// # Errors
    /// When git or Cargo cannot answer, or a file cannot be read.
    pub fn read(root: &Path) -> Result<Self, String> {
        Ok(Self { root: root.to_owned(), files: Files::read(root)?, metadata: Metadata::read(root)? })
    }

    /// A small world of files for a test.
    #[cfg(test)]
    fn of(files: &[(&str, &str)]) -> Self {
        Self { files: Files::of(files), ..Self::default() }
    }
}

/// One rule of the repository.
#[derive(Debug)]
struct Rule {
    /// Its name, as `--only` takes it.
    name: &'static str,
    /// What it demands, in one sentence.
    says: &'static str,
    /// The rule itself.
    check: Check,
}

/// How a rule is decided.
#[derive(Debug)]
enum Check {
    /// From what was read of the repository.
    Read(fn(&World) -> Report),
    /// By running programs. An `Err` means that it could not be decided, which fails the check like a finding.
    Run(fn(&World) -> Result<Report, String>),
}

/// All rules, quick ones first.
const RULES: &[Rule] = &[
    Rule {
        name: "house-files",
        says: "the files a stranger looks for exist",
        check: Check::Read(house_files::check),
    },
    Rule {
        name: "headers",
        says: "every source file begins with a //! that says what lives there",
        check: Check::Read(headers::check),
    },
    Rule {
        name: "room-names",
        says: "no module is called utils, common, helpers, manager or misc",
        check: Check::Read(room_names::check),
    },
    Rule {
        name: "budget",
        says: "no source file over 800 lines, half of them within 150",
        check: Check::Read(budget::check),
    },
    Rule {
        name: "marks",
        says: "no todo!, unimplemented!, dbg! or #[ignore]",
        check: Check::Read(marks::check),
    },
    Rule {
        name: "reasons",
        says: "every #[allow] and #[expect] gives its reason",
        check: Check::Read(reasons::check),
    },
    Rule {
        name: "shared-lints",
        says: "every crate takes the workspace's lints",
        check: Check::Read(shared_lints::check),
    },
    Rule {
        name: "edges",
        says: "crates depend on one another one way only",
        check: Check::Read(edges::check),
    },
    Rule {
        name: "purity",
        says: "the engine and the model know no clock, chance, disk or network",
        check: Check::Read(purity::check),
    },
    Rule {
        name: "connector-folders",
        says: "every connector folder has the same file names",
        check: Check::Read(connector_folders::check),
    },
    Rule {
        name: "map",
        says: "every crate is on the map in ARCHITECTURE.md",
        check: Check::Read(map::check),
    },
    Rule {
        name: "doc-paths",
        says: "every repository path in the documentation resolves",
        check: Check::Read(doc_paths::check),
    },
    Rule {
        name: "transcripts",
        says: "transcripts in pages are cut from a generated file",
        check: Check::Read(transcripts::check),
    },
    Rule {
        name: "machine-paths",
        says: "no path of one machine and no registry host in the tree",
        check: Check::Read(machine_paths::check),
    },
    Rule {
        name: "drift",
        says: "generated files are what the program generates now",
        check: Check::Run(drift::check),
    },
    Rule {
        name: "dependencies",
        says: "licences, duplicates and sources of dependencies are as deny.toml allows",
        check: Check::Run(dependencies::check),
    },
];

/// Which rules to check.
#[derive(Debug, Default, clap::Args)]
pub struct Args {
    /// Check only this rule; may be given more than once
    #[arg(long, value_name = "RULE", value_parser = clap::builder::PossibleValuesParser::new(RULES.iter().map(|rule| rule.name)))]
    only: Vec<String>,
    /// Name the rules and what each demands, and check nothing
    #[arg(long)]
    list: bool,
}

/// Checks the rules and prints what they found.
///
/// # Errors
/// When a rule is broken or could not be decided.
pub fn run(root: &Path, args: &Args) -> Result<(), String> {
    if args.list {
        for rule in RULES {
            println!("{:<18} {}", rule.name, rule.says);
        }
        return Ok(());
    }
    let world = World::read(root)?;
    let chosen = |rule: &&Rule| args.only.is_empty() || args.only.iter().any(|name| name == rule.name);
    let mut broken = Vec::new();
    for rule in RULES.iter().filter(chosen) {
        let report = match rule.check {
            Check::Read(check) => Ok(check(&world)),
            Check::Run(check) => check(&world),
        };
        print_report(rule, &report);
        if !report.is_ok_and(|report| report.findings.is_empty()) {
            broken.push(rule.name);
        }
    }
    if broken.is_empty() {
        Ok(())
    } else {
        Err(format!(
            "rules broken: {}; run one alone with `cargo xtask check --only RULE`",
            broken.join(", ")
        ))
    }
}

fn print_report(rule: &Rule, report: &Result<Report, String>) {
    match report {
        Ok(report) => {
            let verdict = if report.findings.is_empty() { "ok" } else { "BROKEN" };
            println!("{verdict:<7} {:<18} {}", rule.name, rule.says);
            for finding in &report.findings {
                println!("        {finding}");
            }
            for note in &report.notes {
                println!("        note: {note}");
            }
        }
        Err(why) => println!("BROKEN  {:<18} could not be decided: {why}", rule.name),
    }
}

#[cfg(test)]
mod tests {
    use super::RULES;

    #[test]
    fn rule_names_are_distinct() {
        let mut names: Vec<&str> = RULES.iter().map(|rule| rule.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), RULES.len());
    }
}
