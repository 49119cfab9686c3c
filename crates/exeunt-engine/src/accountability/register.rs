//! The register as one case asks it.

use std::collections::BTreeSet;

use exeunt_model::owners::{Answer, Domain, Object, OwnerRegister, Owners};
use exeunt_model::{Ref, SystemId, Timestamp};

use crate::estate::Estate;

/// The register indexed once for all cases.
pub(crate) struct Indexed<'a> {
    owners: Owners<'a>,
    /// Where single things have owners: elsewhere none has to be named, which is most of the work.
    detailed: BTreeSet<(Domain, &'a str)>,
}

impl<'a> Indexed<'a> {
    pub fn new(register: &'a OwnerRegister) -> Self {
        let cells = register.cells.iter().map(|place| &place.cell).filter(|cell| cell.object().is_some());
        let mut detailed: BTreeSet<_> = cells.map(|cell| (cell.domain, cell.system.as_str())).collect();
        for paths in &register.paths {
            detailed.extend(paths.domains.iter().map(|domain| (*domain, paths.system.as_str())));
        }
        Self { owners: Owners::new(register), detailed }
    }
}

/// The register at the time of the departure, which is when the removal fell due.
pub(crate) struct Register<'r, 'a> {
    pub indexed: &'r Indexed<'a>,
    pub estate: &'r Estate<'a>,
    pub at: Timestamp,
}

impl<'a> Register<'_, 'a> {
    /// Who answered at the departure, given the references it is about, closest first.
    pub fn answers(&self, domain: Domain, system: &SystemId, resources: &[String]) -> Vec<Answer<'a>> {
        self.answers_at(domain, system, resources, self.at)
    }

    /// Who answers at a time.
    pub fn answers_at(
        &self,
        domain: Domain,
        system: &SystemId,
        resources: &[String],
        at: Timestamp,
    ) -> Vec<Answer<'a>> {
        let detailed = self.indexed.detailed.contains(&(domain, system.as_str()));
        let named = resources.iter().filter(|_| detailed);
        let objects: Vec<Object> = named.map(|reference| self.object(reference)).collect();
        self.indexed.owners.find(domain, system.as_str(), &objects, at)
    }

    fn object(&self, reference: &str) -> Object {
        let name = reference.parse::<Ref>().map(|object| self.estate.name(&object).to_owned());
        Object { reference: reference.to_owned(), name: name.unwrap_or_else(|_| reference.to_owned()) }
    }
}
