//! The traps of paging.
