//! Time as a parameter: what reads the clock and waits is handed in.

use futures_util::future::BoxFuture;

use exeunt_model::{Duration, Timestamp};

/// Tells the time and waits. Receipts carry its times, throttling waits on it.
pub trait Clock: Send + Sync {
    /// Now, UTC.
    fn now(&self) -> Timestamp;
    /// Ends after `wait`.
    fn sleep(&self, wait: Duration) -> BoxFuture<'_, ()>;
}
