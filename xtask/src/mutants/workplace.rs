//! A copy of the tree in the build folder, in which the engine holds every mutant at once, switched off.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::find::{Found, find};
use super::mutant::{Mutant, Rewritten, Site, rewrite};
use crate::files::has_extension;
use crate::run_command::{Command, Stream};

/// Where the engine's code is, from the root.
pub const ENGINE: &str = "crates/exeunt-engine/src";

const SWITCH: &str = include_str!("switch.rs");
/// Where the switch is put, in the engine's `src`.
const SWITCH_FILE: &str = "/mutant.rs";
const DRIVER: &str = include_str!("driver.rs");
/// What looks for worlds, and where it is put.
const SEARCH: &str = include_str!("search.rs");
const SEARCH_FILE: &str = "kept/search.rs";

/// The copy, and the programs that were built in it.
pub struct Workplace {
    pub tree: PathBuf,
    build: PathBuf,
    pub mutants: Vec<Mutant>,
    files: BTreeMap<String, (String, Vec<Site>)>,
    /// Mutants that the compiler refuses.
    pub unbuildable: BTreeSet<usize>,
    /// Functions that have to stay `const`.
    constant: BTreeSet<String>,
}

/// The programs that tell a mutant from the engine.
#[derive(Debug, Default)]
pub struct Programs {
    pub stories: PathBuf,
    pub units: PathBuf,
}

impl Workplace {
    /// Copies the tree and finds what can be changed.
    ///
    /// # Errors
    /// When git cannot list the tree, or a file cannot be copied or parsed.
    pub fn new(root: &Path, place: &Path) -> Result<Self, String> {
        let tree = place.join("tree");
        copy(root, &tree)?;
        let mut found = Found::default();
        let mut files = BTreeMap::new();
        let mut tests: BTreeSet<String> = BTreeSet::new();
        let mut paths = Vec::new();
        list(&root.join(ENGINE), "", &mut paths)?;
        for path in paths {
            let module = path.trim_end_matches(".rs").trim_end_matches("/mod");
            if tests.iter().any(|test| module == test || module.starts_with(&format!("{test}/"))) {
                continue;
            }
            let folder = if module == "lib" { String::new() } else { format!("{module}/") };
            let source = read(&root.join(ENGINE).join(&path))?;
            let (sites, modules) = find(&path, &source, &mut found)?;
            tests.extend(modules.into_iter().map(|name| format!("{folder}{name}")));
            files.insert(path, (source, sites));
        }
        Ok(Self {
            tree,
            build: place.join("build"),
            mutants: found.mutants,
            files,
            unbuildable: BTreeSet::new(),
            constant: BTreeSet::new(),
        })
    }

    /// Writes the mutated engine and builds it, leaving out what does not compile.
    ///
    /// # Errors
    /// When something else than a mutant does not compile.
    pub fn built(&mut self, cases: u32) -> Result<Programs, String> {
        self.drivers(cases)?;
        for round in 1..40 {
            let written = self.write()?;
            let messages = self.cargo(&["check", "-p", "exeunt-engine"])?;
            let refused = self.refused(&messages, &written)?;
            if refused == 0 {
                return self.programs();
            }
            eprintln!("round {round}: {refused} mutants do not compile");
        }
        Err("the mutated engine does not compile after 40 rounds".to_owned())
    }

    fn drivers(&self, cases: u32) -> Result<(), String> {
        let examples = self.tree.join("crates/exeunt-scenario/examples");
        save(&examples.join("mutants.rs"), DRIVER)?;
        save(&self.tree.join(format!("{ENGINE}{SWITCH_FILE}")), SWITCH)?;
        let engine = self.tree.join(ENGINE);
        save(&engine.join(SEARCH_FILE), SEARCH)?;
        let kept = read(&engine.join("kept/mod.rs"))?;
        if !kept.contains("mod search;") {
            save(&engine.join("kept/mod.rs"), &kept.replace("\nmod things;", "\nmod search;\nmod things;"))?;
        }
        // As many generated worlds as there is time for.
        for path in ["properties/mod.rs", "slice/tests.rs"] {
            let path = self.tree.join(ENGINE).join(path);
            let fewer: Vec<String> = read(&path)?
                .lines()
                .map(|line| {
                    let of_cases = line.trim().starts_with("cases: ") && line.ends_with("00,");
                    if of_cases { format!("cases: {cases},") } else { line.to_owned() }
                })
                .collect();
            save(&path, &fewer.join("\n"))?;
        }
        Ok(())
    }

