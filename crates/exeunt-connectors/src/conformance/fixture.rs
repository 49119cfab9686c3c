//! Recorded answers: `connectors/<system>/fixtures/<read>.json`.
//!
//! A file holds `pages`, or for a read that runs for each row of another `scopes` by their text
//! (`repo=payments,repo_id=901`), each with `pages`. A page is `status`, `headers`, `body`, and for
//! a directory `cookie`. `settings` gives what the read needs of the operator's. The scope `*` answers every scope that
//! has no answers of its own.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use exeunt_model::manifest::{Manifest, ReadRule};

use crate::protocol::Answer;

/// One recorded answer.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recorded {
    /// The status.
    pub status: u16,
    /// Headers.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// The page.
    pub body: Value,
    /// The cookie of the next LDAP page; empty at the end.
    #[serde(default)]
    pub cookie: String,
}

impl Recorded {
    /// As a protocol would give it.
    #[must_use]
    pub fn answer(&self) -> Answer {
        Answer {
            statuses: vec![self.status],
            headers: self.headers.iter().map(|(k, v)| (k.to_ascii_lowercase(), v.clone())).collect(),
            body: self.body.to_string().into_bytes(),
            page: self.body.clone().into(),
            cookie: self.cookie.clone().into_bytes(),
            server_date: None,
        }
    }
}

/// The recorded answers of one scope.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pages {
    /// In the order they are asked for.
    pub pages: Vec<Recorded>,
}

/// The recorded answers of one read.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Fixture {
    /// Of a read that stands alone.
    pub pages: Vec<Recorded>,
    /// Of a read with scopes.
    pub scopes: BTreeMap<String, Pages>,
    /// The operator's settings.
    pub settings: BTreeMap<String, String>,
}

/// The text of a scope that stands for every scope without answers of its own. Only a whole recorded system uses
/// it; the harness leaves it out.
pub const ANY_SCOPE: &str = "*";

/// The recorded answers of all reads of a system.
pub type Fixtures = BTreeMap<String, Fixture>;

/// Reads the fixtures of a connector's folder.
///
/// # Errors
/// When a file cannot be read or is not of the stated form; with its name.
pub fn fixtures(folder: &Path) -> Result<Fixtures, String> {
    let mut all = Fixtures::new();
    let listing = std::fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    for entry in listing {
        let path = entry.map_err(|e| format!("{}: {e}", folder.display()))?.path();
        if path.extension().is_some_and(|ext| ext == "json") {
            let text = std::fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
            let fixture = serde_json::from_str(&text).map_err(|e| format!("{}: {e}", path.display()))?;
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            all.insert(name, fixture);
        }
    }
    Ok(all)
}

impl Fixture {
    /// Bound values and pages of each scope; the one with most pages first.
    #[must_use]
    pub fn by_scope(&self, rule: &ReadRule) -> Vec<(BTreeMap<String, String>, Vec<Recorded>)> {
        let mut all = Vec::new();
        if !self.pages.is_empty() {
            all.push((BTreeMap::new(), self.pages.clone()));
        }
        let several = rule.each.as_ref().is_some_and(|each| each.bind.len() > 1);
        for (text, pages) in self.scopes.iter().filter(|(text, _)| *text != ANY_SCOPE) {
            all.push((bound(text, several), pages.pages.clone()));
        }
        let size = |pages: &[Recorded]| {
            let good = pages.iter().filter(|page| page.status < 300).count();
            (good, pages.iter().map(|page| page.body.to_string().len()).sum::<usize>())
        };
        all.sort_by_key(|(_, pages)| std::cmp::Reverse(size(pages)));
        all
    }

    /// The recorded pages by the text of their scope, which is empty for a read that stands alone.
    pub(super) fn texts(&self) -> impl Iterator<Item = (&str, &[Recorded])> {
        let alone = (!self.pages.is_empty()).then_some(("", self.pages.as_slice()));
        alone
            .into_iter()
            .chain(self.scopes.iter().map(|(text, pages)| (text.as_str(), pages.pages.as_slice())))
    }

    /// The settings, with something in every one that is required and not given.
    #[must_use]
    pub fn settings(&self, manifest: &Manifest) -> BTreeMap<String, String> {
        let mut settings = self.settings.clone();
        for (name, setting) in &manifest.settings {
            if setting.default.is_none() {
                settings.entry(name.clone()).or_insert_with(|| "acme".to_owned());
            }
        }
        settings
    }
}

fn bound(text: &str, several: bool) -> BTreeMap<String, String> {
    let parts: Vec<&str> = if several { text.split(',').collect() } else { vec![text] };
    let pairs = parts.into_iter().filter_map(|part| part.split_once('='));
    pairs.map(|(k, v)| (k.to_owned(), v.replace("%2C", ",").replace("%25", "%"))).collect()
}
