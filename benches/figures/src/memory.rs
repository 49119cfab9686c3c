//! What a process keeps in memory, as Linux says.

/// Resident memory of this process in MiB, now; none where `/proc` does not say.
#[must_use]
pub fn resident() -> Option<u64> {
    figure("VmRSS:")
}

/// The most it ever was.
#[must_use]
pub fn peak() -> Option<u64> {
    figure("VmHWM:")
}

fn figure(name: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    let kib: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kib / 1024)
}
