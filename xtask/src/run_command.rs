//! Running other programs, with errors that say which program, where, and what it printed.

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader, Read};
use std::path::Path;
use std::process::{self, Stdio};

/// What a program writes to.
#[derive(Clone, Copy, Debug)]
pub enum Stream {
    /// Standard output.
    Output,
    /// Standard error.
    Error,
}

/// One program to run, with the folder it runs in.
#[derive(Debug)]
pub struct Command {
    inner: process::Command,
    shown: String,
}

impl Command {
    /// A command that runs in `folder`.
    pub fn new(program: impl Into<OsString>, folder: &Path) -> Self {
        let program = program.into();
        let shown = Path::new(&program).file_name().unwrap_or(&program).to_string_lossy().into_owned();
        let mut inner = process::Command::new(program);
        inner.current_dir(folder).stdin(Stdio::null());
        Self { inner, shown }
    }

    /// Adds arguments.
    pub fn args<S: AsRef<str>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        for arg in args {
            self.inner.arg(arg.as_ref());
            self.shown.push(' ');
            self.shown.push_str(arg.as_ref());
        }
        self
    }

    /// Sets one environment variable.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.inner.env(name, value);
        self
    }

    /// Removes one environment variable.
    pub fn without_env(mut self, name: &str) -> Self {
        self.inner.env_remove(name);
        self
    }

    /// Runs it with its output passed on.
    ///
    /// # Errors
    /// When it cannot be started or does not exit with 0.
    pub fn run(mut self) -> Result<(), String> {
        let status = self.inner.status().map_err(|e| self.not_started(&e))?;
        if status.success() { Ok(()) } else { Err(format!("`{}` ended with {status}", self.shown)) }
    }

    /// Runs it and returns what it wrote to standard output.
    ///
    /// # Errors
    /// When it cannot be started, does not exit with 0 (with the end of its standard error), or does not write UTF-8.
    pub fn output(self) -> Result<String, String> {
        self.output_with(0)
    }

    /// As [`output`](Self::output), for a command whose right exit code is another one.
    ///
    /// # Errors
    /// When it cannot be started, ends with another code, or writes something that is not UTF-8.
    pub fn output_with(mut self, code: i32) -> Result<String, String> {
        let output = self.inner.output().map_err(|e| self.not_started(&e))?;
        if output.status.code() != Some(code) {
            let said = String::from_utf8_lossy(&output.stderr);
            let end: Vec<&str> = said.lines().rev().take(12).collect();
            let end: Vec<&str> = end.into_iter().rev().collect();
            return Err(format!("`{}` ended with {}:\n{}", self.shown, output.status, end.join("\n")));
        }
        String::from_utf8(output.stdout)
            .map_err(|e| format!("`{}` wrote something that is not UTF-8: {e}", self.shown))
    }

    /// Runs it with one of its streams passed line by line to `each_line`, and returns whether it exited with 0.
    ///
    /// # Errors
    /// When it cannot be started or its output cannot be read.
    pub fn watch(mut self, stream: Stream, mut each_line: impl FnMut(&str)) -> Result<bool, String> {
        match stream {
            Stream::Output => self.inner.stdout(Stdio::piped()),
            Stream::Error => self.inner.stderr(Stdio::piped()),
        };
        let mut child = self.inner.spawn().map_err(|e| self.not_started(&e))?;
        let pipe: Option<Box<dyn Read>> = match stream {
            Stream::Output => child.stdout.take().map(|pipe| Box::new(pipe) as Box<dyn Read>),
            Stream::Error => child.stderr.take().map(|pipe| Box::new(pipe) as Box<dyn Read>),
        };
        for line in pipe.into_iter().flat_map(|pipe| BufReader::new(pipe).split(b'\n')) {
            let line = line.map_err(|e| format!("reading what `{}` wrote: {e}", self.shown))?;
            each_line(&String::from_utf8_lossy(&line));
        }
        let status = child.wait().map_err(|e| format!("waiting for `{}`: {e}", self.shown))?;
        Ok(status.success())
    }

    fn not_started(&self, cause: &std::io::Error) -> String {
        format!("`{}` could not be started: {cause}; is the program installed and on PATH?", self.shown)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Command, Stream};

    #[test]
    fn a_failing_program_is_named_with_what_it_said() {
        let said =
            Command::new("sh", Path::new("/")).args(["-c", "echo no room >&2; exit 3"]).output().unwrap_err();
        assert!(said.contains("no room") && said.contains('3'), "{said}");
    }

    #[test]
    fn a_missing_program_is_an_error_that_says_what_to_do() {
        let said = Command::new("no-such-program-anywhere", Path::new("/")).run().unwrap_err();
        assert!(said.contains("no-such-program-anywhere") && said.contains("PATH"), "{said}");
    }

    #[test]
    fn every_line_of_standard_error_is_seen_and_the_failure_kept() {
        let mut lines = Vec::new();
        let ok = Command::new("sh", Path::new("/"))
            .args(["-c", "echo one >&2; echo two >&2; exit 1"])
            .watch(Stream::Error, |line| lines.push(line.to_owned()))
            .unwrap();
        assert!(!ok);
        assert_eq!(lines, ["one", "two"]);
    }
}
