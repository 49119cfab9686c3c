//! Attesting: receipts, claims and verdicts become entries of the ledger; a verdict becomes a
//! signed statement; a case becomes one file that anybody can verify.
//!
//! The ledger is the truth, the database's rows about it a way to find things: rows that a crash
//! lost are made again from the ledger when it is next opened.

use std::path::PathBuf;

use exeunt_evidence::bundle::{Contents, VERDICT_KIND, VERDICT_PREDICATE, seal};
use exeunt_evidence::checkpoint::SignedCheckpoint;
use exeunt_evidence::dsse::Envelope;
use exeunt_evidence::durable::{Disk, DurableLog, FoldLimit, Overlay};
use exeunt_evidence::in_toto::{PAYLOAD_TYPE, Statement, Subject};
use exeunt_evidence::ledger::{LedgerError, Standing};
use exeunt_evidence::record::Record;
use exeunt_evidence::{Ledger, SigningKey, VerifierKey};
use exeunt_model::verdict::VerdictDocument;
use exeunt_model::{Digest, Snapshot, Timestamp, canonical};
use exeunt_store::{LedgerRow, Store, StoreError};
use serde_json::json;

use crate::ledger::LedgerPlace;
use crate::timestamps::StampedHead;

/// Something could not be attested.
#[derive(Debug, thiserror::Error)]
pub enum AttestError {
    /// The ledger refused.
    #[error("the ledger in {}: {cause}", dir.display())]
    Ledger {
        /// Its folder.
        dir: PathBuf,
        /// Why.
        cause: LedgerError,
    },
    /// The folder could not be opened.
    #[error("could not open the ledger in {}: {cause}", dir.display())]
    Io {
        /// Its folder.
        dir: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// State could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Something could not be put into its form.
    #[error("could not {attempted}: {cause}")]
    Form {
        /// What was attempted.
        attempted: &'static str,
        /// Why.
        cause: String,
    },
    /// There is nothing to erase.
    #[error("nothing of `{0}` was ever kept, so there is nothing to erase. `exeunt sweep` lists the cases")]
    NothingKept(String),
    /// The verdict cannot be judged again.
    #[error(
        "what the verdict on `{0}` was judged by was not kept with it: it is of an older version. Make a new one with \
         `exeunt verify {0}`"
    )]
    NoBasis(String),
    /// There is no verdict to export.
    #[error("there is no verdict on `{0}` yet. Make one with `exeunt verify {0}`")]
    NoVerdict(String),
}

pub(crate) fn form(attempted: &'static str) -> impl Fn(&dyn std::fmt::Display) -> AttestError {
    move |cause| AttestError::Form { attempted, cause: cause.to_string() }
}

/// An entry about to be logged: what it is about, its record, and the body it stands for.
struct Entry {
    about: String,
    record: Record,
    body: Digest,
}

/// The ledger, its key, and the state beside it.
pub(crate) struct Attestor<'a> {
    pub(crate) store: &'a Store,
    pub(crate) key: &'a SigningKey,
    pub(crate) place: &'a LedgerPlace,
}

/// The ledger, wherever it is.
pub(crate) type Log = DurableLog<Box<dyn Disk>>;

