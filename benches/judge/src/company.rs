//! An estate as columns.

use std::path::Path;

use exeunt_model::{SystemId, Timestamp};

use crate::tables::{Texts, number, rows, word};

/// Words of the estate, in the order of their numbers here.
pub const CREDENTIALS: [&str; 7] = ["password", "mfa", "pat", "ssh_key", "api_key", "oauth_token", "cert"];
const ROLES: [&str; 4] = ["read", "write", "admin", "owner"];

/// Everything that is told of an estate.
pub struct Company {
    pub systems: Vec<SystemId>,
    /// Of people: given and family name, address, day of departure or nothing.
    pub names: Texts,
    pub addresses: Texts,
    pub left: Vec<Option<Timestamp>>,
    /// Of accounts: system, kind (human, service, shared), state (active, disabled, deleted), and texts.
    pub account_system: Vec<u8>,
    pub account_kind: Vec<u8>,
    pub account_state: Vec<u8>,
    pub logins: Texts,
    pub emails: Texts,
    pub displays: Texts,
    pub numbers: Texts,
    /// Whether an account is a leaver's own.
    pub leavers_own: Vec<bool>,
    pub group_system: Vec<u8>,
    pub group_names: Texts,
    /// Child, parent.
    pub nested: Vec<[u32; 2]>,
    /// Account, group.
    pub members: Vec<[u32; 2]>,
    /// System and role.
    pub entitlements: Vec<(u8, u8)>,
    /// Whether it is a group's, whose, entitlement, whether it ended.
    pub grants: Vec<(bool, u32, u32, bool)>,
    /// Account, kind, state (active, expired, revoked), day made, day of end or 0.
    pub credentials: Vec<(u32, u8, u8, u16, u16)>,
    /// Person, account, whether the secret of it is known (else owned), whether that ended.
    pub owners: Vec<(u32, u32, bool, bool)>,
    /// Account, account, how.
    pub acts_as: Vec<(u32, u32, u8)>,
}

impl Company {
    /// Reads an estate.
    pub fn read(dir: &Path) -> Result<Self, String> {
        let mut company = Self::empty();
        company.people(dir)?;
        company.accounts(dir)?;
        company.access(dir)?;
        company.rest(dir)?;
        Ok(company)
    }

    fn empty() -> Self {
        let texts = Texts::default;
        Self {
            systems: Vec::new(),
            names: texts(),
            addresses: texts(),
            left: Vec::new(),
            account_system: Vec::new(),
            account_kind: Vec::new(),
            account_state: Vec::new(),
            logins: texts(),
            emails: texts(),
            displays: texts(),
            numbers: texts(),
            leavers_own: Vec::new(),
            group_system: Vec::new(),
            group_names: texts(),
            nested: Vec::new(),
            members: Vec::new(),
            entitlements: Vec::new(),
            grants: Vec::new(),
            credentials: Vec::new(),
            owners: Vec::new(),
            acts_as: Vec::new(),
        }
    }

    fn people(&mut self, dir: &Path) -> Result<(), String> {
        rows(dir, "systems.csv", |row| {
            let name = row.get(1).unwrap_or_default();
            self.systems.push(SystemId::new(name).map_err(|e| e.to_string())?);
            Ok(())
        })?;
        rows(dir, "people.csv", |row| {
            let name = [row.get(2).unwrap_or_default(), row.get(3).unwrap_or_default()].join(" ");
            self.names.push(&name)?;
            self.addresses.push(row.get(4).unwrap_or_default())?;
            let day = row.get(9).filter(|day| !day.is_empty());
            let at = day.map(|day| format!("{day}T17:00:00Z").parse()).transpose();
            self.left.push(at.map_err(|e| format!("a day of departure: {e}"))?);
            Ok(())
        })
    }

    fn accounts(&mut self, dir: &Path) -> Result<(), String> {
        rows(dir, "accounts.csv", |row| {
            self.account_system.push(short(number(row, 1)?));
            self.account_kind.push(word(row, 2, &["human", "service", "shared"]));
            self.account_state.push(word(row, 3, &["active", "disabled", "deleted"]));
            self.logins.push(row.get(4).unwrap_or_default())?;
            self.emails.push(row.get(5).unwrap_or_default())?;
            self.displays.push(row.get(6).unwrap_or_default())?;
            self.numbers.push(row.get(7).unwrap_or_default())
        })?;
        self.leavers_own = vec![false; self.account_system.len()];
        rows(dir, "owners.csv", |row| {
            let (person, account) = (number(row, 0)?, number(row, 1)?);
            match word(row, 2, &["own", "nhi_owner", "shared_holder"]) {
                0 => {
                    let left = self.left.get(person as usize).is_some_and(Option::is_some);
                    if let Some(own) = self.leavers_own.get_mut(account as usize) {
                        *own = left;
                    }
                }
                relation => self.owners.push((person, account, relation == 2, row.get(3) == Some("ended"))),
            }
            Ok(())
        })
    }

    fn access(&mut self, dir: &Path) -> Result<(), String> {
        rows(dir, "groups.csv", |row| {
            self.group_system.push(short(number(row, 1)?));
            self.group_names.push(row.get(2).unwrap_or_default())
        })?;
        rows(dir, "nested.csv", |row| {
            self.nested.push([number(row, 0)?, number(row, 1)?]);
            Ok(())
        })?;
        rows(dir, "members.csv", |row| {
            self.members.push([number(row, 0)?, number(row, 1)?]);
            Ok(())
        })?;
        rows(dir, "entitlements.csv", |row| {
            self.entitlements.push((short(number(row, 1)?), word(row, 3, &ROLES)));
            Ok(())
        })?;
        rows(dir, "grants.csv", |row| {
            let ended = row.get(3) == Some("expired");
            self.grants.push((row.get(0) == Some("g"), number(row, 1)?, number(row, 2)?, ended));
            Ok(())
        })
    }

    fn rest(&mut self, dir: &Path) -> Result<(), String> {
        rows(dir, "credentials.csv", |row| {
            let (kind, state) = (word(row, 3, &CREDENTIALS), word(row, 4, &["active", "expired", "revoked"]));
            self.credentials.push((number(row, 1)?, kind, state, day(row, 5)?, day(row, 6)?));
            Ok(())
        })?;
        rows(dir, "acts_as.csv", |row| {
            let how = word(row, 2, &["assume_role", "stored_key", "impersonate"]);
            self.acts_as.push((number(row, 0)?, number(row, 1)?, how));
            Ok(())
        })
    }

    /// The role of an entitlement.
    pub fn role(&self, entitlement: u32) -> &'static str {
        let role = self.entitlements.get(entitlement as usize).map_or(0, |(_, role)| *role);
        ROLES.get(usize::from(role)).copied().unwrap_or_default()
    }
}

/// Days since 1970-01-01; 0 for none.
fn day(row: &csv::StringRecord, column: usize) -> Result<u16, String> {
    let text = row.get(column).unwrap_or_default();
    if text.is_empty() {
        return Ok(0);
    }
    let at: Timestamp = format!("{text}T00:00:00Z").parse().map_err(|e| format!("`{text}`: {e}"))?;
    u16::try_from(at.as_second() / 86_400).map_err(|e| e.to_string())
}

/// Systems are fewer than 256.
fn short(number: u32) -> u8 {
    u8::try_from(number).unwrap_or(u8::MAX)
}
