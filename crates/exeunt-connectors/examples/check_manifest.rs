//! Checks manifest files given on the command line: `cargo run -p exeunt-connectors --example check_manifest FILE…`.

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut code = ExitCode::SUCCESS;
    for file in std::env::args().skip(1) {
        let told = match std::fs::read_to_string(&file) {
            Ok(text) => match exeunt_connectors::manifest::load(&text, &file) {
                Ok(loaded) => format!("{file}: fine, {} reads", loaded.manifest.reads.len()),
                Err(errors) => {
                    code = ExitCode::FAILURE;
                    errors.to_string()
                }
            },
            Err(error) => {
                code = ExitCode::FAILURE;
                format!("{file}: cannot be read: {error}")
            }
        };
        println!("{told}");
    }
    code
}
