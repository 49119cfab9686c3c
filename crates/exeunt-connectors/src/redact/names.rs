//! Fields whose text is a secret whatever it looks like: those with a usual name, and those a manifest names.

use std::sync::LazyLock;

use super::shapes::Literals;

/// The ends of usual names, in lower case and without separators.
const ENDS: [&str; 21] = [
    "password",
    "passwd",
    "unicodepwd",
    "passphrase",
    "secret",
    "secretrotated",
    "secretid",
    "secretkey",
    "secretaccesskey",
    "secretdata",
    "secrethash",
    "passwordhash",
    "privatekey",
    "apikey",
    "signingkey",
    "encryptionkey",
    "authorization",
    "authorizationheader",
    "authenticationstring",
    "setcookie",
    "connectionstring",
];

/// Tokens are named in full: most fields that end so hold a place in a listing.
const TOKENS: [&str; 21] = [
    "token",
    "accesstoken",
    "refreshtoken",
    "idtoken",
    "authtoken",
    "authenticationtoken",
    "apitoken",
    "bearertoken",
    "sessiontoken",
    "privatetoken",
    "personaltoken",
    "securitytoken",
    "clienttoken",
    "runnertoken",
    "runnerstoken",
    "invitetoken",
    "feedtoken",
    "triggertoken",
    "verificationtoken",
    "registrationtoken",
    "registrationaccesstoken",
];

/// How usual names end as they are written, with the quotation mark behind them. Where one stands, the name is compared.
const WRITTEN: [&str; 36] = [
    "word\"",
    "WORD\"",
    "sswd\"",
    "SSWD\"",
    "Pwd\"",
    "pwd\"",
    "PWD\"",
    "hrase\"",
    "HRASE\"",
    "cret\"",
    "CRET\"",
    "otated\"",
    "OTATED\"",
    "retId\"",
    "retid\"",
    "ret_id\"",
    "ret-id\"",
    "ret.id\"",
    "RET_ID\"",
    "key\"",
    "Key\"",
    "KEY\"",
    "data\"",
    "Data\"",
    "DATA\"",
    "hash\"",
    "Hash\"",
    "HASH\"",
    "orization\"",
    "ORIZATION\"",
    "eader\"",
    "EADER\"",
    "tring\"",
    "TRING\"",
    "ookie\"",
    "OOKIE\"",
];

/// As [`WRITTEN`], for tokens; apart, so that each list stays below what the processor compares at once.
const WRITTEN_TOKENS: [&str; 2] = ["oken\"", "OKEN\""];

static LITERALS: LazyLock<Literals> =
    LazyLock::new(|| Literals::of(WRITTEN.iter().chain(&WRITTEN_TOKENS).map(|literal| literal.as_bytes())));

/// The fields of one read that hold secrets, besides the usual ones.
#[derive(Debug, Clone, Default)]
pub struct Named(Vec<Vec<String>>);

impl Named {
    /// From a manifest: names of fields, dots descending (`config.token`), wherever they stand.
    pub fn new<'n>(names: impl IntoIterator<Item = &'n String>) -> Self {
        Self(names.into_iter().map(|name| name.split('.').map(str::to_owned).collect()).collect())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether what stands under these keys, outermost first, is a secret.
    pub(super) fn holds(&self, path: &[String]) -> bool {
        path.last().is_some_and(|name| usual(name)) || self.0.iter().any(|named| path.ends_with(named))
    }
}

/// Whether a field of this name usually holds a secret.
pub(super) fn usual(name: &str) -> bool {
    const LONGEST: usize = 64;
    if name.len() > LONGEST {
        return false;
    }
    let plain: String =
        name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    TOKENS.contains(&plain.as_str()) || ENDS.iter().any(|end| plain.ends_with(end))
}

/// Whether a JSON text may have a field of a usual name. What is written with escapes is not seen here.
pub(super) fn perhaps(text: &[u8]) -> bool {
    let mut from = 0;
    while let Some((which, place)) = LITERALS.find(text, from) {
        let end =
            place + WRITTEN.iter().chain(&WRITTEN_TOKENS).nth(which).map_or(1, |literal| literal.len()) - 1;
        let begin = memchr::memrchr(b'"', &text[..end]).map_or(0, |quote| quote + 1);
        if std::str::from_utf8(&text[begin..end]).is_ok_and(usual) {
            return true;
        }
        from = place + 1;
    }
    false
}

/// Words that stand where a secret would and are none: whether one is set, or that it is not shown.
pub(super) fn is_no_secret(text: &str) -> bool {
    const WORDS: [&str; 16] = [
        "",
        "set",
        "unset",
        "none",
        "null",
        "nil",
        "true",
        "false",
        "yes",
        "no",
        "locked",
        "expired",
        "hidden",
        "redacted",
        "[redacted]",
        "<redacted>",
    ];
    WORDS.contains(&text.to_ascii_lowercase().as_str())
        || text.chars().all(|c| matches!(c, '*' | '•' | '.' | '-' | 'x' | 'X' | '!'))
}

#[cfg(test)]
mod tests {
    use super::{ENDS, TOKENS, perhaps, usual};

    /// A name that is known and not looked for would let its secret pass.
    #[test]
    fn every_usual_name_is_looked_for_as_it_is_written() {
        let words = [
            "access",
            "passphrase",
            "password",
            "passwd",
            "pass",
            "private",
            "secret",
            "api",
            "auth",
            "bearer",
            "key",
            "signing",
            "encryption",
            "authorization",
            "authentication",
            "connection",
            "set",
            "cookie",
            "string",
            "hash",
            "header",
            "data",
            "unicode",
            "pwd",
            "token",
            "rotated",
            "refresh",
            "session",
            "personal",
            "security",
            "client",
            "runners",
            "runner",
            "invite",
            "feed",
            "trigger",
            "verification",
            "registration",
            "id",
        ];
        for name in ENDS.iter().chain(&TOKENS) {
            let mut rest = *name;
            let mut parts = Vec::new();
            while !rest.is_empty() {
                let word = words.iter().filter(|word| rest.starts_with(**word)).max_by_key(|word| word.len());
                let word = word.unwrap_or_else(|| panic!("{name}: {rest}"));
                parts.push(*word);
                rest = &rest[word.len()..];
            }
            let capital = |word: &&str| format!("{}{}", word[..1].to_uppercase(), &word[1..]);
            let pascal: String = parts.iter().map(capital).collect();
            let forms = [
                parts.join("_"),
                parts.join("-"),
                parts.join("."),
                parts.concat(),
                parts.join("_").to_uppercase(),
                format!("{}{}", &parts[0][..1], &pascal[1..]),
                pascal,
            ];
            for form in forms {
                assert!(usual(&form), "{form}");
                assert!(perhaps(format!("{{\"a\":1,\"{form}\":\"x\"}}").as_bytes()), "{form}");
            }
        }
        for other in
            ["nextPageToken", "token_type", "description", "key", "public_key", "NextToken", "token_id"]
        {
            assert!(!usual(other), "{other}");
        }
    }
}
