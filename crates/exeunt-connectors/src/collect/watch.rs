//! How a collection is watched and stopped from outside.

use tokio::sync::watch;

use exeunt_model::ReadReceipt;

/// Is told how far a collection is.
pub trait Progress: Send + Sync {
    /// A read begins with this many scopes.
    fn begins(&self, read: &str, scopes: usize);
    /// A page of a read was kept.
    fn page(&self, read: &str, scope: &str, rows: u64);
    /// A scope of a read ended.
    fn ended(&self, receipt: &ReadReceipt);
}

/// Tells nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Quiet;

impl Progress for Quiet {
    fn begins(&self, _: &str, _: usize) {}
    fn page(&self, _: &str, _: &str, _: u64) {}
    fn ended(&self, _: &ReadReceipt) {}
}

/// A wish to stop, shared between who stops and who runs. What was read until then is kept, and
/// what was not is partial.
#[derive(Debug, Clone)]
pub struct Stop(watch::Sender<bool>);

impl Default for Stop {
    fn default() -> Self {
        Self(watch::channel(false).0)
    }
}

impl Stop {
    /// Nobody wants to stop yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Stop now.
    pub fn now(&self) {
        self.0.send_replace(true);
    }

    /// Whether somebody said so.
    #[must_use]
    pub fn is_set(&self) -> bool {
        *self.0.borrow()
    }

    /// Ends when somebody says so.
    pub async fn said(&self) {
        // The sender lives in `self`, so that waiting cannot fail.
        let _ = self.0.subscribe().wait_for(|stop| *stop).await;
    }
}
