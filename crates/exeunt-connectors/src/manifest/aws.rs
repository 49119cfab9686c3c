//! What the types cannot say of an action of AWS: which API takes what, where keys may go, and which role may be assumed.

use exeunt_model::manifest::{AwsAssume, AwsRequest, Manifest};

use super::Findings;
use crate::template::{self, Part};

/// Checks one action.
pub(super) fn request(manifest: &Manifest, aws: &AwsRequest, place: &[&str], findings: &mut Findings<'_>) {
    if let Some(role) = &aws.assume {
        assume(manifest, role, &[place, &["aws", "assume"]].concat(), findings);
    }
    let mut add = |key: &str, says: &str, hint: &str| {
        findings.add(&[place, &["aws", key]].concat(), says, hint);
    };
    let Some(json) = &aws.json else {
        if aws.body.is_some() {
            add("body", "a query API takes no JSON", "use `params`, or say under `json` which service it is");
        }
        return;
    };
    if !aws.params.is_empty() || !aws.lists.is_empty() {
        add("json", "`params` and `lists` belong to query APIs", "put parameters into `body`");
    }
    if aws.body.as_ref().is_some_and(|body| !body.is_object()) {
        add("body", "the JSON to ask with is an object", "write `{ Name: value }`");
    }
    if !matches!(json.version.as_str(), "1.0" | "1.1") {
        add("json", "the version of the JSON protocol is `1.0` or `1.1`", "see the service's description");
    }
    let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    if !json.host.replace("{region}", "r").chars().all(fine) || !json.host.ends_with(".amazonaws.com") {
        add(
            "json",
            "`host` is a name below amazonaws.com, with `{region}` at most",
            "the keys go nowhere else",
        );
    }
}

/// The texts of a role that may hold `{name}`.
pub(super) fn texts(role: &AwsAssume) -> [&str; 3] {
    [&role.account, &role.role, &role.external_id]
}

/// What is read may choose an account by its number, and never a role.
fn assume(manifest: &Manifest, role: &AwsAssume, place: &[&str], findings: &mut Findings<'_>) {
    let mut add = |key: &str, says: String, hint: &str| findings.add(&[place, &[key]].concat(), says, hint);
    if !matches!(template::parts(&role.account).as_slice(), [Part::Name(_)]) {
        add("account", "an account is one `{name}`".to_owned(), "bind the account's number under `each`");
    }
    for (key, text) in [("role", &role.role), ("external_id", &role.external_id)] {
        for name in template::names(text).filter(|name| !manifest.settings.contains_key(*name)) {
            add(key, format!("`{{{name}}}` is no setting"), "only the operator says which role is assumed");
        }
    }
    let reads = |action: &String| {
        let name = action.split_once(':').map_or("", |(_, name)| name);
        ["Get", "List", "Describe"].iter().any(|verb| name.starts_with(verb))
    };
    if role.only.is_empty() || !role.only.iter().all(reads) {
        let says = "a session may only do what begins with Get, List or Describe".to_owned();
        add("only", says, "list the actions of the reads, such as `iam:List*`");
    }
}

#[cfg(test)]
mod tests {
    use crate::manifest::load;

    const ORGANIZATION: &str = include_str!("../../../../connectors/aws-organization/manifest.yaml");

    /// A manifest that let a row name the role, or a session do more than read, must not load.
    #[test]
    fn a_role_is_the_operators_and_its_session_only_reads() {
        assert!(load(ORGANIZATION, "manifest.yaml").is_ok());
        for (was, becomes, says) in [
            ("account: \"{account}\"", "account: \"1{account}\"", "an account is one `{name}`"),
            ("account: \"{account}\"", "account: \"{acount}\"", "neither a setting nor bound"),
            ("role: \"{role_name}\"", "role: \"{account}\"", "`{account}` is no setting"),
            ("external_id: \"{external_id}\"", "external_id: \"{account}\"", "`{account}` is no setting"),
            ("only: [\"iam:Get*\", \"iam:List*\"]", "only: []", "begins with Get, List or Describe"),
            ("only: [\"iam:Get*\", \"iam:List*\"]", "only: [\"iam:Get*\", \"iam:*\"]", "begins with Get"),
            ("only: [\"iam:Get*\", \"iam:List*\"]", "only: [\"*\"]", "begins with Get"),
        ] {
            assert!(ORGANIZATION.contains(was), "{was}");
            let refused = load(&ORGANIZATION.replace(was, becomes), "manifest.yaml").expect_err(becomes);
            assert!(refused.to_string().contains(says), "{becomes}: {refused}");
        }
    }
}
