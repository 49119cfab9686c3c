//! Every jq program of a manifest, compiled once.

use std::collections::BTreeMap;
use std::sync::Arc;

use exeunt_model::PartialReason;
use exeunt_model::manifest::{Control, Manifest, Paging, ReadRule};

use super::Findings;
use crate::mapper::Mapper;

/// The programs of a manifest.
#[derive(Debug, Default)]
pub struct Programs {
    /// Of each read.
    pub reads: BTreeMap<String, Arc<ReadPrograms>>,
    /// Of each read of a ticket.
    pub ticket: BTreeMap<String, Arc<ReadPrograms>>,
    /// The reader's name.
    pub reader: Option<Mapper>,
    /// What the credential may do beyond reading.
    pub rights: Option<Mapper>,
}

/// The programs of one read. Each sees `$settings`, and `$name` for every name bound by `each`
/// (for a ticket's reads also `$issue`), in the order of `variables`.
#[derive(Debug)]
pub struct ReadPrograms {
    /// The names of the variables.
    pub variables: Vec<String>,
    /// Page to rows.
    pub rows: Mapper,
    /// Row to records.
    pub map: Mapper,
    /// Fields that each row must have.
    pub require: Vec<String>,
    /// Whether a row may give no record.
    pub may_skip: bool,
    /// The row that is the positive control.
    pub control: Option<Mapper>,
    /// Bodies that are refusals: when, what it means, the vendor's words.
    pub refusals: Vec<(Mapper, PartialReason, Option<Mapper>)>,
    /// The status and body that mean "there are none".
    pub none: Option<(u16, Mapper)>,
    /// What paging takes from a page.
    pub paging: PagingPrograms,
    /// Rules that tell what sort of actor a row is: when, and which of the manifest's rules.
    pub kinds: Vec<(Mapper, usize)>,
    /// For each read that runs once per row of this one, by name.
    pub children: BTreeMap<String, EachPrograms>,
}

/// What paging takes from a page (or, for a keyset, from its last row).
#[derive(Debug, Default)]
pub struct PagingPrograms {
    /// Cursor, next URL or key.
    pub from: Option<Mapper>,
    /// Whether `from` is asked of the last row and not of the page.
    pub on_last_row: bool,
    /// Whether there is more, or whether this was the last.
    pub flag: Option<Mapper>,
    /// The number of all rows or pages.
    pub count: Option<Mapper>,
}

/// How rows of one read become scopes of another.
#[derive(Debug)]
pub struct EachPrograms {
    /// Names and values.
    pub bind: BTreeMap<String, Mapper>,
    /// Which rows count.
    pub when: Option<Mapper>,
}

/// The variables that programs of a read may use.
pub(super) fn variables(rule: &ReadRule, ticket: bool) -> Vec<String> {
    let mut names = vec!["settings".to_owned()];
    if ticket {
        names.push("issue".to_owned());
    }
    names.extend(rule.each.iter().flat_map(|each| each.bind.keys().cloned()));
    names
}

/// Compiles everything; what does not compile is a finding, and the result is then not used.
pub(super) fn compile(manifest: &Manifest, findings: &mut Findings<'_>) -> Programs {
    let mut programs = Programs::default();
    if let Some(rule) = &manifest.reader {
        programs.reader = program(&rule.name, &[], &["reader", "name"], findings);
    }
    if let Some(rule) = &manifest.rights {
        programs.rights = program(&rule.beyond, &[], &["rights", "beyond"], findings);
    }
    for (family, reads, into) in
        [("reads", &manifest.reads, &mut programs.reads), ("ticket", &manifest.ticket, &mut programs.ticket)]
    {
        for (name, rule) in reads {
            let mut compiler = Compiler {
                manifest,
                findings,
                place: [family, name],
                rule,
                vars: variables(rule, family == "ticket"),
            };
            if let Some(done) = compiler.read(name, reads) {
                into.insert(name.clone(), Arc::new(done));
            }
        }
    }
    programs
}

fn program(code: &str, vars: &[String], place: &[&str], findings: &mut Findings<'_>) -> Option<Mapper> {
    let names: Vec<&str> = vars.iter().map(String::as_str).collect();
    match Mapper::compile(code, &names) {
        Ok(mapper) => Some(mapper),
        Err(error) => {
            let known = names.iter().map(|name| format!("${name}")).collect::<Vec<_>>().join(", ");
            let hint = if error.found.starts_with('$') {
                format!("the variables here are: {known}")
            } else {
                "this is jq; see `exeunt connectors show` for a manifest that loads".to_owned()
            };
            findings.add(place, format!("the expression does not compile: {error}"), hint);
            None
        }
    }
}

