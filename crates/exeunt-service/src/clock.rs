//! The one place where the real clock is read and real time is waited for.

use exeunt_connectors::clock::Clock;
use exeunt_model::{Duration, Timestamp};
use futures_util::future::BoxFuture;

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the named edge: everything else is handed a clock")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    #[expect(clippy::disallowed_methods, reason = "the named edge: everything else is handed a clock")]
    fn sleep(&self, wait: Duration) -> BoxFuture<'_, ()> {
        // A negative wait is over already.
        let wait = std::time::Duration::try_from(wait).unwrap_or_default();
        Box::pin(tokio::time::sleep(wait))
    }
}

/// A clock that stands still, for simulated companies and for commands that only look back. It
/// does not wait either: a simulated server is never in a hurry.
#[derive(Debug, Clone, Copy)]
pub struct FixedClock(pub Timestamp);

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        self.0
    }

    fn sleep(&self, _: Duration) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }
}
