//! A manifest drafted from a vendor's OpenAPI description: what lists there are, how they page, which fields look like
//! what. A draft is a question and never an answer: whatever only a person can know is marked `DECIDE:`, and a manifest
//! with such a mark does not load.

mod description;
mod fields;
mod page;
mod paging;

use std::collections::BTreeMap;

use exeunt_model::SurvivorKind;
use serde_json::Value;

use description::{Description, ListOperation};
use fields::{Guess, guess};
use paging::paging;

/// What marks a place where a person has to decide. The loader refuses a manifest that still holds it.
pub const DECIDE: &str = "DECIDE:";

/// A drafted manifest, and what became of the description.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The text of `manifest.yaml`.
    pub manifest: String,
    /// The reads that were drafted: name and path.
    pub reads: Vec<(String, String)>,
    /// Lists that were left out: path and why.
    pub left_out: Vec<(String, String)>,
}

/// Why nothing could be drafted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoDraft {
    /// Not such a document.
    #[error(
        "it is no OpenAPI 3 or Swagger 2 description: it has no `paths`. Give the vendor's own file, as JSON or YAML"
    )]
    NoPaths,
    /// No list in it.
    #[error("none of its {0} GET calls answers with a list, so there is nothing to read from it")]
    NoLists(usize),
}

/// One read of the draft.
struct DraftedRead {
    name: String,
    operation: ListOperation,
    guess: Guess,
    paging: paging::Guessed,
    /// The read it runs for each row of, and what is bound: the path's placeholder, and the field of that row.
    each: Option<Bound>,
}

/// A read, and for each placeholder the field of its rows that fills it.
type Bound = (String, Vec<(String, String)>);

/// Drafts a manifest for the connector `name`.
///
/// # Errors
/// When the document is no such description, or holds no list.
pub fn draft(name: &str, document: &Value) -> Result<Draft, NoDraft> {
    let description = Description::new(document).ok_or(NoDraft::NoPaths)?;
    let operations = description.lists();
    if operations.is_empty() {
        return Err(NoDraft::NoLists(description.gets()));
    }
    let (mut reads, mut left_out): (Vec<DraftedRead>, Vec<(String, String)>) = (Vec::new(), Vec::new());
    // Shorter paths first, so that a list stands before those that run for each of its rows.
    for operation in operations.clone() {
        let beneath = format!("{}/{{", operation.path);
        let carries = || operations.iter().any(|other| other.path.starts_with(&beneath));
        let Some(guess) = guess(&operation).or_else(|| carries().then_some(Guess::Resources)) else {
            left_out.push((operation.path.clone(), "nothing in its name speaks of access".to_owned()));
            continue;
        };
        match each(&operation, &reads) {
            Err(why) => left_out.push((operation.path.clone(), why)),
            Ok(each) => {
                let name = free_name(&operation, &reads);
                let paging = paging(&operation);
                reads.push(DraftedRead { name, operation, guess, paging, each });
            }
        }
    }
    if reads.is_empty() {
        return Err(NoDraft::NoLists(description.gets()));
    }
    let mut seen: BTreeMap<SurvivorKind, Vec<&str>> = BTreeMap::new();
    for read in &reads {
        for kind in read.guess.kinds() {
            seen.entry(*kind).or_default().push(&read.name);
        }
    }
    Ok(Draft {
        manifest: page::manifest(name, &description, &reads, &seen),
        reads: reads.iter().map(|read| (read.name.clone(), read.operation.path.clone())).collect(),
        left_out,
    })
}

/// What the path's placeholders are filled from: a list whose path is the beginning of this one.
fn each(operation: &ListOperation, reads: &[DraftedRead]) -> Result<Option<Bound>, String> {
    let wanted = operation.placeholders();
    if wanted.is_empty() {
        return Ok(None);
    }
    let Some(last) = wanted.last() else { return Ok(None) };
    let before = operation.path.split(&format!("/{{{last}}}")).next().unwrap_or_default();
    let parent = reads.iter().find(|read| read.operation.path == before);
    let Some(parent) = parent else {
        return Err(format!("no list gives the values of `{{{last}}}`"));
    };
    let mut bind = Vec::new();
    for name in &wanted {
        if *name == *last {
            bind.push((name.clone(), parent.operation.key_for(name)));
        } else if let Some((_, inherited)) = &parent.each {
            // A placeholder of the parent's own path is bound by the parent's rows only where they repeat it.
            let known = inherited.iter().any(|(bound, _)| bound == name) && parent.operation.has_field(name);
            if !known {
                return Err(format!("the rows of `{before}` do not repeat `{{{name}}}`"));
            }
            bind.push((name.clone(), format!(".{name}")));
        } else {
            return Err(format!("no list gives the values of `{{{name}}}`"));
        }
    }
    Ok(Some((parent.name.clone(), bind)))
}

/// The last words of the path, with those before it where two lists end alike.
fn free_name(operation: &ListOperation, reads: &[DraftedRead]) -> String {
    let words: Vec<String> = operation
        .path
        .split('/')
        .filter(|part| !part.is_empty() && !part.starts_with('{'))
        .map(|part| {
            part.chars()
                .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' })
                .collect()
        })
        .collect();
    let name = |count: usize| words[words.len().saturating_sub(count)..].join("_");
    let free = |name: &String| reads.iter().all(|read| read.name != *name);
    (1..=words.len()).map(name).find(free).unwrap_or_else(|| format!("{}_{}", name(words.len()), reads.len()))
}

#[cfg(test)]
mod tests;
