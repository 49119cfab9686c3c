//! The filters that manifests may use beside those of jq and that need more than jq: times and
//! addresses. Each gives null on null, and an error on what it cannot read.

use jaq_core::native::{Fun, bome, run, v};
use jaq_json::{Num, Val, ValR};
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::Data;

type Error = jaq_core::Error<Val>;

/// Vendors write "never" as a date that nobody will see.
const NEVER_FROM_YEAR: i16 = 9000;
/// 1970-01-01 in units of 100 ns since 1601-01-01, where Windows times begin.
const FILETIME_1970: i128 = 116_444_736_000_000_000;

/// All of them.
pub(super) fn all() -> impl Iterator<Item = Fun<Data>> {
    [
        ("iso", v(0), (|cv| bome(text_or_null(&cv.1, "iso", iso))) as jaq_core::RunPtr<Data>),
        ("epoch_s", v(0), |cv| bome(epoch(&cv.1, 1))),
        ("epoch_ms", v(0), |cv| bome(epoch(&cv.1, 1000))),
        ("ldap_time", v(0), |cv| bome(text_or_null(&cv.1, "ldap_time", ldap_time))),
        ("lower", v(0), |cv| {
            bome(text_or_null(&cv.1, "lower", |text| Some(Given::Text(text.to_lowercase()))))
        }),
        ("host_of", v(0), |cv| bome(text_or_null(&cv.1, "host_of", host_of))),
        ("ssh_fingerprint", v(0), |cv| bome(text_or_null(&cv.1, "ssh_fingerprint", ssh_fingerprint))),
    ]
    .map(run::<Data>)
    .into_iter()
}

/// What a text was read as.
enum Given {
    /// This.
    Text(String),
    /// A way to write "never" or "none".
    Nothing,
}

/// `None` from `read` is an error.
fn text_or_null(value: &Val, name: &str, read: fn(&str) -> Option<Given>) -> ValR {
    let given = match value {
        Val::Null => return Ok(Val::Null),
        Val::TStr(bytes) => std::str::from_utf8(bytes).ok().map(str::to_owned),
        Val::Num(number) => Some(number.to_string()),
        _ => None,
    };
    match given.as_deref().and_then(read) {
        Some(Given::Text(text)) => Ok(Val::from(text)),
        Some(Given::Nothing) => Ok(Val::Null),
        None => Err(Error::str(format_args!("`{name}` cannot read this value"))),
    }
}

fn shown(time: Timestamp) -> Given {
    let year = TimeZone::UTC.to_datetime(time).year();
    if year < NEVER_FROM_YEAR { Given::Text(time.to_string()) } else { Given::Nothing }
}

fn iso(text: &str) -> Option<Given> {
    let text = text.trim();
    if text.is_empty() || text.ends_with("infinity") {
        return Some(Given::Nothing);
    }
    // The end of time cannot be a timestamp west of Greenwich, and means "never" anyway.
    if text.starts_with("9999-") {
        return Some(Given::Nothing);
    }
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(shown(time));
    }
    let bare = text.trim_end_matches("UTC").trim_end_matches("GMT").trim_end();
    let civil = bare
        .parse::<DateTime>()
        .or_else(|_| bare.parse::<Date>().map(|date| date.to_datetime(jiff::civil::Time::midnight())))
        .ok()?;
    civil.to_zoned(TimeZone::UTC).ok().map(|zoned| shown(zoned.timestamp()))
}

fn epoch(value: &Val, per_second: i64) -> ValR {
    let number = match value {
        Val::Null => return Ok(Val::Null),
        Val::Num(Num::Int(n)) => i64::try_from(*n).ok(),
        Val::Num(other) => seconds_with_fraction(&other.to_string(), per_second),
        Val::TStr(bytes) => {
            let text = std::str::from_utf8(bytes).unwrap_or_default();
            if text.is_empty() {
                return Ok(Val::Null);
            }
            text.parse().ok().or_else(|| seconds_with_fraction(text, per_second))
        }
        _ => None,
    };
    let time = number.and_then(|number| {
        if per_second == 1 { Timestamp::from_second(number) } else { Timestamp::from_millisecond(number) }
            .ok()
    });
    match time {
        Some(time) => match shown(time) {
            Given::Text(text) => Ok(Val::from(text)),
            Given::Nothing => Ok(Val::Null),
        },
        None => Err(Error::str(format_args!("this is no time since 1970"))),
    }
}

/// `1700000000.000100`, as chat systems write; the fraction is an ordinal there, not time.
fn seconds_with_fraction(text: &str, per_second: i64) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = fraction.bytes().all(|b| b.is_ascii_digit());
    if per_second == 1 && digits { whole.parse().ok() } else { None }
}

/// RFC 4517 generalized time, or the 100 ns units since 1601 of Active Directory.
fn ldap_time(text: &str) -> Option<Given> {
    // 0 and the largest number are "never"; year 0 is how a permanent lock is written.
    if matches!(text, "" | "0" | "-1" | "9223372036854775807") || text.starts_with("0000") {
        return Some(Given::Nothing);
    }
    if text.len() >= 16 && text.bytes().all(|b| b.is_ascii_digit()) {
        let ticks = text.parse::<i128>().ok()? - FILETIME_1970;
        return Timestamp::from_nanosecond(ticks * 100).ok().map(shown);
    }
    let end = text.find(|c: char| !c.is_ascii_digit())?;
    let (digits, rest) = text.split_at(end);
    let part = |from: usize, to: usize| digits.get(from..to).map_or(Some(0), |d| d.parse::<i8>().ok());
    let year = digits.get(0..4)?.parse::<i16>().ok()?;
    let civil =
        DateTime::new(year, part(4, 6)?, part(6, 8)?, part(8, 10)?, part(10, 12)?, part(12, 14)?, 0).ok()?;
    let zone = rest.trim_start_matches(|c: char| c == '.' || c == ',' || c.is_ascii_digit());
    let time = civil.to_zoned(TimeZone::UTC).ok()?.timestamp();
    Some(shown(time.checked_sub(offset(zone)?).ok()?))
}

fn offset(zone: &str) -> Option<SignedDuration> {
    if zone == "Z" {
        return Some(SignedDuration::ZERO);
    }
    let sign = match zone.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let hours = zone.get(1..3)?.parse::<i64>().ok()?;
    let minutes = zone.get(3..5).map_or(Some(0), |m| m.parse().ok())?;
    Some(SignedDuration::from_secs(sign * (hours * 3600 + minutes * 60)))
}

/// `SHA256:…` of a public key's line or base64, as OpenSSH writes it; null on what is no key.
#[expect(clippy::unnecessary_wraps, reason = "it is one of the table's functions")]
fn ssh_fingerprint(text: &str) -> Option<Given> {
    Some(crate::protocol::ssh::fingerprint(text).map_or(Given::Nothing, Given::Text))
}

fn host_of(text: &str) -> Option<Given> {
    if text.is_empty() {
        return Some(Given::Nothing);
    }
    let parsed = url::Url::parse(text).or_else(|_| url::Url::parse(&format!("https://{text}"))).ok()?;
    parsed.host_str().map(|host| Given::Text(host.to_ascii_lowercase()))
}
