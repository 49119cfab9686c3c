//! What the types of a manifest cannot say: names that have to exist, rules that have to fit.

use std::collections::BTreeSet;

use exeunt_model::manifest::{
    HttpRequest, Manifest, Method, Paging, Protocol, ReadRule, Request, SqlRequest, SshSection,
};

use super::names::nearest;
use super::{Findings, aws, door, families, promises};
use crate::template;

/// Checks a manifest that has the right shape.
pub(super) fn check(manifest: &Manifest, findings: &mut Findings<'_>) {
    head(manifest, findings);
    for (family, name, rule) in families(manifest) {
        let mut read = Read { manifest, findings, family, name, rule };
        read.check();
    }
    cycles(manifest, findings);
    promises::check(manifest, findings);
    for (index, rule) in manifest.identity_kinds.iter().enumerate() {
        for name in rule.reads.iter().filter(|name| !manifest.reads.contains_key(*name)) {
            let index = index.to_string();
            no_read(manifest, name, &["identity_kinds", &index, "reads"], findings);
        }
    }
}

fn head(manifest: &Manifest, findings: &mut Findings<'_>) {
    if manifest.manifest != 1 {
        let says = format!("version {} of the manifest form is not known", manifest.manifest);
        findings.add(&["manifest"], says, "this program reads version 1");
    }
    let fine = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
    if manifest.connector.is_empty() || !manifest.connector.bytes().all(fine) {
        findings.add(
            &["connector"],
            "a connector's name is made of a-z, 0-9 and `-`",
            "use the folder's name",
        );
    }
    if manifest.auth.is_empty() {
        findings.add(&["auth"], "no way to sign in is stated", "list at least one");
    }
    if manifest.reads.is_empty() {
        findings.add(&["reads"], "there are no reads", "a system of which nothing is read proves nothing");
    }
    for name in manifest.settings.keys().filter(|name| !template::is_name(name)) {
        findings.add(&["settings", name], "a setting's name is made of a-z, 0-9 and `_`", "rename it");
    }
    let url = manifest.url.iter().map(|text| (vec!["url"], text));
    let headers = manifest.client.headers.iter();
    let headers = headers.map(|(name, text)| (vec!["client", "headers", name.as_str()], text));
    for (place, text) in url.chain(headers) {
        for name in template::names(text).filter(|name| !manifest.settings.contains_key(*name)) {
            findings.add(&place, format!("`{{{name}}}` is no setting"), "declare it under `settings`");
        }
    }
    if manifest.client.concurrency == 0 || manifest.client.rate.per_second == 0 || manifest.client.tries == 0
    {
        findings.add(&["client"], "concurrency, rate and tries are at least 1", "raise the one that is 0");
    }
    if let Some(reader) = &manifest.reader {
        request(manifest, &reader.request, &["reader", "request"], findings);
        places(manifest, &reader.request, &BTreeSet::new(), &["reader", "request"], findings);
    }
    if let Some(rights) = &manifest.rights {
        request(manifest, &rights.request, &["rights", "request"], findings);
        places(manifest, &rights.request, &BTreeSet::new(), &["rights", "request"], findings);
    }
}

pub(super) fn no_read(manifest: &Manifest, name: &str, place: &[&str], findings: &mut Findings<'_>) {
    let hint = nearest(name, manifest.reads.keys().map(String::as_str))
        .map_or_else(|| "name one of `reads`".to_owned(), |near| format!("did you mean `{near}`?"));
    findings.add(place, format!("there is no read `{name}`"), hint);
}

fn request(manifest: &Manifest, request: &Request, place: &[&str], findings: &mut Findings<'_>) {
    let fits = matches!(
        (manifest.protocol, request),
        (Protocol::Http, Request::Http(_))
            | (Protocol::Ldap, Request::Ldap(_))
            | (Protocol::Sql, Request::Sql(_))
            | (Protocol::Aws, Request::Aws(_))
            | (Protocol::Ssh, Request::Ssh(_))
            | (Protocol::Exec, Request::Exec(_))
            | (Protocol::File, Request::Csv(_) | Request::Baton(_) | Request::Airbyte(_))
    );
    if !fits {
        findings.add(place, "the request is not of the manifest's protocol", "make it match `protocol`");
    }
    match request {
        Request::Http(http) => http_request(http, place, findings),
        Request::Sql(sql) => sql_request(sql, place, findings),
        Request::Aws(aws) => aws::request(manifest, aws, place, findings),
        Request::Ssh(ssh) if (ssh.section == SshSection::Hosts) != ssh.host.is_empty() => findings.add(
            &[place, &["ssh", "host"]].concat(),
            "every section but `hosts` is one host's",
            "write `host: \"{host}\"`, bound by `each` on the read of the hosts",
        ),
        Request::Ldap(_) | Request::Ssh(_) => {}
        Request::Exec(_) | Request::Csv(_) | Request::Baton(_) | Request::Airbyte(_) => {
            door::request(manifest, request, place, findings);
        }
    }
}

