//! From a read's rule to a request: places filled and escaped for where they stand.
//!
//! A value comes from another system's answer or from the operator, and is text, never syntax: in
//! a path it cannot begin another segment, in a filter it cannot close a clause.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use exeunt_model::manifest::{HttpRequest, LdapRequest, Method, Paging, ReadRule, Request};
use serde_json::Value;

use super::{assume, door};
use crate::protocol::Ask;
use crate::template::{Part, parts};

/// The values that may be filled in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Values<'a> {
    pub(crate) settings: &'a BTreeMap<String, String>,
    pub(crate) bound: &'a BTreeMap<String, String>,
    /// The ticket's key, for reads of a ticket.
    pub(crate) issue: Option<&'a str>,
}

/// Why a request could not be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unfilled {
    #[error("nothing was asked: the setting `{0}` is not given. Add it under the system's `settings`")]
    Missing(String),
    #[error("nothing was asked: the value for `{0}` would change the request's path or headers")]
    Unsafe(String),
    #[error("nothing was asked: {0}")]
    Impossible(String),
}

impl<'a> Values<'a> {
    fn get(&self, name: &str) -> Result<&'a str, Unfilled> {
        let issue = self.issue.filter(|_| name == "issue");
        let found =
            issue.or_else(|| self.bound.get(name).or_else(|| self.settings.get(name)).map(String::as_str));
        found.ok_or_else(|| Unfilled::Missing(name.to_owned()))
    }

    /// Fills a text; `escape` gets the text so far and the value.
    fn fill(&self, text: &str, escape: impl Fn(&str, &str) -> String) -> Result<String, Unfilled> {
        let mut done = String::new();
        for part in parts(text) {
            match part {
                Part::Text(text) => done.push_str(text),
                Part::Name(name) => {
                    let value = escape(&done, self.get(name)?);
                    done.push_str(&value);
                }
            }
        }
        Ok(done)
    }

    pub(super) fn plain(&self, text: &str) -> Result<String, Unfilled> {
        self.fill(text, |_, value| value.to_owned())
    }
}

/// The request for the first page, or for the one at `next` as paging gave it.
pub(crate) fn ask(rule: &ReadRule, values: &Values<'_>, next: Option<&str>) -> Result<Ask, Unfilled> {
    let mut ask = plain(&rule.request, rule.each.as_ref().map(|each| &each.bind), values)?;
    let text = |text: &str| Value::String(text.to_owned());
    match (&rule.paging, next) {
        (Paging::Link { .. } | Paging::NextUrl { .. }, Some(url)) => {
            if let Ask::Http { target, .. } = &mut ask {
                url.clone_into(target);
            }
        }
        (Paging::Cursor { into, .. }, Some(cursor)) => put(&mut ask, into, text(cursor))?,
        (Paging::Keyset { into, .. }, Some(key)) if !key.is_empty() => put(&mut ask, into, text(key))?,
        (Paging::Offset { start, first, size, .. }, next) => {
            put(&mut ask, &size.0, Value::from(size.1))?;
            put(&mut ask, start, next.and_then(|n| n.parse::<u64>().ok()).unwrap_or(*first).into())?;
        }
        (Paging::Page { into, first, size, .. }, next) => {
            if let Some((name, size)) = size {
                put(&mut ask, name, Value::from(*size))?;
            }
            put(&mut ask, into, next.and_then(|n| n.parse::<u64>().ok()).unwrap_or(*first).into())?;
        }
        (Paging::LdapPaged { size }, next) => {
            if let Ask::Ldap { page_size, cookie, .. } = &mut ask {
                *page_size = Some(*size);
                *cookie = from_hex(next.unwrap_or_default());
            }
        }
        _ => {}
    }
    Ok(ask)
}

/// A request without paging, such as the reader's.
pub(crate) fn plain(
    request: &Request,
    bind: Option<&BTreeMap<String, String>>,
    values: &Values<'_>,
) -> Result<Ask, Unfilled> {
    match request {
        Request::Http(http) => http_ask(http, values),
        Request::Ldap(ldap) => ldap_ask(ldap, values),
        Request::Sql(sql) => {
            let names = bind.into_iter().flat_map(BTreeMap::keys);
            let params = names.map(|name| values.get(name).map(str::to_owned)).collect::<Result<_, _>>()?;
            Ok(Ask::Sql { query: sql.query.clone(), params })
        }
        Request::Ssh(ssh) => Ok(Ask::Ssh { section: ssh.section, host: values.plain(&ssh.host)? }),
        Request::Aws(aws) => {
            let filled = aws.params.iter().map(|(key, text)| Ok((key.clone(), values.plain(text)?)));
            let params = filled.collect::<Result<_, Unfilled>>()?;
            let (action, version, lists) = (aws.action.clone(), aws.version.clone(), aws.lists.clone());
            let json = aws.json.as_ref().map(|service| {
                let body = aws
                    .body
                    .as_ref()
                    .map_or_else(|| Ok(serde_json::json!({})), |body| fill_body(body, values));
                Ok((service.clone(), body?))
            });
            let role = aws.assume.as_ref().map(|role| assume::role(role, values)).transpose()?;
            Ok(Ask::Aws { action, version, params, lists, json: json.transpose()?, role })
        }
        Request::Exec(_) | Request::Csv(_) | Request::Baton(_) | Request::Airbyte(_) => {
            door::ask(request, values)
        }
    }
}

