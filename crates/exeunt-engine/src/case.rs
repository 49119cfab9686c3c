//! Who the case is about, and since when. Whatever names the leaver has to lead to one person.

use exeunt_model::case::{Case, Subject, SubjectClaim, Workflow};
use exeunt_model::record::{DocType, Document, JoinKey, KeyKind};
use exeunt_model::{Outcome, Record, Ref, Snapshot, Timestamp, Who};

use crate::correlate::People;
use crate::estate::Estate;

/// Somebody a case could be about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The identity.
    pub person: Ref,
    /// The name.
    pub name: String,
    /// What leads to this person.
    pub by: String,
}

/// Why nothing can be said about a case. Each says what was attempted, where, and what to do next.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CaseError {
    /// The subject matches nobody.
    #[error(
        "case {case}: `{who}` ({said_by}) matches nobody in the directory {directory}. Check the name, read \
         {directory} again, or tie the account to a person under `links`"
    )]
    NobodyMatches {
        /// The case.
        case: String,
        /// As claimed.
        who: String,
        /// Where it was said.
        said_by: String,
        /// Where it was looked up.
        directory: String,
    },
    /// The subject matches more than one person.
    #[error(
        "case {case}: what is said of the leaver ({said_by}) leads to more than one person: {}. Say which by the \
         employee number or the identity's reference",
        listed(candidates)
    )]
    SeveralMatch {
        /// The case.
        case: String,
        /// Where it was said.
        said_by: String,
        /// The people.
        candidates: Vec<Candidate>,
    },
    /// The ticket names nobody.
    #[error(
        "ticket {ticket}: none of the fields that name the leaver is filled ({fields}). Fill one, or set \
         `workflow.subject_field`, `employee_number_field` or `email_field` to the field that does"
    )]
    NoSubject {
        /// The ticket's key.
        ticket: String,
        /// The fields looked at.
        fields: String,
    },
    /// A departure field is filled and cannot be read.
    #[error(
        "ticket {ticket}: the field {field} says `{text}`, which is not a time. Write a date (2026-11-20) or an \
         RFC 3339 time (2026-11-20T17:00:00Z)"
    )]
    NotATime {
        /// The ticket's key.
        ticket: String,
        /// The field.
        field: String,
        /// What it says.
        text: String,
    },
    /// Nothing says when the leaver left.
    #[error(
        "case {case}: nothing says when {name} left: neither the ticket nor the directory {directory}. Set \
         `workflow.departure_field`, or say the time with the command"
    )]
    NoDeparture {
        /// The case.
        case: String,
        /// The leaver.
        name: String,
        /// The directory.
        directory: String,
    },
    /// The ticket could not be read whole.
    #[error(
        "the ticket in {system} was not read whole: {read} failed since {why}. Mend that and read it again"
    )]
    TicketNotWhole {
        /// Where.
        system: String,
        /// Which read.
        read: String,
        /// Why.
        why: String,
    },
    /// There is no ticket in what was read, or more than one.
    #[error("{system} showed {count} tickets where one was asked for. Check the key of the ticket")]
    NotOneTicket {
        /// Where.
        system: String,
        /// How many.
        count: usize,
    },
    /// A snapshot, the policy or the owners cannot be written as JSON.
    #[error(
        "an input has no canonical form and so no digest: {0}. This is a defect of the program; report it"
    )]
    NotCanonical(String),
    /// The estate is larger than its access graph can be.
    #[error("what everybody reaches cannot be said: {0}. Judge the systems in parts")]
    TooLarge(#[from] crate::reach::Malformed),
}

impl From<serde_json::Error> for CaseError {
    fn from(error: serde_json::Error) -> Self {
        Self::NotCanonical(error.to_string())
    }
}

fn listed(candidates: &[Candidate]) -> String {
    let each: Vec<String> =
        candidates.iter().map(|c| format!("{} ({}, by {})", c.name, c.person, c.by)).collect();
    each.join(", ")
}

/// The case a ticket opens: who leaves and when, as its fields say.
///
/// # Errors
/// When there is not exactly one ticket, its own read was not whole, no subject field is filled, or the
/// departure field holds no time.
pub fn case_from_ticket(ticket: &Snapshot, workflow: &Workflow) -> Result<Case, CaseError> {
    let document = the_ticket(ticket)?;
    let key = document.key.clone().unwrap_or_else(|| document.id.id.clone());
    let said = filled_in(ticket, document);
    let filled = |field: &Option<String>| filled(&said, field.as_ref()?);
    let who = subjects(&said, workflow);
    let fields = [&workflow.subject_field, &workflow.employee_number_field, &workflow.email_field];
    let fields: Vec<&str> = fields.into_iter().flatten().map(String::as_str).collect();
    if who.is_empty() {
        let fields = if fields.is_empty() { "none is configured".to_owned() } else { fields.join(", ") };
        return Err(CaseError::NoSubject { ticket: key, fields });
    }
    let departed = match filled(&workflow.departure_field) {
        None => None,
        Some(text) => Some(time(&text).ok_or_else(|| CaseError::NotATime {
            ticket: key.clone(),
            field: workflow.departure_field.clone().unwrap_or_default(),
            text: text.clone(),
        })?),
    };
    let said_by = format!("field {} of {key}", fields.join(", "));
    Ok(Case {
        id: key,
        subject: SubjectClaim { who, said_by },
        departed,
        ticket_system: Some(ticket.system.clone()),
    })
}

