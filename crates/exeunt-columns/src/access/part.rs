//! What one holder leads to, read from the tables at rest without loading them.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::path::Path;

use super::{Columns, Files};
use crate::{ColumnsError, Ranges, Table, Texts};

/// The tables, opened for single rows.
#[derive(Debug)]
pub struct Stored {
    kind: Ranges,
    steps_end: Ranges,
    grants_end: Ranges,
    step_to: Ranges,
    step_level: Ranges,
    tie: Ranges,
    grant_to: Ranges,
    grant_level: Ranges,
    privileged: Ranges,
    holder_names: Texts,
    references: Option<Texts>,
    holders: u64,
    tie_words: Vec<String>,
    entitlement_names: Texts,
    entitlements: u32,
}

/// Everything that one holder leads to, with holders numbered anew: it is 0. Entitlements keep their numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// To be walked over as a whole would be.
    pub columns: Columns,
    /// The number of each holder in the whole.
    pub holders: Vec<u32>,
    /// The number of each step in the whole.
    pub steps: Vec<u32>,
}

impl Stored {
    /// Opens the tables of a folder.
    ///
    /// # Errors
    /// When a file is missing, damaged, or belongs to another snapshot.
    pub fn open(dir: &Path) -> Result<Self, ColumnsError> {
        let Files { holders, steps, grants, entitlements, .. } = Files::open(dir)?;
        let words = |table: &Table, fact| {
            table.fact(fact).map(|words| words.split(',').map(str::to_owned).collect()).unwrap_or_default()
        };
        Ok(Self {
            references: holders.texts("reference").ok(),
            holders: holders.rows(),
            tie_words: words(&steps, "exeunt.ties"),
            kind: holders.ranges("kind")?,
            steps_end: holders.ranges("steps_end")?,
            grants_end: holders.ranges("grants_end")?,
            holder_names: holders.texts("name")?,
            step_to: steps.ranges("to")?,
            step_level: steps.ranges("level")?,
            tie: steps.ranges("tie")?,
            grant_to: grants.ranges("entitlement")?,
            grant_level: grants.ranges("level")?,
            privileged: entitlements.ranges("privileged")?,
            entitlement_names: entitlements.texts("name")?,
            entitlements: u32::try_from(entitlements.rows()).unwrap_or(u32::MAX),
        })
    }

    /// Reads what `start` leads to over steps and grants that are at most as dead as `limit`.
    ///
    /// # Errors
    /// When there is no such holder, a block is damaged, or the disk refuses.
    pub fn part(&mut self, start: u32, limit: u32) -> Result<Part, ColumnsError> {
        let mut part = Part { columns: Columns::default(), holders: vec![start], steps: Vec::new() };
        part.columns.entitlements = self.entitlements;
        let mut local = HashMap::from([(start, 0u32)]);
        let mut at = 0;
        while let Some(holder) = part.holders.get(at).copied().map(u64::from) {
            at += 1;
            part.columns.kind.push(self.kind.get(holder)?);
            for step in self.edges(holder, limit, Edges::Steps, &mut part)? {
                let next = u32::try_from(part.holders.len()).unwrap_or(u32::MAX);
                let number = *local.entry(step).or_insert(next);
                if number == next {
                    part.holders.push(step);
                }
                part.columns.step_to.push(number);
            }
            let grants = self.edges(holder, limit, Edges::Grants, &mut part)?;
            part.columns.grant_to.extend(grants);
            part.columns.steps_end.push(u32::try_from(part.columns.step_to.len()).unwrap_or(u32::MAX));
            part.columns.grants_end.push(u32::try_from(part.columns.grant_to.len()).unwrap_or(u32::MAX));
        }
        Ok(part)
    }

    /// Where the edges of one holder lead that are alive enough; they stand first.
    fn edges(
        &mut self,
        holder: u64,
        limit: u32,
        which: Edges,
        part: &mut Part,
    ) -> Result<Vec<u32>, ColumnsError> {
        let (ends, to, levels) = match which {
            Edges::Steps => (&mut self.steps_end, &mut self.step_to, &mut self.step_level),
            Edges::Grants => (&mut self.grants_end, &mut self.grant_to, &mut self.grant_level),
        };
        let from = if holder == 0 { 0 } else { u64::from(ends.get(holder - 1)?) };
        let until = u64::from(ends.get(holder)?);
        let (mut targets, mut found) = (Vec::new(), Vec::new());
        levels.read(from..until, &mut found)?;
        found.truncate(found.partition_point(|level| *level <= limit));
        to.read(from..from + found.len() as u64, &mut targets)?;
        match which {
            Edges::Steps => {
                part.steps.extend((from..).map_while(|place| u32::try_from(place).ok()).take(found.len()));
                part.columns.step_level.extend(found);
            }
            Edges::Grants => part.columns.grant_level.extend(found),
        }
        Ok(targets)
    }

    /// The name of a holder.
    ///
    /// # Errors
    /// When there is no such holder, a block is damaged, or the disk refuses.
    pub fn holder(&mut self, number: u32) -> Result<String, ColumnsError> {
        self.holder_names.get(number.into())
    }

    /// The holder of which `order` says that its reference is the one that is looked for; references have to stand in order.
    ///
    /// # Errors
    /// When there are no references, a block is damaged, or the disk refuses.
    pub fn find(&mut self, order: impl Fn(&str) -> Ordering) -> Result<Option<u32>, ColumnsError> {
        let (mut from, mut until) = (0, self.holders);
        while from < until {
            let middle = from + (until - from) / 2;
            match order(&self.reference(middle)?) {
                Ordering::Less => from = middle + 1,
                Ordering::Greater => until = middle,
                Ordering::Equal => return Ok(u32::try_from(middle).ok()),
            }
        }
        Ok(None)
    }

    fn reference(&mut self, number: u64) -> Result<String, ColumnsError> {
        match &mut self.references {
            Some(references) => references.get(number),
            None => self.holder_names.get(number),
        }
    }

    /// What the number of a tie means.
    #[must_use]
    pub fn tie_word(&self, tie: u32) -> &str {
        self.tie_words.get(tie as usize).map_or("", String::as_str)
    }

    /// The name of an entitlement, and whether it is administrative.
    ///
    /// # Errors
    /// When there is no such entitlement, a block is damaged, or the disk refuses.
    pub fn entitlement(&mut self, number: u32) -> Result<(String, bool), ColumnsError> {
        Ok((self.entitlement_names.get(number.into())?, self.privileged.get(number.into())? == 1))
    }

    /// Whether an entitlement is administrative.
    ///
    /// # Errors
    /// When there is no such entitlement, a block is damaged, or the disk refuses.
    pub fn is_privileged(&mut self, number: u32) -> Result<bool, ColumnsError> {
        Ok(self.privileged.get(number.into())? == 1)
    }

    /// What ties the ends of a step.
    ///
    /// # Errors
    /// When there is no such step, a block is damaged, or the disk refuses.
    pub fn tie(&mut self, step: u32) -> Result<u32, ColumnsError> {
        self.tie.get(step.into())
    }
}

#[derive(Clone, Copy)]
enum Edges {
    Steps,
    Grants,
}
