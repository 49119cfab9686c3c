//! One leaver as a command: what a person types, started and timed as a whole.

use std::path::Path;
use std::process::Command;

use exeunt_bench_figures::{clock, output};
use exeunt_engine::reach::{Level, Walk};
use serde_json::{Value, json};

use crate::convert::reference;
use crate::figures::median;
use crate::ours::{graph, some, sweep};

/// Its exit codes: nothing is left, or something is.
const CODES: [i32; 2] = [0, 10];

/// What `exeunt sweep --from-columns DIR --only REFERENCE` takes, start of the process and all, in ms: the middle of some leavers.
/// Each is told what the graph says that was loaded whole.
pub fn measure(exeunt: &Path, snapshot: &Path) -> Result<f64, String> {
    let (graph, left) = graph(snapshot)?;
    let mut walk = Walk::default();
    let mut taken = Vec::new();
    // The first has to ask the disk, and does not count.
    let some = some(&left);
    for leaver in some.first().into_iter().chain(&some) {
        let begun = clock();
        let told = answer(exeunt, snapshot, *leaver)?;
        taken.push(begun.elapsed().as_secs_f64() * 1e3);
        let mut pairs = |limit: Level| sweep(&graph, &mut walk, &[*leaver], limit).pairs;
        let (live, all) = (pairs(Level::Live), pairs(Level::Unknown));
        if [&told["live"], &told["in_doubt"]] != [&json!(live), &json!(all - live)] {
            return Err(format!(
                "the command says {told} of leaver {leaver}, and we {live} and {}",
                all - live
            ));
        }
    }
    Ok(median(taken.split_off(1)))
}

/// What the command says of one leaver.
fn answer(exeunt: &Path, snapshot: &Path, leaver: u32) -> Result<Value, String> {
    let mut command = Command::new(exeunt);
    command.args(["--format", "json", "sweep", "--from-columns"]).arg(snapshot);
    command.args(["--only", &reference("identity", leaver)]);
    output(&mut command, &CODES).map(|mut told| told[0].take())
}

/// The program beside this one, if it was built.
pub fn beside() -> Result<std::path::PathBuf, String> {
    let here = std::env::current_exe().map_err(|e| format!("finding this program: {e}"))?;
    let exeunt = here.with_file_name(format!("exeunt{}", std::env::consts::EXE_SUFFIX));
    if exeunt.is_file() {
        return Ok(exeunt);
    }
    Err(format!("there is no {}; `cargo build --release -p exeunt` makes it", exeunt.display()))
}
