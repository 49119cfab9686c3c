//! The stories of `scenarios/`, told and judged.

mod explained;
mod stories;
