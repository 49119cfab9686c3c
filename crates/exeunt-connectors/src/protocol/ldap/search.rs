//! One search, or one page of it.

use std::collections::BTreeMap;

use ldap3::controls::{Control, PagedResults, RawControl};
use ldap3::{Ldap, ResultEntry, Scope, SearchOptions};
use serde_json::{Value, json};

use exeunt_model::PartialReason;
use exeunt_model::manifest::{LdapControl, LdapScope};

use super::code::{Attempt, Failure, check, failure};
use super::entry::Entry;

/// The control of RFC 2696.
const PAGED_RESULTS: &str = "1.2.840.113556.1.4.319";

/// Most parts of one attribute: at Active Directory's 1,500 a part, fifteen million values.
const MOST_RANGES: usize = 10_000;

/// What is searched for.
pub struct Query<'a> {
    /// Base object.
    pub base: &'a str,
    /// How far.
    pub scope: LdapScope,
    /// Filter.
    pub filter: &'a str,
    /// Attributes.
    pub attributes: &'a [String],
    /// Controls beside that of paging.
    pub controls: &'a [LdapControl],
    /// Entries a page.
    pub page_size: Option<u32>,
    /// The server's cookie.
    pub cookie: Vec<u8>,
}

/// One page.
pub struct Found {
    /// `{"rows": [...]}`, and `references` where there were harmless ones.
    pub page: Value,
    /// The server's cookie for the next page; empty at the end.
    pub cookie: Vec<u8>,
}

/// Searches, follows ranges, and gives a page of at most `max_body` bytes.
///
/// # Errors
/// When the answer is not whole.
pub async fn search(ldap: &mut Ldap, query: Query<'_>, max_body: u64) -> Result<Found, Failure> {
    let paged = query.page_size.is_some();
    let mut sent = query.controls.iter().map(raw).collect::<Result<Vec<_>, _>>()?;
    if let Some(size) = query.page_size {
        let size = i32::try_from(size).unwrap_or(i32::MAX);
        let mut control = RawControl::from(PagedResults { size, cookie: query.cookie.clone() });
        // Critical: a directory that does not page must refuse, not answer with what fits.
        control.crit = true;
        sent.push(control);
    }
    if !sent.is_empty() {
        ldap.with_controls(sent);
    }
    let mut seen = Seen { max_body, ..Seen::default() };
    let controls = run(ldap, query.base, query.scope, query.filter, query.attributes, &mut seen).await?;
    let cookie = if paged { next_cookie(&controls)? } else { Vec::new() };
    let references = checked_references(seen.references)?;
    let mut rows = Vec::with_capacity(seen.entries.len());
    for mut entry in seen.entries {
        seen.bytes += follow_ranges(ldap, &mut entry, max_body.saturating_sub(seen.bytes)).await?;
        rows.push(entry.row());
    }
    let page = if references.is_empty() {
        json!({ "rows": rows })
    } else {
        json!({ "rows": rows, "references": references })
    };
    Ok(Found { page, cookie })
}

/// A control as the manifest writes it.
fn raw(control: &LdapControl) -> Result<RawControl, Failure> {
    let bytes: Option<Vec<u8>> = (0..control.value.len())
        .step_by(2)
        .map(|at| control.value.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok()))
        .collect();
    let value = bytes.ok_or_else(|| {
        let words = format!(
            "nothing was sent: the value of the control {} is no hexadecimal text. Correct the manifest",
            control.oid
        );
        (PartialReason::UnexpectedStatus, words)
    })?;
    Ok(RawControl {
        ctype: control.oid.clone(),
        crit: control.critical,
        val: (!value.is_empty()).then_some(value),
    })
}

#[derive(Default)]
struct Seen {
    entries: Vec<Entry>,
    references: Vec<String>,
    bytes: u64,
    max_body: u64,
}