impl Attestor<'_> {
    pub(crate) fn refused(&self, cause: LedgerError) -> AttestError {
        AttestError::Ledger { dir: self.place.name(), cause }
    }

    /// Opens the ledger, beginning one when there is none, and makes the rows up to date.
    pub(crate) async fn open(&self) -> Result<Log, AttestError> {
        let opened = DurableLog::open(self.place.take()?, self.key.clone(), FoldLimit::default());
        let (log, _) = opened.map_err(|e| self.refused(e))?;
        let mut rows = Vec::new();
        let ledger = self.reading(&log)?;
        for index in self.store.ledger_size().await?..ledger.head().checkpoint().size {
            let entry = ledger.entry(index).map_err(|e| self.refused(e))?;
            let record = Record::from_bytes(&entry).map_err(|e| form("read an entry of the ledger")(&e))?;
            let about = record.case.clone().unwrap_or_default();
            let body = model_digest(&record.body)?;
            rows.push(LedgerRow { index, about, kind: record.kind, body });
        }
        self.store.put_ledger_rows(&rows).await?;
        Ok(log)
    }

    pub(crate) fn reading<'l>(
        &self,
        log: &'l Log,
    ) -> Result<&'l Ledger<Overlay<Box<dyn Disk>>>, AttestError> {
        log.ledger().map_err(|e| self.refused(e))
    }

    async fn log(&self, entries: Vec<Entry>) -> Result<SignedCheckpoint, AttestError> {
        let mut log = self.open().await?;
        let bytes: Vec<Vec<u8>> = entries
            .iter()
            .map(|entry| entry.record.to_bytes())
            .collect::<Result<_, _>>()
            .map_err(|e| form("write an entry of the ledger")(&e))?;
        let first = log.commit(&bytes).map_err(|e| self.refused(e))?;
        // The entries are durable. Tiles that cannot be written now are written by whoever opens the ledger next.
        let _ = log.fold();
        let rows: Vec<LedgerRow> = (first..)
            .zip(entries)
            .map(|(index, Entry { about, record, body })| LedgerRow { index, about, kind: record.kind, body })
            .collect();
        self.store.put_ledger_rows(&rows).await?;
        Ok(self.reading(&log)?.head().clone())
    }

    /// Logs the receipts of a kept snapshot, once.
    pub(crate) async fn snapshot(
        &self,
        id: Digest,
        snapshot: &Snapshot,
        at: Timestamp,
    ) -> Result<(), AttestError> {
        let about = id.to_string();
        if self.store.ledger_rows(&about).await?.len() >= snapshot.reads.len() {
            return Ok(());
        }
        let mut entries = Vec::with_capacity(snapshot.reads.len());
        for read in &snapshot.reads {
            // A receipt names what was asked for, a person's login perhaps: it is sealed with its collection.
            let bytes = body(&json!({ "receipt": read.receipt, "snapshot": id }))?;
            let body = self.store.blobs().keep_packed(&bytes)?;
            let record = Record::shared("receipt", &at.to_string(), evidence_digest(&body)?);
            entries.push(Entry { about: about.clone(), record, body });
        }
        self.log(entries).await.map(|_| ())
    }

    /// Signs a verdict and logs it with the claims it was compared with and the basis it was judged by.
    pub(crate) async fn verdict(
        &self,
        verdict: &VerdictDocument,
        basis: Digest,
        at: Timestamp,
    ) -> Result<SignedCheckpoint, AttestError> {
        // What it rests on stays readable with the case, and goes with it.
        let inputs = &verdict.inputs;
        let mut subjects = Vec::new();
        let mut others: Vec<Digest> =
            inputs.manifests.values().chain([&inputs.policy, &inputs.owners]).copied().collect();
        for id in inputs.snapshots.values().flatten() {
            for row in self.store.ledger_rows(&id.to_string()).await? {
                let name = format!("receipt at ledger index {}", row.index);
                subjects.push(Subject::new(name, evidence_digest(&row.body)?));
                others.push(row.body);
            }
        }
        let snapshots: Vec<Digest> =
            inputs.snapshots.values().flatten().chain(&inputs.ticket).copied().collect();
        self.store.hold(&verdict.case, &snapshots, &others)?;
        let statement = Statement::new(VERDICT_PREDICATE, verdict, subjects)
            .to_json()
            .map_err(|e| form("write the statement of the verdict")(&e))?;
        let envelope = Envelope::sign(PAYLOAD_TYPE, statement, self.key)
            .to_json()
            .map_err(|e| form("write the envelope of the verdict")(&e))?;
        let signed = self.store.blobs().keep_for(&verdict.case, &envelope)?;
        let claims: Vec<_> =
            verdict.obligations.iter().flat_map(|o| o.claims.iter().map(|c| &c.claim)).collect();
        let claimed = body(&json!({ "case": verdict.case, "claims": claims }))?;
        let claimed = self.store.blobs().keep_for(&verdict.case, &claimed)?;
        // Rows follow the ledger here: `open` has made them up to date.
        drop(self.open().await?);
        let first = self.store.ledger_rows(&verdict.case).await?.len() as u64;
        let entry = |n: u64, kind: &str, body: Digest| -> Result<Entry, AttestError> {
            let digest = evidence_digest(&body)?;
            let record = Record::of_case(&verdict.case, first + n, kind, &at.to_string(), digest);
            Ok(Entry { about: verdict.case.clone(), record, body })
        };
        let entries =
            vec![entry(0, "claims", claimed)?, entry(1, BASIS_KIND, basis)?, entry(2, VERDICT_KIND, signed)?];
        self.log(entries).await
    }

    /// The newest verdict of a case as the ledger has it, and the basis logged before it.
    pub(crate) async fn logged(&self, case: &str) -> Result<LoggedVerdict, AttestError> {
        let log = self.open().await?;
        let ledger = self.reading(&log)?;
        let rows = self.store.ledger_rows(case).await?;
        // Rows only say where to look.
        let body_at = |index: u64| -> Result<Digest, AttestError> {
            let entry = ledger.entry(index).map_err(|e| self.refused(e))?;
            let record = Record::from_bytes(&entry).map_err(|e| form("read an entry of the ledger")(&e))?;
            model_digest(&record.body)
        };
        let mut newest = rows.iter().rev().skip_while(|row| row.kind != VERDICT_KIND);
        let index = newest.next().ok_or_else(|| AttestError::NoVerdict(case.to_owned()))?.index;
        let basis = newest.next().filter(|row| row.kind == BASIS_KIND);
        let basis = basis.ok_or_else(|| AttestError::NoBasis(case.to_owned()))?;
        let unread = |e: &dyn std::fmt::Display| form("read the logged verdict")(e);
        let envelope =
            Envelope::from_json(&self.store.blobs().get(&body_at(index)?)?).map_err(|e| unread(&e))?;
        let payload = envelope.verify(PAYLOAD_TYPE, &[self.key.verifier()]).map_err(|e| unread(&e))?;
        let statement = Statement::from_json(payload, VERDICT_PREDICATE).map_err(|e| unread(&e))?;
        Ok(LoggedVerdict { index, verdict: statement.predicate, basis: body_at(basis.index)? })
    }

    /// The file an auditor takes away, with these bodies beside those of its entries.
    pub(crate) async fn bundle(
        &self,
        case: &str,
        exchanges: Vec<Vec<u8>>,
        witnesses: &[VerifierKey],
    ) -> Result<Vec<u8>, AttestError> {
        let log = self.open().await?;
        let ledger = self.reading(&log)?;
        let rows = self.store.ledger_rows(case).await?;
        let verdict = rows
            .iter()
            .rfind(|row| row.kind == VERDICT_KIND)
            .ok_or_else(|| AttestError::NoVerdict(case.to_owned()))?;
        let document = self.latest(case).await?;
        let mut wanted = rows.clone();
        for id in document.inputs.snapshots.values().flatten() {
            wanted.extend(self.store.ledger_rows(&id.to_string()).await?);
        }
        let mut entries = Vec::with_capacity(wanted.len());
        let last = wanted.iter().map(|row| row.index).max().unwrap_or_default();
        let stamped = StampedHead::over(self.store.dir(), self.key.verifier(), last)?;
        let (checkpoint, timestamps) = match stamped {
            Some(stamped) => (stamped.head, vec![stamped.token]),
            None => (ledger.head().clone(), Vec::new()),
        };
        let prover = ledger.prover_at(checkpoint.checkpoint()).map_err(|e| self.refused(e))?;
        for row in &wanted {
            let body = self.store.blobs().get(&row.body)?;
            let entry = prover.bundle_entry(row.index, Some(body)).map_err(|e| self.refused(e))?;
            entries.push(entry);
        }
        let signatures = checkpoint.note().signatures();
        let cosigned = witnesses
            .iter()
            .filter(|key| signatures.iter().any(|line| line.name == key.name() && line.key_id == key.id()));
        let contents = Contents {
            case: case.to_owned(),
            entries,
            exchanges,
            verdict: verdict.index,
            checkpoint: checkpoint.clone(),
            witnesses: cosigned.cloned().collect(),
            timestamps,
        };
        seal(contents, self.key).map_err(|e| form("seal the bundle")(&e))
    }

    /// The newest verdict document of a case.
    pub(crate) async fn latest(&self, case: &str) -> Result<VerdictDocument, AttestError> {
        let rows = self.store.verdicts(case).await?;
        let row = rows.last().ok_or_else(|| AttestError::NoVerdict(case.to_owned()))?;
        let bytes = self.store.blobs().get(&row.id)?;
        serde_json::from_slice(&bytes).map_err(|e| form("read the kept verdict")(&e))
    }

    /// The signed head of the ledger.
    pub(crate) async fn head(&self) -> Result<SignedCheckpoint, AttestError> {
        Ok(self.reading(&self.open().await?)?.head().clone())
    }

    /// How heads that were kept elsewhere stand to the ledger.
    pub(crate) async fn compare(&self, heads: &[String]) -> Result<Vec<Standing>, AttestError> {
        let log = self.open().await?;
        let ledger = self.reading(&log)?;
        let standing = |note: &String| {
            let head = SignedCheckpoint::open(note, self.key.verifier(), &[]).map_err(LedgerError::from);
            head.and_then(|head| ledger.standing(head.checkpoint())).map_err(|e| self.refused(e))
        };
        heads.iter().map(standing).collect()
    }

    /// The proof that one entry is in the ledger.
    pub(crate) async fn prove(&self, index: u64) -> Result<String, AttestError> {
        let log = self.open().await?;
        let proof = self.reading(&log)?.prove(index).map_err(|e| self.refused(e))?;
        Ok(proof.to_string())
    }

    /// Logs that a case was erased, then destroys its key: in this order, so that an end in between leaves an erasure
    /// that is run again, and never one that nobody knows of.
    pub(crate) async fn erase(&self, case: &str, at: Timestamp) -> Result<u64, AttestError> {
        drop(self.open().await?);
        let rows = self.store.ledger_rows(case).await?;
        if rows.is_empty() {
            return Err(AttestError::NothingKept(case.to_owned()));
        }
        let erased: Vec<&Digest> =
            rows.iter().filter(|row| row.kind != ERASURE_KIND).map(|row| &row.body).collect();
        // In the clear, since it is to be read when nothing of the case can be: it names the case and nobody.
        let body = self.store.blobs().keep(&body(&json!({ "case": case, "erased": erased }))?)?;
        let digest = evidence_digest(&body)?;
        let record = Record::of_case(case, rows.len() as u64, ERASURE_KIND, &at.to_string(), digest);
        let head = self.log(vec![Entry { about: case.to_owned(), record, body }]).await?;
        self.store.erase_case(case).await?;
        Ok(head.checkpoint().size.saturating_sub(1))
    }
}

/// A verdict as the ledger has it.
pub(crate) struct LoggedVerdict {
    /// Ledger index.
    pub(crate) index: u64,
    /// What was signed.
    pub(crate) verdict: serde_json::Value,
    /// The digest of what it was judged by.
    pub(crate) basis: Digest,
}

/// The kind of record whose body is what a verdict was judged by, besides what the verdict names itself.
pub(crate) const BASIS_KIND: &str = "basis";

/// The kind of record that says that a case's bodies were erased.
const ERASURE_KIND: &str = "erasure";

fn body(value: &serde_json::Value) -> Result<Vec<u8>, AttestError> {
    canonical::bytes(value).map_err(|e| form("write a body")(&e))
}

// The evidence crate sees bytes and nothing of ours, so a digest crosses over as its text.
fn evidence_digest(digest: &Digest) -> Result<exeunt_evidence::Digest, AttestError> {
    digest
        .to_string()
        .parse()
        .map_err(|e: exeunt_evidence::digest::DigestError| form("carry a digest over")(&e))
}

fn model_digest(digest: &exeunt_evidence::Digest) -> Result<Digest, AttestError> {
    digest.to_string().parse().map_err(|e: exeunt_model::digest::NotADigest| form("carry a digest over")(&e))
}
