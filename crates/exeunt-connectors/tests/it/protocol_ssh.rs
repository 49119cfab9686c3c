//! Hosts over SSH, with a client that is a script of the test: what is sent to it, and what its ends mean.

#![expect(clippy::expect_used, reason = "a test that cannot be set up has failed")]

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::json;

use exeunt_connectors::net::Guard;
use exeunt_connectors::protocol::ssh::{Door, SshProtocol, hosts};
use exeunt_connectors::protocol::{Ask, Protocol};
use exeunt_model::PartialReason;
use exeunt_model::manifest::{ClientRules, SshSection};

use crate::protocol_stage::{Hand, fault, join, manifest, system};

const WHOLE: &str = "X\\t1\\tweb1\\t0\\t1795626740\\n\
B\\taccounts\\nR\\tP\\tada\\t1001\\t1001\\tAda\\t/home/ada\\t/bin/sh\\nR\\tS\\tada\\tlocked\\t20000\\t\\nE\\taccounts\\tok\\t\\n\
B\\tgroups\\nR\\tsudo\\t27\\tada\\nE\\tgroups\\tok\\t\\n\
B\\tkeys\\nR\\tada\\t/home/ada/.ssh/authorized_keys\\tssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl ada\\nE\\tkeys\\tok\\t\\n\
B\\ttrust\\nE\\ttrust\\tok\\t\\n\
B\\tsudo\\nE\\tsudo\\trefused\\t/etc/sudoers may not be read\\n\
B\\tjobs\\nE\\tjobs\\tok\\t\\nB\\tsessions\\nE\\tsessions\\tmissing\\tps cannot list sessions here\\nZ\\n";

/// A folder with a client that runs `script`; what it was given is kept there.
fn client(folder: &Path, script: &str) -> SshProtocol {
    let program = folder.join("ssh");
    let notes = folder.display();
    let text = format!(
        "#!/bin/sh\necho \"$@\" >> '{notes}/asked'\ncat > '{notes}/stdin'\nenv > '{notes}/env'\n{script}\n"
    );
    std::fs::write(&program, text).expect("written");
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).expect("set");
    let door = Door {
        program,
        user: "exeunt".to_owned(),
        key: folder.join("id"),
        known_hosts: folder.join("known_hosts"),
        proxy_command: None,
        guard: Guard::Private,
    };
    let rules = ClientRules {
        timeout: exeunt_model::Duration::from_millis(1500),
        max_body: 64 * 1024,
        ..ClientRules::default()
    };
    SshProtocol::new(door, hosts("127.0.0.1:2222 127.0.0.2").expect("hosts"), rules)
}

fn ask(section: SshSection, host: &str) -> Ask {
    Ask::Ssh { section, host: host.to_owned() }
}

/// The script goes in whole, on standard input; a host is signed in to once for all its sections; no agent and
/// no variable of ours reaches the client.
#[tokio::test]
async fn a_host_is_asked_once_and_told_nothing_of_ours() {
    let folder = tempfile::tempdir().expect("a folder");
    let protocol = client(folder.path(), &format!("printf '{WHOLE}'"));
    let listed = protocol.fetch(&ask(SshSection::Hosts, "")).await.expect("the list");
    assert_eq!(listed.page().json().expect("JSON")["rows"][0], json!({"host": "127.0.0.1", "port": 2222}));
    assert!(!folder.path().join("asked").exists(), "the list of hosts is the configuration's");
    let accounts = protocol.fetch(&ask(SshSection::Accounts, "127.0.0.1")).await.expect("accounts");
    assert_eq!(accounts.page().json().expect("JSON")["rows"][0]["password"], "locked");
    let keys = protocol.fetch(&ask(SshSection::Keys, "127.0.0.1")).await.expect("keys");
    assert_eq!(
        keys.page().json().expect("JSON")["rows"][0]["fingerprint"],
        "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU"
    );
    assert!(!String::from_utf8_lossy(&keys.body).contains("AAAAC3"), "evidence keeps no key");
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).expect("a note");
    assert_eq!(read("asked").lines().count(), 1);
    assert!(read("stdin").trim_end().ends_with("main </dev/null"));
    assert!(!read("env").contains("SSH_AUTH_SOCK") && !read("env").contains("HOME="), "{}", read("env"));
}

