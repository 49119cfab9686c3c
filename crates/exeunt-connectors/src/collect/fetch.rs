//! Asking for one page, or taking up one that a run before this one kept.

use exeunt_model::manifest::Paging;
use exeunt_model::{Digest, PartialReason, Timestamp};

use super::page;
use super::paging::next_link;
use super::render;
use super::scope::Run;
use super::{Broken, status};
use crate::mapper::Subject;
use crate::protocol::{self, Ask};
use crate::redact::{Redacted, Replaced};
use crate::shelf::{PageNote, ShelfError};

/// One page and what it took.
pub(super) struct Page {
    pub(super) value: protocol::Page,
    /// What the protocol offers as the next page.
    pub(super) offered: Option<String>,
    pub(super) body: Body,
    pub(super) took: Took,
    /// A failure that means "none".
    pub(super) none: bool,
}

/// The bytes of a page.
pub(super) enum Body {
    /// On the shelf already.
    Kept(Digest),
    /// Asked for now, without its secrets.
    New(Redacted, Replaced),
    /// Asked for now, and to be redacted where it is mapped.
    Raw(Vec<u8>),
}

/// The exchanges that led to an answer.
pub(super) struct Took {
    pub(super) statuses: Vec<u16>,
    pub(super) started: Timestamp,
    pub(super) ended: Timestamp,
    pub(super) server_date: Option<Timestamp>,
}

/// A page that did not come whole, and what it took.
pub(super) struct Failure {
    pub(super) broken: Broken,
    pub(super) statuses: Vec<u16>,
    pub(super) ended: Option<Timestamp>,
    /// A refusal is evidence too: it shows that we asked and were refused.
    pub(super) refusal: Option<Digest>,
    pub(super) server_date: Option<Timestamp>,
}

impl From<Broken> for Failure {
    fn from(broken: Broken) -> Self {
        Self { broken, statuses: Vec::new(), ended: None, refusal: None, server_date: None }
    }
}

impl Run<'_> {
    /// A page that a run before this one kept.
    pub(super) fn again(&mut self, ask: &Ask, note: PageNote) -> Result<Result<Page, Failure>, ShelfError> {
        let body = self.job.shelf.body(&note.body)?;
        let status = note.statuses.last().copied().unwrap_or_default();
        let value = match self.job.protocol.reread(ask, &body) {
            Ok(value) => value,
            Err(fault) => {
                let broken = Broken { reason: fault.reason, detail: fault.detail };
                return Ok(Err(Failure { statuses: note.statuses, ..broken.into() }));
            }
        };
        let none = !self.begun && self.reading.may_say_none() && self.is_none(status, &value);
        self.begun = true;
        let PageNote { body, statuses, next, started, ended, server_date } = note;
        let took = Took { statuses, started, ended, server_date };
        let value = protocol::Page::Value(value);
        Ok(Ok(Page { value, offered: next, body: Body::Kept(body), took, none }))
    }

    fn is_none(&self, status: u16, value: &Subject) -> bool {
        page::says_none(&self.reading, status, value)
    }

    /// A page asked for now.
    pub(super) async fn fetch(
        &mut self,
        ask: &Ask,
        next: Option<&str>,
    ) -> Result<Result<Page, Failure>, ShelfError> {
        let job = self.job;
        let interrupted = || Broken {
            reason: PartialReason::Interrupted,
            detail: "stopped before the end of the listing; the next run goes on from here".to_owned(),
        };
        if job.stop.is_set() {
            return Ok(Err(interrupted().into()));
        }
        let protocol = job.protocol.of_scope(&self.scope.read, &self.text).unwrap_or(job.protocol);
        let asked = match self.with_secrets(ask, next) {
            Ok(asked) => asked,
            Err(broken) => return Ok(Err(broken.into())),
        };
        let started = job.clock.now();
        if !self.begun {
            self.done.receipt.started = started;
            self.done.asked.0 = started;
        }
        let answer = tokio::select! {
            biased;
            () = job.stop.said() => return Ok(Err(interrupted().into())),
            answer = protocol.fetch(&asked) => answer,
        };
        let ended = job.clock.now();
        let answer = match answer {
            Ok(answer) => answer,
            Err(fault) => {
                let broken = Broken { reason: fault.reason, detail: fault.detail };
                return Ok(Err(Failure { statuses: fault.statuses, ended: Some(ended), ..broken.into() }));
            }
        };
        let may_say_none = !self.begun && self.reading.may_say_none();
        let (body, answer) = match job.redacted_early(protocol, ask, answer, &self.named, may_say_none) {
            Ok(redacted) => redacted,
            Err(broken) => return Ok(Err(broken.into())),
        };
        let endpoint = render::endpoint(ask);
        let none = may_say_none && self.is_none(answer.status(), &answer.page());
        if !none
            && let Err(broken) =
                status::classify(&job.loaded.manifest, &answer, &endpoint, &self.rule.permission)
        {
            return Ok(Err(Failure {
                broken,
                statuses: answer.statuses,
                ended: Some(ended),
                refusal: self.kept(body)?,
                server_date: answer.server_date,
            }));
        }
        self.begun = true;
        let offered = match self.rule.paging {
            Paging::LdapPaged { .. } => (!answer.cookie.is_empty()).then(|| render::to_hex(&answer.cookie)),
            _ => {
                answer.headers.get("link").and_then(|header| next_link(header)).map(|link| job.unsaid(&link))
            }
        };
        let took = Took { statuses: answer.statuses, started, ended, server_date: answer.server_date };
        Ok(Ok(Page { value: answer.page, offered, body, took, none }))
    }

    /// Keeps the body of a refusal.
    fn kept(&self, body: Body) -> Result<Option<Digest>, ShelfError> {
        match body {
            Body::Kept(digest) => Ok(Some(digest)),
            Body::New(redacted, _) => self.job.shelf.keep(&redacted).map(Some),
            Body::Raw(raw) => self.job.shelf.keep(&self.job.redactor.body(raw, &self.named).0).map(Some),
        }
    }

    /// Notes what a failure took.
    pub(super) fn failed(&mut self, failure: Failure) -> Broken {
        let receipt = &mut self.done.receipt;
        if let Some(ended) = failure.ended {
            receipt.ended = ended;
            self.done.asked.1 = ended;
        }
        receipt.statuses.extend(failure.statuses);
        receipt.exchanges.extend(failure.refusal);
        receipt.server_date = failure.server_date.or(receipt.server_date);
        failure.broken
    }
}
