//! What a refusal of MySQL or MariaDB means: its error number to a reason. Its SQLSTATE is too coarse: 42000 is
//! a mistyped statement as well as a missing right.

use std::error::Error;

use sqlx::mysql::MySqlDatabaseError;

use exeunt_model::PartialReason;

use super::Failure;
use crate::protocol::tls;

/// The reason and what to do next, for an error number.
fn meaning(number: u16) -> (PartialReason, &'static str) {
    match number {
        1045 | 1698 | 1130 | 1524 | 1862 | 3118 | 3955 | 4151 => (
            PartialReason::Unauthorized,
            "the user, its password, or the host it comes from was refused. Check `auth`, and that the account is not locked or expired",
        ),
        1044 | 1142 | 1143 | 1227 | 1370 | 1345 | 1419 => (
            PartialReason::Forbidden,
            "the user may not read this. Grant what the manifest's permission says",
        ),
        1049 => (PartialReason::NotFound, "there is no such database. Correct `auth.database`"),
        1969 | 3024 | 1317 => (
            PartialReason::TimedOut,
            "the statement ran longer than allowed and was stopped. Raise `client.timeout` in the manifest if the database is well",
        ),
        1146 | 1054 | 1109 | 1305 | 1128 | 1193 => (
            PartialReason::SchemaChanged,
            "the database has no such table, column or function. Check its version against the manifest: MariaDB and MySQL differ",
        ),
        1064 | 1149 | 1235 => (
            PartialReason::SchemaChanged,
            "the database does not understand the statement. Check its version against the manifest: MariaDB and MySQL differ",
        ),
        1792 | 1290 => (
            PartialReason::UnexpectedStatus,
            "the statement tried to write, which a read never may. Correct the manifest",
        ),
        1040 | 1203 | 1226 | 1041 | 1037 | 1038 => {
            (PartialReason::ServerError, "the database lacks memory or connections. Try again later")
        }
        1053 | 1077 | 1079 | 1129 | 1205 | 1213 => (
            PartialReason::ServerError,
            "the database is stopping, blocks this host or is busy. Try again later",
        ),
        _ => (PartialReason::UnexpectedStatus, "the database refused in a way the connector does not know"),
    }
}

/// The reason and words for any failure of the driver. `asked` is whether the statement was under way.
pub(super) fn failure(error: &sqlx::Error, asked: bool) -> Failure {
    if let Some(words) = tls::failure_words(error) {
        return (PartialReason::Tls, words);
    }
    match error {
        sqlx::Error::Database(refused) => {
            let number =
                refused.try_downcast_ref::<MySqlDatabaseError>().map_or(0, MySqlDatabaseError::number);
            let (reason, next) = meaning(number);
            (reason, format!("error {number}, {}: {next}", refused.message()))
        }
        sqlx::Error::Tls(cause) => (
            PartialReason::Tls,
            format!("no encrypted connection could be made ({cause}). Turn on TLS on the server"),
        ),
        sqlx::Error::Io(cause) if asked => (
            PartialReason::Truncated,
            format!("the connection ended within the answer ({cause}). Try again later"),
        ),
        sqlx::Error::Io(cause) => (
            PartialReason::Unreachable,
            format!(
                "no connection could be made ({cause}). Check that the database runs and is reachable from here"
            ),
        ),
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::ColumnNotFound(_) | sqlx::Error::Decode(_) => {
            (PartialReason::SchemaChanged, format!("a row could not be understood ({error})"))
        }
        sqlx::Error::Protocol(cause) if !asked => (
            PartialReason::Unauthorized,
            format!(
                "it could not be signed in to ({cause}). The reader's account has to use mysql_native_password or caching_sha2_password"
            ),
        ),
        other => {
            let cause: &dyn Error = other;
            (PartialReason::ServerError, format!("the database could not answer ({cause})"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::meaning;
    use exeunt_model::PartialReason;

    /// A missing right and a mistyped statement have one SQLSTATE; an operator must not be sent to the manifest
    /// for a grant.
    #[test]
    fn numbers_have_their_reason() {
        let table = [
            (1045, PartialReason::Unauthorized),
            (4151, PartialReason::Unauthorized),
            (1142, PartialReason::Forbidden),
            (1227, PartialReason::Forbidden),
            (1064, PartialReason::SchemaChanged),
            (1146, PartialReason::SchemaChanged),
            (1969, PartialReason::TimedOut),
            (3024, PartialReason::TimedOut),
            (1792, PartialReason::UnexpectedStatus),
            (1040, PartialReason::ServerError),
            (1049, PartialReason::NotFound),
            (0, PartialReason::UnexpectedStatus),
        ];
        for (number, want) in table {
            assert_eq!(meaning(number).0, want, "{number}");
        }
    }
}
