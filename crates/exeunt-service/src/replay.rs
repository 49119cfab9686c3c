//! Replaying: a verdict is judged again from what was kept with it, and has to come out with the same bytes.
//!
//! What a verdict names by digest (snapshots, ticket, policy, owners, manifests) is kept under these digests. The rest of
//! what it was judged by is one body of the case, its *basis*, logged right before the verdict. Nothing is taken from the
//! configuration of today.

use std::collections::BTreeMap;
use std::path::PathBuf;

use exeunt_connectors::manifest::{Loaded, load};
use exeunt_engine::{Inputs, ManifestInUse, judge_case};
use exeunt_model::case::{Case, Workflow};
use exeunt_model::config::ManualLink;
use exeunt_model::verdict::VerdictDocument;
use exeunt_model::{Digest, Snapshot, SystemId, canonical};
use exeunt_store::{StoreError, snapshot_from};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::attest::{AttestError, BASIS_KIND, LoggedVerdict};
use crate::error::ServiceError;
use crate::service::Service;

/// What a verdict does not name by digest, though it rests on it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Basis {
    case: Case,
    directory: SystemId,
    domains: Vec<String>,
    links: Vec<ManualLink>,
    /// The connector of each system in scope.
    systems: BTreeMap<SystemId, String>,
    workflow: Workflow,
}

/// How a replay came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replayed {
    /// Ledger index of the verdict.
    pub index: u64,
    /// The digest of the bytes it came out with now.
    pub digest: Digest,
    /// Snapshots it was judged from.
    pub snapshots: usize,
    /// The first thing that is not as it was logged; `None` if every byte is.
    pub difference: Option<String>,
}

impl Service {
    /// Keeps everything a verdict on this case is judged by today, and returns the digest of its basis.
    pub(crate) fn keep_basis(&self, case: &Case) -> Result<Digest, ServiceError> {
        let config = &self.config.config;
        let blobs = self.store.blobs();
        let mut systems = BTreeMap::new();
        // These are of all cases, and name people too: owners, approvers of waivers.
        let mut shared = vec![written(&config.policy)?, written(&self.config.owners)?];
        for (id, loaded) in self.manifests() {
            shared.push(loaded.text.as_bytes().to_vec());
            systems.insert(id, loaded.manifest.connector.clone());
        }
        self.store.keep_apart(&shared)?;
        let basis = Basis {
            case: case.clone(),
            directory: config.directory.clone(),
            domains: config.organisation.domains.clone(),
            links: config.links.clone(),
            systems,
            workflow: config.workflow.clone(),
        };
        let basis = blobs.keep_for(&case.id, &written(&basis)?)?;
        blobs.settle()?;
        Ok(basis)
    }

    /// Judges the newest logged verdict of a case again, and compares the bytes.
    ///
    /// # Errors
    /// When there is no verdict, or something it rests on is not there, was changed or was erased.
    pub async fn replay(&self, case: &str) -> Result<Replayed, ServiceError> {
        let LoggedVerdict { index, verdict, basis } = self.attestor().logged(case).await?;
        let blobs = self.store.blobs();
        let kept = Kept { get: &|digest| blobs.get(digest), place: &|digest| blobs.path(digest) };
        kept.judge_again(index, &verdict, &basis)
    }

    /// Everything the newest verdict of a case names by digest, parts of snapshots too.
    pub(crate) async fn basis_bodies(&self, case: &str) -> Result<Vec<Vec<u8>>, ServiceError> {
        let inputs = self.attestor().latest(case).await?.inputs;
        let blobs = self.store.blobs();
        let mut bodies = Vec::new();
        for digest in inputs.manifests.values().chain([&inputs.policy, &inputs.owners]) {
            bodies.push(blobs.get(digest)?);
        }
        for digest in inputs.snapshots.values().flatten().chain(&inputs.ticket) {
            let body = blobs.get(digest)?;
            let snapshot: Snapshot = read("a snapshot", &body)?;
            for part in snapshot.reads.iter().flat_map(|read| &read.kept) {
                bodies.push(blobs.get(&part.digest)?);
            }
            bodies.push(body);
        }
        Ok(bodies)
    }
}

