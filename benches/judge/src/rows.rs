//! A row of the estate as a record, at one of two moments.

#![expect(clippy::cast_possible_truncation, reason = "rows of an estate are numbered in 32 bits")]

use exeunt_model::record::{
    Account, AccountState, ActAs, ActAsHow, Classified, Credential, CredentialState, Email, Grant, Group,
    Identity, JoinKey, KeyKind, Membership, Ownership, Resource,
};
use exeunt_model::{IdentityKind, LinkStrength, Noun, Record, Ref, SurvivorKind, SystemId, Timestamp, Who};

use crate::company::{CREDENTIALS, Company};

/// What is told by a read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Table {
    People,
    Accounts,
    Groups,
    Resources,
    Nested,
    Members,
    Grants,
    Credentials,
    Owners,
    ActsAs,
}

/// At which moments a row stands, as it does there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shown {
    /// The same before the departures and now.
    Both,
    /// Otherwise, or not at all, now.
    Before,
    Now,
}

const CORP: &str = "@corp.example";

impl Company {
    /// Where and when a row is shown.
    pub fn shown(&self, table: Table, row: usize) -> (u8, &'static [Shown]) {
        let own = |account: u32| self.leavers_own.get(account as usize).copied().unwrap_or_default();
        let of = |account: u32| at(&self.account_system, account as usize);
        // Eight of ten direct entitlements were taken away in time.
        let taken = |account: u32| own(account) && row % 10 < 8;
        let gone = |is: bool| if is { &[Shown::Before][..] } else { &[Shown::Both][..] };
        match table {
            Table::People if self.left.get(row).copied().flatten().is_some() => {
                (0, &[Shown::Before, Shown::Now])
            }
            Table::People => (0, &[Shown::Both]),
            Table::Accounts => {
                let system = at(&self.account_system, row);
                match at(&self.account_state, row) {
                    2 => (system, &[Shown::Before]),
                    1 if own(row as u32) => (system, &[Shown::Before, Shown::Now]),
                    _ => (system, &[Shown::Both]),
                }
            }
            Table::Groups => (at(&self.group_system, row), &[Shown::Both]),
            Table::Resources => (self.entitlements.get(row).map_or(0, |e| e.0), gone(false)),
            Table::Nested => {
                let parent = self.nested.get(row).map_or(0, |pair| pair[1]);
                (at(&self.group_system, parent as usize), &[Shown::Both])
            }
            Table::Members => {
                let [account, group] = self.members.get(row).copied().unwrap_or_default();
                (at(&self.group_system, group as usize), gone(taken(account)))
            }
            Table::Grants => {
                let (by_group, subject, entitlement, ended) =
                    self.grants.get(row).copied().unwrap_or_default();
                let system = self.entitlements.get(entitlement as usize).map_or(0, |e| e.0);
                (system, gone(ended || (!by_group && taken(subject))))
            }
            Table::Credentials => {
                let (account, _, state, _, _) = self.credentials.get(row).copied().unwrap_or_default();
                match state {
                    0 => (of(account), &[Shown::Both]),
                    // Half of what was revoked is listed as such.
                    2 if row.is_multiple_of(2) => (of(account), &[Shown::Before]),
                    _ => (of(account), &[Shown::Before, Shown::Now]),
                }
            }
            Table::Owners => {
                let (_, account, _, ended) = self.owners.get(row).copied().unwrap_or_default();
                (of(account), gone(ended))
            }
            Table::ActsAs => (of(self.acts_as.get(row).map_or(0, |edge| edge.1)), &[Shown::Both]),
        }
    }

    /// How many rows a table has.
    pub fn rows(&self, table: Table) -> usize {
        match table {
            Table::People => self.left.len(),
            Table::Accounts => self.account_system.len(),
            Table::Groups => self.group_system.len(),
            Table::Resources => self.entitlements.len(),
            Table::Nested => self.nested.len(),
            Table::Members => self.members.len(),
            Table::Grants => self.grants.len(),
            Table::Credentials => self.credentials.len(),
            Table::Owners => self.owners.len(),
            Table::ActsAs => self.acts_as.len(),
        }
    }

