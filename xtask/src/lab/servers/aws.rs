//! The AWS emulator: IAM and STS in memory, with signatures and policies enforced once seeded.

use std::process::Command;

use super::{Prepared, Start, pairs, route};
use crate::lab::error::LabError;
use crate::lab::files;
use crate::lab::http::{self, Request};
use crate::lab::inventory::Server;
use crate::lab::process::Process;

/// The emulator with the calls it lacks.
const PROGRAM: &str = include_str!("../moto_lab.py");

/// Writes its configuration and says how to start it.
pub(super) fn prepare(start: &mut Start<'_>) -> Result<Prepared, LabError> {
    let dir = start.layout.server("aws");
    files::folder(&dir, 0o700)?;
    let program = dir.join("moto_lab.py");
    files::write_private(&program, PROGRAM)?;
    let (tcp, door, port) = route(start.ports)?;
    start.ports.release(port);
    let mut command = Command::new(start.layout.venv("moto").join("bin/python"));
    command.arg(&program).args(["-H", "127.0.0.1", "-p", &port.to_string()]).current_dir(&dir);
    let secret = |who: &str, what: &str| start.credentials.place(&format!("aws.{who}.{what}"));
    let key = |who: &str| {
        pairs([
            ("user", who.to_owned()),
            ("access_key_id_file", secret(who, "access_key_id")),
            ("secret_access_key_file", secret(who, "secret_access_key")),
        ])
    };
    let server = Server {
        name: "aws".into(),
        kind: "moto".into(),
        host: "127.0.0.1".into(),
        port: door,
        url: format!("http://127.0.0.1:{door}"),
        settings: pairs([("region", "us-east-1".into()), ("account", "123456789012".into())]),
        ca_file: None,
        reader: key("exeunt-reader"),
        admin: key("halden-admin"),
        pid: 0,
        process: Process::default(),
        door: None,
        routes: vec![tcp],
    };
    let url = format!("http://{}/moto-api/", server.routes[0].server);
    let asking = Request { method: "GET", url, ..Request::default() };
    let answers = move || http::expect("asking the AWS emulator", &asking).is_ok();
    Ok(Prepared { command, server, answers: Box::new(answers) })
}