impl Seen {
    fn take(&mut self, item: ResultEntry) -> Result<(), Failure> {
        let malformed = || (PartialReason::SchemaChanged, "an entry is not formed as LDAP says".to_owned());
        if item.is_intermediate() {
            return Ok(());
        }
        if item.is_ref() {
            let urls = item.0.expect_constructed().ok_or_else(malformed)?;
            for url in urls {
                let url = url.expect_primitive().ok_or_else(malformed)?;
                self.references.push(String::from_utf8_lossy(&url).into_owned());
            }
            return Ok(());
        }
        let entry = Entry::read(item).map_err(|_| malformed())?;
        self.bytes += entry.size();
        if self.bytes > self.max_body {
            return Err(oversized());
        }
        self.entries.push(entry);
        Ok(())
    }
}

fn oversized() -> Failure {
    let words = "the entries of one page are larger than allowed. Ask for fewer a page or fewer \
                 attributes, or raise `client.max_body` in the manifest";
    (PartialReason::Oversized, words.to_owned())
}

async fn run(
    ldap: &mut Ldap,
    base: &str,
    scope: LdapScope,
    filter: &str,
    attributes: &[String],
    seen: &mut Seen,
) -> Result<Vec<Control>, Failure> {
    let scope = match scope {
        LdapScope::Base => Scope::Base,
        LdapScope::One => Scope::OneLevel,
        LdapScope::Sub => Scope::Subtree,
    };
    let failed = |e| failure(&e, Attempt::Search);
    let mut stream = ldap
        .with_search_options(SearchOptions::new())
        .streaming_search(base, scope, filter, attributes)
        .await
        .map_err(failed)?;
    while let Some(item) = stream.next().await.map_err(failed)? {
        seen.take(item)?;
    }
    let result = stream.finish().await;
    check(&result, Attempt::Search)?;
    if let Some(elsewhere) = result.refs.first() {
        return Err(redirected(elsewhere));
    }
    Ok(result.ctrls)
}

/// References that a domain's own root always gives, to partitions which hold no people: schema
/// and sites, and names of machines. Any other means that part of the tree is elsewhere and was
/// not read.
fn checked_references(references: Vec<String>) -> Result<Vec<String>, Failure> {
    const HARMLESS: [&str; 3] = ["CN=CONFIGURATION,", "DC=DOMAINDNSZONES,", "DC=FORESTDNSZONES,"];
    let is_harmless = |url: &String| {
        let name = url.splitn(4, '/').nth(3).unwrap_or_default().to_ascii_uppercase();
        HARMLESS.iter().any(|start| name.starts_with(start))
    };
    match references.iter().find(|url| !is_harmless(url)) {
        Some(elsewhere) => Err(redirected(elsewhere)),
        None => Ok(references),
    }
}

fn redirected(elsewhere: &str) -> Failure {
    let words = format!(
        "part of the tree is at {elsewhere}, which is never followed. Read that server as a \
         system of its own, and give this one a base that leaves it out"
    );
    (PartialReason::Redirected, words)
}

/// The cookie of the paging control, which has to be there: without it there is no telling
/// whether this was the last page.
fn next_cookie(controls: &[Control]) -> Result<Vec<u8>, Failure> {
    let missing = |what: &str| {
        let words = format!("the directory's answer {what}, so it cannot be told whether there is more");
        (PartialReason::Truncated, words)
    };
    let control = controls.iter().find(|c| c.1.ctype == PAGED_RESULTS);
    let value = control.and_then(|c| c.1.val.as_deref()).ok_or_else(|| missing("has no paging control"))?;
    parse_paged(value).ok_or_else(|| missing("has a malformed paging control"))
}

/// `SEQUENCE { size INTEGER, cookie OCTET STRING }` (RFC 2696 §2). The library's own parser
/// panics on anything else.
fn parse_paged(value: &[u8]) -> Option<Vec<u8>> {
    let (sequence, rest) = tlv(value, 0x30)?;
    if !rest.is_empty() {
        return None;
    }
    let (_size, rest) = tlv(sequence, 0x02)?;
    let (cookie, rest) = tlv(rest, 0x04)?;
    rest.is_empty().then(|| cookie.to_vec())
}

/// The value of one BER element with this tag, and what follows it.
fn tlv(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&found, bytes) = bytes.split_first()?;
    let (&first, bytes) = bytes.split_first()?;
    let (length, bytes) = match first {
        0..=0x7f => (usize::from(first), bytes),
        0x81..=0x84 => {
            let (length, bytes) = bytes.split_at_checked(usize::from(first & 0x7f))?;
            (length.iter().fold(0, |all, byte| (all << 8) | usize::from(*byte)), bytes)
        }
        _ => return None,
    };
    if found == tag { bytes.split_at_checked(length) } else { None }
}

