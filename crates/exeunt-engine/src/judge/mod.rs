//! The verdict: states, control points, owners, claims, gaps, and what all of it comes to.

mod agents;
mod conclusion;
pub mod control_points;
pub(crate) mod deadline;
mod gaps;
mod governance;
mod incidents;
#[cfg(test)]
mod tests;
mod timeline;
mod waivers;

use std::collections::BTreeMap;

use exeunt_model::case::{Case, Subject};
use exeunt_model::verdict::{Disputed, Inputs as Digests, Obligation, VerdictDocument};
use exeunt_model::{Ref, Snapshot, State, SystemId, Text, Timestamp, canonical};

use crate::CaseError;
use crate::accountability::{self, Indexed, Register};
use crate::case::subject;
use crate::claims::{self, Said};
use crate::correlate::People;
use crate::estate::Estate;
use crate::inputs::Inputs;
use crate::liveness::Scene;
use crate::obligations::{Draft, obligations};
use crate::resolve::Graph;
use control_points::Court;

/// Correlate, resolve, judge.
///
/// # Errors
/// When the subject matches nobody or more than one person, or nothing says when they left.
pub fn judge_case(inputs: &Inputs<'_>) -> Result<VerdictDocument, CaseError> {
    Prepared::new(*inputs)?.judge(inputs.case, inputs.ticket)
}

/// The snapshots indexed, accounts correlated and edges found: the part of the work that all cases share.
pub struct Prepared<'a> {
    inputs: Inputs<'a>,
    estate: Estate<'a>,
    people: People<'a>,
    graph: Graph<'a>,
    owners: Indexed<'a>,
}

impl<'a> Prepared<'a> {
    /// Prepares for any number of cases; the case and ticket of the inputs play no part.
    ///
    /// # Errors
    /// When a snapshot has no digest, which its types rule out.
    pub fn new(inputs: Inputs<'a>) -> Result<Self, CaseError> {
        let estate = Estate::new(&inputs)?;
        let people = People::new(&estate, inputs.directory, inputs.links, inputs.domains);
        let graph = Graph::new(&estate, &people, inputs.links);
        let owners = Indexed::new(inputs.owners);
        Ok(Self { inputs, estate, people, graph, owners })
    }

    /// Judges one case.
    ///
    /// # Errors
    /// As for [`judge_case`].
    pub fn judge(&self, case: &Case, ticket: Option<&Snapshot>) -> Result<VerdictDocument, CaseError> {
        let (leaver, subject) = subject(case, &self.estate, &self.people)?;
        let departed = self.departed(case, leaver, &subject)?;
        let (policy, as_of) = (self.inputs.policy, self.inputs.as_of);
        let scene = Scene::new(&self.estate, &self.people, &self.graph, policy, leaver, departed, as_of);
        self.verdict(case, subject, &scene, ticket)
    }

    /// The systems that are named by what others show and are not in scope, and how many accounts and edges name each.
    #[must_use]
    pub fn uncovered(&self) -> BTreeMap<SystemId, u64> {
        let mut named: BTreeMap<SystemId, u64> = BTreeMap::new();
        let mut name = |system: &SystemId| {
            if !self.inputs.in_scope.contains_key(system) {
                *named.entry(system.clone()).or_default() += 1;
            }
        };
        for (object, _) in self.estate.objects() {
            if let Some(sso) = self.estate.account(object).and_then(|account| account.sso.as_ref()) {
                name(&sso.idp);
            }
        }
        for edge in &self.graph.edges {
            name(&edge.from.system);
            name(&edge.to.system);
        }
        named
    }

    /// Judges many cases, two at a time; the verdicts stand in the order of the cases.
    ///
    /// # Errors
    /// For each case as for [`judge_case`].
    #[must_use]
    pub fn judge_each(
        &self,
        cases: &[(&Case, Option<&Snapshot>)],
    ) -> Vec<Result<VerdictDocument, CaseError>> {
        crate::both::each(cases, &|(case, ticket)| self.judge(case, *ticket))
    }

    fn departed(&self, case: &Case, leaver: &Ref, subject: &Subject) -> Result<Timestamp, CaseError> {
        let by_directory = self.estate.identity(leaver).and_then(|identity| identity.departed);
        case.departed.or(by_directory).ok_or_else(|| CaseError::NoDeparture {
            case: case.id.clone(),
            name: subject.name.clone(),
            directory: self.inputs.directory.to_string(),
        })
    }

