//! The database: what snapshots, cases, verdicts and ledger entries there are.
//!
//! Times are microseconds since 1970, digests and ids text, so that every statement here also
//! means the same to PostgreSQL.

use std::path::{Path, PathBuf};

use exeunt_model::{Digest, SystemId, Timestamp};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Row, SqlitePool};

use crate::StoreError;

/// The form written by this program.
const FORM: i64 = 2;

const SCHEMA: &str = "
create table if not exists snapshots (
  id text primary key, system text not null, started bigint not null, ended bigint not null,
  complete bigint not null);
create index if not exists snapshots_by_system on snapshots (system, ended);
create table if not exists cases (id text primary key, body text not null);
create table if not exists verdicts (
  id text not null, case_id text not null, as_of bigint not null, conclusion text not null,
  primary key (case_id, as_of, id));
create table if not exists ledger (
  log_index bigint primary key, about text not null, kind text not null, body text not null);
create index if not exists ledger_by_subject on ledger (about, log_index);
";

/// A kept snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotRow {
    /// Its id, which is also its blob.
    pub id: Digest,
    /// The system.
    pub system: SystemId,
    /// When collection began.
    pub started: Timestamp,
    /// When it ended.
    pub ended: Timestamp,
    /// Whether every read was complete.
    pub complete: bool,
}

/// A verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerdictRow {
    /// The digest of its bytes, which is also its blob.
    pub id: Digest,
    /// The case.
    pub case: String,
    /// The time it is said for.
    pub as_of: Timestamp,
    /// `clear`, `residual` or `unproven`.
    pub conclusion: String,
}

/// An entry of the ledger and what it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerRow {
    /// Its index in the log.
    pub index: u64,
    /// The case, or for receipts the snapshot they belong to.
    pub about: String,
    /// What sort: `receipt`, `claim`, `verdict`.
    pub kind: String,
    /// The blob with the entry's body.
    pub body: Digest,
}

#[derive(Debug)]
pub(crate) struct Database {
    pool: SqlitePool,
    path: PathBuf,
}

