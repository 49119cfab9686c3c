//! What a database's refusal means: SQLSTATE to a reason.

use std::error::Error;

use exeunt_model::PartialReason;

use crate::protocol::tls;

/// The reason and what to do next, for a SQLSTATE.
#[must_use]
pub fn meaning(state: &str) -> (PartialReason, &'static str) {
    match state {
        "28P01" | "28000" => (
            PartialReason::Unauthorized,
            "the user, password or database was refused. Check `auth`, and pg_hba.conf on the server",
        ),
        "42501" => (
            PartialReason::Forbidden,
            "the user may not read this. Grant what the manifest's permission says",
        ),
        "57014" => (
            PartialReason::TimedOut,
            "the statement ran longer than allowed and was stopped. Raise `client.timeout` in \
             the manifest if the database is well",
        ),
        "42P01" | "42703" | "42883" | "42704" | "3F000" => (
            PartialReason::SchemaChanged,
            "the database has no such table, column, type or function. Check its version against \
             the manifest",
        ),
        "3D000" => (PartialReason::NotFound, "there is no such database. Correct `auth.database`"),
        "25006" => (
            PartialReason::UnexpectedStatus,
            "the statement tried to write, which a read never may. Correct the manifest",
        ),
        "57P03" => (PartialReason::ServerError, "the database is starting or stopping. Try again later"),
        _ => by_class(state),
    }
}

fn by_class(state: &str) -> (PartialReason, &'static str) {
    match state.get(..2) {
        Some("53") => {
            (PartialReason::ServerError, "the database lacks memory, disk or connections. Try again later")
        }
        Some("57" | "58" | "XX") => (PartialReason::ServerError, "the database failed. See its own log"),
        Some("08") => (PartialReason::Truncated, "the connection ended. Try again later"),
        Some("42") => (
            PartialReason::SchemaChanged,
            "the database does not understand the statement. Check its version against the manifest",
        ),
        Some("22") => (
            PartialReason::SchemaChanged,
            "a value is not of the form the statement expects. Check the manifest",
        ),
        Some("40" | "55") => {
            (PartialReason::ServerError, "the statement was in conflict with another. Try again later")
        }
        _ => (PartialReason::UnexpectedStatus, "the database refused in a way the connector does not know"),
    }
}

/// The reason and words for any failure of the driver. `asked` is whether the statement was
/// under way, so that what broke is an answer and no longer a connection.
#[must_use]
pub fn failure(error: &sqlx::Error, asked: bool) -> (PartialReason, String) {
    if let Some(words) = tls::failure_words(error) {
        return (PartialReason::Tls, words);
    }
    match error {
        sqlx::Error::Database(refused) => {
            let state = refused.code().unwrap_or_default();
            let (reason, next) = meaning(&state);
            (reason, format!("SQLSTATE {state}, {}: {next}", refused.message()))
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

    /// An operator who must mend a password is not to be sent looking for a network failure.
    #[test]
    fn states_have_their_reason() {
        let table = [
            ("28P01", PartialReason::Unauthorized),
            ("28000", PartialReason::Unauthorized),
            ("42501", PartialReason::Forbidden),
            ("57014", PartialReason::TimedOut),
            ("42P01", PartialReason::SchemaChanged),
            ("42703", PartialReason::SchemaChanged),
            ("42601", PartialReason::SchemaChanged),
            ("53300", PartialReason::ServerError),
            ("53100", PartialReason::ServerError),
            ("57P03", PartialReason::ServerError),
            ("57P01", PartialReason::ServerError),
            ("3D000", PartialReason::NotFound),
            ("08006", PartialReason::Truncated),
            ("25006", PartialReason::UnexpectedStatus),
            ("", PartialReason::UnexpectedStatus),
            ("é", PartialReason::UnexpectedStatus),
        ];
        for (state, want) in table {
            assert_eq!(meaning(state).0, want, "{state}");
        }
    }
}
