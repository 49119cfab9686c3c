//! `exeunt witness`: cosigns the heads of others' logs, over HTTP (C2SP tlog-witness v1.0.0, "HTTP Interface").

use std::future::IntoFuture;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use exeunt_evidence::key::Algorithm;
use exeunt_evidence::note::MAX_NOTE;
use exeunt_evidence::witness::{Answer, FolderHeads, Witness};
use exeunt_evidence::{SigningKey, VerifierKey};
use tokio::net::TcpListener;

use crate::args::{Global, WitnessArgs};
use crate::error::{Done, Failure};
use crate::open::{Machine, state};
use crate::terminal::Terminal;

/// A checkpoint and its proof.
const LARGEST: usize = MAX_NOTE + 4096;

/// What answers requests.
#[derive(Clone)]
struct Desk {
    witness: Arc<Witness<FolderHeads>>,
    machine: Machine,
}

/// Serves until Ctrl-C.
///
/// # Errors
/// When the key or the folder cannot be used, or the address cannot be had.
pub async fn run(
    args: &WitnessArgs,
    global: &Global,
    machine: &Machine,
    terminal: &mut Terminal,
) -> Result<Done, Failure> {
    let logs = args.log.iter().map(|text| text.parse::<VerifierKey>()).collect::<Result<Vec<_>, _>>();
    let logs = logs.map_err(|e| Failure::Usage(format!("--log is no verifier key: {e}")))?;
    let key = key(&args.key, args.name.as_deref())?;
    let folder = state(global).join("witness");
    let heads = FolderHeads::open(&folder)
        .map_err(|e| Failure::CouldNot(format!("could not open {}: {e}", folder.display())))?;
    let witness = Witness::new(key, logs, heads).map_err(|e| Failure::Usage(e.to_string()))?;
    let could_not = |e: std::io::Error| Failure::CouldNot(format!("could not serve on {}: {e}", args.listen));
    let listener = TcpListener::bind(args.listen).await.map_err(could_not)?;
    let address = listener.local_addr().map_err(could_not)?;
    terminal.line(&witness.verifier().to_string())?;
    terminal.note(&format!("Witnessing {} logs at http://{address}/; Ctrl-C ends it", args.log.len()));
    let desk = Desk { witness: Arc::new(witness), machine: machine.clone() };
    let router = Router::new()
        .route("/add-checkpoint", post(add_checkpoint))
        .layer(DefaultBodyLimit::max(LARGEST))
        .with_state(desk);
    let stop = machine.stop.clone();
    let served = axum::serve(listener, router).with_graceful_shutdown(async move { stop.said().await });
    served.into_future().await.map_err(could_not)?;
    Ok(Done::Clear)
}

/// The witness's key; made when its file is not there and a name was given.
fn key(file: &Path, name: Option<&str>) -> Result<SigningKey, Failure> {
    let could_not =
        |what: &str, e: &dyn std::fmt::Display| Failure::CouldNot(format!("{what} {}: {e}", file.display()));
    match (std::fs::read_to_string(file), name) {
        (Ok(text), _) => {
            SigningKey::from_text(&text).map_err(|e| could_not("there is no witness key in", &e))
        }
        (Err(e), Some(name)) if e.kind() == ErrorKind::NotFound => {
            let mut seed = [0; 32];
            exeunt_service::key::chance(&mut seed);
            let key = SigningKey::from_seed(name, Algorithm::CosignatureV1, &seed)
                .map_err(|e| Failure::Usage(format!("--name: {e}")))?;
            exeunt_service::key::write(file, &key.expose_text())
                .map_err(|e| could_not("could not write", &e))?;
            Ok(key)
        }
        (Err(e), None) if e.kind() == ErrorKind::NotFound => {
            Err(could_not("there is no key (name the witness with --name to make one) at", &e))
        }
        (Err(e), _) => Err(could_not("could not read", &e)),
    }
}

async fn add_checkpoint(State(desk): State<Desk>, body: Bytes) -> Response {
    let seconds = u64::try_from(desk.machine.clock.now().as_second()).unwrap_or(0);
    // Keeping a head waits for the disk.
    let decided = tokio::task::spawn_blocking(move || desk.witness.add_checkpoint(&body, seconds)).await;
    let answer = decided.unwrap_or_else(|e| Answer::Failed(e.to_string()));
    let status = StatusCode::from_u16(answer.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(header::CONTENT_TYPE, answer.content_type())], answer.body()).into_response()
}
