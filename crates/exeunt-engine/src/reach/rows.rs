//! Rows of a table of which each may grow and shrink.

/// Rows, one after the other in one array, each with room behind it once it grew.
#[derive(Debug, Clone, Default)]
pub(super) struct Rows<T> {
    /// For each row: where it begins, how long it is, and how long it may become where it is.
    spans: Vec<(u32, u32, u32)>,
    items: Vec<T>,
    /// Items that no row has any more.
    left_behind: usize,
}

impl<T: Copy + Default> Rows<T> {
    /// Rows out of pairs of row and item, which stand in each row in the order they come in.
    pub fn of(count: usize, pairs: impl Iterator<Item = (u32, T)> + Clone) -> Self {
        let mut spans = vec![(0, 0, 0); count];
        for (row, _) in pairs.clone() {
            spans[row as usize].2 += 1;
        }
        let mut total = 0;
        for span in &mut spans {
            span.0 = total;
            total += span.2;
        }
        let mut items = vec![T::default(); total as usize];
        for (row, item) in pairs {
            let span = &mut spans[row as usize];
            items[(span.0 + span.1) as usize] = item;
            span.1 += 1;
        }
        Self { spans, items, left_behind: 0 }
    }

    /// How many rows there are.
    pub const fn len(&self) -> usize {
        self.spans.len()
    }

    /// How many items there are, and room for such.
    pub const fn total(&self) -> usize {
        self.items.len()
    }

    /// A row; empty if there is none such.
    pub fn row(&self, at: u32) -> &[T] {
        let (from, len, _) = self.spans.get(at as usize).copied().unwrap_or_default();
        &self.items[from as usize..(from + len) as usize]
    }

    /// Adds a row behind the others.
    pub fn append(&mut self, row: &[T]) {
        let (begins, len) = (self.items.len(), u32::try_from(row.len()).unwrap_or(u32::MAX));
        self.items.extend_from_slice(row);
        self.spans.push((u32::try_from(begins).unwrap_or(u32::MAX), len, len));
    }

    /// Puts an item into a row, before the one at `place`.
    pub fn insert(&mut self, at: u32, place: usize, item: T) {
        let (_, len, room) = self.spans[at as usize];
        if len == room {
            self.make_room(at, len + len / 2 + 2);
        }
        let (from, ..) = self.spans[at as usize];
        let row = &mut self.items[from as usize..=(from + len) as usize];
        row.copy_within(place..len as usize, place + 1);
        row[place] = item;
        self.spans[at as usize].1 += 1;
    }

    /// Puts an item at the end of a row.
    pub fn push(&mut self, at: u32, item: T) {
        self.insert(at, self.row(at).len(), item);
    }

    /// Takes an item out of a row.
    pub fn remove(&mut self, at: u32, place: usize) {
        let (from, len, _) = self.spans[at as usize];
        let row = &mut self.items[from as usize..(from + len) as usize];
        row.copy_within(place + 1.., place);
        self.spans[at as usize].1 -= 1;
    }

    /// Writes a row anew.
    pub fn set(&mut self, at: u32, row: &[T]) {
        let len = u32::try_from(row.len()).unwrap_or(u32::MAX);
        if self.spans[at as usize].2 < len {
            self.make_room(at, len + len / 8);
        }
        let (from, ..) = self.spans[at as usize];
        self.items[from as usize..(from + len) as usize].copy_from_slice(row);
        self.spans[at as usize].1 = len;
    }

    /// Moves a row to the end, where there is room for `room` items.
    fn make_room(&mut self, at: u32, room: u32) {
        if self.left_behind > self.items.len() / 2 + 1024 {
            self.tidy();
        }
        let (from, len, had) = self.spans[at as usize];
        self.left_behind += had as usize;
        let begins = self.items.len();
        self.items.extend_from_within(from as usize..(from + len) as usize);
        self.items.resize(begins + room as usize, T::default());
        self.spans[at as usize] = (u32::try_from(begins).unwrap_or(u32::MAX), len, room);
    }

    /// Closes the gaps.
    fn tidy(&mut self) {
        let mut items = Vec::with_capacity(self.items.len() - self.left_behind.min(self.items.len()));
        for span in &mut self.spans {
            let begins = u32::try_from(items.len()).unwrap_or(u32::MAX);
            items.extend_from_slice(&self.items[span.0 as usize..(span.0 + span.1) as usize]);
            *span = (begins, span.1, span.1);
        }
        self.items = items;
        self.left_behind = 0;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Rows;

    /// A watch that lives for ninety days must not grow with every change that it takes up.
    #[test]
    fn gaps_are_closed_and_nothing_is_lost() {
        let mut rows = Rows::of(3, [(0, 7u32), (2, 8), (2, 9)].into_iter());
        (0..50_000).for_each(|item| rows.push(1, item));
        assert_eq!((rows.row(0), rows.row(2), rows.len()), (&[7][..], &[8, 9][..], 3));
        assert_eq!(rows.row(1), (0..50_000).collect::<Vec<_>>());
        assert!(rows.items.len() < 150_000, "{} items for 50,003", rows.items.len());
    }

    proptest! {
        /// A row that loses or swaps an item when another grows would hide somebody's access from a recheck.
        #[test]
        fn rows_hold_what_vectors_hold(
            begin in prop::collection::vec((0u32..6, any::<u16>()), 0..30),
            edits in prop::collection::vec((0u32..6, 0usize..40, any::<u16>(), 0u8..4), 0..1500),
        ) {
            let mut rows = Rows::of(6, begin.iter().copied());
            rows.append(&[1, 2]);
            let mut plain = vec![Vec::new(); 6];
            for (row, item) in &begin {
                plain[*row as usize].push(*item);
            }
            for (row, place, item, what) in edits {
                let known = &mut plain[row as usize];
                match what {
                    0 if !known.is_empty() => {
                        rows.remove(row, place % known.len());
                        known.remove(place % known.len());
                    }
                    1 if place % 8 == 0 => {
                        *known = vec![item; place];
                        rows.set(row, known);
                    }
                    _ => {
                        let place = place.min(known.len());
                        rows.insert(row, place, item);
                        known.insert(place, item);
                    }
                }
            }
            for (row, known) in (0u32..).zip(&plain) {
                prop_assert_eq!(rows.row(row), known.as_slice());
            }
        }
    }
}
