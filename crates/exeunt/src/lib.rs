//! The command line of Exeunt, as a library, so that tests run it as it is.

pub mod args;
pub mod commands;
pub mod error;
pub mod open;
pub mod progress;
pub mod reference;
pub mod terminal;

use std::path::Path;

use args::{Cli, Command, Connectors, Evidence, Report};
use error::{Done, Failure};
use open::Machine;
use terminal::Terminal;

/// Runs a command that waits for nothing, and so needs no runtime: starting one would take as long as its answer. Nothing if it
/// is another command.
pub fn run_at_once(cli: &Cli, terminal: &mut Terminal) -> Option<Result<Done, Failure>> {
    match &cli.command {
        Command::Sweep(args::Sweep { from_columns: Some(dir), only }) => {
            Some(commands::columns::sweep(dir, only.as_ref(), cli.global.format, terminal))
        }
        _ => None,
    }
}

/// Runs one command.
///
/// # Errors
/// When it could not do what it was asked.
pub async fn run(cli: Cli, machine: &Machine, terminal: &mut Terminal) -> Result<Done, Failure> {
    if let Some(result) = run_at_once(&cli, terminal) {
        return result;
    }
    let global = &cli.global;
    let format = global.format;
    match &cli.command {
        Command::Schema { name } => commands::schema::run(name, terminal),
        Command::CliReference => {
            terminal.data(&reference::page())?;
            Ok(Done::Clear)
        }
        Command::ControlPoints => {
            terminal.data(&exeunt_service::engine::manual())?;
            Ok(Done::Clear)
        }
        Command::Connectors(command) => match command {
            Connectors::List => commands::connectors::list(global, terminal),
            Connectors::Show { name } => commands::connectors::show(global, name, terminal),
            Connectors::Permissions { names } => commands::connectors::permissions(global, names, terminal),
            Connectors::Coverage => commands::connectors::coverage(global, terminal),
            Connectors::New(new) => commands::connector_new::run(new, format, terminal),
            Connectors::Test(test) => commands::connector_test::run(test, format, terminal).await,
        },
        Command::Evidence(Evidence::Verify { file, key, policy, authority }) => {
            let (key, policy, authority) = (key.as_deref(), policy.as_deref(), authority.as_deref());
            let known = commands::evidence::Known { key, policy, authority };
            commands::evidence::verify(file, known, machine.clock.now(), format, terminal)
        }
        Command::Evidence(Evidence::Show { file }) => {
            commands::evidence::show(file, machine.clock.now(), format, terminal)
        }
        // A case has no file of its name, unless somebody made one.
        Command::Evidence(Evidence::Replay { case }) if Path::new(case).is_file() => {
            commands::evidence::replay(Path::new(case), format, terminal)
        }
        Command::Init(init) => commands::init::run(init, global, terminal),
        Command::Demo(demo) => commands::demo::run(demo, global, machine, terminal).await,
        Command::Witness(witness) => commands::witness::run(witness, global, machine, terminal).await,
        Command::Owners(owners) if !owners.check => {
            let config = open::config(global)?;
            let now = config.config.simulated_time.unwrap_or_else(|| machine.clock.now());
            commands::owners::run(&config, owners.at.unwrap_or(now), format, terminal)
        }
        other => with_service(other, global, machine, terminal).await,
    }
}

async fn with_service(
    command: &Command,
    global: &args::Global,
    machine: &Machine,
    terminal: &mut Terminal,
) -> Result<Done, Failure> {
    let service = open::service(global, machine, terminal).await?;
    let format = global.format;
    match command {
        Command::Check => commands::check::run(&service, format, terminal).await,
        Command::Collect(collect) => {
            commands::collect::run(&service, &collect.systems, format, terminal).await
        }
        Command::Verify(verify) => commands::verify::run(&service, verify, format, terminal).await,
        Command::Sweep(_) => commands::sweep::run(&service, format, terminal).await,
        Command::Explain(explain) => {
            let wanted = explain.obligation.as_deref();
            commands::explain::run(&service, &explain.case, wanted, format, terminal).await
        }
        Command::Report(Report::Metrics) => commands::report::metrics(&service, format, terminal).await,
        Command::Owners(_) => commands::owners::check(&service, format, terminal).await,
        Command::Export { form, output } => {
            commands::export::run(&service, *form, output.as_deref(), terminal).await
        }
        Command::Records(records) => commands::records::run(records, &service, terminal).await,
        Command::Evidence(Evidence::Export { case, output, with_basis }) => {
            commands::evidence::export(&service, case, (output, *with_basis), format, terminal).await
        }
        Command::Evidence(Evidence::Replay { case }) => {
            commands::evidence::replay_kept(&service, case, format, terminal).await
        }
        Command::Evidence(Evidence::Erase { case }) => {
            commands::evidence::erase(&service, case, terminal).await
        }
        Command::Evidence(Evidence::Compare { heads }) => {
            commands::evidence::compare(&service, heads, terminal).await
        }
        Command::Evidence(Evidence::Rotate { to }) => {
            commands::evidence::rotate(&service, to, terminal).await
        }
        Command::Evidence(Evidence::Checkpoint { output }) => {
            commands::evidence::checkpoint(&service, output.as_deref(), terminal).await
        }
        Command::Evidence(Evidence::Timestamp { request: Some(request), .. }) => {
            commands::evidence::ask(&service, request, terminal).await
        }
        Command::Evidence(Evidence::Timestamp { response: Some(answer), authority: Some(by), .. }) => {
            commands::evidence::take(&service, answer, by, terminal)
        }
        Command::Evidence(Evidence::Prove { index }) => {
            commands::evidence::prove(&service, *index, terminal).await
        }
        // `run` has taken these; naming them keeps a new command from being forgotten.
        Command::Schema { .. }
        | Command::CliReference
        | Command::ControlPoints
        | Command::Connectors(_)
        | Command::Evidence(Evidence::Verify { .. } | Evidence::Show { .. } | Evidence::Timestamp { .. })
        | Command::Init(_)
        | Command::Demo(_)
        | Command::Witness(_) => Ok(Done::Clear),
    }
}
