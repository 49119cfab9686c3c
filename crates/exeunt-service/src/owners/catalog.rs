//! A Backstage catalog as cells: an entity that an annotation ties to a system's resource gives that resource its owner.
//!
//! References are `[kind:][namespace/]name`, compared without case; an owner without a kind is a group, a namespace that is
//! not written is that of the entity. An entity without an owner has that of its system.

use std::collections::BTreeMap;
use std::path::Path;

use exeunt_model::SystemId;
use exeunt_model::config::Config;
use exeunt_model::owners::{Owner, OwnerCell, Person, RegisterFile, Team};
use serde::Deserialize;
use serde_saphyr::Spanned;

use super::{Fault, wrong};
use crate::config::{ConfigError, form};

/// Annotations that name a resource by the name its system shows, and the connector of that system.
const KNOWN: [(&str, &str); 2] =
    [("github.com/project-slug", "github"), ("gitlab.com/project-slug", "gitlab")];
/// An annotation of ours: the system an entity stands for, as a whole or with one of the three below.
const SYSTEM: &str = "exeunt/system";
const THINGS: [&str; 3] = ["exeunt/resource", "exeunt/integration", "exeunt/nhi"];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entity {
    kind: Spanned<String>,
    metadata: Metadata,
    #[serde(default)]
    spec: Spec,
}

