//! Lists the folders of `connectors/`, so that adding a system touches nothing but its folder.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let folders = here.join("../../connectors");
    println!("cargo::rerun-if-changed={}", folders.display());
    let mut manifests = manifests(&folders)?;
    manifests.sort();
    let mut list = String::from("&[\n");
    for manifest in manifests {
        println!("cargo::rerun-if-changed={}", manifest.display());
        let name = manifest.parent().and_then(Path::file_name).unwrap_or_default();
        let name = name.to_string_lossy();
        // Writing to a text cannot fail.
        let _ = writeln!(
            list,
            "    ({name:?}, \"connectors/{name}/manifest.yaml\", include_str!({:?})),",
            manifest.canonicalize()?.display().to_string()
        );
    }
    list.push_str("]\n");
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    fs::write(out.join("built_in.rs"), list)
}

fn manifests(folders: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folders)? {
        let manifest = entry?.path().join("manifest.yaml");
        if manifest.is_file() {
            found.push(manifest);
        }
    }
    Ok(found)
}
