//! From the JSON a mapping gives to a record: references made whole, every field checked.

use serde::de::DeserializeOwned;

use exeunt_model::{Record, SystemId};

use super::Subject;
use super::reader::{Reader, Role};

/// What a mapping gave is not a record. Names fields, never their contents.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadRecord {
    /// Not an object with a known `record` tag.
    #[error("it is not an object with a `record` of account, group, membership, …")]
    NoRecord,
    /// A field that has to be a reference is none.
    #[error("its field `{field}` is no reference: {why}")]
    Reference {
        /// The field.
        field: String,
        /// What is wrong with it.
        why: String,
    },
    /// A field is missing, unknown or of another type.
    #[error("a record of `{noun}` cannot be made: {why}")]
    Shape {
        /// The record's tag.
        noun: String,
        /// What is wrong, in the deserialiser's words.
        why: String,
    },
}

/// The fields of one sort of record that hold references.
pub(super) struct Fields {
    /// Hold one reference.
    pub(super) refs: &'static [&'static str],
    /// Hold a list of references.
    pub(super) lists: &'static [&'static str],
    /// Hold somebody: `{"object": reference}` or a login, address or key.
    pub(super) whos: &'static [&'static str],
    /// Hold somebody for each key.
    pub(super) maps: &'static [&'static str],
}

const NAMED: Fields = Fields { refs: &["id"], lists: &[], whos: &[], maps: &[] };

/// Makes a record of system `home` from what a mapping gave. `noun/id` becomes `home/noun/id` in
/// the fields that hold references, and nowhere else: a name may look like one.
///
/// # Errors
/// When it is no record, or a field is missing, unknown, or not what it has to be.
pub fn record(given: &Subject, home: &SystemId) -> Result<Record, BadRecord> {
    let noun = given.text("record").unwrap_or_default();
    match noun.as_str() {
        "identity" => make(given, home, &Fields { whos: &["manager"], ..NAMED }, Record::Identity),
        "account" => make(given, home, &NAMED, Record::Account),
        "group" => make(given, home, &NAMED, Record::Group),
        "resource" => make(given, home, &NAMED, Record::Resource),
        "membership" => {
            make(given, home, &Fields { refs: &["group"], whos: &["member"], ..NAMED }, Record::Membership)
        }
        "grant" => {
            make(given, home, &Fields { refs: &["resource"], whos: &["subject"], ..NAMED }, Record::Grant)
        }
        "credential" => {
            make(given, home, &Fields { lists: &["opens"], whos: &["holder"], ..NAMED }, Record::Credential)
        }
        "integration" => {
            make(given, home, &Fields { lists: &["opens"], whos: &["acts_as"], ..NAMED }, Record::Integration)
        }
        "ownership" => {
            make(given, home, &Fields { refs: &["subject"], whos: &["owner"], ..NAMED }, Record::Ownership)
        }
        "act_as" => {
            make(given, home, &Fields { refs: &["target"], whos: &["actor"], ..NAMED }, Record::ActAs)
        }
        "document" => {
            let fields =
                &Fields { refs: &["id", "parent"], lists: &["links"], whos: &["author"], maps: &["people"] };
            make(given, home, fields, Record::Document)
        }
        "event" => {
            make(given, home, &Fields { refs: &["id", "subject"], whos: &["actor"], ..NAMED }, Record::Event)
        }
        _ => Err(BadRecord::NoRecord),
    }
    .map_err(|error| match error {
        BadRecord::Shape { why, .. } => BadRecord::Shape { noun, why },
        other => other,
    })
}

fn make<T: DeserializeOwned>(
    given: &Subject,
    home: &SystemId,
    fields: &'static Fields,
    wrap: fn(T) -> Record,
) -> Result<Record, BadRecord> {
    T::deserialize(Reader { value: &given.0, role: Role::Record(fields), home }).map(wrap)
}

#[cfg(test)]
mod tests {
    use exeunt_model::{Record, SystemId};
    use serde_json::json;

    use super::super::Subject;
    use super::{BadRecord, record};

    fn to_record(given: serde_json::Value, home: &SystemId) -> Result<exeunt_model::Record, BadRecord> {
        record(&Subject::from(given), home)
    }

    fn home() -> SystemId {
        SystemId::new("github").expect("a fine name")
    }

    /// A repository called `account/7` must keep its name; only references are made whole.
    #[test]
    fn references_become_whole_and_names_do_not() {
        let given = json!({"record": "credential", "id": "credential/1", "kind": "token.user",
            "native_type": "PAT", "name": "account/7", "state": "active", "scopes": ["group/x"],
            "opens": ["resource/9"], "holder": {"object": "account/7"}});
        let Record::Credential(token) = to_record(given, &home()).expect("a record") else { panic!() };
        assert_eq!(token.id.to_string(), "github/credential/1");
        assert_eq!(token.opens[0].to_string(), "github/resource/9");
        assert_eq!(token.holder.expect("held").to_string(), "github/account/7");
        assert_eq!((token.name.as_str(), token.scopes[0].as_str()), ("account/7", "group/x"));
    }

    /// A row without id must never become an account called `null`.
    #[test]
    fn a_missing_id_is_named() {
        let given = json!({"record": "account", "id": "account/null", "login": "x",
            "state": "active", "native_state": "active"});
        let refused = to_record(given, &home()).expect_err("no id");
        assert!(matches!(refused, BadRecord::Reference { .. }), "{refused}");
    }

    /// A typo in a mapping must not lose a fact silently.
    #[test]
    fn unknown_fields_and_records_are_refused() {
        let typo = json!({"record": "group", "id": "group/1", "name": "x", "privleged": true});
        assert!(to_record(typo, &home()).expect_err("typo").to_string().contains("privleged"));
        assert_eq!(to_record(json!({"record": "user"}), &home()), Err(BadRecord::NoRecord));
        assert_eq!(to_record(json!("text"), &home()), Err(BadRecord::NoRecord));
    }

    /// People in a ticket's fields are references too.
    #[test]
    fn people_of_documents_are_made_whole() {
        let given = json!({"record": "document", "id": "document/1", "doc_type": "ticket",
            "parent": "document/0", "people": {"assignee": {"object": "account/5"}}});
        let Record::Document(ticket) = to_record(given, &home()).expect("a record") else { panic!() };
        assert_eq!(ticket.people["assignee"].to_string(), "github/account/5");
        assert_eq!(ticket.parent.expect("has one").to_string(), "github/document/0");
    }
}
