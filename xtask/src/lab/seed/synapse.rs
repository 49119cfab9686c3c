//! The chat, with the admin and client APIs.

use std::process::Command;

use serde_json::json;

use super::Scene;
use super::synapse_call::{admin, call, log_in, put_user, text};
use crate::lab::error::LabError;
use crate::lab::http::encode;
use crate::lab::tool::run;
use crate::lab::world::{Bot, Leaver};

/// The first administrator and the reader. The server has no role that may only read, so the reader
/// is an administrator too.
pub fn readers(scene: &Scene<'_>) -> Result<(), LabError> {
    let server = scene.lab.server("synapse")?;
    let url = format!("http://{}", server.routes[0].server);
    let config = scene.layout.server("synapse").join("homeserver.yaml");
    let mut register = Command::new(scene.layout.venv("synapse").join("bin/register_new_matrix_user"));
    register
        .args(["--admin", "--user", "halden-admin", "--password-file"])
        .arg(scene.credentials.path("synapse.halden-admin.password"))
        .arg("-c")
        .arg(&config)
        .arg(&url);
    run("making the chat server's first administrator", &mut register, None)?;
    log_in(scene, "halden-admin", "HALDENADMIN", "token")?;
    let password = scene.credentials.get("synapse.exeunt-reader.password")?;
    put_user(scene, "exeunt-reader", &json!({"password": password, "admin": true}))?;
    log_in(scene, "exeunt-reader", "EXEUNTREADER", "token")
}

/// Accounts, rooms, devices and bots.
pub fn before(scene: &mut Scene<'_>) -> Result<(), LabError> {
    let world = scene.world;
    for person in &world.people {
        let password = scene.credentials.make(&format!("synapse.{}.password", person.uid))?;
        put_user(
            scene,
            &person.uid,
            &json!({
                "password": password,
                "displayname": format!("{} {}", person.given, person.family),
                "external_ids": [{"auth_provider": world.matrix.auth_provider, "external_id": person.number}],
            }),
        )?;
    }
    for bot in &world.matrix.bots {
        make_bot(scene, &bot.localpart, bot, &bot.owner)?;
    }
    for device in &world.matrix.devices {
        let secret = format!("{}.token", device.device);
        log_in(scene, &device.person, &device.device, &secret)?;
        // A token in use, so that the device has a last sighting.
        let token = scene.credentials.get(&format!("synapse.{}.{secret}", device.person))?;
        call(scene, Some(&token), "using a device", ("GET", "/_matrix/client/v3/account/whoami"), None)?;
    }
    rooms(scene)
}

/// A bot's account with its owner's address, and its token.
fn make_bot(scene: &Scene<'_>, localpart: &str, bot: &Bot, owner: &str) -> Result<(), LabError> {
    let password = scene.credentials.make(&format!("synapse.{localpart}.password"))?;
    let account = json!({
        "password": password,
        "displayname": bot.name,
        "user_type": "bot",
        "threepids": [{"medium": "email", "address": scene.world.mail(owner)}],
    });
    put_user(scene, localpart, &account)?;
    log_in(scene, localpart, &bot.device, "token")
}

fn join(scene: &Scene<'_>, localpart: &str, alias: &str, room: &str) -> Result<(), LabError> {
    let body = json!({"user_id": scene.world.matrix_id(localpart)});
    let path = format!("/_synapse/admin/v1/join/{}", encode(room));
    admin(scene, &format!("putting {localpart} into {alias}"), ("POST", &path), Some(&body)).map(drop)
}

fn rooms(scene: &mut Scene<'_>) -> Result<(), LabError> {
    let world = scene.world;
    for room in &world.matrix.rooms {
        let body = json!({"room_alias_name": room.alias, "name": room.alias, "preset": "private_chat"});
        let doing = format!("making the room {}", room.alias);
        let made = admin(scene, &doing, ("POST", "/_matrix/client/v3/createRoom"), Some(&body))?;
        let id = text(&made, "room_id")?;
        let bots =
            world.matrix.bots.iter().filter(|bot| bot.rooms.contains(&room.alias)).map(|bot| &bot.localpart);
        for member in room.members.iter().chain(bots) {
            join(scene, member, &room.alias, &id)?;
        }
        scene.lab.objects.insert(format!("synapse.room.{}", room.alias), id);
    }
    Ok(())
}

