//! Numbers in log-ins: where a name alone says little, `adbe417` and the person whose own address ends in 12417 say more.

/// Shorter tails agree by chance too often: one in a hundred namesakes has the same two digits.
const SHORTEST: usize = 3;

/// The digits a log-in or the local part of an address ends with; nothing where there are too few to tell.
pub(crate) fn number_of(text: &str) -> Option<&str> {
    let local = text.split_once('@').map_or(text, |(local, _)| local);
    let start = local.rfind(|c: char| !c.is_ascii_digit()).map_or(0, |at| at + 1);
    let digits = local.get(start..)?;
    (digits.len() >= SHORTEST).then_some(digits)
}

/// Whether the number of a log-in is the tail of one of a person's numbers.
pub(crate) fn agrees<'n>(login: &str, numbers: impl IntoIterator<Item = &'n str>) -> bool {
    let Some(tail) = number_of(login) else { return false };
    numbers.into_iter().any(|number| number.ends_with(tail))
}

#[cfg(test)]
mod tests {
    use super::{agrees, number_of};

    #[test]
    fn a_number_ends_a_login() {
        assert_eq!(number_of("adbe417"), Some("417"));
        assert_eq!(number_of("ada.berg12417@corp.example"), Some("12417"));
        assert_eq!(number_of("417"), Some("417"));
        assert_eq!(number_of("aberg42"), None, "two digits agree by chance");
        assert_eq!(number_of("ada4711x"), None);
        assert_eq!(number_of(""), None);
    }

    #[test]
    fn a_tail_agrees_and_a_middle_does_not() {
        assert!(agrees("adbe417", ["12417"]));
        assert!(agrees("adbe417", ["2980", "12417", "77000"]), "one of several numbers is enough");
        assert!(!agrees("adbe417", ["41700", "417"].into_iter().filter(|n| *n != "417")));
        assert!(!agrees("adbe", ["12417"]));
    }
}
