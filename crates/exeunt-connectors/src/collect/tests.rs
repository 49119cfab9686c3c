//! Collections against systems that behave and that do not.