    /// The record of a row.
    pub fn record(&self, table: Table, row: usize, now: bool) -> Result<Record, String> {
        Ok(match table {
            Table::People => Record::Identity(Box::new(self.identity(row, now)?)),
            Table::Accounts => Record::Account(Box::new(self.account(row, now)?)),
            Table::Groups => {
                let (id, name) = (self.group_ref(row as u32)?, self.group_names.get(row).to_owned());
                Record::Group(Group {
                    id,
                    name,
                    aliases: Vec::new(),
                    privileged: row.is_multiple_of(50),
                    filled_by: None,
                })
            }
            Table::Resources => {
                let (id, name) = (self.resource(row as u32)?, format!("res-{}", row / 4));
                Record::Resource(Resource { id, name, resource_type: "repository".to_owned() })
            }
            Table::Nested => {
                let [child, parent] = self.nested.get(row).copied().unwrap_or_default();
                let member = Who::Object(self.group_ref(child)?);
                Record::Membership(Membership { group: self.group_ref(parent)?, member, role: None })
            }
            Table::Members => {
                let [account, group] = self.members.get(row).copied().unwrap_or_default();
                let member = Who::Object(self.account_ref(account)?);
                Record::Membership(Membership { group: self.group_ref(group)?, member, role: None })
            }
            Table::Grants => {
                let (by_group, subject, entitlement, _) = self.grants.get(row).copied().unwrap_or_default();
                let subject = if by_group { self.group_ref(subject)? } else { self.account_ref(subject)? };
                let permission = self.role(entitlement).to_owned();
                let privileged = matches!(permission.as_str(), "admin" | "owner");
                let (subject, resource) = (Who::Object(subject), self.resource(entitlement)?);
                Record::Grant(Grant { subject, resource, permission, privileged })
            }
            Table::Credentials => Record::Credential(Box::new(self.credential(row, now)?)),
            Table::Owners => self.owner(row)?,
            Table::ActsAs => {
                let (from, to, how) = self.acts_as.get(row).copied().unwrap_or_default();
                let hows = [ActAsHow::Assume, ActAsHow::KnowsSecret, ActAsHow::Impersonate];
                let how = hows.get(usize::from(how)).copied().unwrap_or(ActAsHow::Assume);
                let (actor, target) = (Who::Object(self.account_ref(from)?), self.account_ref(to)?);
                Record::ActAs(ActAs { actor, target, how, reason: "policy".to_owned() })
            }
        })
    }

    fn identity(&self, row: usize, now: bool) -> Result<Identity, String> {
        let value = format!("E{}", 100_000 + row * 7);
        Ok(Identity {
            id: reference(self.system(0)?, Noun::Identity, row)?,
            display_name: self.names.get(row).to_owned(),
            emails: vec![Email { address: self.addresses.get(row).to_owned(), verified: true }],
            keys: vec![JoinKey { kind: KeyKind::EmployeeNumber, value, issuer: None }],
            kind: Classified { kind: IdentityKind::Human, reason: "directory".to_owned() },
            departed: self.left.get(row).copied().flatten().filter(|_| now),
            manager: None,
        })
    }

