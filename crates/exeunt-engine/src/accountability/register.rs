//! The register as one case asks it.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

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
    /// What was answered where no single thing has an owner: the same for all things there.
    whole: RefCell<Whole<'a>>,
}

type Whole<'a> = BTreeMap<(Domain, SystemId, Timestamp), Rc<[Answer<'a>]>>;

impl<'r, 'a> Register<'r, 'a> {
    /// The register as a case asks it whose removals fell due at a time.
    pub fn new(indexed: &'r Indexed<'a>, estate: &'r Estate<'a>, at: Timestamp) -> Self {
        Self { indexed, estate, at, whole: RefCell::default() }
    }

    /// Who answered at the departure, given the references it is about, closest first.
    pub fn answers(&self, domain: Domain, system: &SystemId, resources: &[&Ref]) -> Rc<[Answer<'a>]> {
        self.answers_at(domain, system, resources, self.at)
    }

    /// Who answers at a time.
    pub fn answers_at(
        &self,
        domain: Domain,
        system: &SystemId,
        resources: &[&Ref],
        at: Timestamp,
    ) -> Rc<[Answer<'a>]> {
        let find = |objects: &[Object]| self.indexed.owners.find(domain, system.as_str(), objects, at).into();
        if self.has_single(domain, system) {
            let objects: Vec<Object> = resources.iter().map(|resource| self.object(resource)).collect();
            return find(&objects);
        }
        let mut whole = self.whole.borrow_mut();
        Rc::clone(whole.entry((domain, system.clone(), at)).or_insert_with(|| find(&[])))
    }

    /// Whether single things of a system have owners of their own.
    pub fn has_single(&self, domain: Domain, system: &SystemId) -> bool {
        self.indexed.detailed.contains(&(domain, system.as_str()))
    }

    fn object(&self, resource: &Ref) -> Object {
        Object { reference: resource.to_string(), name: self.estate.name(resource).to_owned() }
    }
}
