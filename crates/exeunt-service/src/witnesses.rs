//! The witnesses: others who follow the ledger and cosign its head, so that it cannot show two histories.
//!
//! After an entry, the new head goes to each witness that the configuration names, with the proof that it continues the
//! head the witness saw last (C2SP tlog-witness v1.0.0). A witness that cannot be reached or does not cosign is told of,
//! and stops nothing: the entry is logged before anybody is asked.

use std::fmt;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use exeunt_connectors::post::{Desk, post_text};
use exeunt_evidence::VerifierKey;
use exeunt_evidence::witness::{Reply, Request};
use exeunt_model::Digest;
use exeunt_model::config::{TlsConfig, WitnessConfig};
use futures_util::future::join_all;

use crate::attest::AttestError;
use crate::error::ServiceError;
use crate::service::Service;

/// A witness answers from one small file.
const LIMIT: Duration = Duration::from_secs(10);

/// Who has the ledger open.
type Gate = tokio::sync::Mutex<()>;

/// What came of asking one witness.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WitnessReport {
    /// The name of its key, or where it is.
    pub name: String,
    /// What came of it.
    pub outcome: WitnessOutcome,
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WitnessOutcome {
    /// It cosigned the head, and the cosignature is kept with it.
    Cosigned {
        /// The size of the head.
        size: u64,
    },
    /// It knows the log larger than it is: the ledger was put back to an earlier state.
    Ahead {
        /// The size it knows.
        size: u64,
        /// The size there is.
        here: u64,
    },
    /// There is no cosignature, and why.
    Failed(String),
}

impl fmt::Display for WitnessReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.name;
        match &self.outcome {
            WitnessOutcome::Cosigned { size } => {
                write!(f, "the witness {name} cosigned the ledger at size {size}")
            }
            WitnessOutcome::Ahead { size, here } => write!(
                f,
                "the witness {name} knows the ledger at size {size}, and it has {here}: it was put back to an earlier \
                 state. Find out who could write it"
            ),
            WitnessOutcome::Failed(why) => write!(
                f,
                "the witness {name} did not cosign: {why}. What was logged is logged; it is asked again at the next entry"
            ),
        }
    }
}

impl Service {
    /// Sends the head of the ledger to each witness, and keeps the cosignatures. Whoever watches is told what came of it.
    ///
    /// # Errors
    /// When the ledger cannot be read; a witness that fails is no error.
    pub async fn ask_witnesses(&self) -> Result<Vec<WitnessReport>, ServiceError> {
        let witnesses = &self.config.config.evidence.witnesses;
        if witnesses.is_empty() {
            return Ok(Vec::new());
        }
        // All at once, since one may be dead; the ledger is opened by one after the other.
        let gate = Gate::default();
        let asked = join_all(witnesses.iter().map(|witness| self.ask_witness(witness, &gate))).await;
        let mut reports = Vec::with_capacity(asked.len());
        for (witness, asked) in witnesses.iter().zip(asked) {
            let (name, outcome) = match asked {
                Err(why) => (witness.url.clone(), WitnessOutcome::Failed(why)),
                Ok((key, Ok(Cosigned { size, line }))) => {
                    let outcome = match self.attestor().cosign(size, &line, &key).await {
                        Ok(()) => self.remember(&key, size),
                        Err(error) => Err(error.to_string()),
                    };
                    let outcome = outcome.map(|()| WitnessOutcome::Cosigned { size });
                    (key.name().to_owned(), outcome.unwrap_or_else(WitnessOutcome::Failed))
                }
                Ok((key, Err(outcome))) => (key.name().to_owned(), outcome),
            };
            let report = WitnessReport { name, outcome };
            self.around.progress.witnessed(&report);
            reports.push(report);
        }
        Ok(reports)
    }

    async fn ask_witness(
        &self,
        witness: &WitnessConfig,
        gate: &Gate,
    ) -> Result<(VerifierKey, Result<Cosigned, WitnessOutcome>), String> {
        let key: VerifierKey =
            witness.key.parse().map_err(|e| format!("`key` is no verifier key of a witness ({e})"))?;
        let desk = self.desk(&witness.url, &witness.tls, witness.allow_private);
        let outcome = self.cosignature(&desk, &key, gate).await;
        Ok((key, outcome))
    }