/// Judges the verdict of a bundle again from nothing but the bundle, and gives the case.
///
/// # Errors
/// When the bundle does not hold, or does not carry what its verdict was judged by.
pub fn replay_bundle(bytes: &[u8]) -> Result<(String, Replayed), ServiceError> {
    let bundle = exeunt_evidence::verify(bytes, None)
        .map_err(|refusal| ServiceError::Other(format!("the bundle is refused: {refusal}")))?;
    let mut of_case = bundle.entries.iter().rev().filter(|entry| entry.record.case.is_some());
    let basis = of_case.find(|entry| entry.index < bundle.verdict_index);
    let basis = basis.filter(|entry| entry.record.kind == BASIS_KIND);
    let basis = basis.ok_or_else(|| AttestError::NoBasis(bundle.case.clone()))?.record.body;
    let mut statement: Value = read("the verdict", &bundle.verdict)?;
    let bodies: BTreeMap<String, Vec<u8>> = (bundle.entries.into_iter())
        .filter_map(|entry| Some((entry.record.body.to_string(), entry.body?)))
        .chain(bundle.exchanges.into_iter().map(|(digest, body)| (digest.to_string(), body)))
        .collect();
    let dir = PathBuf::from("the bundle");
    let get = |digest: &Digest| {
        let body = bodies.get(&digest.to_string()).cloned();
        body.ok_or_else(|| StoreError::NoBlob { digest: *digest, dir: dir.clone() })
    };
    let kept = Kept { get: &get, place: &|digest| dir.join(digest.to_string()) };
    let basis = basis.to_string().parse().map_err(|e| ServiceError::Other(format!("the basis: {e}")))?;
    match kept.judge_again(bundle.verdict_index, &statement["predicate"].take(), &basis) {
        Ok(replayed) => Ok((bundle.case, replayed)),
        Err(ServiceError::Store(StoreError::NoBlob { digest, .. })) => Err(ServiceError::Other(format!(
            "the bundle does not carry {digest}, by which its verdict was judged: ask for one that was exported with --with-basis"
        ))),
        Err(other) => Err(other),
    }
}

/// Where bodies are had from, by their digests.
struct Kept<'a> {
    get: &'a dyn Fn(&Digest) -> Result<Vec<u8>, StoreError>,
    place: &'a dyn Fn(&Digest) -> PathBuf,
}

impl Kept<'_> {
    fn judge_again(&self, index: u64, logged: &Value, basis: &Digest) -> Result<Replayed, ServiceError> {
        let said: VerdictDocument = read("the logged verdict", &canonical_bytes(logged)?)?;
        let basis: Basis = self.read("the basis of the verdict", basis)?;
        let manifests = self.manifests(&said)?;
        let in_scope = in_scope(&basis, &manifests)?;
        let ids: Vec<Digest> = said.inputs.snapshots.values().flatten().copied().collect();
        let history: Vec<Snapshot> = ids.iter().map(|id| self.snapshot(id)).collect::<Result<_, _>>()?;
        let ticket = said.inputs.ticket.map(|id| self.snapshot(&id)).transpose()?;
        let again = judge_case(&Inputs {
            case: &basis.case,
            directory: &basis.directory,
            in_scope: &in_scope,
            history: &history,
            ids: &ids,
            ticket: ticket.as_ref(),
            workflow: &basis.workflow,
            owners: &self.read("the owners in force", &said.inputs.owners)?,
            policy: &self.read("the policy in force", &said.inputs.policy)?,
            links: &basis.links,
            domains: &basis.domains,
            as_of: said.as_of,
        })?;
        let bytes = written(&again)?;
        let difference = if bytes == canonical_bytes(logged)? {
            None
        } else {
            let again: Value = read("the verdict", &bytes)?;
            let named = first_difference(logged, &again, "");
            Some(named.unwrap_or_else(|| "the bytes differ, though they say the same".to_owned()))
        };
        Ok(Replayed { index, digest: Digest::of(&bytes), snapshots: ids.len(), difference })
    }

    fn snapshot(&self, id: &Digest) -> Result<Snapshot, StoreError> {
        snapshot_from(id, self.get, self.place)
    }

    fn read<T: DeserializeOwned>(&self, what: &str, digest: &Digest) -> Result<T, ServiceError> {
        read(what, &(self.get)(digest)?)
    }

    /// The manifests a verdict names, by connector, from their kept texts.
    fn manifests(&self, said: &VerdictDocument) -> Result<BTreeMap<String, Loaded>, ServiceError> {
        let mut manifests = BTreeMap::new();
        for (connector, digest) in &said.inputs.manifests {
            let text = (self.get)(digest)?;
            let loaded = load(&String::from_utf8_lossy(&text), connector);
            let loaded = loaded.map_err(|e| {
                ServiceError::Other(format!("the manifest of `{connector}` as it was cannot be read: {e}"))
            })?;
            manifests.insert(connector.clone(), loaded);
        }
        Ok(manifests)
    }
}

