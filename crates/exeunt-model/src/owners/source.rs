//! The files a register is read from, as `exeunt.yaml` names them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Domain, Escalation};
use crate::reference::SystemId;
use crate::{Duration, Timestamp};

/// The form of a file with owners.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RegisterFormat {
    /// Cells as in `exeunt.yaml`, under `owners`; JSON as well.
    Yaml,
    /// A table with a header.
    Csv,
    /// GitHub's or GitLab's CODEOWNERS.
    Codeowners,
    /// A Backstage catalog: catalog-info.yaml, any number of documents.
    Backstage,
}

impl RegisterFormat {
    /// The word used in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Yaml => "yaml",
            Self::Csv => "csv",
            Self::Codeowners => "codeowners",
            Self::Backstage => "backstage",
        }
    }

    /// The form a file's name tells.
    #[must_use]
    pub fn of_name(path: &str) -> Option<Self> {
        let name = path.rsplit('/').next().unwrap_or(path).to_lowercase();
        let ends = |end: &str| name.ends_with(end);
        match name.as_str() {
            "codeowners" => Some(Self::Codeowners),
            _ if ends(".csv") => Some(Self::Csv),
            _ if name.starts_with("catalog-info") && (ends(".yaml") || ends(".yml")) => Some(Self::Backstage),
            _ if ends(".yaml") || ends(".yml") || ends(".json") => Some(Self::Yaml),
            _ => None,
        }
    }
}

/// One file with owners.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterFile {
    /// The file; a relative path begins where `exeunt.yaml` is.
    pub path: String,
    /// Its form; told by its name where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<RegisterFormat>,
    /// Of two cells about the same thing, the one from the file with the higher number answers. `exeunt.yaml` itself
    /// has 0, as has a file where nothing is said; two owners of equal precedence are a finding.
    #[serde(default)]
    pub precedence: i32,
    /// CODEOWNERS: the system the owned paths are in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<SystemId>,
    /// CODEOWNERS: the repository the file is of, by its name in the system. Without one, the paths of the file are
    /// names of the system's resources.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repository: Option<String>,
    /// Backstage: which annotation names a resource of which system, such as `github.com/project-slug: github`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, SystemId>,
    /// CODEOWNERS and Backstage: the domains their owners answer for. Default: application entitlement and integration
    /// revocation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub domains: Vec<Domain>,
    /// The deadline of cells that have none of their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<Duration>,
    /// The escalation of cells that have none of their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalation: Option<Escalation>,
    /// In force from, for cells that say nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// In force until, for cells that say nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

impl RegisterFile {
    /// Its form, said or told by its name.
    #[must_use]
    pub fn format(&self) -> Option<RegisterFormat> {
        self.format.or_else(|| RegisterFormat::of_name(&self.path))
    }

    /// The domains the owners of a file without domains answer for.
    #[must_use]
    pub fn domains(&self) -> Vec<Domain> {
        if self.domains.is_empty() {
            vec![Domain::ApplicationEntitlement, Domain::IntegrationRevocation]
        } else {
            self.domains.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RegisterFormat;

    /// A catalog read as cells, or the other way round, would be refused with words about the wrong form.
    #[test]
    fn names_tell_forms() {
        for (path, format) in [
            ("owners.yaml", Some(RegisterFormat::Yaml)),
            ("team/owners.CSV", Some(RegisterFormat::Csv)),
            (".github/CODEOWNERS", Some(RegisterFormat::Codeowners)),
            ("catalog-info.yml", Some(RegisterFormat::Backstage)),
            ("owners", None),
        ] {
            assert_eq!(RegisterFormat::of_name(path), format, "{path}");
        }
    }
}
