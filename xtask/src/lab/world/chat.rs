//! What people have in the chat.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The chat.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Matrix {
    /// The sign-in provider people's accounts are tied to.
    pub auth_provider: String,
    /// Rooms.
    pub rooms: Vec<Room>,
    /// People's devices; each holds an access token.
    pub devices: Vec<Device>,
    /// Bots.
    pub bots: Vec<Bot>,
    /// What the half-finished removal took from a leaver.
    pub half_removes: BTreeMap<String, MatrixRemoval>,
}

/// A room.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Room {
    /// The local part of its alias.
    pub alias: String,
    /// People in it.
    pub members: Vec<String>,
}

/// A device.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Device {
    /// Whose it is.
    pub person: String,
    /// Its id.
    pub device: String,
}

/// A bot.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bot {
    /// The local part of its user id.
    pub localpart: String,
    /// Its display name.
    pub name: String,
    /// Who answers for it.
    pub owner: String,
    /// Rooms it is in.
    pub rooms: Vec<String>,
    /// Its device.
    pub device: String,
}

/// What was taken away in the chat.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MatrixRemoval {
    /// Rooms the leaver was put out of.
    pub rooms: Vec<String>,
    /// Devices that were deleted.
    pub devices: Vec<String>,
}
