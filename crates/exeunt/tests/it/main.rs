//! Tests of the program from the outside, in one binary.

mod lab;