/// A section that is refused or cannot be had is not an empty one, and takes no other with it.
#[tokio::test]
async fn a_refused_section_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let protocol = client(folder.path(), &format!("printf '{WHOLE}'"));
    let sudo = fault(&protocol, &ask(SshSection::Sudo, "127.0.0.1")).await;
    assert_eq!(sudo.reason, PartialReason::MissingPermission);
    assert!(sudo.detail.contains("/etc/sudoers may not be read"), "{sudo}");
    let sessions = fault(&protocol, &ask(SshSection::Sessions, "127.0.0.1")).await;
    assert_eq!(sessions.reason, PartialReason::NotFound);
    assert!(protocol.fetch(&ask(SshSection::Groups, "127.0.0.1")).await.is_ok());
}

/// A host that is not in the configuration is not asked, whatever named it.
#[tokio::test]
async fn a_host_from_elsewhere_is_not_asked() {
    let folder = tempfile::tempdir().expect("a folder");
    let protocol = client(folder.path(), "true");
    for host in ["10.0.0.9", "", "-oProxyCommand=id", "127.0.0.1:2222"] {
        let fault = fault(&protocol, &ask(SshSection::Keys, host)).await;
        assert_eq!(fault.reason, PartialReason::Unreachable, "{host}");
    }
    assert!(!folder.path().join("asked").exists());
}

/// A lost connection, a half answer, a host that talks on, one that is silent, one with another shell.
#[tokio::test]
async fn every_other_end_is_a_fault() {
    let half = WHOLE.split("B\\tkeys").next().expect("half").to_owned();
    for (script, reason) in [
        (
            "echo 'ssh: connect to host x port 22: Connection refused' >&2; exit 255".to_owned(),
            PartialReason::Unreachable,
        ),
        ("echo 'Host key verification failed.' >&2; exit 255".to_owned(), PartialReason::Tls),
        (
            "echo 'exeunt@x: Permission denied (publickey).' >&2; exit 255".to_owned(),
            PartialReason::Unauthorized,
        ),
        (format!("printf '{half}'; exit 255"), PartialReason::Truncated),
        (format!("printf '{half}'"), PartialReason::Truncated),
        (format!("printf '{WHOLE}'; exit 1"), PartialReason::Truncated),
        (String::new(), PartialReason::Truncated),
        (format!("echo 'Welcome to web1'; printf '{WHOLE}'"), PartialReason::SchemaChanged),
        ("while :; do echo R; done".to_owned(), PartialReason::Oversized),
        ("exec sleep 30".to_owned(), PartialReason::TimedOut),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let protocol = client(folder.path(), &script);
        let fault = fault(&protocol, &ask(SshSection::Keys, "127.0.0.1")).await;
        assert_eq!(fault.reason, reason, "{script}: {fault}");
    }
}

/// What cannot work is said before anybody is asked.
#[tokio::test]
async fn a_wrong_configuration_is_refused_with_what_to_change() {
    let manifest = manifest("ssh", json!(["ssh_key"]), json!({}));
    let key =
        |key: &str, user: &str| json!({"ssh_key": {"user": user, "key": key, "known_hosts": "good.pem"}});
    let good = "file:server.key.pem";
    for (auth, hosts, words) in [
        (key(good, "exeunt"), "", "is empty"),
        (key(good, "exeunt"), "web1 -oProxyCommand=id", "is no host"),
        (key("env:KEY", "exeunt"), "web1", "has to be `file:PATH`"),
        (key("file:absent", "exeunt"), "web1", "absent"),
        (key(good, "-l root"), "web1", "no user's name"),
        (json!({"bearer": "env:T"}), "web1", "Use one of: ssh_key"),
    ] {
        let mut system = system("", auth, json!({}));
        system.url = None;
        system.settings = [("hosts".to_owned(), hosts.to_owned())].into();
        let refused = join(&manifest, &system, &Hand::new()).await.err().expect("refused");
        assert!(refused.to_string().contains(words), "{refused}");
    }
}
