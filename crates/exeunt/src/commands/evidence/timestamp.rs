//! `exeunt evidence timestamp`: a request to carry to a time authority, and the answer it gave.

use std::path::Path;

use exeunt_evidence::timestamp::Stamped;
use exeunt_service::Service;

use super::offline::{authorities, read};
use crate::error::{Done, Failure};
use crate::terminal::Terminal;

/// Writes a request for a timestamp over the present head of the ledger.
///
/// # Errors
/// When the ledger cannot be opened, or the file cannot be written.
pub async fn ask(service: &Service, output: &Path, terminal: &mut Terminal) -> Result<Done, Failure> {
    let request = service.timestamp_request().await?;
    super::write(output, &request)?;
    terminal.note(&format!(
        "Send it to a time authority (content type application/timestamp-query), and take its answer with \
         `exeunt evidence timestamp --response FILE --authority CERTIFICATES`: {}",
        output.display()
    ));
    Ok(Done::Clear)
}

/// Has an authority of the configuration put its time to the present head.
///
/// # Errors
/// When none gave a token that holds.
pub async fn send(service: &Service, terminal: &mut Terminal) -> Result<Done, Failure> {
    let (url, size, stamped) = service.timestamp_send().await?;
    told(size, &stamped, terminal)?;
    terminal.note(&format!("asked at {url}"));
    Ok(Done::Clear)
}

fn told(size: u64, stamped: &Stamped, terminal: &mut Terminal) -> Result<(), Failure> {
    terminal.line(&format!(
        "the first {size} entries of the ledger existed at {}: so says {} (token {})",
        stamped.time, stamped.authority, stamped.serial
    ))?;
    terminal.note("Bundles of cases that end within these entries carry the token from now on");
    Ok(())
}

/// Takes the answer of a time authority.
///
/// # Errors
/// When it answers no request of ours, or does not hold.
pub fn take(service: &Service, answer: &Path, by: &Path, terminal: &mut Terminal) -> Result<Done, Failure> {
    let (size, stamped) = service.timestamp_answer(&read(answer)?, &authorities(by)?)?;
    told(size, &stamped, terminal)?;
    Ok(Done::Clear)
}