/// Locks the account, takes away a room and a device; the token of the other device only sleeps.
pub fn half(scene: &Scene<'_>, leaver: &Leaver) -> Result<(), LabError> {
    let uid = &leaver.person;
    if let Some(removal) = scene.world.matrix.half_removes.get(uid) {
        for room in &removal.rooms {
            let id = scene.lab.object(&format!("synapse.room.{room}"))?;
            let path = format!("/_matrix/client/v3/rooms/{}/kick", encode(id));
            let body = json!({"user_id": scene.world.matrix_id(uid)});
            admin(scene, &format!("putting {uid} out of {room}"), ("POST", &path), Some(&body))?;
        }
        for device in &removal.devices {
            delete_device(scene, uid, device)?;
            scene.credentials.forget(&format!("synapse.{uid}.{device}.token"))?;
        }
    }
    put_user(scene, uid, &json!({"locked": true}))?;
    // The bot that the leaver answers for goes on working.
    for bot in bots(scene, uid) {
        let token = scene.credentials.get(&format!("synapse.{}.token", bot.localpart))?;
        let line = ("GET", "/_matrix/client/v3/account/whoami");
        call(scene, Some(&token), "using a leaver's bot", line, None)?;
    }
    Ok(())
}

fn bots<'a>(scene: &Scene<'a>, owner: &str) -> Vec<&'a Bot> {
    scene.world.matrix.bots.iter().filter(|bot| bot.owner == owner).collect()
}

fn delete_device(scene: &Scene<'_>, localpart: &str, device: &str) -> Result<(), LabError> {
    let user = encode(&scene.world.matrix_id(localpart));
    let path = format!("/_synapse/admin/v2/users/{user}/devices/{}", encode(device));
    admin(scene, &format!("deleting the device {device} of {localpart}"), ("DELETE", &path), None).map(drop)
}

/// Deactivates the account and cuts its tie to the sign-in provider, which deactivation keeps; retires bots
/// and makes others for a new owner.
pub fn full(scene: &Scene<'_>, leaver: &Leaver) -> Result<(), LabError> {
    let uid = &leaver.person;
    let path = format!("/_synapse/admin/v1/deactivate/{}", encode(&scene.world.matrix_id(uid)));
    admin(scene, &format!("deactivating {uid}"), ("POST", &path), Some(&json!({"erase": false})))?;
    put_user(scene, uid, &json!({"external_ids": [], "locked": false}))?;
    for device in scene.world.matrix.devices.iter().filter(|device| device.person == *uid) {
        scene.credentials.forget(&format!("synapse.{uid}.{}.token", device.device))?;
    }
    scene.credentials.forget(&format!("synapse.{uid}.password"))?;
    for bot in bots(scene, uid) {
        replace(scene, bot, &leaver.successor)?;
    }
    Ok(())
}

/// Retires a bot and makes another for a new owner. The server says of no token when it was made, so that a
/// new one could not be told from an old one.
fn replace(scene: &Scene<'_>, bot: &Bot, owner: &str) -> Result<(), LabError> {
    let old = scene.world.matrix_id(&bot.localpart);
    let path = format!("/_synapse/admin/v1/deactivate/{}", encode(&old));
    let doing = format!("retiring {}", bot.localpart);
    admin(scene, &doing, ("POST", &path), Some(&json!({"erase": false})))?;
    scene.credentials.forget(&format!("synapse.{}.token", bot.localpart))?;
    scene.credentials.forget(&format!("synapse.{}.password", bot.localpart))?;
    let heir = format!("{}2", bot.localpart);
    make_bot(scene, &heir, bot, owner)?;
    for room in &bot.rooms {
        join(scene, &heir, room, scene.lab.object(&format!("synapse.room.{room}"))?)?;
    }
    Ok(())
}
