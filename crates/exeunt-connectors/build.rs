//! Embeds every `connectors/<system>/manifest.yaml`: a new system is a new folder and nothing else.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let here = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).unwrap_or_default();
    let out = env::var_os("OUT_DIR").map(PathBuf::from).unwrap_or_default();
    let folder = here.join("../../connectors").canonicalize()?;
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut systems: Vec<PathBuf> =
        fs::read_dir(&folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
    systems.sort();
    let mut code = String::from("pub(crate) const BUILT_IN: &[(&str, &str)] = &[\n");
    for system in systems.iter().filter(|system| system.join("manifest.yaml").is_file()) {
        let file = system.join("manifest.yaml");
        println!("cargo::rerun-if-changed={}", file.display());
        let name = system.file_name().unwrap_or_default().to_string_lossy();
        let _ = writeln!(code, "    ({name:?}, include_str!({:?})),", path_text(&file));
    }
    code.push_str("];\n");
    fs::write(out.join("built_in.rs"), code)
}

fn path_text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
