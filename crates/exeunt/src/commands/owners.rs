//! `exeunt owners`: who answers for what, and for what nobody does.

use exeunt_model::owners::{Domain, OwnerCell};
use exeunt_service::LoadedConfig;
use serde::Serialize;

use crate::args::Format;
use crate::error::{Done, Failure};
use crate::terminal::Terminal;

/// One answer of the register.
#[derive(Serialize)]
struct Answer<'a> {
    domain: Domain,
    system: &'a str,
    owner: Option<&'a OwnerCell>,
}

const DOMAINS: [Domain; 3] =
    [Domain::IdentityLifecycle, Domain::ApplicationEntitlement, Domain::IntegrationRevocation];

/// Prints who answers for each domain on each system at `at`.
///
/// # Errors
/// When the output is closed.
pub fn run(
    config: &LoadedConfig,
    at: exeunt_model::Timestamp,
    format: Format,
    terminal: &mut Terminal,
) -> Result<Done, Failure> {
    let systems = config.config.systems.keys().map(exeunt_model::SystemId::as_str);
    let answers: Vec<Answer<'_>> = systems
        .flat_map(|system| DOMAINS.map(|domain| (system, domain)))
        .map(|(system, domain)| {
            let owner = config.owners.at(domain, system, None, at);
            Answer { domain, system, owner }
        })
        .collect();
    if format == Format::Json {
        let resources: Vec<&OwnerCell> =
            config.owners.owners.iter().filter(|cell| cell.resource.is_some()).collect();
        terminal.json(&serde_json::json!({ "owners": answers, "resources": resources }))?;
        return Ok(Done::Clear);
    }
    for answer in &answers {
        let owner = answer.owner.map_or_else(
            || terminal.paint.bad("nobody; add a cell to `owners`"),
            |cell| {
                let contact = cell.contact.as_deref().map_or(String::new(), |contact| format!(", {contact}"));
                format!("{}{contact}", cell.owner)
            },
        );
        terminal.line(&format!("{:<20} {:<24} {owner}", answer.system, answer.domain.as_str()))?;
    }
    for cell in config.owners.owners.iter().filter(|cell| cell.resource.is_some()) {
        let resource = cell.resource.as_deref().unwrap_or_default();
        terminal.line(&format!("{resource:<20} {:<24} {}", cell.domain.as_str(), cell.owner))?;
    }
    Ok(Done::Clear)
}
