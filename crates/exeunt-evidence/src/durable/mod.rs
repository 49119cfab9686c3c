//! Durable appends: many submitters, one commit at a time, one `fdatasync` for each batch.
//!
//! A batch is written to a journal, entries first and the signed head that covers them last, and is acknowledged when
//! the disk has it. Tiles and the public `checkpoint` follow later, many batches at once (*folding*); only then is the
//! journal taken away. A crash at any moment leaves the public files at an earlier head and the journal with everything
//! that was acknowledged since; opening replays it. A frame of the journal needs no checksum: its entries must hash
//! to the root that its own head is signed for.
//!
//! No clock takes part: the order of the log is the order of its indexes, whatever times entries state.

mod committer;
mod disk;
mod fold;
mod folder;
mod frame;
mod log;
mod overlay;
mod replay;
mod state;

pub use committer::{Committer, NotLogged, Ticket};
pub use disk::Disk;
pub use fold::{Fold, FoldLimit};
pub use folder::FolderDisk;
pub use frame::frame;
pub use log::DurableLog;
pub use overlay::Overlay;
pub use replay::Recovered;
