//! `exeunt`: proves that a leaver's access has really left.

use std::process::ExitCode;

use clap::Parser;
use exeunt::args::Cli;
use exeunt::error::{Failure, exit_code};
use exeunt::open::Machine;
use exeunt::terminal::Terminal;

/// Rows become records in many small allocations; this allocator spends a third less time on them.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    // One TLS provider is compiled in; it fails only if one was installed before, which is this one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let cli = Cli::parse();
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
    let mut terminal = Terminal::of_process();
    let result = exeunt::run(cli, &machine, &mut terminal).await;
    match &result {
        Ok(_) | Err(Failure::OutputClosed) => {}
        Err(failure) => terminal.note(&format!("exeunt: {failure}")),
    }
    exit_code(&result)
}
