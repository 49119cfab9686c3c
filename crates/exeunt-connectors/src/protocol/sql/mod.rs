//! SQL over PostgreSQL's own protocol, and in `mysql` over MySQL's: one statement, in a transaction that
//! cannot write.
//!
//! The statement gives JSON objects in one column, `row`; the page is `{"rows": [...]}`. Values
//! are bound as text: a manifest casts them (`$1::text::oid`).

pub mod mysql;
mod mysql_code;
mod rows;
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

pub use self::rows::MOST_ROWS;
use self::rows::Rows;
use super::{Answer, Ask, Fault, Protocol};
use crate::net::Guard;

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
        let mut rows = Rows::up_to(self.rules.max_body);
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
                rows.take(text, size)?;
            }
        }
        sqlx::raw_sql("rollback").execute(connection).await.map_err(run)?;
        Ok(rows.all())
    }

    async fn page(&self, ask: &Ask) -> Result<Value, Failure> {
        let Ask::Sql { query, params } = ask else { return Err(another_protocol()) };
        // Only `close` ends the semaphore, and nobody closes it.
        let _slot = self.slots.acquire().await;
        let limit = self.rules.timeout.unsigned_abs();
        let rows = tokio::time::timeout(limit, self.rows(query, params)).await;
        let rows = rows.unwrap_or_else(|_| Err(late(limit)))?;
        Ok(json!({ "rows": rows }))
    }
}

fn another_protocol() -> Failure {
    let words = "nothing was sent: this system is read by SQL, and the read asks for another protocol. Correct the manifest";
    (PartialReason::UnexpectedStatus, words.to_owned())
}

fn late(limit: std::time::Duration) -> Failure {
    let words = format!(
        "no whole answer came within {} s. Check the address and the database's load",
        limit.as_secs_f32()
    );
    (PartialReason::TimedOut, words)
}

/// A page as an answer: what evidence keeps of it is its canonical JSON.
fn answer(page: Result<Value, Failure>, host: &str, port: u16) -> Result<Answer, Fault> {
    let fault = |(reason, words): Failure| Fault {
        reason,
        detail: format!("statement at {host}:{port}: {words}"),
        statuses: Vec::new(),
    };
    let page = page.map_err(fault)?;
    let body = canonical::bytes(&page)
        .map_err(|e| fault((PartialReason::SchemaChanged, format!("the rows are no JSON ({e})"))))?;
    Ok(Answer {
        statuses: vec![0],
        headers: std::collections::BTreeMap::new(),
        body,
        page: page.into(),
        cookie: Vec::new(),
        server_date: None,
    })
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
        Box::pin(async move { answer(self.page(ask).await, &self.host, self.port) })
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
