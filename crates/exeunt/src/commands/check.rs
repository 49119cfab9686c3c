//! `exeunt check`: what would go wrong, before it does.

use exeunt_model::PartialReason;
use exeunt_model::owners::{Domain, Owners};
use exeunt_service::connectors::collect::{CheckLine, CheckResult};
use exeunt_service::{Service, SystemCheck};
use serde_json::{Value, json};

use crate::args::Format;
use crate::error::{Done, Failure};
use crate::terminal::Terminal;

/// Checks configuration, reachability, permissions and owners.
///
/// # Errors
/// When a system is configured wrongly, or something that was checked is not as it should be.
pub async fn run(service: &Service, format: Format, terminal: &mut Terminal) -> Result<Done, Failure> {
    let checked = service.check().await?;
    let unowned = unowned(service);
    let refused: usize = checked.iter().flat_map(|c| &c.lines).filter(|line| is_refused(line)).count();
    if format == Format::Json {
        let systems: Vec<Value> = checked.iter().map(as_json).collect();
        terminal.json(&json!({ "systems": systems, "unowned": unowned }))?;
    } else {
        for system in &checked {
            print(system, terminal)?;
        }
        for (system, domain) in &unowned {
            let doubt = terminal.paint.doubt("no owner");
            terminal.line(&format!("{doubt}  {system}: {}; add a cell to `owners`", domain.as_str()))?;
        }
    }
    if refused > 0 {
        return Err(Failure::CouldNot(format!(
            "{refused} reads were refused; what they show will be unknown in every verdict until that is mended"
        )));
    }
    Ok(Done::Clear)
}

/// Whether something will be unknown for it. What the credential may do besides is no read.
fn is_refused(line: &CheckLine) -> bool {
    line.read != "rights" && matches!(line.result, CheckResult::Refused { .. })
}

fn print(system: &SystemCheck, terminal: &mut Terminal) -> Result<(), Failure> {
    terminal.line(&terminal.paint.strong(system.system.as_str()))?;
    for warning in &system.warnings {
        let doubt = terminal.paint.doubt("warning");
        terminal.line(&format!("  {doubt}  {warning}"))?;
    }
    for line in &system.lines {
        let said = match &line.result {
            CheckResult::Sees { rows, control: Some(control) } => {
                format!(
                    "{}  rows on the first page: {rows}; shown able to see by {control}",
                    terminal.paint.good("sees")
                )
            }
            CheckResult::Sees { rows, control: None } => format!(
                "{}  rows on the first page: {rows}, none that shows what this credential may see. Name a known \
                 object under `controls.{}`",
                terminal.paint.doubt("sees"),
                line.read
            ),
            CheckResult::Refused { reason, detail } => format!(
                "{}  {}. {detail}{}",
                terminal.paint.bad("refused"),
                reason.words(),
                ask_for(*reason, detail, &line.permission)
            ),
            CheckResult::NotTried(why) => format!("{}  {why}", terminal.paint.dim("not tried")),
            CheckResult::Beyond(beyond) if beyond.is_empty() => {
                format!("{}  nothing beyond reading", terminal.paint.good("reads"))
            }
            CheckResult::Beyond(beyond) => format!(
                "{}  this credential may also: {}. No read needs that; ask for one without",
                terminal.paint.doubt("beyond"),
                beyond.join(", ")
            ),
        };
        let said = format!("  {:<28} {said}", line.read);
        terminal.line(&said.replace(|c: char| c.is_control() && c != '\u{1b}', " "))?;
    }
    Ok(())
}

/// What to ask an administrator for, where that may help and is not said yet: not for a system that is out of reach,
/// nor for a wrong password.
fn ask_for(reason: PartialReason, detail: &str, permission: &str) -> String {
    use PartialReason::{Forbidden, MissingPermission, NotFound, UnexpectedStatus};
    let helps = matches!(reason, Forbidden | MissingPermission | NotFound | UnexpectedStatus);
    if helps && !detail.contains(permission) { format!(". Ask for: {permission}") } else { String::new() }
}

fn as_json(system: &SystemCheck) -> Value {
    let lines: Vec<Value> = system
        .lines
        .iter()
        .map(|line| {
            let result = match &line.result {
                CheckResult::Sees { rows, control } => {
                    json!({ "sees": { "rows": rows, "control": control } })
                }
                CheckResult::Refused { reason, detail } => {
                    json!({ "refused": { "reason": reason, "detail": detail } })
                }
                CheckResult::NotTried(why) => json!({ "not_tried": why }),
                CheckResult::Beyond(beyond) => json!({ "beyond_reading": beyond }),
            };
            json!({ "read": line.read, "permission": line.permission, "result": result })
        })
        .collect();
    json!({ "system": system.system, "warnings": system.warnings, "reads": lines })
}

fn unowned(service: &Service) -> Vec<(String, Domain)> {
    let config = service.config();
    let owners = Owners::new(&config.owners);
    let cells =
        config.config.systems.keys().flat_map(|id| Domain::ALL.map(|domain| (id.to_string(), domain)));
    cells.filter(|(system, domain)| owners.find(*domain, system, &[], service.now()).is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use exeunt_model::PartialReason;

    use super::ask_for;

    /// Whoever asks for a permission because a server is down, or a password wrong, waits for the wrong person.
    #[test]
    fn a_permission_is_asked_for_where_one_is_missing() {
        let said = |reason, detail| ask_for(reason, detail, "Read groups");
        assert_eq!(said(PartialReason::Forbidden, "code 50"), ". Ask for: Read groups");
        assert_eq!(said(PartialReason::Forbidden, "ask for `Read groups`"), "", "it is said");
        assert_eq!(said(PartialReason::Unreachable, "no connection"), "");
        assert_eq!(said(PartialReason::Unauthorized, "code 49"), "");
        assert_eq!(ask_for(PartialReason::Forbidden, "code 50", ""), "", "nothing is known that helps");
    }
}
