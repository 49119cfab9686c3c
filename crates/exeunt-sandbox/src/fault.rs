//! Bad days that can be put on a system.

/// What goes wrong with every call to a system until it is cleared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The system answers with this status and a bare message.
    Status(u16),
    /// The system answers 429 and asks to wait this many seconds.
    RateLimited(u32),
    /// Only calls whose path contains this text answer with this status.
    StatusOn(String, u16),
    /// The body ends after this many bytes of the announced length.
    Truncated(usize),
    /// The connection is closed without an answer.
    Refused,
}
