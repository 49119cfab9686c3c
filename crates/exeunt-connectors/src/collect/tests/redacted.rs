//! No credential that a system shows is in anything a collection leaves, and what is left maps to the same records.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;

use exeunt_model::SystemId;
use exeunt_model::manifest::{Protocol as Kind, ReadRule};

use crate::collect::page::read;
use crate::collect::scope::{Scope, reading};
use crate::collect::{Edges, Family, Job, Quiet, Stop, run_scope};
use crate::conformance::{FixedClock, MemoryShelf, Recorded, Sequence, fixtures, planted};
use crate::manifest::{Loaded, load};
use crate::mapper::Subject;
use crate::protocol::Page;
use crate::redact::{FingerprintKey, Named, Redactor};

/// One recorded read in one scope.
struct Case {
    loaded: Arc<Loaded>,
    ticket: bool,
    name: String,
    rule: ReadRule,
    settings: BTreeMap<String, String>,
    bound: BTreeMap<String, String>,
    pages: Vec<Recorded>,
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let folders = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../connectors");
    for entry in std::fs::read_dir(folders).expect("the connectors' folder") {
        let folder = entry.expect("an entry").path();
        let Ok(text) = std::fs::read_to_string(folder.join("manifest.yaml")) else { continue };
        let loaded = Arc::new(load(&text, &folder.display().to_string()).expect("a manifest"));
        let recorded = fixtures(&folder.join("fixtures")).expect("fixtures");
        let families = [(false, &loaded.manifest.reads), (true, &loaded.manifest.ticket)];
        for (ticket, name, rule) in
            families.iter().flat_map(|(t, reads)| reads.iter().map(|(n, r)| (*t, n, r)))
        {
            let Some(fixture) = recorded.get(name) else { continue };
            for (bound, pages) in fixture.by_scope(rule).into_iter().take(1) {
                let settings = fixture.settings(&loaded.manifest);
                let (loaded, name, rule) = (Arc::clone(&loaded), name.clone(), rule.clone());
                cases.push(Case { loaded, ticket, name, rule, settings, bound, pages });
            }
        }
    }
    assert!(cases.len() > 200, "{} recorded reads", cases.len());
    cases
}

impl Case {
    fn home(&self) -> SystemId {
        SystemId::new(self.loaded.manifest.connector.clone()).expect("a name")
    }

    fn issue(&self) -> Option<&'static str> {
        self.ticket.then_some("OFF-142")
    }

    /// Everything that a collection of these pages leaves: bodies, notes, records, receipt, errors.
    async fn left(&self, pages: &[Recorded]) -> Vec<Vec<u8>> {
        let answers = pages.iter().map(|page| {
            let mut answer = page.answer();
            // Pages of HTTP are read where they are mapped, as in a real collection.
            if self.loaded.manifest.protocol == Kind::Http && page.status == 200 {
                answer.page = Page::OfBody;
            }
            Ok(answer)
        });
        let protocol = Sequence::of(answers.collect());
        let (shelf, clock, stop) = (Arc::new(MemoryShelf::default()), FixedClock::default(), Stop::new());
        let (home, none) = (self.home(), BTreeMap::new());
        let edges =
            Edges { protocol: &protocol, shelf: shelf.clone(), clock: &clock, progress: &Quiet, stop: &stop };
        let job = Job::new(&self.loaded, &home, &self.settings, &none, edges);
        let scoped = run_scope(&job, self.issue(), &self.name, &self.bound).await.expect("kept");
        let mut left = shelf.everything().expect("notes");
        left.push(serde_json::to_vec(&scoped.receipt).expect("a receipt"));
        left.push(serde_json::to_vec(&scoped.records).expect("records"));
        left.push(format!("{:?} {:?}", scoped.receipt, scoped.records).into_bytes());
        left
    }
}

fn names(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (name, value) in map {
                let text = |value: &Value| value.is_string();
                let texts = text(value) || value.as_array().is_some_and(|items| items.iter().any(text));
                if texts && !into.contains(name) {
                    into.push(name.clone());
                }
                names(value, into);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| names(item, into)),
        _ => {}
    }
}

