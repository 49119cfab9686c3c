//! What the ticket says, and how that compares with the facts. A claim never changes a state.

mod compare;
mod read;

pub(crate) use compare::{compare, findings};
pub(crate) use read::{Said, read};
