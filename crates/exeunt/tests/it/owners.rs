//! The register, shown and checked.

use std::fs;

use serde_json::Value;

use crate::said::{Said, program, run};
use crate::stage::copied;

fn owners(state: &std::path::Path, args: &[&str]) -> Said {
    run(program().arg("--state").arg(state).arg("owners").args(args))
}

fn edit(state: &std::path::Path, from: &str, to: &str) {
    let path = state.join("exeunt.yaml");
    let text = fs::read_to_string(&path).expect("a configuration");
    assert!(text.contains(from), "no `{from}`");
    fs::write(path, text.replacen(from, to, 1)).expect("written");
}

fn cell(more: &str) -> String {
    format!("owners:\n  - {{ domain: application_entitlement, {more} }}\n")
}

/// Whoever asks who owns a thing wants to find the line that says so, for today and for the day it mattered.
#[test]
fn the_matrix_shows_who_where_and_when() {
    let state = copied();
    let state = state.path();
    let more =
        "system: matrix, owner: Chat team, contact: chat@halden.example, deadline: 4h, escalation: CISO";
    edit(
        state,
        "owners:\n",
        &cell(&more.replace("escalation: CISO", "until: 2026-11-01T00:00:00Z, escalation: { to: CISO }")),
    );
    fs::write(state.join("CODEOWNERS"), "* @halden/platform\n").expect("written");
    edit(
        state,
        "policy:\n",
        "owners_files:\n  - { path: CODEOWNERS, system: github, repository: halden/app }\n\npolicy:\n",
    );
    let now = owners(state, &[]);
    assert_eq!(now.code, 0, "{}", now.err);
    let text = fs::read_to_string(state.join("exeunt.yaml")).expect("a configuration");
    let line_of = |words: &str| text.lines().position(|line| line.contains(words)).expect("a line") + 1;
    let desk = format!(
        "Service desk, desk@halden.example, within 24h  exeunt.yaml:{}",
        line_of("owner: Service desk")
    );
    assert!(now.out.contains(&desk), "{desk} in\n{}", now.out);
    assert!(!now.out.contains("Chat team"), "{}", now.out);
    assert!(now.out.contains("halden/app, by path: 1 rules  CODEOWNERS"), "{}", now.out);
    let then = owners(state, &["--at", "2026-10-01T00:00:00Z"]);
    let chat =
        format!("Chat team, chat@halden.example, within 4h, then CISO  exeunt.yaml:{}", line_of("Chat team"));
    assert!(then.out.contains(&chat), "{chat} in\n{}", then.out);
    let json = owners(state, &["--format", "json", "--at", "2026-10-01T00:00:00Z"]).json();
    let of = |system: &str| -> Vec<Value> {
        let all = json["owners"].as_array().expect("a list").clone();
        all.into_iter()
            .filter(|one| one["system"] == system && one["domain"] == "application_entitlement")
            .collect()
    };
    assert_eq!(of("matrix")[0]["owners"][0]["owner"]["team"], "Chat team");
    assert_eq!(of("matrix")[0]["owners"][0]["kind"], "team");
    assert_eq!(json["by_path"][0]["rules"][0]["owners"][0]["team"], "halden/platform");
    assert_eq!(json["files"][0]["file"], "CODEOWNERS");
}

/// A register that nobody checks names people who left years ago. A directory that was not read tells nothing.
#[test]
fn the_check_says_who_left_and_what_is_missing() {
    let state = copied();
    let state = state.path();
    let fine = owners(state, &["--check"]);
    assert_eq!((fine.code, fine.out.as_str()), (0, "nothing is wrong with the register\n"), "{}", fine.err);
    edit(state, "owners:\n", &cell("system: slack, owner: mara.voss@halden.example"));
    let left = owners(state, &["--check"]);
    assert_eq!(left.code, 10, "{}", left.err);
    assert!(
        left.out.starts_with("owner_left ") && left.out.contains("mara.voss@halden.example (exeunt.yaml:"),
        "{}",
        left.out
    );
    edit(state, "domain: identity_lifecycle, system: \"*\"", "domain: identity_lifecycle, system: okta");
    edit(state, "owners:\n", &cell("system: slack, owner: Somebody else"));
    let json = owners(state, &["--check", "--format", "json"]);
    assert_eq!(json.code, 10, "{}", json.err);
    let findings = json.json()["findings"].as_array().expect("a list").clone();
    let count = |code: &str| findings.iter().filter(|found| found["code"] == code).count();
    assert_eq!(
        (count("owner_left"), count("owner_overlap"), count("owner_missing")),
        (1, 1, 7),
        "{findings:#?}"
    );
    assert_eq!(owners(state, &["--check", "--at", "2026-10-01T00:00:00Z"]).code, 2);
}

/// Before anything was read, nobody can say who left; that is neither fine nor wrong.
#[test]
fn without_the_directory_the_check_is_open() {
    let empty = tempfile::tempdir().expect("a folder");
    fs::copy(copied().path().join("exeunt.yaml"), empty.path().join("exeunt.yaml")).expect("copied");
    fs::create_dir(empty.path().join("secrets")).expect("made");
    let said = owners(empty.path(), &["--check"]);
    assert_eq!(said.code, 11, "{}{}", said.out, said.err);
    assert!(said.err.contains("exeunt collect okta"), "{}", said.err);
}
