//! Blobs in packs: sealed with the key of their pack, each bound to its digest.

use std::path::Path;
use std::sync::PoisonError;

use exeunt_model::Digest;

use super::{Blobs, LEVEL, UNSEALED};
use crate::StoreError;
use crate::keyring::{KeyName, Keyring};
use crate::sealing::SealingKey;

impl Blobs {
    /// Keeps bytes among others in one file, a pack, sealed with the pack's key if there are keys: for what systems
    /// answered and what was made of it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn keep_packed(&self, bytes: &[u8]) -> Result<Digest, StoreError> {
        let digest = Digest::of(bytes);
        let failed = |e| StoreError::io("keep a blob", &self.dir.join("packs"), e);
        // What is there and cannot be read any more is kept anew.
        if self.packs().has(&digest).map_err(failed)? && self.is_readable(&digest)? {
            return Ok(digest);
        }
        loop {
            let name = self
                .packs()
                .writing_name(|| self.keys().map_or(UNSEALED, Keyring::new_name))
                .map_err(failed)?;
            let sealed = match self.pack_key(name)? {
                Some((keys, key)) => key.seal(digest.hex().as_bytes(), bytes, keys.chance()),
                None => zstd::bulk::compress(bytes, LEVEL),
            };
            if self.packs().add(&digest, &sealed.map_err(failed)?, name).map_err(failed)? {
                return Ok(digest);
            }
        }
    }

    /// The key of the pack that is written, made when its first entry comes.
    fn pack_key(&self, name: [u8; 32]) -> Result<Option<(&Keyring, SealingKey)>, StoreError> {
        let Some(keys) = self.keys().filter(|_| name != UNSEALED) else { return Ok(None) };
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, key)) = &*current
            && *of == name
        {
            return Ok(Some((keys, key.clone())));
        }
        let key = keys.get_or_make(&KeyName::from_bytes(name))?;
        *current = Some((name, key.clone()));
        Ok(Some((keys, key)))
    }

    /// Whether there is a key for what is in a pack.
    fn is_readable(&self, digest: &Digest) -> Result<bool, StoreError> {
        let failed = |e| StoreError::io("find a blob", &self.dir.join("packs"), e);
        let Some((_, name)) = self.packs().pack_of(digest).map_err(failed)? else { return Ok(false) };
        if name == UNSEALED {
            return Ok(true);
        }
        let writes = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if writes.as_ref().is_some_and(|(of, _)| *of == name) {
            return Ok(true);
        }
        drop(writes);
        self.keys().map_or(Ok(false), |keys| Ok(keys.of_pack(&KeyName::from_bytes(name))?.is_some()))
    }

    /// The pack that is written ends here: what comes next is of another collection, sealed with another key.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn end_pack(&self) -> Result<(), StoreError> {
        let failed = |e| StoreError::io("settle the blobs", &self.dir.join("packs"), e);
        self.packs().end().map_err(failed)
    }

    pub(super) fn open_packed(
        &self,
        digest: &Digest,
        sealed: &[u8],
        name: [u8; 32],
        path: &Path,
    ) -> Result<Vec<u8>, StoreError> {
        let Some(keys) = &self.keys else { return Err(StoreError::Locked { digest: *digest }) };
        let Some(key) = keys.of_pack(&KeyName::from_bytes(name))? else {
            return Err(StoreError::Erased { digest: *digest });
        };
        key.open(digest.hex().as_bytes(), sealed).map_err(|e| StoreError::Damaged {
            path: path.to_owned(),
            cause: e.to_string(),
            next: "restore the file from a copy; what rests on it cannot be shown until then",
        })
    }
}
