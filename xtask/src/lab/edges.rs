//! The one place where the lab reads the clock and takes randomness, and the only one where it waits.

use std::fmt::Write as _;
use std::io::Read;
use std::time::Duration;

use super::error::LabError;

/// The time now.
#[expect(clippy::disallowed_methods, reason = "the lab is an edge: it records when it changed real servers")]
pub fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

/// A password nobody knows yet: 24 random bytes in hexadecimal.
pub fn password() -> Result<String, LabError> {
    let source = std::path::Path::new("/dev/urandom");
    let mut bytes = [0_u8; 24];
    std::fs::File::open(source)
        .and_then(|mut file| file.read_exact(&mut bytes))
        .map_err(LabError::file("read", source))?;
    Ok(bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    }))
}

/// Asks `ready` up to `attempts` times, a tenth of a second apart, until it says yes.
#[expect(clippy::disallowed_methods, reason = "waiting for a real server is the lab's work, and bounded")]
pub fn poll(attempts: u32, mut ready: impl FnMut() -> bool) -> bool {
    for _ in 0..attempts {
        if ready() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    false
}
