//! A program that the operator names: run once for a collection, its output a record stream.
//!
//! The command comes from the configuration alone and goes to no shell. The program gets the
//! environment that is written there and nothing else of ours. Every read of a collection is
//! answered from the one run, whose bytes are the evidence; each receipt carries the time of the run.

mod run;
mod stream;

use std::path::PathBuf;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use tokio::sync::OnceCell;

use exeunt_model::PartialReason;
use exeunt_model::manifest::ClientRules;

use super::{Answer, Ask, Fault, Protocol};
use crate::clock::Clock;
use crate::mapper::Subject;
use crate::protocol::Page;
use crate::secret::Secret;

/// A program as the configuration names it.
#[derive(Debug)]
pub struct Program {
    /// Where it is.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// Where it runs.
    pub folder: PathBuf,
    /// Environment variables.
    pub variables: Vec<(String, String)>,
    /// Environment variables that hold credentials.
    pub hidden: Vec<(String, Secret)>,
}

/// One program.
pub struct ExecProtocol {
    program: Program,
    rules: ClientRules,
    clock: Arc<dyn Clock>,
    /// What it printed, with a first line about the run.
    ran: OnceCell<Result<Vec<u8>, Fault>>,
}

impl ExecProtocol {
    /// A program that is run when it is first asked.
    #[must_use]
    pub fn new(program: Program, rules: ClientRules, clock: Arc<dyn Clock>) -> Self {
        Self { program, rules, clock, ran: OnceCell::new() }
    }
}

impl Protocol for ExecProtocol {
    fn fetch<'a>(&'a self, ask: &'a Ask) -> BoxFuture<'a, Result<Answer, Fault>> {
        Box::pin(async move {
            let ran = self.ran.get_or_init(|| run::run(&self.program, &self.rules, &*self.clock)).await;
            let body = ran.clone()?;
            let page = self.reread(ask, &body)?;
            Ok(Answer {
                statuses: vec![0],
                headers: std::collections::BTreeMap::new(),
                body,
                page: Page::Value(page),
                cookie: Vec::new(),
                server_date: None,
            })
        })
    }

    fn origin(&self) -> Option<&str> {
        None
    }

    fn reread(&self, ask: &Ask, body: &[u8]) -> Result<Subject, Fault> {
        let Ask::Exec(exec) = ask else {
            return Err(Fault {
                reason: PartialReason::UnexpectedStatus,
                detail: "nothing was run: this system is read by a program, and the read asks for something else. \
                         Correct the manifest"
                    .to_owned(),
                statuses: Vec::new(),
            });
        };
        stream::page(body, exec).map(Subject::from)
    }
}
