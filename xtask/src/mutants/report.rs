//! The page of what is noticed and what is left: `docs/mutants.md`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde::Deserialize;

use super::mutant::Mutant;
use super::oracle::Outcome;
use super::workplace::ENGINE;

/// The page, from the root.
pub const PAGE: &str = "docs/mutants.md";
/// Where it is said why a survivor changes no verdict, from the root.
pub const EQUIVALENT: &str = "xtask/src/mutants/equivalent.yaml";

/// Survivors that change no verdict, and why.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Equivalent {
    file: String,
    function: String,
    /// The change; all of the function where it is not said.
    #[serde(default)]
    change: Option<String>,
    /// Which of those that read alike.
    #[serde(default)]
    nth: Option<usize>,
    why: String,
}

impl Equivalent {
    fn is_of(&self, mutant: &Mutant) -> bool {
        self.file == mutant.file
            && self.function == mutant.function
            && self.change.as_ref().is_none_or(|change| *change == mutant.change)
            && self.nth.is_none_or(|nth| nth == mutant.nth)
    }
}

/// So many chance-made worlds that are judged the same say something.
const MANY: usize = 100;

/// What is said of each survivor.
#[derive(Debug, Default)]
pub struct Judged<'m> {
    /// Survivors by the reason why they change no verdict.
    explained: BTreeMap<(&'m str, &'m str, &'m str), Vec<&'m Mutant>>,
    /// Survivors nobody has explained, and how many chance-made worlds are judged the same with each: many.
    alike: Vec<(&'m Mutant, usize)>,
    /// Survivors nobody has explained.
    pub open: Vec<&'m Mutant>,
    /// Reasons that no survivor needs any more.
    pub stale: Vec<&'m Equivalent>,
}

/// Holds the survivors against the reasons.
pub fn judge<'m>(
    mutants: &'m [Mutant],
    outcomes: &BTreeMap<usize, Outcome>,
    reasons: &'m [Equivalent],
) -> Judged<'m> {
    let mut judged = Judged::default();
    let mut used = BTreeSet::new();
    let left = outcomes.iter().filter(|(_, outcome)| outcome.is_left());
    for (mutant, outcome) in left.map(|(number, outcome)| (&mutants[*number], outcome)) {
        match reasons.iter().position(|reason| reason.is_of(mutant)) {
            Some(at) => {
                let reason = &reasons[at];
                used.insert(at);
                let place = (reason.file.as_str(), reason.function.as_str(), reason.why.as_str());
                judged.explained.entry(place).or_default().push(mutant);
            }
            None => match outcome {
                Outcome::Alike(worlds) if *worlds >= MANY => judged.alike.push((mutant, *worlds)),
                _ => judged.open.push(mutant),
            },
        }
    }
    let unused = reasons.iter().enumerate().filter(|(at, _)| !used.contains(at));
    judged.stale = unused.map(|(_, reason)| reason).collect();
    judged
}

/// The reasons.
///
/// # Errors
/// When the file has not their form.
pub fn reasons(text: &str) -> Result<Vec<Equivalent>, String> {
    serde_saphyr::from_str(text).map_err(|error| format!("{EQUIVALENT}: {error}"))
}

impl std::fmt::Display for Equivalent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}: {}", self.file, self.function, self.change.as_deref().unwrap_or("anything"))
    }
}

/// The whole page.
pub fn page(
    commit: &str,
    mutants: &[Mutant],
    outcomes: &BTreeMap<usize, Outcome>,
    judged: &Judged<'_>,
) -> String {
    let mut out = String::new();
    // Writing to a text cannot fail.
    let _ = write_page(&mut out, commit, mutants, outcomes, judged);
    out
}

