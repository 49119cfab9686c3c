//! Small worlds for tests: a directory and one application, Ada who leaves and Ben who stays, read before the
//! departure, after it, and now.

mod history;

use std::collections::{BTreeMap, BTreeSet};

use exeunt_model::case::{Case, SubjectClaim, Workflow};
use exeunt_model::config::ManualLink;
use exeunt_model::manifest::Manifest;
use exeunt_model::owners::{OwnerCell, OwnerRegister};
use exeunt_model::policy::Policy;
use exeunt_model::record::{JoinKey, KeyKind};
use exeunt_model::verdict::{ControlPoint, Obligation, VerdictDocument};
use exeunt_model::{Digest, Duration, Snapshot, State, SystemId, Timestamp, Who};
use serde_json::{Value, json};

use crate::{CaseError, Inputs, ManifestInUse, judge_case};

pub(crate) use history::{again, earlier, ended, moved, partial, receipts};

/// The departure in every small world.
pub(crate) const DEPARTED: &str = "2026-11-20T17:00:00Z";
/// When snapshots are taken: before the departure, after it, and now.
pub(crate) const TIMES: [&str; 3] = ["2026-11-20T08:00:00Z", "2026-11-20T18:00:00Z", "2026-11-20T20:00:00Z"];
/// When the ticket is read.
const TICKET_READ: &str = "2026-11-20T20:20:00Z";
const AS_OF: &str = "2026-11-20T20:30:00Z";

/// What one moment shows: records by system and read.
pub(crate) type Shown = BTreeMap<(&'static str, &'static str), Vec<Value>>;

/// A world that tests change.
#[derive(Clone)]
pub(crate) struct World {
    pub before: Shown,
    pub after: Shown,
    pub now: Shown,
    /// Reads that are partial now.
    pub partial: BTreeSet<(&'static str, &'static str)>,
    /// Reads whose positive control was not seen now.
    pub blind: BTreeSet<(&'static str, &'static str)>,
    pub manifest: Value,
    pub ticket: Option<Vec<Value>>,
    pub policy: Policy,
    pub owners: Value,
    pub links: Vec<ManualLink>,
    /// How long after the last snapshot the verdict is said, beyond the usual half hour.
    pub later: exeunt_model::Duration,
    pub workflow: Value,
    /// How far the clocks of the systems, the ticket's included, are ahead of ours, where their answers show it.
    pub ahead: Option<Duration>,
}

impl World {
    /// Everything gone but Ada's application account, which is as `state` says; the rest is up to the test.
    pub fn new() -> Self {
        let mut before = Shown::new();
        before.insert(("dir", "people"), vec![person("1", "Ada", "1042"), person("2", "Ben", "1043")]);
        before.insert(
            ("dir", "accounts"),
            vec![account("dir", "1", "ada", "1042", "active"), account("dir", "2", "ben", "1043", "active")],
        );
        before.insert(
            ("app", "accounts"),
            vec![account("app", "1", "ada", "1042", "active"), account("app", "2", "ben", "1043", "active")],
        );
        for read in ["groups", "credentials", "integrations", "of_account[2]"] {
            before.insert(("app", read), Vec::new());
        }
        let mut now = before.clone();
        now.insert(("dir", "accounts"), vec![account("dir", "2", "ben", "1043", "active")]);
        now.insert(("app", "accounts"), vec![account("app", "2", "ben", "1043", "active")]);
        Self {
            before,
            after: now.clone(),
            now,
            partial: BTreeSet::new(),
            blind: BTreeSet::new(),
            manifest: manifest(),
            ticket: None,
            policy: Policy::default(),
            owners: json!({"owners": [
                {"domain": "identity_lifecycle", "system": "*", "owner": "People team"},
                {"domain": "application_entitlement", "system": "app", "owner": "App team"},
                {"domain": "integration_revocation", "system": "app", "owner": "Platform team"},
            ]}),
            links: Vec::new(),
            later: exeunt_model::Duration::ZERO,
            workflow: workflow(),
            ahead: None,
        }
    }

