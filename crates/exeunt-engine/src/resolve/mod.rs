//! Who can reach what: one access graph over all systems and all kept snapshots.
//!
//! An edge is kept with every sighting of it, so that what was seen at different times is one graph: a
//! membership that cannot be read today and a grant that was made yesterday are a path, and its state is
//! judged edge by edge.

mod graph;
mod reach;

pub(crate) use graph::{Edge, Graph, Tie};
pub(crate) use reach::{Found, Reach, Target};