#[derive(Deserialize)]
struct Metadata {
    name: String,
    #[serde(default)]
    namespace: Option<String>,
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Spec {
    owner: Option<Spanned<Reference>>,
    system: Option<Reference>,
    profile: Profile,
    members: Vec<Reference>,
    member_of: Vec<Reference>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Profile {
    display_name: Option<String>,
    email: Option<String>,
}

/// A reference as text or in parts.
#[derive(Deserialize)]
#[serde(untagged)]
enum Reference {
    Text(String),
    Parts {
        #[serde(default)]
        kind: Option<String>,
        #[serde(default)]
        namespace: Option<String>,
        name: String,
    },
}

/// Kind, namespace and name in lower case.
type Key = (String, String, String);

impl Reference {
    fn key(&self, kind: &str, namespace: &str) -> Key {
        let (of, within, name) = match self {
            Self::Parts { kind, namespace, name } => (kind.as_deref(), namespace.as_deref(), name.as_str()),
            Self::Text(text) => {
                let (of, rest) =
                    text.split_once(':').map_or((None, text.as_str()), |(of, rest)| (Some(of), rest));
                let (within, name) =
                    rest.split_once('/').map_or((None, rest), |(within, name)| (Some(within), name));
                (of, within, name)
            }
        };
        let lower = |text: Option<&str>, otherwise: &str| text.unwrap_or(otherwise).to_lowercase();
        (lower(of, kind), lower(within, namespace), name.to_lowercase())
    }
}

impl Entity {
    fn namespace(&self) -> &str {
        self.metadata.namespace.as_deref().unwrap_or("default")
    }

    fn key(&self) -> Key {
        let lower = str::to_lowercase;
        (lower(&self.kind.value), lower(self.namespace()), lower(&self.metadata.name))
    }

    fn shown(&self) -> String {
        let name = self.spec.profile.display_name.as_ref().or(self.metadata.title.as_ref());
        name.unwrap_or(&self.metadata.name).clone()
    }

    fn line(&self) -> u64 {
        self.kind.defined.line()
    }
}

struct Catalog {
    entities: BTreeMap<Key, Entity>,
}

/// Reads a catalog.
pub(super) fn read(
    file: &RegisterFile,
    config: &Config,
    path: &Path,
    text: &str,
) -> Result<Vec<(u64, OwnerCell)>, ConfigError> {
    let documents: Vec<Entity> = serde_saphyr::from_multiple(text).map_err(|e| form(path, &e))?;
    let mut catalog = Catalog { entities: BTreeMap::new() };
    for entity in documents {
        let (key, line) = (entity.key(), entity.line());
        if let Some(first) = catalog.entities.insert(key.clone(), entity) {
            let what =
                format!("{} stands there twice, first at line {}; take one out", written(&key), first.line());
            return Err(wrong(path, Fault::new(line, what)));
        }
    }
    let cells = catalog.cells(file, config).map_err(|fault| wrong(path, fault))?;
    if cells.is_empty() {
        let what = format!(
            "no entity is tied to a system; annotate one with `{SYSTEM}`, or say under `annotations` which annotation names \
             resources of which system, such as `{}: github`",
            KNOWN[0].0
        );
        return Err(wrong(path, Fault::new(0, what)));
    }
    Ok(cells)
}

impl Catalog {
    fn cells(&self, file: &RegisterFile, config: &Config) -> Result<Vec<(u64, OwnerCell)>, Fault> {
        let annotations = annotations(file, config);
        let mut cells = Vec::new();
        for entity in self.entities.values() {
            let tied = tied(entity, &annotations);
            if tied.is_empty() {
                continue;
            }
            let (line, owner, contact) = self.owner(entity)?;
            for (system, [resource, integration, nhi]) in tied {
                for domain in file.domains() {
                    cells.push((
                        line,
                        OwnerCell {
                            domain,
                            system: system.clone(),
                            resource: resource.clone(),
                            integration: integration.clone(),
                            nhi: nhi.clone(),
                            owner: owner.clone(),
                            deputies: Vec::new(),
                            contact: contact.clone(),
                            deadline: None,
                            escalation: None,
                            from: None,
                            until: None,
                        },
                    ));
                }
            }
        }
        cells.sort();
        Ok(cells)
    }

    /// The owner of an entity or of its system, the line that says so, and how to reach them.
    fn owner(&self, entity: &Entity) -> Result<(u64, Owner, Option<String>), Fault> {
        let of_system = || {
            let system = entity.spec.system.as_ref()?.key("system", entity.namespace());
            self.entities.get(&system).filter(|system| system.spec.owner.is_some())
        };
        let owned = if entity.spec.owner.is_some() { Some(entity) } else { of_system() };
        let Some((within, stated)) =
            owned.and_then(|owned| Some((owned.namespace(), owned.spec.owner.as_ref()?)))
        else {
            let what = format!(
                "{} is tied to a system and has no owner; set `spec.owner`, or that of its system",
                written(&entity.key())
            );
            return Err(Fault::new(entity.line(), what));
        };
        let key = stated.value.key("group", within);
        let found = self.entities.get(&key);
        let contact = found.and_then(|found| found.spec.profile.email.clone());
        let owner = if key.0 == "user" {
            Owner::Person(self.person(&key))
        } else {
            let name = found.map_or_else(|| key.2.clone(), Entity::shown);
            Owner::Team(Team { name, lead: None, members: self.members(&key) })
        };
        Ok((stated.defined.line(), owner, contact))
    }

    /// Everybody the group or the people themselves say belongs to it.
    fn members(&self, group: &Key) -> Vec<Person> {
        let mut keys: Vec<Key> = self
            .entities
            .get(group)
            .into_iter()
            .flat_map(|found| found.spec.members.iter().map(|member| member.key("user", found.namespace())))
            .collect();
        keys.extend(
            self.entities
                .iter()
                .filter(|((kind, ..), user)| {
                    kind == "user"
                        && user.spec.member_of.iter().any(|of| of.key("group", user.namespace()) == *group)
                })
                .map(|(key, _)| key.clone()),
        );
        keys.sort();
        keys.dedup();
        keys.iter().map(|key| self.person(key)).collect()
    }

    fn person(&self, key: &Key) -> Person {
        let found = self.entities.get(key);
        Person {
            name: Some(found.map_or_else(|| key.2.clone(), Entity::shown)),
            email: found.and_then(|found| found.spec.profile.email.clone()),
            ..Person::default()
        }
    }
}

fn written((kind, namespace, name): &Key) -> String {
    format!("{kind}:{namespace}/{name}")
}

/// Which annotation names resources of which system: as the configuration says, else the known ones of a connector that one
/// system has.
fn annotations(file: &RegisterFile, config: &Config) -> BTreeMap<String, SystemId> {
    if !file.annotations.is_empty() {
        return file.annotations.clone();
    }
    let one = |(annotation, connector): &(&str, &str)| {
        let mut systems = config.systems.iter().filter(|(_, system)| system.connector == *connector);
        let (system, _) = systems.next()?;
        systems.next().is_none().then(|| ((*annotation).to_owned(), system.clone()))
    };
    KNOWN.iter().filter_map(one).collect()
}

/// What an entity's annotations tie it to: systems, and in each nothing or one thing.
fn tied(entity: &Entity, annotations: &BTreeMap<String, SystemId>) -> Vec<(String, [Option<String>; 3])> {
    let said = |name: &str| entity.metadata.annotations.get(name).map(|text| text.trim().to_owned());
    let mut tied: Vec<_> = annotations
        .iter()
        .filter_map(|(annotation, system)| Some((system.to_string(), [Some(said(annotation)?), None, None])))
        .collect();
    tied.extend(said(SYSTEM).map(|system| (system, THINGS.map(said))));
    tied
}
