//! The pipeline, in order: collect, correlate, resolve, judge, attest; the caller reports.
//!
//! Correlating, resolving and judging are one pure call into the engine, which takes them in
//! that order; what it is given is made here, and nothing else enters it.

use std::collections::BTreeMap;

use exeunt_engine::slice::{InMemory, slice};
use exeunt_engine::{
    Inputs, ManifestInUse, Prepared, RegisterCheck, Sweep, access_of_everybody, check_owners, figures,
    judge_case, people_who_left,
};
use exeunt_model::access::AccessMap;
use exeunt_model::case::Case;
use exeunt_model::programme::ProgrammeFigures;
use exeunt_model::verdict::VerdictDocument;
use exeunt_model::{Digest, Snapshot, State, SystemId, Timestamp, canonical};
use exeunt_store::CaseRow;

use crate::error::ServiceError;
use crate::intake::Intake;
use crate::service::Service;

/// How one leaver is verified.
#[derive(Debug, Clone, Default)]
pub struct VerifyOptions {
    /// When they left, if neither ticket nor directory says.
    pub departed: Option<Timestamp>,
    /// Judge from the snapshots there are, without reading any system.
    pub offline: bool,
}

/// A verdict and where it is in the ledger.
#[derive(Debug, Clone)]
pub struct Verified {
    /// What is said.
    pub verdict: VerdictDocument,
    /// The digest of its bytes.
    pub digest: Digest,
    /// The signed head of the ledger that covers it.
    pub checkpoint: String,
}

/// One leaver: an issue key, an address, an employee number, or an identity's reference.
///
/// # Errors
/// When the case cannot be made out, a system is configured wrongly, or evidence cannot be kept.
/// A system that cannot be read is not an error but part of the verdict.
pub async fn verify(service: &Service, who: &str, options: &VerifyOptions) -> Result<Verified, ServiceError> {
    // What is claimed. First, since a ticket that cannot be read makes the rest pointless.
    let intake = service.intake(who, options).await?;
    // collect: facts and receipts.
    if !options.offline {
        service.collect(&[]).await?;
    }
    let history = service.history(intake.case.departed).await?;
    // correlate, resolve, judge: pure.
    let verdict = service.judge(&intake, &history)?;
    // attest: receipts are logged already; now claims and verdict.
    let mut verified = service.attest(&intake, &verdict).await?;
    service.ask_witnesses().await?;
    verified.checkpoint = service.checkpoint().await?;
    Ok(verified)
}

/// What a sweep over all leavers finds.
#[derive(Debug, Clone)]
pub struct Swept {
    /// The verdict of each known case, from the freshest snapshots, worst first.
    pub cases: Vec<VerdictDocument>,
    /// Cases that could not be judged, and why.
    pub failed: Vec<(String, String)>,
    /// People who left without any case, and accounts that are nobody's.
    pub without_case: Sweep,
}

/// All leavers, from the freshest snapshots; nothing is read from any system.
///
/// # Errors
/// When state cannot be read.
pub async fn sweep(service: &Service) -> Result<Swept, ServiceError> {
    let history = service.history(None).await?;
    let (cases, failed) = service.judge_all(&history).await?;
    let mut swept = Swept { cases, failed, without_case: Sweep::default() };
    let known: Vec<String> = swept.cases.iter().map(|verdict| verdict.subject.identity.to_string()).collect();
    swept.cases.sort_by_key(|verdict| {
        let used = verdict.obligations.iter().any(|o| o.used_after_departure.is_some());
        let open =
            verdict.obligations.iter().filter(|o| !matches!(o.state, State::Gone | State::Waived)).count();
        let rank = match verdict.verdict {
            exeunt_model::verdict::Conclusion::Residual => 0,
            exeunt_model::verdict::Conclusion::Unproven => 1,
            exeunt_model::verdict::Conclusion::Clear => 2,
        };
        (!used, rank, std::cmp::Reverse(open), verdict.case.clone())
    });
    let nobody = Intake::nobody();
    swept.without_case = service.with_inputs(&nobody, &history, people_who_left)?;
    swept.without_case.left.retain(|person| !known.contains(&person.identity.to_string()));
    Ok(swept)
}

/// Figures over all cases, from the freshest snapshots; nothing is read from any system.
///
/// # Errors
/// When state cannot be read.
pub async fn programme(service: &Service) -> Result<ProgrammeFigures, ServiceError> {
    let history = service.history(None).await?;
    let (verdicts, failed) = service.judge_all(&history).await?;
    let uncovered =
        service.with_inputs(&Intake::nobody(), &history, |inputs| Ok(Prepared::new(*inputs)?.uncovered()))?;
    let systems: Vec<SystemId> = service.manifests().keys().cloned().collect();
    let figures = figures(&verdicts, failed.len() as u64, &systems, service.now());
    Ok(ProgrammeFigures { uncovered, ..figures })
}

/// The register of owners against the directory as it was last read; nothing is read from any system.
///
/// # Errors
/// When state cannot be read.
pub async fn owners(service: &Service) -> Result<RegisterCheck, ServiceError> {
    let history = service.history(None).await?;
    service.with_inputs(&Intake::nobody(), &history, check_owners)
}

