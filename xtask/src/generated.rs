//! The generated files: which there are, which command of the program writes each, and `cargo xtask generate`.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::files::Files;
use crate::run_command::Command;

/// One generated file.
#[derive(Debug, PartialEq, Eq)]
pub struct Page {
    /// Where it is kept, from the root.
    pub path: String,
    /// What `exeunt` is asked, to write it to standard output.
    pub args: Vec<String>,
    /// The exit code it ends with when all is well.
    pub code: i32,
}

impl Page {
    fn new(path: impl Into<String>, args: &[&str]) -> Self {
        Self { path: path.into(), args: args.iter().map(|arg| (*arg).to_owned()).collect(), code: 0 }
    }

    /// The command as a person would type it.
    pub fn command(&self) -> String {
        format!("exeunt {}", self.args.join(" "))
    }
}

/// The documents with a published schema.
const SCHEMAS: &[&str] = &["records", "verdict", "config", "manifest", "program"];

/// Every generated file: a fixed list, and a page for each connector folder.
pub fn pages(files: &Files) -> Vec<Page> {
    let mut pages: Vec<Page> = SCHEMAS
        .iter()
        .map(|name| Page::new(format!("docs/schemas/{name}.json"), &["schema", name]))
        .collect();
    // The demo's leaver has residual access, which is exit code 10.
    pages.push(Page { code: 10, ..Page::new("docs/demo.txt", &["demo", "--once"]) });
    pages.push(Page::new("docs/cli.md", &["__cli-reference"]));
    pages.push(Page::new("docs/control-points.md", &["__control-points"]));
    pages.push(Page::new("docs/coverage.md", &["connectors", "coverage", "--format", "md"]));
    for system in files.folders_in("connectors") {
        let args = ["connectors", "show", system, "--format", "md"];
        pages.push(Page::new(format!("docs/connectors/{system}.md"), &args));
    }
    pages
}

/// Whether a path lies where only generated files belong.
pub fn only_generated(path: &str) -> bool {
    path.starts_with("docs/connectors/") || path.starts_with("docs/schemas/")
}

/// Builds the program and returns where it is. Everything is built, tests too: asked for alone, the program would get
/// other features of its dependencies than it has in the tests, and half of them would be compiled twice.
///
/// # Errors
/// When it does not build.
pub fn build(root: &Path) -> Result<PathBuf, String> {
    let messages = Command::new(env!("CARGO"), root)
        .args([
            "build",
            "--quiet",
            "--package",
            "exeunt",
            "--bin",
            "exeunt",
            "--message-format",
            "json-render-diagnostics",
        ])
        .output()?;
    executable_in(&messages)
        .ok_or_else(|| "`cargo build` names no `exeunt` executable; is crates/exeunt a binary?".to_owned())
}

/// The path of the `exeunt` executable in Cargo's messages, one JSON object a line.
fn executable_in(messages: &str) -> Option<PathBuf> {
    messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()).find_map(|message| {
        let named = message.pointer("/target/name")? == "exeunt";
        let program =
            message.pointer("/target/kind/0")? == "bin" && message.pointer("/profile/test")? == false;
        let executable = message.get("executable")?.as_str()?;
        (named && program).then(|| PathBuf::from(executable))
    })
}

/// Asks the program for one page. It runs in the root without what a terminal or a person's settings would change.
///
/// # Errors
/// When it does not end with the page's exit code, or answers nothing.
pub fn ask(program: &Path, root: &Path, page: &Page) -> Result<String, String> {
    let text = Command::new(program, root)
        .args(&page.args)
        .env("NO_COLOR", "1")
        .env("LC_ALL", "C.UTF-8")
        .env("TZ", "UTC")
        .without_env("COLUMNS")
        .without_env("EXEUNT_CONFIG")
        .without_env("EXEUNT_STATE")
        .output_with(page.code)?;
    if text.trim().is_empty() {
        return Err(format!("`{}` wrote nothing to standard output", page.command()));
    }
    Ok(if text.ends_with('\n') { text } else { text + "\n" })
}

/// `cargo xtask generate`: writes every generated file anew.
///
/// # Errors
/// When the program does not build or answer, or a file cannot be written. What was written before stays.
pub fn write_all(root: &Path) -> Result<(), String> {
    let program = build(root)?;
    let pages = pages(&Files::read(root)?);
    let mut failed = Vec::new();
    for page in &pages {
        let written = ask(&program, root, page).and_then(|text| write(root, page, &text));
        match written {
            Ok(state) => println!("{state:<9} {}", page.path),
            Err(why) => failed.push(format!("{}: {why}", page.path)),
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(format!("not generated:\n{}", failed.join("\n"))) }
}

fn write(root: &Path, page: &Page, text: &str) -> Result<&'static str, String> {
    let full = root.join(&page.path);
    if std::fs::read(&full).is_ok_and(|kept| kept == text.as_bytes()) {
        return Ok("unchanged");
    }
    let folder = full.parent().unwrap_or(root);
    std::fs::create_dir_all(folder).map_err(|e| format!("making the folder {}: {e}", folder.display()))?;
    std::fs::write(&full, text).map_err(|e| format!("writing {}: {e}", full.display()))?;
    Ok("written")
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::{Page, ask, executable_in, pages};
    use crate::files::Files;

    #[test]
    fn every_connector_has_a_page_beside_the_fixed_ones() {
        let files =
            Files::of(&[("connectors/jira/manifest.yaml", ""), ("connectors/ldap/manifest.yaml", "")]);
        let all = pages(&files);
        assert_eq!(all.len(), 11);
        assert_eq!(all[0], Page::new("docs/schemas/records.json", &["schema", "records"]));
        assert_eq!(all[10].command(), "exeunt connectors show ldap --format md");
    }

    #[test]
    fn the_executable_is_found_among_cargos_messages() {
        let artifact = |name: &str, kind: &str, test: bool, executable: &str| {
            format!(
                "{{\"target\":{{\"name\":\"{name}\",\"kind\":[\"{kind}\"]}},\"profile\":{{\"test\":{test}}},\
                 \"executable\":{executable}}}\n"
            )
        };
        let messages = [
            artifact("exeunt_model", "lib", false, "null"),
            artifact("exeunt", "bin", true, "\"/t/debug/deps/exeunt-0a\""),
            artifact("exeunt", "bin", false, "\"/t/debug/exeunt\""),
            "{\"reason\":\"build-finished\",\"success\":true}".to_owned(),
        ]
        .concat();
        assert_eq!(executable_in(&messages), Some(PathBuf::from("/t/debug/exeunt")));
        assert_eq!(executable_in("{\"reason\":\"build-finished\"}"), None);
    }

    #[test]
    fn a_program_that_writes_nothing_or_fails_is_an_error() {
        let root = PathBuf::from("/");
        let page = |script: &str| Page::new("docs/x.md", &["-c", script]);
        let sh = PathBuf::from("sh");
        assert_eq!(ask(&sh, &root, &page("printf hello")).unwrap(), "hello\n");
        assert!(ask(&sh, &root, &page("true")).unwrap_err().contains("nothing"));
        assert!(ask(&sh, &root, &page("echo half; exit 1")).is_err());
    }
}
