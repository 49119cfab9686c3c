//! What secrets look like whose makers gave them a form of their own, so that they are found in any text.
//!
//! The forms of tokens are those rules of Gitleaks 8 (MIT licence, github.com/gitleaks/gitleaks) that need no word beside
//! the token; forms of password hashes and of credentials in addresses are added. An access key id of AWS is not a secret
//! but the name of one. A literal is looked for first, many at a time; only where one stands is the form compared.

use std::ops::Range;
use std::sync::{LazyLock, OnceLock};

use aho_corasick::packed::{Builder, Config, MatchKind, Searcher};
use memchr::{memchr2_iter, memrchr};
use regex::bytes::{Regex, RegexBuilder};

/// One form: a literal, how far before it the secret may begin, and the form. What a group holds is the secret; without
/// a group it is all.
struct Shape {
    literal: &'static str,
    back: usize,
    form: &'static str,
    compiled: OnceLock<Option<Regex>>,
}

const fn at(literal: &'static str, form: &'static str) -> Shape {
    around(literal, 0, form)
}

const fn around(literal: &'static str, back: usize, form: &'static str) -> Shape {
    Shape { literal, back, form, compiled: OnceLock::new() }
}

/// Tokens of GitLab: of people, deployments, runners, jobs, feeds, mail, agents, SCIM, applications and triggers.
const GITLAB: &str = r"gl(?:pat|dt|rtr?|cbt|ft|imt|agent|soat|oas|ffct|ptt)-(?:[0-9a-zA-Z]{1,5}_)?[\w-]{20,}(?:\.[0-9a-z]{9})?";
/// Password hashes of directories (RFC 2307 and what followed it).
const DIRECTORY: &str = r"\{(?:S?SHA(?:256|384|512)?|S?MD5|CRYPT|PBKDF2[\w-]*|ARGON2)\}[^\s\x22'<]{8,}";
/// Password hashes of Unix (crypt(5)).
const UNIX: &str = r"\$(?:[156y]|2[aby])\$[./A-Za-z0-9=]{1,40}\$?[$./A-Za-z0-9]{20,}";
/// What a value in an address or a form may consist of.
const VALUE: &str = r"([^\s&\x22'<>#\\]{8,})";

