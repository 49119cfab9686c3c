//! A system that plays recorded and broken answers, one after the other.

use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::{self, BoxFuture};

use exeunt_model::PartialReason;

use crate::protocol::{Answer, Ask, Fault, Protocol};

/// What a protocol gives for one question.
pub type Reply = Result<Answer, Fault>;

/// What comes after the recorded answers.
pub(super) type Tail = Box<dyn Fn(usize) -> Reply + Send + Sync>;

/// Plays answers in turn, whatever is asked.
pub struct Sequence {
    replies: Vec<Reply>,
    tail: Option<Tail>,
    asked: AtomicUsize,
}

impl Sequence {
    /// Plays these answers.
    #[must_use]
    pub fn of(replies: Vec<Reply>) -> Self {
        Self::new(replies, None)
    }

    pub(super) fn new(replies: Vec<Reply>, tail: Option<Tail>) -> Self {
        Self { replies, tail, asked: AtomicUsize::new(0) }
    }
}

impl Protocol for Sequence {
    fn fetch<'a>(&'a self, _: &'a Ask) -> BoxFuture<'a, Reply> {
        let index = self.asked.fetch_add(1, Ordering::Relaxed);
        let reply = self.replies.get(index).cloned().or_else(|| self.tail.as_ref().map(|tail| tail(index)));
        Box::pin(future::ready(reply.unwrap_or_else(|| {
            Err(Fault {
                reason: PartialReason::UnexpectedStatus,
                detail: "asked for a page that was not recorded".to_owned(),
                statuses: Vec::new(),
            })
        })))
    }

    fn origin(&self) -> Option<&str> {
        // Next URLs are recorded with the vendor's own host; the harness moves them here.
        Some(ORIGIN)
    }
}

/// Where recorded systems live.
pub(super) const ORIGIN: &str = "https://recorded.example";
