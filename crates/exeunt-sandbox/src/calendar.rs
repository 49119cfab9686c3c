//! The company's calendar: fixed instants, and the three days on which it can be visited.

use jiff::{Timestamp, tz::TimeZone};

/// A day on which the company can be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// The day before the leaver's last day: she works there and everything is in order.
    Before,
    /// A week after she left: the ticket says Done, and nine things are not.
    After,
    /// The day after the nine things were dealt with.
    Finished,
}

impl Phase {
    /// The instant at which this phase stands still.
    #[must_use]
    pub const fn now(self) -> Timestamp {
        match self {
            Self::Before => at(2026, 11, 12, 9, 0),
            Self::After => at(2026, 11, 20, 9, 0),
            Self::Finished => at(2026, 11, 21, 9, 0),
        }
    }

    /// Whether the leaver has left.
    #[must_use]
    pub fn has_left(self) -> bool {
        self != Self::Before
    }
}

/// A UTC instant from its civil date and time.
#[must_use]
pub const fn at(year: i64, month: i64, day: i64, hour: i64, minute: i64) -> Timestamp {
    // Days since 1970-01-01 with years that begin in March, so that the leap day is the last.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year - era * 400;
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    let days = era * 146_097 + day_of_era - 719_468;
    Timestamp::constant(days * 86_400 + hour * 3_600 + minute * 60, 0)
}

/// `instant` moved by whole days.
#[must_use]
pub fn shift(instant: Timestamp, days: i64) -> Timestamp {
    Timestamp::constant(instant.as_second() + days * 86_400, 0)
}

/// `instant` moved by minutes.
#[must_use]
pub fn shift_minutes(instant: Timestamp, minutes: i64) -> Timestamp {
    Timestamp::constant(instant.as_second() + minutes * 60, 0)
}

/// `2026-11-12T09:00:00Z`, as GitHub, AWS and SCIM write it.
#[must_use]
pub fn iso(instant: Timestamp) -> String {
    instant.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// `2026-11-12T09:00:00.000Z`, as Okta and Atlassian's organization API write it.
#[must_use]
pub fn iso_millis(instant: Timestamp) -> String {
    instant.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string()
}

/// `2026-11-12T09:00:00.000+0000`, as Jira writes it.
#[must_use]
pub fn jira(instant: Timestamp) -> String {
    instant.strftime("%Y-%m-%dT%H:%M:%S.000+0000").to_string()
}

/// `Thu, 12 Nov 2026 09:00:00 GMT`, for the `Date` header.
#[must_use]
pub fn http_date(instant: Timestamp) -> String {
    instant.to_zoned(TimeZone::UTC).strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A wrong calendar would put uses of a token on the wrong side of the departure.
    #[test]
    fn civil_dates_become_the_right_instants() {
        for text in ["2026-11-13T17:00:00Z", "2024-02-29T00:01:00Z", "1999-12-31T23:59:00Z"] {
            let expected: Timestamp = text.parse().expect("a timestamp");
            let zoned = expected.to_zoned(TimeZone::UTC);
            let built = at(
                zoned.year().into(),
                zoned.month().into(),
                zoned.day().into(),
                zoned.hour().into(),
                zoned.minute().into(),
            );
            assert_eq!(built, expected);
            assert_eq!(iso(built), text);
        }
    }
}
