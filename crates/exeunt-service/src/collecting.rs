//! Facts: all systems at once, each read ending in a receipt, each snapshot kept and logged.

use std::sync::Arc;

use exeunt_connectors::catalogue::Catalogue;
use exeunt_connectors::collect::{CheckLine, Edges, Job, check, collect, collect_ticket};
use exeunt_connectors::manifest::Loaded;
use exeunt_connectors::protocol::Protocol;
use exeunt_connectors::protocol::connect::connect_remembering;
use exeunt_connectors::protocol::http::etag::EtagStore;
use exeunt_connectors::redact::{Named, Redactor};
use exeunt_connectors::secret::HostSecrets;
use exeunt_model::config::SystemConfig;
use exeunt_model::{Digest, Duration, Snapshot, SystemId, Timestamp};
use futures_util::future::{join_all, try_join_all};
use serde::{Deserialize, Serialize};

use crate::config::LoadedConfig;
use crate::error::ServiceError;
use crate::etags::{KeptEtags, Remembers};
use crate::progress::Of;
use crate::service::Service;
use crate::shelf::StateShelf;

/// How long the pages of a run that was killed may be gone on from. Older ones would mix two
/// moments into one snapshot.
const RESUMABLE: Duration = Duration::from_hours(1);

/// The first note of a collection.
#[derive(Serialize, Deserialize)]
struct Begun {
    at: Timestamp,
    manifest: Digest,
}

/// One system, ready to be read.
struct Ready<'a> {
    id: SystemId,
    said: &'a SystemConfig,
    loaded: &'a Loaded,
    protocol: Arc<dyn Protocol>,
}

/// What a credential can and cannot see in one system.
#[derive(Debug, Clone)]
pub struct SystemCheck {
    /// The system.
    pub system: SystemId,
    /// Each read.
    pub lines: Vec<CheckLine>,
    /// Secrets that should be kept better.
    pub warnings: Vec<String>,
}

impl Service {
    /// Takes and keeps a snapshot of each system; none named means all.
    ///
    /// # Errors
    /// When a system is configured wrongly, evidence cannot be kept, or the run is stopped.
    pub async fn collect(&self, names: &[String]) -> Result<Vec<(Digest, Snapshot)>, ServiceError> {
        let wanted = self.systems(names)?;
        // Every system is prepared before any is read: a slip in the configuration is said at
        // once, and not after half an hour of reading.
        let ready = try_join_all(wanted.iter().map(|id| self.ready(id))).await?;
        let collected = join_all(ready.iter().map(|system| self.collect_one(system))).await;
        // All or none: a run that was stopped keeps the notes of every system, those that were done
        // included, so that the next one goes on everywhere and asks no page twice.
        let collected = collected.into_iter().collect::<Result<Vec<_>, _>>()?;
        let mut kept = Vec::with_capacity(collected.len());
        for snapshot in collected {
            let id = self.keep_snapshot(&snapshot).await?;
            self.store.journal(snapshot.system.as_str())?.end()?;
            kept.push((id, snapshot));
        }
        self.store.blobs().end_pack()?;
        if let Some(keep) = self.config.config.evidence.keep
            && let Ok(before) = self.now().checked_sub(keep)
        {
            self.store.retire(before).await?;
        }
        Ok(kept)
    }

