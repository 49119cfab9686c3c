//! Serves a world on loopback: one listener per system, one lock around the world, and a log of what was asked.

use std::{
    collections::BTreeMap,
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::{Request as HttpRequest, State},
    http::{HeaderName, HeaderValue, Response, StatusCode},
};
use futures_util::{StreamExt, future, stream};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
};

use crate::{
    answer::Answer,
    calendar::{Phase, http_date},
    call::{Call, pairs},
    fault::Fault,
    systems::System,
    world::World,
};

/// The largest request body that is read.
const BODY_LIMIT: usize = 1024 * 1024;

/// The company could not be served.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on 127.0.0.1 for the simulated {system}; check that loopback networking is available")]
pub struct StartError {
    /// The system whose listener failed.
    pub system: &'static str,
    /// What the operating system said.
    pub source: io::Error,
}

/// One request that was made. Credentials are not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The system it was made to.
    pub system: System,
    /// `GET`, `POST` …
    pub method: String,
    /// The path, still percent-encoded.
    pub path: String,
    /// Decoded query parameters in the order sent.
    pub query: Vec<(String, String)>,
    /// The body, if it was JSON.
    pub body: Option<Vec<u8>>,
    /// The status that was answered; nothing if the connection was cut.
    pub status: Option<u16>,
}

/// A running company.
#[derive(Debug)]
pub struct Sandbox {
    shared: Arc<Shared>,
    addresses: BTreeMap<System, SocketAddr>,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<io::Result<()>>>,
}

#[derive(Debug)]
struct Shared {
    world: Mutex<World>,
    log: Mutex<Vec<Request>>,
    faults: Mutex<BTreeMap<System, Fault>>,
}

#[derive(Clone, Debug)]
struct Desk {
    system: System,
    shared: Arc<Shared>,
}

impl Sandbox {
    /// Starts serving `world`, each system on a port of its own that the operating system chooses.
    ///
    /// # Errors
    /// If a loopback port cannot be had.
    pub async fn start(world: World) -> Result<Self, StartError> {
        let shared =
            Arc::new(Shared { world: Mutex::new(world), log: Mutex::default(), faults: Mutex::default() });
        let (stop, stopped) = watch::channel(false);
        let mut addresses = BTreeMap::new();
        let mut tasks = Vec::new();
        for system in System::ALL {
            let failed = |source| StartError { system: system.name(), source };
            let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(failed)?;
            addresses.insert(system, listener.local_addr().map_err(failed)?);
            let desk = Desk { system, shared: Arc::clone(&shared) };
            let door = Door { listener, desk: desk.clone() };
            let mut stopped = stopped.clone();
            let served = axum::serve(door, Router::new().fallback(serve).with_state(desk))
                .with_graceful_shutdown(async move {
                    // An error means that the sandbox was dropped, which ends the service as well.
                    let _ = stopped.wait_for(|stop| *stop).await;
                });
            tasks.push(tokio::spawn(served.into_future()));
        }
        Ok(Self { shared, addresses, stop, tasks })
    }

    /// Where a system answers, without a slash at the end: `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self, system: System) -> String {
        self.addresses.get(&system).map(|address| format!("http://{address}")).unwrap_or_default()
    }

    /// The word a reader hands over to a system; see [`crate::credentials`].
    #[must_use]
    pub fn credential(&self, system: System) -> &'static str {
        crate::credentials::of(system)
    }

    /// Takes every system to a phase of the story.
    pub fn set_phase(&self, phase: Phase) {
        self.world().enter(phase);
    }

    /// The world behind its lock. Hold it shortly: the systems wait for it.
    pub fn world(&self) -> MutexGuard<'_, World> {
        lock(&self.shared.world)
    }

    /// Puts a fault on a system, in place of any other.
    pub fn set_fault(&self, system: System, fault: Fault) {
        lock(&self.shared.faults).insert(system, fault);
    }

    /// Takes the fault off a system.
    pub fn clear_fault(&self, system: System) {
        lock(&self.shared.faults).remove(&system);
    }

    /// Everything that was asked so far, in the order of the answers.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        lock(&self.shared.log).clone()
    }

    /// How often each method and path of a system was asked for.
    #[must_use]
    pub fn counts(&self, system: System) -> BTreeMap<(String, String), usize> {
        let mut counts = BTreeMap::new();
        for request in lock(&self.shared.log).iter().filter(|request| request.system == system) {
            let key = (request.method.clone(), request.path.clone());
            *counts.entry(key).or_default() += 1;
        }
        counts
    }

    /// Forgets what was asked.
    pub fn clear_requests(&self) {
        lock(&self.shared.log).clear();
    }

    /// Finishes the answers under way, closes the ports and waits until they are closed.
    pub async fn shutdown(self) {
        self.stop.send_replace(true);
        for task in self.tasks {
            // A task that was cancelled has closed its port as well.
            let _ = task.await;
        }
    }
}

