//! The OpenSSH client: how it is started, what it may do, and what its failures mean.

use std::path::PathBuf;
use std::process::Stdio;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use exeunt_model::PartialReason;
use exeunt_model::manifest::ClientRules;

use super::{Failure, Host};
use crate::net::Guard;

/// What runs on a host.
const SCRIPT: &str = include_str!("facts.sh");

/// How much of the client's own words is read.
const MOST_WORDS: u64 = 16 * 1024;

/// How we sign in to hosts.
pub struct Door {
    /// The client, `ssh` where it is found by its name.
    pub program: PathBuf,
    /// The user.
    pub user: String,
    /// The file of the private key.
    pub key: PathBuf,
    /// The file of the hosts' keys.
    pub known_hosts: PathBuf,
    /// What connects instead of the client itself.
    pub proxy_command: Option<String>,
    /// Which addresses may be spoken to.
    pub guard: Guard,
}

impl Door {
    /// Runs the script on a host and gives what it wrote.
    pub(super) async fn run(&self, host: &Host, rules: &ClientRules) -> Result<Vec<u8>, Failure> {
        let limit = rules.timeout.unsigned_abs();
        let ended = tokio::time::timeout(limit, self.whole(host, rules.max_body)).await;
        ended.unwrap_or_else(|_| {
            let words = format!(
                "no whole answer came within {} s. Check that the host is well, or raise `client.timeout` in the manifest",
                limit.as_secs_f32()
            );
            Err((PartialReason::TimedOut, words))
        })
    }

    #[expect(clippy::disallowed_methods, reason = "the output is read with a cap")]
    async fn whole(&self, host: &Host, most: u64) -> Result<Vec<u8>, Failure> {
        let fail = |words: String| (PartialReason::Unreachable, words);
        let arguments = self.arguments(host).await?;
        let mut command = tokio::process::Command::new(&self.program);
        let path = std::env::var_os("PATH").unwrap_or_default();
        // No agent, no configuration of the user, no locale: only what stands in the arguments.
        command.args(arguments).env_clear().env("PATH", path).env("LC_ALL", "C");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command
            .spawn()
            .map_err(|e| fail(format!("`ssh` could not be started ({e}). Install the OpenSSH client")))?;
        let (Some(mut script), Some(output), Some(words)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(fail("`ssh` could not be spoken to".to_owned()));
        };
        let send = async {
            // A host with a command of its own for our key does not read it, which is its right.
            let _ = script.write_all(SCRIPT.as_bytes()).await;
            drop(script);
            Ok(())
        };
        let lost = |e: std::io::Error| fail(format!("the answer could not be read ({e})"));
        let hear = async {
            let mut said = Vec::new();
            output.take(most + 1).read_to_end(&mut said).await.map_err(lost)?;
            if said.len() as u64 <= most {
                return Ok(said);
            }
            let words =
                format!("its answer is larger than {most} bytes. Raise `client.max_body` in the manifest");
            Err((PartialReason::Oversized, words))
        };
        let complain = async {
            let mut complaint = Vec::new();
            words.take(MOST_WORDS).read_to_end(&mut complaint).await.map_err(lost)?;
            Ok(complaint)
        };
        // The first failure ends all three: a host that talks on would otherwise be waited for.
        let ((), said, complaint) = tokio::try_join!(send, hear, complain)?;
        let status = child.wait().await.map_err(|e| fail(format!("`ssh` was lost ({e})")))?;
        match status.code() {
            Some(0) => Ok(said),
            Some(255) if said.is_empty() => Err(refused(&String::from_utf8_lossy(&complaint))),
            _ => Err((
                PartialReason::Truncated,
                format!("the connection or the script ended early ({status}). Try again later"),
            )),
        }
    }

    /// Every option that a configuration of the machine or the user could set otherwise is set here.
    async fn arguments(&self, host: &Host) -> Result<Vec<String>, Failure> {
        let mut options = vec![
            "BatchMode=yes".to_owned(),
            "StrictHostKeyChecking=yes".to_owned(),
            format!("UserKnownHostsFile=\"{}\"", self.known_hosts.display()),
            "GlobalKnownHostsFile=/dev/null".to_owned(),
            "UpdateHostKeys=no".to_owned(),
            "VerifyHostKeyDNS=no".to_owned(),
            "CheckHostIP=no".to_owned(),
            "IdentitiesOnly=yes".to_owned(),
            "IdentityAgent=none".to_owned(),
            format!("IdentityFile=\"{}\"", self.key.display()),
            "PreferredAuthentications=publickey".to_owned(),
            "ForwardAgent=no".to_owned(),
            "ForwardX11=no".to_owned(),
            "ClearAllForwardings=yes".to_owned(),
            "PermitLocalCommand=no".to_owned(),
            "ControlMaster=no".to_owned(),
            "ControlPath=none".to_owned(),
            "CanonicalizeHostname=no".to_owned(),
            "EscapeChar=none".to_owned(),
            "RequestTTY=no".to_owned(),
            "ConnectTimeout=15".to_owned(),
            "ConnectionAttempts=1".to_owned(),
            "ServerAliveInterval=15".to_owned(),
            "LogLevel=ERROR".to_owned(),
        ];
        if let Some(command) = &self.proxy_command {
            options.push(format!("ProxyCommand={command}"));
        } else {
            // The address that was checked is the one connected to; the key is looked up under the name.
            let resolved = self.guard.resolve(&host.name, host.port).await;
            let resolved = resolved.map_err(|e| (PartialReason::Unreachable, e.to_string()))?;
            let nowhere = || (PartialReason::Unreachable, "the name has no address".to_owned());
            let address = resolved.first().ok_or_else(nowhere)?;
            options.push(format!("HostName={}", address.ip()));
            let named =
                if host.port == 22 { host.name.clone() } else { format!("[{}]:{}", host.name, host.port) };
            options.push(format!("HostKeyAlias={named}"));
            options.push("ProxyCommand=none".to_owned());
        }
        let mut arguments = vec!["-F".to_owned(), "none".to_owned(), "-T".to_owned()];
        for option in options {
            arguments.extend(["-o".to_owned(), option]);
        }
        arguments.extend(["-p".to_owned(), host.port.to_string(), "-l".to_owned(), self.user.clone()]);
        arguments.extend(["--".to_owned(), host.name.clone(), "exec /bin/sh -s".to_owned()]);
        Ok(arguments)
    }
}

