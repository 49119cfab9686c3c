//! Answers of earlier collections, for systems that say whether an answer is still the same.
//!
//! A note for each request holds the validator, the headers and the digest of the body, which the
//! blobs have anyway. A note or body that cannot be read is no answer: the request is made in full.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use exeunt_connectors::protocol::http::etag::{EtagStore, Remembered};
use exeunt_model::Digest;
use exeunt_model::config::SystemConfig;
use exeunt_store::Blobs;
use serde::{Deserialize, Serialize};

/// The notes of one system read with one credential.
pub(crate) struct KeptEtags {
    dir: PathBuf,
    blobs: Blobs,
}

#[derive(Serialize, Deserialize)]
struct Note {
    etag: String,
    headers: BTreeMap<String, String>,
    body: Digest,
}

impl KeptEtags {
    /// The notes of a system as it is configured: with other settings or another credential it is
    /// another reader, which may be shown less.
    pub(crate) fn of(state: &Path, blobs: &Blobs, name: &str, said: &SystemConfig) -> Option<Self> {
        let reader = exeunt_model::canonical::digest(said).ok()?;
        let dir = state.join("etags").join(format!("{name}-{}", &reader.hex()[..16]));
        Some(Self { dir, blobs: blobs.clone() })
    }

    /// The file of a request. Its name is a digest: what a system answers must not choose files.
    fn path(&self, key: &str) -> PathBuf {
        self.dir.join(Digest::of(key.as_bytes()).hex())
    }
}

impl EtagStore for KeptEtags {
    fn recall(&self, key: &str) -> Option<Remembered> {
        let note: Note = serde_json::from_slice(&fs::read(self.path(key)).ok()?).ok()?;
        let body = self.blobs.get(&note.body).ok()?;
        Some(Remembered { etag: note.etag, headers: note.headers, body })
    }

    fn remember(&self, key: &str, answer: Remembered) {
        // Remembering saves a transfer and nothing else: when it fails, the next run asks in full.
        let Ok(body) = self.blobs.keep(&answer.body) else { return };
        let note = Note { etag: answer.etag, headers: answer.headers, body };
        if let Ok(text) = serde_json::to_vec(&note)
            && fs::create_dir_all(&self.dir).is_ok()
        {
            let _ = fs::write(self.path(key), text);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use exeunt_connectors::protocol::http::etag::{EtagStore, Remembered};
    use exeunt_model::config::{AuthConfig, SecretRef, SystemConfig};

    use super::KeptEtags;

    fn said(secret: &str) -> SystemConfig {
        SystemConfig {
            connector: "github".to_owned(),
            url: None,
            settings: BTreeMap::new(),
            auth: AuthConfig::Bearer(SecretRef::Env(secret.to_owned())),
            tls: exeunt_model::config::TlsConfig::default(),
            allow_private: false,
            controls: BTreeMap::new(),
        }
    }

    /// A body that was altered on disk, or another reader's, must be asked for again.
    #[tokio::test]
    async fn only_a_whole_answer_of_the_same_reader_is_recalled() {
        let dir = tempfile::tempdir().expect("a folder");
        let store = exeunt_store::Store::open(dir.path()).await.expect("opens");
        let of = |secret| KeptEtags::of(dir.path(), store.blobs(), "github", &said(secret)).expect("named");
        let answer = Remembered { etag: "\"a\"".to_owned(), headers: BTreeMap::new(), body: b"[1]".to_vec() };
        of("ONE").remember("GET /x", answer.clone());
        assert_eq!(of("ONE").recall("GET /x"), Some(answer.clone()));
        assert_eq!(of("ONE").recall("GET /y"), None);
        assert_eq!(of("TWO").recall("GET /x"), None, "another credential may be shown less");
        let blob = store.blobs().path(&exeunt_model::Digest::of(&answer.body));
        std::fs::write(blob, b"altered").expect("written");
        assert_eq!(of("ONE").recall("GET /x"), None);
    }
}
