//! A page on its way from bytes to records. Its body is kept and its rows are mapped off the async threads; what paging
//! needs is told first, so that the next page is asked for meanwhile.

use std::sync::Arc;

use exeunt_model::Digest;
use exeunt_model::manifest::Paging;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::Broken;
use super::fetch::{Body, Page, Took};
use super::page::{self, Seen};
use super::paging::{Step, Turned};
use super::redacted::{remember_scopes, remember_turn};
use super::scope::{Run, least};
use super::told::{Told, told};
use crate::protocol::Page as Value;
use crate::redact::Replaced;
use crate::shelf::{Made, PageNote, ShelfError};

/// So many records are put on the shelf together: few enough to hold, enough to be worth a blob.
const BATCH: usize = 2_000;
/// Fewer than this stay in the snapshot itself.
const FEW: usize = 500;

/// A page that was set off.
pub(super) struct Flight {
    endpoint: String,
    task: JoinHandle<Landed>,
    /// What paging needs, if the page could be read that far.
    turned: Result<Turned, Terminal>,
    took: Took,
    fresh: bool,
    from: (exeunt_model::Timestamp, exeunt_model::Timestamp),
    /// What keeps the page from counting as read, though its rows are facts.
    broken: Option<Broken>,
    next: Option<String>,
}

/// Why there is no next page to work out.
enum Terminal {
    /// The answer that means none.
    None(String),
    /// The page is broken.
    Broken,
}

/// What became of it.
struct Landed {
    body: Result<Digest, ShelfError>,
    seen: Result<Seen, Broken>,
}

/// A batch of records on its way to the shelf.
pub(super) type Putting = JoinHandle<Result<Made, ShelfError>>;

impl Flight {
    /// What comes after this page; nothing if it is broken.
    pub(super) fn step(&mut self, turn: impl FnOnce(&Turned) -> Result<Step, Broken>) -> Option<Step> {
        let step = match &self.turned {
            Ok(turned) => turn(turned),
            Err(Terminal::None(because)) => Ok(Step::End(format!("the answer that means none: {because}"))),
            Err(Terminal::Broken) => return None,
        };
        match step {
            Ok(step) if self.broken.is_none() => {
                if let Step::More(next) = &step {
                    self.next = Some(next.clone());
                }
                Some(step)
            }
            Ok(_) => None,
            Err(broken) => {
                // What came is a fact all the same; it is only not all.
                self.broken = self.broken.take().or(Some(broken));
                None
            }
        }
    }
}

