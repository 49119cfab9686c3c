//! Files that somebody exported: read whole, with a cap, from where the operator says.

mod airbyte;
mod baton;
mod csv;

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use futures_util::future::BoxFuture;
use serde_json::Value;

use exeunt_model::manifest::{AirbyteRequest, BatonRequest, ClientRules, CsvRequest};
use exeunt_model::{PartialReason, Timestamp};

use super::{Answer, Ask, Fault, Protocol};
use crate::mapper::Subject;

/// What is asked of a file, settings filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileAsk {
    /// A table.
    Csv(CsvRequest),
    /// One list of a Baton file.
    Baton(BatonRequest),
    /// One stream of Airbyte messages.
    Airbyte(AirbyteRequest),
}

/// The files of one system.
pub struct FileProtocol {
    /// Where relative paths begin.
    folder: PathBuf,
    rules: ClientRules,
}

type Failure = (PartialReason, String);

impl FileProtocol {
    /// Files beside the configuration.
    #[must_use]
    pub const fn new(folder: PathBuf, rules: ClientRules) -> Self {
        Self { folder, rules }
    }
}

/// The bytes of a regular file, up to a cap.
#[expect(clippy::disallowed_methods, reason = "the file is read with a cap")]
fn read(path: &Path, most: u64) -> Result<Vec<u8>, Failure> {
    let failed = |error: std::io::Error| {
        let (reason, next) = match error.kind() {
            std::io::ErrorKind::NotFound => {
                (PartialReason::NotFound, "Export it there, or correct the setting")
            }
            std::io::ErrorKind::PermissionDenied => {
                (PartialReason::Forbidden, "Let the user who runs exeunt read it")
            }
            _ => (PartialReason::Truncated, "See whether it can be read at all"),
        };
        (reason, format!("it could not be read: {error}. {next}"))
    };
    let file = File::open(path).map_err(failed)?;
    let about = file.metadata().map_err(failed)?;
    if !about.is_file() {
        return Err((
            PartialReason::NotFound,
            "it is no regular file. Name the exported file itself".to_owned(),
        ));
    }
    let mut bytes = Vec::new();
    file.take(most + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > most {
        let says = format!("it is larger than {most} bytes. Raise `client.max_body` in the manifest");
        return Err((PartialReason::Oversized, says));
    }
    Ok(bytes)
}

/// When a file was last changed.
fn written(path: &Path) -> Option<Timestamp> {
    let at = std::fs::metadata(path).and_then(|about| about.modified()).ok()?;
    Timestamp::try_from(at).ok()
}

/// The bytes that are kept for an ask, and its page.
fn answer(folder: &Path, ask: &FileAsk, rules: &ClientRules) -> Result<(Vec<u8>, Value), Failure> {
    match ask {
        FileAsk::Csv(csv) => {
            let path = folder.join(&csv.file);
            let bytes = read(&path, rules.max_body)?;
            let page = csv::page(&bytes, csv, written(&path))?;
            Ok((bytes, page))
        }
        FileAsk::Baton(baton) => {
            let bytes = baton::bytes(folder, baton, rules)?;
            let page = baton::page(&bytes, baton)?;
            Ok((bytes, page))
        }
        FileAsk::Airbyte(airbyte) => {
            let bytes = airbyte::bytes(folder, airbyte, rules)?;
            let page = airbyte::page(&bytes, airbyte)?;
            Ok((bytes, page))
        }
    }
}

/// The page of kept bytes.
fn again(ask: &FileAsk, bytes: &[u8]) -> Result<Value, Failure> {
    match ask {
        FileAsk::Csv(csv) => csv::page(bytes, csv, None),
        FileAsk::Baton(baton) => baton::page(bytes, baton),
        FileAsk::Airbyte(airbyte) => airbyte::page(bytes, airbyte),
    }
}

fn of(ask: &Ask) -> Result<&FileAsk, Fault> {
    match ask {
        Ask::File(ask) => Ok(ask),
        _ => Err(Fault {
            reason: PartialReason::UnexpectedStatus,
            detail: "nothing was read: this system is a file, and the read asks for something else. Correct the manifest"
                .to_owned(),
            statuses: Vec::new(),
        }),
    }
}

impl FileAsk {
    /// The file's name, as configured.
    fn name(&self) -> &str {
        match self {
            Self::Csv(ask) => &ask.file,
            Self::Baton(ask) => &ask.file,
            Self::Airbyte(ask) => &ask.file,
        }
    }

    fn fault(&self, (reason, says): Failure) -> Fault {
        Fault { reason, detail: format!("the file {}: {says}", self.name()), statuses: Vec::new() }
    }
}

impl Protocol for FileProtocol {
    fn fetch<'a>(&'a self, ask: &'a Ask) -> BoxFuture<'a, Result<Answer, Fault>> {
        Box::pin(async move {
            let ask = of(ask)?.clone();
            let (folder, rules) = (self.folder.clone(), self.rules.clone());
            let read = tokio::task::spawn_blocking(move || {
                answer(&folder, &ask, &rules).map_err(|failure| ask.fault(failure))
            });
            let (body, page) = read.await.map_err(|_| Fault {
                reason: PartialReason::SchemaChanged,
                detail: "reading broke off on this file; please report it with the manifest".to_owned(),
                statuses: Vec::new(),
            })??;
            Ok(Answer {
                statuses: vec![0],
                headers: std::collections::BTreeMap::new(),
                body,
                page: page.into(),
                cookie: Vec::new(),
                server_date: None,
            })
        })
    }

    fn origin(&self) -> Option<&str> {
        None
    }

    fn reread(&self, ask: &Ask, body: &[u8]) -> Result<Subject, Fault> {
        let ask = of(ask)?;
        again(ask, body).map(Subject::from).map_err(|failure| ask.fault(failure))
    }
}