struct Compiler<'a, 'f> {
    manifest: &'a Manifest,
    findings: &'a mut Findings<'f>,
    place: [&'a str; 2],
    rule: &'a ReadRule,
    vars: Vec<String>,
}

impl Compiler<'_, '_> {
    fn code(&mut self, code: &str, under: &[&str]) -> Option<Mapper> {
        let place = [&self.place[..], under].concat();
        program(code, &self.vars, &place, self.findings)
    }

    fn maybe(&mut self, code: Option<&String>, under: &[&str]) -> Option<Mapper> {
        code.and_then(|code| self.code(code, under))
    }

    fn read(&mut self, name: &str, family: &BTreeMap<String, ReadRule>) -> Option<ReadPrograms> {
        let rule = self.rule;
        let rows = self.code(&rule.rows, &["rows"]);
        let map = self.code(&rule.map, &["map"]);
        let control = match &rule.control {
            Control::Row { matching } => self.code(matching, &["control", "row", "matching"]),
            _ => None,
        };
        let refusals = self.refusals();
        let none = rule
            .none_when
            .as_ref()
            .and_then(|none| self.code(&none.when, &["none_when", "when"]).map(|when| (none.status, when)));
        let paging = self.paging();
        let kinds = self.kinds(name);
        let children = self.children(name, family);
        Some(ReadPrograms {
            variables: self.vars.clone(),
            rows: rows?,
            map: map?,
            require: rule.require.clone(),
            may_skip: rule.may_skip.is_some(),
            control,
            refusals,
            none,
            paging,
            kinds,
            children,
        })
    }

    fn refusals(&mut self) -> Vec<(Mapper, PartialReason, Option<Mapper>)> {
        let mut list = Vec::new();
        for (index, refusal) in self.rule.refused_when.iter().enumerate() {
            let index = index.to_string();
            let says = self.maybe(refusal.says.as_ref(), &["refused_when", &index, "says"]);
            let when = self.code(&refusal.when, &["refused_when", &index, "when"]);
            list.extend(when.map(|when| (when, refusal.reason, says)));
        }
        list
    }

    fn paging(&mut self) -> PagingPrograms {
        let (style, from, flag, count) = match &self.rule.paging {
            Paging::None { .. } | Paging::Link { .. } | Paging::LdapPaged { .. } => ("", None, None, None),
            Paging::NextUrl { from } => ("next_url", Some(("from", from)), None, None),
            Paging::Cursor { from, more, .. } => {
                ("cursor", Some(("from", from)), more.as_ref().map(|m| ("more", m)), None)
            }
            Paging::Offset { total, last, .. } => {
                let total = total.as_ref().map(|t| ("total", t));
                ("offset", None, last.as_ref().map(|l| ("last", l)), total)
            }
            Paging::Page { pages, .. } => ("page", None, None, pages.as_ref().map(|pages| ("pages", pages))),
            Paging::Keyset { from, .. } => ("keyset", Some(("from", from)), None, None),
        };
        let mut one = |part: Option<(&str, &String)>| {
            part.and_then(|(key, code)| self.code(code, &["paging", style, key]))
        };
        let on_last_row = style == "keyset";
        PagingPrograms { from: one(from), on_last_row, flag: one(flag), count: one(count) }
    }

    fn kinds(&mut self, read: &str) -> Vec<(Mapper, usize)> {
        if self.place[0] == "ticket" {
            return Vec::new();
        }
        let mut list = Vec::new();
        for (index, rule) in self.manifest.identity_kinds.iter().enumerate() {
            if rule.reads.is_empty() || rule.reads.iter().any(|name| name == read) {
                let place = ["identity_kinds", &index.to_string(), "when"];
                let when = program(&rule.when, &self.vars, &place, self.findings);
                list.extend(when.map(|when| (when, index)));
            }
        }
        list
    }

    fn children(
        &mut self,
        name: &str,
        family: &BTreeMap<String, ReadRule>,
    ) -> BTreeMap<String, EachPrograms> {
        let mut children = BTreeMap::new();
        let below = family.iter().filter_map(|(child, rule)| Some((child, rule.each.as_ref()?)));
        for (child, each) in below.filter(|(_, each)| each.read == name) {
            let mut bind = BTreeMap::new();
            for (key, code) in &each.bind {
                let place = [self.place[0], child, "each", "bind", key];
                let done = program(code, &self.vars, &place, self.findings);
                bind.extend(done.map(|done| (key.clone(), done)));
            }
            let place = [self.place[0], child, "each", "when"];
            let when = each.when.as_ref().and_then(|code| program(code, &self.vars, &place, self.findings));
            children.insert(child.clone(), EachPrograms { bind, when });
        }
        children
    }
}
