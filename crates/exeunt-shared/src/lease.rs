//! The lease: one row a log, with the epoch that all writing is held to.

use sqlx::{PgConnection, PgPool, Row};

use crate::SharedError;

/// Who takes the lease, and for how long it keeps others away without being renewed. Each write renews it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The name of the node, as others are told.
    pub holder: String,
    /// Milliseconds.
    pub keep: i64,
}

const TAKE: &str = "
insert into exeunt.lease as held (log, epoch, holder, until)
values ($1, 1, $2, clock_timestamp() + $3 * interval '1 millisecond')
on conflict (log) do update set epoch = held.epoch + 1, holder = $2, until = excluded.until
where held.until <= clock_timestamp()
returning epoch";

/// Takes the lease, if nobody has it, and gives the new epoch.
pub(crate) async fn take(pool: &PgPool, log: &str, lease: &Lease) -> Result<i64, SharedError> {
    let failed = |cause| SharedError::Database { attempted: "take the lease", cause };
    let taken = sqlx::query_scalar(TAKE).bind(log).bind(&lease.holder).bind(lease.keep);
    if let Some(epoch) = taken.fetch_optional(pool).await.map_err(failed)? {
        return Ok(epoch);
    }
    let held = sqlx::query(
        "select holder, ceil(extract(epoch from until - clock_timestamp()))::bigint as seconds \
         from exeunt.lease where log = $1",
    );
    let held = held.bind(log).fetch_one(pool).await.map_err(failed)?;
    Err(SharedError::Busy { holder: held.get("holder"), seconds: held.get::<i64, _>("seconds").max(0) })
}

/// A new epoch for the node that has the lease: what it sent before and never heard of again comes to nothing.
pub(crate) async fn retake(pool: &PgPool, log: &str, epoch: i64, keep: i64) -> Result<i64, SharedError> {
    let failed = |cause| SharedError::Database { attempted: "take the lease anew", cause };
    let taken = sqlx::query_scalar(
        "update exeunt.lease set epoch = epoch + 1, until = clock_timestamp() + $3 * interval '1 millisecond' \
         where log = $1 and epoch = $2 returning epoch",
    );
    let taken = taken.bind(log).bind(epoch).bind(keep).fetch_optional(pool).await;
    taken.map_err(failed)?.ok_or(SharedError::Overtaken)
}

/// Lets others write at once.
pub(crate) async fn give_back(pool: &PgPool, log: &str, epoch: i64) -> Result<(), SharedError> {
    let failed = |cause| SharedError::Database { attempted: "give the lease back", cause };
    let given =
        sqlx::query("update exeunt.lease set until = clock_timestamp() where log = $1 and epoch = $2");
    given.bind(log).bind(epoch).execute(pool).await.map(drop).map_err(failed)
}

/// Holds the lease's row to this epoch until the transaction ends: whoever would take the lease waits until then.
pub(crate) async fn hold(
    transaction: &mut PgConnection,
    log: &str,
    epoch: i64,
    keep: i64,
) -> Result<(), SharedError> {
    let failed = |cause| SharedError::Database { attempted: "renew the lease", cause };
    let held = sqlx::query(
        "update exeunt.lease set until = clock_timestamp() + $3 * interval '1 millisecond' where log = $1 and epoch = $2",
    );
    let held = held.bind(log).bind(epoch).bind(keep).execute(transaction).await.map_err(failed)?;
    if held.rows_affected() == 1 { Ok(()) } else { Err(SharedError::Overtaken) }
}
