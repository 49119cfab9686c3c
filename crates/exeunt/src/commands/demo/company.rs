//! The simulated company's configuration and credentials, as files in the state folder.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use exeunt_model::Timestamp;
use exeunt_sandbox::{Sandbox, System, credentials, story};

const TEMPLATE: &str = include_str!("company.yaml");

/// The systems, the word for each in the template, and the file of its credential.
const SYSTEMS: [(System, &str, &str); 8] = [
    (System::Okta, "URL_OKTA", "okta"),
    (System::Atlassian, "URL_ATLASSIAN", "atlassian"),
    (System::Jira, "URL_JIRA", "jira"),
    (System::GitHub, "URL_GITHUB", "github"),
    (System::Slack, "URL_SLACK", "slack"),
    (System::Scim, "URL_SCIM", "expenses"),
    (System::Aws, "URL_AWS", "aws"),
    (System::Matrix, "URL_MATRIX", "matrix"),
];

/// Writes `exeunt.yaml` and the credentials it refers to.
///
/// # Errors
/// When a file cannot be written.
pub fn write(dir: &Path, sandbox: &Sandbox, now: Timestamp) -> io::Result<()> {
    let secrets = dir.join("secrets");
    fs::create_dir_all(&secrets)?;
    let mut text = TEMPLATE
        .replace("NOW", &now.to_string())
        .replace("CLOUD_ID", story::CLOUD_ID)
        .replace("ORG_ID", story::ORG_ID)
        .replace("GITHUB_ORG", story::GITHUB_ORG)
        .replace("FIELD_LEAVER", story::FIELD_LEAVER)
        .replace("FIELD_NUMBER", story::FIELD_NUMBER)
        .replace("FIELD_DEPARTURE", story::FIELD_DEPARTURE)
        .replace("FIELD_CHECKLIST", story::FIELD_CHECKLIST);
    for (system, word, file) in SYSTEMS {
        text = text.replace(word, &sandbox.url(system));
        write_secret(&secrets.join(file), sandbox.credential(system))?;
    }
    write_secret(&secrets.join("aws-key-id"), credentials::AWS_KEY_ID)?;
    fs::write(dir.join("exeunt.yaml"), text)
}

fn write_secret(path: &Path, secret: &str) -> io::Result<()> {
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    writeln!(options.open(path)?, "{secret}")
}
