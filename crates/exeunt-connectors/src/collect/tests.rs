//! Collections against systems that behave and that do not.

mod faults;
mod order;
mod redacted;
mod resume;
mod script;
mod world;
