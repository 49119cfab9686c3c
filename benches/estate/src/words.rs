//! What people, groups and credentials are called.

use super::rng::Rng;

/// Given names and what people make of them.
pub const GIVEN: &[(&str, &str)] = &[
    ("james", "jim"),
    ("maria", "mia"),
    ("robert", "bob"),
    ("elizabeth", "liz"),
    ("william", "bill"),
    ("wei", "wei"),
    ("michael", "mike"),
    ("priya", "pri"),
    ("thomas", "tom"),
    ("anna", "ania"),
    ("alexander", "alex"),
    ("fatima", "fati"),
    ("daniel", "dan"),
    ("sofia", "sofi"),
    ("matthew", "matt"),
    ("katherine", "kate"),
    ("andrew", "andy"),
    ("jennifer", "jen"),
    ("joseph", "joe"),
    ("margaret", "maggie"),
    ("christopher", "chris"),
    ("olga", "olya"),
    ("nicholas", "nick"),
    ("yuki", "yuki"),
    ("samuel", "sam"),
    ("ingrid", "inga"),
    ("benjamin", "ben"),
    ("carlos", "carl"),
    ("juan", "juan"),
    ("ahmed", "ahmed"),
    ("lucas", "luc"),
    ("emma", "em"),
    ("stephen", "steve"),
    ("rebecca", "becky"),
    ("jonathan", "jon"),
    ("deborah", "deb"),
    ("kenneth", "ken"),
    ("patricia", "pat"),
    ("gregory", "greg"),
    ("victoria", "vicky"),
    ("joão", "joao"),
    ("zoë", "zoe"),
    ("françois", "francois"),
    ("jürgen", "juergen"),
    ("søren", "soren"),
    ("łukasz", "lukasz"),
    ("björn", "bjorn"),
    ("andré", "andre"),
    ("chloe", "chlo"),
    ("david", "dave"),
];

const SYLLABLES: &[&str] = &[
    "ba", "ber", "cas", "chen", "dal", "dor", "el", "far", "gar", "ham", "hol", "ing", "jan", "kar", "kov",
    "lan", "lin", "mar", "mor", "nar", "ols", "pet", "ra", "ros", "san", "sen", "sha", "sil", "son", "stein",
    "tan", "tor", "ul", "van", "ver", "wal", "win", "yan", "zel", "zim",
];

/// Departments.
pub const DEPARTMENTS: &[&str] = &[
    "engineering",
    "sales",
    "finance",
    "people",
    "legal",
    "support",
    "marketing",
    "security",
    "data",
    "operations",
];

/// Kinds of credential. Those from the third on outlive a disabled account.
pub const CREDENTIALS: &[&str] = &["password", "mfa", "pat", "ssh_key", "api_key", "oauth_token", "cert"];

/// Roles of an entitlement.
pub const ROLES: &[&str] = &["read", "write", "admin", "owner"];

/// Without the marks on its letters.
pub fn ascii(text: &str) -> String {
    let plain = |letter| match letter {
        'ã' => 'a',
        'ë' | 'é' => 'e',
        'ç' => 'c',
        'ü' => 'u',
        'ø' | 'ö' => 'o',
        'ł' => 'l',
        other => other,
    };
    text.chars().map(plain).collect()
}

/// A family name.
pub fn family(rng: &mut Rng) -> String {
    let syllables = 2 + rng.below(2);
    (0..syllables).map(|_| SYLLABLES[rng.skew(SYLLABLES.len())]).collect()
}
