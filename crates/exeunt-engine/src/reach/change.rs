//! What changed since the graph was made: rows are written anew at the end, and their holders point there.

use super::graph::{AccessGraph, End, Ends, Holder, Level, Malformed, short_kind};

/// What is now true of one holder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The holder. One past the last makes a new one.
    pub holder: u32,
    /// Its kind, if it is another now.
    pub kind: Option<u32>,
    /// All its steps, if they are others now; also those that lead to a holder which is more or less dead now.
    pub steps: Option<Vec<(u32, Level)>>,
    /// All its grants, if they are others now.
    pub grants: Option<Vec<(u32, Level)>>,
}

impl AccessGraph {
    /// Takes up changes. Places of edges that did not change stay what they are.
    ///
    /// # Errors
    /// When one names a holder or an entitlement that there is not. Those before it are then taken up.
    pub fn apply(&mut self, changes: &[Change]) -> Result<(), Malformed> {
        for change in changes {
            let at = change.holder as usize;
            if at == self.holders.len() {
                self.holders.push(Holder { steps: (0, 0), grants: (0, 0) });
                self.kinds.push(0);
            }
            let (holders, entitlements) = (self.holders.len(), self.entitlements as usize);
            let holder = self.holders.get_mut(at);
            let holder = holder.ok_or_else(|| Malformed(format!("there is no holder {}", change.holder)))?;
            if let Some(kind) = change.kind {
                self.kinds[at] = short_kind(kind)?;
            }
            if let Some(row) = &change.steps {
                holder.steps = append(&mut self.steps, row, holders)?;
            }
            if let Some(row) = &change.grants {
                holder.grants = append(&mut self.grants, row, entitlements)?;
            }
        }
        Ok(())
    }
}

fn append(all: &mut Ends, row: &[(u32, Level)], below: usize) -> Result<(u32, u32), Malformed> {
    if row.iter().any(|(to, _)| *to as usize >= below) {
        return Err(Malformed("a changed edge leads nowhere".to_owned()));
    }
    let place = |at: usize| u32::try_from(at).map_err(|_| Malformed("it has 2^32 edges".to_owned()));
    let (from, until) = (place(all.len())?, place(all.len() + row.len())?);
    let begins = all.later.len();
    all.later.extend(row.iter().map(|(to, level)| End::new(*to, *level)));
    all.later[begins..].sort_unstable();
    Ok((from, until))
}
