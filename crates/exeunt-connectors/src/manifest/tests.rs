//! A mistake in a manifest is told with file, line and a hint; a manifest that loads is sound.

use super::{Loaded, ManifestErrors, fill_settings, load};

/// A small manifest that loads; tests break it in one place each.
pub(crate) const GOOD: &str = r#"
manifest: 1
connector: forge
title: Forge
about: A small code host.
protocol: http
url: https://{host}/api
settings:
  host: { about: The host. }
  org: { about: The organisation., default: acme }
auth: [bearer]
reader:
  request: { http: { path: /me } }
  name: .login
reads:
  users:
    about: Everybody.
    request: { http: { path: "/orgs/{org}/users", query: { per_page: "2" } } }
    permission: users:read
    paging: { cursor: { from: .next, into: cursor } }
    rows: .items
    require: [id, login]
    map: '{record: "account", id: "account/\(.id)", login: .login, state: "active", native_state: "active"}'
    control: any_row
  tokens:
    about: Their tokens.
    request: { http: { path: "/users/{user}/tokens" } }
    permission: tokens:read
    paging: { none: { because: "the list is whole" } }
    rows: .tokens
    require: [id]
    map: |
      {record: "credential", id: "credential/\(.id)", kind: "token.user", native_type: "token",
       name: .name, state: "active", holder: {object: "account/\($user)"}}
    each: { read: users, bind: { user: .id }, when: ".login != \"ghost\"" }
    control: { refuses_otherwise: { because: "403 without the permission" } }
identity_kinds:
  - { reads: [users], when: '.login | endswith("-bot")', kind: service, reason: login ends in -bot }
survivors:
  principal: { seen_by: [users] }
  token.user: { seen_by: [tokens] }
  session: { blind: not listed }
  token.resource: { not_applicable: none }
  key.asym: { not_applicable: none }
  grant.delegated: { not_applicable: none }
  grant.direct: { not_applicable: none }
  grant.inherited: { not_applicable: none }
  trust: { not_applicable: none }
  owned.nhi: { not_applicable: none }
  owned.automation: { not_applicable: none }
  owned.data: { not_applicable: none }
  egress: { not_applicable: none }
  recovery: { not_applicable: none }
kills:
  token.user: { disabled: latent, source: manual }
proof:
  token.user: { settle: 1m, source: manual }
"#;

/// The small manifest.
pub(crate) fn good() -> Loaded {
    load(GOOD, "forge.yaml").expect("the small manifest loads")
}

fn broken(from: &str, to: &str) -> ManifestErrors {
    assert!(GOOD.contains(from), "the small manifest has no `{from}`");
    load(&GOOD.replacen(from, to, 1), "forge.yaml").expect_err(to)
}

fn line_of(text: &str) -> u64 {
    let at = GOOD.find(text).expect("stands there");
    GOOD[..at].matches('\n').count() as u64 + 1
}

/// Each of these typos would have lost facts silently or failed on the day it is needed.
#[test]
fn mistakes_are_told_with_line_and_hint() {
    for (from, to, says, hint) in [
        (
            "    paging: { cursor: { from: .next, into: cursor } }\n",
            "",
            "`paging` is missing",
            "come out short",
        ),
        (
            "permission: users:read",
            "permision: users:read",
            "unknown field `permision`",
            "did you mean `permission`?",
        ),
        ("cursor: { from: .next", "cursr: { from: .next", "unknown choice `cursr`", "did you mean `cursor`?"),
        ("into: cursor } }", "info: cursor } }", "unknown field `info`", "did you mean `into`?"),
        ("rows: .items", "rows: .items |", "does not compile", "jq"),
        ("when: \".login != \\\"ghost\\\"\"", "when: $nobody", "does not compile", "$settings"),
        ("read: users,", "read: user,", "no read `user`", "did you mean `users`?"),
        ("read: users,", "read: tokens,", "depends on itself", "stand alone"),
        ("/users/{user}/tokens", "/users/{usr}/tokens", "`{usr}` is neither", "did you mean `{user}`?"),
        ("  session: { blind: not listed }\n", "", "`session` is not accounted for", "seen_by"),
        ("seen_by: [tokens]", "seen_by: [toknes]", "no read `toknes`", "did you mean `tokens`?"),
        ("seen_by: [tokens]", "blind: never", "no survivor kind is seen by it", "survivors"),
        ("seen_by: [tokens]", "seen_by: [users]", "gives no record of credential", "map"),
        ("session: { blind", "sesion: { blind", "sesion", ""),
        ("path: /me", "path: me", "begins with one `/`", ""),
        ("path: /me", "path: /me, method: DELETE", "may only GET", "revoke"),
        ("protocol: http", "protocol: ldap", "not of the manifest's protocol", "protocol"),
        (
            "cursor: { from: .next, into: cursor }",
            "ldap_paged: { size: 5 }",
            "does not exist in",
            "ldap_paged",
        ),
        (
            "cursor: { from: .next, into: cursor }",
            "cursor: { from: .next, into: /c }",
            "the request has none",
            "body",
        ),
        (
            "cursor: { from: .next, into: cursor }",
            "offset: { start: s, size: [n, 0] }",
            "at least one row",
            "more",
        ),
        ("kills:\n  token.user", "kills:\n  trust", "stated not to exist", "remove"),
        ("reads: [users]", "reads: [usrs]", "no read `usrs`", "did you mean `users`?"),
        ("user: .id }", "org: .id }", "a setting has this name", "another"),
        ("manifest: 1", "manifest: 2", "version 2", "version 1"),
        ("host: { about: The host. }", "host: { abut: The host. }", "unknown field `abut`", "`about`"),
        ("settle: 1m", "settle: soon", "", ""),
        ("auth: [bearer]", "auth: [beaerer]", "unknown choice `beaerer`", "`bearer`"),
        ("reads:\n  users:", "reads:\n  users: [", "", "YAML"),
    ] {
        let errors = broken(from, to);
        let found = errors.0.iter().find(|e| e.says.contains(says) && e.hint.contains(hint));
        assert!(found.is_some(), "`{to}` gave:\n{errors}");
        assert!(errors.0.iter().all(|e| e.file == "forge.yaml" && e.line > 0), "{errors}");
    }
}

