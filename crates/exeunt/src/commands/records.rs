//! `exeunt records`: snapshots as JSON lines, out and in.

use std::fs::File;
use std::io::{BufRead, BufReader};

use exeunt_service::{Service, records};

use crate::args::Records;
use crate::error::{Done, Failure};
use crate::terminal::Terminal;

/// Exports or imports.
///
/// # Errors
/// When a snapshot cannot be read, or the stream is not whole.
pub async fn run(command: &Records, service: &Service, terminal: &mut Terminal) -> Result<Done, Failure> {
    match command {
        Records::Export { systems, newest } => {
            for snapshot in service.kept_snapshots(systems, *newest).await? {
                records::export(&snapshot, &mut terminal.out)?;
            }
        }
        Records::Import { file } => {
            let mut input: Box<dyn BufRead> = if file.as_os_str() == "-" {
                Box::new(BufReader::new(std::io::stdin()))
            } else {
                let opened = File::open(file)
                    .map_err(|e| Failure::CouldNot(format!("could not open {}: {e}", file.display())))?;
                Box::new(BufReader::new(opened))
            };
            let mut came = Vec::new();
            records::import(&mut input, |snapshot| {
                came.push(snapshot);
                Ok::<(), Failure>(())
            })?;
            for snapshot in &came {
                service.keep_snapshot(snapshot).await?;
            }
            terminal.note(&format!("{} snapshots taken", came.len()));
        }
    }
    Ok(Done::Clear)
}
