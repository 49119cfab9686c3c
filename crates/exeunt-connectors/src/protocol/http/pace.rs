//! How fast and how many at once, for one system.
//!
//! Two limits of ours (requests under way, requests per second) and one of the system's: when it
//! says that the quota is used up, the next request of any read waits until it is full again.

use std::num::NonZeroU32;
use std::ops::Add;
use std::sync::{Arc, Mutex, PoisonError};

use governor::clock::Reference;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use tokio::sync::{Semaphore, SemaphorePermit};

use exeunt_model::manifest::ClientRules;
use exeunt_model::{Duration, Timestamp};

use crate::clock::Clock;

/// The wait that was asked for is longer than is obeyed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLong(pub Duration);

/// The limits of one system.
pub struct Pace {
    clock: Arc<dyn Clock>,
    slots: Semaphore,
    rate: RateLimiter<NotKeyed, InMemoryState, RateClock, NoOpMiddleware<RateInstant>>,
    longest_wait: Duration,
    not_before: Mutex<Option<Timestamp>>,
}

impl Pace {
    /// The limits a manifest states. Zero is read as one: a limit of nothing could only be a slip.
    #[must_use]
    pub fn new(rules: &ClientRules, clock: Arc<dyn Clock>) -> Self {
        let per_second = NonZeroU32::new(rules.rate.per_second).unwrap_or(NonZeroU32::MIN);
        let rate_clock = RateClock(Arc::clone(&clock));
        Self {
            slots: Semaphore::new(rules.concurrency.max(1) as usize),
            rate: RateLimiter::direct_with_clock(Quota::per_second(per_second), rate_clock),
            longest_wait: rules.throttle.longest_wait,
            not_before: Mutex::new(None),
            clock,
        }
    }

    /// Waits for the turn of one request; it is over when the permit is dropped.
    ///
    /// # Errors
    /// When the system's quota fills later than may be waited for.
    pub async fn turn(&self) -> Result<SemaphorePermit<'_>, TooLong> {
        // The semaphore is never closed; if it were, there would be nothing left to limit.
        let permit = loop {
            self.wait_for_quota().await?;
            let Ok(permit) = self.slots.acquire().await else { continue };
            // Another request may have learnt of an empty quota while this one stood in line.
            if self.held().is_none() {
                break permit;
            }
        };
        self.wait_for_rate().await;
        Ok(permit)
    }

    /// No request leaves before `wait` is over.
    pub fn hold(&self, wait: Duration) {
        let Ok(until) = self.clock.now().checked_add(wait) else { return };
        let mut not_before = self.not_before.lock().unwrap_or_else(PoisonError::into_inner);
        *not_before = Some(not_before.map_or(until, |already| already.max(until)));
    }

    fn held(&self) -> Option<Timestamp> {
        *self.not_before.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn wait_for_quota(&self) -> Result<(), TooLong> {
        while let Some(until) = self.held() {
            let wait = until.duration_since(self.clock.now());
            if wait > self.longest_wait {
                return Err(TooLong(wait));
            }
            if wait > Duration::ZERO {
                self.clock.sleep(wait).await;
            }
            // Cleared by whoever waited it out, unless a later one was learnt meanwhile.
            let mut not_before = self.not_before.lock().unwrap_or_else(PoisonError::into_inner);
            if *not_before == Some(until) {
                *not_before = None;
            }
        }
        Ok(())
    }

    async fn wait_for_rate(&self) {
        while let Err(full) = self.rate.check() {
            let before = self.clock.now();
            let wait = full.wait_time_from(governor::clock::Clock::now(&RateClock(Arc::clone(&self.clock))));
            self.clock.sleep(Duration::try_from(wait).unwrap_or(Duration::MAX)).await;
            if self.clock.now() <= before {
                // A clock that stands still while it waits has said that the wait is over.
                return;
            }
        }
    }
}

/// The run's clock, as the rate limiter wants it.
#[derive(Clone)]
struct RateClock(Arc<dyn Clock>);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct RateInstant(u64);

impl Add<Nanos> for RateInstant {
    type Output = Self;
    fn add(self, other: Nanos) -> Self {
        Self(self.0.saturating_add(other.as_u64()))
    }
}

impl Reference for RateInstant {
    fn duration_since(&self, earlier: Self) -> Nanos {
        Nanos::from(self.0.saturating_sub(earlier.0))
    }
    fn saturating_sub(&self, duration: Nanos) -> Self {
        Self(self.0.checked_sub(duration.as_u64()).unwrap_or(self.0))
    }
}

impl governor::clock::Clock for RateClock {
    type Instant = RateInstant;
    fn now(&self) -> RateInstant {
        // Nanoseconds since 1970 fit until the year 2554; before 1970 there is nothing to pace.
        RateInstant(u64::try_from(self.0.now().as_nanosecond()).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::{Pace, TooLong};
    use crate::clock::Clock;
    use exeunt_model::manifest::{ClientRules, RateRule};
    use exeunt_model::{Duration, Timestamp};
    use futures_util::future::BoxFuture;
    use std::sync::{Arc, Mutex};

    struct Hand(Mutex<(Timestamp, Vec<Duration>)>);

    impl Hand {
        fn new() -> Arc<Self> {
            Arc::new(Self(Mutex::new((Timestamp::UNIX_EPOCH, Vec::new()))))
        }
        fn waits(&self) -> Vec<Duration> {
            self.0.lock().expect("clock").1.clone()
        }
    }

    impl Clock for Hand {
        fn now(&self) -> Timestamp {
            self.0.lock().expect("clock").0
        }
        fn sleep(&self, wait: Duration) -> BoxFuture<'_, ()> {
            let mut hand = self.0.lock().expect("clock");
            hand.0 = hand.0.checked_add(wait).expect("in range");
            hand.1.push(wait);
            Box::pin(std::future::ready(()))
        }
    }

    fn rules(per_second: u32) -> ClientRules {
        ClientRules { rate: RateRule { per_second }, ..ClientRules::default() }
    }

    /// A vendor's rate is not exceeded: twelve requests at four a second take two seconds.
    #[tokio::test]
    async fn requests_are_spread_over_time() {
        let clock = Hand::new();
        let pace = Pace::new(&rules(4), clock.clone());
        for _ in 0..12 {
            drop(pace.turn().await.expect("a turn"));
        }
        assert_eq!(clock.waits(), vec![Duration::from_millis(250); 8]);
    }

    /// An exhausted quota holds the next request of every read, once.
    #[tokio::test]
    async fn an_empty_quota_holds_the_next_request() {
        let clock = Hand::new();
        let pace = Pace::new(&rules(100), clock.clone());
        pace.hold(Duration::from_secs(60));
        pace.hold(Duration::from_secs(30));
        drop(pace.turn().await.expect("a turn"));
        drop(pace.turn().await.expect("a turn"));
        assert_eq!(clock.waits(), vec![Duration::from_secs(60)]);
        pace.hold(Duration::from_hours(2));
        assert_eq!(pace.turn().await.err(), Some(TooLong(Duration::from_hours(2))));
    }

    /// No more requests are under way than the manifest allows.
    #[tokio::test]
    async fn only_so_many_at_once() {
        let pace = Pace::new(&ClientRules { concurrency: 2, ..rules(100) }, Hand::new());
        let one = pace.turn().await.expect("a turn");
        let _two = pace.turn().await.expect("a turn");
        let third = tokio::time::timeout(std::time::Duration::from_millis(20), pace.turn()).await;
        assert!(third.is_err(), "a third request left while two were under way");
        drop(one);
        assert!(pace.turn().await.is_ok());
    }
}
