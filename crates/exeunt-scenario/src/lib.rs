//! Leavers as data: a ticket, snapshots, owners and policy in a folder, and the verdict that is expected of them.
//!
//! A story is a folder of `scenarios/`: `story.yaml` says what happened and what a practitioner expects to be told,
//! `expected.txt` is the whole verdict as it was last reviewed. The connectors' own manifests say what kills what,
//! so that a story holds only what the systems showed.

mod expect;
mod records;
mod reviewed;
mod snapshots;
mod story;
mod told;

pub use expect::differences;
pub use reviewed::reviewed;
pub use story::{Company, Expect, Fault, Loaded, Shows, Story, StoryError};
pub use told::Told;