/// Fetches the rest of attributes of which only a part came; gives the bytes that were added.
async fn follow_ranges(ldap: &mut Ldap, entry: &mut Entry, max_body: u64) -> Result<u64, Failure> {
    let mut added = 0;
    let ranges: BTreeMap<String, u32> = std::mem::take(&mut entry.ranges);
    for (name, start) in ranges {
        let mut from = Some(start);
        let mut parts = 0;
        while let Some(start) = from {
            parts += 1;
            if parts > MOST_RANGES {
                return Err(short(&name, &entry.dn));
            }
            let part = range(ldap, &entry.dn, &name, start, max_body.saturating_sub(added)).await?;
            added += part.size();
            let values = part.attributes.get(&name).filter(|values| !values.is_empty());
            // An end without values would be as good as a list cut short.
            let values = values.ok_or_else(|| short(&name, &entry.dn))?;
            entry.attributes.entry(name.clone()).or_default().extend(values.iter().cloned());
            from = part.ranges.get(&name).copied();
            if from.is_some_and(|next| next <= start) {
                return Err(short(&name, &entry.dn));
            }
        }
    }
    Ok(added)
}

async fn range(ldap: &mut Ldap, dn: &str, name: &str, start: u32, max_body: u64) -> Result<Entry, Failure> {
    let mut seen = Seen { max_body, ..Seen::default() };
    let attribute = [format!("{name};range={start}-*")];
    run(ldap, dn, LdapScope::Base, "(objectClass=*)", &attribute, &mut seen).await?;
    seen.entries.pop().filter(|_| seen.entries.is_empty()).ok_or_else(|| short(name, dn))
}

fn short(name: &str, dn: &str) -> Failure {
    let words =
        format!("the directory gave only a part of {name} of {dn}, and not the rest. Try again later");
    (PartialReason::ShortCount, words)
}

#[cfg(test)]
mod tests {
    use super::{checked_references, parse_paged};
    use exeunt_model::PartialReason;

    /// A child domain that was not searched is not empty.
    #[test]
    fn a_reference_to_a_part_of_the_tree_ends_the_read() {
        let own = ["ldap://a.test/CN=Configuration,DC=a,DC=test", "ldaps://x/DC=DomainDnsZones,DC=a,DC=test"];
        let own: Vec<String> = own.map(str::to_owned).to_vec();
        assert_eq!(checked_references(own.clone()).as_ref(), Ok(&own));
        for elsewhere in [
            "ldap://emea.a.test/DC=emea,DC=a,DC=test",
            "ldap://b/ou=x",
            "garbage",
            "ldap://h/x?CN=Configuration,",
        ] {
            let mut all = own.clone();
            all.push(elsewhere.to_owned());
            let (reason, words) = checked_references(all).expect_err("elsewhere");
            assert_eq!(reason, PartialReason::Redirected);
            assert!(words.contains(elsewhere), "{words}");
        }
    }

    /// A malformed paging control neither panics nor passes for the last page.
    #[test]
    fn the_paging_control_is_read_or_refused() {
        assert_eq!(parse_paged(&[0x30, 5, 2, 1, 0, 4, 0]), Some(vec![]));
        assert_eq!(parse_paged(&[0x30, 7, 2, 1, 0, 4, 2, 9, 8]), Some(vec![9, 8]));
        assert_eq!(parse_paged(&[0x30, 0x84, 0, 0, 0, 7, 2, 1, 0, 4, 2, 9, 8]), Some(vec![9, 8]));
        let whole = [0x30, 7, 2, 1, 0, 4, 2, 9, 8];
        for cut in 0..whole.len() {
            assert_eq!(parse_paged(&whole[..cut]), None, "{cut}");
        }
        assert_eq!(parse_paged(&[0x30, 0x85, 1, 1, 1, 1, 1]), None);
        assert_eq!(parse_paged(&[0x30, 5, 2, 1, 0, 5, 0]), None);
        assert_eq!(parse_paged(&[0x30, 5, 2, 1, 0, 4, 0, 0]), None);
    }
}
