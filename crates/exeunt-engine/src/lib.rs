//! Pure: correlate, resolve, judge.
//!
//! Given the kept snapshots, a case, the policy, the owners and a time, says what can still act for one leaver,
//! by which path, where the removal broke and who answers for it. There is no clock, randomness, network,
//! disk or async in here: the same values give the same verdict, byte for byte, on any day.
//!
//! The order of the stages is the order of the modules: [`estate`](crate) indexes what was read, `correlate`
//! says whose an account is, `resolve` follows what a person reaches, `liveness` says in which state a thing
//! is, `obligations` makes the list, `claims` compares it with the ticket, and `judge` says the verdict.

mod accountability;
mod both;
mod case;
mod claims;
mod clocks;
mod correlate;
mod estate;
mod inputs;
mod judge;
mod liveness;
mod obligations;
mod order;
mod programme;
pub mod reach;
mod resolve;
pub mod slice;
mod sweep;

#[cfg(test)]
mod kept;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod small_world;

pub use accountability::{OwnerFinding, RegisterCheck, check_owners};
pub use case::{Candidate, CaseError, case_from_ticket};
pub use correlate::matcher;
pub use inputs::{Inputs, ManifestInUse};
pub use judge::control_points::{CONTROL_POINTS, Point, manual};
pub use judge::{Prepared, judge_case};
pub use programme::{Tally, figures};
pub use resolve::{HOLDER_KINDS, LaidOut, StillReaches, Worst};
pub use sweep::{LeftAccount, Orphan, PersonWhoLeft, Sweep, access_of_everybody, people_who_left};
