//! Traps: what a hasty reader of one system would get wrong, as stories of a leaver on its recorded answers.
//!
//! Each is a file `connectors/<system>/traps/<name>.yaml`: who leaves, what the answers look like after somebody
//! removed them half, and in which state each thing must be. The story goes through the collector, the engine and the
//! manifest as they are; only the wire is recorded.

use std::collections::BTreeMap;
use std::path::Path;

use exeunt_connectors::conformance::{Changes, Fixtures, recorded_snapshot};
use exeunt_connectors::manifest::{self, Loaded};
use exeunt_engine::{Inputs, ManifestInUse, judge_case};
use exeunt_model::case::{Case, SubjectClaim, Workflow};
use exeunt_model::owners::OwnerRegister;
use exeunt_model::policy::Policy;
use exeunt_model::record::{AccountState, JoinKey, KeyKind};
use exeunt_model::verdict::VerdictDocument;
use exeunt_model::{Snapshot, State, SurvivorKind, SystemId, Timestamp, Who};
use serde::Deserialize;
use serde_json::{Value, json};

/// One story.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trap {
    /// The truth that is easily missed, in one sentence.
    pub trap: String,
    /// Where it is written.
    pub source: String,
    /// Who leaves.
    pub leaver: Leaver,
    /// Who stays, as the directory knows them: a thing is handed over only to somebody it shows.
    #[serde(default)]
    pub colleagues: Vec<Leaver>,
    /// Settings of the manifest, beside those of the fixtures.
    #[serde(default)]
    pub settings: BTreeMap<String, String>,
    /// How the answers differed before the departure.
    #[serde(default)]
    pub before: Changes,
    /// How they differ after it.
    #[serde(default)]
    pub after: Changes,
    /// What must be said of which thing.
    pub expect: Vec<Expectation>,
    /// Kinds that must be listed as blind spots.
    #[serde(default)]
    pub blind: Vec<SurvivorKind>,
}

/// Somebody, as the company's directory knows them.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Leaver {
    /// The name.
    pub name: String,
    /// Verified addresses.
    #[serde(default)]
    pub emails: Vec<String>,
    /// Exact keys.
    #[serde(default)]
    pub keys: Vec<JoinKey>,
    /// What the directory says of their account at the end; unless said otherwise disabled for a leaver, active for a colleague.
    #[serde(default)]
    pub directory: Option<AccountState>,
}

/// What must be said of one thing.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expectation {
    /// The line's id without the system's name.
    pub id: String,
    /// Its state; `absent` when there must be no such line.
    pub state: Expected,
}

/// A state, or no line at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Expected {
    /// There must be no such line.
    Absent(Absent),
    /// The line has this state.
    Is(State),
}

/// The word for no line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Absent {
    /// No such line.
    Absent,
}

/// How a story came out.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The file's name without its ending.
    pub name: String,
    /// The truth it holds.
    pub trap: String,
    /// What was said, if anything could be.
    pub verdict: Option<VerdictDocument>,
    /// What is not as it must be; empty when all is.
    pub wrong: Vec<String>,
}

const DIRECTORY: &str = "company-directory";
const BEFORE: Timestamp = Timestamp::constant(1_795_078_800, 0);
const DEPARTED: Timestamp = Timestamp::constant(1_795_194_000, 0);
const AFTER: [Timestamp; 2] = [Timestamp::constant(1_795_251_600, 0), Timestamp::constant(1_795_424_400, 0)];
const AS_OF: Timestamp = Timestamp::constant(1_795_428_000, 0);

/// The manifest of a company's directory, as small as can be: where a connector is under test, the story is about that one.
pub const DIRECTORY_MANIFEST: &str = include_str!("traps/company-directory.yaml");

/// Reads the traps of a connector's folder; none where there is no such folder.
///
/// # Errors
/// When a file cannot be read or is not of the form; with its name.
pub fn traps(folder: &Path) -> Result<Vec<(String, Trap)>, String> {
    let folder = folder.join("traps");
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let told = |path: &Path, why: String| format!("{}: {why}", path.display());
    let mut all = Vec::new();
    for entry in std::fs::read_dir(&folder).map_err(|e| told(&folder, e.to_string()))? {
        let path = entry.map_err(|e| told(&folder, e.to_string()))?.path();
        if path.extension().is_some_and(|ext| ext == "yaml") {
            let text = std::fs::read_to_string(&path).map_err(|e| told(&path, e.to_string()))?;
            let trap = serde_saphyr::from_str(&text).map_err(|e| told(&path, e.to_string()))?;
            all.push((path.file_stem().unwrap_or_default().to_string_lossy().into_owned(), trap));
        }
    }
    all.sort_by(|(one, _), (other, _)| one.cmp(other));
    Ok(all)
}

/// Tells one story and compares.
pub async fn run(loaded: &Loaded, fixtures: &Fixtures, name: &str, trap: &Trap) -> Outcome {
    let (verdict, wrong) = match tell(loaded, fixtures, trap).await {
        Ok(verdict) => {
            let wrong = compare(loaded, trap, &verdict);
            (Some(verdict), wrong)
        }
        Err(why) => (None, vec![why]),
    };
    Outcome { name: name.to_owned(), trap: trap.trap.clone(), verdict, wrong }
}