    /// With a ticket of these documents.
    pub fn says(mut self, documents: Vec<Value>) -> Self {
        self.ticket.get_or_insert_default().extend(documents);
        self
    }

    /// Shows a record before the departure.
    pub fn had(mut self, read: &'static str, record: Value) -> Self {
        self.before.entry(("app", read)).or_default().push(record);
        self
    }

    /// Shows a record since the departure.
    pub fn has(mut self, read: &'static str, record: Value) -> Self {
        self.after.entry(("app", read)).or_default().push(record.clone());
        self.now.entry(("app", read)).or_default().push(record);
        self
    }

    /// Shows a record before and since.
    pub fn keeps(self, read: &'static str, record: Value) -> Self {
        self.had(read, record.clone()).has(read, record)
    }

    /// Ada's application account is in this state now.
    pub fn ada(self, state: &str) -> Self {
        self.has("accounts", account("app", "1", "ada", "1042", state))
    }

    /// Ada's directory account is in this state now.
    pub fn ada_in_directory(mut self, state: &str) -> Self {
        for shown in [&mut self.after, &mut self.now] {
            shown.entry(("dir", "accounts")).or_default().push(account("dir", "1", "ada", "1042", state));
        }
        self
    }

    /// A read is refused now.
    pub fn refused(mut self, read: &'static str) -> Self {
        self.partial.insert(("app", read));
        self.now.insert(("app", read), Vec::new());
        self
    }

    /// The snapshots, oldest first.
    pub fn history(&self) -> Vec<Snapshot> {
        let mut history = Vec::new();
        for (place, shown) in [&self.before, &self.after, &self.now].into_iter().enumerate() {
            for system in ["dir", "app"] {
                let reads: Vec<Value> = shown
                    .iter()
                    .filter(|((of, _), _)| *of == system)
                    .map(|((_, read), records)| self.read(system, read, records, TIMES[place], place == 2))
                    .collect();
                let snapshot = json!({
                    "version": 1, "system": system, "connector": "small", "manifest": Digest::of(b"small"),
                    "started": TIMES[place], "ended": TIMES[place], "reads": reads,
                });
                history.push(serde_json::from_value::<Snapshot>(snapshot).expect("a snapshot").in_order());
            }
        }
        history
    }

    fn read(&self, system: &str, read: &str, records: &[Value], at: &str, now: bool) -> Value {
        let (read, scope) =
            read.split_once('[').map_or((read, ""), |(read, scope)| (read, scope.trim_end_matches(']')));
        let partial = now && self.partial.iter().any(|(s, r)| *s == system && *r == read);
        let blind = now && self.blind.iter().any(|(s, r)| *s == system && *r == read);
        let refused = json!({"partial": {"reason": "forbidden", "detail": "the answer was 403"}});
        json!({
            "receipt": {
                "system": system, "read": read, "scope": scope, "endpoint": format!("GET /{read}"), "permission": "read",
                "pages": 1, "rows": records.len(), "statuses": [200], "started": at, "ended": at, "exchanges": [],
                "server_date": self.date(at),
                "control": if blind { json!({"not_seen": "no row"}) } else { json!({"seen": "a row"}) },
                "outcome": if partial { refused } else { json!("complete") },
            },
            "records": records,
        })
    }

    fn date(&self, at: &str) -> Option<Timestamp> {
        self.ahead.and_then(|ahead| time(at).checked_add(ahead).ok())
    }

    /// The verdict.
    pub fn judge(&self) -> VerdictDocument {
        self.judge_history(&self.history()).expect("a verdict")
    }

    /// The verdict on a history of the test's own.
    pub fn judge_history(&self, history: &[Snapshot]) -> Result<VerdictDocument, CaseError> {
        self.judge_with(history, &[])
    }

    /// The verdict on a history whose ids are known.
    pub fn judge_with(&self, history: &[Snapshot], ids: &[Digest]) -> Result<VerdictDocument, CaseError> {
        self.ask(history, ids, judge_case)
    }

