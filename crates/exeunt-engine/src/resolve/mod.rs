//! Who can reach what: one access graph over all systems and all kept snapshots.
//!
//! An edge is kept with every sighting of it, so that what was seen at different times is one graph: a
//! membership that cannot be read today and a grant that was made yesterday are a path, and its state is
//! judged edge by edge.

mod graph;
mod laid_out;
mod map;
mod reach;
mod still;
#[cfg(test)]
mod tests;

pub(crate) use graph::{Edge, Graph, Tie};
pub use laid_out::{HOLDER_KINDS, LaidOut};
pub(crate) use map::access_map;
pub(crate) use reach::{Found, Reach, Target};
pub(crate) use still::still_reached;
pub use still::{StillReaches, Worst};
