//! What a witness answers, and how a log reads it (C2SP tlog-witness v1.0.0, "add-checkpoint").

use crate::VerifierKey;
use crate::encoding::from_decimal;
use crate::note::NoteSignature;

/// Media type of a size in the answer 409.
const SIZE_TYPE: &str = "text/x.tlog.size";

/// The answer to an `add-checkpoint` request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// 200: cosignature lines, each with its newline.
    Cosigned(String),
    /// 400: not a request, or its old size is above the new one.
    Malformed(String),
    /// 403: no trusted key of the log signed, or one signed something else.
    NotByLog(String),
    /// 404: a log this witness does not follow.
    UnknownLog(String),
    /// 409: the head cosigned last has this size, not the one in the request.
    OtherSize(u64),
    /// 422: the new head does not continue the one cosigned last, or its proof does not show it.
    NotContinued(String),
    /// 500: the head could not be kept, so it was not cosigned.
    Failed(String),
}

impl Answer {
    /// HTTP status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::Cosigned(_) => 200,
            Self::Malformed(_) => 400,
            Self::NotByLog(_) => 403,
            Self::UnknownLog(_) => 404,
            Self::OtherSize(_) => 409,
            Self::NotContinued(_) => 422,
            Self::Failed(_) => 500,
        }
    }

    /// HTTP content type.
    #[must_use]
    pub const fn content_type(&self) -> &'static str {
        match self {
            Self::OtherSize(_) => SIZE_TYPE,
            _ => "text/plain; charset=utf-8",
        }
    }

    /// HTTP body. What went wrong inside the witness stays inside.
    #[must_use]
    pub fn body(&self) -> String {
        match self {
            Self::Cosigned(lines) => lines.clone(),
            Self::OtherSize(size) => format!("{size}\n"),
            Self::UnknownLog(origin) => format!("this witness does not follow the log {origin}\n"),
            Self::Malformed(why) | Self::NotByLog(why) | Self::NotContinued(why) => format!("{why}\n"),
            Self::Failed(_) => "the head could not be kept, so it was not cosigned\n".into(),
        }
    }
}

/// What a log makes of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Lines that say they are by the witness; they are checked when they are put to the checkpoint. Lines by others are
    /// left out.
    Cosigned(Vec<String>),
    /// The witness knows the log at this size: ask again with a proof from there.
    From(u64),
    /// It does not cosign.
    Refused {
        /// HTTP status.
        status: u16,
        /// The first line it said.
        why: String,
    },
}

impl Reply {
    /// Reads an answer of a witness.
    #[must_use]
    pub fn read(status: u16, content_type: &str, body: &str, witness: &VerifierKey) -> Self {
        let refused = || Self::Refused { status, why: body.lines().next().unwrap_or("").to_owned() };
        match status {
            200 => {
                let ours = |line: &&str| {
                    NoteSignature::parse(line)
                        .is_ok_and(|line| line.name == witness.name() && line.key_id == witness.id())
                };
                let lines: Vec<String> = body.lines().filter(ours).map(str::to_owned).collect();
                if lines.is_empty() { refused() } else { Self::Cosigned(lines) }
            }
            409 if content_type == SIZE_TYPE => {
                body.strip_suffix('\n').and_then(from_decimal).map_or_else(refused, Self::From)
            }
            _ => refused(),
        }
    }
}
