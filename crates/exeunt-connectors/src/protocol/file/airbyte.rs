//! What an Airbyte source printed: messages as JSON lines, each stream with its own status.
//!
//! A stream counts as whole when the run's catalog asked for all of it (`full_refresh`), the source said that it
//! began and that it is complete, nothing of it came afterwards, and the counts in its states add up.

use std::path::Path;

use exeunt_model::manifest::{AirbyteRequest, ClientRules};
use exeunt_model::{PartialReason, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Failure, read};

/// Longest line taken, in bytes: sources put one record into a line.
const LONGEST: usize = 8 << 20;

/// One message. Kinds and fields that say nothing of whether a stream is whole are passed over, as the protocol means
/// it.
#[derive(Deserialize)]
struct Message {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    record: Option<Record>,
    #[serde(default)]
    state: Option<State>,
    #[serde(default)]
    trace: Option<Trace>,
}

#[derive(Deserialize)]
struct Record {
    stream: String,
    #[serde(default)]
    namespace: Option<String>,
    data: Value,
    emitted_at: i64,
}

#[derive(Deserialize)]
struct Descriptor {
    name: String,
    #[serde(default)]
    namespace: Option<String>,
}

#[derive(Deserialize)]
struct State {
    #[serde(default)]
    stream: Option<StreamState>,
    #[serde(default, rename = "sourceStats")]
    stats: Option<Stats>,
}

#[derive(Deserialize)]
struct StreamState {
    stream_descriptor: Descriptor,
}

#[derive(Deserialize)]
struct Stats {
    #[serde(default, rename = "recordCount")]
    records: Option<f64>,
}

#[derive(Deserialize)]
struct Trace {
    #[serde(rename = "type")]
    kind: String,
    emitted_at: f64,
    #[serde(default)]
    stream_status: Option<StreamStatus>,
    #[serde(default)]
    error: Option<TraceError>,
}

#[derive(Deserialize)]
struct StreamStatus {
    stream_descriptor: Descriptor,
    status: String,
}

#[derive(Deserialize)]
struct TraceError {
    #[serde(default)]
    message: String,
    #[serde(default)]
    stream_descriptor: Option<Descriptor>,
}

#[derive(Deserialize)]
struct Catalog {
    streams: Vec<Configured>,
}

#[derive(Deserialize)]
struct Configured {
    stream: Descriptor,
    sync_mode: String,
}

impl Descriptor {
    fn is(&self, ask: &AirbyteRequest) -> bool {
        is(&self.name, self.namespace.as_deref(), ask)
    }
}

fn is(name: &str, namespace: Option<&str>, ask: &AirbyteRequest) -> bool {
    name == ask.stream && namespace.unwrap_or_default() == ask.namespace
}

fn changed<T>(says: impl Into<String>) -> Result<T, Failure> {
    Err((PartialReason::SchemaChanged, says.into()))
}

/// The bytes that are kept: the catalog on the first line, the messages as they are behind it.
pub(super) fn bytes(folder: &Path, ask: &AirbyteRequest, rules: &ClientRules) -> Result<Vec<u8>, Failure> {
    let catalog = read(&folder.join(&ask.catalog), rules.max_body);
    let catalog =
        catalog.map_err(|(reason, says)| (reason, format!("the catalog {}: {says}", ask.catalog)))?;
    let catalog: Value = serde_json::from_slice(&catalog).map_err(|error| {
        (PartialReason::SchemaChanged, format!("the catalog {} is no JSON: {error}", ask.catalog))
    })?;
    let messages = read(&folder.join(&ask.file), rules.max_body)?;
    Ok([catalog.to_string().as_bytes(), b"\n", &messages].concat())
}

/// What was seen of one stream.
#[derive(Default)]
struct Seen {
    rows: Vec<Value>,
    /// When records were emitted, in milliseconds since 1970: the first and the last.
    emitted: Option<(i64, i64)>,
    counted: Option<u64>,
    began: Option<i64>,
    ended: Option<(String, i64)>,
    /// Why it is not whole, whatever its status says; the first such thing.
    wrong: Option<(PartialReason, String)>,
}

/// The page of kept bytes.
pub(super) fn page(kept: &[u8], ask: &AirbyteRequest) -> Result<Value, Failure> {
    let mut lines = kept.split(|byte| *byte == b'\n');
    asked_for_all(lines.next().unwrap_or_default(), ask)?;
    let mut seen = Seen::default();
    let mut rest = lines.enumerate().peekable();
    while let Some((index, line)) = rest.next() {
        let (number, last) = (index + 1, rest.peek().is_none());
        if line.is_empty() && last {
            break;
        }
        if line.len() > LONGEST {
            seen.wrong(PartialReason::Oversized, format!("line {number} is longer than {LONGEST} bytes"));
            break;
        }
        match serde_json::from_slice::<Message>(line) {
            Ok(message) => seen.take(message, ask),
            Err(error) => {
                let reason = if last { PartialReason::Truncated } else { PartialReason::SchemaChanged };
                seen.wrong(reason, format!("line {number} is no Airbyte message: {error}"));
                break;
            }
        }
    }
    seen.page(ask)
}

/// An incremental stream gives what changed, and a stream that is not in the catalog was not asked for.
fn asked_for_all(catalog: &[u8], ask: &AirbyteRequest) -> Result<(), Failure> {
    let catalog: Catalog = match serde_json::from_slice(catalog) {
        Ok(catalog) => catalog,
        Err(error) => {
            return changed(format!("the catalog {} is no configured catalog: {error}", ask.catalog));
        }
    };
    match catalog.streams.iter().find(|configured| configured.stream.is(ask)) {
        Some(configured) if configured.sync_mode == "full_refresh" => Ok(()),
        Some(configured) => changed(format!(
            "the catalog asks for the stream `{}` as {}, which gives changes only. Set its sync_mode to full_refresh",
            ask.stream, configured.sync_mode
        )),
        None => {
            let says = format!("the catalog {} does not ask for the stream `{}`", ask.catalog, ask.stream);
            Err((PartialReason::NotFound, says))
        }
    }
}

