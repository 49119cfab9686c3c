//! Groups and how they nest, their members, and what they and accounts are granted.

use std::io;

use super::Making;
use super::csv::{Csv, Field};
use super::words::ROLES;

impl Making<'_> {
    /// Level 0 are leaves and level 7 the top, so that nesting is at most eight deep.
    pub(super) fn groups(&mut self) -> io::Result<()> {
        let groups = (self.size.people / 5).max(40);
        self.group_system = vec![0; groups];
        let mut levels = vec![0usize; groups];
        let mut tiers: Vec<Vec<Vec<usize>>> = vec![vec![Vec::new(); 8]; self.systems];
        let mut csv = Csv::new(self.dir, "groups.csv", "group_id,system_id,name,level")?;
        for group in 0..groups {
            if group > 0 {
                let system = if self.rng.chance(0.5) { 0 } else { 1 + self.rng.skew(self.systems - 1) };
                self.group_system[group] = system as u8;
                let u = self.rng.below(1000);
                let tops = [550, 770, 880, 940, 970, 990, 997, 1000];
                levels[group] = tops.iter().filter(|top| u >= **top).count();
            }
            let system = usize::from(self.group_system[group]);
            tiers[system][levels[group]].push(group);
            let name = format!("{}-{group}", if group == 0 { "all-staff" } else { "grp" });
            csv.row(&[Field::N(group), Field::N(system), Field::T(&name), Field::N(levels[group])])?;
        }
        csv.close(&mut self.manifest)?;
        self.nested(&levels, &tiers)?;
        self.members()
    }

    fn nested(&mut self, levels: &[usize], tiers: &[Vec<Vec<usize>>]) -> io::Result<()> {
        let mut csv = Csv::new(self.dir, "nested.csv", "child_group,parent_group")?;
        let mut parents: Vec<Vec<usize>> = vec![Vec::new(); levels.len()];
        for (group, level) in levels.iter().enumerate() {
            let wanted = [0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 3][self.rng.below(20)];
            for _ in 0..wanted {
                let home = usize::from(self.group_system[group]);
                // A group of the identity provider that is pushed into an application.
                let pushed = home == 0 && self.rng.chance(0.1);
                let system = if pushed { 1 + self.rng.below(self.systems - 1) } else { home };
                let mut above = level + 1;
                while above < 7 && self.rng.chance(0.25) {
                    above += 1;
                }
                if above > 7 || tiers[system][above].is_empty() {
                    continue;
                }
                let tier = &tiers[system][above];
                let parent = tier[self.rng.below(tier.len())];
                if !parents[group].contains(&parent) {
                    parents[group].push(parent);
                    csv.row(&[Field::N(group), Field::N(parent)])?;
                }
            }
        }
        // Edges back down: some cycles of two to four groups.
        for (group, above) in parents.iter().enumerate() {
            let Some(mut top) = above.first().copied() else { continue };
            if !self.rng.chance(0.002) {
                continue;
            }
            for _ in 0..self.rng.below(3) {
                top = parents[top].first().copied().unwrap_or(top);
            }
            csv.row(&[Field::N(top), Field::N(group)])?;
        }
        csv.close(&mut self.manifest)
    }

    fn members(&mut self) -> io::Result<()> {
        let mut accounts: Vec<Vec<usize>> = vec![Vec::new(); self.systems];
        for (account, system) in self.system.iter().enumerate() {
            accounts[usize::from(*system)].push(account);
        }
        let mut csv = Csv::new(self.dir, "members.csv", "account_id,group_id")?;
        for group in 0..self.group_system.len() {
            if group == 0 {
                for mine in &self.of {
                    csv.row(&[Field::N(mine[0] as usize), Field::N(0)])?;
                }
                continue;
            }
            let pool = &accounts[usize::from(self.group_system[group])];
            if pool.is_empty() {
                continue;
            }
            let count = self.rng.pareto(10.0, (self.size.people / 20).max(20)).min(pool.len());
            let mut chosen: Vec<usize> = (0..count).map(|_| pool[self.rng.below(pool.len())]).collect();
            chosen.sort_unstable();
            chosen.dedup();
            for account in chosen {
                csv.row(&[Field::N(account), Field::N(group)])?;
            }
        }
        csv.close(&mut self.manifest)
    }

    pub(super) fn entitlements(&mut self) -> io::Result<()> {
        let mut of: Vec<Vec<usize>> = vec![Vec::new(); self.systems];
        let mut csv = Csv::new(self.dir, "entitlements.csv", "entitlement_id,system_id,resource,role,risk")?;
        for entitlement in 0..(self.size.people * 2 / 5).max(400) {
            let system = self.rng.skew(self.systems);
            of[system].push(entitlement);
            let (resource, four) = (format!("res-{}", entitlement / 4), entitlement % 4);
            let risk = ["low", "low", "high", "critical"][four];
            csv.row(&[
                Field::N(entitlement),
                Field::N(system),
                Field::T(&resource),
                Field::T(ROLES[four]),
                Field::T(risk),
            ])?;
        }
        csv.close(&mut self.manifest)?;
        let mut csv = Csv::new(self.dir, "grants.csv", "subject_kind,subject_id,entitlement_id,state")?;
        for group in 0..self.group_system.len() {
            let pool = &of[usize::from(self.group_system[group])];
            if !pool.is_empty() {
                let count = self.rng.pareto(9.0, 3000).min(pool.len() / 2 + 1);
                self.grants("g", group, pool, count, &mut csv)?;
            }
        }
        for account in 0..self.system.len() {
            let pool = &of[usize::from(self.system[account])];
            if !pool.is_empty() {
                let some = self.rng.chance(0.3);
                let count = if some { self.rng.pareto(0.8, 200).min(pool.len()) } else { 0 };
                self.grants("a", account, pool, count, &mut csv)?;
            }
        }
        csv.close(&mut self.manifest)
    }

    fn grants(
        &mut self,
        kind: &str,
        subject: usize,
        pool: &[usize],
        count: usize,
        csv: &mut Csv,
    ) -> io::Result<()> {
        let mut chosen: Vec<usize> = (0..count).map(|_| pool[self.rng.skew(pool.len())]).collect();
        chosen.sort_unstable();
        chosen.dedup();
        for entitlement in chosen {
            let state = if self.rng.chance(0.05) { "expired" } else { "active" };
            csv.row(&[Field::T(kind), Field::N(subject), Field::N(entitlement), Field::T(state)])?;
        }
        Ok(())
    }
}
