//! The kept snapshots, indexed once: which object was shown by which read of which snapshot.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, OnceLock};

use exeunt_model::manifest::Manifest;
use exeunt_model::record::{Account, Event, Identity, Integration};
use exeunt_model::verdict::Cite;
use exeunt_model::{Digest, ReadReceipt, Record, Ref, Snapshot, SystemId, Text, Timestamp};

use foldhash::fast::FixedState;

use crate::both;
use crate::clocks::Offset;
use crate::inputs::Inputs;

/// One kept snapshot and its receipts by read and scope.
pub(crate) struct Held<'a> {
    pub id: Digest,
    pub snapshot: &'a Snapshot,
    receipts: BTreeMap<(&'a str, &'a str), &'a ReadReceipt>,
    /// The pointer to each read, and the text of its end, by where its receipt lies.
    cites: HashMap<usize, (Arc<Cite>, Text), FixedState>,
    logins: HashMap<String, Vec<(&'a str, &'a Ref)>>,
    addresses: HashMap<String, Vec<&'a Ref>>,
    /// Places of things that are no accounts, by name: read and row. Made when a ticket names something.
    things: OnceLock<HashMap<String, Vec<(usize, usize)>>>,
    /// How far the system's clock was from ours.
    pub offset: Option<Offset>,
}

/// One object or edge, shown by one read of one snapshot.
#[derive(Clone, Copy)]
pub(crate) struct Sighting<'a> {
    /// The system that showed it.
    pub system: &'a SystemId,
    /// The place of the snapshot in that system's history, oldest first.
    pub at: usize,
    pub receipt: &'a ReadReceipt,
    pub record: &'a Record,
}

impl Sighting<'_> {
    /// The order of sightings of one thing: by system, time, read and content.
    pub fn order(one: &Self, other: &Self) -> std::cmp::Ordering {
        let key = |s: &Self| (s.at, s.receipt.ended);
        (one.system.cmp(other.system))
            .then_with(|| key(one).cmp(&key(other)))
            .then_with(|| one.receipt.read.cmp(&other.receipt.read))
            .then_with(|| one.receipt.scope.cmp(&other.receipt.scope))
            .then_with(|| one.record.cmp(other.record))
    }
}

/// One object, wherever it was shown.
#[derive(Default)]
struct Shown<'a> {
    sightings: Vec<Sighting<'a>>,
    latest: Option<&'a Record>,
}

/// Everything that was read, by system, oldest first.
pub(crate) struct Estate<'a> {
    systems: Vec<(&'a SystemId, Vec<Held<'a>>)>,
    objects: HashMap<&'a Ref, Shown<'a>, FixedState>,
    events: HashMap<&'a Ref, Vec<&'a Event>, FixedState>,
    /// Integrations by what they open.
    rules: HashMap<&'a Ref, Vec<&'a Integration>, FixedState>,
    manifests: HashMap<&'a SystemId, &'a Manifest, FixedState>,
    /// The places of systems among them.
    places: HashMap<&'a SystemId, usize, FixedState>,
}

