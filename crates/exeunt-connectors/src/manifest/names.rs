//! Names that were meant: the nearest known one.

/// The known name that differs least from `given`, if it differs by a typo or two.
pub(super) fn nearest<'a>(given: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let allowed = 1 + given.chars().count() / 4;
    known
        .map(|name| (distance(given, name), name))
        .filter(|(far, _)| *far <= allowed)
        .min()
        .map(|(_, name)| name)
}

/// Levenshtein's distance.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let swap = diagonal + usize::from(ca != *cb);
            diagonal = row[j + 1];
            row[j + 1] = swap.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    /// "Did you mean" must help with a typo and not guess wildly.
    #[test]
    fn only_near_names_are_offered() {
        let known = ["paging", "permission", "request"];
        assert_eq!(nearest("pagin", known.into_iter()), Some("paging"));
        assert_eq!(nearest("permision", known.into_iter()), Some("permission"));
        assert_eq!(nearest("owner", known.into_iter()), None);
    }
}
