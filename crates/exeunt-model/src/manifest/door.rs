//! Doors for everything else: a program that the operator names, and files that somebody exports.
//!
//! Their pages have one form, whatever they are made of: `{"taken": {"from": time, "to": time},
//! "partial": null or {"reason": word, "detail": text}, "rows": [...]}`. `taken` is when what they
//! show was so, which is not when it is read; the receipt carries it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One read out of the record stream of a program. A row is one of its records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExecRequest {
    /// The read's name in the stream.
    pub read: String,
    /// The scope in the stream, for reads that run for each row of another.
    #[serde(default)]
    pub scope: String,
    /// The system that the stream's header has to name. A program that read another one proves
    /// nothing here.
    pub system: String,
}

/// A table in a text file, with a header. A row is an object of the fields of `columns`, each a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CsvRequest {
    /// The file, beside the configuration when its path is relative.
    pub file: String,
    /// Fields, and the header of the column each is taken from. A field whose header is empty (a
    /// setting that was left empty) is left out. Every other header must be in the file once.
    pub columns: BTreeMap<String, String>,
    /// Headers of further columns, separated by `|`; `*` for any. A column that is neither mapped
    /// nor named here is a changed schema, since it may hold what the map does not know.
    #[serde(default)]
    pub ignore: String,
    /// Fields that together differ in every row, and are never empty.
    pub unique: Vec<String>,
    /// What separates the columns: one character, or `tab`.
    #[serde(default = "comma")]
    pub delimiter: String,
    /// How characters are written: a name of the Encoding Standard, such as `utf-8`,
    /// `windows-1252`, `utf-16le`.
    #[serde(default = "utf_8")]
    pub encoding: String,
    /// The number of rows, where the operator knows it. Empty when the file says so itself with a
    /// line `# rows: N`.
    #[serde(default)]
    pub rows: String,
    /// The time or day for which the file's owner declares it complete. Empty when the file says
    /// of when it is with a line `# as_of: TIME`; it then also has to say how many rows it has.
    #[serde(default)]
    pub complete_as_of: String,
}

fn comma() -> String {
    ",".to_owned()
}

fn utf_8() -> String {
    "utf-8".to_owned()
}

/// What is listed of a Baton file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BatonList {
    /// Kinds of resources, with their traits.
    ResourceTypes,
    /// Users, groups, roles and everything else.
    Resources,
    /// What can be granted on a resource.
    Entitlements,
    /// Who was granted it.
    Grants,
}

/// One list of a Baton file: a `.c1z` of version 1, or what `baton ... -o json` printed. A row is what
/// `baton -o json` calls an output: `{"resource": ..., "resourceType": ...}`, in its field names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BatonRequest {
    /// The `.c1z` file, or a folder with `syncs.json`, `resource-types.json`, `resources.json`,
    /// `entitlements.json` and `grants.json`. Beside the configuration when its path is relative.
    pub file: String,
    /// Where the clock was that the file's times were written by: `UTC`, an offset such as `+02:00`,
    /// or a name such as `Europe/Berlin`. They are written without it. Empty when it is not known; they
    /// are then taken as early and as late as they can be.
    #[serde(default)]
    pub zone: String,
    /// Which list.
    pub list: BatonList,
    /// Largest size of the unpacked file, in bytes. A larger one is not read.
    #[serde(default = "unpacked")]
    pub max_unpacked: u64,
}

/// A Baton file of a company of ten thousand is below this.
const fn unpacked() -> u64 {
    512 * 1024 * 1024
}

/// One stream of what an Airbyte source printed. A row is the data of one record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AirbyteRequest {
    /// The file with the messages, beside the configuration when its path is relative.
    pub file: String,
    /// The file with the configured catalog of the run. It says whether a stream was read whole: an
    /// incremental one holds changes only.
    pub catalog: String,
    /// The stream.
    pub stream: String,
    /// Its namespace; empty for none.
    #[serde(default)]
    pub namespace: String,
}
