//! The register as one case asks it.

use exeunt_model::owners::{Answer, Domain, Object, Owners};
use exeunt_model::{Ref, SystemId, Timestamp};

use crate::estate::Estate;

/// The register at the time of the departure, which is when the removal fell due.
pub(crate) struct Register<'r, 'a> {
    pub owners: &'r Owners<'a>,
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
        let objects: Vec<Object> = resources.iter().map(|reference| self.object(reference)).collect();
        self.owners.find(domain, system.as_str(), &objects, at)
    }

    fn object(&self, reference: &str) -> Object {
        let name = reference.parse::<Ref>().map(|object| self.estate.name(&object));
        Object { reference: reference.to_owned(), name: name.unwrap_or_else(|_| reference.to_owned()) }
    }
}
