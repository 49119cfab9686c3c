//! `exeunt explain CASE OBLIGATION`: one line of a verdict, in full.

use exeunt_model::verdict::{Obligation, VerdictDocument};
use exeunt_service::Service;

use crate::args::Format;
use crate::error::{Done, Failure};
use crate::terminal::Terminal;

/// Prints everything about one obligation of the newest verdict, or the list of them.
///
/// # Errors
/// When there is no verdict yet, or not exactly one obligation is meant.
pub async fn run(
    service: &Service,
    case: &str,
    wanted: Option<&str>,
    format: Format,
    terminal: &mut Terminal,
) -> Result<Done, Failure> {
    let verdict = service.latest_verdict(case).await?;
    let Some(wanted) = wanted else {
        return list(&verdict, format, terminal);
    };
    let obligation = find(&verdict, wanted)?;
    if format == Format::Json {
        terminal.json(obligation)?;
    } else {
        let id = obligation.id.clone();
        let text = exeunt_report::explain(&verdict, &id, terminal.paint).unwrap_or_default();
        terminal.data(&text)?;
    }
    Ok(Done::Clear)
}

fn list(verdict: &VerdictDocument, format: Format, terminal: &mut Terminal) -> Result<Done, Failure> {
    if format == Format::Json {
        let ids: Vec<&str> = verdict.obligations.iter().map(|o| o.id.as_str()).collect();
        terminal.json(&ids)?;
    } else {
        for o in &verdict.obligations {
            terminal.line(&o.id.replace(char::is_control, "\u{fffd}"))?;
        }
    }
    Ok(Done::Clear)
}

/// The obligation with this id, or else the only one whose id or name contains the text.
fn find<'a>(verdict: &'a VerdictDocument, wanted: &str) -> Result<&'a Obligation, Failure> {
    if let Some(exact) = verdict.obligations.iter().find(|o| o.id == wanted) {
        return Ok(exact);
    }
    let near: Vec<&Obligation> = verdict
        .obligations
        .iter()
        .filter(|o| o.id.contains(wanted) || o.item.name.contains(wanted))
        .collect();
    match near.as_slice() {
        [one] => Ok(one),
        [] => Err(Failure::Usage(format!(
            "{} has no obligation `{wanted}`. List them with `exeunt explain {}`",
            verdict.case, verdict.case
        ))),
        several => {
            let ids: Vec<String> = several.iter().map(|o| format!("  {}", o.id)).collect();
            Err(Failure::Usage(format!(
                "`{wanted}` means {} obligations of {}:\n{}",
                several.len(),
                verdict.case,
                ids.join("\n")
            )))
        }
    }
}
