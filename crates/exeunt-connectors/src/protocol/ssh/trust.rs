//! Who is let in without a key of their own in a file: authorities, principals, commands that give keys.

use serde_json::{Value, json};

use super::accounts::People;
use super::fingerprint::public_key;
use super::{Failure, strange};

/// Settings of sshd, authorities that sign users' certificates, and the principals each account takes.
pub(super) fn rows(lines: &[String], people: &People) -> Result<Vec<Value>, Failure> {
    let mut rows = Vec::new();
    for line in lines {
        let fields: Vec<&str> = line.split('\t').collect();
        match fields.as_slice() {
            ["setting", name, value] => rows.push(json!({"sort": "setting", "name": name, "value": value})),
            ["authority", path, text @ ..] => {
                let text = text.join("\t");
                if let Some(key) = public_key(&text).filter(|_| !text.trim_start().starts_with('#')) {
                    rows.push(json!({
                        "sort": "authority", "path": path, "fingerprint": key.fingerprint,
                        "comment": key.comment.chars().take(120).collect::<String>(),
                    }));
                }
            }
            ["principal", user, path, principal] => rows.push(json!({
                "sort": "principal", "user": user, "uid": people.uid(user), "path": path, "principal": principal,
            })),
            _ => return strange("trust", line),
        }
    }
    Ok(rows)
}