    fn account(&self, row: usize, now: bool) -> Result<Account, String> {
        let kinds = [IdentityKind::Human, IdentityKind::Service, IdentityKind::Shared];
        let kind = kinds.get(usize::from(at(&self.account_kind, row))).copied().unwrap_or_default();
        let before = !now && self.leavers_own.get(row).copied().unwrap_or_default();
        let state = match at(&self.account_state, row) {
            1 if !before => AccountState::Disabled,
            _ => AccountState::Active,
        };
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let email = text(self.emails.get(row)).map(|address| {
            let verified = address.to_ascii_lowercase().ends_with(CORP);
            Email { address, verified }
        });
        let number = text(self.numbers.get(row));
        Ok(Account {
            id: self.account_ref(row as u32)?,
            login: self.logins.get(row).to_owned(),
            aliases: Vec::new(),
            display_name: text(self.displays.get(row)),
            emails: email.into_iter().collect(),
            keys: number
                .map(|value| JoinKey { kind: KeyKind::EmployeeNumber, value, issuer: None })
                .into_iter()
                .collect(),
            state,
            native_state: if state == AccountState::Active { "active" } else { "disabled" }.to_owned(),
            kind: Classified { kind, reason: "listing".to_owned() },
            privileged: kind == IdentityKind::Shared,
            created: None,
            last_used: None,
            sso: None,
            tags: std::collections::BTreeMap::new(),
        })
    }

    fn credential(&self, row: usize, now: bool) -> Result<Credential, String> {
        let (account, kind, state, made, end) = self.credentials.get(row).copied().unwrap_or_default();
        let holder = self.account_ref(account)?;
        let native = CREDENTIALS.get(usize::from(kind)).copied().unwrap_or_default();
        let kind = match native {
            "password" | "mfa" => SurvivorKind::Recovery,
            "ssh_key" | "cert" => SurvivorKind::KeyAsym,
            "oauth_token" => SurvivorKind::GrantDelegated,
            _ => SurvivorKind::TokenUser,
        };
        let state = match state {
            1 if now => CredentialState::Expired,
            2 if now => CredentialState::Revoked,
            _ => CredentialState::Active,
        };
        Ok(Credential {
            id: reference(&holder.system, Noun::Credential, row)?,
            kind,
            native_type: native.to_owned(),
            name: format!("{native} {row}"),
            holder: Some(Who::Object(holder)),
            opens: Vec::new(),
            state,
            created: day(made),
            expires: day(end),
            last_used: None,
            scopes: Vec::new(),
            fingerprint: None,
        })
    }

    fn owner(&self, row: usize) -> Result<Record, String> {
        let (person, account, knows, _) = self.owners.get(row).copied().unwrap_or_default();
        let target = self.account_ref(account)?;
        Ok(if knows {
            let actor = Who::Object(reference(self.system(0)?, Noun::Identity, person as usize)?);
            Record::ActAs(ActAs { actor, target, how: ActAsHow::KnowsSecret, reason: "vault".to_owned() })
        } else {
            let owner = Who::Email(self.addresses.get(person as usize).to_owned());
            let (link, reason) = (LinkStrength::Owner, "tag owner".to_owned());
            Record::Ownership(Ownership { subject: target, owner, link, reason, since: None })
        })
    }

    fn system(&self, system: u8) -> Result<&SystemId, String> {
        self.systems.get(usize::from(system)).ok_or_else(|| format!("there is no system {system}"))
    }

    fn account_ref(&self, account: u32) -> Result<Ref, String> {
        let system = self.system(at(&self.account_system, account as usize))?;
        reference(system, Noun::Account, account as usize)
    }

    fn group_ref(&self, group: u32) -> Result<Ref, String> {
        reference(self.system(at(&self.group_system, group as usize))?, Noun::Group, group as usize)
    }

    /// The resource of an entitlement in its system: the four roles may lie in different ones.
    fn resource(&self, entitlement: u32) -> Result<Ref, String> {
        let system = self.entitlements.get(entitlement as usize).map_or(0, |e| e.0);
        reference(self.system(system)?, Noun::Resource, entitlement as usize / 4)
    }
}

fn reference(system: &SystemId, noun: Noun, id: usize) -> Result<Ref, String> {
    Ref::new(system.clone(), noun, id.to_string()).map_err(|e| e.to_string())
}

fn at(column: &[u8], row: usize) -> u8 {
    column.get(row).copied().unwrap_or_default()
}

/// The beginning of a day since 1970-01-01; nothing for 0.
fn day(days: u16) -> Option<Timestamp> {
    Timestamp::from_second(i64::from(days) * 86_400).ok().filter(|_| days > 0)
}
