//! `send`: one question, paced, signed, tried again where that can help.
//!
//! Every way in which a request may be repeated is in this file, so that what a system asks for
//! (Retry-After, an emptied quota) and what we allow (tries, longest wait) meet in one place.
//! All questions here only read, so asking twice changes nothing.

use std::sync::Arc;
use std::time::Duration as StdDuration;

use futures_util::future::BoxFuture;
use reqwest::header::HeaderMap;
use reqwest::{Client, Request, Url};

use exeunt_model::manifest::ClientRules;
use exeunt_model::{Duration, PartialReason, Timestamp};

use super::exchange::{Whole, exchange};
use super::pace::{Pace, TooLong};
use super::retry::{self, Headers};
use crate::clock::Clock;
use crate::protocol::Fault;

/// A request without its credential.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// The method.
    pub method: reqwest::Method,
    /// Where to.
    pub url: Url,
    /// Headers of manifest and read.
    pub headers: HeaderMap,
    /// The body.
    pub body: Option<Vec<u8>>,
}

impl Outgoing {
    /// Method and URL without its query, which may hold a cursor that is as good as a key.
    #[must_use]
    pub fn label(&self) -> String {
        let mut url = self.url.clone();
        url.set_query(None);
        format!("{} {url}", self.method)
    }

    fn build(&self) -> Request {
        let mut request = Request::new(self.method.clone(), self.url.clone());
        request.headers_mut().extend(self.headers.clone());
        *request.body_mut() = self.body.clone().map(Into::into);
        request
    }
}

/// Puts the credential on a request, anew for each try.
pub trait Signer: Send + Sync {
    /// Signs.
    ///
    /// # Errors
    /// When a token had to be fetched first and could not be.
    fn sign<'a>(&'a self, wire: &'a Wire, request: &'a mut Request) -> BoxFuture<'a, Result<(), Fault>>;

    /// After a 401: drops a token that can be fetched again. Whether there was one.
    fn forget(&self) -> bool;

    /// Whether a refused answer's body says "too fast" though its status and headers do not.
    fn throttled(&self, status: u16, body: &[u8]) -> bool;
}

/// A client with the limits of one system.
pub struct Wire {
    client: Client,
    rules: ClientRules,
    pace: Pace,
    clock: Arc<dyn Clock>,
}

/// An answer and what it took to get it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// The answer.
    pub whole: Whole,
    /// The statuses of all exchanges, the answer's own last.
    pub statuses: Vec<u16>,
}

/// What to do after one exchange.
enum Then {
    Keep,
    Renew,
    Throttled(Duration),
    Wait(Duration),
    Stop(PartialReason, String),
}

impl Wire {
    /// A wire with the limits of a manifest.
    #[must_use]
    pub fn new(client: Client, rules: ClientRules, clock: Arc<dyn Clock>) -> Self {
        Self { pace: Pace::new(&rules, Arc::clone(&clock)), client, rules, clock }
    }

    /// The manifest's client rules.
    #[must_use]
    pub const fn rules(&self) -> &ClientRules {
        &self.rules
    }

    /// Now, by the clock of the run.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Sends, and tries again where that is allowed and may help.
    ///
    /// # Errors
    /// When no whole answer came, it points elsewhere, or the system kept saying "too fast".
    pub async fn send(&self, outgoing: &Outgoing, signer: &dyn Signer) -> Result<Sent, Fault> {
        self.sent(outgoing, signer, true).await
    }

    /// Sends as [`Self::send`] does, but outside the system's own limits, for whatever issues credentials: a request
    /// that waits for them has a turn already.
    ///
    /// # Errors
    /// As for [`Self::send`].
    pub async fn send_aside(&self, outgoing: &Outgoing, signer: &dyn Signer) -> Result<Sent, Fault> {
        self.sent(outgoing, signer, false).await
    }