impl Run<'_> {
    /// Sets a page off and waits for what paging needs.
    pub(super) async fn take(&mut self, page: Page, endpoint: String) -> Flight {
        let Page { value, offered, body, took, none } = page;
        let told = match &value {
            Value::Value(value) => told(self.job.loaded.manifest.protocol, value, took.started, took.ended),
            // Only programs and files say of when they are, and their pages are no bodies of answers.
            Value::OfBody => Ok(None),
        };
        let from = match &told {
            Ok(Some(told)) => (told.from, told.to),
            _ => (took.started, took.ended),
        };
        let fresh = !matches!(body, Body::Kept(_));
        let unread = none || told.is_err();
        let broken = match told {
            Ok(Some(Told { partial, .. })) => partial,
            Err(broken) if !none => Some(broken),
            _ => None,
        };
        let (tell, hear) = oneshot::channel();
        let (reading, shelf) = (Arc::clone(&self.reading), Arc::clone(&self.job.shelf));
        let (redactor, vault) = (Arc::clone(&self.job.redactor), Arc::clone(&self.job.vault));
        let named = Arc::clone(&self.named);
        let task = tokio::task::spawn_blocking(move || {
            let (body, replaced) = match body {
                Body::Kept(digest) => (Err(digest), Replaced::default()),
                Body::New(redacted, replaced) => (Ok(redacted), replaced),
                Body::Raw(raw) => {
                    let (redacted, replaced) = redactor.body(raw, &named);
                    (Ok(redacted), replaced)
                }
            };
            let keep = || body.as_ref().map_or_else(|digest| Ok(*digest), |body| shelf.keep(body));
            if unread {
                return Landed { body: keep(), seen: Ok(Seen::default()) };
            }
            let value = value.read(body.as_ref().map_or(&[], |body| body.bytes()));
            let seen = value.map_err(|error| page::unreadable(&error)).and_then(|value| {
                page::read(&reading, &value, offered, |turned| {
                    remember_turn(&turned, &replaced, &vault);
                    // Nobody listens any more when the collection was dropped.
                    let _ = tell.send(turned);
                })
            });
            if let Ok(seen) = &seen {
                remember_scopes(seen, &replaced, &vault);
            }
            Landed { body: keep(), seen }
        });
        let turned = if none {
            let because = self.rule.none_when.as_ref().map_or("", |none| &none.because);
            Err(Terminal::None(because.to_owned()))
        } else if unread {
            Err(Terminal::Broken)
        } else {
            hear.await.map_err(|_| Terminal::Broken)
        };
        Flight { endpoint, task, turned, took, fresh, from, broken, next: None }
    }

    /// Waits for a page and adds it to what was read. Broken is a page whose rows are facts and not all, or that could
    /// not be read.
    pub(super) async fn land(&mut self, flight: Flight) -> Result<Result<(), Broken>, ShelfError> {
        let Flight { endpoint, task, turned, took, fresh, from, broken, next } = flight;
        let landed = task.await.unwrap_or_else(|_| Landed {
            body: Err(ShelfError {
                attempted: format!("reading a page of `{}`", self.scope.read),
                cause: "the mapping broke off; please report it with the manifest".to_owned(),
            }),
            seen: Ok(Seen::default()),
        });
        let body = landed.body?;
        let receipt = &mut self.done.receipt;
        if receipt.pages == 0 {
            receipt.started = from.0;
            self.done.asked.0 = took.started;
        }
        receipt.ended = from.1;
        self.done.asked.1 = took.ended;
        receipt.server_date = took.server_date.or(receipt.server_date);
        receipt.statuses.extend(&took.statuses);
        receipt.exchanges.push(body);
        let located = |mut broken: Broken| {
            broken.detail = format!("{endpoint}: {}", broken.detail);
            broken
        };
        match landed.seen {
            Ok(mut seen) => {
                self.batch.append(&mut seen.records);
                self.add(seen);
                if self.batch.len() >= BATCH {
                    self.put().await?;
                }
            }
            Err(broken) => return Ok(Err(located(broken))),
        }
        if let Some(broken) = broken {
            return Ok(Err(located(broken)));
        }
        if matches!(turned, Err(Terminal::Broken)) {
            return Ok(Ok(()));
        }
        self.done.receipt.pages += 1;
        if fresh {
            let Took { statuses, started, ended, server_date } = took;
            let note = PageNote { body, statuses, next, started, ended, server_date };
            if matches!(self.rule.paging, Paging::LdapPaged { .. }) {
                self.held.push(note);
            } else {
                self.job.shelf.note(&self.scope.read, &self.text, &note)?;
            }
        }
        self.job.progress.page(&self.scope.read, &self.text, self.done.receipt.rows);
        Ok(Ok(()))
    }

    /// Sets a batch off to the shelf, once the one before it is there.
    async fn put(&mut self) -> Result<(), ShelfError> {
        self.put_landed().await?;
        let (shelf, batch) = (Arc::clone(&self.job.shelf), std::mem::take(&mut self.batch));
        self.putting = Some(tokio::task::spawn_blocking(move || shelf.records(batch)));
        Ok(())
    }

    async fn put_landed(&mut self) -> Result<(), ShelfError> {
        let Some(putting) = self.putting.take() else { return Ok(()) };
        let made = putting.await.map_err(|error| ShelfError {
            attempted: format!("keeping the records of `{}`", self.scope.read),
            cause: error.to_string(),
        })??;
        match made {
            Made::Kept(chunk) => self.done.kept.push(chunk),
            Made::Held(records) => self.done.records.extend(records),
        }
        Ok(())
    }

    /// The records that no whole batch took.
    pub(super) async fn last_records(&mut self) -> Result<(), ShelfError> {
        self.put_landed().await?;
        if self.done.kept.is_empty() && self.batch.len() < FEW {
            self.done.records.append(&mut self.batch);
            return Ok(());
        }
        self.put().await?;
        self.put_landed().await
    }

    fn add(&mut self, seen: Seen) {
        let done = &mut self.done;
        done.receipt.rows += seen.rows;
        done.control = least(done.control.take(), seen.control);
        done.known = done.known.take().or(seen.known);
        for (child, scopes) in seen.scopes {
            done.scopes.entry(child).or_default().extend(scopes);
        }
        for (child, why) in seen.unbound {
            done.unbound.entry(child).or_insert(why);
        }
    }
}
