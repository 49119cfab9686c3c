//! Matrix Synapse on SQLite, with its rate limits out of the way of the seeding.

use std::path::Path;
use std::process::Command;

use super::{Prepared, Start, pairs, route};
use crate::lab::edges;
use crate::lab::error::LabError;
use crate::lab::files;
use crate::lab::http::{self, Request};
use crate::lab::inventory::Server;
use crate::lab::process::Process;
use crate::lab::tool::run;

/// The name after the colon in every user id.
pub const SERVER_NAME: &str = "halden.example";

/// Writes its configuration and says how to start it.
pub(super) fn prepare(start: &mut Start<'_>) -> Result<Prepared, LabError> {
    let dir = start.layout.server("synapse");
    files::folder(&dir, 0o700)?;
    let programs = start.layout.venv("synapse").join("bin");
    let (tcp, door, port) = route(start.ports)?;
    start.credentials.make("synapse.registration.secret")?;
    start.credentials.make("synapse.halden-admin.password")?;
    start.credentials.make("synapse.exeunt-reader.password")?;
    let signing = dir.join("signing.key");
    run(
        "making the chat server's signing key",
        Command::new(programs.join("generate_signing_key")).arg("-o").arg(&signing),
        None,
    )?;
    let config = dir.join("homeserver.yaml");
    let registration = start.credentials.get("synapse.registration.secret")?;
    files::write_private(&config, &homeserver(&dir, port, door, &registration)?)?;
    files::write_private(&dir.join("log.yaml"), LOGGING)?;
    start.ports.release(port);
    let mut command = Command::new(programs.join("python"));
    command.args(["-m", "synapse.app.homeserver", "-c"]).arg(&config).current_dir(&dir);
    let secret = |who: &str, what: &str| start.credentials.place(&format!("synapse.{who}.{what}"));
    let login = |who: &str| {
        pairs([
            ("user", format!("@{who}:{SERVER_NAME}")),
            ("password_file", secret(who, "password")),
            ("token_file", secret(who, "token")),
        ])
    };
    let server = Server {
        name: "synapse".into(),
        kind: "matrix-synapse".into(),
        host: "127.0.0.1".into(),
        port: door,
        url: format!("http://127.0.0.1:{door}"),
        settings: pairs([("server_name", SERVER_NAME.into())]),
        ca_file: None,
        reader: login("exeunt-reader"),
        admin: login("halden-admin"),
        pid: 0,
        process: Process::default(),
        door: None,
        routes: vec![tcp],
    };
    let url = format!("http://{}/_matrix/client/versions", server.routes[0].server);
    let asking = Request { method: "GET", url, ..Request::default() };
    let answers = move || http::expect("asking the chat server", &asking).is_ok();
    Ok(Prepared { command, server, answers: Box::new(answers) })
}

const LOGGING: &str = "version: 1
formatters: {plain: {format: '%(asctime)s %(levelname)s %(name)s %(message)s'}}
handlers: {out: {class: logging.StreamHandler, formatter: plain}}
root: {level: WARNING, handlers: [out]}
disable_existing_loggers: false
";

/// The configuration; paths are written as JSON strings, which are YAML strings too.
fn homeserver(dir: &Path, port: u16, door: u16, registration: &str) -> Result<String, LabError> {
    let path = |name: &str| serde_json::Value::from(dir.join(name).display().to_string());
    let unlimited = "{per_second: 1000, burst_count: 1000}";
    Ok(format!(
        "server_name: {SERVER_NAME}
public_baseurl: http://127.0.0.1:{door}/
listeners:
  - {{port: {port}, type: http, tls: false, bind_addresses: ['127.0.0.1'], resources: [{{names: [client]}}]}}
database: {{name: sqlite3, args: {{database: {database}}}}}
pid_file: {pid}
log_config: {log}
media_store_path: {media}
signing_key_path: {signing}
registration_shared_secret: {registration}
macaroon_secret_key: {macaroon}
form_secret: {form}
report_stats: false
trusted_key_servers: []
bcrypt_rounds: 4
rc_message: {unlimited}
rc_registration: {unlimited}
rc_room_creation: {unlimited}
rc_login: {{address: {unlimited}, account: {unlimited}, failed_attempts: {unlimited}}}
rc_joins: {{local: {unlimited}}}
rc_invites: {{per_room: {unlimited}, per_user: {unlimited}, per_issuer: {unlimited}}}
",
        database = path("homeserver.db"),
        pid = path("homeserver.pid"),
        log = path("log.yaml"),
        media = path("media"),
        signing = path("signing.key"),
        macaroon = edges::password()?,
        form = edges::password()?,
    ))
}
