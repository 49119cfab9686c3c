//! What the types cannot say about reads of programs and files.

use exeunt_model::manifest::{CsvRequest, Manifest, Request};

use super::Findings;
use crate::template;

/// Every text of such a request that may hold `{name}`.
pub(super) fn texts(request: &Request) -> Vec<&str> {
    match request {
        Request::Exec(exec) => vec![&exec.scope, &exec.system],
        Request::Csv(csv) => {
            let mut all: Vec<&str> = csv.columns.values().map(String::as_str).collect();
            all.extend(
                [&csv.file, &csv.ignore, &csv.delimiter, &csv.encoding, &csv.rows, &csv.complete_as_of]
                    .map(String::as_str),
            );
            all
        }
        Request::Baton(baton) => vec![&baton.file, &baton.zone],
        Request::Airbyte(airbyte) => {
            vec![&airbyte.file, &airbyte.catalog, &airbyte.stream, &airbyte.namespace]
        }
        Request::Http(_) | Request::Ldap(_) | Request::Sql(_) | Request::Aws(_) | Request::Ssh(_) => {
            Vec::new()
        }
    }
}

/// Checks one request.
pub(super) fn request(manifest: &Manifest, request: &Request, place: &[&str], findings: &mut Findings<'_>) {
    match request {
        Request::Exec(exec) => {
            if exec.read.is_empty() {
                let place = [place, &["exec", "read"]].concat();
                findings.add(&place, "the read has no name", "use the name that stands in the stream");
            }
            only_settings(manifest, &[&exec.system], &[place, &["exec", "system"]].concat(), findings);
        }
        Request::Csv(csv) => {
            let texts: Vec<&str> = texts(request);
            only_settings(manifest, &texts, &[place, &["csv"]].concat(), findings);
            table(csv, &[place, &["csv"]].concat(), findings);
        }
        Request::Baton(_) | Request::Airbyte(_) => only_settings(manifest, &texts(request), place, findings),
        Request::Http(_) | Request::Ldap(_) | Request::Sql(_) | Request::Aws(_) | Request::Ssh(_) => {}
    }
}

/// What is read from one place must not name another: a row could lead the reader to any file.
fn only_settings(manifest: &Manifest, texts: &[&str], place: &[&str], findings: &mut Findings<'_>) {
    for name in texts.iter().flat_map(|text| template::names(text)) {
        if !manifest.settings.contains_key(name) {
            let says = format!("`{{{name}}}` is no setting");
            findings.add(
                place,
                says,
                "only the operator names programs and files; declare it under `settings`",
            );
        }
    }
}

fn table(csv: &CsvRequest, place: &[&str], findings: &mut Findings<'_>) {
    if csv.unique.is_empty() {
        let place = [place, &["unique"]].concat();
        findings.add(&place, "nothing tells one row from another", "name the field with the immutable id");
    }
    for field in csv.unique.iter().filter(|field| !csv.columns.contains_key(*field)) {
        let place = [place, &["unique"]].concat();
        findings.add(&place, format!("`{field}` is no field of `columns`"), "map it to its column");
    }
    if csv.rows.is_empty() && csv.complete_as_of.is_empty() {
        return;
    }
    for (key, text) in [("rows", &csv.rows), ("complete_as_of", &csv.complete_as_of)] {
        if !text.is_empty() && template::names(text).next().is_none() {
            let place = [place, &[key]].concat();
            findings.add(
                &place,
                "a manifest cannot know this of a file",
                "name a setting, so that the operator says it of each file",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::manifest::load;

    const ROSTER: &str = include_str!("../../../../connectors/csv-roster/manifest.yaml");
    const PROGRAM: &str = include_str!("../../../../connectors/exec/manifest.yaml");

    fn refused(text: &str, from: &str, to: &str) -> String {
        assert!(text.contains(from), "{from}");
        load(&text.replacen(from, to, 1), "manifest.yaml").expect_err(to).to_string()
    }

    /// A row that named a file, or a manifest that vouched for one it never saw, would be found out too late.
    #[test]
    fn slips_are_told_when_a_manifest_is_loaded() {
        let table = [
            (ROSTER, "file: \"{file}\"", "file: \"{fil}\"", "`{fil}` is no setting"),
            (ROSTER, "unique: [id]", "unique: []", "nothing tells one row from another"),
            (ROSTER, "unique: [id]", "unique: [number]", "`number` is no field of `columns`"),
            (ROSTER, "rows: \"{rows}\"", "rows: \"12\"", "a manifest cannot know this of a file"),
            (ROSTER, "protocol: file", "protocol: exec", "the request is not of the manifest's protocol"),
            (PROGRAM, "exec: { read: accounts,", "exec: { read: \"\",", "the read has no name"),
            (
                PROGRAM,
                "read: accounts, system: \"{system}\"",
                "read: accounts, system: \"{host}\"",
                "`{host}` is no setting",
            ),
            (PROGRAM, "read: accounts,", "reed: accounts,", "did you mean `read`?"),
        ];
        for (text, from, to, says) in table {
            let told = refused(text, from, to);
            assert!(told.contains(says), "{to}: {told}");
        }
    }
}
