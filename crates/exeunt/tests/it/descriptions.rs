//! Every connector with a vendor's description of its API beside it (`connectors/<system>/contract.json`) is held to
//! it: what it asks is described there, its recorded answers have the described shape, and answers made up from the
//! description, with its optional and nullable corners, are read without loss.

mod made_up;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use exeunt_model::manifest::{Manifest, ReadRule};
use exeunt_model::{Outcome, PartialReason};
use exeunt_sandbox::contract::Contract;
use exeunt_service::connectors::conformance::{Fixture, Played, Recorded, Sequence, fixtures};
use exeunt_service::connectors::manifest::{Loaded, load};
use exeunt_service::connectors::protocol::Ask;
use serde_json::Value;

use made_up::{Corner, made_up};

/// The folders of connectors, in order: those of this repository, or of the folder that `EXEUNT_CONNECTORS` names, so
/// that connectors kept elsewhere are held to the same.
pub fn folders() -> Vec<PathBuf> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../connectors");
    let all = std::env::var_os("EXEUNT_CONNECTORS").map_or(own, PathBuf::from);
    let entries = fs::read_dir(all).expect("the connectors").map(|entry| entry.expect("an entry").path());
    let mut folders: Vec<PathBuf> = entries.filter(|path| path.join("manifest.yaml").is_file()).collect();
    folders.sort();
    folders
}

/// A connector, its answers and its vendor's description.
struct Described {
    loaded: Loaded,
    contract: Contract,
    /// Reads whose call the description does not hold, with the reason.
    beyond: BTreeMap<String, String>,
    /// Rules that recorded answers are known to break, with the reason: descriptions have mistakes.
    mistakes: Vec<(String, String)>,
}

impl Described {
    fn of(folder: &Path, settings: &BTreeMap<String, String>) -> Option<Self> {
        let text = fs::read_to_string(folder.join("contract.json")).ok()?;
        let document: Value = serde_json::from_str(&text).expect("JSON");
        let loaded = loaded(folder);
        let base = document["basePath"].as_str().or_else(|| document["servers"][0]["url"].as_str());
        let mut prefix = base.unwrap_or_default().trim_end_matches('/').to_owned();
        if let Some((_, rest)) = prefix.split_once("://") {
            prefix = rest.find('/').map_or_else(String::new, |at| rest[at..].to_owned());
        }
        for (name, value) in settings {
            prefix = prefix.replace(&format!("{{{name}}}"), value);
        }
        let list = |name: &str| -> BTreeMap<String, String> {
            serde_json::from_value(document[name].clone()).unwrap_or_default()
        };
        Some(Self {
            contract: Contract::parse(&text, &prefix).expect("a description"),
            loaded,
            beyond: list("x-beyond"),
            mistakes: list("x-mistakes").into_iter().collect(),
        })
    }

    fn forgiven(&self, told: &str) -> bool {
        self.mistakes.iter().any(|(part, _)| told.contains(part.as_str()))
    }
}

fn loaded(folder: &Path) -> Loaded {
    let file = folder.join("manifest.yaml");
    load(&fs::read_to_string(&file).expect("a manifest"), &file.display().to_string()).expect("loads")
}

fn reads(manifest: &Manifest) -> impl Iterator<Item = (bool, &String, &ReadRule)> {
    let own = manifest.reads.iter().map(|(name, rule)| (false, name, rule));
    own.chain(manifest.ticket.iter().map(|(name, rule)| (true, name, rule)))
}

/// The path and the decoded query of a target.
fn parts(target: &str) -> (String, Vec<(String, String)>) {
    let url = url::Url::parse("https://vendor.example").and_then(|base| base.join(target)).expect("a target");
    let query = url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
    (url.path().to_owned(), query)
}

