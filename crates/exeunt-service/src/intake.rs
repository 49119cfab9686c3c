//! A case from what the user typed: an issue key, an address, an employee number, a reference.

use exeunt_engine::case_from_ticket;
use exeunt_model::case::{Case, SubjectClaim};
use exeunt_model::record::{JoinKey, KeyKind};
use exeunt_model::{Digest, Ref, Snapshot, Timestamp, Who, canonical};
use exeunt_store::CaseRow;
use serde::{Deserialize, Serialize};

use crate::error::ServiceError;
use crate::pipeline::VerifyOptions;
use crate::service::Service;

/// A case and the ticket it was read from.
pub(crate) struct Intake {
    pub(crate) case: Case,
    pub(crate) ticket: Option<Snapshot>,
}

/// An intake as it is kept: the ticket by its digest.
#[derive(Serialize, Deserialize)]
struct Kept {
    case: Case,
    ticket: Option<Digest>,
}

impl Service {
    /// Makes out whom the user means, reading the ticket when they name one.
    pub(crate) async fn intake(&self, who: &str, options: &VerifyOptions) -> Result<Intake, ServiceError> {
        let mut intake = if options.offline
            && let Some(row) = self.store.case(who).await?
        {
            self.kept_intake(&row)?
        } else if is_issue_key(who) && !options.offline {
            self.ticket_intake(who).await?
        } else {
            Intake { case: case_of(who), ticket: None }
        };
        if let Some(said) = options.departed {
            intake.case.departed = Some(said);
        }
        Ok(intake)
    }

    async fn ticket_intake(&self, issue: &str) -> Result<Intake, ServiceError> {
        let workflow = &self.config.config.workflow;
        let system = workflow.system.as_ref().ok_or_else(|| {
            ServiceError::Other(format!(
                "`{issue}` looks like an issue, but {} does not say where tickets are; set \
                 `workflow.system`, or name the leaver by address or employee number",
                self.config.path.display()
            ))
        })?;
        let ticket = self.read_ticket(system, issue).await?;
        let case = case_from_ticket(&ticket, workflow)?;
        Ok(Intake { case, ticket: Some(ticket) })
    }

    /// An intake as it was kept with the last verdict.
    pub(crate) fn kept_intake(&self, row: &CaseRow) -> Result<Intake, ServiceError> {
        let damaged = |e: serde_json::Error| {
            ServiceError::Other(format!(
                "the kept intake of {} cannot be read ({e}); run `exeunt verify {}` again",
                row.id, row.id
            ))
        };
        let kept: Kept = serde_json::from_str(&row.body).map_err(damaged)?;
        let ticket = kept.ticket.map(|id| self.store.snapshot(&id)).transpose()?;
        Ok(Intake { case: kept.case, ticket })
    }

    /// The intake to keep: with the departure that was found, so that later runs agree.
    pub(crate) fn intake_body(&self, intake: &Intake, departed: Timestamp) -> Result<String, ServiceError> {
        let form =
            |e: serde_json::Error| ServiceError::Other(format!("the intake could not be written: {e}"));
        let ticket = match &intake.ticket {
            None => None,
            Some(ticket) => {
                let bytes = canonical::bytes(ticket).map_err(form)?;
                Some(self.store.blobs().keep_for(&intake.case.id, &bytes)?)
            }
        };
        let case = Case { departed: Some(departed), ..intake.case.clone() };
        serde_json::to_string(&Kept { case, ticket }).map_err(form)
    }
}

/// `OFF-142`: a project key of Jira (a capital, then capitals, digits or `_`), a dash, a number.
fn is_issue_key(text: &str) -> bool {
    text.rsplit_once('-').is_some_and(|(project, number)| {
        project.starts_with(|c: char| c.is_ascii_uppercase())
            && project.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
            && !number.is_empty()
            && number.chars().all(|c| c.is_ascii_digit())
    })
}

fn case_of(who: &str) -> Case {
    let meant = if let Ok(reference) = who.parse::<Ref>() {
        Who::Object(reference)
    } else if who.contains('@') {
        Who::Email(who.to_owned())
    } else {
        Who::Key(JoinKey { kind: KeyKind::EmployeeNumber, value: who.to_owned(), issuer: None })
    };
    Case {
        id: who.to_owned(),
        subject: SubjectClaim { who: vec![meant], said_by: "the command line".to_owned() },
        departed: None,
        ticket_system: None,
    }
}

#[cfg(test)]
mod tests {
    use exeunt_model::Who;

    use super::{case_of, is_issue_key};

    /// `verify 2017-04` must not go looking for a ticket, nor `verify OFF-142` for a person.
    #[test]
    fn what_the_user_typed_is_taken_for_what_it_is() {
        for key in ["OFF-142", "A1_B-7"] {
            assert!(is_issue_key(key), "{key}");
        }
        for other in ["2017-04", "off-142", "OFF-", "OFF-14x", "mara@halden.example", "2017"] {
            assert!(!is_issue_key(other), "{other}");
        }
        let meant = |who: &str| case_of(who).subject.who.remove(0);
        assert!(matches!(meant("mara@halden.example"), Who::Email(_)));
        assert!(matches!(meant("okta/identity/00u1"), Who::Object(_)));
        assert!(matches!(meant("2017"), Who::Key(_)));
    }
}
