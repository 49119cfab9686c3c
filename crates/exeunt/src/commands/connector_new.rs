//! `exeunt connectors new`: a connector's folder, drafted from the vendor's description of its API.

use std::fs;
use std::path::Path;

use exeunt_service::connectors::draft::{Draft, draft};
use serde_json::{Value, json};

use crate::args::{Format, New};
use crate::error::{Done, Failure};
use crate::terminal::Terminal;

/// Largest description read: the largest published one known here is about 12 MB.
const LARGEST: u64 = 64 << 20;

/// Writes the folder; never over one that exists.
///
/// # Errors
/// When the description cannot be read or holds no list, or the folder exists or cannot be written.
pub fn run(new: &New, format: Format, terminal: &mut Terminal) -> Result<Done, Failure> {
    let fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if new.name.is_empty() || !new.name.chars().all(fine) {
        return Err(Failure::Usage(format!("`{}` is no connector's name: use a-z, 0-9 and `-`", new.name)));
    }
    let document = document(&new.openapi)?;
    let told =
        |error: &dyn std::fmt::Display| Failure::CouldNot(format!("{}: {error}", new.openapi.display()));
    let drafted = draft(&new.name, &document).map_err(|error| told(&error))?;
    let folder = new.into.join(&new.name);
    let could_not = |error: std::io::Error| {
        let next = if error.kind() == std::io::ErrorKind::AlreadyExists {
            "it is left as it is; choose another name, or another folder with --into"
        } else {
            "name another folder with --into"
        };
        Failure::CouldNot(format!("could not make {}: {error}; {next}", folder.display()))
    };
    fs::create_dir_all(&new.into).map_err(could_not)?;
    fs::create_dir(&folder).map_err(could_not)?;
    fs::create_dir(folder.join("fixtures")).map_err(could_not)?;
    fs::write(folder.join("manifest.yaml"), &drafted.manifest).map_err(could_not)?;
    fs::write(folder.join("notes.md"), notes(&new.name)).map_err(could_not)?;
    say(&folder, &drafted, format, terminal)?;
    Ok(Done::Clear)
}

/// JSON or YAML, whichever it is.
fn document(file: &Path) -> Result<Value, Failure> {
    let could_not = |why: String| Failure::CouldNot(format!("{}: {why}", file.display()));
    let size = fs::metadata(file).map_err(|error| could_not(format!("it cannot be read: {error}")))?.len();
    if size > LARGEST {
        return Err(could_not("it is larger than 64 MiB; trim it to the calls that matter".to_owned()));
    }
    let text = fs::read_to_string(file).map_err(|error| could_not(format!("it cannot be read: {error}")))?;
    match serde_json::from_str(&text) {
        Ok(document) => Ok(document),
        Err(_) if text.trim_start().starts_with('{') => {
            Err(could_not("it begins like JSON and is none; is the file whole?".to_owned()))
        }
        Err(_) => serde_saphyr::from_str(&text)
            .map_err(|error| could_not(format!("it is neither JSON nor YAML: {}", error.without_snippet()))),
    }
}

fn notes(name: &str) -> String {
    format!(
        "# {name}: notes\n\n**What to ask for.** DECIDE: the least permission, in the vendor's words.\n\n\
         **Decisions**\n\n- DECIDE: why things are read and told apart as they are.\n\n\
         **Traps**\n\n- DECIDE: what a hasty reader of this system gets wrong; each becomes a file in `traps`.\n\n\
         **Not checked.** DECIDE: what is general knowledge only.\n"
    )
}

fn say(folder: &Path, drafted: &Draft, format: Format, terminal: &mut Terminal) -> Result<(), Failure> {
    let manifest = folder.join("manifest.yaml");
    let open = drafted.manifest.matches("DECIDE:").count();
    if format == Format::Json {
        let reads: Vec<Value> =
            drafted.reads.iter().map(|(name, path)| json!({ "read": name, "path": path })).collect();
        let left: Vec<Value> =
            drafted.left_out.iter().map(|(path, why)| json!({ "path": path, "why": why })).collect();
        return Ok(terminal.json(&json!({
            "manifest": manifest, "reads": reads, "left_out": left, "to_decide": open,
        }))?);
    }
    for (name, path) in &drafted.reads {
        terminal.line(&format!("{}  {name:<28} {path}", terminal.paint.good("drafted")))?;
    }
    for (path, why) in &drafted.left_out {
        terminal.line(&format!("{}  {path}: {why}", terminal.paint.dim("left out")))?;
    }
    terminal.note(&format!(
        "{} written, with {open} places to decide, each marked `DECIDE:`. Then record an answer of each read under \
         fixtures, and: exeunt connectors test {}",
        manifest.display(),
        folder.display()
    ));
    Ok(())
}