fn http_ask(http: &HttpRequest, values: &Values<'_>) -> Result<Ask, Unfilled> {
    let mut target = values.fill(&http.path, |_, value| encode(value))?;
    // Dots are not encoded by any client: `..` would climb to another listing.
    for name in crate::template::names(&http.path) {
        if matches!(values.get(name)?, "" | "." | "..") {
            return Err(Unfilled::Unsafe(name.to_owned()));
        }
    }
    for (index, (key, text)) in http.query.iter().enumerate() {
        target.push(if index == 0 { '?' } else { '&' });
        let value = encode(&values.plain(text)?);
        let _ = write!(target, "{}={value}", encode(key));
    }
    let mut headers = BTreeMap::new();
    for (key, text) in &http.headers {
        let value = values.plain(text)?;
        if value.chars().any(char::is_control) {
            return Err(Unfilled::Unsafe(key.clone()));
        }
        headers.insert(key.clone(), value);
    }
    let body = http.body.as_ref().map(|body| fill_body(body, values)).transpose()?;
    Ok(Ask::Http { method: http.method, target, headers, body })
}

fn fill_body(body: &Value, values: &Values<'_>) -> Result<Value, Unfilled> {
    Ok(match body {
        Value::String(text) => Value::String(values.plain(text)?),
        Value::Array(items) => {
            Value::Array(items.iter().map(|item| fill_body(item, values)).collect::<Result<_, _>>()?)
        }
        Value::Object(map) => {
            let filled = map.iter().map(|(key, item)| Ok((key.clone(), fill_body(item, values)?)));
            Value::Object(filled.collect::<Result<_, Unfilled>>()?)
        }
        other => other.clone(),
    })
}

fn ldap_ask(ldap: &LdapRequest, values: &Values<'_>) -> Result<Ask, Unfilled> {
    // A place after `=` holds a value; anywhere else in a base it holds a whole name, as a base
    // from the settings does.
    let base =
        values.fill(
            &ldap.base,
            |before, value| {
                if before.ends_with('=') { escape_dn(value) } else { value.to_owned() }
            },
        )?;
    let filter = values.fill(&ldap.filter, |_, value| escape_filter(value))?;
    Ok(Ask::Ldap {
        base,
        scope: ldap.scope,
        filter,
        attributes: ldap.attributes.clone(),
        controls: ldap.controls.clone(),
        page_size: None,
        cookie: Vec::new(),
    })
}

/// Puts a value into a query or form parameter, or at a JSON pointer of the body.
fn put(ask: &mut Ask, into: &str, value: Value) -> Result<(), Unfilled> {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match ask {
        Ask::Http { body: Some(body), .. } | Ask::Aws { json: Some((_, body)), .. }
            if into.starts_with('/') =>
        {
            let (above, key) = into.rsplit_once('/').unwrap_or(("", into));
            let holder = body.pointer_mut(above).and_then(Value::as_object_mut);
            let holder = holder.ok_or_else(|| {
                Unfilled::Impossible(format!("the body has no object at `{above}` for `{into}`"))
            })?;
            holder.insert(key.to_owned(), value);
        }
        Ask::Http { target, .. } => {
            let separator = if target.contains('?') { '&' } else { '?' };
            let _ = write!(target, "{separator}{}={}", encode(into), encode(&text));
        }
        Ask::Aws { params, .. } => {
            params.insert(into.to_owned(), text);
        }
        Ask::Ldap { .. } | Ask::Sql { .. } | Ask::Ssh { .. } | Ask::Exec(_) | Ask::File(_) => {}
    }
    Ok(())
}

/// The request in one line, as receipts show it; no headers, no body, no values of credentials.
pub(crate) fn endpoint(ask: &Ask) -> String {
    match ask {
        Ask::Http { method, target, .. } => {
            let method = match method {
                Method::Get => "GET",
                Method::Post => "POST",
                Method::Put => "PUT",
                Method::Patch => "PATCH",
                Method::Delete => "DELETE",
            };
            format!("{method} {target}")
        }
        Ask::Ldap { base, scope, filter, .. } => {
            let base = if base.is_empty() { "(root)" } else { base };
            format!("search {base} {} {filter}", format!("{scope:?}").to_lowercase())
        }
        Ask::Sql { query, .. } => query.split_whitespace().collect::<Vec<_>>().join(" "),
        Ask::Ssh { section, host } => format!("{} of {host}", section.as_str()),
        Ask::Aws { action, json: Some((service, body)), role, .. } => {
            format!("{}.{action} {body}{}", service.target, assume::words(role.as_ref()))
        }
        Ask::Aws { action, params, role, .. } => {
            let params = params.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join("&");
            let asked = if params.is_empty() { action.clone() } else { format!("{action} {params}") };
            format!("{asked}{}", assume::words(role.as_ref()))
        }
        Ask::Exec(exec) => door::program_endpoint(exec),
        Ask::File(file) => door::file_endpoint(file),
    }
}

