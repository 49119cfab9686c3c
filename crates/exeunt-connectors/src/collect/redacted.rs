//! Answers without their secrets, and questions with them: the only two places where a collection meets one.

use std::collections::BTreeMap;

use exeunt_model::PartialReason;

use super::fetch::Body;
use super::page::Seen;
use super::paging::Turned;
use super::render::{self, Values};
use super::scope::Run;
use super::{Broken, Job};
use crate::mapper::Subject;
use crate::protocol::{Answer, Ask, Page, Protocol};
use crate::redact::{Named, Redacted, Redactor, Replaced, Vault, is_marked};

impl Job<'_> {
    /// An answer that holds no secret any more, and what of it may be kept. Its page is that of the redacted body.
    pub(crate) fn redacted(
        &self,
        protocol: &dyn Protocol,
        ask: &Ask,
        answer: Answer,
        named: &Named,
    ) -> Result<(Redacted, Answer), Broken> {
        let (redacted, _, answer) = self.redacted_with(protocol, ask, answer, named)?;
        Ok((redacted, answer))
    }

    fn redacted_with(
        &self,
        protocol: &dyn Protocol,
        ask: &Ask,
        mut answer: Answer,
        named: &Named,
    ) -> Result<(Redacted, Replaced, Answer), Broken> {
        for value in answer.headers.values_mut() {
            *value = self.unsaid(value);
        }
        let (redacted, replaced) = self.redactor.body(std::mem::take(&mut answer.body), named);
        if !replaced.is_empty() {
            let page = match &answer.page {
                Page::OfBody => {
                    Subject::parse(redacted.bytes()).map_err(|error| super::page::unreadable(&error))
                }
                Page::Value(_) => protocol
                    .reread(ask, redacted.bytes())
                    .map_err(|fault| Broken { reason: fault.reason, detail: fault.detail }),
            };
            answer.page = Page::Value(match page {
                Ok(page) => page,
                // What refuses need not be a page.
                Err(_) if !matches!(answer.status(), 0 | 200..=299 | 304) => Subject::default(),
                Err(broken) => return Err(broken),
            });
        }
        answer.body = redacted.bytes().to_vec();
        Ok((redacted, replaced, answer))
    }

    /// As [`Self::redacted`]; the body of a success that is its own page is left to where it is mapped, which is off the
    /// async threads.
    pub(super) fn redacted_early(
        &self,
        protocol: &dyn Protocol,
        ask: &Ask,
        mut answer: Answer,
        named: &Named,
        first: bool,
    ) -> Result<(Body, Answer), Broken> {
        if matches!(answer.page, Page::OfBody) && !first && matches!(answer.status(), 200..=299 | 304) {
            return Ok((Body::Raw(std::mem::take(&mut answer.body)), answer));
        }
        let (redacted, replaced, answer) = self.redacted_with(protocol, ask, answer, named)?;
        Ok((Body::New(redacted, replaced), answer))
    }

    /// A text without its secrets; they are remembered for later questions.
    pub(super) fn unsaid(&self, text: &str) -> String {
        let (fresh, replaced) = self.redactor.text(text);
        self.vault.remember(&fresh, &replaced);
        fresh
    }
}

impl Run<'_> {
    /// The question with its secrets, if it needs some. Nothing when they were of a run before this one.
    pub(super) fn with_secrets(&self, ask: &Ask, next: Option<&str>) -> Result<Ask, Broken> {
        let marked = next.into_iter().chain(self.scope.bound.values().map(String::as_str)).any(is_marked);
        if !marked {
            return Ok(ask.clone());
        }
        let forgotten = || {
            Broken {
            reason: PartialReason::Interrupted,
            detail: "what to ask for is a secret that a run before this one saw and did not keep; collect this system \
                     anew"
                .to_owned(),
        }
        };
        let whole = |text: &str| self.job.vault.whole(text).ok_or_else(forgotten);
        let bound: Result<BTreeMap<String, String>, Broken> =
            self.scope.bound.iter().map(|(name, value)| Ok((name.clone(), whole(value)?))).collect();
        let (settings, issue, bound) = (&self.job.filled, self.family.issue(), bound?);
        let next = next.map(whole).transpose()?;
        render::ask(self.rule, &Values { settings, bound: &bound, issue }, next.as_deref())
            .map_err(|unfilled| Broken { reason: PartialReason::Dependency, detail: unfilled.to_string() })
    }

    /// Sees to it that the receipt says no secret, whoever put it there.
    pub(super) fn unsay(&mut self) {
        use exeunt_model::receipt::Outcome;
        let redactor: &Redactor = &self.job.redactor;
        let unsay = |text: &mut String| *text = redactor.text(text).0;
        let receipt = &mut self.done.receipt;
        unsay(&mut receipt.endpoint);
        receipt.terminal.as_mut().map(unsay);
        if let Outcome::Partial { detail, .. } = &mut receipt.outcome {
            unsay(detail);
        }
    }
}

/// Remembers the secrets that the next page is asked for with.
pub(super) fn remember_turn(turned: &Turned, replaced: &Replaced, vault: &Vault) {
    for text in turned.from.as_str().into_iter().chain(turned.offered.as_deref()) {
        vault.remember(text, replaced);
    }
}

/// Remembers the secrets that dependent reads are asked for with.
pub(super) fn remember_scopes(seen: &Seen, replaced: &Replaced, vault: &Vault) {
    for value in seen.scopes.values().flatten().flat_map(BTreeMap::values) {
        vault.remember(value, replaced);
    }
}
