//! The page, opened in a real browser.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should stop there")]

mod browser;
mod page;
mod sealed;
