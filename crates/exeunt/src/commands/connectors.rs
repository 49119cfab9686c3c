//! `exeunt connectors`: what can be read, with which permission, and what cannot be seen.

use exeunt_service::connectors::catalogue::Catalogue;
use exeunt_service::connectors::manifest::Loaded;
use exeunt_service::connectors::pages;
use serde_json::json;

use crate::args::{Format, Global};
use crate::error::{Done, Failure};
use crate::open;
use crate::terminal::Terminal;

const COVERAGE: &str = "# Coverage

What can survive a leaver, by system. `seen`: a read shows it. **blind**: it exists and cannot be
seen; why stands below. `n/a`: it does not exist there. Generated from the manifests.

";

fn catalogue(global: &Global) -> Result<Catalogue, Failure> {
    Ok(exeunt_service::catalogue(global.connectors.as_deref())?)
}

fn named<'a>(catalogue: &'a Catalogue, name: &str) -> Result<&'a Loaded, Failure> {
    catalogue.get(name).ok_or_else(|| {
        let known: Vec<&str> = catalogue.names().collect();
        Failure::Usage(format!("there is no connector `{name}`; there are {}", known.join(", ")))
    })
}

/// All connectors.
///
/// # Errors
/// When a manifest of the extra folder has mistakes.
pub fn list(global: &Global, terminal: &mut Terminal) -> Result<Done, Failure> {
    let catalogue = catalogue(global)?;
    if global.format == Format::Json {
        let all: Vec<_> = catalogue
            .iter()
            .map(|(name, loaded)| {
                json!({ "connector": name, "title": loaded.manifest.title, "manifest": loaded.digest })
            })
            .collect();
        terminal.json(&all)?;
    } else {
        for (name, loaded) in catalogue.iter() {
            terminal.line(&format!("{name:<18} {}", loaded.manifest.title))?;
        }
    }
    Ok(Done::Clear)
}

/// The reference page of one.
///
/// # Errors
/// When there is no such connector.
pub fn show(global: &Global, name: &str, terminal: &mut Terminal) -> Result<Done, Failure> {
    let catalogue = catalogue(global)?;
    let loaded = named(&catalogue, name)?;
    if global.format == Format::Json {
        terminal.json(&*loaded.manifest)?;
    } else {
        terminal.data(&pages::reference_page(loaded))?;
    }
    Ok(Done::Clear)
}

/// The permissions to ask for.
///
/// # Errors
/// When there is no such connector.
pub fn permissions(global: &Global, names: &[String], terminal: &mut Terminal) -> Result<Done, Failure> {
    let catalogue = catalogue(global)?;
    let mut wanted: Vec<String> = names.to_vec();
    if wanted.is_empty() {
        wanted = match open::config(global) {
            Ok(config) => config.config.systems.values().map(|s| s.connector.clone()).collect(),
            Err(_) if global.config.is_none() => catalogue.names().map(str::to_owned).collect(),
            Err(failure) => return Err(failure),
        };
        wanted.sort();
        wanted.dedup();
    }
    let mut all = Vec::new();
    for name in &wanted {
        let loaded = named(&catalogue, name)?;
        all.push((name, &loaded.manifest.title, pages::permissions(loaded)));
    }
    if global.format == Format::Json {
        let listed: Vec<_> =
            all.iter().map(|(name, _, lines)| json!({ "connector": name, "permissions": lines })).collect();
        terminal.json(&listed)?;
        return Ok(Done::Clear);
    }
    for (name, title, lines) in all {
        terminal.line(&format!("{} ({name})", terminal.paint.strong(title)))?;
        for line in lines {
            terminal.line(&format!("  {}", line.permission))?;
            terminal.line(&format!("      {}", terminal.paint.dim(&line.reads.join(", "))))?;
        }
    }
    Ok(Done::Clear)
}

/// The coverage matrix.
///
/// # Errors
/// When a manifest of the extra folder has mistakes.
pub fn coverage(global: &Global, terminal: &mut Terminal) -> Result<Done, Failure> {
    let catalogue = catalogue(global)?;
    if global.format == Format::Json {
        terminal.json(&pages::coverage(&catalogue))?;
    } else {
        terminal.data(COVERAGE)?;
        terminal.data(&pages::coverage(&catalogue).markdown())?;
    }
    Ok(Done::Clear)
}
