//! What a rule found: where, what, and what to do next.

use std::fmt;

/// One place where a rule is broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The file, from the root.
    pub path: String,
    /// The line, counted from 1; 1 when the whole file is meant.
    pub line: usize,
    /// What is wrong.
    pub what: String,
    /// What to do next.
    pub next: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}\n          next: {}", self.path, self.line, self.what, self.next)
    }
}

/// All that one rule has to say.
#[derive(Debug, Default)]
pub struct Report {
    /// Where it is broken.
    pub findings: Vec<Finding>,
    /// Figures and hints that break nothing.
    pub notes: Vec<String>,
}

impl Report {
    /// Adds a place where the rule is broken.
    pub fn add(&mut self, path: &str, line: usize, what: impl Into<String>, next: impl Into<String>) {
        self.findings.push(Finding { path: path.to_owned(), line, what: what.into(), next: next.into() });
    }

    /// `path:line` of every finding, for tests.
    #[cfg(test)]
    pub fn places(&self) -> Vec<String> {
        self.findings.iter().map(|finding| format!("{}:{}", finding.path, finding.line)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Report;

    #[test]
    fn a_finding_reads_as_place_what_and_next_step() {
        let mut report = Report::default();
        report.add("crates/a/src/lib.rs", 7, "this is wrong", "do that");
        assert_eq!(
            report.findings[0].to_string(),
            "crates/a/src/lib.rs:7: this is wrong\n          next: do that"
        );
    }
}
