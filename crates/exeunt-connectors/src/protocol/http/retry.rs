//! What a refusal asks of us: whether to wait, and how long.
//!
//! Pure: status, headers and the time in, a wait out.

use std::collections::BTreeMap;

use exeunt_model::manifest::ThrottleRule;
use exeunt_model::{Duration, Timestamp};

/// Response headers, names in lower case.
pub type Headers = BTreeMap<String, String>;

/// Whether a status may mean that the system failed for a moment.
#[must_use]
pub const fn may_pass(status: u16) -> bool {
    matches!(status, 500 | 502 | 503 | 504)
}

/// Whether an answer says "too fast".
///
/// 429 always does. The manifest's other statuses (403 at GitHub) only do with a sign of it, a
/// `Retry-After` or an exhausted quota: the same status without one is a refusal, and waiting
/// for a permission to appear would only delay saying so.
#[must_use]
pub fn is_throttled(status: u16, headers: &Headers, rule: &ThrottleRule) -> bool {
    status == 429
        || (rule.statuses.contains(&status)
            && (headers.contains_key("retry-after") || is_exhausted(headers, rule)))
}

/// Whether the quota is used up.
#[must_use]
pub fn is_exhausted(headers: &Headers, rule: &ThrottleRule) -> bool {
    header(headers, rule.remaining.as_deref()).is_some_and(|left| left.parse::<f64>() == Ok(0.0))
}

/// The wait that the system itself asks for.
#[must_use]
pub fn asked(headers: &Headers, rule: &ThrottleRule, now: Timestamp) -> Option<Duration> {
    let after = headers.get("retry-after").and_then(|text| parse_wait(text, headers, now));
    after.or_else(|| until_reset(headers, rule, now))
}

/// The wait until the quota is full again.
#[must_use]
pub fn until_reset(headers: &Headers, rule: &ThrottleRule, now: Timestamp) -> Option<Duration> {
    header(headers, rule.reset.as_deref()).and_then(|text| parse_wait(text, headers, now))
}

/// The wait before try `tries + 1` when nothing was asked for: 1, 2, 4, 8 ... up to 30 seconds.
///
/// There is no jitter. It exists to keep many clients from trying again at the same moment; ours
/// are few, already held apart by the system's own concurrency and rate limits, and runs that
/// take the same steps each time can be tested and compared.
#[must_use]
pub fn backoff(tries: u32) -> Duration {
    Duration::from_secs(1_i64 << tries.saturating_sub(1).min(5)).min(Duration::from_secs(30))
}

/// The server's `Date`.
#[must_use]
pub fn server_date(headers: &Headers) -> Option<Timestamp> {
    headers.get("date").and_then(|text| http_date(text))
}

fn header<'a>(headers: &'a Headers, name: Option<&str>) -> Option<&'a str> {
    headers.get(&name?.to_ascii_lowercase()).map(|value| value.trim())
}

/// Seconds from now, seconds (or milliseconds) since 1970, an ISO 8601 time or an HTTP date.
///
/// A point in time is taken relative to the server's `Date` where it gives one: it is the
/// server's clock that decides when the quota is full.
fn parse_wait(text: &str, headers: &Headers, now: Timestamp) -> Option<Duration> {
    /// Sept 2001 in seconds; no system asks for a wait of 31 years.
    const EPOCH_SECONDS: f64 = 1e9;
    /// The same in milliseconds, and the year 33658 in seconds.
    const EPOCH_MILLISECONDS: f64 = 1e12;
    let text = text.trim();
    let at = match text.parse::<f64>() {
        Ok(number) if !number.is_finite() || number < 0.0 => return None,
        Ok(number) if number >= EPOCH_MILLISECONDS => {
            Timestamp::UNIX_EPOCH.checked_add(Duration::try_from_secs_f64(number / 1e3).ok()?).ok()?
        }
        Ok(number) if number >= EPOCH_SECONDS => {
            Timestamp::UNIX_EPOCH.checked_add(Duration::try_from_secs_f64(number).ok()?).ok()?
        }
        Ok(number) => return Duration::try_from_secs_f64(number).ok(),
        Err(_) => text.parse::<Timestamp>().ok().or_else(|| http_date(text))?,
    };
    let from = server_date(headers).unwrap_or(now);
    Some(at.duration_since(from).max(Duration::ZERO))
}

/// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 §5.6.7, the form that is still sent).
fn http_date(text: &str) -> Option<Timestamp> {
    jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text.trim()).ok()
}

#[cfg(test)]
mod tests {
    use super::{Headers, asked, backoff, is_throttled, until_reset};
    use exeunt_model::manifest::ThrottleRule;
    use exeunt_model::{Duration, Timestamp};

    fn headers(pairs: &[(&str, &str)]) -> Headers {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    fn rule() -> ThrottleRule {
        ThrottleRule {
            statuses: vec![403],
            remaining: Some("X-RateLimit-Remaining".to_owned()),
            reset: Some("X-RateLimit-Reset".to_owned()),
            ..ThrottleRule::default()
        }
    }

    fn now() -> Timestamp {
        "2026-11-24T04:00:00Z".parse().expect("a time")
    }

    /// Every form a vendor writes its wait in is obeyed; a form not understood would end reads
    /// that only had to wait.
    #[test]
    fn every_form_of_wait_is_understood() {
        let table = [
            (headers(&[("retry-after", "7")]), Some(7)),
            (headers(&[("retry-after", "0")]), Some(0)),
            (headers(&[("retry-after", "Tue, 24 Nov 2026 04:00:30 GMT")]), Some(30)),
            (headers(&[("retry-after", "Tue, 24 Nov 2026 03:00:00 GMT")]), Some(0)),
            // The server's own clock is a minute ahead of ours.
            (
                headers(&[
                    ("retry-after", "Tue, 24 Nov 2026 04:01:30 GMT"),
                    ("date", "Tue, 24 Nov 2026 04:01:00 GMT"),
                ]),
                Some(30),
            ),
            (headers(&[("x-ratelimit-reset", "1795492830")]), Some(30)),
            (headers(&[("x-ratelimit-reset", "1795492830000")]), Some(30)),
            (headers(&[("x-ratelimit-reset", "45")]), Some(45)),
            (headers(&[("x-ratelimit-reset", "2026-11-24T04:02:00Z")]), Some(120)),
            (headers(&[("x-ratelimit-reset", "2026-11-24T05:02:00+01:00")]), Some(120)),
            (headers(&[("retry-after", "3"), ("x-ratelimit-reset", "45")]), Some(3)),
            (headers(&[("retry-after", "soon")]), None),
            (headers(&[("retry-after", "-5")]), None),
            (headers(&[]), None),
        ];
        for (headers, want) in table {
            assert_eq!(asked(&headers, &rule(), now()), want.map(Duration::from_secs), "{headers:?}");
        }
        assert_eq!(
            until_reset(&headers(&[("x-ratelimit-reset", "5")]), &ThrottleRule::default(), now()),
            None
        );
    }

    /// A missing permission must be reported at once, not after a quarter of an hour of waiting.
    #[test]
    fn a_403_is_throttling_only_with_a_sign_of_it() {
        let table = [
            (429, headers(&[]), true),
            (403, headers(&[]), false),
            (403, headers(&[("x-ratelimit-remaining", "17")]), false),
            (403, headers(&[("x-ratelimit-remaining", "0")]), true),
            (403, headers(&[("retry-after", "60")]), true),
            (401, headers(&[("x-ratelimit-remaining", "0")]), false),
        ];
        for (status, headers, want) in table {
            assert_eq!(is_throttled(status, &headers, &rule()), want, "{status} {headers:?}");
        }
    }

    /// Waits grow and stay bounded.
    #[test]
    fn backoff_doubles_up_to_thirty_seconds() {
        let seconds: Vec<i64> = (1..=8).map(|tries| backoff(tries).as_secs()).collect();
        assert_eq!(seconds, [1, 2, 4, 8, 16, 30, 30, 30]);
        assert_eq!(backoff(u32::MAX).as_secs(), 30);
    }
}