    async fn sent(&self, outgoing: &Outgoing, signer: &dyn Signer, paced: bool) -> Result<Sent, Fault> {
        let label = outgoing.label();
        let mut statuses = Vec::new();
        let mut renewed = false;
        let mut tries = 1;
        loop {
            let turn = if paced { Some(self.pace.turn().await) } else { None };
            let turn = turn.transpose().map_err(|late| too_long(&label, late, &statuses))?;
            let mut request = outgoing.build();
            signer.sign(self, &mut request).await?;
            let answer = self.exchange(request).await;
            drop(turn);
            match answer {
                Ok(whole) => {
                    statuses.push(whole.status);
                    self.learn(&whole.headers);
                    match self.judge(&whole, signer, tries, renewed) {
                        Then::Keep => return Ok(Sent { whole, statuses }),
                        Then::Renew => {
                            renewed = true;
                            continue;
                        }
                        // The next turn waits it out or finds it too long, and the other reads need not find out
                        // for themselves.
                        Then::Throttled(wait) if paced => self.pace.hold(wait),
                        Then::Throttled(wait) if wait > self.rules.throttle.longest_wait => {
                            return Err(too_long(&label, TooLong(wait), &statuses));
                        }
                        Then::Throttled(wait) => self.clock.sleep(wait).await,
                        Then::Wait(wait) => self.clock.sleep(wait).await,
                        Then::Stop(reason, words) => {
                            return Err(Fault { reason, detail: format!("{label}: {words}"), statuses });
                        }
                    }
                }
                Err(cut) => {
                    statuses.extend(cut.status);
                    if !cut.may_pass || tries >= self.rules.tries {
                        let detail = format!("{label}: {}", cut.words);
                        return Err(Fault { reason: cut.reason, detail, statuses });
                    }
                    self.clock.sleep(retry::backoff(tries)).await;
                }
            }
            tries += 1;
        }
    }

    /// One exchange outside the system's own limits, for token endpoints: they are another
    /// service with another quota, and a token is asked for while its request already has a turn.
    ///
    /// # Errors
    /// When no whole answer came.
    pub async fn once(&self, outgoing: &Outgoing) -> Result<Whole, Fault> {
        self.exchange(outgoing.build()).await.map_err(|cut| Fault {
            reason: cut.reason,
            detail: format!("{}: {}", outgoing.label(), cut.words),
            statuses: cut.status.into_iter().collect(),
        })
    }

    async fn exchange(&self, request: Request) -> Result<Whole, super::exchange::Cut> {
        exchange(&self.client, request, self.rules.max_body, limit(&self.rules)).await
    }

    /// An answer that used the last of the quota holds back the next request.
    fn learn(&self, headers: &Headers) {
        let throttle = &self.rules.throttle;
        if retry::is_exhausted(headers, throttle)
            && let Some(wait) = retry::until_reset(headers, throttle, self.clock.now())
        {
            self.pace.hold(wait);
        }
    }

    fn judge(&self, whole: &Whole, signer: &dyn Signer, tries: u32, renewed: bool) -> Then {
        let status = whole.status;
        let throttle = &self.rules.throttle;
        if status == 401 && !renewed && signer.forget() {
            return Then::Renew;
        }
        if matches!(status, 300..=303 | 305..=308) {
            return Then::Stop(
                PartialReason::Redirected,
                format!(
                    "it answered {status} and points elsewhere, which is never followed. If the \
                     system has moved, write its new URL into the configuration"
                ),
            );
        }
        let asked = retry::asked(&whole.headers, throttle, self.clock.now());
        let throttled =
            retry::is_throttled(status, &whole.headers, throttle) || signer.throttled(status, &whole.body);
        if throttled {
            let wait = asked.unwrap_or_else(|| retry::backoff(tries));
            if tries >= self.rules.tries {
                let words = format!(
                    "it still answered {status} for the rate of requests after {tries} tries. \
                     Collect again later, or lower `client.rate` in the manifest"
                );
                return Then::Stop(PartialReason::RateLimited, words);
            }
            return Then::Throttled(wait);
        }
        if retry::may_pass(status) && tries < self.rules.tries {
            let wait = asked.unwrap_or_else(|| retry::backoff(tries));
            if wait <= throttle.longest_wait {
                return Then::Wait(wait);
            }
        }
        Then::Keep
    }
}

/// The limit of one whole answer.
fn limit(rules: &ClientRules) -> StdDuration {
    rules.timeout.unsigned_abs()
}

fn too_long(label: &str, TooLong(wait): TooLong, statuses: &[u16]) -> Fault {
    Fault {
        reason: PartialReason::RateLimited,
        detail: format!(
            "{label}: the system asks for a wait of {} s before the next request, longer than is \
             waited for. Collect again after that, or raise `client.throttle.longest_wait` in \
             the manifest",
            wait.as_secs()
        ),
        statuses: statuses.to_vec(),
    }
}
