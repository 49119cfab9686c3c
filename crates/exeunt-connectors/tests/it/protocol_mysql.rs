//! MySQL and MariaDB over real sockets: what is refused before a password is sent, and what a refusal means.

#![expect(clippy::expect_used, reason = "a test that cannot be set up has failed")]

use std::sync::Arc;

use serde_json::{Value, json};

use exeunt_connectors::protocol::{Ask, Protocol};
use exeunt_model::PartialReason;

use crate::protocol_stage::{Act, Hand, SECRET, Stage, fault, join, manifest, system};

fn users() -> Ask {
    Ask::Sql {
        query: "select json_object('user', g.User) as `row` from mysql.global_priv g".to_owned(),
        params: Vec::new(),
    }
}

async fn mysql(port: u16, tls: Value) -> Arc<dyn Protocol> {
    let manifest = manifest("sql", json!(["sql_password"]), json!({"timeout": "400ms"}));
    let auth =
        json!({"sql_password": {"user": "reader", "password": "env:P", "database": "information_schema"}});
    join(&manifest, &system(&format!("mysql://localhost:{port}"), auth, tls), &Hand::new())
        .await
        .expect("a connection")
}

fn plain() -> Value {
    json!({"plain_text_on_loopback": true})
}

/// A packet: three bytes of length, its number, and what it says.
fn packet(number: u8, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("short").to_le_bytes();
    [&length[..3], &[number], payload].concat()
}

/// What a server says first: version 10, with these capabilities.
fn greeting(capabilities: u32, plugin: &str) -> Vec<u8> {
    let bits = capabilities.to_le_bytes();
    let parts: [&[u8]; 9] = [
        b"\x0a11.0.0-test\0\x07\0\0\0abcdefgh\0",
        &bits[..2],
        b"\x2d\x02\0",
        &bits[2..],
        b"\x15",
        &[0; 10],
        b"ijklmnopqrst\0",
        plugin.as_bytes(),
        b"\0",
    ];
    packet(0, &parts.concat())
}

/// `PROTOCOL_41`, `SECURE_CONNECTION`, `PLUGIN_AUTH`, `CONNECT_WITH_DB`; no `SSL`.
const WITHOUT_TLS: u32 = 0x0008_8208;

fn refusal(number: u8, code: u16, words: &str) -> Vec<u8> {
    packet(number, &[b"\xff", &code.to_le_bytes()[..], b"#28000", words.as_bytes()].concat())
}

/// A server without TLS gets neither the user's name nor the password.
#[tokio::test]
async fn a_server_without_tls_is_not_signed_in_to() {
    // The server speaks first in this protocol: a connection is its request.
    let server = Speaker::new(vec![greeting(WITHOUT_TLS, "mysql_native_password")]).await;
    let fault = fault(&*mysql(server.port, json!({})).await, &users()).await;
    assert_eq!(fault.reason, PartialReason::Tls, "{fault}");
    assert!(!server.heard().contains("reader"));
}

/// A wrong password is told from a missing right and from a locked account by the error's number.
#[tokio::test]
async fn refusals_are_told_by_their_number() {
    for (code, reason) in [
        (1045, PartialReason::Unauthorized),
        (4151, PartialReason::Unauthorized),
        (1040, PartialReason::ServerError),
        (1049, PartialReason::NotFound),
    ] {
        let answers = vec![greeting(WITHOUT_TLS, "mysql_native_password"), refusal(2, code, "refused")];
        let server = Speaker::new(answers).await;
        let refused = fault(&*mysql(server.port, plain()).await, &users()).await;
        assert_eq!(refused.reason, reason, "{code}: {refused}");
        assert!(refused.detail.contains(&format!("error {code}")), "{refused}");
        assert!(server.heard().contains("reader") && !server.heard().contains(SECRET));
    }
}

/// A server that asks for another way to sign in, in the clear or one the driver does not know, gets no password.
#[tokio::test]
async fn the_password_is_not_sent_in_the_clear_on_request() {
    let switch =
        |plugin: &str| packet(2, &[b"\xfe", plugin.as_bytes(), b"\0abcdefghijklmnopqrst\0"].concat());
    for plugin in ["mysql_clear_password", "client_ed25519"] {
        let answers = vec![greeting(WITHOUT_TLS, "mysql_native_password"), switch(plugin)];
        let server = Speaker::new(answers).await;
        let refused = fault(&*mysql(server.port, plain()).await, &users()).await;
        assert_eq!(refused.reason, PartialReason::Unauthorized, "{plugin}: {refused}");
        assert!(!server.heard().contains(SECRET), "{plugin}");
    }
}

/// Silence, an early end, nobody there: each has its reason and no rows.
#[tokio::test]
async fn no_database_is_a_fault() {
    let stage = Stage::raw(None, vec![Act::SayAndHang(vec![])]).await;
    assert_eq!(
        fault(&*mysql(stage.at.port(), plain()).await, &users()).await.reason,
        PartialReason::TimedOut
    );
    let server = Speaker::new(vec![]).await;
    assert_eq!(fault(&*mysql(server.port, plain()).await, &users()).await.reason, PartialReason::Unreachable);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    drop(listener);
    assert_eq!(fault(&*mysql(port, plain()).await, &users()).await.reason, PartialReason::Unreachable);
}

/// A server that says its first packet at once and each other after something was heard, and then closes.
struct Speaker {
    port: u16,
    heard: Arc<std::sync::Mutex<Vec<u8>>>,
}

impl Speaker {
    async fn new(says: Vec<Vec<u8>>) -> Self {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let heard: Arc<std::sync::Mutex<Vec<u8>>> = Arc::default();
        let noted = Arc::clone(&heard);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                for packet in &says {
                    if stream.write_all(packet).await.is_err() {
                        break;
                    }
                    let mut chunk = vec![0; 4096];
                    let count = stream.read(&mut chunk).await.unwrap_or(0);
                    noted.lock().expect("notes").extend_from_slice(&chunk[..count]);
                }
            }
        });
        Self { port, heard }
    }

    fn heard(&self) -> String {
        String::from_utf8_lossy(&self.heard.lock().expect("notes")).into_owned()
    }
}
