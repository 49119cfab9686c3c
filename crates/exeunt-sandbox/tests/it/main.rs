//! Tests of the simulated company: its story, its pages, its shapes, its bad days.

mod asking;
mod aws_shapes;
mod determinism;
mod paging;
mod served;
mod shapes;
mod story;
