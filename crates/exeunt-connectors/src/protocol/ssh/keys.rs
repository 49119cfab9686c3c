//! Keys that sign in, from each account's `authorized_keys`.

use serde_json::{Map, Value, json};

use super::accounts::People;
use super::fingerprint::public_key;
use super::{Failure, strange};

/// One row a key. A line that has the looks of a key and is none is left to sshd, which ignores it too.
pub(super) fn rows(lines: &[String], people: &People) -> Result<Vec<Value>, Failure> {
    let mut rows = Vec::new();
    for line in lines {
        let mut fields = line.splitn(3, '\t');
        let (Some(user), Some(path), Some(text)) = (fields.next(), fields.next(), fields.next()) else {
            return strange("keys", line);
        };
        if text.trim_start().starts_with('#') {
            continue;
        }
        let Some(key) = public_key(text) else { continue };
        let options = options(key.before);
        rows.push(json!({
            "user": user, "uid": people.uid(user), "path": path, "fingerprint": key.fingerprint,
            "sort": key.sort, "comment": shown(key.comment), "options": options,
            "authority": options.contains_key("cert-authority"),
        }));
    }
    Ok(rows)
}

/// Options by name. A value is kept only where it says who, from where or until when: a command or an
/// environment may hold a secret.
pub(super) fn options(text: &str) -> Map<String, Value> {
    let mut found = Map::new();
    let (mut name, mut value, mut quoted, mut in_value) = (String::new(), String::new(), false, false);
    for c in text.chars().chain([',']) {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => {
                let key = std::mem::take(&mut name).trim().to_ascii_lowercase();
                let kept = matches!(key.as_str(), "from" | "principals" | "expiry-time");
                let value = std::mem::take(&mut value);
                if !key.is_empty() {
                    found.insert(key, if kept { shown(&value).into() } else { true.into() });
                }
                in_value = false;
            }
            '=' if !in_value => in_value = true,
            c if in_value => value.push(c),
            c => name.push(c),
        }
    }
    found
}

fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(120).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::rows;
    use crate::protocol::ssh::accounts::people;

    /// A token in a forced command must not come into evidence, and the key itself does not either.
    #[test]
    fn rows_hold_fingerprints_and_no_commands() {
        let people = people("R\tP\tdeploy\t1100\t1100\t\t/srv\t/bin/sh\n");
        let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";
        let line = format!(
            "deploy\t/srv/.ssh/authorized_keys\tfrom=\"10.0.0.0/8,10.1\",command=\"x --token=tok-3fd1\",no-pty {key} ada"
        );
        let rows = rows(&[line, "deploy\t/x\t# ssh-rsa AAAA off".to_owned()], &people).expect("rows");
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0]["options"], json!({"from": "10.0.0.0/8,10.1", "command": true, "no-pty": true}));
        assert_eq!((&rows[0]["uid"], &rows[0]["comment"]), (&json!(1100), &json!("ada")));
        let text = rows[0].to_string();
        assert!(!text.contains("tok-3fd1") && !text.contains("AAAAC3"), "{text}");
    }
}
