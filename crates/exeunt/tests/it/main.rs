//! Tests of the program from the outside, in one binary: in process where streams and exit code are enough, as the
//! built program where signals and processes matter.

mod bundle;
mod demo;
mod finished;
mod goes_on;
mod help;
mod lab;
mod said;
mod stage;