    fn write(&self) -> Result<BTreeMap<String, Rewritten>, String> {
        let mut written = BTreeMap::new();
        for (path, (source, sites)) in &self.files {
            let sites: Vec<Site> =
                sites.iter().filter(|site| !self.stays_constant(source, site)).cloned().collect();
            let mut new = rewrite(source, &sites, &|mutant| self.unbuildable.contains(&mutant));
            if path == "lib.rs" {
                new.text.push_str("\n#[allow(missing_docs)]\npub mod mutant;\n");
            }
            save(&self.tree.join(ENGINE).join(path), &new.text)?;
            written.insert(path.clone(), new);
        }
        Ok(written)
    }

    fn stays_constant(&self, source: &str, site: &Site) -> bool {
        let after = &source[site.range.end..];
        let name = after.split("fn ").nth(1).and_then(|rest| rest.split(['(', '<']).next());
        site.mutants.is_empty() && name.is_some_and(|name| self.constant.contains(name))
    }

    fn cargo(&self, args: &[&str]) -> Result<Vec<Message>, String> {
        let mut messages = Vec::new();
        // What does not compile is in the messages.
        let _ = Command::new(env!("CARGO"), &self.tree)
            .env("CARGO_TARGET_DIR", &self.build.to_string_lossy())
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            .env("CARGO_PROFILE_DEV_OPT_LEVEL", "1")
            .args(args.iter().copied())
            .args(["--offline", "--quiet", "--message-format=json"])
            .watch(Stream::Output, |line| messages.extend(serde_json::from_str::<Message>(line)))?;
        Ok(messages)
    }

    /// Notes which mutants the compiler refused, and says how many.
    fn refused(
        &mut self,
        messages: &[Message],
        written: &BTreeMap<String, Rewritten>,
    ) -> Result<usize, String> {
        let before = self.unbuildable.len() + self.constant.len();
        let mut elsewhere = Vec::new();
        for message in messages.iter().filter_map(|message| message.message.as_ref()) {
            if message.level != "error" || message.spans.is_empty() {
                continue;
            }
            if message.code.as_ref().is_some_and(|code| code.code == "E0015") {
                let name = message.message.split('`').nth(1).and_then(|path| path.rsplit("::").next());
                let name = name.unwrap_or_default().to_owned();
                let of_it = |mutant: &Mutant| mutant.function.rsplit("::").next() == Some(&name);
                self.unbuildable.extend((0..self.mutants.len()).filter(|at| of_it(&self.mutants[*at])));
                self.constant.insert(name);
                continue;
            }
            let mut hit = false;
            for span in message.spans.iter().filter(|span| span.is_primary) {
                let file = span.file_name.rsplit_once("exeunt-engine/src/").map_or("", |(_, path)| path);
                let Some(new) = written.get(file) else { continue };
                let inner = new
                    .spans
                    .iter()
                    .filter(|(range, mutants)| {
                        !mutants.is_empty() && range.start <= span.byte_start && span.byte_end <= range.end
                    })
                    .min_by_key(|(range, _)| range.len());
                if let Some((_, mutants)) = inner {
                    self.unbuildable.extend(mutants);
                    hit = true;
                }
            }
            if !hit {
                elsewhere.push(message.rendered.clone().unwrap_or_default());
            }
        }
        let after = self.unbuildable.len() + self.constant.len();
        if after == before && !elsewhere.is_empty() {
            return Err(format!("the mutated engine does not compile:\n{}", elsewhere.join("\n")));
        }
        Ok(after - before)
    }

