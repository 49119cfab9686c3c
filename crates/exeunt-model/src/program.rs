//! What a program says on its standard output when it reads a system for us: one JSON object a line.
//!
//! A header, then records and one receipt for each read and scope in any order, then an end. A
//! record after the receipt of its read, a read without receipt, a stream without end, and a
//! number that does not add up each make what they concern partial.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::receipt::Outcome;

/// The version of this form.
pub const VERSION: u32 = 1;

/// One line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ProgramLine {
    /// The first line.
    Header {
        /// The version of the form; `1`.
        protocol: u32,
        /// The system that was read, by the name the operator gave it.
        system: String,
    },
    /// One record of a read.
    Record {
        /// The read.
        read: String,
        /// The scope, for reads that run for each row of another.
        #[serde(default)]
        scope: String,
        /// The record. References are relative to the system: `account/7`.
        #[schemars(with = "crate::Record")]
        record: serde_json::Value,
    },
    /// The end of a read of one scope.
    Receipt {
        /// The read.
        read: String,
        /// The scope.
        #[serde(default)]
        scope: String,
        /// Whether that was all of it.
        outcome: Outcome,
        /// How many records of it came.
        records: u64,
        /// When what they show was so, if that is not while the program ran: the time of a
        /// nightly copy that it reads.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        as_of: Option<Timestamp>,
    },
    /// The last line.
    End {
        /// How many records came in all.
        records: u64,
    },
}
