//! A story, judged.

use std::collections::BTreeMap;
use std::path::Path;

use exeunt_engine::slice::{InMemory, slice};
use exeunt_engine::{Inputs, ManifestInUse, case_from_ticket, judge_case};
use exeunt_model::case::{Case, SubjectClaim};
use exeunt_model::owners::{CellPlace, OwnerRegister};
use exeunt_model::verdict::VerdictDocument;
use exeunt_model::{Digest, Snapshot, SystemId};
use serde_json::json;

use crate::records::whole;
use crate::snapshots::snapshots;
use crate::story::{Expect, Loaded, StoryError};

/// What a story comes to.
pub struct Told {
    /// The folder's name.
    pub name: String,
    /// Its title.
    pub title: String,
    /// The verdict.
    pub verdict: VerdictDocument,
    /// The snapshots it was judged from.
    pub snapshots: Vec<Snapshot>,
    /// The verdict over the slice of them for this case alone.
    pub over_slice: VerdictDocument,
    /// How many records were left out of the slice.
    pub left_out: usize,
    /// What was expected.
    pub expect: Expect,
}

impl Told {
    /// Reads and judges the story in a folder; `connectors` is where the manifests are.
    ///
    /// # Errors
    /// When a file is missing or wrong, or the engine can say nothing.
    pub fn read(folder: &Path, connectors: &Path) -> Result<Self, StoryError> {
        Self::judge(Loaded::read(folder, connectors)?)
    }

    /// Judges a story that was read.
    ///
    /// # Errors
    /// When a part of it is wrong, or the engine can say nothing.
    pub fn judge(loaded: Loaded) -> Result<Self, StoryError> {
        let part = |what: String| StoryError::Part { story: loaded.name.clone(), what };
        let systems: BTreeMap<&SystemId, &String> =
            loaded.company.systems.iter().chain(&loaded.story.systems).collect();
        let history = snapshots(&loaded, &systems).map_err(part)?;
        let in_scope: BTreeMap<SystemId, ManifestInUse<'_>> = systems
            .iter()
            .filter_map(|(system, connector)| {
                let (manifest, digest) = loaded.manifests.get(*connector)?;
                Some(((*system).clone(), ManifestInUse { manifest, digest: *digest }))
            })
            .collect();
        let workflow = loaded.story.workflow.as_ref().unwrap_or(&loaded.company.workflow);
        let as_of = loaded.story.as_of.unwrap_or(loaded.company.as_of);
        let ticket = ticket(&loaded, as_of).map_err(part)?;
        // The story's own cells take precedence over the company's.
        let mut owners = OwnerRegister::of(loaded.story.owners.clone());
        for place in &mut owners.cells {
            "story.yaml".clone_into(&mut place.file);
            place.precedence = 1;
        }
        if loaded.story.company_owners {
            let company = OwnerRegister::of(loaded.company.owners.clone());
            owners.cells.extend(
                company.cells.into_iter().map(|place| CellPlace { file: "company.yaml".to_owned(), ..place }),
            );
        }
        let said = |error| StoryError::Case { story: loaded.name.clone(), error };
        let case = match (&loaded.story.leaver, &ticket) {
            (Some(who), Some(ticket)) if who.is_empty() => {
                case_from_ticket(ticket, workflow).map_err(said)?
            }
            (who, _) => Case {
                id: "OFF-1".to_owned(),
                subject: SubjectClaim {
                    who: who.clone().unwrap_or_else(|| loaded.company.leaver.clone()),
                    said_by: "argument".to_owned(),
                },
                departed: Some(loaded.story.departed.unwrap_or(loaded.company.departed)),
                ticket_system: ticket.as_ref().map(|ticket| ticket.system.clone()),
            },
        };
        let ids: Vec<Digest> = history
            .iter()
            .map(Snapshot::id)
            .collect::<Result<_, _>>()
            .map_err(|error| part(format!("a snapshot has no digest: {error}")))?;
        let inputs = Inputs {
            case: &case,
            directory: &loaded.company.directory,
            in_scope: &in_scope,
            history: &history,
            ids: &ids,
            ticket: ticket.as_ref(),
            workflow,
            owners: &owners,
            policy: &loaded.story.policy,
            links: &loaded.story.links,
            domains: &loaded.company.domains,
            as_of,
        };
        let verdict = judge_case(&inputs).map_err(said)?;
        let cut = slice(&inputs, &[(&case, ticket.as_ref())], &InMemory::new(&history))
            .map_err(|error| said(error.into()))?;
        let over_slice = judge_case(&Inputs { history: &cut, ..inputs }).map_err(said)?;
        let left_out = records(&history) - records(&cut);
        let Loaded { name, story, .. } = loaded;
        Ok(Self {
            name,
            title: story.story,
            verdict,
            snapshots: history,
            over_slice,
            left_out,
            expect: story.expect,
        })
    }
}

fn records(history: &[Snapshot]) -> usize {
    history.iter().map(|snapshot| snapshot.records().count()).sum()
}

/// The ticket, as one complete read of its documents.
fn ticket(loaded: &Loaded, at: exeunt_model::Timestamp) -> Result<Option<Snapshot>, String> {
    let Some(documents) = &loaded.story.ticket else { return Ok(None) };
    let system = SystemId::new("jira").map_err(|error| error.to_string())?;
    let mut records = Vec::new();
    for document in documents {
        let mut document = document.clone();
        if let Some(fields) = document.as_object_mut() {
            fields.entry("record").or_insert_with(|| json!("document"));
        }
        records.push(whole(&document, &system).map_err(|why| format!("ticket: {why}"))?);
    }
    let ticket = json!({
        "version": 1, "system": "jira", "connector": "jira-cloud", "manifest": Digest::of(b"jira"), "started": at, "ended": at,
        "reads": [{"receipt": {
            "system": "jira", "read": "issue", "endpoint": "GET /rest/api/3/issue", "permission": "Browse projects",
            "pages": 1, "rows": records.len(), "statuses": [200], "started": at, "ended": at, "exchanges": [],
            "control": {"seen": "the issue"}, "outcome": "complete",
        }, "records": records}],
    });
    serde_json::from_value(ticket).map(Some).map_err(|error| error.to_string())
}