/// Compared at once by the processor (Teddy), which takes at most 64 literals.
static TOKENS: [Shape; 61] = [
    at("ghp_", "ghp_[0-9a-zA-Z]{36,}"),
    at("gho_", "gho_[0-9a-zA-Z]{36,}"),
    at("ghu_", "ghu_[0-9a-zA-Z]{36,}"),
    at("ghs_", r"ghs_[0-9a-zA-Z._-]{36,}"),
    at("ghr_", "ghr_[0-9a-zA-Z]{36,}"),
    at("github_pat_", r"github_pat_\w{82}"),
    at("glpat-", GITLAB),
    at("gldt-", GITLAB),
    at("glrt", GITLAB),
    at("glcbt-", GITLAB),
    at("glft-", GITLAB),
    at("glimt-", GITLAB),
    at("glagent-", GITLAB),
    at("glsoat-", GITLAB),
    at("gloas-", GITLAB),
    at("glffct-", GITLAB),
    at("glptt-", GITLAB),
    at("GR1348941", r"GR1348941[\w-]{20}"),
    at("_gitlab_session=", "_gitlab_session=([0-9a-z]{32})"),
    at("xox", r"xox[a-z](?:\.xox[bp])?-[0-9a-zA-Z-]{10,}"),
    at("xapp-", r"xapp-\d-[A-Za-z0-9]+-\d+-[a-z0-9]+"),
    at("hooks.slack.com/", r"hooks\.slack\.com/(?:services|workflows|triggers)/([A-Za-z0-9+/]{20,})"),
    at(".webhook.office.com/", r"\.webhook\.office\.com/webhookb2/([^\s\x22'<>]{40,})"),
    at("/api/webhooks/", r"/api/webhooks/\d{15,}/([\w-]{60,})"),
    at("/hooks/", r"/hooks/([a-z0-9]{26})\b"),
    at("ATATT3", r"ATATT3[\w=-]{60,}"),
    at("ATCTT3", r"ATCTT3[\w=-]{60,}"),
    at("ATBB", "ATBB[A-Za-z0-9]{28,}"),
    at("eyJ", r"eyJ[\w-]{14,}\.[\w-]{14,}\.[\w-]*"),
    at(
        "-----BEGIN",
        r"-----BEGIN[ A-Z0-9_-]{0,100}PRIVATE KEY(?: BLOCK)?-----(?s:.*?)(?:-----END[ A-Z0-9_-]{0,100}PRIVATE KEY(?: BLOCK)?-----|\z)",
    ),
    at("b3BlbnNzaC1rZXktdjE", r"b3BlbnNzaC1rZXktdjE[A-Za-z0-9+/=\s]{40,}"),
    at("AGE-SECRET-KEY-1", "AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}"),
    at("sk-ant-", r"sk-ant-[a-zA-Z0-9]{3,10}-[\w-]{80,}"),
    around("T3BlbkFJ", 90, r"sk-(?:(?:proj|svcacct|admin)-)?[\w-]{20,74}T3BlbkFJ[\w-]{20,74}"),
    at("AIza", r"AIza[\w-]{35}"),
    at("ya29.", r"ya29\.[\w-]{30,}"),
    at("GOCSPX-", r"GOCSPX-[\w-]{28}"),
    at("1//0", r"1//0[\w-]{40,}"),
    at("bedrock-api-key-", "bedrock-api-key-[A-Za-z0-9+/]{40,}={0,2}"),
    at("ABSK", "ABSK[A-Za-z0-9+/]{109,269}={0,2}"),
    around("7Q~", 3, r"[\w~.]{3}7Q~[\w~.-]{31,34}"),
    around("8Q~", 3, r"[\w~.]{3}8Q~[\w~.-]{31,34}"),
    around("9Q~", 3, r"[\w~.]{3}9Q~[\w~.-]{31,34}"),
    at("npm_", "npm_[a-zA-Z0-9]{36}"),
    at("pypi-AgE", r"pypi-AgE[\w-]{50,1000}"),
    at("hvs.", r"hvs\.[\w-]{24,}"),
    at("hvb.", r"hvb\.[\w-]{100,}"),
    around(".atlasv1.", 14, r"[A-Za-z0-9]{14}\.atlasv1\.[\w=-]{60,70}"),
    at("syt_", r"syt_[A-Za-z0-9+/=]+_[A-Za-z]{20}_[0-9A-Za-z]{6}"),
    at("dapi", r"dapi[a-f0-9]{32}(?:-\d)?"),
    around("_v1_", 3, "do[opr]_v1_[a-f0-9]{64}"),
    at("hf_", "hf_[a-zA-Z]{34}"),
    at("glsa_", "glsa_[A-Za-z0-9]{32}_[A-Fa-f0-9]{8}"),
    at("lin_api_", "lin_api_[a-zA-Z0-9]{40}"),
    at("PMAK-", "PMAK-[a-fA-F0-9]{24}-[a-fA-F0-9]{34}"),
    at("SG.", r"SG\.[\w=.-]{60,}"),
    at("sha256~", r"sha256~[\w-]{43}"),
    at("shp", "shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}"),
    around("_live_", 2, "[sr]k_live_[a-zA-Z0-9]{10,99}"),
    around("_test_", 2, "[sr]k_test_[a-zA-Z0-9]{10,99}"),
    at("whsec_", "whsec_[A-Za-z0-9+/=]{24,}"),
];

/// Hashes of passwords, and what stands in addresses and headers.
static PLACES: [Shape; 26] = [
    at("$2a$", UNIX),
    at("$2b$", UNIX),
    at("$2y$", UNIX),
    at("$6$", UNIX),
    at("$5$", UNIX),
    at("$1$", UNIX),
    at("$y$", UNIX),
    at("$argon2", r"\$argon2(?:id|i|d)\$[^\s\x22'<]{20,}"),
    at("pbkdf2_sha", r"pbkdf2_sha\d+\$\d+\$[^\s\x22'<$]+\$[A-Za-z0-9+/=]{20,}"),
    at("SCRAM-SHA-256$", r"SCRAM-SHA-256\$\d+:[A-Za-z0-9+/=]+\$[A-Za-z0-9+/=]+:[A-Za-z0-9+/=]+"),
    at("md5", r"md5[0-9a-f]{32}\b"),
    at("{SSHA", DIRECTORY),
    at("{SHA", DIRECTORY),
    at("{SMD5", DIRECTORY),
    at("{MD5", DIRECTORY),
    at("{CRYPT}", DIRECTORY),
    at("{PBKDF2", DIRECTORY),
    at("{ARGON2}", DIRECTORY),
    around("earer ", 1, r"[Bb]earer ([\w.~+/=-]{16,})"),
    at("Basic ", r"Basic ([A-Za-z0-9+/]{16,}={0,2})"),
    around(
        "token=",
        10,
        r"(?:[?&;\s\x22']|\A)(?:(?:access|auth|api|private|refresh|id|session)_?)?token=VALUE",
    ),
    around("secret=", 8, r"(?:[?&;\s\x22']|\A)(?:client_)?secret=VALUE"),
    around("assword=", 2, r"(?:[?&;\s\x22']|\A)[Pp]assword=VALUE"),
    around("_key=", 12, r"(?:[?&;\s\x22']|\A)(?:api|access|private|secret|subscription)_key=VALUE"),
    around("sig=", 1, r"[?&]sig=([\w%+/=-]{20,})"),
    around("ignature=", 7, r"(?:X-Amz-|X-Goog-)S?ignature=([0-9a-f]{40,})"),
];

