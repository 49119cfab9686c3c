//! `exeunt collect [SYSTEM...]`: take snapshots.

use exeunt_model::Outcome;
use exeunt_service::Service;
use serde_json::json;

use crate::args::Format;
use crate::error::{Done, Failure};
use crate::terminal::Terminal;

/// Collects and prints what came whole and what did not.
///
/// # Errors
/// When a system is configured wrongly, or evidence cannot be kept.
pub async fn run(
    service: &Service,
    systems: &[String],
    format: Format,
    terminal: &mut Terminal,
) -> Result<Done, Failure> {
    let collected = service.collect(systems).await?;
    service.ask_witnesses().await?;
    let mut whole = true;
    let mut listed = Vec::new();
    for (id, snapshot) in &collected {
        let records: usize = snapshot.reads.iter().map(exeunt_model::Read::shown).sum();
        let partial: Vec<_> = snapshot
            .reads
            .iter()
            .filter_map(|read| match &read.receipt.outcome {
                Outcome::Complete => None,
                Outcome::Partial { reason, detail } => Some((read.receipt.title(), *reason, detail)),
            })
            .collect();
        whole &= partial.is_empty();
        if format == Format::Json {
            listed.push(json!({
                "system": snapshot.system, "snapshot": id, "records": records,
                "reads": snapshot.reads.len(), "ended": snapshot.ended,
                "partial": partial.iter().map(|(read, reason, detail)|
                    json!({ "read": read, "reason": reason, "detail": detail })).collect::<Vec<_>>(),
            }));
            continue;
        }
        let reads = snapshot.reads.len();
        terminal
            .line(&format!("{:<18} {records} records from {reads} reads  {id}", snapshot.system.as_str()))?;
        for (read, reason, detail) in partial {
            let detail = detail.replace(char::is_control, " ");
            let doubt = terminal.paint.doubt("not complete");
            terminal.line(&format!("  {doubt} {read}: {}. {detail}", reason.words()))?;
        }
    }
    if format == Format::Json {
        terminal.json(&listed)?;
    }
    // A snapshot with gaps is kept and useful; the exit code says that it has them.
    Ok(if whole { Done::Clear } else { Done::Unproven })
}
