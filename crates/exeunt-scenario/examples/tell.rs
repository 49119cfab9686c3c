//! Tells stories: `tell CONNECTORS STORY…` prints the verdict of each, and how it differs from what the story expects.
//! With `--write` the verdict goes into the story's `expected.txt`.

use std::path::PathBuf;
use std::process::ExitCode;

use exeunt_scenario::{Told, differences, reviewed};

fn main() -> ExitCode {
    let mut args: Vec<String> = std::env::args().skip(1).collect();
    let write = args.iter().any(|arg| arg == "--write");
    args.retain(|arg| arg != "--write");
    let Some((connectors, stories)) = args.split_first() else {
        eprintln!("tell [--write] CONNECTORS STORY…");
        return ExitCode::from(2);
    };
    let mut wrong = 0;
    for folder in stories.iter().map(PathBuf::from) {
        match Told::read(&folder, &PathBuf::from(connectors)) {
            Err(error) => {
                wrong += 1;
                eprintln!("{error}");
            }
            Ok(told) => {
                let text = reviewed(&told.title, &told.verdict);
                if write {
                    if let Err(error) = std::fs::write(folder.join("expected.txt"), &text) {
                        wrong += 1;
                        eprintln!("{}: {error}", folder.display());
                    }
                } else {
                    println!("{text}");
                }
                for difference in differences(&told) {
                    wrong += 1;
                    eprintln!("{}: {difference}", told.name);
                }
            }
        }
    }
    if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
