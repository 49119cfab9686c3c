//! `exeunt sweep --from-columns DIR`: what leavers reach, by the access graph at rest.

use std::path::Path;

use exeunt_model::Ref;
use exeunt_service::columns::{AtRest, all_at_rest, one_at_rest};
use serde_json::{Value, json};

use crate::args::Format;
use crate::error::{Done, Failure};
use crate::terminal::Terminal;

/// Prints one line for each leaver, worst first, or for the one who is asked for.
///
/// # Errors
/// When the columns are missing or damaged, or there is no such one.
pub fn sweep(
    dir: &Path,
    only: Option<&Ref>,
    format: Format,
    terminal: &mut Terminal,
) -> Result<Done, Failure> {
    let all = match only {
        Some(who) => vec![one_at_rest(dir, who)?],
        None => all_at_rest(dir)?,
    };
    if format == Format::Json {
        let all: Vec<Value> = all
            .iter()
            .map(|one| {
                json!({
                    "name": one.name, "live": one.live, "privileged": one.privileged, "in_doubt": one.in_doubt,
                    "worst": one.worst,
                })
            })
            .collect();
        terminal.json(&all)?;
    } else {
        all.iter().try_for_each(|one| print(one, terminal))?;
    }
    Ok(if all.iter().any(|one| one.live > 0) { Done::Residual } else { Done::Clear })
}

fn print(one: &AtRest, terminal: &mut Terminal) -> std::io::Result<()> {
    let plain = |text: &str| text.replace(char::is_control, "\u{fffd}");
    let AtRest { name, live, privileged, in_doubt, worst } = one;
    let counted = format!("{live} live, {privileged} of it administrative, {in_doubt} blocked or not seen");
    terminal.line(&format!("{}: {counted}", plain(name)))?;
    match worst {
        Some(way) => terminal.line(&format!("   {}", plain(way))),
        None => Ok(()),
    }
}
