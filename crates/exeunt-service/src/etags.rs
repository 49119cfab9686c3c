//! Answers of earlier collections, for systems that say whether an answer is still the same.
//!
//! A note for each request holds the validator, the headers and the digest of the body, which the
//! blobs have anyway. It is sealed with the body, since headers may name somebody, and found by its digest in a file. A
//! note or body that cannot be read is no answer: the request is made in full.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use exeunt_connectors::protocol::http::etag::{EtagStore, Remembered};
use exeunt_connectors::redact::{Named, Redactor};
use exeunt_model::Digest;
use exeunt_model::config::SystemConfig;
use exeunt_store::Blobs;
use serde::{Deserialize, Serialize};

/// What may be remembered: an answer that has a secret is asked for in full each time, since what is kept of it is not
/// what the system would confirm.
pub(crate) struct Remembers {
    pub(crate) redactor: Redactor,
    pub(crate) named: Named,
}

/// The notes of one system read with one credential.
pub(crate) struct KeptEtags {
    dir: PathBuf,
    blobs: Blobs,
    remembers: Remembers,
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
    pub(crate) fn of(
        state: &Path,
        blobs: &Blobs,
        name: &str,
        said: &SystemConfig,
        remembers: Remembers,
    ) -> Option<Self> {
        let reader = exeunt_model::canonical::digest(said).ok()?;
        let dir = state.join("etags").join(format!("{name}-{}", &reader.hex()[..16]));
        Some(Self { dir, blobs: blobs.clone(), remembers })
    }

    /// The file of a request. Its name is a digest: what a system answers must not choose files.
    fn path(&self, key: &str) -> PathBuf {
        self.dir.join(Digest::of(key.as_bytes()).hex())
    }
}

impl EtagStore for KeptEtags {
    fn recall(&self, key: &str) -> Option<Remembered> {
        let digest = fs::read_to_string(self.path(key)).ok()?.parse().ok()?;
        let note: Note = serde_json::from_slice(&self.blobs.get(&digest).ok()?).ok()?;
        let body = self.blobs.get(&note.body).ok()?;
        Some(Remembered { etag: note.etag, headers: note.headers, body })
    }

    fn remember(&self, key: &str, answer: Remembered) {
        // Remembering saves a transfer and nothing else: when it fails, the next run asks in full.
        let Remembers { redactor, named } = &self.remembers;
        let spoken = answer.headers.values().any(|value| !redactor.text(value).1.is_empty());
        let (body, replaced) = redactor.body(answer.body, named);
        if spoken || !replaced.is_empty() {
            return;
        }
        let Ok(body) = self.blobs.keep_packed(body.bytes()) else { return };
        let note = Note { etag: answer.etag, headers: answer.headers, body };
        if let Ok(text) = serde_json::to_vec(&note)
            && let Ok(digest) = self.blobs.keep_packed(&text)
            && fs::create_dir_all(&self.dir).is_ok()
        {
            let _ = fs::write(self.path(key), digest.to_string());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use exeunt_connectors::protocol::http::etag::{EtagStore, Remembered};
    use exeunt_connectors::redact::{FingerprintKey, Named, Redactor};
    use exeunt_model::config::{AuthConfig, SecretRef, SystemConfig};

    use super::{KeptEtags, Remembers};

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

    fn remembers() -> Remembers {
        Remembers { redactor: Redactor::new(FingerprintKey::new([1; 32])), named: Named::default() }
    }

    /// An answer that has a secret is neither kept as it is nor taken for what the system would confirm.
    #[tokio::test]
    async fn an_answer_with_a_secret_is_not_remembered() {
        let dir = tempfile::tempdir().expect("a folder");
        let store = exeunt_store::Store::open(dir.path()).await.expect("opens");
        let etags =
            KeptEtags::of(dir.path(), store.blobs(), "github", &said("ONE"), remembers()).expect("named");
        let plain = Remembered { etag: "\"a\"".to_owned(), headers: BTreeMap::new(), body: b"[1]".to_vec() };
        let body = Remembered { body: br#"{"token": "hunter22"}"#.to_vec(), ..plain.clone() };
        let link = "<https://x.example/?access_token=abcdefgh1234>".to_owned();
        let header = Remembered { headers: [("link".to_owned(), link)].into(), ..plain };
        for answer in [body, header] {
            etags.remember("GET /x", answer);
            assert_eq!(etags.recall("GET /x"), None);
        }
        assert!(!dir.path().join("etags").exists() && !dir.path().join("blobs/packs").exists());
    }

    /// A body that was altered on disk, or another reader's, must be asked for again.
    #[tokio::test]
    async fn only_a_whole_answer_of_the_same_reader_is_recalled() {
        let dir = tempfile::tempdir().expect("a folder");
        let store = exeunt_store::Store::open(dir.path()).await.expect("opens");
        let of = |secret| {
            KeptEtags::of(dir.path(), store.blobs(), "github", &said(secret), remembers()).expect("named")
        };
        let answer = Remembered { etag: "\"a\"".to_owned(), headers: BTreeMap::new(), body: b"[1]".to_vec() };
        of("ONE").remember("GET /x", answer.clone());
        assert_eq!(of("ONE").recall("GET /x"), Some(answer.clone()));
        assert_eq!(of("ONE").recall("GET /y"), None);
        assert_eq!(of("TWO").recall("GET /x"), None, "another credential may be shown less");
        let pack = dir.path().join("blobs/packs/00000000.pack");
        let mut bytes = std::fs::read(&pack).expect("kept");
        *bytes.last_mut().expect("some") ^= 1;
        std::fs::write(pack, bytes).expect("altered");
        assert_eq!(of("ONE").recall("GET /x"), None);
    }
}