impl<'a> Held<'a> {
    fn new(id: Digest, snapshot: &'a Snapshot) -> Self {
        let mut receipts: BTreeMap<(&str, &str), &ReadReceipt> = BTreeMap::new();
        for read in &snapshot.reads {
            let key = (read.receipt.read.as_str(), read.receipt.scope.as_str());
            // A scope that was read twice counts as its worse half.
            let kept = receipts.entry(key).or_insert(&read.receipt);
            if kept.outcome.is_complete() && !read.receipt.outcome.is_complete() {
                *kept = &read.receipt;
            }
        }
        let cite = |receipt: &ReadReceipt| Cite {
            system: snapshot.system.clone(),
            snapshot: id,
            read: receipt.title(),
            at: receipt.ended,
            exchanges: receipt.exchanges.clone(),
        };
        let all = snapshot.reads.iter().map(|read| &read.receipt);
        let cite = |receipt: &ReadReceipt| (Arc::new(cite(receipt)), Text::from(self::at(receipt.ended)));
        let cites = all.map(|receipt| (std::ptr::from_ref(receipt).addr(), cite(receipt))).collect();
        let (mut logins, mut addresses) = (HashMap::new(), HashMap::new());
        let mut name = |name: &'a str, object: &'a Ref| {
            let named: &mut Vec<_> = logins.entry(name.to_lowercase()).or_default();
            named.push((name, object));
        };
        for (_, record) in snapshot.records() {
            match record {
                Record::Account(account) => {
                    name(&account.login, &account.id);
                    account.aliases.iter().for_each(|alias| name(alias, &account.id));
                    for email in &account.emails {
                        let at: &mut Vec<_> = addresses.entry(email.address.to_lowercase()).or_default();
                        at.push(&account.id);
                    }
                }
                Record::Group(group) => group.aliases.iter().for_each(|alias| name(alias, &group.id)),
                _ => {}
            }
        }
        let offset = Offset::of(snapshot.reads.iter().map(|read| &read.receipt));
        Self { id, snapshot, receipts, cites, logins, addresses, things: OnceLock::new(), offset }
    }

    /// The receipt of one read of one scope.
    pub fn receipt(&self, read: &str, scope: &str) -> Option<&'a ReadReceipt> {
        self.receipts.get(&(read, scope)).copied()
    }

    /// The receipts of one read, in all its scopes.
    pub fn receipts_of(&self, read: &str) -> impl Iterator<Item = &'a ReadReceipt> {
        let from = self.receipts.range((read, "")..);
        from.take_while(|((name, _), _)| *name == read).map(|(_, r)| *r).collect::<Vec<_>>().into_iter()
    }

    /// All receipts, in order.
    pub fn receipts(&self) -> impl Iterator<Item = &'a ReadReceipt> {
        self.receipts.values().copied()
    }

    /// The one account with this login here, or the one account or group with this other name; exact spelling
    /// decides between two.
    pub fn login(&self, login: &str) -> Option<&'a Ref> {
        let named = self.logins.get(&login.to_lowercase())?;
        let exact = only(named.iter().filter(|(spelt, _)| *spelt == login).map(|(_, account)| *account));
        exact.or_else(|| only(named.iter().map(|(_, account)| *account)))
    }

    /// Everything here that goes by a name, in any spelling: a login, an address, the name of a group, credential or
    /// integration.
    pub fn called(&self, name: &str) -> Vec<&'a Ref> {
        let name = name.to_lowercase();
        let mut found: Vec<&'a Ref> =
            self.logins.get(&name).into_iter().flatten().map(|(_, object)| *object).collect();
        found.extend(self.addresses.get(&name).into_iter().flatten());
        let places = self.things().get(&name).into_iter().flatten();
        let records = places.filter_map(|(read, row)| self.snapshot.reads.get(*read)?.records.get(*row));
        found.extend(records.filter_map(named).map(|(_, object)| object));
        found.sort_unstable();
        found.dedup();
        found
    }

    fn things(&self) -> &HashMap<String, Vec<(usize, usize)>> {
        self.things.get_or_init(|| {
            let mut things: HashMap<String, Vec<(usize, usize)>> = HashMap::new();
            for (at, read) in self.snapshot.reads.iter().enumerate() {
                for (row, record) in read.records.iter().enumerate() {
                    if let Some((name, _)) = named(record) {
                        things.entry(name.to_lowercase()).or_default().push((at, row));
                    }
                }
            }
            things
        })
    }

    /// The one account with this address here.
    pub fn address(&self, address: &str) -> Option<&'a Ref> {
        only(self.addresses.get(&address.to_lowercase())?.iter().copied())
    }
}

/// The name of a group, credential or integration.
pub(crate) fn named(record: &Record) -> Option<(&str, &Ref)> {
    match record {
        Record::Group(group) => Some((&group.name, &group.id)),
        Record::Credential(credential) => Some((&credential.name, &credential.id)),
        Record::Integration(integration) => Some((&integration.name, &integration.id)),
        _ => None,
    }
}

