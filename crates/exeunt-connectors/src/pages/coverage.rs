//! Which survivor kind is seen in which system.

use std::fmt::Write as _;

use exeunt_model::SurvivorKind;
use exeunt_model::manifest::Coverage as Stated;

use super::cell;
use crate::catalogue::Catalogue;

/// How one kind is covered in one system.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Seen {
    /// By these reads.
    Seen(Vec<String>),
    /// Not, though it exists; why.
    Blind(String),
    /// It does not exist there; why.
    NotApplicable(String),
}

/// One kind in all systems, in the order of [`Coverage::systems`].
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct CoverageRow {
    /// The kind.
    pub kind: SurvivorKind,
    /// In each system.
    pub systems: Vec<Seen>,
}

/// The matrix.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Coverage {
    /// The connectors.
    pub systems: Vec<String>,
    /// Every kind.
    pub rows: Vec<CoverageRow>,
}

/// The coverage of all connectors.
#[must_use]
pub fn coverage(catalogue: &Catalogue) -> Coverage {
    let of = |kind: SurvivorKind| {
        let stated = catalogue.iter().map(|(_, loaded)| loaded.manifest.survivors.get(&kind));
        stated.map(seen).collect()
    };
    Coverage {
        systems: catalogue.names().map(str::to_owned).collect(),
        rows: SurvivorKind::ALL.into_iter().map(|kind| CoverageRow { kind, systems: of(kind) }).collect(),
    }
}

fn seen(stated: Option<&Stated>) -> Seen {
    match stated {
        Some(Stated::SeenBy(reads)) => Seen::Seen(reads.clone()),
        Some(Stated::Blind(why)) => Seen::Blind(why.clone()),
        Some(Stated::NotApplicable(why)) => Seen::NotApplicable(why.clone()),
        // The loader refuses a manifest that is silent about a kind.
        None => Seen::Blind("the manifest does not say".to_owned()),
    }
}

impl Coverage {
    /// As a Markdown table, with the reasons for what is blind below it.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut text = format!(
            "| kind | {} |\n|{}\n",
            self.systems.join(" | "),
            " --- |".repeat(self.systems.len() + 1)
        );
        let mut notes = String::new();
        for row in &self.rows {
            let _ = write!(text, "| `{}` |", row.kind);
            for (system, seen) in self.systems.iter().zip(&row.systems) {
                let word = match seen {
                    Seen::Seen(_) => "seen",
                    Seen::Blind(why) => {
                        let _ = writeln!(notes, "- {system}, `{}`: {}", row.kind, cell(why));
                        "**blind**"
                    }
                    Seen::NotApplicable(_) => "n/a",
                };
                let _ = write!(text, " {word} |");
            }
            text.push('\n');
        }
        if !notes.is_empty() {
            let _ = write!(text, "\nBlind, and why:\n\n{notes}");
        }
        text
    }
}