impl Seen {
    fn wrong(&mut self, reason: PartialReason, says: String) {
        self.wrong.get_or_insert((reason, says));
    }

    fn take(&mut self, message: Message, ask: &AirbyteRequest) {
        match message.kind.as_str() {
            "RECORD" => match message.record {
                Some(record) if is(&record.stream, record.namespace.as_deref(), ask) => self.record(record),
                Some(_) => {}
                None => {
                    self.wrong(PartialReason::SchemaChanged, "a RECORD message holds no record".to_owned());
                }
            },
            "STATE" => {
                let state = message.state.filter(|state| {
                    state.stream.as_ref().is_some_and(|stream| stream.stream_descriptor.is(ask))
                });
                if let Some(count) = state.and_then(|state| state.stats).and_then(|stats| stats.records) {
                    *self.counted.get_or_insert(0) += whole(count);
                }
            }
            "TRACE" => match message.trace {
                Some(trace) => self.trace(trace, ask),
                None => self.wrong(PartialReason::SchemaChanged, "a TRACE message holds no trace".to_owned()),
            },
            // LOG, SPEC, CATALOG, CONTROL and what comes after them.
            _ => {}
        }
    }

    fn record(&mut self, record: Record) {
        if self.ended.is_some() {
            self.wrong(PartialReason::SchemaChanged, "a record came after the end of the stream".to_owned());
        }
        let at = record.emitted_at;
        self.emitted = Some(self.emitted.map_or((at, at), |(first, last)| (first.min(at), last.max(at))));
        self.rows.push(record.data);
    }

    fn trace(&mut self, trace: Trace, ask: &AirbyteRequest) {
        let at = millis(trace.emitted_at);
        match (trace.kind.as_str(), trace.stream_status, trace.error) {
            ("STREAM_STATUS", Some(told), _) if told.stream_descriptor.is(ask) => {
                match told.status.as_str() {
                    "STARTED" if self.ended.is_some() || self.began.is_some() => {
                        self.wrong(
                            PartialReason::SchemaChanged,
                            "the stream begins twice; this is more than one run".to_owned(),
                        );
                    }
                    "STARTED" => self.began = Some(at),
                    "RUNNING" => {}
                    _ if self.ended.is_some() => {
                        self.wrong(PartialReason::SchemaChanged, "the stream ends twice".to_owned());
                    }
                    _ => self.ended = Some((told.status, at)),
                }
            }
            ("STREAM_STATUS", None, _) => {
                self.wrong(PartialReason::SchemaChanged, "a status names no stream".to_owned());
            }
            // An error that names no stream may concern any of them.
            ("ERROR", _, Some(error)) if error.stream_descriptor.as_ref().is_none_or(|of| of.is(ask)) => {
                let says: String =
                    error.message.chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect();
                self.wrong(PartialReason::ServerError, format!("the source told an error: {says}"));
            }
            _ => {}
        }
    }

    fn page(self, ask: &AirbyteRequest) -> Result<Value, Failure> {
        let (rows, stream) = (self.rows.len() as u64, &ask.stream);
        let status = match &self.ended {
            Some((status, _)) if status == "COMPLETE" => None,
            Some((status, _)) => {
                let says: String =
                    status.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').take(40).collect();
                Some((
                    PartialReason::Truncated,
                    format!("the source says that the stream `{stream}` is {says}"),
                ))
            }
            None => Some((
                PartialReason::Truncated,
                format!("the source does not say that the stream `{stream}` is complete"),
            )),
        };
        let count = self.counted.filter(|counted| *counted != rows).map(|counted| {
            let says = format!("{rows} records of `{stream}` came where its states count {counted}");
            (PartialReason::ShortCount, says)
        });
        let partial = self.wrong.or(status).or(count);
        let first = self.emitted.map(|(first, _)| first);
        let last = self.emitted.map(|(_, last)| last);
        let silent = self.began.is_none().then(|| {
            (
                PartialReason::SchemaChanged,
                format!("the source does not say when the stream `{stream}` began"),
            )
        });
        let partial = partial.or(silent);
        // What came was read before it was printed, so that only the beginning bounds it from below.
        let from = [self.began, first].into_iter().flatten().min();
        let to = [self.ended.map(|(_, at)| at), last, from].into_iter().flatten().max();
        let (Some(from), Some(to)) = (from.and_then(moment), to.and_then(moment)) else {
            let (reason, says) = partial.unwrap_or((
                PartialReason::SchemaChanged,
                format!("nothing says of when the stream `{stream}` is: it has neither a STARTED status nor records"),
            ));
            return Err((reason, says));
        };
        let partial = partial.map(|(reason, detail)| json!({ "reason": reason, "detail": detail }));
        Ok(json!({ "taken": { "from": from, "to": to }, "partial": partial, "rows": self.rows }))
    }
}

fn moment(millis: i64) -> Option<Timestamp> {
    Timestamp::from_millisecond(millis).ok()
}

/// Some sources write traces' times with decimals.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a cast of a float saturates, and such a time is refused later"
)]
const fn millis(at: f64) -> i64 {
    at as i64
}

/// Counts are numbers with decimals in the protocol.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast of a float saturates")]
const fn whole(count: f64) -> u64 {
    count as u64
}