fn encode(text: &str) -> String {
    const KEEP: &percent_encoding::AsciiSet =
        &percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    percent_encoding::utf8_percent_encode(text, KEEP).to_string()
}

/// RFC 4515 §3.
fn escape_filter(text: &str) -> String {
    let mut done = String::new();
    for c in text.chars() {
        match c {
            '*' | '(' | ')' | '\\' | '\0' => {
                let _ = write!(done, "\\{:02x}", u32::from(c));
            }
            _ => done.push(c),
        }
    }
    done
}

/// RFC 4514 §2.4.
fn escape_dn(text: &str) -> String {
    let mut done = String::new();
    let last = text.chars().count().saturating_sub(1);
    for (index, c) in text.chars().enumerate() {
        match c {
            ',' | '+' | '"' | '\\' | '<' | '>' | ';' | '=' => {
                done.push('\\');
                done.push(c);
            }
            '#' if index == 0 => done.push_str("\\#"),
            ' ' if index == 0 || index == last => done.push_str("\\ "),
            '\0' => done.push_str("\\00"),
            _ => done.push(c),
        }
    }
    done
}

/// Bytes as hex, for cookies in notes.
pub(crate) fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn from_hex(text: &str) -> Vec<u8> {
    (0..text.len() / 2).filter_map(|i| u8::from_str_radix(text.get(2 * i..2 * i + 2)?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use exeunt_model::manifest::{HttpRequest, LdapRequest, LdapScope, Method, Request};
    use serde_json::json;

    use super::{Unfilled, Values, endpoint, from_hex, plain, put, to_hex};
    use crate::protocol::Ask;

    fn filled(request: &Request, pairs: &[(&str, &str)]) -> Result<Ask, Unfilled> {
        let bound: BTreeMap<String, String> =
            pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let settings = BTreeMap::from([
            ("org".to_owned(), "a/b".to_owned()),
            ("root".to_owned(), "dc=a,dc=b".to_owned()),
        ]);
        plain(request, None, &Values { settings: &settings, bound: &bound, issue: None })
    }

    fn http(path: &str, query: &str) -> Request {
        Request::Http(HttpRequest {
            method: Method::Get,
            path: path.to_owned(),
            query: BTreeMap::from([("q".to_owned(), query.to_owned())]),
            headers: BTreeMap::new(),
            body: Some(json!({"v": ["{x}"]})),
        })
    }

    /// A repository named `x/../../admin` must not lead the reader to another listing.
    #[test]
    fn values_in_paths_stay_one_segment() {
        let asked = filled(&http("/o/{org}/{x}", "is:{x} & b"), &[("x", "ü?#%")]).expect("fills");
        assert_eq!(endpoint(&asked), "GET /o/a%2Fb/%C3%BC%3F%23%25?q=is%3A%C3%BC%3F%23%25%20%26%20b");
        let Ask::Http { body, .. } = asked else { panic!() };
        assert_eq!(body, Some(json!({"v": ["ü?#%"]})));
        for climb in ["..", ".", ""] {
            assert!(
                matches!(filled(&http("/o/{x}", ""), &[("x", climb)]), Err(Unfilled::Unsafe(_))),
                "{climb}"
            );
        }
        assert_eq!(filled(&http("/o/{y}", ""), &[("x", "1")]), Err(Unfilled::Missing("y".to_owned())));
    }

    /// A login `*)(uid=*` must not turn a search for one person into a search for all.
    #[test]
    fn values_in_filters_and_names_stay_values() {
        let request = Request::Ldap(LdapRequest {
            base: "cn={x},ou=people,{root}".to_owned(),
            scope: LdapScope::Sub,
            filter: "(member={x})".to_owned(),
            attributes: Vec::new(),
            controls: Vec::new(),
        });
        let Ok(Ask::Ldap { base, filter, .. }) = filled(&request, &[("x", "#a*(b),c\\ ")]) else { panic!() };
        assert_eq!(base, "cn=\\#a*(b)\\,c\\\\\\ ,ou=people,dc=a,dc=b");
        assert_eq!(filter, "(member=#a\\2a\\28b\\29,c\\5c )");
    }

    /// The cursor goes where the manifest says, also deep in a GraphQL body.
    #[test]
    fn parameters_go_into_query_or_body() {
        let mut ask = Ask::Http {
            method: Method::Post,
            target: "/g".to_owned(),
            headers: BTreeMap::new(),
            body: Some(json!({"variables": {"after": null}})),
        };
        put(&mut ask, "/variables/after", json!("c=")).expect("there is a place");
        put(&mut ask, "page size", json!(2)).expect("a query");
        assert!(put(&mut ask, "/nowhere/after", json!("c")).is_err());
        let Ask::Http { target, body, .. } = ask else { panic!() };
        assert_eq!(
            (target.as_str(), body),
            ("/g?page%20size=2", Some(json!({"variables": {"after": "c="}})))
        );
        assert_eq!(from_hex(&to_hex(&[0, 255, 16])), [0, 255, 16]);
    }
}
