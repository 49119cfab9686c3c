//! Reading a large organization over loopback: the collector as it is, evidence kept, beside a loop that only fetches and
//! parses the same pages. Each side is a process of its own, so that one's memory is not the other's.

use std::ffi::OsStr;

use exeunt_bench_figures::{apart, table};
use exeunt_sandbox::seed::Seed;
use exeunt_sandbox::{Sandbox, System, World};
use serde_json::{Value, json};

use crate::{bare, ours};

/// What is read, and by whom.
#[derive(Debug, clap::Parser)]
pub struct Args {
    /// Members of the organization
    #[arg(long, default_value_t = 100_000)]
    people: usize,
    /// Seed of the crowd
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Rounds; the median of each side is printed
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// One side only, against a running server; how the bench calls itself
    #[arg(long, hide = true, requires = "url")]
    side: Option<Side>,
    /// Where the organization is served
    #[arg(long, hide = true)]
    url: Option<String>,
}

/// Who reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Side {
    /// A loop that fetches and parses.
    Bare,
    /// The collector.
    Ours,
}

/// Runs the bench, or one side of it.
pub fn run(args: &Args) -> Result<(), String> {
    // One TLS provider is compiled in, and both sides need it to be chosen, though loopback is plain.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Runtime::new().map_err(|e| format!("starting the runtime: {e}"))?;
    match (args.side, &args.url) {
        (Some(Side::Bare), Some(url)) => runtime.block_on(bare::read(url)).map(|told| println!("{told}")),
        (Some(Side::Ours), Some(url)) => runtime.block_on(ours::read(url)).map(|told| println!("{told}")),
        _ => runtime.block_on(both(args)),
    }
}

async fn both(args: &Args) -> Result<(), String> {
    let mut world = World::halden(args.seed);
    world.page_cap = 100;
    world.github.gather(Seed(args.seed), args.people);
    let sandbox = Sandbox::start(world).await.map_err(|e| e.to_string())?;
    let url = sandbox.url(System::GitHub);
    let (mut bare, mut ours) = (Vec::new(), Vec::new());
    for round in 0..args.rounds.max(1) {
        eprintln!("round {} of {}", round + 1, args.rounds.max(1));
        for (side, into) in [("bare", &mut bare), ("ours", &mut ours)] {
            let url = url.clone();
            let one = move || apart(&["--side", side, "--url", &url].map(OsStr::new));
            let told = tokio::task::spawn_blocking(one).await.map_err(|e| e.to_string())??;
            sandbox.clear_requests();
            into.push(told);
        }
    }
    let (bare, ours) = (median(bare), median(ours));
    if bare["rows"] != ours["rows"] {
        return Err(format!("the sides did not read the same: {} rows and {}", bare["rows"], ours["rows"]));
    }
    let per_second =
        |side: &Value| side["rows"].as_f64().unwrap_or(0.0) / side["seconds"].as_f64().unwrap_or(1.0);
    let rows: Vec<Value> = [("bare fetch and parse", &bare), ("exeunt collect", &ours)]
        .into_iter()
        .map(|(name, side)| {
            json!({
                "side": name, "pages": side["pages"], "rows": side["rows"], "seconds": side["seconds"],
                "cpu seconds": side["cpu"], "rows a second": per_second(side).round(),
                "of bare": format!("{:.2}", per_second(side) / per_second(&bare)),
                "peak MiB": side["peak"], "MiB at quarters": side["quarters"],
            })
        })
        .collect();
    table::print(&format!("collect, {} people", args.people), &rows, args.json);
    Ok(())
}

/// The round in the middle by time.
fn median(mut rounds: Vec<Value>) -> Value {
    rounds.sort_by(|a, b| {
        a["seconds"].as_f64().unwrap_or(0.0).total_cmp(&b["seconds"].as_f64().unwrap_or(0.0))
    });
    let middle = rounds.len() / 2;
    rounds.swap_remove(middle)
}
