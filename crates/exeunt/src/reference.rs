//! The reference page of the command line, made from its definition.

use std::fmt::Write;

use clap::{Command, CommandFactory};

use crate::args::Cli;

/// The whole page, Markdown.
#[must_use]
pub fn page() -> String {
    let mut out = String::from("# Command line\n\nGenerated from the program; do not edit.\n");
    let mut root = Cli::command();
    root.build();
    // Writing to a text cannot fail.
    let _ = write_command(&mut out, &mut root, "exeunt");
    out
}

fn write_command(out: &mut String, command: &mut Command, path: &str) -> std::fmt::Result {
    let help = command.clone().term_width(100).render_long_help().to_string();
    let trimmed: Vec<&str> = help.lines().map(str::trim_end).collect();
    writeln!(out, "\n## `{path}`\n\n```text\n{}\n```", trimmed.join("\n").trim_end())?;
    for sub in command.get_subcommands_mut() {
        if !sub.is_hide_set() && sub.get_name() != "help" {
            let path = format!("{path} {}", sub.get_name());
            write_command(out, sub, &path)?;
        }
    }
    Ok(())
}