/// A connector that asks for what the vendor does not have, or is tested on answers the vendor never gives, proves
/// nothing about the vendor.
#[tokio::test]
async fn every_described_connector_keeps_to_its_vendors_description() {
    let (mut wrong, mut held, mut whole) = (BTreeSet::new(), BTreeMap::new(), 0_usize);
    for folder in folders() {
        let recorded = fixtures(&folder.join("fixtures")).expect("fixtures");
        let manifest = loaded(&folder).manifest;
        let mut settings = BTreeMap::new();
        for fixture in recorded.values() {
            settings.extend(fixture.settings(&manifest));
        }
        let Some(described) = Described::of(&folder, &settings) else { continue };
        let name = described.loaded.manifest.connector.clone();
        for (ticket, read, rule) in reads(&described.loaded.manifest) {
            let fixture = recorded.get(read).cloned().unwrap_or_default();
            let scopes = fixture.by_scope(rule);
            let bound = scopes.first().map(|(bound, _)| bound.clone()).unwrap_or_default();
            let loaded = &described.loaded;
            let played = Played { loaded, read, rule, ticket, bound: &bound, settings: &settings };
            let Some((method, path, told)) = asked(&described, played, &mut wrong) else { continue };
            *held.entry(name.clone()).or_insert(0_usize) += 1;
            wrong.extend(told);
            recorded_answers(&described, &fixture, rule, (&name, read, &method, &path), &mut wrong);
            whole += made_up_answers(&described, played, &method, &path, &mut wrong).await;
        }
    }
    println!("calls held by connector: {held:?}; answers made up and read whole: {whole}");
    assert!(!held.is_empty(), "nothing was held against a description");
    assert!(
        wrong.is_empty(),
        "{} departures:\n{}",
        wrong.len(),
        wrong.into_iter().collect::<Vec<_>>().join("\n")
    );
}

/// What the read asks, held against the description; nothing for a call that is beyond it.
fn asked(
    described: &Described,
    played: Played<'_>,
    wrong: &mut BTreeSet<String>,
) -> Option<(String, String, Vec<String>)> {
    let (name, read) = (&described.loaded.manifest.connector, played.read);
    let ask = played.first_ask().expect("an ask");
    let Ask::Http { method, target, body, .. } = ask else { return None };
    let method = serde_json::to_value(method).expect("a method").as_str().unwrap_or_default().to_owned();
    let (path, query) = parts(&target);
    let known = described.contract.describes(&method, &path);
    match (known, described.beyond.contains_key(read)) {
        (false, true) => return None,
        (true, true) => {
            wrong.insert(format!("{name}/{read}: it is described, and listed as beyond it"));
        }
        (false, false) => {
            wrong.insert(format!("{name}/{read}: the description has no {method} {path}"));
            return None;
        }
        (true, false) => {}
    }
    let body = body.map(|body| serde_json::to_vec(&body).expect("JSON"));
    let told = described.contract.validate_call(&method, &path, &query, body.as_deref());
    let told = told.iter().map(|violation| format!("{name}/{read} asks: {violation}"));
    let told = told.filter(|told| !described.forgiven(told)).collect();
    Some((method, path, told))
}

fn recorded_answers(
    described: &Described,
    fixture: &Fixture,
    rule: &ReadRule,
    (name, read, method, path): (&str, &str, &str, &str),
    wrong: &mut BTreeSet<String>,
) {
    for (_, pages) in fixture.by_scope(rule) {
        for page in pages.iter().filter(|page| page.status < 300) {
            for violation in described.contract.validate_response(method, path, page.status, &page.body) {
                let told = format!("{name}/{read} is recorded: {violation}");
                if !described.forgiven(&told) {
                    wrong.insert(told);
                }
            }
        }
    }
}

/// Reads answers made up from the description, and says how many of them became records in full. One that lacks what
/// the manifest requires may be refused; it must never become fewer rows.
async fn made_up_answers(
    described: &Described,
    played: Played<'_>,
    method: &str,
    path: &str,
    wrong: &mut BTreeSet<String>,
) -> usize {
    let Some(schema) = described.contract.answer_schema(method, path) else { return 0 };
    let mut whole = 0;
    for corner in Corner::ALL {
        let body = made_up(&described.contract, schema, corner);
        let page = Recorded { status: 200, headers: BTreeMap::new(), body, cookie: String::new() };
        let sequence = Sequence::of(vec![Ok(page.answer())]);
        let ended = played.on(&sequence).await.expect("it ends in a receipt");
        let told = |what: &str| {
            format!("{}/{} on a {corner:?} answer: {what}", described.loaded.manifest.connector, played.read)
        };
        let told = match ended.outcome {
            Outcome::Complete
                if ended.rows > 0 && ended.records.is_empty() && played.rule.may_skip.is_none() =>
            {
                told(&format!("{} rows became nothing", ended.rows))
            }
            Outcome::Complete => {
                whole += 1;
                continue;
            }
            // What the manifest requires may be optional to the vendor; then the read says so.
            Outcome::Partial { reason: PartialReason::SchemaChanged, .. } if corner != Corner::Full => {
                continue;
            }
            Outcome::Partial { reason: PartialReason::SchemaChanged, detail } => told(&detail),
            // A made-up cursor or total leads on to pages that are not there.
            Outcome::Partial { .. } => continue,
        };
        if !described.forgiven(&told) {
            wrong.insert(told);
        }
    }
    whole
}
