//! What one look at a record tells of who names what, and what leads where.

use exeunt_model::record::{Account, Credential, Event, Identity, Integration, JoinKey, KeyKind};
use exeunt_model::{IdentityKind, Noun, Record, SystemId, Who};

use super::index::{Index, Pairs};
use super::key::{Class, Key, Keys, class, issuer_may_differ};
use super::seeds::Called;
use crate::estate::named;

/// Pairs found in some records.
#[derive(Default)]
pub(super) struct Facts {
    /// From whom or what an edge begins, to what it leads.
    edges: Pairs,
    /// An object, and what ties it to people: exact keys, addresses, links by hand, the account at a provider.
    tokens: Pairs,
    /// An account or group, and its logins; and a thing that a ticket speaks of, with its name.
    logins: Pairs,
    /// An account or identity, and its names.
    names: Pairs,
    /// A thing, and who owns it or whom it runs as.
    owners: Pairs,
    /// A thing, and who or what can act as it or opens it.
    openers: Pairs,
    /// A thing, and whom its own record names.
    named: Pairs,
    /// Objects of which a shared token does not say for sure that they are somebody's, or somebody.
    doubtful: Pairs,
}

impl Facts {
    /// Takes a record that a snapshot of a system showed.
    pub fn take(&mut self, keys: &Keys<'_>, called: &Called, system: &SystemId, record: &Record) {
        if let Some((name, object)) = named(record) {
            self.logins.extend(called.key(keys, name).map(|name| (keys.object(object), name)));
        }
        let who = |who: &Who| keys.who(system, who);
        match record {
            Record::Identity(identity) => self.identity(keys, identity),
            Record::Account(account) => self.account(keys, system, account),
            Record::Group(group) => {
                let object = keys.object(&group.id);
                self.logins.extend(group.aliases.iter().map(|alias| (object, keys.login(system, alias))));
            }
            Record::Membership(m) => self.edges.push((who(&m.member), keys.object(&m.group))),
            Record::Grant(g) => self.edges.push((who(&g.subject), keys.object(&g.resource))),
            Record::Ownership(o) => {
                let (owner, subject) = (who(&o.owner), keys.object(&o.subject));
                self.edges.push((owner, subject));
                self.owners.push((subject, owner));
            }
            Record::ActAs(a) => {
                let (actor, target) = (who(&a.actor), keys.object(&a.target));
                self.edges.push((actor, target));
                self.openers.push((target, actor));
            }
            Record::Credential(credential) => self.credential(keys, system, credential),
            Record::Integration(integration) => self.integration(keys, system, integration),
            Record::Event(event) => {
                if let Event { subject: Some(subject), actor: Some(actor), .. } = &**event {
                    self.named.push((keys.object(subject), who(actor)));
                }
            }
            Record::Resource(_) | Record::Document(_) => {}
        }
    }

    /// Two objects that a link made by hand ties.
    pub fn tie(&mut self, one: Key, other: Key, link: Key) {
        self.tokens.extend([(one, link), (other, link)]);
        // The person may not be there.
        self.doubtful.push((one, one));
    }

    fn identity(&mut self, keys: &Keys<'_>, identity: &Identity) {
        let object = keys.object(&identity.id);
        self.names.push((object, keys.name(&identity.display_name)));
        let person = class(object) == Class::Person;
        if !matches!(identity.kind.kind, IdentityKind::Human | IdentityKind::Unknown) {
            self.doubtful.push((object, object));
        }
        for key in &identity.keys {
            self.tokens.push((object, keys.join(key)));
            if !person {
                self.key(keys, object, key);
            }
        }
        // A person is found by verified addresses only.
        let emails = identity.emails.iter().filter(|email| email.verified || !person);
        self.tokens.extend(emails.map(|email| (object, keys.address(&email.address))));
        if person {
            self.tokens.push((object, keys.directory_id(&identity.id.id)));
        }
    }

