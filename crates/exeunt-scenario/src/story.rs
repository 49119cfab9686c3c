//! The form of a story, and reading one with its company.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use exeunt_model::case::Workflow;
use exeunt_model::config::ManualLink;
use exeunt_model::manifest::Manifest;
use exeunt_model::owners::OwnerCell;
use exeunt_model::policy::Policy;
use exeunt_model::verdict::Conclusion;
use exeunt_model::{Digest, PartialReason, SystemId, Timestamp, Who};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Why a story cannot be told.
#[derive(Debug, thiserror::Error)]
pub enum StoryError {
    /// A file cannot be read.
    #[error("cannot read {path}: {error}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// A file has not the form of a story, a company or a manifest.
    #[error("{path}: {error}")]
    Form {
        /// Which.
        path: PathBuf,
        /// Why.
        error: String,
    },
    /// A part of the story is not what it should be.
    #[error("{story}: {what}")]
    Part {
        /// Which story.
        story: String,
        /// What is wrong, where.
        what: String,
    },
    /// The engine could not judge it.
    #[error("{story}: {error}")]
    Case {
        /// Which story.
        story: String,
        /// Why.
        error: exeunt_engine::CaseError,
    },
}

/// What all stories share: the people, the directory, who answers, how tickets are read.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Company {
    /// The authoritative directory.
    pub directory: SystemId,
    /// The organisation's mail domains.
    pub domains: Vec<String>,
    /// When snapshots are taken, by a word that stories use.
    pub moments: BTreeMap<String, Timestamp>,
    /// When the leaver left, where a story does not say.
    pub departed: Timestamp,
    /// The time verdicts are said for, where a story does not say.
    pub as_of: Timestamp,
    /// Who leaves, where a story does not say.
    pub leaver: Vec<Who>,
    /// The systems of every story, by name, and their connectors.
    pub systems: BTreeMap<SystemId, String>,
    /// What they show in every story that does not say otherwise of the same read.
    pub shows: Vec<Shows>,
    /// Who answers.
    pub owners: Vec<OwnerCell>,
    /// How a ticket is read.
    pub workflow: Workflow,
}

/// One story.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Story {
    /// In a few words.
    pub story: String,
    /// What happened, as somebody who was there would tell it, and what should come of it.
    pub tells: String,
    /// Who leaves; `[]` takes what the ticket says.
    #[serde(default)]
    pub leaver: Option<Vec<Who>>,
    /// When they left.
    #[serde(default)]
    pub departed: Option<Timestamp>,
    /// The time the verdict is said for.
    #[serde(default)]
    pub as_of: Option<Timestamp>,
    /// More moments, or others than the company's.
    #[serde(default)]
    pub moments: BTreeMap<String, Timestamp>,
    /// More systems.
    #[serde(default)]
    pub systems: BTreeMap<SystemId, String>,
    /// What they show.
    #[serde(default)]
    pub shows: Vec<Shows>,
    /// What could not be read.
    #[serde(default)]
    pub faults: Vec<Fault>,
    /// The ticket's documents, as records of `jira`; none means that there is no ticket.
    #[serde(default)]
    pub ticket: Option<Vec<Value>>,
    /// Cells that answer before the company's.
    #[serde(default)]
    pub owners: Vec<OwnerCell>,
    /// Whether the company's cells answer at all.
    #[serde(default = "yes")]
    pub company_owners: bool,
    /// Another way of reading tickets.
    #[serde(default)]
    pub workflow: Option<Workflow>,
    /// Policy.
    #[serde(default)]
    pub policy: Policy,
    /// Accounts tied by hand.
    #[serde(default)]
    pub links: Vec<ManualLink>,
    /// What is to be said.
    pub expect: Expect,
}

const fn yes() -> bool {
    true
}

/// Records that one read showed at some moments.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shows {
    /// The system.
    pub system: SystemId,
    /// The read, as its manifest names it.
    pub read: String,
    /// The scope, for a read that is made once for each row of another.
    #[serde(default)]
    pub scope: String,
    /// The row of the other read that the scope stands for, by its record's reference: while no record there has it, the
    /// scope is not asked for.
    #[serde(default)]
    pub row: Option<String>,
    /// At which moments; none means always.
    #[serde(default)]
    pub at: Option<Vec<String>>,
    /// Or at all moments but these.
    #[serde(default)]
    pub except: Vec<String>,
    /// The records. References are short (`account/1`), and what a record must have and says nothing here is left out.
    #[serde(default)]
    pub records: Vec<Value>,
}

/// A read that did not come out whole, or showed no control.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// The system.
    pub system: SystemId,
    /// The read; none means that the system was not read at all.
    #[serde(default)]
    pub read: Option<String>,
    /// At which moments; none means always.
    #[serde(default)]
    pub at: Option<Vec<String>>,
    /// Why the read was partial; none means that it was whole and showed no control.
    #[serde(default)]
    pub partial: Option<PartialReason>,
}

/// What a practitioner expects to be told, written before the story was judged.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// The verdict.
    pub verdict: Conclusion,
    /// Each line by id: its state, and while it is open the control point where it broke and who answers:
    /// `live 5 Platform team`, `gone`.
    pub lines: BTreeMap<String, String>,
    /// How what the ticket says compares, by line: `contradicted`, each word once.
    #[serde(default)]
    pub claims: BTreeMap<String, Vec<String>>,
    /// Codes of governance findings that have to be there; others may.
    #[serde(default)]
    pub governance: Vec<String>,
    /// Codes that must not be there.
    #[serde(default)]
    pub not_governance: Vec<String>,
    /// Control points that fail.
    #[serde(default)]
    pub failed: Vec<u8>,
    /// Accounts that are disputed.
    #[serde(default)]
    pub disputed: Vec<String>,
}

/// A story with all it needs.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The folder's name.
    pub name: String,
    /// What all stories share.
    pub company: Company,
    /// The story.
    pub story: Story,
    /// The manifests of its connectors, by their names.
    pub manifests: BTreeMap<String, (Manifest, Digest)>,
}

impl Loaded {
    /// Reads a story, its company (`company.yaml` in the folder above) and the manifests it names.
    ///
    /// # Errors
    /// When a file is missing or wrong.
    pub fn read(folder: &Path, connectors: &Path) -> Result<Self, StoryError> {
        let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let company: Company = read(&folder.join("..").join("company.yaml"))?.1;
        let story: Story = read(&folder.join("story.yaml"))?.1;
        let mut manifests = BTreeMap::new();
        for connector in company.systems.values().chain(story.systems.values()) {
            if !manifests.contains_key(connector) {
                let (text, manifest) = read(&connectors.join(connector).join("manifest.yaml"))?;
                manifests.insert(connector.clone(), (manifest, Digest::of(text.as_bytes())));
            }
        }
        Ok(Self { name, company, story, manifests })
    }
}

fn read<T: DeserializeOwned>(path: &Path) -> Result<(String, T), StoryError> {
    let text =
        std::fs::read_to_string(path).map_err(|error| StoryError::File { path: path.to_owned(), error })?;
    let value = serde_saphyr::from_str(&text)
        .map_err(|error| StoryError::Form { path: path.to_owned(), error: error.to_string() })?;
    Ok((text, value))
}
