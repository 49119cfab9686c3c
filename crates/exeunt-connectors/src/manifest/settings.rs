//! What the operator said, completed by the manifest's defaults.

use std::collections::BTreeMap;

use exeunt_model::manifest::Manifest;

use super::names::nearest;

/// Settings that do not fit the manifest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join("; "))]
pub struct BadSettings(pub Vec<String>);

/// The settings to run with.
///
/// # Errors
/// When a setting without default is missing, or one is given that the manifest does not know.
pub fn fill(
    manifest: &Manifest,
    given: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, BadSettings> {
    let mut wrong = Vec::new();
    for name in given.keys().filter(|name| !manifest.settings.contains_key(*name)) {
        let known = manifest.settings.keys().map(String::as_str);
        let hint = nearest(name, known.clone()).map_or_else(
            || format!("it knows: {}", known.collect::<Vec<_>>().join(", ")),
            |near| format!("did you mean `{near}`?"),
        );
        wrong.push(format!("`{}` has no setting `{name}`; {hint}", manifest.connector));
    }
    let filled = filled(manifest, given);
    for (name, setting) in manifest.settings.iter().filter(|(name, _)| !filled.contains_key(*name)) {
        wrong.push(format!("setting `{name}` of `{}` is missing: {}", manifest.connector, setting.about));
    }
    if wrong.is_empty() { Ok(filled) } else { Err(BadSettings(wrong)) }
}

/// The settings as far as they are known.
pub(crate) fn filled(manifest: &Manifest, given: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let declared = manifest.settings.iter();
    declared
        .filter_map(|(name, setting)| {
            let value = given.get(name).cloned().or_else(|| setting.default.clone())?;
            Some((name.clone(), value))
        })
        .collect()
}
