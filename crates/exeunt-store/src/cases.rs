//! Cases in the state: their bodies are sealed with the key of the case, and what they rest on goes with it.

use std::collections::BTreeSet;

use exeunt_model::Digest;

use crate::keyring::KeyName;
use crate::{Store, StoreError};

/// A case. On the disk only its id is in the clear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseRow {
    /// The ticket's key, or what was typed where there was no ticket.
    pub id: String,
    /// What is known of it, JSON.
    pub body: String,
}

impl Store {
    /// Keeps what is known of a case.
    ///
    /// # Errors
    /// When the body or the row cannot be written.
    pub async fn put_case(&self, case: &CaseRow) -> Result<(), StoreError> {
        let body = self.blobs.keep_for(&case.id, case.body.as_bytes())?;
        self.blobs.settle()?;
        self.database.put_case(&case.id, &body).await
    }

    /// A case.
    ///
    /// # Errors
    /// When the database or the body cannot be read.
    pub async fn case(&self, id: &str) -> Result<Option<CaseRow>, StoreError> {
        Ok(self.cases_where(Some(id)).await?.pop())
    }

    /// All cases, by id.
    ///
    /// # Errors
    /// When the database or a body cannot be read.
    pub async fn cases(&self) -> Result<Vec<CaseRow>, StoreError> {
        self.cases_where(None).await
    }

    async fn cases_where(&self, id: Option<&str>) -> Result<Vec<CaseRow>, StoreError> {
        let mut cases = Vec::new();
        for (id, digest) in self.database.cases(id).await? {
            let bytes = match self.blobs.get(&digest) {
                // An erasure ended between the key and the row: the case is erased.
                Err(StoreError::Erased { .. }) => continue,
                bytes => bytes?,
            };
            let body = String::from_utf8(bytes).map_err(|e| StoreError::Damaged {
                path: self.blobs.path(&digest),
                cause: e.to_string(),
                next: "judge the case again with `exeunt verify`",
            })?;
            cases.push(CaseRow { id, body });
        }
        Ok(cases)
    }

    /// From now on a case rests on these snapshots and on these other bodies: they and what the snapshots are made of can
    /// be read for as long as the case has its key, whatever becomes of the collections.
    ///
    /// # Errors
    /// When a snapshot cannot be read, or a copy of a key not be written.
    pub fn hold(&self, case: &str, snapshots: &[Digest], others: &[Digest]) -> Result<(), StoreError> {
        let Some(keys) = self.blobs.keys() else { return Ok(()) };
        let mut packs = BTreeSet::new();
        for id in snapshots {
            packs.extend(self.packs_of(id)?.into_iter().map(|(_, name)| name));
        }
        for body in others {
            let pack = self.blobs.packs().pack_of(body);
            packs
                .extend(pack.map_err(|e| StoreError::io("find a blob", &self.dir, e))?.map(|(_, name)| name));
        }
        keys.hold(case, &packs)
    }

    /// Keeps bodies that are of no collection and of no case alone, as the policy and the manifests a verdict is judged
    /// by: sealed in a pack of their own, so that holding them holds nothing else. Gives their digests.
    ///
    /// # Errors
    /// When one cannot be written.
    pub fn keep_apart(&self, bodies: &[Vec<u8>]) -> Result<Vec<Digest>, StoreError> {
        self.blobs.end_pack()?;
        let kept: Result<Vec<_>, _> = bodies.iter().map(|body| self.blobs.keep_packed(body)).collect();
        self.blobs.end_pack()?;
        kept
    }

    /// Destroys the key of a case's bodies and of the collections that no other case rests on, and forgets what is known
    /// of its leaver.
    ///
    /// # Errors
    /// When a key cannot be destroyed or a row not removed; do it again then.
    pub async fn erase_case(&self, case: &str) -> Result<(), StoreError> {
        if let Some(keys) = self.blobs.keys() {
            let gone = keys.erase(case)?;
            let all = self.blobs.packs().all();
            let mut all = all.map_err(|e| StoreError::io("list the collections", &self.dir, e))?;
            all.retain(|(_, name)| gone.contains(&KeyName::from_bytes(*name)));
            let packs: Vec<_> =
                all.into_iter().map(|(pack, name)| (pack, KeyName::from_bytes(name))).collect();
            self.forget(&packs).await?;
        }
        self.database.forget_case(case).await
    }
}
