//! Tests of the simulated company: its story, its pages, its shapes, its bad days.

#![expect(clippy::expect_used, reason = "a test that cannot go on says so by failing")]

mod asking;
mod aws_shapes;
mod controls;
mod determinism;
mod paging;
#[expect(clippy::disallowed_methods, reason = "the sandbox's own answers are short")]
mod served;
mod shapes;
mod story;
mod ticket;
