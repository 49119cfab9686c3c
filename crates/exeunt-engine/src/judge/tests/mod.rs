//! Tables of worlds in which one rule of the verdict decides: each row is beside another that differs by one thing.

mod chain;
mod limits;
mod unseen;
