//! The product on real servers: what `exeunt verify` says of the people in the lab (`cargo xtask lab`).
//!
//! Every test takes the lab for itself, since it is one world. `cargo xtask test` starts it and names it in
//! `EXEUNT_LAB`; without it these tests fail and say how to run them.

mod expected;
mod running;
mod setup;
mod sign_in;
mod story;

pub use setup::Ahead;
