//! `exeunt demo`: a simulated company on loopback, and the whole story on it.

pub mod company;

use std::path::Path;
use std::sync::Arc;

use exeunt_model::verdict::VerdictDocument;
use exeunt_model::{Duration, Timestamp};
use exeunt_sandbox::{Phase, Sandbox, World, story};
use exeunt_service::connectors::catalogue::Catalogue;
use exeunt_service::pipeline::{VerifyOptions, verify};
use exeunt_service::progress::Quiet;
use exeunt_service::{FixedClock, LoadedConfig, Service, Surroundings};

use super::verify::print;
use crate::args::{Demo, Format, Global};
use crate::error::{Done, Failure};
use crate::open::Machine;
use crate::terminal::Terminal;

/// Runs the story. With `--once` it ends then; otherwise the company is served until Ctrl-C.
///
/// # Errors
/// When a port or the state folder cannot be had.
pub async fn run(
    demo: &Demo,
    global: &Global,
    machine: &Machine,
    terminal: &mut Terminal,
) -> Result<Done, Failure> {
    if global.config.is_some() {
        return Err(Failure::Usage("the demo brings its own configuration; leave --config out".to_owned()));
    }
    let temporary;
    let dir = if let Some(dir) = &global.state {
        dir.as_path()
    } else {
        temporary = Temporary::new()?;
        temporary.0.as_path()
    };
    let could_not = |e: &dyn std::fmt::Display| Failure::CouldNot(format!("the demo: {e}"));
    std::fs::create_dir_all(dir).map_err(|e| could_not(&format!("{}: {e}", dir.display())))?;
    let sandbox = Sandbox::start(World::halden(demo.seed)).await.map_err(|e| could_not(&e))?;
    let verdict = story(&sandbox, dir, machine, terminal, global.format).await?;
    print(&verdict, false, global.format, terminal)?;
    if global.format == Format::Text {
        outro(demo, global, dir, terminal);
    }
    if !demo.once {
        machine.stop.said().await;
    }
    sandbox.shutdown().await;
    Ok(verdict.verdict.into())
}

/// Two nights' collections of Halden Instruments, and the morning a week after Mara Voss left. The
/// second night matters: what is absent twice, with the settle time between, is proven gone.
async fn story(
    sandbox: &Sandbox,
    dir: &Path,
    machine: &Machine,
    terminal: &mut Terminal,
    format: Format,
) -> Result<VerdictDocument, Failure> {
    let mut tell = |text: &str| {
        if format == Format::Text {
            terminal.note(text);
        }
    };
    tell("Halden Instruments: 60 people, 8 systems, simulated on loopback.");
    let mut catalogue = None;
    let before = enter(sandbox, Phase::Before);
    tell("12 November: the nightly snapshot, while Mara Voss still works here.");
    let service = open(sandbox, &mut catalogue, dir, machine, before).await?;
    service.collect(&[]).await?;
    drop(service);
    let after = enter(sandbox, Phase::After);
    tell("13 November: she leaves. Ticket OFF-142 is Done, every box is ticked.");
    tell("20 November, 03:00: the nightly snapshot.");
    // The systems' clocks go with ours: a difference would be a finding.
    sandbox.world().earlier = Duration::from_hours(6);
    let night = sandbox.world().now();
    let service = open(sandbox, &mut catalogue, dir, machine, night).await?;
    service.collect(&[]).await?;
    drop(service);
    sandbox.world().earlier = Duration::ZERO;
    tell("20 November, 09:00: exeunt verify OFF-142\n");
    let service = open(sandbox, &mut catalogue, dir, machine, after).await?;
    let verified = verify(&service, story::TICKET, &VerifyOptions::default()).await?;
    Ok(verified.verdict)
}

fn enter(sandbox: &Sandbox, phase: Phase) -> Timestamp {
    sandbox.set_phase(phase);
    sandbox.world().now()
}

async fn open(
    sandbox: &Sandbox,
    catalogue: &mut Option<Catalogue>,
    dir: &Path,
    machine: &Machine,
    now: Timestamp,
) -> Result<Service, Failure> {
    company::write(dir, sandbox, now)
        .map_err(|e| Failure::CouldNot(format!("could not write to {}: {e}", dir.display())))?;
    let config = LoadedConfig::read(&dir.join("exeunt.yaml"))?;
    let around = Surroundings {
        clock: Arc::new(FixedClock(now)),
        progress: Arc::new(Quiet),
        stop: machine.stop.clone(),
    };
    // Compiled once: the systems are the same each time.
    let connectors = match catalogue {
        Some(connectors) => connectors.clone(),
        None => catalogue.insert(exeunt_service::catalogue_for(&config, None)?).clone(),
    };
    Ok(Service::open(config, connectors, dir, around).await?)
}

fn outro(demo: &Demo, global: &Global, dir: &Path, terminal: &mut Terminal) {
    let state = dir.display();
    if global.state.is_some() {
        terminal.note(&format!(
            "\nGo on from here: exeunt --state {state} explain OFF-142 {}",
            story::SURVIVING_TOKEN
        ));
        terminal.note(&format!("                 exeunt --state {state} sweep"));
        terminal.note(&format!(
            "                 exeunt --state {state} evidence export OFF-142 -o off-142.exeunt"
        ));
    } else {
        terminal.note("\nKeep the state to go on from it: exeunt --state DIR demo --once");
    }
    if !demo.once {
        terminal.note(&format!(
            "The company is being served; its configuration is {state}/exeunt.yaml. Ctrl-C ends it."
        ));
    }
}

/// A folder that is removed when the demo ends.
struct Temporary(std::path::PathBuf);

impl Temporary {
    fn new() -> Result<Self, Failure> {
        let path = std::env::temp_dir().join(format!("exeunt-demo-{}", std::process::id()));
        std::fs::create_dir(&path).map_err(|e| {
            Failure::CouldNot(format!(
                "could not make {}: {e}. Name a folder with --state DIR",
                path.display()
            ))
        })?;
        Ok(Self(path))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // It is in the system's folder for temporary files, which is cleared in any case.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
