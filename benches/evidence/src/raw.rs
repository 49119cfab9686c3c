//! What the disk alone can do: the same bytes in the same batches, each one write and one `fdatasync`.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;

use exeunt_bench_figures::clock;

/// Seconds to write these batches one after the other, and of each batch. The file stays: taking it away would be work
/// for the disk while the other side is measured.
pub fn write(path: &Path, lengths: &[usize]) -> std::io::Result<(f64, Vec<f64>)> {
    let longest = lengths.iter().copied().max().unwrap_or(0);
    // The bytes do not matter to the disk, as long as they cannot be left out.
    let bytes: Vec<u8> =
        (0_u32..).map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()[3]).take(longest).collect();
    let mut file = File::options().create_new(true).append(true).open(path)?;
    let mut each = Vec::with_capacity(lengths.len());
    let start = clock();
    for length in lengths {
        let begun = clock();
        file.write_all(&bytes[..*length])?;
        file.sync_data()?;
        each.push(begun.elapsed().as_secs_f64());
    }
    Ok((start.elapsed().as_secs_f64(), each))
}

/// Waits until the disk has nothing left to do of what was before, so that neither side pays for the other.
pub fn calm(dir: &Path) -> std::io::Result<()> {
    Ok(rustix::fs::syncfs(File::open(dir)?)?)
}
