//! The faults of the design's list, as answers: what is broken, where, and how it must end.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use exeunt_model::PartialReason;
use exeunt_model::manifest::{Manifest, Paging, Protocol, ReadRule};

use super::fixture::Recorded;
use super::sequence::{Reply, Tail};
use crate::manifest::Loaded;
use crate::mapper::{Mapper, Subject};
use crate::protocol::Fault;

/// How a run with a fault may end.
pub(super) struct Expected {
    /// Partial for one of these; empty for any reason.
    pub(super) reasons: Vec<PartialReason>,
    /// Or complete with every row that there is.
    pub(super) or_whole: bool,
}

impl Expected {
    fn only(reason: PartialReason) -> Self {
        Self { reasons: vec![reason], or_whole: false }
    }
}

/// One fault, written out.
pub(super) struct Case {
    pub(super) fault: &'static str,
    pub(super) at: String,
    /// The answers and what must come of them; or why this fault does not apply.
    pub(super) played: Result<(Vec<Reply>, Option<Tail>, Expected), String>,
}

/// What faults are made from.
pub(super) struct Maker<'a> {
    pub(super) manifest: &'a Manifest,
    pub(super) rule: &'a ReadRule,
    pub(super) pages: &'a [Recorded],
    /// Names and values of the programs' variables.
    pub(super) variables: Vec<(String, Value)>,
}

/// Whether only an empty page, asked for twice, ends such a listing.
pub(super) fn ends_with_empty(paging: &Paging) -> bool {
    matches!(
        paging,
        Paging::Keyset { .. }
            | Paging::Offset { total: None, last: None, .. }
            | Paging::Page { pages: None, .. }
    )
}

/// The empty pages that end such a listing, for answers recorded under these settings.
pub(super) fn empty_tail(
    loaded: &Loaded,
    rule: &ReadRule,
    pages: &[Recorded],
    settings: &BTreeMap<String, String>,
) -> Tail {
    let settings = serde_json::to_value(settings).unwrap_or_default();
    let variables = vec![("settings".to_owned(), settings)];
    Maker { manifest: &loaded.manifest, rule, pages, variables }.end()
}

fn failed(reason: PartialReason, detail: &str) -> Reply {
    Err(Fault { reason, detail: detail.to_owned(), statuses: Vec::new() })
}

