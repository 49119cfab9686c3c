//! Whom each leaver meets, and who met whom.

use super::bits::Bits;
use super::rows::Rows;
use super::watch::NONE;

/// Both ways round.
#[derive(Debug, Clone)]
pub(super) struct Visits {
    /// For each leaver, whom they meet, by how many steps, nearest first.
    of: Rows<(u32, u16)>,
    /// For each number, who met it: nobody is missing, and some may meet it no longer.
    met_by: Rows<u32>,
    /// Entries added to these rows since they were made.
    added: usize,
    /// Who is met newly, and by whom.
    newly: Vec<(u32, u32)>,
}

impl Visits {
    /// Out of whom each leaver meets.
    pub fn new(of: Rows<(u32, u16)>, numbers: usize) -> Self {
        let met_by = met_by(&of, numbers);
        Self { of, met_by, added: 0, newly: Vec::new() }
    }

    /// Whom a leaver meets.
    pub fn of(&self, leaver: u32) -> &[(u32, u16)] {
        self.of.row(leaver)
    }

    /// Who met a holder, and perhaps meets it no longer.
    pub fn by(&self, number: u32) -> &[u32] {
        self.met_by.row(number)
    }

    /// Leavers who meet one of some numbers, and perhaps some others: in order.
    pub fn concerned(&self, numbers: &Bits) -> Vec<u32> {
        let mut is_concerned = vec![false; self.of.len()];
        for leaver in numbers.numbers().flat_map(|number| self.by(number)) {
            is_concerned[*leaver as usize] = true;
        }
        (0u32..).zip(is_concerned).filter(|(_, is)| *is).map(|(leaver, _)| leaver).collect()
    }

    /// A leaver meets others now; `newly` are those who were not met before.
    pub fn set(&mut self, leaver: u32, met: &[(u32, u16)], newly: impl Iterator<Item = u32>) {
        self.newly.extend(newly.map(|number| (number, leaver)));
        self.of.set(leaver, met);
    }

    /// Takes up who is met newly, once there are so many numbers.
    pub fn settle(&mut self, numbers: usize) {
        self.added += self.newly.len();
        if self.added > self.of.total() / 2 {
            self.newly.clear();
            self.added = 0;
            self.met_by = met_by(&self.of, numbers);
            return;
        }
        for _ in self.met_by.len()..numbers {
            self.met_by.append(&[]);
        }
        for (number, leaver) in self.newly.drain(..) {
            self.met_by.push(number, leaver);
        }
    }
}

/// Who met whom.
fn met_by(visits: &Rows<(u32, u16)>, numbers: usize) -> Rows<u32> {
    let leavers = 0..u32::try_from(visits.len()).unwrap_or(NONE);
    let pairs =
        leavers.flat_map(|leaver| visits.row(leaver).iter().map(move |(number, _)| (*number, leaver)));
    Rows::of(numbers, pairs)
}