/// A lock whose holder panicked still guards usable data: each answer is built whole before it is written back.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A listener that can slam the door.
struct Door {
    listener: TcpListener,
    desk: Desk,
}

impl axum::serve::Listener for Door {
    type Io = TcpStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let (stream, address) = axum::serve::Listener::accept(&mut self.listener).await;
            if self.desk.fault(self.desk.system) != Some(Fault::Refused) {
                return (stream, address);
            }
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.listener.local_addr()
    }
}

impl Desk {
    fn fault(&self, system: System) -> Option<Fault> {
        lock(&self.shared.faults).get(&system).cloned()
    }
}

async fn serve(State(desk): State<Desk>, request: HttpRequest) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY_LIMIT).await else {
        return respond(&Answer::json(413, &serde_json::json!({"message": "request body too large"})));
    };
    let call = Call {
        method: parts.method.as_str().to_owned(),
        path: parts.uri.path().to_owned(),
        query: pairs(parts.uri.query().unwrap_or("")),
        headers: parts
            .headers
            .iter()
            .map(|(name, value)| {
                (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
            })
            .collect(),
        body: body.to_vec(),
    };
    let system = desk.system.behind(&call.path);
    let fault = desk.fault(system);
    let (answer, now) = {
        let mut world = lock(&desk.shared.world);
        let answer = refusal(fault.as_ref(), &call).unwrap_or_else(|| system.answer(&mut world, &call));
        (answer, world.now())
    };
    let cut = match fault {
        Some(Fault::Refused) => Some(0),
        Some(Fault::Truncated(bytes)) => Some(bytes),
        _ => None,
    };
    let json = call.header("content-type").is_some_and(|kind| kind.contains("json"));
    lock(&desk.shared.log).push(Request {
        system,
        method: call.method,
        path: call.path,
        query: call.query,
        body: json.then_some(call.body),
        status: cut.is_none().then_some(answer.status),
    });
    let answer = answer.with("date", http_date(now));
    match cut {
        None => respond(&answer),
        Some(bytes) => cut_short(answer, bytes),
    }
}

fn refusal(fault: Option<&Fault>, call: &Call) -> Option<Answer> {
    let message = |status| Answer::json(status, &serde_json::json!({"message": "fault injected"}));
    match fault? {
        Fault::Status(status) => Some(message(*status)),
        Fault::RateLimited(seconds) => Some(message(429).with("retry-after", seconds.to_string())),
        Fault::StatusOn(part, status) if call.path.contains(part) => Some(message(*status)),
        _ => None,
    }
}

fn respond(answer: &Answer) -> Response<Body> {
    let body = Body::from(answer.body.clone());
    dressed(answer, body)
}

/// The announced length is longer than what follows, as when a line is cut.
fn cut_short(mut answer: Answer, bytes: usize) -> Response<Body> {
    let whole = answer.body.len().max(bytes + 1);
    answer.body.truncate(bytes);
    let kept = Bytes::from(answer.body.clone());
    let cut = io::Error::new(io::ErrorKind::ConnectionReset, "cut on purpose");
    // The pause lets the server send what there is before it learns of the cut.
    let stream = stream::once(future::ready(Ok(kept))).chain(stream::once(async {
        tokio::task::yield_now().await;
        Err(cut)
    }));
    let answer = answer.with("content-length", whole.to_string());
    dressed(&answer, Body::from_stream(stream))
}

fn dressed(answer: &Answer, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in &answer.headers {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    response
}