    /// Any question that is asked of the same inputs.
    pub fn ask<T>(&self, history: &[Snapshot], ids: &[Digest], question: impl FnOnce(&Inputs<'_>) -> T) -> T {
        let manifest: Manifest = serde_json::from_value(self.manifest.clone()).expect("a manifest");
        let mut of_directory = manifest.clone();
        of_directory.reads.retain(|read, _| ["people", "accounts"].contains(&read.as_str()));
        let mut of_app = manifest;
        of_app.reads.retain(|read, _| read != "people");
        let digest = Digest::of(b"small");
        let (dir, app) = (system("dir"), system("app"));
        let in_scope = BTreeMap::from([
            (dir.clone(), ManifestInUse { manifest: &of_directory, digest }),
            (app, ManifestInUse { manifest: &of_app, digest }),
        ]);
        let key = JoinKey { kind: KeyKind::EmployeeNumber, value: "1042".to_owned(), issuer: None };
        let case = Case {
            id: "OFF-1".to_owned(),
            subject: SubjectClaim { who: vec![Who::Key(key)], said_by: "argument".to_owned() },
            departed: Some(time(DEPARTED)),
            ticket_system: self.ticket.as_ref().map(|_| system("jira")),
        };
        let cells: Vec<OwnerCell> = serde_json::from_value(self.owners["owners"].clone()).expect("owners");
        let owners = OwnerRegister::of(cells);
        let ticket = self.ticket.as_ref().map(|documents| ticket(documents, self.date(TICKET_READ)));
        let workflow: Workflow = serde_json::from_value(self.workflow.clone()).expect("a workflow");
        question(&Inputs {
            case: &case,
            directory: &dir,
            in_scope: &in_scope,
            history,
            ids,
            ticket: ticket.as_ref(),
            workflow: &workflow,
            owners: &owners,
            policy: &self.policy,
            links: &self.links,
            domains: &["halden.example".to_owned(), "halden.test".to_owned()],
            as_of: time(AS_OF).checked_add(self.later).expect("a time"),
        })
    }

    /// The state of one obligation.
    pub fn state(&self, id: &str) -> State {
        self.line(id).state
    }

    /// One obligation.
    pub fn line(&self, id: &str) -> Obligation {
        let verdict = self.judge();
        let known: Vec<&str> = verdict.obligations.iter().map(|line| line.id.as_str()).collect();
        let found = verdict.obligations.iter().find(|line| line.id == id);
        found.unwrap_or_else(|| panic!("no {id} among {known:?}")).clone()
    }

    /// One control point.
    pub fn point(&self, number: u8) -> ControlPoint {
        self.judge().control_points[usize::from(number) - 1].clone()
    }
}

/// A ticket with these documents.
fn ticket(documents: &[Value], date: Option<Timestamp>) -> Snapshot {
    let at = TICKET_READ;
    serde_json::from_value(json!({
        "version": 1, "system": "jira", "connector": "jira", "manifest": Digest::of(b"jira"), "started": at, "ended": at,
        "reads": [{"receipt": {
            "system": "jira", "read": "issue", "endpoint": "GET /issue", "permission": "read", "pages": 1, "rows": 1,
            "statuses": [200], "started": at, "ended": at, "server_date": date, "exchanges": [], "control": {"seen": "the issue"},
            "outcome": "complete",
        }, "records": documents}],
    }))
    .expect("a ticket")
}

fn workflow() -> Value {
    json!({
        "system": "jira", "claims": [{"words": "app", "system": "app"}], "done_phrases": ["all access removed"],
    })
}

fn manifest() -> Value {
    let read = |about: &str| {
        json!({
            "about": about, "request": {"http": {"path": "/"}}, "permission": "read", "paging": {"none": {"because": "small"}},
            "rows": ".", "map": ".", "control": "any_row",
        })
    };
    let mut each = read("what one account holds");
    each["each"] = json!({"read": "accounts", "bind": {"id": ".id"}});
    let proof = json!({"settle": "5m", "source": "small"});
    json!({
        "manifest": 1, "connector": "small", "title": "Small", "about": "A small world.", "protocol": "http", "auth": ["bearer"],
        "reads": {
            "people": read("people"), "accounts": read("accounts"), "of_account": each, "groups": read("groups"),
            "credentials": read("credentials"), "integrations": read("integrations"),
        },
        "survivors": {"token.user": {"seen_by": ["credentials"]}},
        "kills": {
            "token.user": {"suspended": "latent", "disabled": "survives", "deleted": "dies", "source": "small"},
            "grant.direct": {"suspended": "latent", "deleted": "dies", "source": "small"},
            "owned.automation": {"suspended": "latent", "disabled": "survives", "source": "small"},
        },
        "proof": {
            "principal": proof, "grant.direct": proof, "token.user": proof, "key.asym": proof, "owned.nhi": proof,
            "owned.automation": proof, "trust": proof, "token.resource": proof,
        },
        "blind_spots": [{"kind": "session", "what": "Sessions are not listed.", "bound": "They end after 8 hours."}],
    })
}

/// A person of the directory.
pub(crate) fn person(id: &str, name: &str, number: &str) -> Value {
    json!({
        "record": "identity", "id": format!("dir/identity/{id}"), "display_name": name,
        "emails": [{"address": format!("{}@halden.example", name.to_lowercase()), "verified": true}],
        "keys": [{"kind": "employee_number", "value": number}], "kind": {"kind": "human", "reason": "small"},
    })
}

/// An account with an employee number.
pub(crate) fn account(system: &str, id: &str, login: &str, number: &str, state: &str) -> Value {
    json!({
        "record": "account", "id": format!("{system}/account/{id}"), "login": login, "state": state, "native_state": state,
        "keys": [{"kind": "employee_number", "value": number}], "kind": {"kind": "human", "reason": "small"},
    })
}

/// An account of another kind, with nobody's key.
pub(crate) fn non_human(id: &str, kind: &str) -> Value {
    json!({
        "record": "account", "id": format!("app/account/{id}"), "login": id, "state": "active", "native_state": "active",
        "kind": {"kind": kind, "reason": "small"},
    })
}

/// A personal token.
pub(crate) fn token(id: &str, holder: &str, state: &str) -> Value {
    json!({
        "record": "credential", "id": format!("app/credential/{id}"), "kind": "token.user", "native_type": "token", "name": id,
        "holder": {"object": format!("app/account/{holder}")}, "state": state, "created": "2026-01-01T00:00:00Z",
    })
}

/// A membership of an account or group in a group.
pub(crate) fn member(group: &str, member: &str) -> Value {
    json!({"record": "membership", "group": format!("app/group/{group}"), "member": {"object": format!("app/{member}")}})
}

/// A grant on a resource.
pub(crate) fn grant(subject: &str, resource: &str, permission: &str) -> Value {
    json!({
        "record": "grant", "subject": {"object": format!("app/{subject}")}, "resource": format!("app/resource/{resource}"),
        "permission": permission,
    })
}

/// An automation rule that runs as an account.
pub(crate) fn rule(id: &str, runs_as: &str, state: &str) -> Value {
    json!({
        "record": "integration", "id": format!("app/integration/{id}"), "kind": "owned.automation", "native_type": "rule",
        "name": id, "state": state, "acts_as": {"object": format!("app/account/{runs_as}")},
    })
}

/// Somebody owns something.
pub(crate) fn owns(subject: &str, owner: &str, link: &str) -> Value {
    json!({
        "record": "ownership", "subject": format!("app/{subject}"), "owner": {"object": format!("app/account/{owner}")},
        "link": link, "reason": "small",
    })
}

fn system(name: &str) -> SystemId {
    SystemId::new(name).expect("a system")
}

/// A time.
pub(crate) fn time(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

/// Runs a table of worlds: a title, a world, and the state of one obligation in it.
pub(crate) fn states(id: &str, table: &[(&str, World, State)]) {
    for (title, world, expected) in table {
        let line = world.line(id);
        assert_eq!(line.state, *expected, "{title}: {}", line.because);
    }
}