/// The access graph of everybody, from all kept snapshots, in the state of the newest.
///
/// # Errors
/// When state cannot be read.
pub async fn access(service: &Service) -> Result<AccessMap, ServiceError> {
    let history = service.history(None).await?;
    service.with_inputs(&Intake::nobody(), &history, access_of_everybody)
}

/// Snapshots and their ids, oldest first.
pub(crate) struct History {
    snapshots: Vec<Snapshot>,
    ids: Vec<Digest>,
}

impl Service {
    /// What a case is judged from: of each system the last snapshot before departure, and all
    /// since.
    async fn history(&self, departed: Option<Timestamp>) -> Result<History, ServiceError> {
        let rows = self.store.snapshots(None).await?;
        let mut baseline: BTreeMap<&SystemId, &exeunt_store::SnapshotRow> = BTreeMap::new();
        let mut wanted = Vec::new();
        for row in &rows {
            if departed.is_some_and(|departed| row.ended <= departed) {
                baseline.insert(&row.system, row);
            } else {
                wanted.push(row);
            }
        }
        wanted.extend(baseline.into_values());
        wanted.sort_by_key(|row| (row.ended, row.id));
        let snapshots = wanted.iter().map(|row| self.store.snapshot(&row.id)).collect::<Result<_, _>>()?;
        Ok(History { snapshots, ids: wanted.iter().map(|row| row.id).collect() })
    }

    /// Every known case: the verdicts, and why others could not be judged. What all cases share is prepared once, of the
    /// records that can matter for them.
    async fn judge_all(
        &self,
        history: &History,
    ) -> Result<(Vec<VerdictDocument>, Vec<(String, String)>), ServiceError> {
        let (mut ready, mut failed) = (Vec::new(), Vec::new());
        for row in self.store.cases().await? {
            ready.push((row.id.clone(), self.kept_intake(&row)?));
        }
        let judged = self.with_inputs(&Intake::nobody(), history, |inputs| {
            let cases: Vec<_> =
                ready.iter().map(|(_, intake)| (&intake.case, intake.ticket.as_ref())).collect();
            let cut = slice(inputs, &cases, &InMemory::new(inputs.history))?;
            let prepared = Prepared::new(Inputs { history: &cut, ..*inputs })?;
            Ok(prepared.judge_each(&cases))
        })?;
        let mut verdicts = Vec::new();
        for ((case, _), verdict) in ready.into_iter().zip(judged) {
            match verdict {
                Ok(verdict) => verdicts.push(verdict),
                Err(error) => failed.push((case, error.to_string())),
            }
        }
        Ok((verdicts, failed))
    }

    fn judge(&self, intake: &Intake, history: &History) -> Result<VerdictDocument, ServiceError> {
        self.with_inputs(intake, history, judge_case)
    }

    fn with_inputs<T>(
        &self,
        intake: &Intake,
        history: &History,
        ask: impl FnOnce(&Inputs<'_>) -> Result<T, exeunt_engine::CaseError>,
    ) -> Result<T, ServiceError> {
        let config = &self.config.config;
        let manifests = self.manifests();
        let in_scope: BTreeMap<SystemId, ManifestInUse<'_>> = manifests
            .iter()
            .map(|(id, loaded)| {
                let used = ManifestInUse { manifest: &loaded.manifest, digest: loaded.digest };
                (id.clone(), used)
            })
            .collect();
        Ok(ask(&Inputs {
            case: &intake.case,
            directory: &config.directory,
            in_scope: &in_scope,
            history: &history.snapshots,
            ids: &history.ids,
            ticket: intake.ticket.as_ref(),
            workflow: &config.workflow,
            owners: &self.config.owners,
            policy: &config.policy,
            links: &config.links,
            domains: &config.organisation.domains,
            as_of: self.now(),
        })?)
    }

    async fn attest(&self, intake: &Intake, verdict: &VerdictDocument) -> Result<Verified, ServiceError> {
        let bytes = canonical::bytes(verdict)
            .map_err(|e| ServiceError::Other(format!("the verdict could not be written: {e}")))?;
        let conclusion = serde_json::to_value(verdict.verdict)
            .ok()
            .and_then(|word| word.as_str().map(str::to_owned))
            .unwrap_or_default();
        let basis = self.keep_basis(&intake.case)?;
        // The ticket is kept with it, so before it.
        let body = self.intake_body(intake, verdict.departed)?;
        let head = self.attestor().verdict(verdict, basis, self.now()).await?;
        let digest = self.store.put_verdict(&verdict.case, verdict.as_of, &conclusion, &bytes).await?;
        self.store.put_case(&CaseRow { id: verdict.case.clone(), body }).await?;
        Ok(Verified { verdict: verdict.clone(), digest, checkpoint: head.note().to_string() })
    }
}

impl Intake {
    /// No case: for questions about everybody.
    fn nobody() -> Self {
        Self {
            case: Case {
                id: "sweep".to_owned(),
                subject: exeunt_model::case::SubjectClaim { who: Vec::new(), said_by: "sweep".to_owned() },
                departed: None,
                ticket_system: None,
            },
            ticket: None,
        }
    }
}