/// The ticket, then what was filled in for it in the portal and on its forms.
fn filled_in<'a>(snapshot: &'a Snapshot, ticket: &'a Document) -> Vec<&'a Document> {
    let mut filled: Vec<&Document> = snapshot
        .records()
        .filter_map(|(_, record)| match record {
            Record::Document(document) => Some(&**document),
            _ => None,
        })
        .filter(|document| matches!(document.doc_type, DocType::Request | DocType::Form))
        .filter(|document| document.parent.as_ref() == Some(&ticket.id))
        .collect();
    filled.sort_unstable();
    filled.insert(0, ticket);
    filled
}

/// What the first of these documents says in a field.
fn filled(documents: &[&Document], field: &str) -> Option<String> {
    let mut texts =
        documents.iter().filter_map(|document| document.fields.get(field)).map(|text| text.trim());
    texts.find(|text| !text.is_empty()).map(str::to_owned)
}

/// Whom documents name as the leaver, in the fields that say so.
pub(crate) fn subjects(documents: &[&Document], workflow: &Workflow) -> Vec<Who> {
    let picked = |field: &String| documents.iter().find_map(|document| document.people.get(field)).cloned();
    let picked = workflow.subject_field.as_ref().and_then(picked);
    let filled = |field: &Option<String>| filled(documents, field.as_ref()?);
    let number = filled(&workflow.employee_number_field)
        .map(|value| Who::Key(JoinKey { kind: KeyKind::EmployeeNumber, value, issuer: None }));
    [picked, number, filled(&workflow.email_field).map(Who::Email)].into_iter().flatten().collect()
}

fn the_ticket(ticket: &Snapshot) -> Result<&Document, CaseError> {
    let mut tickets: Vec<(&Document, &exeunt_model::Read)> = Vec::new();
    for (read, record) in ticket.records() {
        if let Record::Document(document) = record
            && document.doc_type == DocType::Ticket
            && !tickets.iter().any(|(known, _)| **known == **document)
        {
            tickets.push((document, read));
        }
    }
    let partial = |read: &exeunt_model::Read| match &read.receipt.outcome {
        Outcome::Complete => None,
        Outcome::Partial { reason, detail } => Some(CaseError::TicketNotWhole {
            system: ticket.system.to_string(),
            read: read.receipt.title(),
            why: format!("{} ({detail})", reason.words()),
        }),
    };
    match tickets.as_slice() {
        [(document, read)] => partial(read).map_or(Ok(document), Err),
        [] => Err(ticket
            .reads
            .iter()
            .find_map(partial)
            .unwrap_or_else(|| CaseError::NotOneTicket { system: ticket.system.to_string(), count: 0 })),
        several => Err(CaseError::NotOneTicket { system: ticket.system.to_string(), count: several.len() }),
    }
}

/// A time as tickets write it. A date alone means the end of that day, UTC: who works until the evening is not
/// to be accused of what they did at noon, and no read of that day proves anything yet.
fn time(text: &str) -> Option<Timestamp> {
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time);
    }
    if let Ok(date) = text.parse::<jiff::civil::Date>()
        && text.len() == "2026-11-20".len()
    {
        let next = date.tomorrow().ok()?;
        return next.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp());
    }
    // Jira writes the offset without a colon: 2026-11-20T09:00:00.000+0000.
    Timestamp::strptime("%Y-%m-%dT%H:%M:%S%.f%z", text).ok()
}

/// The one person a case is about.
pub(crate) fn subject<'a>(
    case: &Case,
    estate: &Estate<'a>,
    people: &People<'a>,
) -> Result<(&'a Ref, Subject), CaseError> {
    let mut candidates: Vec<Candidate> = Vec::new();
    let mut found: Option<&'a Ref> = None;
    for who in &case.subject.who {
        let matching = people.claimed(estate, who);
        if matching.is_empty() {
            return Err(CaseError::NobodyMatches {
                case: case.id.clone(),
                who: who.to_string(),
                said_by: case.subject.said_by.clone(),
                directory: people.directory.to_string(),
            });
        }
        found = matching.first().copied();
        candidates.extend(matching.into_iter().map(|person| Candidate {
            person: person.clone(),
            name: estate.name(person).to_owned(),
            by: who.to_string(),
        }));
    }
    let one = candidates.first().is_some_and(|first| candidates.iter().all(|c| c.person == first.person));
    match found {
        Some(leaver) if one => {
            let person = people.persons.get(leaver);
            let subject = Subject {
                identity: leaver.clone(),
                name: estate.name(leaver).to_owned(),
                keys: person.map(|p| p.keys.iter().map(|key| (*key).clone()).collect()).unwrap_or_default(),
                emails: person
                    .map(|p| p.emails.iter().map(|email| (*email).clone()).collect())
                    .unwrap_or_default(),
            };
            Ok((leaver, subject))
        }
        Some(_) => Err(CaseError::SeveralMatch {
            case: case.id.clone(),
            said_by: case.subject.said_by.clone(),
            candidates,
        }),
        None => Err(CaseError::NobodyMatches {
            case: case.id.clone(),
            who: "nobody".to_owned(),
            said_by: case.subject.said_by.clone(),
            directory: people.directory.to_string(),
        }),
    }
}

#[cfg(test)]
mod tests;
