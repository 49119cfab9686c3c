//! SQL over PostgreSQL's own protocol, and in `mysql` over MySQL's: one statement, in a transaction that
//! cannot write.
//!
//! The statement gives JSON objects in one column, `row`; the page is `{"rows": [...]}`. Values
//! are bound as text: a manifest casts them (`$1::text::oid`).

pub mod mysql;
mod mysql_code;
mod rows;
mod seats;
pub mod state;

use futures_util::TryStreamExt;
use futures_util::future::BoxFuture;
use serde_json::Value;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgSslMode};
use sqlx::{AssertSqlSafe, ConnectOptions, Row};

use exeunt_model::PartialReason;
use exeunt_model::manifest::ClientRules;

pub use self::rows::MOST_ROWS;
use self::rows::Rows;
use self::seats::{Dialect, Place, Seats};
use super::{Answer, Ask, Fault, Protocol};
use crate::net::Guard;

/// One PostgreSQL database.
pub struct SqlProtocol(Seats<Postgres>);

type Failure = (PartialReason, String);

impl SqlProtocol {
    /// A database that is connected to when it is first asked.
    #[must_use]
    pub fn new(options: PgConnectOptions, host: String, port: u16, guard: Guard, rules: ClientRules) -> Self {
        Self(Seats::new(Postgres(options), Place { host, port, guard, rules }))
    }
}

/// How PostgreSQL is spoken to.
struct Postgres(PgConnectOptions);

impl Dialect for Postgres {
    type Connection = PgConnection;

    /// The name is resolved here and once more by the driver. In between it could come to lead
    /// elsewhere, but there nothing is said beyond a TLS greeting unless that host shows a
    /// certificate for this name; without TLS only literal loopback addresses get here.
    async fn open(&self, place: &Place) -> Result<PgConnection, Failure> {
        let addresses = place.guard.resolve(&place.host, place.port).await;
        let addresses = addresses.map_err(|e| (PartialReason::Unreachable, e.to_string()))?;
        if !matches!(self.0.get_ssl_mode(), PgSslMode::Disable) {
            return self.0.connect().await.map_err(|e| state::failure(&e, false));
        }
        let mut failed = (PartialReason::Unreachable, "the name has no address".to_owned());
        for address in addresses {
            let options = self.0.clone().host(&address.ip().to_string());
            match options.connect().await {
                Ok(connection) => return Ok(connection),
                Err(e) => failed = state::failure(&e, false),
            }
        }
        Err(failed)
    }

    async fn read(
        &self,
        connection: &mut PgConnection,
        rules: &ClientRules,
        query: &str,
        params: &[String],
    ) -> Result<Vec<Value>, Failure> {
        let run = |e: sqlx::Error| state::failure(&e, true);
        sqlx::raw_sql(AssertSqlSafe(begin(rules))).execute(&mut *connection).await.map_err(run)?;
        let mut rows = Rows::up_to(rules.max_body);
        {
            let mut statement = sqlx::query(AssertSqlSafe(wrap(query, rules.max_body))).persistent(false);
            for param in params {
                statement = statement.bind(param);
            }
            let mut found = statement.fetch(&mut *connection);
            while let Some(row) = found.try_next().await.map_err(run)? {
                let text: Option<String> = row.try_get(0).map_err(run)?;
                let size: Option<i64> = row.try_get(1).map_err(run)?;
                rows.take(text, size)?;
            }
        }
        sqlx::raw_sql("rollback").execute(connection).await.map_err(run)?;
        Ok(rows.all())
    }
}

/// Begins a transaction that reads one state of the database and cannot change it, with limits
/// that the server keeps too, so that a statement we gave up on does not run on.
fn begin(rules: &ClientRules) -> String {
    let limit = rules.timeout.as_millis().clamp(1, i128::from(i32::MAX));
    format!(
        "begin transaction isolation level repeatable read, read only; \
         set local statement_timeout = {limit}; set local lock_timeout = {limit}"
    )
}

/// The statement, as text in JSON. A row above the cap is not sent, only its size; the newline
/// ends a comment the statement may end with.
fn wrap(query: &str, max_body: u64) -> String {
    let query = query.trim().trim_end_matches(';');
    format!(
        "select case when octet_length(j.t) <= {max_body} then j.t end, octet_length(j.t)::bigint \
         from (select (q.\"row\")::text as t from (\n{query}\n) q) j"
    )
}

impl Protocol for SqlProtocol {
    fn fetch<'a>(&'a self, ask: &'a Ask) -> BoxFuture<'a, Result<Answer, Fault>> {
        Box::pin(self.0.answer(ask))
    }

    fn origin(&self) -> Option<&str> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::wrap;

    /// A trailing comment or semicolon must not swallow or break what is put around a statement.
    #[test]
    fn statements_are_wrapped_whole() {
        let wrapped = wrap("select to_jsonb(t) as row from t -- all\n;", 10);
        assert!(wrapped.contains("-- all\n"), "{wrapped}");
        assert!(!wrapped.contains(';'), "{wrapped}");
        assert!(wrapped.ends_with("\n) q) j"), "{wrapped}");
    }
}
