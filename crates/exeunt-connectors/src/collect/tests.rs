//! Collections against systems that behave and that do not.

mod faults;
mod order;
mod resume;
mod script;
mod world;
