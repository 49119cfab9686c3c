//! Sessions, and what was left running: one row for each session of each user.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::accounts::People;
use super::{Failure, strange};

/// What is known of one session.
struct Session {
    started: String,
    terminal: String,
    programs: Vec<String>,
}

/// Processes by session and user. A tunnel without a shell has no terminal and no line in `who`; it has a
/// process.
pub(super) fn rows(lines: &[String], people: &People) -> Result<Vec<Value>, Failure> {
    let mut own = Vec::new();
    let mut found: BTreeMap<(u32, u32), Session> = BTreeMap::new();
    for line in lines {
        let fields: Vec<&str> = line.split('\t').collect();
        match fields.as_slice() {
            ["own", session] => own.extend(session.trim().parse::<u32>()),
            ["process", _, session, uid, terminal, started, program] => {
                let (Ok(session), Ok(uid)) = (session.parse(), uid.parse()) else {
                    return strange("sessions", line);
                };
                let Some(started) = time(started) else { return strange("sessions", line) };
                let known = found.entry((session, uid)).or_insert_with(|| Session {
                    started: started.clone(),
                    terminal: "?".to_owned(),
                    programs: Vec::new(),
                });
                known.started = known.started.clone().min(started);
                if known.terminal == "?" {
                    (*terminal).clone_into(&mut known.terminal);
                }
                if !known.programs.iter().any(|other| other == program) {
                    known.programs.push((*program).to_owned());
                }
            }
            _ => return strange("sessions", line),
        }
    }
    let row = |((session, uid), found): ((u32, u32), Session)| {
        let name = people.by_uid(uid).map(|person| person.name.clone());
        json!({
            "session": session, "uid": uid, "user": name, "started": found.started, "terminal": found.terminal,
            "programs": found.programs.into_iter().take(8).collect::<Vec<_>>(), "own": own.contains(&session),
        })
    };
    Ok(found.into_iter().map(row).collect())
}

/// `Wed Nov 25 16:41:40 2026`, as `ps` writes a start in the C locale; the script asks for UTC.
fn time(text: &str) -> Option<String> {
    let parts: Vec<&str> = text.split_whitespace().collect();
    let [_, month, day, clock, year] = parts.as_slice() else { return None };
    let names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let month = names.iter().position(|name| name == month)? + 1;
    let day: u8 = day.parse().ok()?;
    format!("{year}-{month:02}-{day:02}T{clock}Z")
        .parse::<exeunt_model::Timestamp>()
        .ok()
        .map(|t| t.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::rows;
    use crate::protocol::ssh::accounts::people;

    /// A tunnel has no terminal, and a shell on the same connection of another user is another session.
    #[test]
    fn processes_are_told_by_session_and_user() {
        let people = people("R\tP\tada\t1001\t1001\t\t/home/ada\t/bin/sh\n");
        let lines = [
            "own\t 70".to_owned(),
            "process\t11\t10\t1001\t?\tWed Nov 25 16:41:40 2026\tsshd".to_owned(),
            "process\t12\t10\t1001\tpts/0\tWed Nov 25 16:40:00 2026\tbash".to_owned(),
            "process\t71\t70\t1100\t?\tWed Nov  4 06:00:00 2026\tsh".to_owned(),
        ];
        let rows = rows(&lines, &people).expect("rows");
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0]["started"], json!("2026-11-25T16:40:00Z"));
        assert_eq!((&rows[0]["terminal"], &rows[0]["programs"]), (&json!("pts/0"), &json!(["sshd", "bash"])));
        assert_eq!((&rows[1]["own"], &rows[1]["user"]), (&json!(true), &json!(null)));
        assert_eq!(rows[1]["started"], json!("2026-11-04T06:00:00Z"));
    }
}
