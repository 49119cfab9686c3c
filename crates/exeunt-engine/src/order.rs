//! Large things in an order, each moved twice and not at every comparison.

use std::cmp::Ordering;

/// The things in an order; what is equal stands as before.
pub(crate) fn in_order<T>(all: Vec<T>, order: impl Fn(&T, &T) -> Ordering) -> Vec<T> {
    let mut places: Vec<usize> = (0..all.len()).collect();
    places.sort_by(|one, other| order(&all[*one], &all[*other]));
    let mut all: Vec<Option<T>> = all.into_iter().map(Some).collect();
    places.into_iter().filter_map(|place| all.get_mut(place)?.take()).collect()
}

#[cfg(test)]
mod tests {
    use super::in_order;

    /// A line lost in sorting would be a survivor nobody hears of.
    #[test]
    fn as_a_stable_sort() {
        let all: Vec<(u32, u32)> = (0..500).map(|n| (n * 7919 % 31, n)).collect();
        let mut sorted = all.clone();
        sorted.sort_by_key(|one| one.0);
        assert_eq!(in_order(all, |one, other| one.0.cmp(&other.0)), sorted);
        assert!(in_order(Vec::<u8>::new(), Ord::cmp).is_empty());
    }
}
