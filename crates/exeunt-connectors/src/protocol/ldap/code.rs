//! What a directory's refusal means: LDAP result codes to reasons.

use exeunt_model::PartialReason;
use ldap3::{LdapError, LdapResult};

use crate::protocol::tls;

/// Why there is no answer: the reason, and words to follow "search under ...: ".
pub type Failure = (PartialReason, String);

/// What was attempted, since the same code means different things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempt {
    /// Connecting and switching to TLS.
    Connect,
    /// Signing in.
    Bind,
    /// Searching.
    Search,
}

/// The reason and what to do next, for a result code that is no success (RFC 4511 §4.1.9).
#[must_use]
pub fn meaning(code: u32, attempt: Attempt) -> (PartialReason, &'static str) {
    match (code, attempt) {
        (49 | 48 | 16 | 34, Attempt::Bind) => (
            PartialReason::Unauthorized,
            "the name or password was refused. Check `auth`, and that this account is not locked",
        ),
        // 389-DS says 53 to the bind of an inactivated account.
        (53, Attempt::Bind) => (
            PartialReason::Unauthorized,
            "the directory is unwilling to sign this account in. Check that it is active",
        ),
        (32, Attempt::Bind) => {
            (PartialReason::Unauthorized, "there is no such name to bind with. Correct `auth.dn`")
        }
        (8 | 13, _) => (
            PartialReason::Tls,
            "the directory demands an encrypted connection. Use ldaps:// or `tls.start_tls`",
        ),
        (49 | 48, _) => (PartialReason::Unauthorized, "the sign-in no longer holds. Check `auth`"),
        (50, _) => (
            PartialReason::Forbidden,
            "the account we read with may not see this. Grant it what the manifest's permission says",
        ),
        // Active Directory says 1 to a search without a bind.
        (1, Attempt::Search) => (
            PartialReason::ServerError,
            "the directory could not process the search. Check that the account may search here",
        ),
        (32, _) => (PartialReason::NotFound, "there is no such entry. Correct the base"),
        (3, _) => (
            PartialReason::TimedOut,
            "the directory's own time limit was reached. Ask for smaller pages, or have the limit raised",
        ),
        (4, _) => (
            PartialReason::PageCap,
            "the directory's size limit was reached, and the rest was not sent. Page the read, or have the limit raised for this account",
        ),
        (11, _) => (
            PartialReason::PageCap,
            "an administrative limit was reached, and the rest was not sent. Have it raised for this account",
        ),
        (51 | 52, _) => (PartialReason::ServerError, "the directory is busy or unavailable. Try again later"),
        (10, _) => (
            PartialReason::Redirected,
            "the directory points elsewhere, which is never followed. Read that server as a system of its own, or correct the base",
        ),
        (12, _) => (PartialReason::UnexpectedStatus, "the directory does not know paged results"),
        (53, _) => (
            PartialReason::UnexpectedStatus,
            "the directory is unwilling. Check what it allows this account to search",
        ),
        (16 | 17 | 18 | 21 | 34, _) => (
            PartialReason::SchemaChanged,
            "the directory's schema does not know what was asked for. Check the manifest's filter and attributes",
        ),
        (2, _) => (PartialReason::SchemaChanged, "the directory did not understand the request"),
        (80, _) => (PartialReason::ServerError, "the directory failed. See its own log"),
        _ => (PartialReason::UnexpectedStatus, "the directory refused in a way the connector does not know"),
    }
}

/// Nothing for a success, the failure for anything else.
///
/// # Errors
/// When the code is not 0.
pub fn check(result: &LdapResult, attempt: Attempt) -> Result<(), Failure> {
    if result.rc == 0 {
        return Ok(());
    }
    let (reason, next) = meaning(result.rc, attempt);
    let said = if result.text.is_empty() {
        String::new()
    } else {
        format!(" ({})", result.text.trim_end_matches('\0'))
    };
    Err((reason, format!("result code {}{said}: {next}", result.rc)))
}

/// The failure behind an error of the LDAP library.
#[must_use]
pub fn failure(error: &LdapError, attempt: Attempt) -> Failure {
    if let Some(words) = tls::failure_words(error) {
        return (PartialReason::Tls, words);
    }
    match error {
        LdapError::LdapResult { result } => match check(result, attempt) {
            Err(failure) => failure,
            Ok(()) => (PartialReason::UnexpectedStatus, "a success came as a failure".to_owned()),
        },
        LdapError::FilterParsing => (
            PartialReason::UnexpectedStatus,
            "the filter is not valid (RFC 4515), so nothing was sent. Correct the manifest".to_owned(),
        ),
        LdapError::DNSName { .. } => (
            PartialReason::Tls,
            "the host cannot be checked against a certificate. Use its name, or an IPv4 address".to_owned(),
        ),
        LdapError::Io { source } if attempt == Attempt::Connect => (
            PartialReason::Unreachable,
            format!(
                "no connection could be made ({source}). Check that the directory runs and is reachable from here"
            ),
        ),
        other => (
            PartialReason::Truncated,
            format!("the connection ended before the answer did ({other}). Try again later"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::{Attempt, meaning};
    use exeunt_model::PartialReason as R;

    /// Each code has its reason; a size limit taken for a success would be a short list.
    #[test]
    fn codes_have_their_reason() {
        let table = [
            (49, Attempt::Bind, R::Unauthorized),
            (53, Attempt::Bind, R::Unauthorized),
            (32, Attempt::Bind, R::Unauthorized),
            (8, Attempt::Bind, R::Tls),
            (13, Attempt::Bind, R::Tls),
            (49, Attempt::Search, R::Unauthorized),
            (50, Attempt::Search, R::Forbidden),
            (32, Attempt::Search, R::NotFound),
            (3, Attempt::Search, R::TimedOut),
            (4, Attempt::Search, R::PageCap),
            (11, Attempt::Search, R::PageCap),
            (51, Attempt::Search, R::ServerError),
            (52, Attempt::Search, R::ServerError),
            (10, Attempt::Search, R::Redirected),
            (53, Attempt::Search, R::UnexpectedStatus),
            (1, Attempt::Search, R::ServerError),
            (9999, Attempt::Search, R::UnexpectedStatus),
        ];
        for (code, attempt, want) in table {
            assert_eq!(meaning(code, attempt).0, want, "{code} {attempt:?}");
        }
    }
}
