//! Playing a stage of the story on every server, through the server's own interface.

mod aws;
mod aws_call;
mod ldap;
mod ldif;
mod postgres;
mod postgres_session;
mod sql;
mod synapse;
mod synapse_call;

use super::credentials::Credentials;
use super::error::LabError;
use super::inventory::{Inventory, Stage};
use super::layout::Layout;
use super::world::{Leaver, Removal, World};

/// What every seeding step works with.
pub struct Scene<'a> {
    /// The lab's folders.
    pub layout: &'a Layout,
    /// The story.
    pub world: &'a World,
    /// The lab's secrets.
    pub credentials: Credentials,
    /// The running lab.
    pub lab: &'a mut Inventory,
}

/// Makes the accounts that readers use, before anything else exists.
pub fn readers(layout: &Layout, world: &World, lab: &mut Inventory) -> Result<(), LabError> {
    let mut scene = Scene { layout, world, credentials: Credentials::of(layout), lab };
    ldap::readers(&scene)?;
    postgres::readers(&scene)?;
    synapse::readers(&scene)?;
    aws::readers(&mut scene)
}

/// Plays one stage.
pub fn play(layout: &Layout, world: &World, lab: &mut Inventory, stage: Stage) -> Result<(), LabError> {
    let mut scene = Scene { layout, world, credentials: Credentials::of(layout), lab };
    match stage {
        Stage::Empty => {}
        Stage::Before => {
            ldap::before(&mut scene)?;
            postgres::before(&mut scene)?;
            synapse::before(&mut scene)?;
            aws::before(&mut scene)?;
        }
        Stage::Half => {
            for leaver in &world.leavers {
                match leaver.removal {
                    Removal::Half => half(&mut scene, leaver)?,
                    Removal::Full => full(&mut scene, leaver)?,
                }
            }
            postgres::recycle(&mut scene)?;
        }
        Stage::Finished => {
            for leaver in world.leavers.iter().filter(|leaver| leaver.removal == Removal::Half) {
                full(&mut scene, leaver)?;
            }
        }
    }
    Ok(())
}

/// What an administrator in a hurry does.
fn half(scene: &mut Scene<'_>, leaver: &Leaver) -> Result<(), LabError> {
    ldap::half(scene, leaver)?;
    postgres::half(scene, leaver)?;
    synapse::half(scene, leaver)?;
    aws::half(scene, leaver)
}

/// What has to be done.
fn full(scene: &mut Scene<'_>, leaver: &Leaver) -> Result<(), LabError> {
    ldap::full(scene, leaver)?;
    postgres::full(scene, leaver)?;
    synapse::full(scene, leaver)?;
    aws::full(scene, leaver)
}