impl Database {
    pub(crate) async fn open(path: &Path) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full);
        let damaged = |cause: String| StoreError::Damaged {
            path: path.to_owned(),
            cause,
            next: "restore the state folder from a copy, or begin a new one with --state DIR; \
                   evidence already exported stays valid",
        };
        let pool = SqlitePoolOptions::new()
            .max_connections(4)
            .connect_with(options)
            .await
            .map_err(|e| damaged(e.to_string()))?;
        let check: String = sqlx::query_scalar("pragma quick_check(1)")
            .fetch_one(&pool)
            .await
            .map_err(|e| damaged(e.to_string()))?;
        if check != "ok" {
            return Err(damaged(check));
        }
        let this = Self { pool, path: path.to_owned() };
        this.migrate().await?;
        Ok(this)
    }

    async fn migrate(&self) -> Result<(), StoreError> {
        let failed = self.failed("read the form of the database");
        let found: i64 =
            sqlx::query_scalar("pragma user_version").fetch_one(&self.pool).await.map_err(failed)?;
        if found > FORM {
            return Err(StoreError::Newer { path: self.path.clone(), found, known: FORM });
        }
        // A new file has form 0. What an older one says of leavers is in the clear, and is not carried over unasked.
        if found != 0 && found < FORM {
            return Err(StoreError::Older { path: self.path.clone(), found, known: FORM });
        }
        let failed = self.failed("make the tables");
        sqlx::raw_sql(SCHEMA).execute(&self.pool).await.map_err(&failed)?;
        sqlx::raw_sql("pragma user_version = 2").execute(&self.pool).await.map_err(failed)?;
        Ok(())
    }

    fn failed(&self, attempted: &'static str) -> impl Fn(sqlx::Error) -> StoreError + use<> {
        let path = self.path.clone();
        move |cause| StoreError::Database { attempted, path: path.clone(), cause }
    }

    pub(crate) async fn put_snapshot(&self, row: &SnapshotRow) -> Result<(), StoreError> {
        sqlx::query(
            "insert into snapshots (id, system, started, ended, complete) \
             values ($1, $2, $3, $4, $5) on conflict (id) do nothing",
        )
        .bind(row.id.to_string())
        .bind(row.system.as_str())
        .bind(row.started.as_microsecond())
        .bind(row.ended.as_microsecond())
        .bind(i64::from(row.complete))
        .execute(&self.pool)
        .await
        .map_err(self.failed("keep a snapshot"))?;
        Ok(())
    }

    pub(crate) async fn snapshots(&self, system: Option<&SystemId>) -> Result<Vec<SnapshotRow>, StoreError> {
        let rows = sqlx::query(
            "select id, system, started, ended, complete from snapshots \
             where $1 = '' or system = $1 order by ended, id",
        )
        .bind(system.map_or("", SystemId::as_str))
        .fetch_all(&self.pool)
        .await
        .map_err(self.failed("list snapshots"))?;
        rows.iter()
            .map(|row| {
                Ok(SnapshotRow {
                    id: self.digest(row.get("id"))?,
                    system: SystemId::new(row.get::<String, _>("system"))
                        .map_err(|e| self.odd(e.to_string()))?,
                    started: self.time(row.get("started"))?,
                    ended: self.time(row.get("ended"))?,
                    complete: row.get::<i64, _>("complete") != 0,
                })
            })
            .collect()
    }

    pub(crate) async fn put_case(&self, id: &str, body: &Digest) -> Result<(), StoreError> {
        sqlx::query("insert into cases (id, body) values ($1, $2) on conflict (id) do update set body = $2")
            .bind(id)
            .bind(body.to_string())
            .execute(&self.pool)
            .await
            .map_err(self.failed("keep a case"))?;
        Ok(())
    }

    pub(crate) async fn forget_snapshots(&self, ids: &[Digest]) -> Result<(), StoreError> {
        for id in ids {
            let forgotten = sqlx::query("delete from snapshots where id = $1").bind(id.to_string());
            forgotten.execute(&self.pool).await.map_err(self.failed("forget a snapshot"))?;
        }
        Ok(())
    }

    pub(crate) async fn forget_case(&self, id: &str) -> Result<(), StoreError> {
        let forgotten = sqlx::query("delete from cases where id = $1").bind(id).execute(&self.pool).await;
        forgotten.map_err(self.failed("forget a case"))?;
        Ok(())
    }

    /// The case of this id, or all of them, by id: where the body of each is.
    pub(crate) async fn cases(&self, id: Option<&str>) -> Result<Vec<(String, Digest)>, StoreError> {
        let rows = sqlx::query("select id, body from cases where $1 = '' or id = $1 order by id")
            .bind(id.unwrap_or_default())
            .fetch_all(&self.pool)
            .await
            .map_err(self.failed("list cases"))?;
        rows.iter().map(|row| Ok((row.get("id"), self.digest(row.get("body"))?))).collect()
    }

    pub(crate) async fn put_verdict(&self, row: &VerdictRow) -> Result<(), StoreError> {
        sqlx::query(
            "insert into verdicts (id, case_id, as_of, conclusion) values ($1, $2, $3, $4) \
             on conflict do nothing",
        )
        .bind(row.id.to_string())
        .bind(&row.case)
        .bind(row.as_of.as_microsecond())
        .bind(&row.conclusion)
        .execute(&self.pool)
        .await
        .map_err(self.failed("keep a verdict"))?;
        Ok(())
    }

    pub(crate) async fn verdicts(&self, case: &str) -> Result<Vec<VerdictRow>, StoreError> {
        let rows = sqlx::query(
            "select id, case_id, as_of, conclusion from verdicts where case_id = $1 \
             order by as_of, id",
        )
        .bind(case)
        .fetch_all(&self.pool)
        .await
        .map_err(self.failed("list verdicts"))?;
        rows.iter()
            .map(|row| {
                Ok(VerdictRow {
                    id: self.digest(row.get("id"))?,
                    case: row.get("case_id"),
                    as_of: self.time(row.get("as_of"))?,
                    conclusion: row.get("conclusion"),
                })
            })
            .collect()
    }

    /// All in one transaction: a row for each receipt, each with a commit of its own, would cost a
    /// write to the disk each.
    pub(crate) async fn put_ledger_rows(&self, rows: &[LedgerRow]) -> Result<(), StoreError> {
        let failed = self.failed("note ledger entries");
        let mut transaction = self.pool.begin().await.map_err(&failed)?;
        for row in rows {
            let index = i64::try_from(row.index).map_err(|e| self.odd(e.to_string()))?;
            sqlx::query(
                "insert into ledger (log_index, about, kind, body) values ($1, $2, $3, $4) \
                 on conflict (log_index) do update set about = $2, kind = $3, body = $4",
            )
            .bind(index)
            .bind(&row.about)
            .bind(&row.kind)
            .bind(row.body.to_string())
            .execute(&mut *transaction)
            .await
            .map_err(&failed)?;
        }
        transaction.commit().await.map_err(failed)
    }

    pub(crate) async fn ledger_size(&self) -> Result<u64, StoreError> {
        let size: i64 = sqlx::query_scalar("select coalesce(max(log_index) + 1, 0) from ledger")
            .fetch_one(&self.pool)
            .await
            .map_err(self.failed("count ledger entries"))?;
        u64::try_from(size).map_err(|e| self.odd(e.to_string()))
    }

    pub(crate) async fn ledger_rows(&self, about: &str) -> Result<Vec<LedgerRow>, StoreError> {
        let rows = sqlx::query(
            "select log_index, about, kind, body from ledger where about = $1 \
             order by log_index",
        )
        .bind(about)
        .fetch_all(&self.pool)
        .await
        .map_err(self.failed("list ledger entries"))?;
        rows.iter()
            .map(|row| {
                let index: i64 = row.get("log_index");
                Ok(LedgerRow {
                    index: u64::try_from(index).map_err(|e| self.odd(e.to_string()))?,
                    about: row.get("about"),
                    kind: row.get("kind"),
                    body: self.digest(row.get("body"))?,
                })
            })
            .collect()
    }

    fn digest(&self, text: String) -> Result<Digest, StoreError> {
        Digest::try_from(text).map_err(|e| self.odd(e.to_string()))
    }

    fn time(&self, at: i64) -> Result<Timestamp, StoreError> {
        Timestamp::from_microsecond(at).map_err(|e| self.odd(e.to_string()))
    }

    fn odd(&self, cause: String) -> StoreError {
        StoreError::Damaged { path: self.path.clone(), cause, next: "restore the state folder from a copy" }
    }
}
