//! What both dialects of SQL share: how many statements run at once, which connections are used again, and how long an
//! answer may take. A dialect opens a connection and reads on it.

use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};
use tokio::sync::Semaphore;

use exeunt_model::manifest::ClientRules;
use exeunt_model::{PartialReason, canonical};

use super::Failure;
use crate::net::Guard;
use crate::protocol::{Answer, Ask, Fault};

/// Where a database is, and the limits it is read within.
pub(super) struct Place {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) guard: Guard,
    pub(super) rules: ClientRules,
}

/// One database's protocol.
pub(super) trait Dialect: Send + Sync {
    /// A connection of it.
    type Connection: Send;

    /// Signs in.
    fn open(&self, place: &Place) -> impl Future<Output = Result<Self::Connection, Failure>> + Send;

    /// Runs one statement in a transaction that cannot write, and gives its rows.
    fn read(
        &self,
        connection: &mut Self::Connection,
        rules: &ClientRules,
        query: &str,
        params: &[String],
    ) -> impl Future<Output = Result<Vec<Value>, Failure>> + Send;
}

/// The connections of one database.
pub(super) struct Seats<D: Dialect> {
    dialect: D,
    place: Place,
    slots: Semaphore,
    idle: Mutex<Vec<D::Connection>>,
}

impl<D: Dialect> Seats<D> {
    pub(super) fn new(dialect: D, place: Place) -> Self {
        let slots = Semaphore::new(place.rules.concurrency.max(1) as usize);
        Self { dialect, place, slots, idle: Mutex::new(Vec::new()) }
    }

    /// The answer of one statement.
    pub(super) async fn answer(&self, ask: &Ask) -> Result<Answer, Fault> {
        let Place { host, port, .. } = &self.place;
        let fault = |(reason, words): Failure| Fault {
            reason,
            detail: format!("statement at {host}:{port}: {words}"),
            statuses: Vec::new(),
        };
        let page = self.page(ask).await.map_err(fault)?;
        // What evidence keeps of it is its canonical JSON.
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

    async fn page(&self, ask: &Ask) -> Result<Value, Failure> {
        let Ask::Sql { query, params } = ask else {
            let words = "nothing was sent: this system is read by SQL, and the read asks for another protocol. Correct the manifest";
            return Err((PartialReason::UnexpectedStatus, words.to_owned()));
        };
        // Only `close` ends the semaphore, and nobody closes it.
        let _slot = self.slots.acquire().await;
        let limit = self.place.rules.timeout.unsigned_abs();
        let rows = tokio::time::timeout(limit, self.rows(query, params)).await;
        let late = |_| {
            let words = format!(
                "no whole answer came within {} s. Check the address and the database's load",
                limit.as_secs_f32()
            );
            Err((PartialReason::TimedOut, words))
        };
        Ok(json!({ "rows": rows.unwrap_or_else(late)? }))
    }

    async fn rows(&self, query: &str, params: &[String]) -> Result<Vec<Value>, Failure> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        if let Some(idle) = idle {
            match self.on(idle, query, params).await {
                // The server may have ended it while it was idle; that says nothing yet.
                Err((PartialReason::Truncated, _)) => {}
                other => return other,
            }
        }
        let fresh = self.dialect.open(&self.place).await?;
        self.on(fresh, query, params).await
    }

    /// A connection is used again after a whole answer only; in any other state it is dropped.
    async fn on(
        &self,
        mut connection: D::Connection,
        query: &str,
        params: &[String],
    ) -> Result<Vec<Value>, Failure> {
        let rows = self.dialect.read(&mut connection, &self.place.rules, query, params).await?;
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        Ok(rows)
    }
}
