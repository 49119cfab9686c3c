//! A snapshot: everything one collection of one system produced, read by read.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::receipt::ReadReceipt;
use crate::record::Record;
use crate::reference::SystemId;
use crate::{Digest, Timestamp, canonical};

/// One read of one scope: its receipt and the records it showed, in canonical order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Read {
    /// What was asked and whether everything came back.
    pub receipt: ReadReceipt,
    /// What was shown.
    pub records: Vec<Record>,
    /// Where it is, when it was too much to hold: in parts kept beside the snapshot. Then `records` is empty as long as
    /// the parts were not fetched.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kept: Vec<RecordChunk>,
}

/// Records kept beside a snapshot: a blob of JSON lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordChunk {
    /// The blob.
    pub digest: Digest,
    /// How many there are.
    pub records: u32,
}

impl Read {
    /// How many records were shown, wherever they are. One that was shown twice may count twice until it is loaded.
    #[must_use]
    pub fn shown(&self) -> usize {
        let kept: usize = self.kept.iter().map(|chunk| chunk.records as usize).sum();
        if self.records.is_empty() { kept } else { self.records.len() }
    }
}

/// Everything one collection of one system produced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Snapshot {
    /// Version of this form.
    pub version: u32,
    /// The system.
    pub system: SystemId,
    /// The manifest's name.
    pub connector: String,
    /// The manifest's digest.
    pub manifest: Digest,
    /// When collection began.
    pub started: Timestamp,
    /// When it ended.
    pub ended: Timestamp,
    /// The reads, ordered by name and scope.
    pub reads: Vec<Read>,
}

impl Snapshot {
    /// The version written by this program.
    pub const VERSION: u32 = 1;

    /// Puts reads and records in the order that makes equal snapshots equal bytes: neither the
    /// order of answers nor the order of rows on a page carries meaning.
    #[must_use]
    pub fn in_order(mut self) -> Self {
        for read in &mut self.reads {
            read.records.sort();
            read.records.dedup();
        }
        self.reads
            .sort_by(|a, b| (&a.receipt.read, &a.receipt.scope).cmp(&(&b.receipt.read, &b.receipt.scope)));
        self
    }

    /// The snapshot's identity: the digest of its canonical bytes.
    ///
    /// # Errors
    /// When it cannot be JSON, which its types rule out.
    pub fn id(&self) -> Result<Digest, serde_json::Error> {
        Ok(Digest::of(&self.at_rest()?))
    }

    /// The canonical bytes, without the records that are kept beside.
    ///
    /// # Errors
    /// As for [`Self::id`].
    pub fn at_rest(&self) -> Result<Vec<u8>, serde_json::Error> {
        if self.reads.iter().all(|read| read.kept.is_empty() || read.records.is_empty()) {
            return canonical::bytes(self);
        }
        let read = |read: &Read| Read {
            receipt: read.receipt.clone(),
            records: if read.kept.is_empty() { read.records.clone() } else { Vec::new() },
            kept: read.kept.clone(),
        };
        let Self { version, system, connector, manifest, started, ended, reads } = self;
        canonical::bytes(&Self {
            version: *version,
            system: system.clone(),
            connector: connector.clone(),
            manifest: *manifest,
            started: *started,
            ended: *ended,
            reads: reads.iter().map(read).collect(),
        })
    }

    /// Whether every read was complete.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.reads.iter().all(|read| read.receipt.outcome.is_complete())
    }

    /// All records with the read that showed each.
    pub fn records(&self) -> impl Iterator<Item = (&Read, &Record)> {
        self.reads.iter().flat_map(|read| read.records.iter().map(move |record| (read, record)))
    }
}