/// Puts a text into every field of this name.
fn plant(value: &mut Value, name: &str, text: &str) {
    let put = |value: &mut Value| {
        if value.is_string() {
            *value = Value::from(text);
        }
    };
    match value {
        Value::Object(map) => {
            for (field, value) in map {
                if field == name {
                    put(value);
                    value.as_array_mut().into_iter().flatten().for_each(put);
                }
                plant(value, name, text);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| plant(item, name, text)),
        _ => {}
    }
}

/// The part of a secret that is nobody else's: its longest run of letters and digits.
fn core(secret: &str) -> &str {
    let runs = secret.split(|c: char| !c.is_ascii_alphanumeric());
    runs.max_by_key(|run| run.len()).expect("something")
}

fn has(left: &[Vec<u8>], secret: &str) -> bool {
    let finder = memchr::memmem::Finder::new(core(secret));
    left.iter().any(|bytes| finder.find(bytes).is_some())
}

/// Secrets of every known form in every text field and header of every read of every system, one field at a time: none is
/// in what is kept, mapped, noted or said.
#[tokio::test]
async fn no_planted_secret_is_in_anything_that_is_left() {
    let mut fields = 0_usize;
    let mut leaks = Vec::new();
    for case in cases() {
        let mut fields_of = Vec::new();
        case.pages.iter().for_each(|page| names(&page.body, &mut fields_of));
        let headers: Vec<String> = case.pages.iter().flat_map(|page| page.headers.keys().cloned()).collect();
        for (n, field) in fields_of.iter().chain(&headers).enumerate() {
            let all = planted(fields as u64);
            let alone = &all[fields % all.len()].1;
            let together = all.iter().map(|(_, secret)| secret.as_str()).collect::<Vec<_>>().join(" ");
            // All at once finds what one alone would; one alone is also the whole of a text, which every third field is.
            let tries = if fields.is_multiple_of(3) { 2 } else { 1 };
            for text in [together.as_str(), alone.as_str()].into_iter().take(tries) {
                let mut pages = case.pages.clone();
                for page in &mut pages {
                    if n < fields_of.len() {
                        plant(&mut page.body, field, text);
                    } else if let Some(value) = page.headers.get_mut(field) {
                        *value = value
                            .replace("https://", "https://x:y1z2y1z2@")
                            .replace('>', &format!("&z={alone}>"));
                        value.push_str(text);
                    }
                }
                let left = case.left(&pages).await;
                let leaked =
                    all.iter().filter(|(_, secret)| text.contains(secret.as_str()) && has(&left, secret));
                leaks.extend(
                    leaked.map(|(form, _)| {
                        format!("{}/{}: {form} in `{field}`", case.home().as_str(), case.name)
                    }),
                );
            }
            fields += 1;
        }
    }
    assert!(fields > 1_000, "only {fields} fields were tried");
    assert!(leaks.is_empty(), "{} leaks, of {fields} fields:\n{}", leaks.len(), leaks.join("\n"));
}

/// A mapping that saw another page than the one that is kept could not be checked by anybody: what is kept maps to the
/// records, with a fingerprint where a record needs what is secret.
#[test]
fn what_is_kept_maps_to_the_same_records() {
    let redactor = Redactor::new(FingerprintKey::new([7; 32]));
    let mut replaced_in = 0;
    for case in cases() {
        let (shelf, clock, stop) = (Arc::new(MemoryShelf::default()), FixedClock::default(), Stop::new());
        let (home, none) = (case.home(), BTreeMap::new());
        let protocol = Sequence::of(Vec::new());
        let edges = Edges { protocol: &protocol, shelf, clock: &clock, progress: &Quiet, stop: &stop };
        let job = Job::new(&case.loaded, &home, &case.settings, &none, edges);
        let scope = Scope { read: case.name.clone(), bound: case.bound.clone() };
        let family = case.issue().map_or(Family::System, Family::Ticket);
        let reading = reading(&job, family, &scope).expect("programs");
        for page in case.pages.iter().filter(|page| page.status < 300) {
            let (kept, replaced) =
                redactor.body(page.body.to_string().into_bytes(), &Named::new(&case.rule.secrets));
            let records = |subject: &Subject| {
                let seen = read(&reading, subject, None, drop).map(|seen| seen.records);
                serde_json::to_string(&seen.map_err(|broken| broken.detail)).expect("JSON")
            };
            let raw = replaced.marked(&records(&Subject::of(&page.body)));
            assert_eq!(
                records(&Subject::parse(kept.bytes()).expect("JSON")),
                raw,
                "{}/{}",
                home.as_str(),
                case.name
            );
            replaced_in += usize::from(!replaced.is_empty());
        }
    }
    assert!(replaced_in > 10, "secrets in {replaced_in} recorded pages");
}