/// The one value, if all are the same one.
pub(crate) fn only<T: PartialEq>(mut values: impl Iterator<Item = T>) -> Option<T> {
    let first = values.next()?;
    values.all(|other| other == first).then_some(first)
}

impl<'a> Estate<'a> {
    /// Indexes what is in scope and had ended by the time that is judged.
    pub fn new(inputs: &Inputs<'a>) -> Result<Self, serde_json::Error> {
        let mut ordered = Vec::new();
        for (place, snapshot) in inputs.history.iter().enumerate() {
            let scoped = inputs.in_scope.contains_key(&snapshot.system);
            if scoped && snapshot.ended <= inputs.as_of {
                let id = inputs.ids.get(place).copied().map_or_else(|| snapshot.id(), Ok)?;
                ordered.push((&snapshot.system, snapshot.started, snapshot.ended, id, snapshot));
            }
        }
        ordered.sort_by(|a, b| (a.0, a.1, a.2, a.3).cmp(&(b.0, b.1, b.2, b.3)));
        ordered.dedup_by(|a, b| a.3 == b.3);
        let mut estate = Self {
            systems: Vec::new(),
            places: HashMap::default(),
            objects: HashMap::default(),
            events: HashMap::default(),
            rules: HashMap::default(),
            manifests: inputs.in_scope.iter().map(|(system, used)| (system, used.manifest)).collect(),
        };
        let held = both::each(&ordered, &|(_, _, _, id, snapshot)| Held::new(*id, snapshot));
        for ((system, ..), held) in ordered.into_iter().zip(held) {
            estate.add(system, held);
        }
        // The order of reads and rows in a snapshot carries no meaning, and must not get any here.
        for shown in estate.objects.values_mut() {
            shown.sightings.sort_by(Sighting::order);
            shown.latest = latest(&shown.sightings);
            if let Some(Record::Integration(rule)) = shown.latest {
                rule.opens.iter().for_each(|opened| estate.rules.entry(opened).or_default().push(rule));
            }
        }
        for events in estate.events.values_mut() {
            // What happened last is not what a log numbers last.
            events.sort_unstable_by_key(|event| (event.at, *event));
            events.dedup();
        }
        Ok(estate)
    }

    fn add(&mut self, system: &'a SystemId, held: Held<'a>) {
        let place = *self.places.entry(system).or_insert_with(|| {
            self.systems.push((system, Vec::new()));
            self.systems.len() - 1
        });
        let Some((_, history)) = self.systems.get_mut(place) else { return };
        let at = history.len();
        for read in &held.snapshot.reads {
            for record in &read.records {
                if let Record::Event(event) = record {
                    if let Some(subject) = &event.subject {
                        self.events.entry(subject).or_default().push(event);
                    }
                } else if let Some(object) = record.object() {
                    let sighting = Sighting { system, at, receipt: &read.receipt, record };
                    self.objects.entry(object).or_default().sightings.push(sighting);
                }
            }
        }
        history.push(held);
    }