fn in_scope<'m>(
    basis: &Basis,
    manifests: &'m BTreeMap<String, Loaded>,
) -> Result<BTreeMap<SystemId, ManifestInUse<'m>>, ServiceError> {
    let used = |(id, connector): (&SystemId, &String)| {
        let loaded = manifests.get(connector).ok_or_else(|| {
            ServiceError::Other(format!("the verdict names no manifest for `{id}`, though it was in scope"))
        })?;
        Ok((id.clone(), ManifestInUse { manifest: &loaded.manifest, digest: loaded.digest }))
    };
    basis.systems.iter().map(used).collect()
}

fn read<T: DeserializeOwned>(what: &str, bytes: &[u8]) -> Result<T, ServiceError> {
    serde_json::from_slice(bytes).map_err(|e| {
        ServiceError::Other(format!("{what} cannot be read ({e}): it was written by another version"))
    })
}

fn written<T: Serialize>(value: &T) -> Result<Vec<u8>, ServiceError> {
    canonical::bytes(value)
        .map_err(|e| ServiceError::Other(format!("what a verdict rests on could not be written: {e}")))
}

fn canonical_bytes(value: &Value) -> Result<Vec<u8>, ServiceError> {
    written(value)
}

/// The first place, in the order of the text, where two documents differ, as a JSON pointer (RFC 6901) and both values.
fn first_difference(logged: &Value, again: &Value, at: &str) -> Option<String> {
    match (logged, again) {
        (Value::Object(one), Value::Object(other)) => {
            let mut names: Vec<&String> = one.keys().chain(other.keys()).collect();
            names.sort();
            names.dedup();
            names.into_iter().find_map(|name| {
                let place = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
                pair(one.get(name), other.get(name), &place)
            })
        }
        (Value::Array(one), Value::Array(other)) => {
            (0..one.len().max(other.len())).find_map(|n| pair(one.get(n), other.get(n), &format!("{at}/{n}")))
        }
        _ if logged == again => None,
        _ => Some(format!("at {at} the log says {}, now it is {}", short(logged), short(again))),
    }
}

fn pair(logged: Option<&Value>, again: Option<&Value>, at: &str) -> Option<String> {
    match (logged, again) {
        (Some(logged), Some(again)) => first_difference(logged, again, at),
        (Some(logged), None) => Some(format!("at {at} the log says {}, now there is nothing", short(logged))),
        (None, Some(again)) => Some(format!("at {at} the log says nothing, now there is {}", short(again))),
        (None, None) => None,
    }
}

fn short(value: &Value) -> String {
    const LONGEST: usize = 120;
    let text = value.to_string();
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::first_difference;

    /// Whoever is told that a verdict comes out otherwise has to be told where, or has to read two documents.
    #[test]
    fn the_first_difference_is_named() {
        let one = json!({"a": {"b/c": [1, 2]}, "z": "x"});
        for (other, said) in [
            (json!({"a": {"b/c": [1, 3]}, "z": "y"}), "at /a/b~1c/1 the log says 2, now it is 3"),
            (json!({"a": {"b/c": [1]}, "z": "x"}), "at /a/b~1c/1 the log says 2, now there is nothing"),
            (json!({"a": {"b/c": [1, 2]}, "m": 0, "z": "y"}), "at /m the log says nothing, now there is 0"),
            (json!([]), "at  the log says {\"a\":{\"b/c\":[1,2]},\"z\":\"x\"}, now it is []"),
        ] {
            assert_eq!(first_difference(&one, &other, "").as_deref(), Some(said));
        }
        assert_eq!(first_difference(&one, &one.clone(), ""), None);
    }
}
