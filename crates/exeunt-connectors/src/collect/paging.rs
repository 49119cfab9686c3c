//! How a listing goes on and how it ends, and every way in which an end can be false.

use std::collections::BTreeSet;

use exeunt_model::PartialReason;
use exeunt_model::manifest::Paging;
use serde_json::Value;
use url::Url;

use super::Broken;

/// What paging takes from one page.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Turned {
    /// Rows on it.
    pub(crate) rows: u64,
    /// Tells its rows from others; the same rows twice are the same page offered twice.
    pub(crate) content: Option<u64>,
    /// Cursor, next URL or key, as the manifest's program gave it.
    pub(crate) from: Value,
    /// Whether there is more, or whether it is the last.
    pub(crate) flag: Value,
    /// The number of all rows or pages.
    pub(crate) count: Value,
    /// What the protocol itself offers: the target of `rel="next"`, or an LDAP cookie in hex.
    pub(crate) offered: Option<String>,
}

/// What comes after a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// Another page, asked for with this.
    More(String),
    /// The end, and how it was recognised.
    End(String),
}

/// The walk through one listing.
#[derive(Debug)]
pub(crate) struct Walk<'a> {
    paging: &'a Paging,
    max_pages: u32,
    origin: Option<&'a str>,
    pages: u32,
    rows: u64,
    announced: Option<u64>,
    seen: BTreeSet<String>,
    contents: BTreeSet<u64>,
    /// The key of the last row, and whether the page after it was empty once.
    key: String,
    empty_once: bool,
}

fn broken<T>(reason: PartialReason, detail: impl Into<String>) -> Result<T, Broken> {
    Err(Broken { reason, detail: detail.into() })
}

fn end(how: &str) -> Step {
    Step::End(how.to_owned())
}

impl<'a> Walk<'a> {
    pub(crate) fn new(paging: &'a Paging, max_pages: u32, origin: Option<&'a str>) -> Self {
        Self {
            paging,
            max_pages,
            origin,
            pages: 0,
            rows: 0,
            announced: None,
            seen: BTreeSet::new(),
            contents: BTreeSet::new(),
            key: String::new(),
            empty_once: false,
        }
    }

    /// What comes after a page that was asked for with `target`.
    pub(crate) fn turn(&mut self, page: &Turned, target: &str) -> Result<Step, Broken> {
        self.pages += 1;
        self.rows += page.rows;
        // The same rows again mean that the way on leads back, or that the parameter was ignored.
        if let Some(content) = page.content.filter(|_| page.rows > 0)
            && !self.contents.insert(content)
        {
            let detail = format!("page {} has the rows of an earlier page", self.pages);
            return broken(PartialReason::RepeatedCursor, detail);
        }
        let step = self.step(page, target)?;
        if matches!(step, Step::More(_)) && self.pages >= self.max_pages {
            let detail = format!(
                "there was more after {} pages; raise `client.max_pages` if the listing is that long",
                self.pages
            );
            return broken(PartialReason::PageCap, detail);
        }
        Ok(step)
    }