impl Maker<'_> {
    /// All cases for the read.
    pub(super) fn cases(&self) -> Vec<Case> {
        let mut cases = Vec::new();
        let last = self.pages.len().saturating_sub(1);
        let mut places = vec![(0, "first page".to_owned())];
        if last > 0 {
            places.push((last, format!("page {}", last + 1)));
        }
        for (index, at) in places {
            self.refusals(index, &at, &mut cases);
            self.broken_wire(index, &at, &mut cases);
            self.changed_schema(index, &at, &mut cases);
        }
        self.paging(&mut cases);
        cases
    }

    fn recorded(&self) -> Vec<Reply> {
        self.pages.iter().map(|page| Ok(page.answer())).collect()
    }

    fn with(&self, index: usize, reply: Reply) -> Vec<Reply> {
        let mut replies: Vec<Reply> = self.recorded();
        replies[index] = reply;
        replies.truncate(index + 1);
        replies
    }

    fn refusals(&self, index: usize, at: &str, cases: &mut Vec<Case>) {
        use PartialReason as P;
        let list: [(&'static str, u16, Option<&str>, P); 6] = [
            ("401", 401, None, P::Unauthorized),
            ("403", 403, None, P::Forbidden),
            ("404", 404, None, P::NotFound),
            ("429 with Retry-After", 429, Some("3600"), P::RateLimited),
            ("429 without Retry-After", 429, None, P::RateLimited),
            ("500", 500, None, P::ServerError),
        ];
        for (fault, status, retry_after, reason) in list {
            let reply = match self.manifest.protocol {
                Protocol::Http | Protocol::Aws => {
                    let headers = retry_after.map(|v| ("retry-after".to_owned(), v.to_owned()));
                    let headers = headers.into_iter().collect::<BTreeMap<_, _>>();
                    let body = json!({"message": "injected"});
                    Ok(Recorded { status, headers, body, cookie: String::new() }.answer())
                }
                // These protocols turn their refusals into faults themselves.
                Protocol::Ldap | Protocol::Sql | Protocol::Ssh | Protocol::Exec | Protocol::File => {
                    failed(reason, "injected")
                }
            };
            let played = Ok((self.with(index, reply), None, Expected::only(reason)));
            cases.push(Case { fault, at: at.to_owned(), played });
        }
    }

    fn broken_wire(&self, index: usize, at: &str, cases: &mut Vec<Case>) {
        use PartialReason as P;
        for (fault, reason) in [
            ("dropped connection", P::Unreachable),
            ("truncated body", P::Truncated),
            ("time-out", P::TimedOut),
            ("oversized body", P::Oversized),
        ] {
            let replies = self.with(index, failed(reason, "injected"));
            cases.push(Case {
                fault,
                at: at.to_owned(),
                played: Ok((replies, None, Expected::only(reason))),
            });
        }
    }

    fn changed_schema(&self, index: usize, at: &str, cases: &mut Vec<Case>) {
        let page = &self.pages[index];
        let rows = &self.rule.rows;
        let no_path = || format!("`rows` ({rows}) is no place in the page, so that this cannot be written");
        // A page of another shape may also be what the manifest calls a refusal, or, where the
        // length is announced, a page that came without its rows.
        let mut reasons = vec![PartialReason::SchemaChanged];
        reasons.extend(self.rule.refused_when.iter().map(|refusal| refusal.reason));
        if matches!(self.rule.paging, Paging::Offset { total: Some(_), .. }) {
            reasons.push(PartialReason::ShortCount);
        }
        let mut push = |fault: &'static str, body: Result<Value, String>| {
            let played = body.map(|body| {
                let reply = Ok(Recorded { body, ..page.clone() }.answer());
                (self.with(index, reply), None, Expected { reasons: reasons.clone(), or_whole: false })
            });
            cases.push(Case { fault, at: at.to_owned(), played });
        };
        if page.status >= 300 {
            return push("changed schema", Err("the recorded answer is the one that means none".to_owned()));
        }
        push("changed schema: everything under another name", Ok(json!({"renamed": page.body})));
        push("changed schema: no body", Ok(Value::Null));
        push("changed schema: a text", Ok(json!("maintenance")));
        let set = |to: &str| self.change(&page.body, &format!("({rows}) |= ({to})")).ok_or_else(no_path);
        push("changed schema: rows are no list", set("{\"unexpected\": true}"));
        push("changed schema: rows are null", set("null"));
        push("changed schema: a row is null", set("(. + [null])"));
        push("changed schema: a row is a text", set("(. + [\"row\"])"));
        if self.rule.require.is_empty() {
            let why = "no required field is stated; a missing one is caught by the map, if at all";
            push("changed schema: a required field is missing", Err(why.to_owned()));
        }
        for field in &self.rule.require {
            let path: String = field
                .split('.')
                .flat_map(|key| ["[".to_owned(), json!(key).to_string(), "]".to_owned()])
                .collect();
            let body = set(&format!("if length > 0 then (.[:-1] + [.[-1] | del(.{path})]) else error end"));
            push("changed schema: a required field is missing", body);
        }
    }

    /// The page with a jq update applied.
    fn change(&self, page: &Value, code: &str) -> Option<Value> {
        let names: Vec<&str> = self.variables.iter().map(|(name, _)| name.as_str()).collect();
        let values: Vec<Subject> = self.variables.iter().map(|(_, value)| Subject::of(value)).collect();
        let changed = Mapper::compile(code, &names).ok()?.one(&Subject::of(page), &values).ok()?;
        (changed != *page).then_some(changed)
    }

    /// Whether a program gives `true` for a page.
    fn gives(&self, page: &Value, code: &str) -> bool {
        let names: Vec<&str> = self.variables.iter().map(|(name, _)| name.as_str()).collect();
        let values: Vec<Subject> = self.variables.iter().map(|(_, value)| Subject::of(value)).collect();
        let program = Mapper::compile(code, &names).ok();
        program.is_some_and(|program| program.holds(&Subject::of(page), &values).unwrap_or(false))
    }

    /// An empty page that points on to a page of its own, different for each `n`.
    fn empty(&self, n: usize) -> Result<Recorded, String> {
        let first = &self.pages[0];
        let rows = &self.rule.rows;
        let mut page = first.clone();
        let emptied = self.change(&first.body, &format!("({rows}) |= []"));
        // A page that is empty already is not changed by emptying it.
        let is_empty = || self.gives(&first.body, &format!("({rows}) == []"));
        let emptied = emptied.or_else(|| is_empty().then(|| first.body.clone()));
        page.body = emptied.ok_or_else(|| format!("`rows` ({rows}) is no place in the page"))?;
        match &self.rule.paging {
            Paging::Link { .. } => {
                let link = page.headers.get("link").ok_or("the recorded page has no Link header")?;
                let moved = link.replace('>', &format!("&empty={n}>"));
                page.headers.insert("link".to_owned(), moved);
            }
            Paging::NextUrl { from } | Paging::Cursor { from, .. } => {
                let code = format!("({from}) |= (tostring + \"{n}\")");
                page.body = self
                    .change(&page.body, &code)
                    .ok_or_else(|| format!("`{from}` is no place in the page"))?;
            }
            Paging::LdapPaged { .. } => page.cookie = format!("{}{n}", page.cookie),
            Paging::None { .. } | Paging::Offset { .. } | Paging::Page { .. } | Paging::Keyset { .. } => {}
        }
        Ok(page)
    }

    fn paging(&self, cases: &mut Vec<Case>) {
        use PartialReason as P;
        let until_empty = ends_with_empty(&self.rule.paging);
        let counted = matches!(self.rule.paging, Paging::Offset { .. } | Paging::Page { .. }) && !until_empty;
        let single = match (&self.rule.paging, self.pages.len()) {
            (Paging::None { .. }, _) => Some("there is one page by the manifest, and nothing to go on with"),
            (_, 0 | 1) => Some("only one page is recorded"),
            _ => None,
        };
        let mut push = |fault, played| cases.push(Case { fault, at: "between pages".to_owned(), played });
        if let Some(why) = single {
            for fault in ["empty page in the middle", "repeated cursor", "endless cursor"] {
                push(fault, Err(why.to_owned()));
            }
            return;
        }
        let empty = self.empty(0).map(|empty| {
            let mut replies: Vec<Reply> = self.recorded();
            replies.insert(1, Ok(empty.answer()));
            // Where the way on stands in the page, the listing goes on and every row comes; where
            // pages are counted, a hole is a hole.
            let expected = if counted {
                Expected::only(P::ShortCount)
            } else {
                Expected { reasons: Vec::new(), or_whole: true }
            };
            (replies, until_empty.then(|| self.end()), expected)
        });
        push("empty page in the middle", empty);
        let first = self.pages[0].clone();
        let again: Tail = Box::new(move |_| Ok(first.answer()));
        let reasons = if counted { vec![P::RepeatedCursor, P::ShortCount] } else { vec![P::RepeatedCursor] };
        push("repeated cursor", Ok((Vec::new(), Some(again), Expected { reasons, or_whole: false })));
        let endless = if until_empty {
            Err("it ends at empty pages by rule; the same rows again are caught above".to_owned())
        } else {
            self.empties(64).map(|pages| {
                let tail: Tail = Box::new(move |n| Ok(pages[n % pages.len()].answer()));
                let reason = if counted { P::ShortCount } else { P::PageCap };
                let replies = vec![Ok(self.pages[0].answer())];
                (replies, Some(tail), Expected::only(reason))
            })
        };
        push("endless cursor", endless);
    }

    fn empties(&self, count: usize) -> Result<Vec<Recorded>, String> {
        (1..=count).map(|n| self.empty(n)).collect()
    }

    /// The empty pages with which a listing ends that says nothing else about its end.
    pub(super) fn end(&self) -> Tail {
        let page = self.empty(0).unwrap_or_else(|_| self.pages[self.pages.len() - 1].clone());
        Box::new(move |_| Ok(page.answer()))
    }
}
