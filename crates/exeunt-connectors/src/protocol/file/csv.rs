//! A table that an application's owner exported: who is in it, and as what.
//!
//! A table has no end of its own: cut in the middle it is a shorter table. So it has to be said how
//! many rows there are, by the file (`# rows: N`) or by who vouches for it, and of when it is.

use std::collections::BTreeSet;

use encoding_rs::Encoding;
use exeunt_model::manifest::CsvRequest;
use exeunt_model::{PartialReason, Timestamp};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan};
use serde_json::{Map, Value, json};

use super::Failure;

fn changed<T>(says: impl Into<String>) -> Result<T, Failure> {
    Err((PartialReason::SchemaChanged, says.into()))
}

/// The page of a table. `written` is when the file was last changed, where it is at hand.
pub(super) fn page(bytes: &[u8], ask: &CsvRequest, written: Option<Timestamp>) -> Result<Value, Failure> {
    let text = decode(bytes, &ask.encoding)?;
    let delimiter = delimiter(&ask.delimiter)?;
    let (table, said) = Said::of(&text, delimiter)?;
    let rows = rows(table, ask, delimiter)?;
    let (from, to) = taken(&said, ask, written)?;
    let partial = incomplete(&said, ask, rows.len())?;
    Ok(json!({ "taken": { "from": from, "to": to }, "partial": partial, "rows": rows }))
}

fn decode(bytes: &[u8], label: &str) -> Result<String, Failure> {
    let Some(encoding) = Encoding::for_label(label.trim().as_bytes()) else {
        return changed(format!(
            "`{label}` is no encoding that is known. Write utf-8, windows-1252 or utf-16le"
        ));
    };
    if let Some((marked, _)) = Encoding::for_bom(bytes)
        && marked != encoding
    {
        return changed(format!(
            "its first bytes say {}, and the setting says {}",
            marked.name(),
            encoding.name()
        ));
    }
    let (text, _, malformed) = encoding.decode(bytes);
    if malformed || text.contains('\0') {
        return changed(format!("it is not {} text. Correct the encoding in the settings", encoding.name()));
    }
    Ok(text.into_owned())
}

fn delimiter(said: &str) -> Result<u8, Failure> {
    match said.as_bytes() {
        _ if said == "tab" => Ok(b'\t'),
        [one] if one.is_ascii_graphic() && !matches!(one, b'"' | b'#') && !one.is_ascii_alphanumeric() => {
            Ok(*one)
        }
        _ => changed(format!("`{said}` cannot separate columns. Write one character, or `tab`")),
    }
}

/// What the file says of itself, in lines before the header and after the last row.
#[derive(Debug, Default, PartialEq, Eq)]
struct Said {
    rows: Option<String>,
    as_of: Option<String>,
}

impl Said {
    /// The table without those lines, and what they say.
    fn of(text: &str, delimiter: u8) -> Result<(&str, Self), Failure> {
        let mut said = Self::default();
        let mut table = text;
        loop {
            let (line, rest) = table.split_once('\n').unwrap_or((table, ""));
            if !said.take(line, delimiter)? {
                break;
            }
            table = rest;
        }
        loop {
            let whole = table.trim_end_matches(['\n', '\r']);
            let (before, line) = whole.rsplit_once('\n').map_or(("", whole), |(before, line)| (before, line));
            if !said.take(line, delimiter)? {
                break;
            }
            table = before;
        }
        Ok((table, said))
    }

    /// Whether the line says something of the file. Spreadsheets put it into quotes and fill it up
    /// with empty columns.
    fn take(&mut self, line: &str, delimiter: u8) -> Result<bool, Failure> {
        let line = line.trim().trim_end_matches(char::from(delimiter)).trim().trim_matches('"');
        let Some((key, value)) = line.strip_prefix('#').and_then(|line| line.split_once(':')) else {
            return Ok(false);
        };
        let place = match key.trim() {
            "rows" => &mut self.rows,
            "as_of" => &mut self.as_of,
            _ => return Ok(false),
        };
        let value = value.trim().to_owned();
        match place.replace(value.clone()) {
            Some(before) if before != value => {
                changed(format!("it says `{}` twice: {before} and {value}", key.trim()))
            }
            _ => Ok(true),
        }
    }
}

/// Where each field stands in a row.
fn columns<'a>(header: &csv::StringRecord, ask: &'a CsvRequest) -> Result<Vec<(&'a str, usize)>, Failure> {
    let names: Vec<&str> = header.iter().map(str::trim).collect();
    let mut found = Vec::new();
    for (field, wanted) in ask.columns.iter().filter(|(_, header)| !header.trim().is_empty()) {
        let at: Vec<usize> =
            names.iter().enumerate().filter(|(_, name)| **name == wanted.trim()).map(|(at, _)| at).collect();
        match at.as_slice() {
            [one] => found.push((field.as_str(), *one)),
            [] => {
                return changed(format!(
                    "it has no column `{}` for {field}; its columns: {}",
                    wanted.trim(),
                    names.join(", ")
                ));
            }
            _ => return changed(format!("it has the column `{}` {} times", wanted.trim(), at.len())),
        }
    }
    let ignored: Vec<&str> = ask.ignore.split('|').map(str::trim).collect();
    let unknown = names.iter().enumerate().find(|(at, name)| {
        !found.iter().any(|(_, mapped)| mapped == at) && !ignored.contains(name) && !ignored.contains(&"*")
    });
    if let Some((_, name)) = unknown {
        return changed(format!(
            "it has a column `{name}` that is not known. Map it, or name it among the ignored ones if it says nothing of access"
        ));
    }
    if let Some(field) = ask.unique.iter().find(|field| !found.iter().any(|(name, _)| name == field)) {
        return changed(format!("no column is named for `{field}`, which tells one row from another"));
    }
    Ok(found)
}