    async fn ready(&self, id: &SystemId) -> Result<Ready<'_>, ServiceError> {
        let path = &self.config.path;
        let (Some(said), Some(loaded)) =
            (self.config.config.systems.get(id), self.manifests().get(id).copied())
        else {
            return Err(ServiceError::Other(format!("no system `{id}` in {}", path.display())));
        };
        let secrets = HostSecrets::beside(&self.config.base);
        let clock = Arc::clone(&self.around.clock);
        let etags =
            KeptEtags::of(self.store.dir(), self.store.blobs(), id.as_str(), said, self.remembers(loaded))
                .map(|kept| Arc::new(kept) as Arc<dyn EtagStore>);
        let protocol = connect_remembering(&loaded.manifest, said, &secrets, clock, etags)
            .await
            .map_err(|e| ServiceError::system(id, path, &e))?;
        Ok(Ready { id: id.clone(), said, loaded, protocol })
    }

    async fn collect_one(&self, system: &Ready<'_>) -> Result<Snapshot, ServiceError> {
        let told = &*self.around.progress;
        told.system_begins(&system.id);
        let shelf = self.shelf(system)?;
        let progress = Of { system: &system.id, told };
        let job = self.job(system, Arc::new(shelf), &progress);
        let snapshot = collect(&job).await?.in_order();
        if self.around.stop.is_set() {
            return Err(ServiceError::Stopped);
        }
        told.system_ended(&snapshot);
        Ok(snapshot)
    }

    /// The reads of one ticket.
    pub(crate) async fn read_ticket(&self, system: &SystemId, issue: &str) -> Result<Snapshot, ServiceError> {
        let ready = self.ready(system).await?;
        if ready.loaded.manifest.ticket.is_empty() {
            let cause = format!("connector `{}` holds no tickets", ready.said.connector);
            return Err(ServiceError::system(system, &self.config.path, &cause));
        }
        let journal = self.store.journal(&format!("{system}.ticket"))?;
        // The pages of a ticket are of one case: they share no key with a collection, which other cases may rest on.
        self.store.blobs().end_pack()?;
        let shelf = StateShelf {
            blobs: self.store.blobs().clone(),
            journal,
            fingerprints: self.fingerprints.clone(),
        };
        let progress = Of { system, told: &*self.around.progress };
        let snapshot = collect_ticket(&self.job(&ready, Arc::new(shelf), &progress), issue).await;
        // A ticket is a few pages: it is read anew each time.
        self.store.journal(&format!("{system}.ticket"))?.end()?;
        self.store.blobs().end_pack()?;
        let snapshot = snapshot?.in_order();
        if self.around.stop.is_set() { Err(ServiceError::Stopped) } else { Ok(snapshot) }
    }

    /// What the credential of each system can and cannot see.
    ///
    /// # Errors
    /// When a system is configured wrongly.
    pub async fn check(&self) -> Result<Vec<SystemCheck>, ServiceError> {
        let wanted = self.systems(&[])?;
        let ready = try_join_all(wanted.iter().map(|id| self.ready(id))).await?;
        try_join_all(ready.iter().map(|system| self.check_one(system))).await
    }

    async fn check_one(&self, system: &Ready<'_>) -> Result<SystemCheck, ServiceError> {
        let journal = self.store.journal(&format!("{}.check", system.id))?;
        let shelf = StateShelf {
            blobs: self.store.blobs().clone(),
            journal,
            fingerprints: self.fingerprints.clone(),
        };
        let progress = Of { system: &system.id, told: &*self.around.progress };
        self.around.progress.check_begins(&system.id);
        let lines = check(&self.job(system, Arc::new(shelf), &progress)).await;
        self.around.progress.check_ended(&system.id);
        self.store.journal(&format!("{}.check", system.id))?.end()?;
        let secrets = HostSecrets::beside(&self.config.base);
        let warnings = secret_refs(&system.said.auth)
            .into_iter()
            .filter_map(|reference| secrets.warning(reference))
            .map(|w| format!("{} can be read by others (mode {:o}); chmod 600", w.reference, w.mode))
            .collect();
        Ok(SystemCheck { system: system.id.clone(), lines, warnings })
    }

    /// What may be remembered of the answers of one manifest's systems.
    fn remembers(&self, loaded: &Loaded) -> Remembers {
        let rules = loaded.manifest.reads.values().chain(loaded.manifest.ticket.values());
        let named = Named::new(rules.flat_map(|rule| &rule.secrets));
        Remembers { redactor: Redactor::new(self.fingerprints.clone()), named }
    }

    fn job<'a>(&'a self, system: &'a Ready<'_>, shelf: Arc<StateShelf>, progress: &'a Of<'_>) -> Job<'a> {
        let edges = Edges {
            protocol: &*system.protocol,
            shelf,
            clock: &*self.around.clock,
            progress,
            stop: &self.around.stop,
        };
        Job::new(system.loaded, &system.id, &system.said.settings, &system.said.controls, edges)
    }

    /// The shelf of a collection, with the pages of a killed run if they are recent and were read
    /// by the same manifest.
    fn shelf(&self, system: &Ready<'_>) -> Result<StateShelf, ServiceError> {
        let name = system.id.as_str();
        let mut journal = self.store.journal(name)?;
        let begun: Vec<Begun> = journal.notes("", "begun")?;
        let now = self.around.clock.now();
        let goes_on = begun.first().is_some_and(|begun| {
            begun.manifest == system.loaded.digest && now.duration_since(begun.at) <= RESUMABLE
        });
        if !goes_on {
            journal.end()?;
            journal = self.store.journal(name)?;
            journal.add("", "begun", &Begun { at: now, manifest: system.loaded.digest })?;
        }
        Ok(StateShelf { blobs: self.store.blobs().clone(), journal, fingerprints: self.fingerprints.clone() })
    }
}

fn secret_refs(auth: &exeunt_model::config::AuthConfig) -> Vec<&exeunt_model::config::SecretRef> {
    use exeunt_model::config::AuthConfig as Auth;
    match auth {
        Auth::Bearer(secret) | Auth::Header(secret) => vec![secret],
        Auth::Basic { password, .. }
        | Auth::LdapSimple { password, .. }
        | Auth::SqlPassword { password, .. } => vec![password],
        Auth::OauthClientCredentials { client_secret, .. } => vec![client_secret],
        Auth::GithubApp { private_key, .. } => vec![private_key],
        Auth::SshKey { key, .. } | Auth::GoogleServiceAccount { key, .. } => vec![key],
        Auth::Program { env, .. } => env.values().collect(),
        Auth::None => Vec::new(),
        Auth::Sigv4 { access_key_id, secret_access_key, session_token, .. } => {
            let mut all = vec![access_key_id, secret_access_key];
            all.extend(session_token);
            all
        }
    }
}

/// The built-in manifests, and those of a folder.
///
/// # Errors
/// When one has mistakes.
pub fn catalogue(extra: Option<&std::path::Path>) -> Result<Catalogue, ServiceError> {
    Ok(Catalogue::load(extra)?)
}

/// The manifests that a configuration's systems are read by.
///
/// # Errors
/// As for [`catalogue`].
pub fn catalogue_for(
    config: &LoadedConfig,
    extra: Option<&std::path::Path>,
) -> Result<Catalogue, ServiceError> {
    let wanted = |name: &str| config.config.systems.values().any(|system| system.connector == name);
    Ok(Catalogue::of(extra, wanted)?)
}
