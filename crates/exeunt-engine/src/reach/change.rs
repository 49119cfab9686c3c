//! What changed since the graph was made: rows are written anew at the end, and their holders point there.

use super::graph::{AccessGraph, End, Holder, Level, Malformed};

/// What is now true of one holder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The holder. One past the last makes a new one.
    pub holder: u32,
    /// Its kind and level, if they are others now.
    pub state: Option<(u32, Level)>,
    /// All its steps, if they are others now.
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
                self.holders.push(Holder {
                    steps: (0, 0),
                    grants: (0, 0),
                    state: End::new(0, Level::Unknown),
                });
            }
            let (holders, entitlements) = (self.holders.len(), self.entitlements as usize);
            let holder = self.holders.get_mut(at);
            let holder = holder.ok_or_else(|| Malformed(format!("there is no holder {}", change.holder)))?;
            if let Some((kind, level)) = change.state {
                if kind >= 16 {
                    return Err(Malformed(format!("holder {at} has kind {kind}")));
                }
                holder.state = End::new(kind, level);
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

fn append(all: &mut Vec<End>, row: &[(u32, Level)], below: usize) -> Result<(u32, u32), Malformed> {
    if row.iter().any(|(to, _)| *to as usize >= below) {
        return Err(Malformed("a changed edge leads nowhere".to_owned()));
    }
    let from = all.len();
    all.extend(row.iter().map(|(to, level)| End::new(*to, *level)));
    all[from..].sort_unstable();
    let place = |len: usize| u32::try_from(len).map_err(|_| Malformed("it has 2^32 edges".to_owned()));
    Ok((place(from)?, place(all.len())?))
}
