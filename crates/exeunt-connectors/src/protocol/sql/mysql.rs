//! SQL over the protocol of MySQL and MariaDB: one statement, in a transaction that cannot write.
//!
//! The statement gives JSON objects in one column, `row` (`JSON_OBJECT(...)`). Values are bound as text where
//! it says `$1`, `$2`, as in every SQL manifest; MySQL's own `?` goes by order alone, so it is put in here.
//! `LOAD DATA LOCAL`, by which a server asks its client for files, is not known to the driver. A server may have
//! the password in the clear if its greeting asks for that (the driver's switch covers later requests only), so
//! what keeps it is TLS with a checked name, and without TLS the loopback.

use futures_util::TryStreamExt;
use futures_util::future::BoxFuture;
use serde_json::Value;
use sqlx::mysql::{MySqlConnectOptions, MySqlConnection, MySqlSslMode};
use sqlx::{AssertSqlSafe, ConnectOptions, Row};

use exeunt_model::PartialReason;
use exeunt_model::manifest::ClientRules;

use super::Failure;
use super::mysql_code::failure;
use super::rows::Rows;
use super::seats::{Dialect, Place, Seats};
use crate::net::Guard;
use crate::protocol::{Answer, Ask, Fault, Protocol};

/// One server.
pub struct MySqlProtocol(Seats<MySql>);

impl MySqlProtocol {
    /// A server that is connected to when it is first asked.
    #[must_use]
    pub fn new(
        options: MySqlConnectOptions,
        host: String,
        port: u16,
        guard: Guard,
        rules: ClientRules,
    ) -> Self {
        Self(Seats::new(MySql(options), Place { host, port, guard, rules }))
    }
}

/// How MySQL and MariaDB are spoken to.
struct MySql(MySqlConnectOptions);

impl Dialect for MySql {
    type Connection = MySqlConnection;

    /// As for PostgreSQL: the driver resolves the name once more, and says nothing but a TLS greeting to
    /// whoever has no certificate for it; without TLS only literal loopback addresses get here.
    async fn open(&self, place: &Place) -> Result<MySqlConnection, Failure> {
        let addresses = place.guard.resolve(&place.host, place.port).await;
        let addresses = addresses.map_err(|e| (PartialReason::Unreachable, e.to_string()))?;
        let mut failed = (PartialReason::Unreachable, "the name has no address".to_owned());
        let plain = matches!(self.0.get_ssl_mode(), MySqlSslMode::Disabled);
        let hosts = addresses.iter().map(|address| address.ip().to_string()).filter(|_| plain);
        let hosts: Vec<String> = if plain { hosts.collect() } else { vec![place.host.clone()] };
        for host in hosts {
            match self.0.clone().host(&host).connect().await {
                Ok(mut connection) => match limit(&mut connection, &place.rules).await {
                    Ok(()) => return Ok(connection),
                    Err(e) => failed = failure(&e, false),
                },
                Err(e) => failed = failure(&e, false),
            }
        }
        Err(failed)
    }

    async fn read(
        &self,
        connection: &mut MySqlConnection,
        rules: &ClientRules,
        query: &str,
        params: &[String],
    ) -> Result<Vec<Value>, Failure> {
        let run = |e: sqlx::Error| failure(&e, true);
        sqlx::raw_sql("start transaction with consistent snapshot, read only")
            .execute(&mut *connection)
            .await
            .map_err(run)?;
        let mut rows = Rows::up_to(rules.max_body);
        {
            let (query, order) = placed(query);
            let mut statement = sqlx::query(AssertSqlSafe(wrap(&query, rules.max_body))).persistent(false);
            for index in order {
                statement = statement.bind(params.get(index));
            }
            let mut found = statement.fetch(&mut *connection);
            while let Some(row) = found.try_next().await.map_err(run)? {
                rows.take(row.try_get(0).map_err(run)?, row.try_get(1).map_err(run)?)?;
            }
        }
        sqlx::raw_sql("rollback").execute(connection).await.map_err(run)?;
        Ok(rows.all())
    }
}

/// Limits that the server keeps too, so that a statement we gave up on does not run on. The two servers
/// have another name and unit for it, and each runs only what is marked as its own.
async fn limit(connection: &mut MySqlConnection, rules: &ClientRules) -> Result<(), sqlx::Error> {
    let millis = rules.timeout.as_millis().clamp(1, i128::from(i32::MAX));
    let seconds = (millis / 1000).max(1);
    for statement in [
        "set session transaction isolation level repeatable read".to_owned(),
        format!("set session lock_wait_timeout = {seconds}"),
        format!("set @exeunt = 0 /*M!100000 , session max_statement_time = {seconds} */"),
        format!("set @exeunt = 0 /*!80000 , session max_execution_time = {millis} */"),
    ] {
        sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut *connection).await?;
    }
    Ok(())
}

/// The statement with `?` for each `$1`, `$2` that is no part of a text or name, and which value goes where.
fn placed(query: &str) -> (String, Vec<usize>) {
    let mut done = String::with_capacity(query.len());
    let mut order = Vec::new();
    let mut quote = None;
    let mut rest = query.chars().peekable();
    while let Some(c) = rest.next() {
        match (quote, c) {
            (None, '$') => {
                let mut number = String::new();
                while let Some(digit) = rest.next_if(char::is_ascii_digit) {
                    number.push(digit);
                }
                if let Some(index) = number.parse::<usize>().ok().and_then(|n| n.checked_sub(1)) {
                    order.push(index);
                    done.push('?');
                } else {
                    done.push('$');
                    done.push_str(&number);
                }
                continue;
            }
            (None, '\'' | '"' | '`') => quote = Some(c),
            (Some('\'' | '"'), '\\') => {
                done.push(c);
                done.extend(rest.next());
                continue;
            }
            (Some(open), c) if c == open => quote = None,
            _ => {}
        }
        done.push(c);
    }
    (done, order)
}

/// The statement, as text in JSON. A row above the cap is not sent, only its size; the newline
/// ends a comment the statement may end with.
fn wrap(query: &str, max_body: u64) -> String {
    let query = query.trim().trim_end_matches(';');
    format!(
        "select case when length(j.t) <= {max_body} then j.t end, cast(length(j.t) as signed) \
         from (select cast(q.`row` as char character set utf8mb4) as t from (\n{query}\n) q) j"
    )
}

impl Protocol for MySqlProtocol {
    fn fetch<'a>(&'a self, ask: &'a Ask) -> BoxFuture<'a, Result<Answer, Fault>> {
        Box::pin(self.0.answer(ask))
    }

    fn origin(&self) -> Option<&str> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::{placed, wrap};

    /// A value bound in the wrong place would list another account's rights as this one's.
    #[test]
    fn values_go_where_the_statement_says() {
        let (query, order) = placed("select '$1', `$2` from t where a = $2 and b = $1 and c = $2 and d = $x");
        assert_eq!(query, "select '$1', `$2` from t where a = ? and b = ? and c = ? and d = $x");
        assert_eq!(order, [1, 0, 1]);
        assert_eq!(placed("select 'it''s $1', 'it\\'s $1'").1, [0_usize; 0]);
    }

    /// A trailing comment or semicolon must not swallow or break what is put around a statement.
    #[test]
    fn statements_are_wrapped_whole() {
        let wrapped = wrap("select json_object('a', 1) as `row` -- all\n;", 10);
        assert!(wrapped.contains("-- all\n"), "{wrapped}");
        assert!(!wrapped.contains(';') && wrapped.ends_with("\n) q) j"), "{wrapped}");
    }
}
