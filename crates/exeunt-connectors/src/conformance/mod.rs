//! The harness that every connector passes: recorded answers, broken in every way a network or a
//! vendor breaks them, must end in `partial(reason)` and never in a shorter list.

mod memory;

pub use memory::{FixedClock, MemoryShelf};
