//! SQL over real sockets: what is refused before a password is sent.

#![expect(clippy::expect_used, reason = "a test that cannot be set up has failed")]

use std::sync::Arc;

use serde_json::{Value, json};

use exeunt_connectors::protocol::{Ask, Protocol};
use exeunt_model::PartialReason;

use crate::protocol_stage::{Act, Hand, SECRET, Stage, fault, join, manifest, system};

fn roles() -> Ask {
    Ask::Sql { query: "select to_jsonb(r) as row from pg_roles r".to_owned(), params: Vec::new() }
}

async fn sql(port: u16, tls: Value) -> Arc<dyn Protocol> {
    let manifest = manifest("sql", json!(["sql_password"]), json!({"timeout": "400ms"}));
    let auth = json!({"sql_password": {"user": "reader", "password": "env:P", "database": "d"}});
    join(&manifest, &system(&format!("postgres://localhost:{port}"), auth, tls), &Hand::new())
        .await
        .expect("a connection")
}

/// A server without TLS gets neither the user's name nor the password.
#[tokio::test]
async fn a_server_without_tls_is_not_signed_in_to() {
    let stage = Stage::raw(None, vec![Act::Say(b"N".to_vec())]).await;
    let fault = fault(&*sql(stage.at.port(), json!({})).await, &roles()).await;
    assert_eq!(fault.reason, PartialReason::Tls, "{fault}");
    assert_eq!(stage.asked().len(), 1);
    assert!(!stage.asked()[0].contains("reader"));
}

/// Silence, a refusal, an early end: each has its reason and no rows.
#[tokio::test]
async fn no_database_is_a_fault() {
    let plain = || json!({"plain_text_on_loopback": true});
    let stage = Stage::raw(None, vec![Act::SayAndHang(vec![])]).await;
    assert_eq!(fault(&*sql(stage.at.port(), plain()).await, &roles()).await.reason, PartialReason::TimedOut);
    let stage = Stage::raw(None, vec![Act::SayAndClose(vec![])]).await;
    let cut = fault(&*sql(stage.at.port(), plain()).await, &roles()).await;
    assert_eq!(cut.reason, PartialReason::Unreachable, "{cut}");
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    drop(listener);
    assert_eq!(fault(&*sql(port, plain()).await, &roles()).await.reason, PartialReason::Unreachable);
}

/// The database's own refusal is told by its SQLSTATE.
#[tokio::test]
async fn a_refused_password_is_unauthorized() {
    let fields = b"SFATAL\0VFATAL\0C28P01\0Mpassword authentication failed\0\0";
    let length = u32::try_from(fields.len() + 4).expect("short");
    let refusal = [b"E", &length.to_be_bytes()[..], fields].concat();
    let stage = Stage::raw(None, vec![Act::SayAndClose(refusal.clone()), Act::SayAndClose(refusal)]).await;
    let refused =
        fault(&*sql(stage.at.port(), json!({"plain_text_on_loopback": true})).await, &roles()).await;
    assert_eq!(refused.reason, PartialReason::Unauthorized, "{refused}");
    assert!(refused.detail.contains("28P01"), "{refused}");
    assert!(!stage.asked().concat().contains(SECRET));
}

/// A read of another protocol is the manifest's mistake, and nothing is sent.
#[tokio::test]
async fn another_protocols_read_is_refused() {
    let stage = Stage::raw(None, vec![]).await;
    let protocol = sql(stage.at.port(), json!({"plain_text_on_loopback": true})).await;
    let ask = crate::protocol_stage::get("/x");
    assert!(fault(&*protocol, &ask).await.detail.contains("nothing was sent"));
    assert!(stage.asked().is_empty());
}
