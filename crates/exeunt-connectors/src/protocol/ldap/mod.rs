//! LDAP version 3: searches over an encrypted, signed-in connection.
//!
//! A page is `{"rows": [...]}`. References to other servers are never followed: a search that
//! meets one is `redirected`, since part of the tree was not read; only the three partitions
//! without people that Active Directory always refers to are let pass, and the page lists them
//! under `references`.

pub mod code;
pub mod entry;
pub mod search;
pub mod session;

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use futures_util::future::BoxFuture;
use ldap3::Ldap;
use tokio::sync::Semaphore;

use exeunt_model::manifest::ClientRules;
use exeunt_model::{PartialReason, canonical};

use self::code::Failure;
use self::search::{Found, Query, search};
use self::session::Door;
use super::{Answer, Ask, Fault, Protocol};

/// Connections kept for listings under way. More are only needed when listings are abandoned.
const MOST_LISTINGS: usize = 32;

/// One directory.
///
/// OpenLDAP keeps the place of a paged search with the connection, one place a connection; so a
/// listing keeps its own connection from page to page. Which one it is stands before the
/// server's cookie in ours. A cookie kept from an earlier run is tried on a new connection; a
/// directory that does not know it there ends the read as `interrupted`.
pub struct LdapProtocol {
    door: Door,
    rules: ClientRules,
    slots: Semaphore,
    sessions: Mutex<Sessions>,
}

#[derive(Default)]
struct Sessions {
    made: u64,
    idle: Vec<Ldap>,
    listings: BTreeMap<u64, (Vec<u8>, Ldap)>,
}

impl Sessions {
    /// The connection of a listing that is at this cookie. The cookie is compared, since an
    /// earlier run counted from one too.
    fn take(&mut self, number: u64, cookie: &[u8]) -> Option<Ldap> {
        self.listings.get(&number).filter(|(at, _)| at == cookie)?;
        self.listings.remove(&number).map(|(_, ldap)| ldap)
    }
}

/// Length of the number before a server's cookie.
const PREFIX: usize = size_of::<u64>();

impl LdapProtocol {
    /// A directory that is connected to when it is first asked.
    #[must_use]
    pub fn new(door: Door, rules: ClientRules) -> Self {
        let slots = Semaphore::new(rules.concurrency.max(1) as usize);
        Self { door, rules, slots, sessions: Mutex::default() }
    }

    fn sessions(&self) -> std::sync::MutexGuard<'_, Sessions> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn found(&self, ask: &Ask) -> Result<Found, Failure> {
        let Ask::Ldap { base, scope, filter, attributes, controls, page_size, cookie } = ask else {
            let words = "nothing was sent: this system is read by LDAP, and the read asks for another protocol. Correct the manifest";
            return Err((PartialReason::UnexpectedStatus, words.to_owned()));
        };
        let (number, cookie) = match cookie.split_first_chunk::<PREFIX>() {
            Some((number, cookie)) => (Some(u64::from_be_bytes(*number)), cookie.to_vec()),
            None => (None, cookie.clone()),
        };
        let query = || Query {
            base,
            scope: *scope,
            filter,
            attributes,
            controls,
            page_size: *page_size,
            cookie: cookie.clone(),
        };
        let (mut ldap, kept) = match number {
            // A listing begun by an earlier run: a new connection, and the directory decides
            // whether its cookie still means something.
            Some(number) => (self.sessions().take(number, &cookie), true),
            None => (self.sessions().idle.pop(), false),
        };
        let found = match &mut ldap {
            Some(ldap) => Some(search(ldap, query(), self.rules.max_body).await),
            None => None,
        };
        match (found, ldap) {
            // The directory may have ended an idle connection; that says nothing yet.
            (Some(Err((PartialReason::Truncated, _))), _) if !kept => {}
            (Some(found), Some(ldap)) => return found.map(|found| self.keep(ldap, found)),
            _ => {}
        }
        let mut ldap = self.door.open().await?;
        let found = search(&mut ldap, query(), self.rules.max_body).await;
        let found = found.map_err(|failure| if number.is_some() { ended(failure) } else { failure })?;
        Ok(self.keep(ldap, found))
    }

    /// Puts a connection back after a whole answer, and its number before the cookie.
    fn keep(&self, ldap: Ldap, mut found: Found) -> Found {
        let mut sessions = self.sessions();
        if found.cookie.is_empty() {
            sessions.idle.push(ldap);
            return found;
        }
        sessions.made += 1;
        let number = sessions.made;
        sessions.listings.insert(number, (found.cookie.clone(), ldap));
        if sessions.listings.len() > MOST_LISTINGS {
            sessions.listings.pop_first();
        }
        found.cookie.splice(0..0, number.to_be_bytes());
        found
    }
}

/// What a refusal means when a listing was gone on with on another connection than it began on:
/// OpenLDAP answers 2 or 53 to the cookie, Active Directory takes it.
fn ended((reason, words): Failure) -> Failure {
    match reason {
        PartialReason::SchemaChanged | PartialReason::UnexpectedStatus => (
            PartialReason::Interrupted,
            format!(
                "the connection this listing was begun on has ended, and the directory does not go on with it on another ({words}). Begin the read anew"
            ),
        ),
        _ => (reason, words),
    }
}

impl Protocol for LdapProtocol {
    fn fetch<'a>(&'a self, ask: &'a Ask) -> BoxFuture<'a, Result<Answer, Fault>> {
        Box::pin(async move {
            // Only `close` ends the semaphore, and nobody closes it.
            let _slot = self.slots.acquire().await;
            let limit = self.rules.timeout.unsigned_abs();
            let found = tokio::time::timeout(limit, self.found(ask)).await.unwrap_or_else(|_| {
                let words = format!("no whole answer came within {} s. Ask for smaller pages, or raise `client.timeout` in the manifest", limit.as_secs_f32());
                Err((PartialReason::TimedOut, words))
            });
            let fault = |(reason, words): Failure| {
                let base = if let Ask::Ldap { base, .. } = ask { base.as_str() } else { "" };
                let detail = format!("search under \"{base}\" at {}: {words}", self.door.url);
                Fault { reason, detail, statuses: Vec::new() }
            };
            let Found { page, cookie } = found.map_err(fault)?;
            let body = canonical::bytes(&page).map_err(|e| {
                fault((PartialReason::SchemaChanged, format!("the entries are no JSON ({e})")))
            })?;
            Ok(Answer {
                statuses: vec![0],
                headers: BTreeMap::new(),
                body,
                page: page.into(),
                cookie,
                server_date: None,
            })
        })
    }

    fn origin(&self) -> Option<&str> {
        None
    }
}
