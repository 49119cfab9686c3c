//! The order of things: up, before, half, finished; and from the start again when going back.

use super::edges;
use super::error::LabError;
use super::expected;
use super::files;
use super::forward;
use super::install;
use super::inventory::{Inventory, LeaverNote, Played, Stage};
use super::layout::Layout;
use super::process;
use super::seed;
use super::servers;
use super::tls;
use super::world::World;

/// Installs what is missing, starts what does not run and puts every plug in.
pub fn up(layout: &Layout) -> Result<Inventory, LabError> {
    install::install(layout)?;
    if let Some(mut inventory) = Inventory::load(layout)?
        && whole(&inventory)
    {
        for server in &mut inventory.servers {
            forward::reopen(layout, server)?;
        }
        inventory.save(layout)?;
        eprintln!("lab: up, stage {:?}: {}", inventory.stage, layout.inventory().display());
        return Ok(inventory);
    }
    afresh(layout)
}

/// Whether every server runs.
pub fn whole(inventory: &Inventory) -> bool {
    inventory.servers.len() == 4 && inventory.servers.iter().all(|server| server.process.alive())
}

/// Ends every process the lab started; the world is then gone.
pub fn down(layout: &Layout) -> Result<(), LabError> {
    process::end_all(layout)?;
    files::remove(&layout.inventory())
}

/// Throws the world away and starts empty servers.
pub fn reset(layout: &Layout) -> Result<Inventory, LabError> {
    install::install(layout)?;
    afresh(layout)
}

fn afresh(layout: &Layout) -> Result<Inventory, LabError> {
    down(layout)?;
    let world = World::load()?;
    files::folder(&layout.dir, 0o755)?;
    for part in
        ["ldap", "postgres", "synapse", "aws", "logs", "tls", "credentials", "sessions", "expected.json"]
    {
        files::remove(&layout.dir.join(part))?;
    }
    files::folder(&layout.credentials(), 0o700)?;
    files::folder(&layout.dir.join("logs"), 0o700)?;
    tls::make_authority(layout)?;
    let mut inventory = Inventory {
        version: 1,
        dir: layout.dir.clone(),
        stage: Stage::Empty,
        played: std::collections::BTreeMap::new(),
        leavers: leavers(&world)?,
        servers: Vec::new(),
        processes: Vec::new(),
        objects: std::collections::BTreeMap::new(),
    };
    inventory.save(layout)?;
    servers::start(layout, &mut inventory)?;
    seed::readers(layout, &world, &mut inventory)?;
    inventory.save(layout)?;
    eprintln!("lab: up, empty: {}", layout.inventory().display());
    Ok(inventory)
}

fn leavers(world: &World) -> Result<Vec<LeaverNote>, LabError> {
    let note = |leaver: &super::world::Leaver| {
        let person = world.person(&leaver.person)?;
        Ok(LeaverNote {
            uid: person.uid.clone(),
            name: format!("{} {}", person.given, person.family),
            employee_number: person.number.clone(),
            mail: world.mail(&person.uid),
            departs: leaver.departs,
        })
    };
    world.leavers.iter().map(note).collect()
}

/// Plays the story up to `stage`.
pub fn seed(layout: &Layout, stage: Stage) -> Result<(), LabError> {
    let mut inventory = super::running(layout)?;
    if inventory.stage == stage {
        eprintln!("lab: already at stage {stage:?}");
        return Ok(());
    }
    // A stage that was interrupted has begun and not ended: its half-made objects are thrown away.
    if inventory.stage > stage || inventory.played.len() != begun(inventory.stage) {
        inventory = reset(layout)?;
    }
    let world = World::load()?;
    for (next, name) in [(Stage::Before, "before"), (Stage::Half, "half"), (Stage::Finished, "finished")] {
        if next <= inventory.stage || next > stage {
            continue;
        }
        let started_at = edges::now();
        inventory.played.insert(name.into(), Played { started_at, ended_at: started_at });
        inventory.save(layout)?;
        seed::play(layout, &world, &mut inventory, next)?;
        inventory.played.insert(name.into(), Played { started_at, ended_at: edges::now() });
        inventory.stage = next;
        inventory.save(layout)?;
        if next == Stage::Half {
            expected::write_down(layout, &inventory)?;
        }
        eprintln!("lab: stage {next:?} played");
    }
    Ok(())
}

/// How many stages have been begun when `stage` has been reached and nothing was interrupted.
fn begun(stage: Stage) -> usize {
    match stage {
        Stage::Empty => 0,
        Stage::Before => 1,
        Stage::Half => 2,
        Stage::Finished => 3,
    }
}

/// Completes the removals.
pub fn finish(layout: &Layout) -> Result<(), LabError> {
    let inventory = super::running(layout)?;
    if inventory.stage < Stage::Half {
        return Err(LabError::Unfit(
            "nothing has been half removed yet; run `cargo xtask lab seed --stage half` first".into(),
        ));
    }
    seed(layout, Stage::Finished)
}
