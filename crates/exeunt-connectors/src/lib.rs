//! The only code that talks to outside systems.
//!
//! A manifest says what to read; this crate reads it, and says of every read whether that was
//! all. It judges nothing.

pub mod catalogue;
pub mod clock;
pub mod collect;
pub mod conformance;
pub mod draft;
pub mod manifest;
pub mod mapper;
pub mod net;
pub mod pages;
pub mod post;
pub mod protocol;
pub mod redact;
pub mod secret;
pub mod shelf;
mod template;