    /// The systems that have been read at least once, with their history.
    pub fn systems(&self) -> impl Iterator<Item = (&'a SystemId, &[Held<'a>])> {
        self.systems.iter().map(|(system, history)| (*system, history.as_slice()))
    }

    /// A system's snapshots, oldest first.
    pub fn history(&self, system: &SystemId) -> &[Held<'a>] {
        let of = self.places.get(system).and_then(|place| self.systems.get(*place));
        of.map_or(&[], |(_, history)| history.as_slice())
    }

    /// What is used for a system.
    pub fn manifest(&self, system: &SystemId) -> Option<&'a Manifest> {
        self.manifests.get(system).copied()
    }

    /// Everywhere an object was shown, in order of system and time.
    pub fn sightings(&self, object: &Ref) -> &[Sighting<'a>] {
        self.objects.get(object).map_or(&[], |shown| shown.sightings.as_slice())
    }

    /// What logs report of an object, oldest first.
    pub fn events(&self, object: &Ref) -> &[&'a Event] {
        self.events.get(object).map_or(&[], Vec::as_slice)
    }

    /// All objects that were ever shown, in no order.
    pub fn objects(&self) -> impl Iterator<Item = (&'a Ref, &[Sighting<'a>])> {
        self.objects.iter().map(|(object, shown)| (*object, shown.sightings.as_slice()))
    }

    /// The latest record of an object.
    pub fn latest(&self, object: &Ref) -> Option<&'a Record> {
        self.objects.get(object)?.latest
    }

    /// The integrations that open an object, each as it was read last.
    pub fn rules_into(&self, object: &Ref) -> impl Iterator<Item = &'a Integration> {
        self.rules.get(object).into_iter().flatten().copied()
    }

    /// The latest account record.
    pub fn account(&self, object: &Ref) -> Option<&'a Account> {
        match self.latest(object)? {
            Record::Account(account) => Some(account),
            _ => None,
        }
    }

    /// The latest identity record.
    pub fn identity(&self, object: &Ref) -> Option<&'a Identity> {
        match self.latest(object)? {
            Record::Identity(identity) => Some(identity),
            _ => None,
        }
    }

    /// The name people use for an object; its id when no record shows a name.
    pub fn name<'o>(&self, object: &'o Ref) -> &'o str
    where
        'a: 'o,
    {
        name(self.latest(object), object)
    }

    /// A pointer to one read of one snapshot.
    pub fn cite(&self, system: &SystemId, at: usize, receipt: &ReadReceipt) -> Option<Arc<Cite>> {
        let held = self.history(system).get(at)?;
        held.cites.get(&std::ptr::from_ref(receipt).addr()).map(|(cite, _)| Arc::clone(cite))
    }

    /// When what showed something ended.
    pub fn ended(&self, sighting: &Sighting<'a>) -> &str {
        let held = self.history(sighting.system).get(sighting.at);
        let known = held.and_then(|held| held.cites.get(&std::ptr::from_ref(sighting.receipt).addr()));
        known.map_or("", |(_, ended)| ended)
    }

    /// A pointer to what showed something.
    pub fn cite_sighting(&self, sighting: &Sighting<'a>) -> Option<Arc<Cite>> {
        self.cite(sighting.system, sighting.at, sighting.receipt)
    }

    /// The end of the newest snapshot of a system, and whether there is any.
    pub fn newest(&self, system: &SystemId) -> Option<(usize, &Held<'a>)> {
        self.history(system).last().map(|held| (self.history(system).len() - 1, held))
    }
}

/// The name people use for an object, given its latest record.
pub(crate) fn name<'o, 'a: 'o>(latest: Option<&'a Record>, object: &'o Ref) -> &'o str {
    match latest {
        Some(Record::Identity(r)) => &r.display_name,
        // Where the login is only the native id again, people know the account by something else.
        Some(Record::Account(r)) if r.login == object.id => {
            let address = r.emails.first().map(|email| &email.address);
            address.or(r.display_name.as_ref()).unwrap_or(&r.login)
        }
        Some(Record::Account(r)) => &r.login,
        Some(Record::Group(r)) => &r.name,
        Some(Record::Resource(r)) => &r.name,
        Some(Record::Credential(r)) => &r.name,
        Some(Record::Integration(r)) => &r.name,
        _ => &object.id,
    }
}

/// The latest record. Of two reads of one snapshot the greater record is taken: any rule will do, as long as it is one.
fn latest<'a>(seen: &[Sighting<'a>]) -> Option<&'a Record> {
    let last = seen.iter().map(|s| s.receipt.ended).max()?;
    seen.iter().filter(|s| s.receipt.ended == last).map(|s| s.record).max()
}

/// Text of a time, as everywhere in documents.
pub(crate) fn at(time: Timestamp) -> String {
    time.to_string()
}