    fn verdict(
        &self,
        case: &Case,
        subject: Subject,
        scene: &Scene<'_, 'a>,
        ticket: Option<&Snapshot>,
    ) -> Result<VerdictDocument, CaseError> {
        let drafts = obligations(scene);
        let said = &claims::read(scene, &drafts, ticket, self.inputs.workflow);
        let register = Register::new(&self.owners, &self.estate, scene.window.departed);
        let gaps = gaps::gaps(scene, self.inputs.in_scope, ticket);
        let (waived, mut governance) =
            waivers::waived(scene, said, self.inputs.policy, case, &subject, &register, &drafts);
        let systems: Vec<_> = self.inputs.in_scope.keys().collect();
        let court = Court {
            scene,
            case,
            drafts: &drafts,
            waived: &waived,
            gaps: &gaps,
            said,
            workflow: self.inputs.workflow,
            subject: &subject,
            systems: &systems,
        };
        let control_points = control_points::judge(&court);
        governance.extend(governance::findings(&court));
        governance.extend(control_points::recheck::findings(&court));
        governance.extend(claims::findings(scene, said, self.inputs.workflow, &drafts, &waived));
        governance.extend(incidents::findings(scene, &drafts));
        governance.extend(agents::findings(scene, &drafts));
        governance.extend(deadline::findings(scene, &register, &drafts));
        governance.extend(accountability::findings(scene, &register, &drafts));
        governance.sort();
        governance.dedup();
        let words: Vec<Option<String>> =
            drafts.iter().map(|draft| waived.get(draft.id.as_str()).cloned()).collect();
        let shared = timeline::Shared::new(scene, said);
        let lines: Vec<Obligation> = drafts
            .into_iter()
            .zip(words)
            .map(|(draft, words)| {
                line(scene, said, &shared, &register, draft, &control_points, words.as_ref())
            })
            .collect();
        let lines = conclusion::worst_first(lines);
        let verdict = conclusion::conclude(&lines, &control_points, &gaps, claims::not_observed(&governance));
        Ok(VerdictDocument {
            version: VerdictDocument::VERSION,
            case: case.id.clone(),
            subject,
            departed: scene.window.departed,
            verdict,
            as_of: scene.as_of,
            control_points,
            blind_spots: gaps::blind_spots(self.inputs.in_scope, &lines, &gaps),
            obligations: lines,
            gaps,
            governance,
            disputed: disputed(scene),
            inputs: self.digests(ticket)?,
            evidence: BTreeMap::new(),
        })
    }

    fn digests(&self, ticket: Option<&Snapshot>) -> Result<Digests, CaseError> {
        let mut snapshots = BTreeMap::new();
        for (system, history) in self.estate.systems() {
            snapshots.insert(system.clone(), history.iter().map(|held| held.id).collect());
        }
        Ok(Digests {
            snapshots,
            ticket: ticket.map(Snapshot::id).transpose()?,
            policy: canonical::digest(self.inputs.policy)?,
            owners: canonical::digest(self.inputs.owners)?,
            manifests: self
                .inputs
                .in_scope
                .values()
                .map(|used| (used.manifest.connector.clone(), used.digest))
                .collect(),
        })
    }
}

fn line(
    scene: &Scene<'_, '_>,
    said: &Said<'_>,
    shared: &timeline::Shared,
    register: &Register<'_, '_>,
    draft: Draft<'_>,
    points: &[exeunt_model::verdict::ControlPoint],
    waiver: Option<&String>,
) -> Obligation {
    let claims = claims::compare(scene, said, &draft, deadline::deadline(scene.policy, register, &draft));
    let timeline = shared.timeline(scene, &draft, &claims);
    let accountable = accountability::accountable(scene, register, &draft, points);
    let caught_by = accountability::caught_by(scene, &draft, points);
    let mut evidence = draft.fate.cites.clone();
    evidence.sort();
    evidence.dedup();
    let (mut state, mut because) = (draft.fate.state, format!("{}.", draft.fate.because));
    let regression = scene.regression(draft.object, &draft.sightings).filter(|_| state != State::Gone);
    if let Some(back) = &regression {
        because = format!(
            "{because} It came back: gone or blocked at {}, there again at {}. {}.",
            back.missing, back.again, back.why
        );
    }
    let mut next_step = draft.next_step.clone();
    if let Some(reason) = waiver {
        state = State::Waived;
        because = format!("{because} {reason}");
        next_step = Text::new_static("Nothing while it is accepted.");
    }
    Obligation {
        control_point: accountability::broke_at(scene, &draft),
        id: draft.id,
        system: draft.system,
        kind: draft.kind,
        item: draft.item,
        state,
        grade: draft.fate.grade,
        because: because.into(),
        would_change: draft.fate.would_change,
        path: draft.path,
        link: draft.link,
        privileged: draft.privileged,
        falls_to: draft.point,
        accountable,
        caught_by,
        timeline,
        claims,
        used_after_departure: draft.used,
        gone_since: draft.fate.since.filter(|_| state == State::Gone),
        regression,
        outcome: draft.outcome,
        evidence,
        next_step,
    }
}

/// The accounts that could be the leaver's and are given to nobody.
fn disputed(scene: &Scene<'_, '_>) -> Vec<Disputed> {
    let of_leaver = scene.people.disputes(scene.leaver);
    of_leaver
        .filter(|(account, _)| scene.object_in_window(account))
        .map(|(account, dispute)| Disputed {
            account: account.clone(),
            login: scene.estate.name(account).to_owned(),
            candidates: dispute.candidates.iter().map(|person| (*person).clone()).collect(),
            because: dispute.because.clone(),
        })
        .collect()
}
