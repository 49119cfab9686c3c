//! Judges every story with one mutant on at a time; built as an example of `exeunt-scenario` beside the mutated engine.
//!
//! `mutants CONNECTORS STORY…` reads a line for each thing to do: a number turns that mutant on and is answered with
//! `survived` or `killed STORY`; `record` is answered with what each story reaches, and `end`.

use std::io::{BufRead as _, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use exeunt_engine::mutant;
use exeunt_scenario::{Loaded, Told, differences, reviewed};

struct Ready {
    loaded: Loaded,
    expected: String,
}

impl Ready {
    fn holds(&self) -> bool {
        let told = catch_unwind(AssertUnwindSafe(|| {
            let Ok(told) = Told::judge(self.loaded.clone()) else { return false };
            reviewed(&told.title, &told.verdict) == self.expected
                && differences(&told).is_empty()
                && told.over_slice == told.verdict
        }));
        told.unwrap_or(false)
    }
}

fn main() {
    std::panic::set_hook(Box::new(|_| {}));
    let args: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    mutant::set(None);
    let mut ready: Vec<Ready> = args[1..]
        .iter()
        .map(|folder| Ready {
            loaded: Loaded::read(folder, &args[0]).expect("a story"),
            expected: std::fs::read_to_string(folder.join("expected.txt")).expect("a verdict"),
        })
        .collect();
    let mut out = std::io::stdout();
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        if line == "record" {
            for story in &ready {
                mutant::record();
                assert!(story.holds(), "{}: not as expected without any mutant", story.loaded.name);
                let reached: Vec<String> = mutant::reached().iter().map(ToString::to_string).collect();
                writeln!(out, "{} {}", story.loaded.name, reached.join(" ")).expect("a reader");
            }
            mutant::set(None);
            writeln!(out, "end").expect("a reader");
            continue;
        }
        mutant::set(line.parse().ok());
        let killer = ready.iter().position(|story| !story.holds());
        mutant::set(None);
        match killer {
            None => writeln!(out, "survived").expect("a reader"),
            Some(at) => {
                writeln!(out, "killed {}", ready[at].loaded.name).expect("a reader");
                // What kills one kills the next one of the same place more often than not.
                let story = ready.remove(at);
                ready.insert(0, story);
            }
        }
        out.flush().expect("a reader");
    }
}
