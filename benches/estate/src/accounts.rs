//! Accounts, whose they are, what was planted on leavers, who can act as whom, and credentials.

use std::io;

use super::csv::{Csv, Field};
use super::words::{CREDENTIALS, GIVEN, ascii};
use super::{Making, TODAY};

/// Whose an account is: person, account, 0 own 1 owner 2 holder of a shared secret, whether it still holds.
type Link = (u32, u32, u8, bool);

impl Making<'_> {
    pub(super) fn accounts(&mut self) {
        let apps = self.systems - 1;
        for person in 0..self.size.people {
            let extra = [0, 1, 1, 2, 2, 2, 3, 3, 4, 6][self.rng.below(10)].min(apps);
            let (mut mine, mut list) = (1u64, vec![0usize]);
            while list.len() < 1 + extra {
                let system = 1 + self.rng.skew(apps);
                if mine >> system & 1 == 0 {
                    mine |= 1 << system;
                    list.push(system);
                }
            }
            for system in list {
                self.of[person].push(self.system.len() as u32);
                let status = if self.leaver[person] {
                    if system != 0 && self.rng.chance(0.4) { 2 } else { 1 }
                } else {
                    u8::from(self.rng.chance(0.03))
                };
                self.account(system, 0, status, person as u32);
            }
        }
        self.human = self.system.len();
        for at in 0..self.services + self.shared {
            let system = if self.rng.chance(0.2) { 0 } else { 1 + self.rng.skew(apps) };
            let kind = if at < self.services { 1 } else { 2 };
            let status = u8::from(self.rng.chance(0.05));
            self.account(system, kind, status, u32::MAX);
        }
        self.token = vec![false; self.system.len()];
        self.trap = vec![false; self.system.len()];
    }

    fn account(&mut self, system: usize, kind: u8, status: u8, own: u32) {
        self.system.push(system as u8);
        self.kind.push(kind);
        self.status.push(status);
        self.own.push(own);
    }

    /// A leaver's links end unless something is planted.
    pub(super) fn owners(&mut self) -> io::Result<()> {
        let people = self.size.people;
        let engineers = self.engineers();
        let mut links: Vec<Link> = (0..self.human).map(|at| (self.own[at], at as u32, 0, true)).collect();
        let mut owned: Vec<Vec<usize>> = vec![Vec::new(); people];
        for account in self.human..self.human + self.services {
            if self.rng.chance(0.03) {
                continue; // An orphan: no owner is recorded.
            }
            for _ in 0..=usize::from(self.rng.chance(0.2)) {
                let person = (self.rng.skew(engineers) * 5 + 1).min(people - 1);
                owned[person].push(links.len());
                links.push((person as u32, account as u32, 1, !self.leaver[person]));
            }
        }
        for account in self.human + self.services..self.system.len() {
            for _ in 0..3 + self.rng.below(10) {
                let person = (self.rng.below(engineers) * 5 + 1).min(people - 1);
                owned[person].push(links.len());
                links.push((person as u32, account as u32, 2, !self.leaver[person]));
            }
        }
        self.plants(&mut links, &owned)?;
        let mut csv = Csv::new(self.dir, "owners.csv", "person_id,account_id,relation,state")?;
        for (person, account, relation, holds) in links {
            let relation = ["own", "nhi_owner", "shared_holder"][usize::from(relation)];
            let state = if holds { "active" } else { "ended" };
            csv.row(&[
                Field::N(person as usize),
                Field::N(account as usize),
                Field::T(relation),
                Field::T(state),
            ])?;
        }
        csv.close(&mut self.manifest)
    }

    fn plants(&mut self, links: &mut [Link], owned: &[Vec<usize>]) -> io::Result<()> {
        let mut csv = Csv::new(self.dir, "planted.csv", "person_id,plant,account_id")?;
        for (person, mine_owned) in owned.iter().enumerate() {
            if !self.leaver[person] {
                continue;
            }
            for account in self.of[person].clone() {
                if self.rng.chance(0.1) {
                    self.trap[account as usize] = true;
                }
            }
            if !self.rng.chance(self.size.residual) {
                continue;
            }
            for _ in 0..=self.rng.below(2) {
                let mine = self.of[person].clone();
                let planted = match self.rng.below(4) {
                    0 if mine.len() > 1 => {
                        let account = mine[1 + self.rng.below(mine.len() - 1)] as usize;
                        self.status[account] = 0;
                        Some(("active_account", account))
                    }
                    2 | 3 if !mine_owned.is_empty() => {
                        let link = &mut links[mine_owned[self.rng.below(mine_owned.len())]];
                        link.3 = true;
                        let plant = if link.2 == 1 { "owned_service" } else { "shared_secret" };
                        (self.status[link.1 as usize] == 0).then_some((plant, link.1 as usize))
                    }
                    _ => {
                        let account = mine[self.rng.below(mine.len())] as usize;
                        if self.status[account] == 2 {
                            self.status[account] = 1;
                        }
                        let disabled = self.status[account] == 1;
                        self.token[account] |= disabled;
                        disabled.then_some(("live_token", account))
                    }
                };
                if let Some((plant, account)) = planted {
                    csv.row(&[Field::N(person), Field::T(plant), Field::N(account)])?;
                }
            }
        }
        csv.close(&mut self.manifest)
    }

    pub(super) fn account_rows(&mut self) -> io::Result<()> {
        let head = "account_id,system_id,kind,status,login,email,display_name,employee_no";
        let mut csv = Csv::new(self.dir, "accounts.csv", head)?;
        for account in 0..self.system.len() {
            let kind = usize::from(self.kind[account]);
            csv.number(account).comma().number(self.system[account].into()).comma();
            csv.text(["human", "service", "shared"][kind]).comma();
            csv.text(["active", "disabled", "deleted"][usize::from(self.status[account])]).comma();
            if kind == 0 {
                self.login(account, &mut csv);
            } else {
                csv.text(if kind == 1 { "svc-" } else { "adm-" }).number(account).comma().comma();
                csv.text(if kind == 1 { "service " } else { "shared admin " }).number(account).comma();
            }
            csv.end()?;
        }
        csv.close(&mut self.manifest)
    }

    /// Login, address, name and number, in the usual inconsistent shapes.
    fn login(&mut self, account: usize, csv: &mut Csv) {
        let person = self.own[account] as usize;
        let (given, ref family) = self.names[person];
        let (given, short) = GIVEN[usize::from(given)];
        let plain = ascii(given);
        let mut misspelt: Vec<char> = family.chars().collect();
        let shape = if self.system[account] == 0 { 0 } else { self.rng.below(20) };
        if shape == 14 || shape == 15 {
            let at = self.rng.below(misspelt.len() - 1);
            misspelt.swap(at, at + 1);
        }
        let misspelt: String = misspelt.into_iter().collect();
        let corp = "@corp.example";
        match shape {
            0..=6 => {
                csv.text(&plain).text(".").text(family).number(person).comma();
                csv.text(&plain).text(".").text(family).number(person).text(corp)
            }
            7..=8 => {
                csv.text(&plain).text(family).comma().text(if shape == 7 { "" } else { " " });
                csv.text(&plain.to_uppercase()).text(".").text(family).number(person).text("@CORP.example")
            }
            9 => {
                csv.text(&plain).text(family).number(person).comma();
                csv.text(&plain).text(".").text(family).number(person).text("+app");
                csv.number(self.system[account].into()).text(corp)
            }
            10..=11 => {
                csv.text(&plain[..1]).text(family).number(person % 97).comma();
                csv.text(&plain[..1]).text(family).number(person % 97).text("@mail.example")
            }
            12..=13 => {
                csv.text(short).text("_").text(family).comma();
                csv.text(short).text(".").text(family).text("@mail.example")
            }
            14..=15 => {
                csv.text(&plain).text("-").text(&misspelt).comma();
                csv.text(&plain).text(".").text(&misspelt).text(corp)
            }
            _ => csv.text(&plain[..2]).text(&family[..2]).number(person % 1000).comma(),
        };
        csv.comma().text(if shape == 12 || shape == 13 { short } else { given }).text(" ");
        csv.text(if shape == 14 { &misspelt } else { family }).comma();
        if shape < 5 || shape == 17 {
            csv.text("E").number(100_000 + person * 7);
        }
    }

    pub(super) fn acts_as(&mut self) -> io::Result<()> {
        let mut csv = Csv::new(self.dir, "acts_as.csv", "src_account,dst_account,how")?;
        let engineers = self.engineers();
        for at in 0..(self.size.people / 20).max(4) {
            let from = if self.rng.chance(0.5) {
                self.human + self.rng.below(self.services)
            } else {
                let person = (self.rng.below(engineers) * 5 + 1).min(self.size.people - 1);
                let mine = &self.of[person];
                mine[self.rng.below(mine.len())] as usize
            };
            let to = self.human + self.rng.below(self.services + self.shared);
            if from == to {
                continue;
            }
            let how = ["assume_role", "stored_key", "impersonate"][at % 3];
            csv.row(&[Field::N(from), Field::N(to), Field::T(how)])?;
            if at % 50 == 0 {
                csv.row(&[Field::N(to), Field::N(from), Field::T("stored_key")])?; // A cycle.
            }
        }
        csv.close(&mut self.manifest)
    }

    pub(super) fn credentials(&mut self) -> io::Result<()> {
        let head = "credential_id,account_id,holder_person,kind,state,created,expires";
        let mut csv = Csv::new(self.dir, "credentials.csv", head)?;
        let mut id = 0;
        for account in 0..self.system.len() {
            let human = self.kind[account] == 0;
            let person = human.then(|| self.own[account] as usize);
            let gone = person.is_some_and(|person| self.leaver[person]);
            let status = self.status[account];
            let (token, trap) = (self.token[account], self.trap[account]);
            let usual = if human { 1 + self.rng.below(2) } else { 1 + self.rng.below(3) };
            for at in 0..usual + usize::from(token) + usize::from(trap) {
                let drawn = if at == 0 && human { 0 } else { self.rng.below(CREDENTIALS.len()) };
                let (kind, state) = if at >= usual && token && at == usual {
                    (2 + id % 5, "active")
                } else if at >= usual {
                    (if status == 2 { 2 + id % 5 } else { 0 }, "active") // A trap.
                } else if gone && status != 0 {
                    (drawn, if self.rng.chance(0.5) { "revoked" } else { "expired" })
                } else {
                    let u = self.rng.below(20);
                    let state = match u {
                        _ if status == 1 && drawn >= 2 => "revoked",
                        0..=15 => "active",
                        16..=17 => "expired",
                        _ => "revoked",
                    };
                    (drawn, state)
                };
                let made = TODAY - 1 - self.rng.below(1500) as i64;
                csv.number(id).comma().number(account).comma();
                if let Some(person) = person {
                    csv.number(person);
                }
                csv.comma().text(CREDENTIALS[kind]).comma().text(state).comma().day(made).comma();
                if kind >= 2 {
                    let expired = state == "expired";
                    let days = if expired { self.rng.below(100) } else { self.rng.below(700) } as i64;
                    csv.day(if expired { TODAY - 1 - days } else { TODAY + 1 + days });
                }
                csv.end()?;
                id += 1;
            }
        }
        csv.close(&mut self.manifest)
    }
}