/// The line is the one to edit, not that of the document.
#[test]
fn the_line_is_that_of_the_mistake() {
    let errors = broken("permission: tokens:read", "permision: tokens:read");
    let line = errors.0.iter().find(|e| e.says.contains("permision")).expect("found").line;
    assert_eq!(line, line_of("permission: tokens:read"));
    let errors = broken("rows: .tokens", "rows: '.tokens | nothing'");
    assert_eq!(errors.0[0].line, line_of("rows: .tokens"));
    let errors = broken("seen_by: [tokens]", "seen_by: [gone]");
    let line = errors.0.iter().find(|e| e.says.contains("`gone`")).expect("found").line;
    assert_eq!(line, line_of("token.user: { seen_by"));
}

/// Whoever writes a manifest wants all mistakes at once.
#[test]
fn all_mistakes_are_told_at_once() {
    let text = GOOD
        .replace("rows: .items", "rows: '.items |'")
        .replace("{user}/tokens", "{usr}/tokens")
        .replace("seen_by: [tokens]", "seen_by: [toknes]");
    let errors = load(&text, "forge.yaml").expect_err("three mistakes");
    assert!(errors.0.len() >= 3, "{errors}");
    let typos =
        GOOD.replace("require: [id]", "requir: [id]").replace("about: Everybody.", "abou: Everybody.");
    let errors = load(&typos, "forge.yaml").expect_err("two typos");
    assert!(errors.0.len() >= 3, "{errors}");
}

/// SQL is the one place where a value in the text would be executed.
#[test]
fn sql_reads_one_statement_and_takes_values_by_place() {
    let sql = |query: &str| {
        let text = GOOD
            .replace("protocol: http", "protocol: sql")
            .replace("http: { path: /me }", "sql: { query: select 1 as row }")
            .replace(
                "http: { path: \"/orgs/{org}/users\", query: { per_page: \"2\" } }",
                "sql: { query: select 1 as row }",
            )
            .replace("cursor: { from: .next, into: cursor }", "none: { because: one result }")
            .replace("http: { path: \"/users/{user}/tokens\" }", &format!("sql: {{ query: \"{query}\" }}"));
        load(&text, "forge.yaml")
    };
    assert!(sql("with t as (select $1) select * from t;").is_ok());
    for (query, says) in [
        ("delete from t where x = $1", "begins with `select`"),
        ("select $1; drop table t", "one statement"),
        ("select '{user}', $1", "cannot stand in SQL"),
        ("select 1", "$1 is not used"),
        ("select $1, $2", "$2 has no value"),
    ] {
        let errors = sql(query).expect_err(query);
        assert!(errors.to_string().contains(says), "{query}: {errors}");
    }
}

/// A forgotten setting has to be told before anything is asked.
#[test]
fn settings_are_completed_and_checked() {
    let manifest = good().manifest;
    let given =
        |pairs: &[(&str, &str)]| pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    let full = fill_settings(&manifest, &given(&[("host", "h")])).expect("host is enough");
    assert_eq!(full["org"], "acme");
    assert!(fill_settings(&manifest, &given(&[])).expect_err("no host").to_string().contains("`host`"));
    let typo = fill_settings(&manifest, &given(&[("host", "h"), ("orgg", "x")])).expect_err("typo");
    assert!(typo.to_string().contains("did you mean `org`?"), "{typo}");
}