    fn step(&mut self, page: &Turned, target: &str) -> Result<Step, Broken> {
        match self.paging {
            Paging::None { .. } => match &page.offered {
                Some(_) => {
                    let detail = "the manifest says that the answer is whole, and it offers a next page";
                    broken(PartialReason::ShortCount, detail)
                }
                None => Ok(end("one whole answer")),
            },
            Paging::Link { .. } => match &page.offered {
                Some(next) => self.follow(next, target),
                None => Ok(end("no next link")),
            },
            Paging::NextUrl { .. } => match text_of(&page.from, "the next page's URL")? {
                Some(next) => self.follow(&next, target),
                None => Ok(end("no next URL")),
            },
            Paging::Cursor { more, .. } => {
                let cursor = text_of(&page.from, "the cursor")?;
                let more = more.as_ref().map(|_| truth(&page.flag, "whether there is more")).transpose()?;
                self.cursor(cursor, more)
            }
            Paging::Offset { first, total, last, .. } => {
                let total =
                    total.as_ref().map(|_| number(&page.count, "the number of all rows")).transpose()?;
                let last =
                    last.as_ref().map(|_| truth(&page.flag, "whether it is the last page")).transpose()?;
                if total.is_none() && last.is_none() {
                    return Ok(self.until_empty(page.rows, *first));
                }
                self.offset(page.rows, *first, total, last)
            }
            Paging::Page { first, pages, .. } => match pages {
                Some(_) => {
                    let pages = number(&page.count, "the number of pages")?;
                    self.page(page.rows, *first, pages)
                }
                None => Ok(self.until_two_empty(page.rows, *first)),
            },
            Paging::Keyset { .. } => self.keyset(page),
            Paging::LdapPaged { .. } => match &page.offered {
                // Directories may give the same cookie for each page (389-DS gives its slot), so
                // that only the rows tell a repeated page.
                Some(cookie) => Ok(Step::More(cookie.clone())),
                None => Ok(end("empty paging cookie")),
            },
        }
    }

    fn once(&mut self, next: String) -> Result<Step, Broken> {
        if self.seen.insert(next.clone()) {
            Ok(Step::More(next))
        } else {
            let detail = format!("page {} points to a page that was already read", self.pages);
            broken(PartialReason::RepeatedCursor, detail)
        }
    }

    /// A next URL is followed on the system's own origin only: the credential goes with it.
    fn follow(&mut self, next: &str, target: &str) -> Result<Step, Broken> {
        if let Some(query) = next.strip_prefix('?') {
            let path = target.split('?').next().unwrap_or_default();
            return self.once(format!("{path}?{query}"));
        }
        let elsewhere = || Broken {
            reason: PartialReason::Redirected,
            detail: format!(
                "page {} offers a next page that is not on {}; it was not followed",
                self.pages,
                self.origin.unwrap_or("this system")
            ),
        };
        let origin = self.origin.and_then(|origin| Url::parse(origin).ok()).ok_or_else(elsewhere)?;
        let whole = next.starts_with('/') || Url::parse(next).is_ok();
        let url = if whole { origin.join(next).ok() } else { None };
        let url = url.filter(|url| url.origin() == origin.origin()).ok_or_else(elsewhere)?;
        self.once(url.to_string())
    }

    fn cursor(&mut self, cursor: Option<String>, more: Option<bool>) -> Result<Step, Broken> {
        match (cursor, more) {
            (None, Some(true)) => {
                broken(PartialReason::ShortCount, "the answer says there is more and gives no cursor")
            }
            (Some(_), Some(false)) => {
                broken(PartialReason::ShortCount, "the answer gives a cursor and says there is no more")
            }
            (None, _) => Ok(end("no next cursor")),
            (Some(cursor), _) => self.once(cursor),
        }
    }

    fn announce(&mut self, count: u64, of: &str) -> Result<(), Broken> {
        match self.announced.replace(count) {
            Some(before) if before != count => {
                let detail =
                    format!("the number of {of} changed from {before} to {count} while reading; read again");
                broken(PartialReason::ShortCount, detail)
            }
            _ => Ok(()),
        }
    }

    fn offset(
        &mut self,
        rows: u64,
        first: u64,
        total: Option<u64>,
        last: Option<bool>,
    ) -> Result<Step, Broken> {
        if let Some(total) = total {
            self.announce(total, "rows")?;
        }
        let at_end = match (total, last) {
            (_, Some(last)) => last,
            (Some(total), None) => self.rows >= total,
            // Without both, `until_empty` decides.
            (None, None) => false,
        };
        let so_far = self.rows;
        if at_end {
            return match total {
                Some(total) if so_far != total => broken(
                    PartialReason::ShortCount,
                    format!("{so_far} rows came where {total} were announced"),
                ),
                Some(total) => Ok(end(&format!("all of {total} announced rows"))),
                None => Ok(end("marked as the last page")),
            };
        }
        if rows == 0 {
            let detail = format!("page {} is empty after {so_far} rows, and it is not the last", self.pages);
            return broken(PartialReason::ShortCount, detail);
        }
        // By what came, not by what was asked for: a server may give smaller pages than asked.
        Ok(Step::More((first + so_far).to_string()))
    }

