//! The role that a request of AWS is made as: the account from a row, everything else from the operator.

use exeunt_model::manifest::AwsAssume;

use super::render::{Unfilled, Values};
use crate::protocol::aws::assume::Role;

/// The role, filled in and checked.
pub(super) fn role(assume: &AwsAssume, values: &Values<'_>) -> Result<Role, Unfilled> {
    // A row that bound a setting's name would be refused when the manifest is loaded; here it has no say either.
    let operator = Values { bound: &std::collections::BTreeMap::new(), ..*values };
    let account = values.plain(&assume.account)?;
    let (name, external_id) = (operator.plain(&assume.role)?, operator.plain(&assume.external_id)?);
    Role::new(&account, &name, &external_id, &assume.only)
        .map_err(|why| Unfilled::Impossible(why.to_string()))
}

/// The role at the end of a request in one line.
pub(super) fn words(role: Option<&Role>) -> String {
    role.map(|role| format!(" in the account {} as {}", role.account(), role.arn())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use exeunt_model::manifest::AwsAssume;

    use super::{role, words};
    use crate::collect::render::Values;

    fn filled(account: &str, name: &str, external_id: &str) -> Result<String, String> {
        let assume = AwsAssume {
            account: "{account}".to_owned(),
            role: "{role}".to_owned(),
            external_id: "{external_id}".to_owned(),
            only: vec!["iam:List*".to_owned()],
        };
        let map = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
            pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
        };
        // A row that says what the role is called is not asked.
        let bound = map(&[("account", account), ("role", "Administrator")]);
        let settings = map(&[("role", name), ("external_id", external_id)]);
        let values = Values { settings: &settings, bound: &bound, issue: None };
        role(&assume, &values).map(|role| words(Some(&role))).map_err(|why| why.to_string())
    }

    /// Whoever can name an account in the organization must not send our keys, or our questions, anywhere else.
    #[test]
    fn a_row_chooses_an_account_by_its_number_and_nothing_else() {
        let at = filled("111122223333", "audit/exeunt", "acme:1");
        let arn = "arn:aws:iam::111122223333:role/audit/exeunt";
        assert_eq!(at, Ok(format!(" in the account 111122223333 as {arn}")));
        for account in
            ["", "11112222333", "1111222233334", "11112222333a", "111122223333:role/x", "١١١١٢٢٢٢٣٣٣٣", "*"]
        {
            let refused = filled(account, "exeunt", "").expect_err(account);
            assert!(refused.contains("twelve digits"), "{refused}");
        }
        for name in ["", "/exeunt", "a//b", "exeunt:x", "{role}", "*", "a b"] {
            assert!(filled("111122223333", name, "").is_err(), "{name}");
        }
        let refused = filled("111122223333", "exeunt", "a b").expect_err("no external id");
        assert!(!refused.contains("a b"), "{refused}");
    }
}
