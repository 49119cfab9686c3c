//! Questions to programs and files: settings filled in, and nothing that was read.

use exeunt_model::manifest::{AirbyteRequest, BatonRequest, CsvRequest, ExecRequest, Request};

use super::render::{Unfilled, Values};
use crate::protocol::Ask;
use crate::protocol::file::FileAsk;

/// The question. Bound values stand in a scope only, which the loader has checked: no row of another
/// read names a file.
pub(super) fn ask(request: &Request, values: &Values<'_>) -> Result<Ask, Unfilled> {
    let fill = |text: &String| values.plain(text);
    Ok(match request {
        Request::Exec(exec) => Ask::Exec(ExecRequest {
            read: exec.read.clone(),
            scope: fill(&exec.scope)?,
            system: fill(&exec.system)?,
        }),
        Request::Csv(csv) => Ask::File(FileAsk::Csv(CsvRequest {
            file: fill(&csv.file)?,
            columns: csv
                .columns
                .iter()
                .map(|(field, header)| Ok((field.clone(), fill(header)?)))
                .collect::<Result<_, Unfilled>>()?,
            ignore: fill(&csv.ignore)?,
            unique: csv.unique.clone(),
            delimiter: fill(&csv.delimiter)?,
            encoding: fill(&csv.encoding)?,
            rows: fill(&csv.rows)?,
            complete_as_of: fill(&csv.complete_as_of)?,
        })),
        Request::Baton(baton) => {
            let (file, zone) = (fill(&baton.file)?, fill(&baton.zone)?);
            Ask::File(FileAsk::Baton(BatonRequest { file, zone, ..baton.clone() }))
        }
        Request::Airbyte(airbyte) => Ask::File(FileAsk::Airbyte(AirbyteRequest {
            file: fill(&airbyte.file)?,
            catalog: fill(&airbyte.catalog)?,
            stream: fill(&airbyte.stream)?,
            namespace: fill(&airbyte.namespace)?,
        })),
        Request::Http(_) | Request::Ldap(_) | Request::Sql(_) | Request::Aws(_) | Request::Ssh(_) => {
            return Err(Unfilled::Impossible("the request is neither a program's nor a file's".to_owned()));
        }
    })
}

/// A program's read, as receipts show it.
pub(super) fn program_endpoint(exec: &ExecRequest) -> String {
    let ExecRequest { read, scope, system } = exec;
    if scope.is_empty() {
        format!("program for {system}: {read}")
    } else {
        format!("program for {system}: {read}[{scope}]")
    }
}

/// A file, as receipts show it.
pub(super) fn file_endpoint(file: &FileAsk) -> String {
    match file {
        FileAsk::Csv(csv) => format!("table {}", csv.file),
        FileAsk::Baton(baton) => format!("Baton file {}: {:?}", baton.file, baton.list),
        FileAsk::Airbyte(airbyte) => format!("Airbyte messages {}: {}", airbyte.file, airbyte.stream),
    }
}
