//! The tables, and what is changed in them: each change holds the lease first, in the same transaction.

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{PgPool, Row};

use crate::{SharedError, lease};

const SCHEMA: &str = "
create schema if not exists exeunt;
create table if not exists exeunt.lease (
  log text primary key, epoch bigint not null, holder text not null, until timestamptz not null);
create table if not exists exeunt.head (log text primary key, note bytea not null);
create table if not exists exeunt.segment (log text, first bigint, primary key (log, first));
create table if not exists exeunt.journal (
  log text, first bigint, at bigint, bytes bytea not null, primary key (log, first, at));
";

/// The database, as one node uses it for one log.
#[derive(Clone, Debug)]
pub(crate) struct Database {
    pub(crate) pool: PgPool,
    pub(crate) log: String,
    /// Milliseconds that a write renews the lease for.
    pub(crate) keep: i64,
}

/// One change.
#[derive(Debug)]
pub(crate) enum Change {
    /// Adds to the journal, where its segment ended.
    Append { first: i64, at: i64, bytes: Vec<u8> },
    /// Begins a segment, or empties it.
    Begin { first: i64 },
    /// Cuts a segment down.
    Cut { first: i64, length: i64 },
    /// Removes a segment.
    Drop { first: i64 },
    /// Replaces the head.
    Publish { note: Vec<u8> },
}

impl Database {
    /// Connects and makes the tables. A commit waits for the disk, whatever the server's own default.
    pub(crate) async fn open(url: &str, log: &str, keep: i64) -> Result<Self, SharedError> {
        let options: PgConnectOptions = url
            .parse()
            .map_err(|e: sqlx::Error| SharedError::Address { what: "`postgres`", cause: e.to_string() })?;
        let options = options.options([("synchronous_commit", "on")]);
        let failed = |cause| SharedError::Database { attempted: "make the tables of the ledger", cause };
        let pool = PgPoolOptions::new().max_connections(2).connect_with(options).await.map_err(failed)?;
        let mut transaction = pool.begin().await.map_err(failed)?;
        // Two nodes that make the same table at once would both fail.
        let alone = sqlx::query("select pg_advisory_xact_lock(hashtext('exeunt ledger'))");
        alone.execute(&mut *transaction).await.map_err(failed)?;
        sqlx::raw_sql(SCHEMA).execute(&mut *transaction).await.map_err(failed)?;
        transaction.commit().await.map_err(failed)?;
        Ok(Self { pool, log: log.to_owned(), keep })
    }

    /// Makes a change if the lease is of this epoch still; when this returns, it is durable.
    pub(crate) async fn change(self, epoch: i64, change: Change) -> Result<(), SharedError> {
        let failed = |cause| SharedError::Database { attempted: "write the ledger", cause };
        let mut transaction = self.pool.begin().await.map_err(failed)?;
        lease::hold(&mut transaction, &self.log, epoch, self.keep).await?;
        let log = &self.log;
        let statements = match change {
            Change::Append { first, at, bytes } => vec![
                sqlx::query("insert into exeunt.journal (log, first, at, bytes) values ($1, $2, $3, $4)")
                    .bind(log)
                    .bind(first)
                    .bind(at)
                    .bind(bytes),
            ],
            Change::Begin { first } => vec![
                sqlx::query("delete from exeunt.journal where log = $1 and first = $2").bind(log).bind(first),
                sqlx::query("insert into exeunt.segment (log, first) values ($1, $2) on conflict do nothing")
                    .bind(log)
                    .bind(first),
            ],
            Change::Cut { first, length } => vec![
                sqlx::query("delete from exeunt.journal where log = $1 and first = $2 and at >= $3")
                    .bind(log)
                    .bind(first)
                    .bind(length),
                sqlx::query(
                    "update exeunt.journal set bytes = substring(bytes from 1 for ($3 - at)::int) \
                     where log = $1 and first = $2 and at + octet_length(bytes) > $3",
                )
                .bind(log)
                .bind(first)
                .bind(length),
            ],
            Change::Drop { first } => vec![
                sqlx::query("delete from exeunt.journal where log = $1 and first = $2").bind(log).bind(first),
                sqlx::query("delete from exeunt.segment where log = $1 and first = $2").bind(log).bind(first),
            ],
            Change::Publish { note } => vec![
                sqlx::query(
                    "insert into exeunt.head (log, note) values ($1, $2) on conflict (log) do update set note = $2",
                )
                .bind(log)
                .bind(note),
            ],
        };
        for statement in statements {
            statement.execute(&mut *transaction).await.map_err(failed)?;
        }
        transaction.commit().await.map_err(failed)
    }

    pub(crate) async fn head(self) -> Result<Option<Vec<u8>>, SharedError> {
        let failed = |cause| SharedError::Database { attempted: "read the head of the ledger", cause };
        let head = sqlx::query_scalar("select note from exeunt.head where log = $1").bind(&self.log);
        head.fetch_optional(&self.pool).await.map_err(failed)
    }

    pub(crate) async fn segments(self) -> Result<Vec<u64>, SharedError> {
        let failed = |cause| SharedError::Database { attempted: "list the journal", cause };
        let all = sqlx::query_scalar("select first from exeunt.segment where log = $1 order by first");
        let all: Vec<i64> = all.bind(&self.log).fetch_all(&self.pool).await.map_err(failed)?;
        all.into_iter().map(|first| u64::try_from(first).map_err(|_| SharedError::Place { first })).collect()
    }

    /// The bytes of a segment; `None` if there is none.
    pub(crate) async fn segment(self, first: i64) -> Result<Option<Vec<u8>>, SharedError> {
        let failed = |cause| SharedError::Database { attempted: "read the journal", cause };
        let begun = sqlx::query("select 1 from exeunt.segment where log = $1 and first = $2");
        let begun = begun.bind(&self.log).bind(first).fetch_optional(&self.pool).await.map_err(failed)?;
        if begun.is_none() {
            return Ok(None);
        }
        let parts =
            sqlx::query("select at, bytes from exeunt.journal where log = $1 and first = $2 order by at");
        let parts = parts.bind(&self.log).bind(first).fetch_all(&self.pool).await.map_err(failed)?;
        let mut bytes: Vec<u8> = Vec::new();
        for part in parts {
            if usize::try_from(part.get::<i64, _>("at")) != Ok(bytes.len()) {
                return Err(SharedError::Gap { segment: first, at: bytes.len() });
            }
            bytes.extend_from_slice(&part.get::<Vec<u8>, _>("bytes"));
        }
        Ok(Some(bytes))
    }
}
