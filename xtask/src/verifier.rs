//! `cargo xtask verifier`: builds the auditor's program as it is given away, and refuses it if it is too large or can
//! reach a network. It is a command of its own because an optimised build is too slow for every run of the tests.

use std::path::Path;

use crate::run_command::Command;

/// Largest program, in bytes.
const LARGEST: usize = 3_000_000;
/// Names that a program which reaches a network must import from the system's library.
const NETWORK: [&str; 6] = ["socket", "connect", "getaddrinfo", "sendto", "recvfrom", "listen"];

/// Builds it and looks at it.
///
/// # Errors
/// When it cannot be built, is too large, or imports what a network needs.
pub fn run(root: &Path) -> Result<(), String> {
    let build = ["build", "--profile", "auditor", "--locked", "--quiet", "-p", "exeunt-verify"];
    Command::new(env!("CARGO"), root).args(build).run()?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), Into::into);
    let path = target.join("auditor/exeunt-verify");
    let bytes = std::fs::read(&path).map_err(|e| format!("reading {}: {e}", path.display()))?;
    look(&bytes)?;
    println!("exeunt-verify: {} bytes, imports nothing that reaches a network", bytes.len());
    Ok(())
}

fn look(bytes: &[u8]) -> Result<(), String> {
    if bytes.len() > LARGEST {
        return Err(format!(
            "exeunt-verify has {} bytes, more than {LARGEST}: take a dependency out",
            bytes.len()
        ));
    }
    for name in NETWORK {
        // A name in the table of imported symbols stands between two zero bytes.
        let symbol = [b"\0", name.as_bytes(), b"\0"].concat();
        if bytes.windows(symbol.len()).any(|window| window == symbol) {
            return Err(format!("exeunt-verify imports `{name}`: it must not reach a network"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{LARGEST, look};

    #[test]
    fn a_large_program_and_one_that_reaches_a_network_are_refused() {
        assert!(look(b"\0read\0write\0reconnected\0").is_ok());
        assert!(look(b"\0read\0connect\0").is_err());
        assert!(look(&vec![0; LARGEST + 1]).is_err());
    }
}
