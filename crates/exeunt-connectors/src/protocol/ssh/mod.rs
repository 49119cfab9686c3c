//! SSH: a fixed script on each host of the configuration, by the machine's own OpenSSH client.
//!
//! What runs on a host is `facts.sh`, embedded here, sent on standard input and never made from anything that
//! was read. A host is asked once in a collection; every read about it is a section of that one answer, so that
//! all of them show one moment. Of keys only fingerprints leave this module, of commands only the program.

mod accounts;
mod client;
mod fingerprint;
mod hosts;
mod jobs;
mod keys;
mod output;
mod sessions;
mod sudo;
mod trust;

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use tokio::sync::{OnceCell, Semaphore};

use exeunt_model::manifest::{ClientRules, SshSection};
use exeunt_model::{PartialReason, canonical};

pub use self::client::Door;
pub(crate) use self::fingerprint::fingerprint;
pub use self::hosts::{BadHosts, Host, hosts};
use self::output::Sections;
use super::{Answer, Ask, Fault, Protocol};

/// Why a section of a host is not there, and what to do next.
type Failure = (PartialReason, String);

/// The hosts of one configuration.
pub struct SshProtocol {
    door: Door,
    hosts: BTreeMap<String, Asked>,
    rules: ClientRules,
    slots: Semaphore,
}

/// A host, and what it said when it was asked.
struct Asked {
    host: Host,
    said: OnceCell<Result<Arc<Facts>, Failure>>,
}

/// Rows of each section, or why a section is not whole.
type Facts = BTreeMap<SshSection, Result<Vec<Value>, Failure>>;

impl SshProtocol {
    /// Hosts that are asked when a read is first about them.
    #[must_use]
    pub fn new(door: Door, hosts: Vec<Host>, rules: ClientRules) -> Self {
        let slots = Semaphore::new(rules.concurrency.max(1) as usize);
        let asked = |host: Host| (host.name.clone(), Asked { host, said: OnceCell::new() });
        Self { door, hosts: hosts.into_iter().map(asked).collect(), rules, slots }
    }

    async fn rows(&self, section: SshSection, host: &str) -> Result<Vec<Value>, Failure> {
        if section == SshSection::Hosts {
            let row = |asked: &Asked| json!({"host": asked.host.name, "port": asked.host.port});
            return Ok(self.hosts.values().map(row).collect());
        }
        let Some(asked) = self.hosts.get(host) else {
            let words = "it is not in the setting `hosts`, and nothing else says whom to ask";
            return Err((PartialReason::Unreachable, words.to_owned()));
        };
        let said = asked.said.get_or_init(|| self.ask(&asked.host)).await;
        let facts = said.as_ref().map_err(Clone::clone)?;
        facts.get(&section).cloned().unwrap_or_else(|| {
            Err((PartialReason::SchemaChanged, "its answer has no such section".to_owned()))
        })
    }

    async fn ask(&self, host: &Host) -> Result<Arc<Facts>, Failure> {
        // Only `close` ends the semaphore, and nobody closes it.
        let _slot = self.slots.acquire().await;
        let output = self.door.run(host, &self.rules).await?;
        let mut sections = Sections::parse(&output)?;
        let people = accounts::People::of(&sections)?;
        let mut facts = Facts::new();
        for section in SshSection::OF_HOST {
            let rows = sections.take(section).and_then(|lines| match section {
                SshSection::Hosts => Ok(Vec::new()),
                SshSection::Accounts => Ok(people.accounts()),
                SshSection::Groups => accounts::groups(&lines, &people),
                SshSection::Keys => keys::rows(&lines, &people),
                SshSection::Trust => trust::rows(&lines, &people),
                SshSection::Sudo => sudo::rows(&lines, &people),
                SshSection::Jobs => jobs::rows(&lines, &people),
                SshSection::Sessions => sessions::rows(&lines, &people),
            });
            facts.insert(section, rows);
        }
        Ok(Arc::new(facts))
    }
}

impl Protocol for SshProtocol {
    fn fetch<'a>(&'a self, ask: &'a Ask) -> BoxFuture<'a, Result<Answer, Fault>> {
        Box::pin(async move {
            let Ask::Ssh { section, host } = ask else {
                let detail = "nothing was sent: these hosts are read over SSH, and the read asks for another protocol. Correct the manifest";
                let (reason, detail) = (PartialReason::UnexpectedStatus, detail.to_owned());
                return Err(Fault { reason, detail, statuses: Vec::new() });
            };
            let fault = |(reason, words): Failure| Fault {
                reason,
                detail: format!("{} of {host}: {words}", section.as_str()),
                statuses: Vec::new(),
            };
            let rows = self.rows(*section, host).await.map_err(fault)?;
            let page = json!({ "rows": rows });
            let body = canonical::bytes(&page)
                .map_err(|e| fault((PartialReason::SchemaChanged, format!("the rows are no JSON ({e})"))))?;
            let (headers, cookie) = (BTreeMap::new(), Vec::new());
            Ok(Answer { statuses: vec![0], headers, body, page: page.into(), cookie, server_date: None })
        })
    }

    fn origin(&self) -> Option<&str> {
        None
    }
}

/// A line of the script's output that this program does not know.
fn strange<T>(section: &str, line: &str) -> Result<T, Failure> {
    let shown: String = line.chars().take(40).collect();
    let words = format!(
        "its answer has a line in `{section}` that is not known (`{shown}`). Is it the script of this version?"
    );
    Err((PartialReason::SchemaChanged, words))
}
