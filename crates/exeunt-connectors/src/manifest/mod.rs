//! A manifest, read and checked: every mistake in it with file, line and a hint.
//!
//! [`load`] is the only way to a [`Loaded`], so that whatever runs a manifest may rely on it:
//! every read has a paging rule that fits its protocol, every program compiles, every name it
//! uses exists, and every survivor kind is accounted for.

mod aws;
mod check;
mod door;
mod names;
mod programs;
mod promises;
mod settings;
mod shape;
mod tree;

use std::sync::Arc;

use crate::draft::DECIDE;
use exeunt_model::Digest;
use exeunt_model::manifest::{Manifest, ReadRule};

pub use programs::{EachPrograms, PagingPrograms, Programs, ReadPrograms};
pub(crate) use settings::filled as filled_settings;
pub use settings::{BadSettings, fill as fill_settings};

/// A manifest that was read and checked.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// What it says.
    pub manifest: Arc<Manifest>,
    /// Its text, which is kept with verdicts that rest on it.
    pub text: Arc<str>,
    /// The digest of its text, as snapshots and verdicts cite it.
    pub digest: Digest,
    /// Its programs, compiled.
    pub programs: Arc<Programs>,
}

/// One mistake in a manifest.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ManifestError {
    /// The file, as given to [`load`].
    pub file: String,
    /// The line, counted from 1; the best known one.
    pub line: u64,
    /// Where in the document: `reads.members.paging`.
    pub place: String,
    /// What is wrong.
    pub says: String,
    /// What to do about it.
    pub hint: String,
}

impl std::fmt::Display for ManifestError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}: ", self.file, self.line)?;
        if !self.place.is_empty() {
            write!(f, "{}: ", self.place)?;
        }
        f.write_str(&self.says)?;
        if !self.hint.is_empty() {
            write!(f, " ({})", self.hint)?;
        }
        Ok(())
    }
}

/// All mistakes in a manifest, in order of lines.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct ManifestErrors(pub Vec<ManifestError>);

/// Collects mistakes while the document is checked.
struct Findings<'a> {
    file: &'a str,
    tree: Option<&'a tree::Node>,
    errors: Vec<ManifestError>,
}

impl Findings<'_> {
    /// Adds a mistake at `place`, a path of keys; the line is that of the deepest key that exists.
    fn add(&mut self, place: &[&str], says: impl Into<String>, hint: impl Into<String>) {
        let line = self.tree.map_or(1, |tree| tree.line_of(place));
        self.errors.push(ManifestError {
            file: self.file.to_owned(),
            line,
            place: place.join("."),
            says: says.into(),
            hint: hint.into(),
        });
    }

    fn at_line(&mut self, line: u64, place: String, says: impl Into<String>, hint: impl Into<String>) {
        let (file, says, hint) = (self.file.to_owned(), says.into(), hint.into());
        self.errors.push(ManifestError { file, line: line.max(1), place, says, hint });
    }

    fn end(mut self) -> ManifestErrors {
        self.errors.sort_by_key(|error| error.line);
        self.errors.dedup();
        ManifestErrors(self.errors)
    }
}

/// A draft asks questions; a manifest has answered them, in its comments too.
fn undecided(text: &str, findings: &mut Findings<'_>) {
    for (line, says) in (1..).zip(text.lines()) {
        if let Some((_, question)) = says.split_once(DECIDE) {
            let question: String =
                question.trim_matches([' ', '"', '\'', '}', '`']).chars().take(100).collect();
            let says = format!("this is still to be decided: {question}");
            findings.at_line(line, String::new(), says, "decide it, and take the mark out");
        }
    }
}

/// Reads and checks the text of a manifest; `file` is only named in errors.
///
/// # Errors
/// All mistakes that were found.
pub fn load(text: &str, file: &str) -> Result<Loaded, ManifestErrors> {
    let mut findings = Findings { file, tree: None, errors: Vec::new() };
    let tree = match tree::parse(text) {
        Ok(tree) => tree,
        Err(error) => {
            findings.at_line(error.line, String::new(), error.says, "it is not YAML that can be read");
            return Err(findings.end());
        }
    };
    findings.tree = Some(&tree);
    undecided(text, &mut findings);
    shape::check(&tree, &mut findings);
    let manifest = match serde_saphyr::from_str::<Manifest>(text) {
        Ok(manifest) => manifest,
        Err(error) => {
            if findings.errors.is_empty() {
                let line = error.location().map_or(1, |location| location.line());
                let says = error.without_snippet().to_string();
                findings.at_line(
                    line,
                    String::new(),
                    says,
                    "see `exeunt schema manifest` for what may stand here",
                );
            }
            return Err(findings.end());
        }
    };
    check::check(&manifest, &mut findings);
    let programs = programs::compile(&manifest, &mut findings);
    if findings.errors.is_empty() {
        let digest = Digest::of(text.as_bytes());
        let text = Arc::from(text);
        Ok(Loaded { manifest: Arc::new(manifest), text, digest, programs: Arc::new(programs) })
    } else {
        Err(findings.end())
    }
}

/// Both families of reads, each with the key it stands under.
fn families(manifest: &Manifest) -> impl Iterator<Item = (&'static str, &String, &ReadRule)> {
    let reads = manifest.reads.iter().map(|(name, rule)| ("reads", name, rule));
    reads.chain(manifest.ticket.iter().map(|(name, rule)| ("ticket", name, rule)))
}

#[cfg(test)]
pub(crate) mod tests;
