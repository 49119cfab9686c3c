//! The stories of `scenarios/`, told and judged.

#![expect(clippy::expect_used, reason = "what a test stands on has to be there")]

mod explained;
mod stories;