fn write_page(
    out: &mut String,
    commit: &str,
    mutants: &[Mutant],
    outcomes: &BTreeMap<usize, Outcome>,
    judged: &Judged<'_>,
) -> std::fmt::Result {
    writeln!(out, "# Mutants of the engine\n")?;
    writeln!(
        out,
        "Written by `cargo xtask mutants` at {commit}. Each mutant is one small change of `{ENGINE}`: an operator, a\n\
         condition, an arm, a statement left out, a function that returns at once. It is noticed when a story of `scenarios`\n\
         ends otherwise or is told in other words, when one of the engine's tests fails, or when a property does not hold.\n\
         What is left is listed below, with the reason why it changes no verdict.\n"
    )?;
    if !outcomes.values().any(|outcome| matches!(outcome, Outcome::Property(_))) {
        writeln!(out, "The properties were not asked, or noticed nothing that was left.\n")?;
    }
    let not_asked = mutants.len() - outcomes.len();
    if not_asked > 0 {
        writeln!(
            out,
            "{not_asked} mutants were not asked about when this was written, and stand in no row.\n"
        )?;
    }
    writeln!(
        out,
        "| file | mutants | stories | unit tests | properties | hung | survived | not reached | unbuildable |"
    )?;
    writeln!(out, "| --- | --: | --: | --: | --: | --: | --: | --: | --: |")?;
    let mut rows: BTreeMap<&str, [usize; 8]> = BTreeMap::new();
    let mut sum = [0; 8];
    for (number, outcome) in outcomes {
        let row = rows.entry(mutants[*number].file.as_str()).or_default();
        let column = match outcome {
            Outcome::Story(_) => 1,
            Outcome::Unit(_) => 2,
            Outcome::Property(_) => 3,
            Outcome::Hung => 4,
            Outcome::Survived | Outcome::Alike(_) => 5,
            Outcome::NotReached => 6,
            Outcome::Unbuildable => 7,
        };
        for at in [0, column] {
            row[at] += 1;
            sum[at] += 1;
        }
    }
    for (file, row) in rows.iter().map(|(file, row)| (*file, row)).chain([("all", &sum)]) {
        writeln!(out, "| {file} | {} |", row.map(|number| number.to_string()).join(" | "))?;
    }
    if !judged.open.is_empty() {
        writeln!(out, "\n## Left without a reason\n\n```text")?;
        for mutant in &judged.open {
            writeln!(out, "{}:{} {}: {}", mutant.file, mutant.line, mutant.function, mutant.change)?;
        }
        writeln!(out, "```")?;
    }
    if !judged.alike.is_empty() {
        writeln!(
            out,
            "\n## Left, and judged the same\n\nNobody wrote down a reason. So many chance-made worlds came by each, and every word of their verdicts is the same with it.\n\n```text"
        )?;
        for (mutant, worlds) in &judged.alike {
            writeln!(
                out,
                "{}:{} {}: {} ({worlds} worlds)",
                mutant.file, mutant.line, mutant.function, mutant.change
            )?;
        }
        writeln!(out, "```")?;
    }
    if !judged.explained.is_empty() {
        writeln!(out, "\n## Left, and why they change no verdict")?;
    }
    let mut file = "";
    for ((of, function, why), mutants) in &judged.explained {
        if *of != file {
            file = of;
            writeln!(out, "\n### {file}")?;
        }
        writeln!(out, "\n{function}: {}\n\n```text", why.trim())?;
        for mutant in mutants {
            writeln!(out, "{}: {}", mutant.line, mutant.change)?;
        }
        writeln!(out, "```")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::mutant::Mutant;
    use super::super::oracle::Outcome;
    use super::{judge, page, reasons};

    fn mutant(function: &str) -> Mutant {
        Mutant {
            file: "judge/mod.rs".to_owned(),
            function: function.to_owned(),
            change: "return `true`".to_owned(),
            nth: 1,
            line: 7,
        }
    }

    /// A reason that outlives its survivor would excuse the next one that reads alike.
    #[test]
    fn each_survivor_has_its_reason_and_each_reason_its_survivor() {
        let mutants = [mutant("a"), mutant("b"), mutant("c")];
        let outcomes = BTreeMap::from([
            (0, Outcome::Survived),
            (1, Outcome::NotReached),
            (2, Outcome::Unit("a test".to_owned())),
        ]);
        let reasons = reasons(
            "- {file: judge/mod.rs, function: a, why: order only}\n- {file: judge/mod.rs, function: c, why: none}",
        )
        .expect("reasons");
        let judged = judge(&mutants, &outcomes, &reasons);
        assert_eq!(judged.open, [&mutants[1]]);
        assert_eq!(
            judged.stale.iter().map(ToString::to_string).collect::<Vec<_>>(),
            ["judge/mod.rs c: anything"]
        );
        let page = page("abc", &mutants, &outcomes, &judged);
        assert!(page.contains("| judge/mod.rs | 3 | 0 | 1 | 0 | 0 | 1 | 1 | 0 |"), "{page}");
        assert!(page.contains("a: order only"), "{page}");
    }
}