static SEARCHERS: LazyLock<Vec<(Literals, &'static [Shape])>> = LazyLock::new(|| {
    let groups: [&'static [Shape]; 2] = [&TOKENS, &PLACES];
    groups
        .into_iter()
        .map(|shapes| (Literals::of(shapes.iter().map(|s| s.literal.as_bytes())), shapes))
        .collect()
});

/// Many literals, looked for at once.
pub(super) enum Literals {
    /// By comparing several places at a time.
    Packed(Searcher),
    /// Where the processor cannot.
    Plain(aho_corasick::AhoCorasick),
    /// None to look for.
    None,
}

impl Literals {
    pub(super) fn of<'l>(literals: impl Iterator<Item = &'l [u8]> + Clone) -> Self {
        let mut builder: Builder = Config::new().match_kind(MatchKind::LeftmostFirst).builder();
        if let Some(searcher) = builder.extend(literals.clone()).build() {
            return Self::Packed(searcher);
        }
        aho_corasick::AhoCorasick::new(literals).map_or(Self::None, Self::Plain)
    }

    /// The first literal from a place on: which, and where it begins.
    pub(super) fn find(&self, text: &[u8], from: usize) -> Option<(usize, usize)> {
        let found = match self {
            Self::Packed(searcher) => searcher.find_in(text, (from..text.len()).into()),
            Self::Plain(automaton) => automaton.find(aho_corasick::Input::new(text).range(from..)),
            Self::None => None,
        }?;
        Some((found.pattern().as_usize(), found.start()))
    }
}

impl Shape {
    /// The secret, if the form stands around this place.
    fn secret(&self, text: &[u8], place: usize) -> Option<Range<usize>> {
        let compiled = self.compiled.get_or_init(|| {
            let form = self.form.replace("VALUE", VALUE);
            let form = if self.back == 0 { format!(r"\A(?:{form})") } else { form };
            RegexBuilder::new(&form).unicode(false).build().ok()
        });
        let from = place.saturating_sub(self.back);
        let found = compiled.as_ref()?.captures(&text[from..])?;
        let whole = found.get(0)?;
        if whole.start() + from > place {
            return None;
        }
        let secret = found.get(1).unwrap_or(whole);
        Some(from + secret.start()..from + secret.end())
    }
}

/// Adds where secrets of a known form stand.
pub(super) fn find(text: &[u8], found: &mut Vec<Range<usize>>) {
    for (literals, shapes) in &*SEARCHERS {
        let mut from = 0;
        while let Some((which, place)) = literals.find(text, from) {
            from = place + 1;
            if let Some(secret) = shapes[which].secret(text, place) {
                from = from.max(secret.end);
                found.push(secret);
            }
        }
    }
    for place in memchr2_iter(b'@', b'*', text) {
        found.extend(if text[place] == b'@' { userinfo(text, place) } else { mysql(text, place) });
    }
}

/// The password in an address (`scheme://user:password@host`), or what stands in its place.
fn userinfo(text: &[u8], at: usize) -> Option<Range<usize>> {
    const LONGEST: usize = 512;
    let window = &text[at.saturating_sub(LONGEST)..at];
    let slash = memrchr(b'/', window)?;
    let before = window[..slash].strip_suffix(b":/")?;
    before.last().filter(|byte| byte.is_ascii_alphanumeric())?;
    let info = &window[slash + 1..];
    let ends = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'<' | b'>' | b'?' | b'#');
    if info.iter().any(ends) {
        return None;
    }
    let colon = info.iter().position(|byte| *byte == b':')?;
    (colon + 1 < info.len()).then(|| at - info.len() + colon + 1..at)
}

/// A password hash of MySQL: an asterisk and 40 capital hexadecimal digits.
fn mysql(text: &[u8], at: usize) -> Option<Range<usize>> {
    const DIGITS: usize = 40;
    let digits = text.get(at + 1..=at + DIGITS)?;
    let hexadecimal = |byte: &u8| byte.is_ascii_digit() || (b'A'..=b'F').contains(byte);
    digits.iter().all(hexadecimal).then_some(at..at + 1 + DIGITS)
}

#[cfg(test)]
mod tests {
    use super::{Literals, PLACES, SEARCHERS, TOKENS};

    /// A form that does not compile would find nothing, and nobody would know; literals that the processor cannot
    /// compare would make every collection slow.
    #[test]
    fn every_form_compiles_and_all_literals_are_compared_at_once() {
        for shape in TOKENS.iter().chain(&PLACES) {
            shape.secret(b"nothing", 0);
            assert!(shape.compiled.get().is_some_and(Option::is_some), "{}", shape.form);
        }
        if cfg!(target_arch = "x86_64") {
            assert!(SEARCHERS.iter().all(|(literals, _)| matches!(literals, Literals::Packed(_))));
        }
    }
}
