//! A system in memory: answers by request, and a log of what was asked.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use std::sync::Mutex;

use futures_util::future::{BoxFuture, FutureExt, ready};
use serde_json::{Value, json};

use exeunt_model::{PartialReason, ReadReceipt, Snapshot, SystemId};

use crate::clock::Clock;
use crate::collect::{Edges, Job, Progress, Quiet, Stop, collect};
use crate::conformance::{FixedClock, MemoryShelf};
use crate::manifest::Loaded;
use crate::protocol::{Answer, Ask, Fault, Protocol};
use crate::shelf::Shelf;

pub(super) type Reply = Result<Answer, Fault>;

pub(super) fn ok(page: Value) -> Reply {
    status(200, page)
}

#[expect(clippy::unnecessary_wraps, reason = "it stands where faults stand too")]
pub(super) fn status(status: u16, page: Value) -> Reply {
    Ok(Answer {
        statuses: vec![status],
        headers: BTreeMap::new(),
        body: page.to_string().into_bytes(),
        page: page.into(),
        cookie: Vec::new(),
        server_date: None,
    })
}

pub(super) fn fault(reason: PartialReason) -> Reply {
    Err(Fault { reason, detail: "it broke".to_owned(), statuses: vec![] })
}

/// Answers by `endpoint` text; a list of answers is given in turn, the last one for ever.
#[derive(Default)]
pub(super) struct Script {
    replies: Mutex<HashMap<String, VecDeque<Reply>>>,
    pub(super) asked: Mutex<Vec<String>>,
}

impl Script {
    pub(super) fn with(self, endpoint: &str, reply: Reply) -> Self {
        self.replies.lock().expect("free").entry(endpoint.to_owned()).or_default().push_back(reply);
        self
    }

    pub(super) fn set(&self, endpoint: &str, reply: Reply) {
        self.replies.lock().expect("free").insert(endpoint.to_owned(), VecDeque::from([reply]));
    }

    pub(super) fn log(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().expect("free"))
    }
}

impl Protocol for Script {
    fn fetch<'a>(&'a self, ask: &'a Ask) -> BoxFuture<'a, Reply> {
        let endpoint = crate::collect::render::endpoint(ask);
        self.asked.lock().expect("free").push(endpoint.clone());
        let mut replies = self.replies.lock().expect("free");
        let list = replies.get_mut(&endpoint).unwrap_or_else(|| panic!("nobody expects {endpoint}"));
        let reply = if list.len() > 1 { list.pop_front() } else { list.front().cloned() };
        ready(reply.expect("there is one")).boxed()
    }

    fn origin(&self) -> Option<&str> {
        Some("https://forge.example")
    }
}

pub(super) const USERS: &str = "GET /orgs/acme/users?per_page=2";
pub(super) const USERS_2: &str = "GET /orgs/acme/users?per_page=2&cursor=c2";

pub(super) fn user(id: u64, login: &str) -> Value {
    json!({"id": id, "login": login})
}

/// Three users on two pages; each has a token, and the ghost is not asked for.
pub(super) fn forge() -> Script {
    let mut script = Script::default()
        .with("GET /me", ok(json!({"login": "auditor"})))
        .with(USERS, ok(json!({"items": [user(1, "ada"), user(2, "ci-bot")], "next": "c2"})))
        .with(USERS_2, ok(json!({"items": [user(3, "ghost"), user(4, "bob")], "next": null})));
    for id in [1, 2, 4] {
        let tokens = json!({"tokens": [{"id": 10 + id, "name": "laptop"}]});
        script = script.with(&format!("GET /users/{id}/tokens"), ok(tokens));
    }
    script
}

/// The parts of a collection, so that a test changes only what it is about.
pub(super) struct Run<'a> {
    pub(super) loaded: Loaded,
    pub(super) settings: BTreeMap<String, String>,
    pub(super) controls: BTreeMap<String, String>,
    pub(super) shelf: Arc<dyn Shelf>,
    pub(super) clock: &'a dyn Clock,
    pub(super) progress: &'a dyn Progress,
    pub(super) stop: Stop,
}

impl Run<'_> {
    pub(super) fn on<S: Shelf + 'static>(shelf: &Arc<S>) -> Self {
        Self {
            loaded: crate::manifest::tests::good(),
            settings: BTreeMap::from([("host".to_owned(), "forge.example".to_owned())]),
            controls: BTreeMap::new(),
            shelf: Arc::<S>::clone(shelf),
            clock: &FixedClock(exeunt_model::Timestamp::UNIX_EPOCH),
            progress: &Quiet,
            stop: Stop::new(),
        }
    }

    pub(super) async fn of(&self, protocol: &dyn Protocol) -> Snapshot {
        self.with(protocol, |job| async move { collect(&job).await.expect("the shelf holds") }).await
    }

    pub(super) async fn with<'s, F, O>(
        &'s self,
        protocol: &'s dyn Protocol,
        act: impl FnOnce(Job<'s>) -> F,
    ) -> O
    where
        F: Future<Output = O>,
    {
        static HOME: std::sync::OnceLock<SystemId> = std::sync::OnceLock::new();
        let home = HOME.get_or_init(|| SystemId::new("forge").expect("a fine name"));
        let Self { shelf, clock, progress, stop, .. } = self;
        let edges = Edges { protocol, shelf: Arc::clone(shelf), clock: *clock, progress: *progress, stop };
        act(Job::new(&self.loaded, home, &self.settings, &self.controls, edges)).await
    }
}

pub(super) async fn snapshot_of(protocol: &dyn Protocol) -> Snapshot {
    Run::on(&Arc::new(MemoryShelf::default())).of(protocol).await
}

/// The receipt of a read and scope.
pub(super) fn receipt<'a>(snapshot: &'a Snapshot, title: &str) -> &'a ReadReceipt {
    let found = snapshot.reads.iter().find(|read| read.receipt.title() == title);
    &found.unwrap_or_else(|| panic!("no receipt {title}")).receipt
}

/// Why a read and scope is partial; `None` when it is complete.
pub(super) fn reason(snapshot: &Snapshot, title: &str) -> Option<PartialReason> {
    match &receipt(snapshot, title).outcome {
        exeunt_model::Outcome::Complete => None,
        exeunt_model::Outcome::Partial { reason, .. } => Some(*reason),
    }
}
