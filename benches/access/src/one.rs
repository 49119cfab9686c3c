//! One leaver as a command: nothing is loaded but the rows that are needed.

use std::path::Path;

use exeunt_columns::access::Stored;
use exeunt_engine::reach::{Level, Walk};
use serde_json::{Value, json};

use crate::convert::TIES;
use crate::ours::graph;
use crate::tally::Tally;

/// What one leaver reaches, with the way to what matters most.
pub fn answer(snapshot: &Path, leaver: u32) -> Result<Value, String> {
    let mut stored = Stored::open(snapshot).map_err(|e| e.to_string())?;
    let mut part = stored.part(leaver, Level::Latent as u32).map_err(|e| e.to_string())?;
    let (graph, _) = graph(std::mem::take(&mut part.columns))?;
    let mut walk = Walk::default();
    let answer = walk.from(&graph, 0, Level::Latent);
    let mut tally = Tally::default();
    tally.add(leaver, &answer, |holder| graph.kind(holder));
    let mut way = Vec::new();
    // The nearest stands first; that it is the worst is for the ranking of a full answer to say.
    if let Some(path) = answer.reached.first().and_then(|first| answer.path(first)) {
        way.push(stored.holder(leaver).map_err(|e| e.to_string())?);
        for leg in &path.legs {
            let holder = part.holders.get(leg.holder as usize).copied().unwrap_or_default();
            let step = part.steps.get(leg.step as usize).copied().unwrap_or_default();
            let tie = stored.tie(step).map_err(|e| e.to_string())?;
            let tie = TIES.get(tie as usize).copied().unwrap_or_default();
            way.push(format!("{tie} {}", stored.holder(holder).map_err(|e| e.to_string())?));
        }
        way.push(stored.entitlement(path.entitlement).map_err(|e| e.to_string())?.0);
    }
    Ok(json!({ "pairs": tally.pairs, "checksum": tally.checksum, "hops": tally.hops, "way": way }))
}
