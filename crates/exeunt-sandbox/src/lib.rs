//! A simulated company, Halden Instruments, that speaks its vendors' real APIs on loopback.
//!
//! [`World::halden`] is the company as plain data, grown from a seed; [`Sandbox::start`] serves it, one port per
//! system. A connector written for the vendor's API reads it without knowing the difference. The company can be
//! visited on three days ([`Phase`]): before a leaver left, after her ticket said Done while nine things were not,
//! and after they were dealt with. [`story`] names what was planted.
//!
//! With the feature `contract`, the module `contract` holds requests and responses against the vendors' own published
//! API descriptions.

pub mod answer;
pub mod calendar;
pub mod call;
#[cfg(feature = "contract")]
pub mod contract;
pub mod credentials;
pub mod fault;
pub mod paging;
pub mod seed;
pub mod server;
pub mod staff;
pub mod story;
pub mod systems;
pub mod world;

pub use calendar::Phase;
pub use fault::Fault;
pub use server::{Request, Sandbox, StartError};
pub use systems::System;
pub use world::World;