fn http_request(http: &HttpRequest, place: &[&str], findings: &mut Findings<'_>) {
    if !matches!(http.method, Method::Get | Method::Post) {
        let place = [place, &["http", "method"]].concat();
        findings.add(&place, "a read may only GET, or POST a search", "changes belong under `revoke`");
    }
    if !http.path.starts_with('/') || http.path.starts_with("//") {
        let place = [place, &["http", "path"]].concat();
        findings.add(&place, "a path begins with one `/`", "it is appended to the system's URL");
    }
    if http.path.contains('?') {
        let place = [place, &["http", "path"]].concat();
        findings.add(&place, "a path has no `?`", "put parameters under `query`");
    }
}

fn sql_request(sql: &SqlRequest, place: &[&str], findings: &mut Findings<'_>) {
    let place = [place, &["sql", "query"]].concat();
    let text = sql.query.trim().trim_end_matches(';').to_ascii_lowercase();
    let first = text.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
    if !matches!(first, "select" | "with") {
        findings.add(&place, "a statement of a read begins with `select` or `with`", "reads change nothing");
    }
    if text.contains(';') {
        findings.add(&place, "one statement only", "make a read of each");
    }
    if let Some(name) = template::names(&sql.query).next() {
        let says = format!("`{{{name}}}` cannot stand in SQL");
        findings.add(&place, says, "values are bound as $1, $2 in the order of the names in `each.bind`");
    }
}

/// Every text of a request that may hold `{name}`.
fn texts(request: &Request) -> Vec<&str> {
    fn body<'a>(value: &'a serde_json::Value, into: &mut Vec<&'a str>) {
        match value {
            serde_json::Value::String(text) => into.push(text),
            serde_json::Value::Array(items) => items.iter().for_each(|item| body(item, into)),
            serde_json::Value::Object(map) => map.values().for_each(|item| body(item, into)),
            _ => {}
        }
    }
    match request {
        Request::Http(http) => {
            let mut all = vec![http.path.as_str()];
            all.extend(http.query.values().map(String::as_str));
            all.extend(http.headers.values().map(String::as_str));
            if let Some(value) = &http.body {
                body(value, &mut all);
            }
            all
        }
        Request::Ldap(ldap) => vec![&ldap.base, &ldap.filter],
        Request::Aws(aws) => {
            let mut all: Vec<&str> = aws.params.values().map(String::as_str).collect();
            if let Some(value) = &aws.body {
                body(value, &mut all);
            }
            all.extend(aws.assume.iter().flat_map(aws::texts));
            all
        }
        Request::Ssh(ssh) => vec![&ssh.host],
        Request::Sql(_) => Vec::new(),
        Request::Exec(_) | Request::Csv(_) | Request::Baton(_) | Request::Airbyte(_) => door::texts(request),
    }
}

fn places(
    manifest: &Manifest,
    request: &Request,
    bound: &BTreeSet<&str>,
    place: &[&str],
    findings: &mut Findings<'_>,
) {
    for name in texts(request).into_iter().flat_map(template::names) {
        if !manifest.settings.contains_key(name) && !bound.contains(name) {
            let known = manifest.settings.keys().map(String::as_str).chain(bound.iter().copied());
            let hint = nearest(name, known).map_or_else(
                || {
                    "declare it under `settings` or bind it in `each`; write `{ x }` for a brace that is text"
                        .to_owned()
                },
                |near| format!("did you mean `{{{near}}}`?"),
            );
            findings.add(place, format!("`{{{name}}}` is neither a setting nor bound"), hint);
        }
    }
}

struct Read<'a, 'f> {
    manifest: &'a Manifest,
    findings: &'a mut Findings<'f>,
    family: &'static str,
    name: &'a str,
    rule: &'a ReadRule,
}

impl Read<'_, '_> {
    fn add(&mut self, under: &[&str], says: impl Into<String>, hint: impl Into<String>) {
        self.findings.add(&[&[self.family, self.name], under].concat(), says, hint);
    }

