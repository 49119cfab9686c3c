//! What everybody reaches, over plain numbers: the access graph of an estate of a million people in a few flat arrays.
//!
//! *Holders* are people, accounts, groups and whatever else leads on; *entitlements* are what can be done in the end.
//! *Steps* lead from holder to holder, *grants* from a holder to an entitlement. Everything has a [`Level`]: a way is as
//! dead as its deadest part, and a walk says up to which level it goes.
//!
//! A [`Walk`] gives, for one start, every entitlement with the fewest steps to it, one such way, how dead that way is and
//! which kinds of identity it goes through. [`cuts`] names what has to be taken away for one of them to end. A [`Watch`]
//! knows who met whom, so that a recheck looks only at what a change can alter.

mod altered;
mod bits;
mod change;
mod cuts;
mod deferred;
mod differ;
mod granted;
mod graph;
mod near;
mod path;
mod rows;
mod visits;
mod walk;
mod watch;
mod ways;

#[cfg(test)]
mod change_tests;
#[cfg(test)]
mod cut_tests;
#[cfg(test)]
mod deferred_tests;
#[cfg(test)]
mod reference;
#[cfg(test)]
mod walk_tests;
#[cfg(test)]
mod watch_tests;

pub use change::{Change, Changes};
pub use cuts::{Bounds, Cut, Cuts, Taken, cuts};
pub use graph::{AccessGraph, Columns, Level, Malformed};
pub use path::{Leg, Path};
pub use walk::{Answer, Reached, Visit, Walk};
pub use watch::{Difference, Watch};
