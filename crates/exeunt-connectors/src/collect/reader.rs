//! As whom we read: part of the evidence, since two readers see different lists.

use std::collections::BTreeMap;

use serde_json::Value;

use super::render::{self, Values};
use super::{Job, status};
use crate::mapper::Subject;
use crate::redact::Named;
use crate::shelf::{PageNote, ShelfError};

/// The name under which the reader's answer is noted; no read may have it.
const NOTED_AS: &str = "reader";

/// The reader's name, or why it is not known.
pub(crate) type Name = Result<String, String>;

/// Asks who we are. Not knowing it ends nothing: the reads say themselves what they may not.
pub(crate) async fn name(job: &Job<'_>) -> Result<Option<Name>, ShelfError> {
    let manifest = &job.loaded.manifest;
    let (Some(rule), Some(program)) = (&manifest.reader, &job.loaded.programs.reader) else {
        return Ok(None);
    };
    let none = BTreeMap::new();
    let values = Values { settings: &job.filled, bound: &none, issue: None };
    let ask = match render::plain(&rule.request, None, &values) {
        Ok(ask) => ask,
        Err(unfilled) => return Ok(Some(Err(unfilled.to_string()))),
    };
    let noted = job.shelf.noted(NOTED_AS, "")?;
    let page = if let Some(note) = noted.first() {
        let body = job.shelf.body(&note.body)?;
        job.protocol.reread(&ask, &body).map_err(|fault| fault.detail)
    } else {
        asked(job, &ask).await?
    };
    let named = page.and_then(|page| {
        let named = program.one(&page, &[]).map_err(|error| format!("`reader.name`: {error}"))?;
        match named {
            Value::String(name) if !name.is_empty() => Ok(name),
            Value::Number(number) => Ok(number.to_string()),
            _ => Err("`reader.name` gives no text: the answer has another shape than stated".to_owned()),
        }
    });
    Ok(Some(named.map(|name| job.redactor.text(&name).0).map_err(|why| job.redactor.text(&why).0)))
}

async fn asked(job: &Job<'_>, ask: &crate::protocol::Ask) -> Result<Result<Subject, String>, ShelfError> {
    if job.stop.is_set() {
        return Ok(Err("stopped".to_owned()));
    }
    let started = job.clock.now();
    let answer = tokio::select! {
        biased;
        () = job.stop.said() => return Ok(Err("stopped".to_owned())),
        answer = job.protocol.fetch(ask) => answer,
    };
    let answer = match answer {
        Ok(answer) => answer,
        Err(fault) => return Ok(Err(fault.detail)),
    };
    let (redacted, answer) = match job.redacted(job.protocol, ask, answer, &Named::default()) {
        Ok(redacted) => redacted,
        Err(broken) => return Ok(Err(broken.detail)),
    };
    let body = job.shelf.keep(&redacted)?;
    let endpoint = render::endpoint(ask);
    if let Err(broken) = status::classify(&job.loaded.manifest, &answer, &endpoint, "to sign in") {
        return Ok(Err(broken.detail));
    }
    let page = answer.page();
    let (statuses, server_date) = (answer.statuses, answer.server_date);
    let note = PageNote { body, statuses, next: None, started, ended: job.clock.now(), server_date };
    job.shelf.note(NOTED_AS, "", &note)?;
    Ok(Ok(page))
}