    fn check(&mut self) {
        if ["reader", "rights"].contains(&self.name) || !template::is_name(self.name) {
            self.add(
                &[],
                "a read's name is made of a-z, 0-9 and `_`, and is neither `reader` nor `rights`",
                "rename it",
            );
        }
        let place = [self.family, self.name, "request"];
        request(self.manifest, &self.rule.request, &place, self.findings);
        let mut bound: BTreeSet<&str> = BTreeSet::new();
        if self.family == "ticket" {
            bound.insert("issue");
        }
        if let Some(each) = &self.rule.each {
            bound.extend(each.bind.keys().map(String::as_str));
            self.each(&each.read, each.bind.len());
            for name in each.bind.keys() {
                if !template::is_name(name) || matches!(name.as_str(), "settings" | "issue") {
                    self.add(
                        &["each", "bind", name],
                        "this name cannot be bound",
                        "use another of a-z, 0-9, `_`",
                    );
                }
                if self.manifest.settings.contains_key(name) {
                    self.add(&["each", "bind", name], "a setting has this name", "use another");
                }
            }
        }
        places(self.manifest, &self.rule.request, &bound, &place, self.findings);
        if let Request::Sql(sql) = &self.rule.request {
            self.sql_values(sql, self.rule.each.as_ref().map_or(0, |each| each.bind.len()));
        }
        self.paging();
        if self.rule.require.iter().any(|field| field.is_empty() || field.split('.').any(str::is_empty)) {
            self.add(&["require"], "a required field has an empty name", "write `id` or `user.id`");
        }
    }

    fn each(&mut self, parent: &str, bound: usize) {
        let family = if self.family == "ticket" { &self.manifest.ticket } else { &self.manifest.reads };
        if !family.contains_key(parent) {
            let hint = nearest(parent, family.keys().map(String::as_str)).map_or_else(
                || format!("name one of `{}`", self.family),
                |near| format!("did you mean `{near}`?"),
            );
            self.add(&["each", "read"], format!("there is no read `{parent}`"), hint);
        }
        if bound == 0 {
            self.add(&["each", "bind"], "nothing is bound", "bind what tells one row from another");
        }
    }

    fn sql_values(&mut self, sql: &SqlRequest, bound: usize) {
        let used = |n: usize| sql.query.contains(&format!("${n}"));
        if let Some(missing) = (1..=bound).find(|n| !used(*n)) {
            self.add(
                &["request", "sql"],
                format!("the bound value ${missing} is not used"),
                "compare with it",
            );
        }
        if used(bound + 1) {
            let says = format!("${} has no value", bound + 1);
            self.add(&["request", "sql"], says, "bind one under `each`");
        }
    }

    fn paging(&mut self) {
        let rule = self.rule;
        let protocol = self.manifest.protocol;
        let fits = match &rule.paging {
            Paging::None { because } => {
                if because.trim().is_empty() {
                    self.add(
                        &["paging"],
                        "why the answer is always whole is not said",
                        "say where that is written",
                    );
                }
                true
            }
            Paging::LdapPaged { size } => protocol == Protocol::Ldap && *size > 0,
            Paging::Cursor { .. } => matches!(protocol, Protocol::Http | Protocol::Aws),
            Paging::Offset { .. } | Paging::Page { .. } | Paging::Keyset { .. } => {
                matches!(protocol, Protocol::Http | Protocol::Aws)
            }
            Paging::Link { .. } | Paging::NextUrl { .. } => protocol == Protocol::Http,
        };
        if !fits {
            self.add(
                &["paging"],
                "this paging does not exist in the manifest's protocol",
                "http: link, next_url, cursor, offset, page, keyset; aws: cursor; ldap: ldap_paged; any: none",
            );
        }
        match &rule.paging {
            Paging::Offset { start, size, .. } => {
                if size.1 == 0 {
                    self.add(&["paging", "offset", "size"], "a page has at least one row", "ask for more");
                }
                self.parameter(start);
                self.parameter(&size.0);
            }
            Paging::Cursor { into, .. } | Paging::Page { into, .. } | Paging::Keyset { into, .. } => {
                self.parameter(into);
            }
            _ => {}
        }
    }

    /// A name of a query parameter, or a JSON pointer into a body that exists.
    fn parameter(&mut self, into: &str) {
        let body = match &self.rule.request {
            Request::Http(http) => http.body.is_some(),
            Request::Aws(aws) => aws.json.is_some(),
            _ => false,
        };
        if into.is_empty() {
            self.add(
                &["paging"],
                "the parameter has no name",
                "say where the value goes in the next request",
            );
        } else if into.starts_with('/') && !body {
            let says = format!("`{into}` is a place in a body, and the request has none");
            self.add(&["paging"], says, "name a query parameter, or give the request a body");
        }
    }
}

fn cycles(manifest: &Manifest, findings: &mut Findings<'_>) {
    for (family, name, rule) in families(manifest) {
        let reads = if family == "ticket" { &manifest.ticket } else { &manifest.reads };
        let mut seen = BTreeSet::from([name.as_str()]);
        let mut next = rule.each.as_ref();
        while let Some(each) = next {
            if each.read == *name {
                let says = format!("`{name}` depends on itself");
                findings.add(
                    &[family, name, "each", "read"],
                    says,
                    "one read of the circle has to stand alone",
                );
                break;
            }
            if !seen.insert(&each.read) {
                break;
            }
            next = reads.get(&each.read).and_then(|rule| rule.each.as_ref());
        }
    }
}
