//! What the ticket says, and how that compares with the facts. A claim never changes a state.

mod actors;
mod around;
mod compare;
mod findings;
mod history;
mod lines;
mod names;
mod promised;
mod read;
mod said;
#[cfg(test)]
mod tests;

pub(crate) use actors::same_person;
pub(crate) use around::seen;
pub(crate) use compare::compare;
pub(crate) use findings::findings;
pub(crate) use names::candidates;
pub(crate) use promised::not_observed;
pub(crate) use read::read;
pub(crate) use said::Said;