    fn account(&mut self, keys: &Keys<'_>, system: &SystemId, account: &Account) {
        let object = keys.object(&account.id);
        for key in &account.keys {
            self.tokens.push((object, keys.join(key)));
            self.key(keys, object, key);
        }
        self.tokens.extend(account.emails.iter().map(|email| (object, keys.address(&email.address))));
        if class(object) == Class::DirectoryAccount {
            self.tokens.push((object, keys.directory_id(&account.id.id)));
        }
        let logins = std::iter::once(&account.login).chain(&account.aliases);
        self.logins.extend(logins.map(|login| (object, keys.login(system, login))));
        self.names.extend(account.display_name.iter().map(|name| (object, keys.name(name))));
    }

    /// What a key says besides itself: its issuer may be a system of ours, where the value names an account; and two
    /// issuers may or may not mean the same by it.
    fn key(&mut self, keys: &Keys<'_>, object: Key, key: &JoinKey) {
        if let Some(issuer) = &key.issuer {
            self.tokens.push((object, keys.named_object(issuer, Noun::Account, &key.value)));
        }
        if issuer_may_differ(key.kind) && (key.issuer.is_some() || key.kind == KeyKind::KeyFingerprint) {
            self.doubtful.push((object, object));
        }
    }

    fn credential(&mut self, keys: &Keys<'_>, system: &SystemId, credential: &Credential) {
        let object = keys.object(&credential.id);
        if let Some(holder) = &credential.holder {
            let by = keys.who(system, holder);
            self.edges.push((by, object));
            if class(by) == Class::Token || credential.fingerprint.is_some() {
                self.named.push((object, by));
            }
        }
        self.tokens.extend(credential.fingerprint.iter().map(|value| (object, keys.fingerprint(value))));
        for opened in &credential.opens {
            let opened = keys.object(opened);
            self.edges.push((object, opened));
            self.openers.push((opened, object));
        }
    }

    fn integration(&mut self, keys: &Keys<'_>, system: &SystemId, integration: &Integration) {
        let object = keys.object(&integration.id);
        if let Some(acts_as) = &integration.acts_as {
            let by = keys.who(system, acts_as);
            self.edges.push((by, object));
            self.owners.push((object, by));
            self.named.push((object, by));
        }
        for opened in &integration.opens {
            let opened = keys.object(opened);
            self.edges.push((object, opened));
            // A rule that fills a group may have put somebody back.
            self.openers.push((opened, object));
        }
    }
}

/// All facts, to be asked.
pub(super) struct Found {
    pub edges: Index,
    pub tokens_of: Index,
    pub with_token: Index,
    pub logins_of: Index,
    pub with_login: Index,
    pub names_of: Index,
    pub with_name: Index,
    pub owners: Index,
    pub openers: Index,
    pub named: Index,
    pub doubtful: Index,
}

impl Found {
    /// Puts facts in order.
    pub fn new(all: &[Facts]) -> Self {
        Self {
            edges: Index::new(all.iter().map(|f| &f.edges)),
            tokens_of: Index::new(all.iter().map(|f| &f.tokens)),
            with_token: Index::turned(all.iter().map(|f| &f.tokens)),
            logins_of: Index::new(all.iter().map(|f| &f.logins)),
            with_login: Index::turned(all.iter().map(|f| &f.logins)),
            names_of: Index::new(all.iter().map(|f| &f.names)),
            with_name: Index::turned(all.iter().map(|f| &f.names)),
            owners: Index::new(all.iter().map(|f| &f.owners)),
            openers: Index::new(all.iter().map(|f| &f.openers)),
            named: Index::new(all.iter().map(|f| &f.named)),
            doubtful: Index::new(all.iter().map(|f| &f.doubtful)),
        }
    }

    /// Everything that a token or login is of.
    pub fn holders(&self, token: Key) -> impl Iterator<Item = Key> + '_ {
        self.with_token.get(token).chain(self.with_login.get(token))
    }

    /// Whether an account is somebody's, or nobody's, whatever name it has: it shares a key or address with a person.
    pub fn is_settled(&self, object: Key) -> bool {
        let sure = |object| self.doubtful.get(object).next().is_none();
        let person = |token| self.with_token.get(token).any(|of| class(of) == Class::Person && sure(of));
        sure(object) && self.tokens_of.get(object).any(person)
    }
}
