//! What sudo allows, from sudoers(5): aliases followed, one row for each subject and each way to run something.
//!
//! A line that is not understood ends the read: a rule that is skipped is access that is not seen. Hosts in
//! rules are not compared with this host, so that a rule for another host is shown as one for this; negations
//! are not applied. Both show more than there is, and never less.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use exeunt_model::PartialReason;

use super::Failure;
use super::accounts::People;

/// Aliases within aliases are followed this far.
const DEEPEST: usize = 16;

/// Aliases of one sort, by name.
type Aliases = BTreeMap<String, Vec<String>>;

#[derive(Default)]
struct Rules {
    users: Aliases,
    runas: Aliases,
    commands: Aliases,
    /// Path of the file, and the rule without its line breaks.
    specs: Vec<(String, String)>,
}

/// One row for each subject and way.
pub(super) fn rows(lines: &[String], people: &People) -> Result<Vec<Value>, Failure> {
    let mut rules = Rules::default();
    for (path, line) in joined(lines)? {
        rules.line(&path, &line)?;
    }
    let mut rows = Vec::new();
    for (path, spec) in &rules.specs {
        let not_known = || unknown(path, spec);
        let (subjects, rest) = subjects(spec).ok_or_else(not_known)?;
        let subjects = expanded(&rules.users, &subjects);
        for part in split(rest, ':').into_iter().filter(|part| part.contains('=')) {
            let ways = rules.ways(&part).ok_or_else(not_known)?;
            for subject in subjects.iter().filter(|subject| !subject.starts_with('!')) {
                for way in &ways {
                    rows.extend(row(subject, way, path, people));
                }
            }
        }
    }
    rows.dedup();
    Ok(rows)
}

fn unknown(path: &str, line: &str) -> Failure {
    let shown: String = line.chars().take(80).collect();
    (PartialReason::SchemaChanged, format!("a rule in {path} is not understood: `{shown}`. Please report it"))
}

/// Whole lines by file: a backslash at the end joins the next, `#` begins a comment unless a number follows.
fn joined(lines: &[String]) -> Result<Vec<(String, String)>, Failure> {
    let mut done: Vec<(String, String)> = Vec::new();
    let mut open = String::new();
    for line in lines {
        let Some((path, text)) = line.split_once('\t') else { return super::strange("sudo", line) };
        let text = uncommented(text);
        if let Some(begun) = text.strip_suffix('\\') {
            open.push_str(begun);
            continue;
        }
        let whole = format!("{}{}", std::mem::take(&mut open), text).trim().to_owned();
        if !whole.is_empty() {
            done.push((path.to_owned(), whole));
        }
    }
    Ok(done)
}

fn uncommented(text: &str) -> &str {
    let mut quoted = false;
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        match c {
            '"' if before != '\\' => quoted = !quoted,
            '#' if !quoted && before != '\\' => {
                let number =
                    text.get(at + 1..).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
                if !(number && matches!(before, ' ' | '\t' | ',' | '(' | '%' | ':' | '!')) {
                    return text.get(..at).unwrap_or_default();
                }
            }
            _ => {}
        }
        before = c;
    }
    text
}

impl Rules {
    fn line(&mut self, path: &str, line: &str) -> Result<(), Failure> {
        let word = line.split_whitespace().next().unwrap_or_default();
        let aliases = match word {
            "User_Alias" => &mut self.users,
            "Runas_Alias" => &mut self.runas,
            "Cmnd_Alias" | "Cmd_Alias" => &mut self.commands,
            "Host_Alias" => return Ok(()),
            _ if word.starts_with("Defaults") || word.starts_with("@include") => return Ok(()),
            _ => {
                self.specs.push((path.to_owned(), line.to_owned()));
                return Ok(());
            }
        };
        for one in split(line.strip_prefix(word).unwrap_or_default(), ':') {
            let Some((name, members)) = one.split_once('=') else { return Err(unknown(path, line)) };
            aliases.entry(name.trim().to_owned()).or_default().extend(list(members));
        }
        Ok(())
    }

