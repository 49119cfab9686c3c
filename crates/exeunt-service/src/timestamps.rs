//! Heads of the ledger that a time authority put its time to. The request and the answer are carried by whoever runs the
//! command, or sent to an authority that the configuration names; what lies in `timestamps/` is the head that was asked
//! about, and the token once it came.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use exeunt_connectors::post::{Posted, post};
use exeunt_evidence::VerifierKey;
use exeunt_evidence::checkpoint::SignedCheckpoint;
use exeunt_evidence::timestamp::{Authorities, Stamped, TimestampError, read_answer, request};
use exeunt_model::config::TimeAuthorityConfig;
use serde::{Deserialize, Serialize};

use crate::attest::{AttestError, form};
use crate::error::ServiceError;
use crate::key;
use crate::service::Service;

/// An authority signs one small answer.
const LIMIT: Duration = Duration::from_secs(20);

/// A head that was asked about.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    checkpoint: String,
    nonce: [u8; 16],
    /// What the authority gave, once it did.
    token: Option<Vec<u8>>,
}

/// A head with a token over it.
pub(crate) struct StampedHead {
    pub(crate) head: SignedCheckpoint,
    pub(crate) token: Vec<u8>,
}

impl StampedHead {
    /// The newest one that covers the entry at this index.
    pub(crate) fn over(state: &Path, log: &VerifierKey, index: u64) -> Result<Option<Self>, AttestError> {
        for asked in all(state)?.into_iter().rev() {
            let head = SignedCheckpoint::open(&asked.checkpoint, log, &[]);
            let head = head.map_err(|e| form("read a head that was timestamped")(&e))?;
            if let Some(token) = asked.token
                && head.checkpoint().size > index
            {
                return Ok(Some(Self { head, token }));
            }
        }
        Ok(None)
    }
}

impl Service {
    /// The request for a timestamp over the present head, for a time authority (`application/timestamp-query`).
    ///
    /// # Errors
    /// When the ledger cannot be opened, or what was asked cannot be kept.
    pub async fn timestamp_request(&self) -> Result<Vec<u8>, ServiceError> {
        let head = self.attestor().head().await?;
        let mut nonce = [0; 16];
        key::chance(&mut nonce);
        let asked = Asked { checkpoint: head.note().to_string(), nonce, token: None };
        let written = request(head.checkpoint().digest(), nonce);
        let written = written.map_err(|e| form("write the request for a timestamp")(&e))?;
        keep(self.store.dir(), head.checkpoint().size, &asked)?;
        Ok(written)
    }

    /// Asks the time authorities of the configuration, one after the other, and keeps the first token that holds. Gives who
    /// answered, and the size of the ledger it is about.
    ///
    /// # Errors
    /// When none is configured, or none gave a token that holds.
    pub async fn timestamp_send(&self) -> Result<(String, u64, Stamped), ServiceError> {
        let mut refused = Vec::new();
        for authority in &self.config.config.evidence.time_authorities {
            match self.timestamp_by(authority).await {
                Ok((size, stamped)) => return Ok((authority.url.clone(), size, stamped)),
                Err(why) => refused.push(format!("{}: {why}", authority.url)),
            }
        }
        Err(ServiceError::Other(if refused.is_empty() {
            "no time authority is configured: name one under `evidence.time_authorities`".to_owned()
        } else {
            format!("no time authority gave a token that holds: {}", refused.join("; "))
        }))
    }

    async fn timestamp_by(&self, authority: &TimeAuthorityConfig) -> Result<(u64, Stamped), ServiceError> {
        let file = self.config.base.join(&authority.certificates);
        let unread = |e: &dyn std::fmt::Display| ServiceError::Other(format!("{}: {e}", file.display()));
        let pem = fs::read(&file).map_err(|e| unread(&e))?;
        let trusted = Authorities::from_pem(&pem).map_err(|e| unread(&e))?;
        let asked = self.timestamp_request().await?;
        let desk = self.desk(&authority.url, &authority.tls, authority.allow_private);
        let posted = post(&desk, "", "application/timestamp-query", asked, LIMIT).await;
        let posted = posted.map_err(|e| ServiceError::Other(e.why))?;
        if posted.status != 200 || !posted.content_type.starts_with("application/timestamp-reply") {
            let Posted { status, content_type, .. } = posted;
            return Err(ServiceError::Other(format!(
                "it answered {status} with {content_type:?}, and not with a timestamp"
            )));
        }
        self.timestamp_answer(&posted.body, &trusted)
    }

    /// Takes the answer to such a request (`application/timestamp-reply`), and gives the size of the ledger it is about.
    ///
    /// # Errors
    /// When it answers none of the requests made here, does not hold, or cannot be kept.
    pub fn timestamp_answer(
        &self,
        answer: &[u8],
        authorities: &Authorities,
    ) -> Result<(u64, Stamped), ServiceError> {
        let mut refused = None;
        for mut asked in all(self.store.dir())?.into_iter().rev() {
            let head = SignedCheckpoint::open(&asked.checkpoint, self.attestor().key.verifier(), &[]);
            let head = head.map_err(|e| form("read a head that was to be timestamped")(&e))?;
            match read_answer(answer, head.checkpoint().digest(), asked.nonce, authorities) {
                Ok((token, stamped)) => {
                    asked.token = Some(token);
                    keep(self.store.dir(), head.checkpoint().size, &asked)?;
                    return Ok((head.checkpoint().size, stamped));
                }
                // It may answer an earlier request.
                Err(why @ TimestampError::OtherDigest { .. }) => refused = refused.or(Some(why)),
                Err(why) => return Err(ServiceError::Other(why.to_string())),
            }
        }
        Err(ServiceError::Other(match refused {
            Some(why) => format!("the answer is to no request that was made here: {why}"),
            None => {
                "no timestamp was asked for yet. Begin with `exeunt evidence timestamp --request FILE`".into()
            }
        }))
    }
}

fn folder(state: &Path) -> PathBuf {
    state.join("timestamps")
}

/// Whole under its name or not at all.
fn keep(state: &Path, size: u64, asked: &Asked) -> Result<(), AttestError> {
    let dir = folder(state);
    let bytes = serde_json::to_vec(asked).map_err(|e| form("write what was timestamped")(&e))?;
    let place = dir.join(format!("{size:020}.json"));
    let part = place.with_extension("part");
    let written = fs::create_dir_all(&dir)
        .and_then(|()| fs::write(&part, bytes))
        .and_then(|()| fs::rename(&part, place));
    written.map_err(|cause| AttestError::Io { dir, cause })
}

/// All that was asked, oldest first.
fn all(state: &Path) -> Result<Vec<Asked>, AttestError> {
    let dir = folder(state);
    let failed = |cause| AttestError::Io { dir: dir.clone(), cause };
    let files = match fs::read_dir(&dir) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        files => files.map_err(failed)?,
    };
    let mut places: Vec<PathBuf> =
        files.map(|file| file.map(|file| file.path())).collect::<Result<_, _>>().map_err(failed)?;
    places.retain(|place| place.extension().is_some_and(|extension| extension == "json"));
    places.sort();
    let read = |place: &PathBuf| {
        let bytes = fs::read(place).map_err(failed)?;
        serde_json::from_slice(&bytes).map_err(|e| form("read what was timestamped")(&e))
    };
    places.iter().map(read).collect()
}