async fn tell(loaded: &Loaded, fixtures: &Fixtures, trap: &Trap) -> Result<VerdictDocument, String> {
    let directory = manifest::load(DIRECTORY_MANIFEST, DIRECTORY).map_err(|errors| errors.to_string())?;
    let mut history = Vec::new();
    for (changes, at) in [(&trap.before, BEFORE), (&trap.after, AFTER[0]), (&trap.after, AFTER[1])] {
        history.push(recorded_snapshot(loaded, fixtures, &trap.settings, changes, at).await?);
        history.push(people(&directory, trap, at)?);
    }
    let (home, hr) = (name(&loaded.manifest.connector)?, name(DIRECTORY)?);
    let used = |loaded: &'_ Loaded| loaded.digest;
    let in_scope = BTreeMap::from([
        (home, ManifestInUse { manifest: &loaded.manifest, digest: used(loaded) }),
        (hr.clone(), ManifestInUse { manifest: &directory.manifest, digest: used(&directory) }),
    ]);
    let leaver = JoinKey { kind: KeyKind::DirectoryId, value: "leaver".to_owned(), issuer: None };
    let case = Case {
        id: "trap".to_owned(),
        subject: SubjectClaim { who: vec![Who::Key(leaver)], said_by: "the story".to_owned() },
        departed: Some(DEPARTED),
        ticket_system: None,
    };
    let (workflow, owners, policy) = (Workflow::default(), OwnerRegister::default(), Policy::default());
    judge_case(&Inputs {
        case: &case,
        directory: &hr,
        in_scope: &in_scope,
        history: &history,
        ids: &[],
        ticket: None,
        workflow: &workflow,
        owners: &owners,
        policy: &policy,
        links: &[],
        domains: &[],
        as_of: AS_OF,
    })
    .map_err(|error| error.to_string())
}

fn name(text: &str) -> Result<SystemId, String> {
    SystemId::new(text).map_err(|error| error.to_string())
}

/// What the directory shows at a time: the leaver, and that they left once they did; and who stays.
fn people(directory: &Loaded, trap: &Trap, at: Timestamp) -> Result<Snapshot, String> {
    let mut records = person("leaver", &trap.leaver, AccountState::Disabled, at);
    for (number, colleague) in trap.colleagues.iter().enumerate() {
        records.extend(person(&format!("colleague-{number}"), colleague, AccountState::Active, at));
    }
    let snapshot = json!({
        "version": Snapshot::VERSION, "system": DIRECTORY, "connector": DIRECTORY, "manifest": directory.digest,
        "started": at, "ended": at,
        "reads": [{ "receipt": {
            "system": DIRECTORY, "read": "people", "scope": "", "endpoint": "GET /people", "permission": "read",
            "pages": 1, "rows": 1, "statuses": [200], "terminal": "one page", "started": at, "ended": at,
            "exchanges": [], "control": { "seen": "a row" }, "outcome": "complete",
        }, "records": records }],
    });
    serde_json::from_value::<Snapshot>(snapshot).map(Snapshot::in_order).map_err(|error| error.to_string())
}

/// Somebody and their account.
fn person(id: &str, of: &Leaver, usual: AccountState, at: Timestamp) -> Vec<Value> {
    let emails: Vec<_> =
        of.emails.iter().map(|address| json!({ "address": address, "verified": true })).collect();
    let state = if at > DEPARTED { of.directory.unwrap_or(usual) } else { AccountState::Active };
    let kind = json!({ "kind": "human", "reason": "the directory says so" });
    vec![
        json!({ "record": "identity", "id": format!("{DIRECTORY}/identity/{id}"), "display_name": of.name,
                "emails": emails, "keys": of.keys, "kind": kind }),
        json!({ "record": "account", "id": format!("{DIRECTORY}/account/{id}"), "login": id,
                "state": state, "native_state": state, "kind": kind }),
    ]
}

fn compare(loaded: &Loaded, trap: &Trap, verdict: &VerdictDocument) -> Vec<String> {
    let system = &loaded.manifest.connector;
    let mut wrong = Vec::new();
    for Expectation { id, state } in &trap.expect {
        let id = format!("{system}:{id}");
        let line = verdict.obligations.iter().find(|line| line.id == id);
        match (state, line) {
            (Expected::Absent(_), None) => {}
            (Expected::Is(state), Some(line)) if line.state == *state => {}
            (Expected::Absent(_), Some(line)) => {
                wrong.push(format!("{id} must not be a line of this case, and is: {}", line.because));
            }
            (Expected::Is(state), Some(line)) => {
                let is = line.state;
                wrong.push(format!("{id} must be {state:?} and is {is:?}: {}", line.because));
            }
            (Expected::Is(state), None) => {
                let known: Vec<&str> = verdict.obligations.iter().map(|line| line.id.as_str()).collect();
                wrong.push(format!("{id} must be {state:?}, and there is no such line among {known:?}"));
            }
        }
    }
    if trap.expect.is_empty() && trap.blind.is_empty() {
        wrong.push("it expects nothing, so it cannot fail".to_owned());
    }
    for kind in &trap.blind {
        let listed =
            verdict.blind_spots.iter().any(|spot| spot.system.as_str() == system && spot.kind == *kind);
        if !listed {
            wrong.push(format!("{kind} must be listed among the blind spots"));
        }
    }
    wrong
}