    /// `hosts = (runas) TAG: command, command`: runas and tags hold for the commands after them too.
    fn ways(&self, part: &str) -> Option<Vec<Way>> {
        let (_, commands) = part.split_once('=')?;
        let mut ways: Vec<Way> = Vec::new();
        let (mut runas, mut nopasswd) = (vec!["root".to_owned()], false);
        for command in split(commands, ',') {
            let mut rest = command.trim();
            if let Some(after) = rest.strip_prefix('(') {
                let (inside, after) = after.split_once(')')?;
                let users = list(inside.split(':').next().unwrap_or_default());
                runas =
                    if users.is_empty() { vec!["themselves, with another group".to_owned()] } else { users };
                rest = after.trim();
            }
            while let Some((tag, after)) = tag(rest) {
                match tag {
                    "NOPASSWD" => nopasswd = true,
                    "PASSWD" => nopasswd = false,
                    _ => {}
                }
                rest = after.trim();
            }
            let found = expanded(&self.commands, &[rest.to_owned()]);
            let programs =
                found.iter().filter(|one| !one.starts_with('!') && !one.is_empty()).map(|one| program(one));
            let who: Vec<String> = expanded(&self.runas, &runas).into_iter().collect();
            match ways.iter_mut().find(|way| way.runas == who && way.nopasswd == nopasswd) {
                Some(way) => way.commands.extend(programs),
                None => ways.push(Way { runas: who, nopasswd, commands: programs.collect() }),
            }
        }
        Some(ways)
    }
}

/// The members of aliases instead of their names.
fn expanded(aliases: &Aliases, names: &[String]) -> BTreeSet<String> {
    let (mut done, mut left) = (BTreeSet::new(), names.to_vec());
    for _ in 0..DEEPEST {
        let mut deeper = Vec::new();
        for name in left {
            match aliases.get(&name) {
                Some(members) => deeper.extend(members.iter().cloned()),
                None => {
                    done.insert(name);
                }
            }
        }
        left = deeper;
    }
    done.extend(left);
    done
}

/// As whom what may be run.
struct Way {
    runas: Vec<String>,
    nopasswd: bool,
    commands: BTreeSet<String>,
}

/// Rows of one subject; everybody is each account of a person's range.
fn row(subject: &str, way: &Way, path: &str, people: &People) -> Vec<Value> {
    let plain = subject.replace(['"', '\\'], "");
    let one = |sort: &str, name: &str, uid: Option<u32>| {
        let runas: Vec<Value> =
            way.runas.iter().map(|name| people.named(name.trim_start_matches('#'))).collect();
        json!({
            "sort": sort, "name": name, "uid": uid, "runas": runas, "nopasswd": way.nopasswd, "path": path,
            "commands": way.commands, "anything": way.commands.contains("ALL"),
            "as_anybody": way.runas.iter().any(|name| matches!(name.as_str(), "ALL" | "root" | "#0")),
        })
    };
    if plain == "ALL" {
        return people.names().map(|(name, uid)| one("user", name, Some(uid))).collect();
    }
    if let Some(number) = plain.strip_prefix('#') {
        let uid = number.parse().ok();
        let name = uid.and_then(|uid| people.by_uid(uid)).map_or(plain.as_str(), |person| &person.name);
        return vec![one("user", name, uid)];
    }
    match plain.strip_prefix('%') {
        Some(group) => vec![one("group", group, None)],
        None if plain.starts_with('+') => vec![one("netgroup", &plain, None)],
        None => vec![one("user", &plain, people.uid(&plain))],
    }
}

/// The list of subjects and the rest: it ends at the first space that no comma or quote goes on after.
fn subjects(spec: &str) -> Option<(Vec<String>, &str)> {
    let (mut quoted, mut before) = (false, ' ');
    for (at, c) in spec.char_indices() {
        if c == '"' && before != '\\' {
            quoted = !quoted;
        }
        if c.is_whitespace() && !quoted && before != '\\' {
            let (head, rest) = spec.split_at(at);
            let goes_on = head.trim_end().ends_with(',') || rest.trim_start().starts_with(',');
            if !goes_on && !head.trim_end().ends_with('!') {
                return rest.contains('=').then(|| (list(head), rest));
            }
        }
        before = c;
    }
    None
}

/// `NOPASSWD:` and its like, and what comes after.
fn tag(text: &str) -> Option<(&str, &str)> {
    let (name, rest) = text.split_once(':')?;
    let name = name.trim();
    let fine = !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c == '_');
    fine.then_some((name, rest))
}

/// The program without its arguments, which may hold what is nobody's business.
fn program(command: &str) -> String {
    let mut words = command.split_whitespace();
    let first: String = words.next().unwrap_or_default().chars().take(120).collect();
    if words.next().is_some() { format!("{first} …") } else { first }
}

