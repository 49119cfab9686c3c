//! Ours and the bare sweep in turns, in one process on the same graph, so that what disturbs one disturbs the other.

use std::path::Path;

use exeunt_columns::access::load;
use exeunt_engine::reach::Walk;
use serde_json::{Value, json};

use crate::bare::Bare;
use crate::figures::{middle, timed};
use crate::ours::{MODES, sweep};

const ROUNDS: usize = 7;

/// Measures both.
pub fn measure(snapshot: &Path) -> Result<Value, String> {
    let columns = load(snapshot).map_err(|e| e.to_string())?;
    let mut bares: Vec<Bare> = MODES.iter().map(|(_, limit)| Bare::new(&columns, *limit as u32)).collect();
    let (graph, left) = exeunt_service::columns::graph(columns).map_err(|e| e.to_string())?;
    let (mut walk, mut told) = (Walk::default(), json!({}));
    for ((mode, limit), bare) in MODES.into_iter().zip(&mut bares) {
        let (mut theirs, mut ours) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let (set, spent) = timed(|| bare.sweep(&left));
            theirs.push(spent);
            let (tally, spent) = timed(|| sweep(&graph, &mut walk, &left, limit));
            ours.push(spent);
            if set != (tally.pairs, tally.checksum) {
                return Err(format!("{mode}: the bare sweep finds {set:?}, and we {tally:?}"));
            }
        }
        let (theirs, ours) = (middle(&theirs), middle(&ours));
        told[mode] = json!({ "bare_s": theirs.wall, "bare_cpu_s": theirs.cpu, "ours_cpu_s": ours.cpu, "ratio": ours.cpu / theirs.cpu });
    }
    Ok(told)
}