    fn programs(&self) -> Result<Programs, String> {
        let mut programs = Programs::default();
        let units = self.cargo(&["test", "--no-run", "-p", "exeunt-engine", "--lib"])?;
        let stories = self.cargo(&["build", "-p", "exeunt-scenario", "--example", "mutants"])?;
        for (messages, program) in [(units, &mut programs.units), (stories, &mut programs.stories)] {
            let built = messages.iter().rev().find_map(|message| message.executable.clone());
            *program = built.ok_or_else(|| {
                let errors = messages.iter().filter_map(|message| message.message.as_ref()?.rendered.clone());
                format!("the mutated engine does not build:\n{}", errors.collect::<String>())
            })?;
        }
        Ok(programs)
    }
}

/// A line of Cargo's JSON, as far as it is needed.
#[derive(Debug, Deserialize)]
struct Message {
    #[serde(default)]
    message: Option<Said>,
    #[serde(default)]
    executable: Option<PathBuf>,
}

#[derive(Debug, Deserialize)]
struct Said {
    level: String,
    message: String,
    code: Option<Code>,
    spans: Vec<Span>,
    rendered: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Code {
    code: String,
}

#[derive(Debug, Deserialize)]
struct Span {
    file_name: String,
    byte_start: usize,
    byte_end: usize,
    is_primary: bool,
}

/// Copies what git tracks, and what is new, leaving alone what is the same already.
fn copy(root: &Path, tree: &Path) -> Result<(), String> {
    let listed = Command::new("git", root)
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .output()?;
    let listed: BTreeSet<&str> = listed.split('\0').filter(|path| root.join(path).is_file()).collect();
    for path in &listed {
        let bytes = std::fs::read(root.join(path)).map_err(|error| format!("reading {path}: {error}"))?;
        save_bytes(&tree.join(path), &bytes)?;
    }
    // What was moved away since the last time would stand there twice.
    for folder in [ENGINE, "scenarios"].map(|folder| tree.join(folder)) {
        for path in files_of(&folder)? {
            let name = path.strip_prefix(tree).unwrap_or(&path).to_string_lossy().into_owned();
            if !listed.contains(name.as_str())
                && ![SWITCH_FILE, SEARCH_FILE].iter().any(|file| name.ends_with(file))
            {
                std::fs::remove_file(&path).map_err(|error| format!("removing {name}: {error}"))?;
            }
        }
    }
    Ok(())
}

fn files_of(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = std::fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut files = Vec::new();
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            files.extend(files_of(&path)?);
        } else {
            files.push(path);
        }
    }
    Ok(files)
}

fn list(folder: &Path, before: &str, paths: &mut Vec<String>) -> Result<(), String> {
    let entries = std::fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut names: Vec<OsString> = entries.flatten().map(|entry| entry.file_name()).collect();
    // A folder's `mod.rs`, and `lib.rs`, say which of the others are for tests: they come first.
    names
        .sort_by_key(|name| (name != "lib.rs" && name != "mod.rs", folder.join(name).is_dir(), name.clone()));
    for name in names {
        let full = folder.join(&name);
        let path = format!("{before}{}", name.to_string_lossy());
        if full.is_dir() {
            list(&full, &format!("{path}/"), paths)?;
        } else if has_extension(&path, "rs") {
            paths.push(path);
        }
    }
    Ok(())
}

/// A file's text.
///
/// # Errors
/// When it cannot be read.
pub fn read(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("reading {}: {error}", path.display()))
}

/// Writes a file where it is not so already, so that nothing is built anew for it.
///
/// # Errors
/// When it cannot be written.
pub fn save(path: &Path, text: &str) -> Result<(), String> {
    save_bytes(path, text.as_bytes())
}

fn save_bytes(path: &Path, bytes: &[u8]) -> Result<(), String> {
    if std::fs::read(path).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    let parent = path.parent().unwrap_or(path);
    std::fs::create_dir_all(parent)
        .and_then(|()| std::fs::write(path, bytes))
        .map_err(|error| format!("writing {}: {error}", path.display()))
}
