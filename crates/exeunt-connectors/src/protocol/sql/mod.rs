//! SQL over PostgreSQL's own protocol: one statement, in a transaction that cannot write.
//!
//! The statement gives JSON objects in one column, `row`; the page is `{"rows": [...]}`. Values
//! are bound as text: a manifest casts them (`$1::text::oid`).

pub mod state;

use std::sync::{Mutex, PoisonError};

use futures_util::TryStreamExt;
use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgSslMode};
use sqlx::{AssertSqlSafe, ConnectOptions, Row};
use tokio::sync::Semaphore;

use exeunt_model::manifest::ClientRules;
use exeunt_model::{PartialReason, canonical};

use super::{Answer, Ask, Fault, Protocol};
use crate::net::Guard;

/// Most rows of one statement: far more roles or sessions than any database has, and few enough
/// to hold.
pub const MOST_ROWS: usize = 1_000_000;

/// One database.
pub struct SqlProtocol {
    options: PgConnectOptions,
    host: String,
    port: u16,
    guard: Guard,
    rules: ClientRules,
    slots: Semaphore,
    idle: Mutex<Vec<PgConnection>>,
}

type Failure = (PartialReason, String);

impl SqlProtocol {
    /// A database that is connected to when it is first asked.
    #[must_use]
    pub fn new(options: PgConnectOptions, host: String, port: u16, guard: Guard, rules: ClientRules) -> Self {
        let slots = Semaphore::new(rules.concurrency.max(1) as usize);
        Self { options, host, port, guard, rules, slots, idle: Mutex::new(Vec::new()) }
    }

    /// The name is resolved here and once more by the driver. In between it could come to lead
    /// elsewhere, but there nothing is said beyond a TLS greeting unless that host shows a
    /// certificate for this name; without TLS only literal loopback addresses get here.
    async fn open(&self) -> Result<PgConnection, Failure> {
        let addresses = self.guard.resolve(&self.host, self.port).await;
        let addresses = addresses.map_err(|e| (PartialReason::Unreachable, e.to_string()))?;
        if !matches!(self.options.get_ssl_mode(), PgSslMode::Disable) {
            return self.options.connect().await.map_err(|e| state::failure(&e, false));
        }
        let mut failed = (PartialReason::Unreachable, "the name has no address".to_owned());
        for address in addresses {
            let options = self.options.clone().host(&address.ip().to_string());
            match options.connect().await {
                Ok(connection) => return Ok(connection),
                Err(e) => failed = state::failure(&e, false),
            }
        }
        Err(failed)
    }

    async fn rows(&self, query: &str, params: &[String]) -> Result<Vec<Value>, Failure> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        if let Some(mut idle) = idle {
            match self.read(&mut idle, query, params).await {
                // The server may have ended it while it was idle; that says nothing yet.
                Err((PartialReason::Truncated, _)) => {}
                other => return self.keep(idle, other),
            }
        }
        let mut fresh = self.open().await?;
        let rows = self.read(&mut fresh, query, params).await;
        self.keep(fresh, rows)
    }

    /// A connection is used again after a whole answer only; in any other state it is dropped.
    fn keep(
        &self,
        connection: PgConnection,
        rows: Result<Vec<Value>, Failure>,
    ) -> Result<Vec<Value>, Failure> {
        if rows.is_ok() {
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        }
        rows
    }

    async fn read(
        &self,
        connection: &mut PgConnection,
        query: &str,
        params: &[String],
    ) -> Result<Vec<Value>, Failure> {
        let run = |e: sqlx::Error| state::failure(&e, true);
        sqlx::raw_sql(AssertSqlSafe(begin(&self.rules))).execute(&mut *connection).await.map_err(run)?;
        let mut rows = Vec::new();
        let mut bytes = 0;
        {
            let mut statement =
                sqlx::query(AssertSqlSafe(wrap(query, self.rules.max_body))).persistent(false);
            for param in params {
                statement = statement.bind(param);
            }
            let mut found = statement.fetch(&mut *connection);
            while let Some(row) = found.try_next().await.map_err(run)? {
                let text: Option<String> = row.try_get(0).map_err(run)?;
                let size: Option<i64> = row.try_get(1).map_err(run)?;
                bytes += u64::try_from(size.unwrap_or_default()).unwrap_or_default();
                rows.push(self.row(text, size, bytes)?);
                if rows.len() > MOST_ROWS {
                    return Err((
                        PartialReason::PageCap,
                        format!("it gave more than {MOST_ROWS} rows. Narrow the statement in the manifest"),
                    ));
                }
            }
        }
        sqlx::raw_sql("rollback").execute(connection).await.map_err(run)?;
        Ok(rows)
    }

    fn row(&self, text: Option<String>, size: Option<i64>, bytes: u64) -> Result<Value, Failure> {
        let shape = |what: &str| {
            (
                PartialReason::SchemaChanged,
                format!("a row is {what}. The column `row` has to be a JSON object; correct the manifest"),
            )
        };
        if bytes > self.rules.max_body {
            let words = format!(
                "its rows are larger than {} bytes. Narrow the statement, or raise `client.max_body` in the manifest",
                self.rules.max_body
            );
            return Err((PartialReason::Oversized, words));
        }
        let text = text.filter(|_| size.is_some()).ok_or_else(|| shape("null"))?;
        let value: Value = serde_json::from_str(&text).map_err(|_| shape("not JSON"))?;
        if value.is_object() { Ok(value) } else { Err(shape("no object")) }
    }

    async fn page(&self, ask: &Ask) -> Result<Value, Failure> {
        let Ask::Sql { query, params } = ask else {
            let words = "nothing was sent: this system is read by SQL, and the read asks for another protocol. Correct the manifest";
            return Err((PartialReason::UnexpectedStatus, words.to_owned()));
        };
        // Only `close` ends the semaphore, and nobody closes it.
        let _slot = self.slots.acquire().await;
        let limit = self.rules.timeout.unsigned_abs();
        let rows = tokio::time::timeout(limit, self.rows(query, params)).await.unwrap_or_else(|_| {
            let words = format!(
                "no whole answer came within {} s. Check the address and the database's load",
                limit.as_secs_f32()
            );
            Err((PartialReason::TimedOut, words))
        })?;
        Ok(json!({ "rows": rows }))
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
        Box::pin(async move {
            let fault = |(reason, words): Failure| Fault {
                reason,
                detail: format!("statement at {}:{}: {words}", self.host, self.port),
                statuses: Vec::new(),
            };
            let page = self.page(ask).await.map_err(fault)?;
            let body = canonical::bytes(&page)
                .map_err(|e| fault((PartialReason::SchemaChanged, format!("the rows are no JSON ({e})"))))?;
            Ok(Answer {
                statuses: vec![0],
                headers: std::collections::BTreeMap::new(),
                body,
                page,
                cookie: Vec::new(),
                server_date: None,
            })
        })
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
