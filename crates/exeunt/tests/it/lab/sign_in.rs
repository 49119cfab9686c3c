//! Signing in to a real directory, and what is said when that fails.

use std::collections::BTreeSet;

use exeunt_model::{Outcome, PartialReason, Snapshot};
use serde_json::{Value, json};

use super::running::{Lab, another_authority};
use super::setup::{Exeunt, configuration};

/// The lab with people in it.
fn peopled() -> Lab {
    let lab = Lab::take();
    if lab.stage() == "empty" {
        lab.play(&["seed", "--stage", "before"]);
    }
    lab
}

/// A configuration of the directory alone, with a change.
fn directory(lab: &Lab, change: impl FnOnce(&mut Value)) -> Exeunt {
    let mut said = configuration(lab);
    for other in ["postgres", "synapse", "aws"] {
        said["systems"].as_object_mut().expect("systems").remove(other);
    }
    said["owners"] = json!([]);
    change(&mut said["systems"]["ldap"]);
    let exeunt = Exeunt::on(lab);
    exeunt.configure(&said);
    exeunt
}

/// Encryption that begins in the clear, at the address for that.
fn start_tls(lab: &Lab, ldap: &mut Value) {
    ldap["url"] = lab.server("ldap")["url"].clone();
    ldap["tls"]["start_tls"] = json!(true);
}

async fn read(exeunt: &Exeunt) -> Snapshot {
    exeunt.collect(0, &["ldap"]).await.remove(0)
}

/// Everybody, over LDAPS and over StartTLS: a directory read half looks like a company of half the size.
#[tokio::test]
async fn both_forms_of_encryption_show_the_same_people() {
    let lab = peopled();
    let first = read(&directory(&lab, |_| {})).await;
    let second = read(&directory(&lab, |ldap| start_tls(&lab, ldap))).await;
    let shown = |snapshot: &Snapshot| -> BTreeSet<String> {
        for read in &snapshot.reads {
            assert_eq!(read.receipt.outcome, Outcome::Complete, "{}", read.receipt.read);
        }
        snapshot.records().map(|(_, record)| record.key().to_string()).collect()
    };
    assert_eq!(shown(&first), shown(&second));
    // 25 people or a few less once leavers are removed, each an identity and an account, and six groups.
    assert!(shown(&first).len() > 50, "{:?}", shown(&first));
}

/// Every read ends with one reason, and says what to mend.
fn all_partial(snapshot: &Snapshot, reason: PartialReason, words: &[&str]) {
    assert!(!snapshot.reads.is_empty());
    for read in &snapshot.reads {
        let Outcome::Partial { reason: why, detail } = &read.receipt.outcome else {
            panic!("{} is complete", read.receipt.read);
        };
        assert_eq!(*why, reason, "{detail}");
        assert!(read.records.is_empty(), "nothing was read");
        for word in words {
            assert!(detail.contains(word), "`{word}` is missing: {detail}");
        }
    }
}

/// A changed password is not an empty directory.
#[tokio::test]
async fn a_wrong_password_is_unauthorized() {
    let lab = peopled();
    let exeunt = directory(&lab, |ldap| ldap["auth"]["ldap_simple"]["password"] = json!("file:wrong"));
    std::fs::write(exeunt.path("wrong"), "not the password").expect("a file");
    all_partial(&read(&exeunt).await, PartialReason::Unauthorized, &["password"]);
}

/// Whoever shows a certificate of another authority is not told our password.
#[tokio::test]
async fn a_wrong_authority_is_a_failure_of_encryption() {
    let lab = peopled();
    for begins_in_the_clear in [false, true] {
        let exeunt = directory(&lab, |ldap| {
            if begins_in_the_clear {
                start_tls(&lab, ldap);
            }
            ldap["tls"]["ca_file"] = json!(another_authority());
        });
        all_partial(&read(&exeunt).await, PartialReason::Tls, &["certificate"]);
    }
}

/// The database's own answer to what the reader may do besides: nothing, and an administrator much.
#[test]
fn the_databases_reader_may_only_read() {
    let lab = peopled();
    let beyond = |name: &str| -> Value {
        let mut said = configuration(&lab);
        let server = lab.server("postgres");
        let admin = &server[name];
        said["systems"]["postgres"]["auth"]["sql_password"]["user"] = admin["user"].clone();
        let secret = admin["password_file"].as_str().expect("a file");
        said["systems"]["postgres"]["auth"]["sql_password"]["password"] = json!(format!("file:{secret}"));
        said["systems"].as_object_mut().expect("systems").retain(|name, _| name == "postgres");
        said["directory"] = json!("postgres");
        said["owners"] = json!([]);
        let exeunt = Exeunt::on(&lab);
        exeunt.configure(&said);
        let told = exeunt.run(&["--format", "json", "check"]);
        let told: Value = serde_json::from_slice(&told.stdout).expect("JSON");
        let reads = told["systems"][0]["reads"].as_array().expect("reads").clone();
        reads.into_iter().find(|read| read["read"] == "rights").expect("the rights")["result"].clone()
    };
    assert_eq!(beyond("reader"), json!({ "beyond_reading": [] }));
    let admin = beyond("admin");
    assert!(
        admin["beyond_reading"].as_array().is_some_and(|all| all.contains(&json!("SUPERUSER"))),
        "{admin}"
    );
}
