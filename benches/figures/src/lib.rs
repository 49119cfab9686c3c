//! What the benches share: a clock, what a process has used, a side in a process of its own, one way to print a table.

mod apart;
pub mod memory;
pub mod table;

pub use apart::{apart, output};

/// Seconds of processor time of this process and its threads; none where `/proc` does not say.
#[must_use]
pub fn cpu() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    // utime and stime are fields 14 and 15 of the line, in ticks of 1/100 s; the state was field 3.
    let ticks: f64 = fields.get(11)?.parse::<f64>().ok()? + fields.get(12)?.parse::<f64>().ok()?;
    Some(ticks / 100.0)
}

/// Times a side. The one place of the benches that reads a clock.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "a bench measures time")]
pub fn clock() -> std::time::Instant {
    std::time::Instant::now()
}