    /// Nothing says where this listing ends but an empty page, and that may be one in the middle.
    fn until_empty(&mut self, rows: u64, first: u64) -> Step {
        if rows == 0 && self.empty_once {
            return end("an empty page, asked for twice");
        }
        self.empty_once = rows == 0;
        Step::More((first + self.rows).to_string())
    }

    /// The same where pages have numbers.
    fn until_two_empty(&mut self, rows: u64, first: u64) -> Step {
        if rows == 0 && self.empty_once {
            return end("two empty pages in a row");
        }
        self.empty_once = rows == 0;
        Step::More((first + u64::from(self.pages)).to_string())
    }

    fn page(&mut self, rows: u64, first: u64, pages: u64) -> Result<Step, Broken> {
        self.announce(pages, "pages")?;
        if rows == 0 && pages > 1 {
            let detail = format!("page {} of {pages} is empty", self.pages);
            return broken(PartialReason::ShortCount, detail);
        }
        if u64::from(self.pages) >= pages {
            return Ok(end(&format!("page {} of {pages}", self.pages)));
        }
        Ok(Step::More((first + u64::from(self.pages)).to_string()))
    }

    fn keyset(&mut self, page: &Turned) -> Result<Step, Broken> {
        if page.rows == 0 {
            if self.empty_once {
                return Ok(end("an empty page, asked for twice"));
            }
            self.empty_once = true;
            return Ok(Step::More(self.key.clone()));
        }
        self.empty_once = false;
        let Some(key) = text_of(&page.from, "the last row's key")? else {
            return broken(PartialReason::SchemaChanged, "the last row has no key to go on from");
        };
        self.key.clone_from(&key);
        self.once(key)
    }
}

fn text_of(value: &Value, what: &str) -> Result<Option<String>, Broken> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok((!text.is_empty()).then(|| text.clone())),
        Value::Number(number) => Ok(Some(number.to_string())),
        _ => broken(PartialReason::SchemaChanged, format!("{what} is neither text nor number")),
    }
}

/// AWS writes booleans as text.
fn truth(value: &Value, what: &str) -> Result<bool, Broken> {
    match value {
        Value::Bool(is) => Ok(*is),
        Value::String(text) if text == "true" => Ok(true),
        Value::String(text) if text == "false" => Ok(false),
        _ => broken(PartialReason::SchemaChanged, format!("{what} is not said with true or false")),
    }
}

fn number(value: &Value, what: &str) -> Result<u64, Broken> {
    let number = value.as_u64().or_else(|| value.as_str()?.parse().ok());
    number.map_or_else(|| broken(PartialReason::SchemaChanged, format!("{what} is not a number")), Ok)
}

/// The target of `rel="next"` in a `Link` header (RFC 8288 §3).
pub(crate) fn next_link(header: &str) -> Option<String> {
    let mut rest = header;
    while let Some(open) = rest.find('<') {
        let (target, after) = rest[open + 1..].split_once('>')?;
        // Parameters end at the next `<` outside quotes; targets inside quotes do not occur.
        let until = after.find('<').unwrap_or(after.len());
        let is_next = after[..until].split([';', ',']).any(|parameter| {
            let (name, value) = parameter.trim().split_once('=').unwrap_or_default();
            let value = value.trim().trim_matches('"');
            name.trim().eq_ignore_ascii_case("rel")
                && value.split_ascii_whitespace().any(|rel| rel.eq_ignore_ascii_case("next"))
        });
        if is_next {
            return Some(target.to_owned());
        }
        rest = &after[until..];
    }
    None
}

#[cfg(test)]
mod tests;
