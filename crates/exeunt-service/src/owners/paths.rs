//! CODEOWNERS as rules of the register: the first owner of a line answers, the others are deputies.

use exeunt_model::SystemId;
use exeunt_model::config::Config;
use exeunt_model::owners::{
    Login, Mention, Owner, PathRegister, PathRule, Person, RegisterFile, Team, code_owners,
};

use super::{Fault, unknown_system};

/// Reads a file.
pub(super) fn read(file: &RegisterFile, config: &Config, text: &str) -> Result<PathRegister, Fault> {
    let system = file.system.clone().ok_or_else(|| {
        Fault::new(0, "CODEOWNERS does not say where its paths are; set `system`, and `repository` if it is of one repository")
    })?;
    if let Some(what) = unknown_system(config, system.as_str()) {
        return Err(Fault::new(0, what));
    }
    if let (Some(from), Some(until)) = (file.from, file.until)
        && from >= until
    {
        return Err(Fault::new(0, format!("it is in force from {from} until {until}, which is never")));
    }
    let rules = code_owners(text).map_err(|error| Fault {
        line: error.line,
        column: u64::try_from(error.column).unwrap_or_default(),
        what: error.what,
    })?;
    let rules = rules.into_iter().map(|rule| PathRule {
        line: rule.line,
        section: rule.section,
        optional: rule.optional,
        excludes: rule.excludes,
        pattern: rule.pattern,
        owners: rule.owners.iter().map(|mention| owner(mention, &system)).collect(),
    });
    Ok(PathRegister {
        file: file.path.clone(),
        precedence: file.precedence,
        rules: rules.collect(),
        repository: file.repository.clone(),
        domains: file.domains(),
        deadline: file.deadline,
        escalation: file.escalation.clone(),
        from: file.from,
        until: file.until,
        system,
    })
}

fn owner(mention: &Mention, system: &SystemId) -> Owner {
    let team = |name: String| Owner::Team(Team { name, ..Team::default() });
    match mention {
        Mention::Login(login) => {
            let login = Login { system: system.clone(), login: login.clone() };
            Owner::Person(Person { login: Some(login), ..Person::default() })
        }
        Mention::Team(name) => team(name.clone()),
        Mention::Role(role) => team(format!("everybody with the role {role}")),
        Mention::Email(address) => Owner::Person(Person::by_email(address)),
    }
}
