//! Jobs that run as somebody: cron, at, systemd. Of a command only the program is kept.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::accounts::People;
use super::{Failure, strange};

/// One row a job. Two jobs of one user with one schedule and program are told apart by a number.
pub(super) fn rows(lines: &[String], people: &People) -> Result<Vec<Value>, Failure> {
    let mut rows = Vec::new();
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    for line in lines {
        let fields: Vec<&str> = line.split('\t').collect();
        let (sort, user, place, when, program) = match fields.as_slice() {
            ["cron", owner, path, _, when, program] => ("cron", *owner, *path, *when, *program),
            ["crontab", "-", path, user, when, program] => ("cron", *user, *path, *when, *program),
            ["at", user, path] => ("at", *user, *path, "once", ""),
            ["linger", user] => ("linger", *user, "/var/lib/systemd/linger", "at start", ""),
            ["timer", user, path] => ("timer", *user, *path, "by its timer", ""),
            ["unit", path, user] => ("service", *user, *path, "at start", ""),
            _ => return strange("jobs", line),
        };
        let program: String = program.chars().filter(|c| !c.is_control()).take(120).collect();
        let key = format!("{sort}/{place}/{user}/{when}/{program}");
        let number = seen.entry(key).and_modify(|n| *n += 1).or_insert(1);
        rows.push(json!({
            "sort": sort, "user": user, "uid": people.uid(user), "place": place, "when": when, "program": program,
            "number": number,
        }));
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::rows;
    use crate::protocol::ssh::accounts::people;

    /// Two equal lines of a table are two jobs: one that is deleted must not seem to take both away.
    #[test]
    fn equal_jobs_stay_two() {
        let people = people("R\tP\tada\t1001\t1001\t\t/home/ada\t/bin/sh\n");
        let line = "cron\tada\t/var/spool/cron/crontabs/ada\t\t0 3 * * *\t/usr/bin/rsync".to_owned();
        let system = "crontab\t-\t/etc/crontab\troot\t@daily\trun-parts".to_owned();
        let rows = rows(&[line.clone(), line, system], &people).expect("rows");
        assert_eq!([&rows[0]["number"], &rows[1]["number"]], [&json!(1), &json!(2)]);
        assert_eq!((&rows[2]["user"], &rows[2]["uid"]), (&json!("root"), &json!(null)));
    }
}
