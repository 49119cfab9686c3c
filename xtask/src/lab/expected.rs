//! What must still be found after the half-finished removal, as data, with native ids filled in for a running lab.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::error::LabError;
use super::files;
use super::inventory::Inventory;
use super::layout::Layout;

/// The data.
const EXPECTED: &str = include_str!("expected.yaml");

/// The whole expectation.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// Leavers of whom nothing is left.
    pub clear: Vec<String>,
    /// What is left.
    pub survivors: Vec<Survivor>,
    /// What belongs to somebody else and must never be named.
    pub never: Vec<Never>,
}

/// One thing that is left.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Survivor {
    /// Whose it is.
    pub leaver: String,
    /// The server's name.
    pub system: String,
    /// The canonical survivor kind.
    pub kind: String,
    /// Its name in the world.
    pub item: String,
    /// Its name at the server.
    pub native: String,
    /// The leaver's way to it, as a verdict tells it: names and verbs in turn.
    pub path: String,
    /// Whether it can act now.
    pub state: State,
    /// The first control point that failed.
    pub control_point: u8,
    /// Whether the lab uses it after the half-finished removal.
    #[serde(default)]
    pub used: bool,
    /// Why it is left.
    pub why: String,
    /// How that was checked.
    pub seen: String,
}

/// Whether a survivor can act now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It can.
    Live,
    /// It could if another object's state were undone.
    Latent,
}

/// Something of somebody else's.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Never {
    /// The server's name.
    pub system: String,
    /// Its name in the world.
    pub item: String,
    /// Its name at the server.
    pub native: String,
    /// Whose it is.
    pub whose: String,
}

impl Expected {
    /// Reads the data.
    pub fn load() -> Result<Self, LabError> {
        serde_saphyr::from_str(EXPECTED)
            .map_err(|error| LabError::Data { what: "expected.yaml".into(), why: error.to_string() })
    }

    /// Puts in the ids that the servers gave out.
    pub fn resolve(&mut self, objects: &BTreeMap<String, String>) -> Result<(), LabError> {
        let survivors = self.survivors.iter_mut().flat_map(|line| [&mut line.native, &mut line.path]);
        for text in survivors.chain(self.never.iter_mut().map(|line| &mut line.native)) {
            *text = filled(text, objects)?;
        }
        Ok(())
    }
}

/// A text with each `{…}` replaced by the id of that name.
fn filled(text: &str, objects: &BTreeMap<String, String>) -> Result<String, LabError> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, name, after)) = rest
        .split_once('{')
        .and_then(|(before, more)| more.split_once('}').map(|(name, after)| (before, name, after)))
    {
        let id = objects.get(name).ok_or_else(|| LabError::Data {
            what: "expected.yaml".into(),
            why: format!("no server gave out {name}"),
        })?;
        out.push_str(before);
        out.push_str(id);
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

/// Writes the resolved list beside `lab.json`.
pub fn write_down(layout: &Layout, lab: &Inventory) -> Result<(), LabError> {
    let mut expected = Expected::load()?;
    expected.resolve(&lab.objects)?;
    let text = serde_json::to_string_pretty(&expected)
        .map_err(|error| LabError::Data { what: "the expected survivors".into(), why: error.to_string() })?;
    files::write_private(&layout.dir.join("expected.json"), &(text + "\n"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::lab::planted::planted;
    use crate::lab::world::World;

    /// Whatever is planted must be looked for, and nothing else may be: this is the measure by
    /// which a verdict on the lab is judged.
    #[test]
    fn every_planted_survivor_has_its_line_and_no_other_line_is_there() {
        let world = World::load().expect("the world");
        let expected = Expected::load().expect("the expectation");
        for leaver in &world.leavers {
            let lines = expected.survivors.iter().filter(|line| line.leaver == leaver.person);
            let listed: Vec<_> = lines.map(|l| (l.system.clone(), l.kind.clone(), l.item.clone())).collect();
            let unique: BTreeSet<_> = listed.iter().cloned().collect();
            assert_eq!(listed.len(), unique.len(), "a line is there twice");
            assert_eq!(unique, planted(&world, leaver).expect("names that exist"), "{}", leaver.person);
        }
    }

    /// A clean leaver with a line, or a leaver in neither list, would make the tests on the lab contradict themselves.
    #[test]
    fn each_leaver_is_either_clear_or_has_lines() {
        let world = World::load().expect("the world");
        let expected = Expected::load().expect("the expectation");
        for leaver in &world.leavers {
            let clear = expected.clear.contains(&leaver.person);
            let lines = expected.survivors.iter().any(|line| line.leaver == leaver.person);
            assert_ne!(clear, lines, "{}", leaver.person);
        }
        for line in &expected.survivors {
            assert!(world.leaver(&line.leaver).is_some(), "{} does not leave", line.leaver);
            assert!((1..=10).contains(&line.control_point), "{}", line.item);
        }
    }

    /// Reporting the namesake's access as the leaver's is the worst mistake there is.
    #[test]
    fn nothing_of_a_namesake_is_expected() {
        let expected = Expected::load().expect("the expectation");
        let found: BTreeSet<_> = expected.survivors.iter().map(|line| (&line.system, &line.native)).collect();
        for line in &expected.never {
            assert!(!found.contains(&(&line.system, &line.native)), "{}", line.item);
            assert_ne!(line.whose, "ida.brandt");
        }
    }

    /// An id that no server gave out must not be looked for as if `{…}` were its name.
    #[test]
    fn an_unknown_id_is_an_error() {
        let mut expected = Expected::load().expect("the expectation");
        assert!(expected.resolve(&BTreeMap::new()).is_err());
    }
}