fn rows(table: &str, ask: &CsvRequest, delimiter: u8) -> Result<Vec<Value>, Failure> {
    // The parser takes an open quote at the end for a closed one.
    if table.bytes().filter(|byte| *byte == b'"').count() % 2 == 1 {
        return Err((
            PartialReason::Truncated,
            "a quote in it is never closed, as in a file that was cut off".to_owned(),
        ));
    }
    let mut reader =
        csv::ReaderBuilder::new().delimiter(delimiter).flexible(false).from_reader(table.as_bytes());
    let broken = |error: csv::Error| (PartialReason::SchemaChanged, format!("it is no table: {error}"));
    let header = reader.headers().map_err(broken)?.clone();
    let columns = columns(&header, ask)?;
    let mut rows = Vec::new();
    let mut seen = BTreeSet::new();
    for (index, record) in reader.records().enumerate() {
        let record = record.map_err(broken)?;
        let number = index + 1;
        let field = |at: usize| record.get(at).unwrap_or_default().trim();
        let row: Map<String, Value> =
            columns.iter().map(|(name, at)| ((*name).to_owned(), Value::from(field(*at)))).collect();
        let mut key = Vec::new();
        for name in &ask.unique {
            let value = row.get(name).and_then(Value::as_str).unwrap_or_default();
            if value.is_empty() {
                return changed(format!("row {number} has no `{name}`"));
            }
            key.push(value.to_owned());
        }
        if !seen.insert(key.clone()) {
            return changed(format!(
                "row {number} is there twice ({} {})",
                ask.unique.join(", "),
                key.join(", ")
            ));
        }
        rows.push(Value::Object(row));
    }
    Ok(rows)
}

/// Of when the table is.
fn taken(
    said: &Said,
    ask: &CsvRequest,
    written: Option<Timestamp>,
) -> Result<(Timestamp, Timestamp), Failure> {
    let declared = Some(ask.complete_as_of.as_str()).filter(|text| !text.is_empty());
    let text = match (said.as_of.as_deref(), declared) {
        (Some(file), Some(declared)) if moment(file)? != moment(declared)? => {
            return changed(format!("it says that it is of {file}, and the setting says {declared}"));
        }
        (Some(text), _) | (None, Some(text)) => text,
        (None, None) => {
            return changed(
                "nothing says of when it is. Add a line `# as_of: TIME`, or let its owner declare it in the settings",
            );
        }
    };
    let (from, to) = moment(text)?;
    match written {
        // A date in the settings that moves on while the file stays is the easiest mistake of all.
        Some(written) if written < from => changed(format!(
            "it was last written at {written}, before the time it is said to be of ({text}). Export it anew"
        )),
        _ => Ok((from, to)),
    }
}

/// A time; or a day, which is no earlier than it begins anywhere and no later than it ends anywhere.
fn moment(text: &str) -> Result<(Timestamp, Timestamp), Failure> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok((at, at));
    }
    let day = text.parse::<Date>().ok().and_then(|day| {
        let begins = day.to_zoned(TimeZone::UTC).ok()?.timestamp();
        let ends = day.checked_add(1.day()).ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp();
        let (east, west) = (SignedDuration::from_hours(14), SignedDuration::from_hours(12));
        Some((begins.checked_sub(east).ok()?, ends.checked_add(west).ok()?))
    });
    day.map_or_else(
        || changed(format!("`{text}` is neither a time (2026-11-20T17:00:00Z) nor a day (2026-11-20)")),
        Ok,
    )
}

/// Why the table may not be all of it.
fn incomplete(said: &Said, ask: &CsvRequest, rows: usize) -> Result<Option<Value>, Failure> {
    let number = |text: &str| match text.parse::<usize>() {
        Ok(number) => Ok(number),
        Err(_) => changed(format!("`{text}` is no number of rows")),
    };
    let declared = Some(ask.rows.as_str()).filter(|text| !text.is_empty());
    let counts =
        said.rows.as_deref().into_iter().chain(declared).map(number).collect::<Result<Vec<_>, _>>()?;
    let short = |detail: String| Some(json!({ "reason": PartialReason::ShortCount, "detail": detail }));
    if let Some(other) = counts.iter().find(|count| **count != rows) {
        return Ok(short(format!("{rows} rows came where {other} are announced")));
    }
    if counts.is_empty() && ask.complete_as_of.is_empty() {
        return Ok(short(
            "nothing says how many rows it has. Add a last line `# rows: N`, or let its owner declare it complete in the settings"
                .to_owned(),
        ));
    }
    Ok(None)
}
