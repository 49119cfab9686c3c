//! `exeunt`: proves that a leaver's access has really left.

use std::process::ExitCode;

use clap::Parser;
use exeunt::args::Cli;
use exeunt::error::{Done, Failure, exit_code};
use exeunt::open::Machine;
use exeunt::terminal::Terminal;

/// Rows become records in many small allocations; this allocator spends a third less time on them.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let mut terminal = Terminal::of_process();
    let result = match exeunt::run_at_once(&cli, &mut terminal) {
        Some(result) => result,
        None => run(cli, &mut terminal),
    };
    match &result {
        Ok(_) | Err(Failure::OutputClosed) => {}
        Err(failure) => terminal.note(&format!("exeunt: {failure}")),
    }
    exit_code(&result)
}

#[tokio::main]
async fn run(cli: Cli, terminal: &mut Terminal) -> Result<Done, Failure> {
    // One TLS provider is compiled in; it fails only if one was installed before, which is this one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let machine = Machine::real();
    let stop = machine.stop.clone();
    tokio::spawn(async move {
        // The first Ctrl-C ends the run in order, the second one at once.
        if tokio::signal::ctrl_c().await.is_ok() {
            stop.now();
        }
        if tokio::signal::ctrl_c().await.is_ok() {
            std::process::exit(1);
        }
    });
    exeunt::run(cli, &machine, terminal).await
}