/// What the client's own complaint means. The words that it says are its, and hold no secret.
fn refused(complaint: &str) -> Failure {
    let line = complaint.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it said nothing");
    let line: String = line.trim().chars().filter(|c| !c.is_control()).take(160).collect();
    let has = |words: &str| complaint.contains(words);
    let (reason, next) = if has("Host key verification failed")
        || has("host key is known")
        || has("HOST IDENTIFICATION")
    {
        (
            PartialReason::Tls,
            "its key is not the one in `known_hosts`. Find out why before anything else, then correct the file",
        )
    } else if has("Permission denied")
        || has("Too many authentication failures")
        || has("invalid format")
        || has("UNPROTECTED PRIVATE KEY")
    {
        (
            PartialReason::Unauthorized,
            "our key was refused. Check `auth.ssh_key`, and the user's authorized_keys on the host",
        )
    } else if has("timed out") {
        (PartialReason::TimedOut, "no connection could be made in time. Check the address and any firewall")
    } else {
        (
            PartialReason::Unreachable,
            "no connection could be made. Check that the host runs and is reachable from here",
        )
    };
    (reason, format!("{next} ({line})"))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use exeunt_model::PartialReason;

    use super::{Door, Host, SCRIPT, refused};
    use crate::net::Guard;

    /// A host whose key changed may be another host: that is not a matter of the network.
    #[test]
    fn complaints_have_their_reason() {
        for (complaint, reason) in [
            ("Host key verification failed.\n", PartialReason::Tls),
            (
                "No ED25519 host key is known for web1 and you have requested strict checking.\nHost key verification failed.",
                PartialReason::Tls,
            ),
            ("exeunt@web1: Permission denied (publickey).", PartialReason::Unauthorized),
            ("ssh: connect to host web1 port 22: Connection timed out", PartialReason::TimedOut),
            ("ssh: connect to host web1 port 22: Connection refused", PartialReason::Unreachable),
            ("", PartialReason::Unreachable),
        ] {
            assert_eq!(refused(complaint).0, reason, "{complaint}");
        }
    }

    /// Nothing of the machine's or the user's own configuration may weaken the connection or open another.
    #[tokio::test]
    async fn the_client_is_told_everything() {
        let door = Door {
            program: PathBuf::from("ssh"),
            user: "exeunt".to_owned(),
            key: PathBuf::from("/k e/id"),
            known_hosts: PathBuf::from("/k/known"),
            proxy_command: None,
            guard: Guard::Private,
        };
        let host = Host { name: "127.0.0.1".to_owned(), port: 2222 };
        let arguments = door.arguments(&host).await.expect("an address");
        let line = arguments.join(" ");
        for part in [
            "-F none",
            "BatchMode=yes",
            "StrictHostKeyChecking=yes",
            "UserKnownHostsFile=\"/k/known\"",
            "IdentityFile=\"/k e/id\"",
            "IdentityAgent=none",
            "ForwardAgent=no",
            "ClearAllForwardings=yes",
            "ProxyCommand=none",
            "HostKeyAlias=[127.0.0.1]:2222",
        ] {
            assert!(line.contains(part), "{part} in {line}");
        }
        assert!(line.ends_with("-p 2222 -l exeunt -- 127.0.0.1 exec /bin/sh -s"), "{line}");
        let public = Door { guard: Guard::Public, ..door };
        assert_eq!(public.arguments(&host).await.map_err(|e| e.0), Err(PartialReason::Unreachable));
    }

    /// The script reads. A word in it that writes, or anything put into it from outside, is a defect.
    #[test]
    fn the_script_only_reads() {
        assert!(SCRIPT.trim_end().ends_with("\nmain </dev/null"), "a script that is cut off does nothing");
        let code = SCRIPT.lines().filter(|line| !line.trim_start().starts_with('#'));
        for line in code {
            let words: Vec<&str> =
                line.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-')).collect();
            for forbidden in [
                "rm",
                "mv",
                "cp",
                "tee",
                "touch",
                "chmod",
                "chown",
                "kill",
                "eval",
                "mkdir",
                "ln",
                "dd",
                "curl",
                "wget",
                "usermod",
                "passwd -l",
                "source",
            ] {
                assert!(!words.contains(&forbidden), "`{forbidden}` in: {line}");
            }
            let to_file = line.replace("2>/dev/null", "").replace(">/dev/null", "").replace("2>&1", "");
            let writes = to_file.contains("> /") || to_file.contains(">/") || to_file.contains(">>");
            assert!(!writes, "a file is written: {line}");
        }
    }
}
