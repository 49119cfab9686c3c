//! A made-up estate: people, accounts, groups and grants of a company of any size, the same bytes for the same size and
//! seed on every platform. What every file means, and what is asked of it, is in the README of the bench `access`.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "draws of a generator whose bytes are fixed; the numbers are below 2^31"
)]

mod accounts;
mod csv;
mod groups;
mod people;
mod rng;
mod words;

use std::io;
use std::path::Path;

use rng::Rng;

/// How large, and how it is left.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// People, 200 at least.
    pub people: usize,
    /// The seed.
    pub seed: u64,
    /// The part of the people who have left.
    pub leavers: f64,
    /// The part of the leavers to whom something was left.
    pub residual: f64,
}

impl Size {
    /// As many people as this, of whom one in fifty has left, with something left to three in ten of those.
    #[must_use]
    pub const fn of(people: usize, seed: u64) -> Self {
        Self { people, seed, leavers: 0.02, residual: 0.30 }
    }
}

/// 2026-01-01, in days since 1970-01-01.
const TODAY: i64 = 20_454;

/// What is known while the files are written.
struct Making<'a> {
    dir: &'a Path,
    rng: Rng,
    size: Size,
    systems: usize,
    manifest: Vec<String>,
    /// For each person: which given name, and the family name.
    names: Vec<(u8, String)>,
    leaver: Vec<bool>,
    /// For each account: its system; 0 human, 1 service, 2 shared; 0 active, 1 disabled, 2 deleted; its person.
    system: Vec<u8>,
    kind: Vec<u8>,
    status: Vec<u8>,
    own: Vec<u32>,
    /// For each person, the accounts.
    of: Vec<Vec<u32>>,
    /// How many accounts are people's; service accounts come next.
    human: usize,
    services: usize,
    shared: usize,
    /// Accounts with a live credential planted on a disabled account; and those where one was planted that must not
    /// count: a live token on a deleted account, a live password on a disabled one.
    token: Vec<bool>,
    trap: Vec<bool>,
    /// For each group, its system.
    group_system: Vec<u8>,
}

/// Writes the estate into `dir`.
///
/// # Errors
/// When the disk refuses, or there are fewer than 200 people.
pub fn make(dir: &Path, size: Size) -> io::Result<()> {
    if size.people < 200 {
        return Err(io::Error::other("an estate has 200 people at least"));
    }
    std::fs::create_dir_all(dir)?;
    let systems = (8 + size.people / 20_000).min(64);
    let mut making = Making {
        dir,
        rng: Rng(size.seed.wrapping_mul(0x2545_F491_4F6C_DD1D) ^ size.people as u64),
        size,
        systems,
        manifest: Vec::new(),
        names: Vec::with_capacity(size.people),
        leaver: vec![false; size.people],
        system: Vec::new(),
        kind: Vec::new(),
        status: Vec::new(),
        own: Vec::new(),
        of: vec![Vec::new(); size.people],
        human: 0,
        services: size.people / 4,
        shared: (size.people / 500).max(2),
        token: Vec::new(),
        trap: Vec::new(),
        group_system: Vec::new(),
    };
    making.systems()?;
    making.people()?;
    making.accounts();
    making.owners()?;
    making.account_rows()?;
    making.acts_as()?;
    making.groups()?;
    making.entitlements()?;
    making.credentials()?;
    making.close()
}

impl Making<'_> {
    /// People who may own what is not human: every fifth.
    fn engineers(&self) -> usize {
        (self.size.people / 5).max(1)
    }

    fn close(&self) -> io::Result<()> {
        let leavers = self.leaver.iter().filter(|left| **left).count();
        let Size { people, seed, .. } = self.size;
        let (accounts, files) = (self.system.len(), self.manifest.join(",\n"));
        let text = format!(
            "{{\n  \"people\":{people},\"seed\":{seed},\"leavers\":{leavers},\"accounts\":{accounts},\
             \"as_of\":\"2026-01-01\",\n  \"files\":[\n{files}\n  ]\n}}\n"
        );
        std::fs::write(self.dir.join("manifest.json"), text)
    }
}