/// Parts of a text at a character that is neither escaped nor quoted, nor (for colons) part of a tag or path.
fn split(text: &str, at: char) -> Vec<String> {
    let (mut parts, mut part, mut quoted, mut before, mut depth) =
        (Vec::new(), String::new(), false, ' ', 0_u32);
    for c in text.chars() {
        match c {
            '"' if before != '\\' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
        let ends_tag = at == ':' && {
            let word = part.rsplit([' ', '\t', '=', ',', ')', ':']).next().unwrap_or_default();
            let trimmed = part.trim_end();
            let tag = trimmed.rsplit([' ', '\t', '=', ',', ')', ':']).next().unwrap_or_default();
            !word.is_empty() && is_tag(word) || (word.is_empty() && is_tag(tag))
        };
        if c == at && !quoted && depth == 0 && before != '\\' && !ends_tag {
            parts.push(std::mem::take(&mut part));
        } else {
            part.push(c);
        }
        before = c;
    }
    parts.push(part);
    parts
}

fn is_tag(word: &str) -> bool {
    const TAGS: [&str; 16] = [
        "EXEC",
        "NOEXEC",
        "FOLLOW",
        "NOFOLLOW",
        "LOG_INPUT",
        "NOLOG_INPUT",
        "LOG_OUTPUT",
        "NOLOG_OUTPUT",
        "MAIL",
        "NOMAIL",
        "INTERCEPT",
        "NOINTERCEPT",
        "PASSWD",
        "NOPASSWD",
        "SETENV",
        "NOSETENV",
    ];
    TAGS.contains(&word)
}

fn list(text: &str) -> Vec<String> {
    split(text, ',').iter().map(|one| one.trim().to_owned()).filter(|one| !one.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::rows;
    use crate::protocol::ssh::accounts::people;

    fn read(text: &str) -> Result<Vec<Value>, super::Failure> {
        let people = people(
            "R\tP\troot\t0\t0\t\t/root\t/bin/sh\nR\tP\tada\t1001\t1001\t\t/home/ada\t/bin/sh\nR\tP\tdeploy\t1100\t1100\t\t/srv\t/bin/sh\n",
        );
        let lines: Vec<String> = text.lines().map(|line| format!("/etc/sudoers\t{line}")).collect();
        rows(&lines, &people)
    }

    fn short(rows: &[Value]) -> Vec<String> {
        let names = |list: &Value| {
            list.as_array()
                .map(|all| {
                    all.iter()
                        .map(|one| one["name"].as_str().unwrap_or_default().to_owned())
                        .collect::<Vec<_>>()
                        .join("+")
                })
                .unwrap_or_default()
        };
        rows.iter()
            .map(|row| {
                let free = if row["nopasswd"] == json!(true) { "!" } else { "" };
                let commands = row["commands"]
                    .as_array()
                    .map(|all| all.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("+"));
                format!(
                    "{}:{} {free}{} as {}",
                    row["sort"].as_str().unwrap_or_default(),
                    row["name"].as_str().unwrap_or_default(),
                    commands.unwrap_or_default(),
                    names(&row["runas"])
                )
            })
            .collect()
    }

    /// The everyday forms: users, groups, numbers, aliases within aliases, tags, several commands, continuation.
    #[test]
    fn rules_are_read_as_sudo_reads_them() {
        let text = "\
# a comment
Defaults env_reset, secure_path=\"/usr/sbin:/usr/bin\"
Defaults:%wheel !lecture
@includedir /etc/sudoers.d
User_Alias OPS = ada, %ops : ADMINS = OPS, \\
  #1100
Cmnd_Alias RESTART = /bin/systemctl restart app, !/bin/systemctl restart ssh : LOGS = /usr/bin/journalctl
Runas_Alias DB = postgres, mysql
root ALL=(ALL:ALL) ALL
%sudo\tALL=(ALL:ALL) NOPASSWD: ALL
ADMINS ALL = (DB) NOPASSWD: RESTART, PASSWD: LOGS
deploy web1 = NOPASSWD:SETENV: /usr/bin/rsync -a --token\\=x, /bin/true : db1 = (deploy) ALL
\"%domain users\" ALL=/bin/ls
";
        assert_eq!(
            short(&read(text).expect("rows")),
            [
                "user:root ALL as ALL",
                "group:sudo !ALL as ALL",
                "user:deploy !/bin/systemctl … as mysql+postgres",
                "user:deploy /usr/bin/journalctl as mysql+postgres",
                "group:ops !/bin/systemctl … as mysql+postgres",
                "group:ops /usr/bin/journalctl as mysql+postgres",
                "user:ada !/bin/systemctl … as mysql+postgres",
                "user:ada /usr/bin/journalctl as mysql+postgres",
                "user:deploy !/bin/true+/usr/bin/rsync … as root",
                "user:deploy ALL as deploy",
                "group:domain users /bin/ls as root",
            ]
        );
    }

    /// A rule for everybody is a rule for each person, and one that is not understood is not skipped.
    #[test]
    fn nobody_is_left_out() {
        assert_eq!(
            short(&read("ALL ALL=(root) NOPASSWD: /usr/bin/id").expect("rows")),
            ["user:ada !/usr/bin/id as root", "user:deploy !/usr/bin/id as root"]
        );
        for wrong in ["ada", "ada ALL", "User_Alias X"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
