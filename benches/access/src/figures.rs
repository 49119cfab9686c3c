//! Wall and processor time of a piece of work.

use exeunt_bench_figures::clock;
use rustix::time::{ClockId, clock_gettime};

/// Seconds on the wall and on the processor.
#[derive(Debug, Clone, Copy)]
pub struct Spent {
    pub wall: f64,
    pub cpu: f64,
}

/// Processor time of this process so far, in seconds, to the nanosecond.
fn processor() -> f64 {
    let now = clock_gettime(ClockId::ProcessCPUTime);
    now.tv_sec as f64 + now.tv_nsec as f64 / 1e9
}

/// Does it, and says what that took.
pub fn timed<T>(work: impl FnOnce() -> T) -> (T, Spent) {
    let (wall, cpu) = (clock(), processor());
    let done = work();
    (done, Spent { wall: wall.elapsed().as_secs_f64(), cpu: processor() - cpu })
}

/// The middle one.
pub fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all.get(all.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The middle of the processor times, and of the wall.
pub fn middle(all: &[Spent]) -> Spent {
    Spent {
        wall: median(all.iter().map(|spent| spent.wall).collect()),
        cpu: median(all.iter().map(|spent| spent.cpu).collect()),
    }
}