    /// Asks, and once more from where the witness says it is.
    async fn cosignature(
        &self,
        desk: &Desk,
        key: &VerifierKey,
        gate: &Gate,
    ) -> Result<Cosigned, WitnessOutcome> {
        let failed = |why: String| WitnessOutcome::Failed(why);
        let (mut old, mut told) = (self.remembered(key), false);
        loop {
            let asked = {
                let _alone = gate.lock().await;
                self.attestor().request(old).await.map_err(|e| failed(e.to_string()))?
            };
            let (size, request) = match asked {
                Ok(asked) => asked,
                Err(here) if told => return Err(WitnessOutcome::Ahead { size: old, here }),
                // What is remembered of a ledger that was put back says little; the witness says where it is.
                Err(_) => {
                    old = 0;
                    continue;
                }
            };
            let posted = post_text(desk, "/add-checkpoint", request.to_string(), LIMIT).await;
            let posted = posted.map_err(|e| failed(e.to_string()))?;
            match Reply::read(posted.status, &posted.content_type, &posted.body, key) {
                Reply::Cosigned(lines) => {
                    let line = lines.into_iter().next().unwrap_or_default();
                    return Ok(Cosigned { size, line });
                }
                Reply::From(known) if !told => (old, told) = (known, true),
                Reply::From(known) => {
                    return Err(failed(format!(
                        "it says it is at {known}, and did not take the proof from there"
                    )));
                }
                Reply::Refused { status: 200, .. } => {
                    return Err(failed(
                        "what it answered is not signed with its key; correct `key`".to_owned(),
                    ));
                }
                Reply::Refused { status, why } => {
                    return Err(failed(format!("it answered {status} ({})", self.said(&why))));
                }
            }
        }
    }

    /// Whom to ask, as it is configured.
    pub(crate) fn desk(&self, url: &str, tls: &TlsConfig, allow_private: bool) -> Desk {
        Desk {
            url: url.to_owned(),
            allow_private,
            plain_text_on_loopback: tls.plain_text_on_loopback,
            ca_file: tls.ca_file.as_ref().map(|file| self.config.base.join(file)),
        }
    }

    /// What a stranger says, short and without secrets.
    fn said(&self, why: &str) -> String {
        let short: String = why.chars().filter(|c| !c.is_control()).take(160).collect();
        exeunt_connectors::redact::Redactor::new(self.fingerprints.clone()).text(&short).0
    }

    fn place(&self, key: &VerifierKey) -> PathBuf {
        self.store.dir().join("witnesses").join(Digest::of(key.to_string().as_bytes()).hex())
    }

    /// The size a witness cosigned last, as far as is known here. It saves a question and nothing else.
    fn remembered(&self, key: &VerifierKey) -> u64 {
        fs::read_to_string(self.place(key)).ok().and_then(|text| text.trim().parse().ok()).unwrap_or(0)
    }

    fn remember(&self, key: &VerifierKey, size: u64) -> Result<(), String> {
        let path = self.place(key);
        let folder = self.store.dir().join("witnesses");
        let kept = fs::create_dir_all(folder).and_then(|()| fs::write(&path, format!("{size}\n")));
        kept.map_err(|e| format!("it cosigned, and {} could not be written: {e}", path.display()))
    }
}

/// A line of a witness for the head of this size.
struct Cosigned {
    size: u64,
    line: String,
}

impl crate::attest::Attestor<'_> {
    /// What to ask a witness that saw the ledger at this size; the size of the ledger if it is smaller.
    async fn request(&self, old: u64) -> Result<Result<(u64, Request), u64>, AttestError> {
        let log = self.open().await?;
        let ledger = self.reading(&log)?;
        let size = ledger.head().checkpoint().size;
        if old > size {
            return Ok(Err(size));
        }
        let proof = ledger.proof_from(old).map_err(|e| self.refused(e))?;
        Ok(Ok((size, Request { old, proof, checkpoint: ledger.head().note().clone() })))
    }

    /// Puts a cosignature to the head; it is verified first. A head that moved on meanwhile is cosigned another time.
    async fn cosign(&self, size: u64, line: &str, witness: &VerifierKey) -> Result<(), AttestError> {
        let mut log = self.open().await?;
        if self.reading(&log)?.head().checkpoint().size != size {
            return Ok(());
        }
        log.cosign(line, witness).map_err(|e| self.refused(e))
    }
}
