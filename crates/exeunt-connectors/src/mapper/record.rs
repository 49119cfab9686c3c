//! From the JSON a mapping gives to a record: references made whole, every field checked.

use serde_json::Value;

use exeunt_model::{Record, Ref, SystemId};

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
struct Fields {
    /// Hold one reference.
    refs: &'static [&'static str],
    /// Hold a list of references.
    lists: &'static [&'static str],
    /// Hold somebody: `{"object": reference}` or a login, address or key.
    whos: &'static [&'static str],
    /// Hold somebody for each key.
    maps: &'static [&'static str],
}

fn fields(noun: &str) -> Option<Fields> {
    let of = |refs, lists, whos, maps| Some(Fields { refs, lists, whos, maps });
    match noun {
        "identity" => of(&["id"], &[], &["manager"], &[]),
        "account" | "group" | "resource" => of(&["id"], &[], &[], &[]),
        "membership" => of(&["group"], &[], &["member"], &[]),
        "grant" => of(&["resource"], &[], &["subject"], &[]),
        "credential" => of(&["id"], &["opens"], &["holder"], &[]),
        "integration" => of(&["id"], &["opens"], &["acts_as"], &[]),
        "ownership" => of(&["subject"], &[], &["owner"], &[]),
        "act_as" => of(&["target"], &[], &["actor"], &[]),
        "document" => of(&["id", "parent"], &[], &["author"], &["people"]),
        "event" => of(&["id", "subject"], &[], &["actor"], &[]),
        _ => None,
    }
}

/// Makes a record of system `home` from what a mapping gave. `noun/id` becomes `home/noun/id` in
/// the fields that hold references, and nowhere else: a name may look like one.
///
/// # Errors
/// When it is no record, or a field is missing, unknown, or not what it has to be.
pub fn to_record(mut value: Value, home: &SystemId) -> Result<Record, BadRecord> {
    let noun = value.get("record").and_then(Value::as_str).unwrap_or_default().to_owned();
    let fields = fields(&noun).ok_or(BadRecord::NoRecord)?;
    for field in fields.refs {
        localise(&mut value, field, home)?;
    }
    for field in fields.lists {
        if let Some(Value::Array(items)) = value.get_mut(*field) {
            for item in items {
                localise_value(item, field, home)?;
            }
        }
    }
    for field in fields.whos {
        if let Some(who) = value.get_mut(*field) {
            localise(who, "object", home)?;
        }
    }
    for field in fields.maps {
        if let Some(Value::Object(people)) = value.get_mut(*field) {
            for who in people.values_mut() {
                localise(who, "object", home)?;
            }
        }
    }
    serde_json::from_value(value).map_err(|error| BadRecord::Shape { noun, why: error.to_string() })
}

fn localise(holder: &mut Value, field: &str, home: &SystemId) -> Result<(), BadRecord> {
    match holder.get_mut(field) {
        Some(value @ Value::String(_)) => localise_value(value, field, home),
        // Absent, null or of another type: the deserialiser says what is wrong with it.
        _ => Ok(()),
    }
}

fn localise_value(value: &mut Value, field: &str, home: &SystemId) -> Result<(), BadRecord> {
    let Value::String(text) = value else { return Ok(()) };
    let reference = Ref::localise(text, home)
        .map_err(|error| BadRecord::Reference { field: field.to_owned(), why: error.to_string() })?;
    *value = Value::String(reference.to_string());
    Ok(())
}

#[cfg(test)]
mod tests {
    use exeunt_model::{Record, SystemId};
    use serde_json::json;

    use super::{BadRecord, to_record};

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
