//! `exeunt owners`: who answers for what, and for what nobody does.

use exeunt_model::Timestamp;
use exeunt_model::owners::{Answer, CellPlace, Domain, Owners};
use exeunt_service::{LoadedConfig, Service, pipeline};
use serde_json::{Value, json};

use crate::args::Format;
use crate::error::{Done, Failure};
use crate::terminal::Terminal;

/// Prints who answers for each domain on each system at `at`.
///
/// # Errors
/// When the output is closed.
pub fn run(
    config: &LoadedConfig,
    at: Timestamp,
    format: Format,
    terminal: &mut Terminal,
) -> Result<Done, Failure> {
    let index = Owners::new(&config.owners);
    let systems = config.config.systems.keys().map(exeunt_model::SystemId::as_str);
    let answers: Vec<(&str, Domain, Vec<Answer<'_>>)> = systems
        .flat_map(|system| Domain::ALL.map(|domain| (system, domain)))
        .map(|(system, domain)| (system, domain, index.find(domain, system, &[], at)))
        .collect();
    let in_force = |from: Option<Timestamp>, until: Option<Timestamp>| {
        from.is_none_or(|from| from <= at) && until.is_none_or(|until| at < until)
    };
    let own: Vec<&CellPlace> = config
        .owners
        .cells
        .iter()
        .filter(|place| place.cell.object().is_some() && in_force(place.cell.from, place.cell.until))
        .collect();
    if format == Format::Json {
        let matrix: Vec<Value> = answers.iter().map(as_json).collect();
        terminal.json(&json!({
            "at": at, "owners": matrix, "of_their_own": own, "by_path": config.owners.paths, "files": config.owners.files,
        }))?;
        return Ok(Done::Clear);
    }
    let mut said = "";
    for (system, domain, answers) in &answers {
        let name = if said == *system { "" } else { system };
        said = system;
        let domain = domain.words();
        if answers.is_empty() {
            let nobody = terminal.paint.bad("nobody; add a cell to `owners`");
            terminal.line(&format!("{name:<20} {domain:<24} {nobody}"))?;
        }
        let more = if answers.len() > 1 { terminal.paint.bad("two at once: ") } else { String::new() };
        for answer in answers {
            let place = terminal.paint.dim(&answer.place);
            terminal.line(&format!("{name:<20} {domain:<24} {more}{}  {place}", in_words(answer)))?;
        }
    }
    for place in own {
        let cell = &place.cell;
        let (thing, owner) = (cell.object().unwrap_or_default(), cell.owner.name());
        let from = terminal.paint.dim(&place.place());
        terminal.line(&format!(
            "{:<20} {:<24} {thing}: {owner}  {from}",
            cell.system,
            cell.domain.words()
        ))?;
    }
    for paths in config.owners.paths.iter().filter(|paths| in_force(paths.from, paths.until)) {
        let of = paths.repository.as_deref().unwrap_or("resources by name");
        let (rules, file) = (paths.rules.len(), terminal.paint.dim(&paths.file));
        terminal.line(&format!("{:<20} {of}, by path: {rules} rules  {file}", paths.system.as_str()))?;
    }
    Ok(Done::Clear)
}

fn in_words(answer: &Answer<'_>) -> String {
    let contact = answer.contact.map_or(String::new(), |contact| format!(", {contact}"));
    let deadline = answer.deadline.map_or(String::new(), |deadline| format!(", within {deadline:#}"));
    let next = answer.escalation.map_or(String::new(), |next| format!(", then {}", next.to.name()));
    let over = answer.overruled.iter().map(|(owner, place)| format!(", over {} ({place})", owner.name()));
    format!("{}{contact}{deadline}{next}{}", answer.owner.name(), over.collect::<String>())
}

fn as_json((system, domain, answers): &(&str, Domain, Vec<Answer<'_>>)) -> Value {
    let owners: Vec<Value> = answers
        .iter()
        .map(|answer| {
            let overruled: Vec<Value> =
                answer.overruled.iter().map(|(owner, place)| json!({"owner": owner, "register": place})).collect();
            json!({
                "owner": answer.owner, "kind": answer.owner.kind(), "deputies": answer.deputies, "contact": answer.contact,
                "deadline": answer.deadline, "escalation": answer.escalation, "register": answer.place,
                "overruled": overruled,
            })
        })
        .collect();
    json!({ "system": system, "domain": domain, "owners": owners })
}

/// Checks every entry in force against the directory.
///
/// # Errors
/// When state cannot be read.
pub async fn check(service: &Service, format: Format, terminal: &mut Terminal) -> Result<Done, Failure> {
    let checked = pipeline::owners(service).await?;
    if format == Format::Json {
        let findings: Vec<Value> =
            checked.findings.iter().map(|found| json!({"code": found.code, "says": found.says})).collect();
        terminal.json(&json!({ "directory_read": checked.directory_read, "findings": findings }))?;
    } else {
        for found in &checked.findings {
            let says = found.says.replace(char::is_control, "\u{fffd}");
            terminal.line(&format!("{:<16} {says}", found.code))?;
        }
        if checked.findings.is_empty() {
            terminal.line(&terminal.paint.good("nothing is wrong with the register"))?;
        }
    }
    if checked.directory_read.is_none() {
        let directory = &service.config().config.directory;
        terminal.note(&format!(
            "exeunt: {directory} was not read whole, so nobody can say who left. Read it: exeunt collect {directory}"
        ));
    }
    Ok(match (checked.findings.is_empty(), checked.directory_read) {
        (false, _) => Done::Residual,
        (true, None) => Done::Unproven,
        (true, Some(_)) => Done::Clear,
    })
}
