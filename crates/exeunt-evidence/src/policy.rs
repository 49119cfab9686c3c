//! Trust policies (C2SP tlog-policy): which logs and witnesses are known, and how many witnesses make a head believable.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::VerifierKey;
use crate::checkpoint::Witnessed;
use crate::cosignature::stated_seconds;
use crate::encoding::from_decimal;
use crate::key::Algorithm;
use crate::note::{Note, NoteError, NoteVerifier};

/// The longest policy read, in bytes.
pub const MAX_POLICY: usize = 1 << 20;

/// A line of a policy that cannot be followed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the policy: {why}")]
pub struct PolicyError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub why: String,
}

/// A log or a witness of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    /// What the policy calls it; for a log, its origin.
    pub name: String,
    /// Its key.
    pub key: VerifierKey,
    /// Where it is reached, if the policy says.
    pub url: Option<String>,
}

/// A policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    logs: Vec<Party>,
    witnesses: Vec<Party>,
    /// Witnesses and groups in the order of their lines: a rule names only rules before it.
    rules: Vec<Rule>,
    quorum_name: String,
    /// Place of the quorum in the rules; `None` asks for no witness.
    quorum: Option<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Rule {
    Witness(usize),
    Group { threshold: u64, members: Vec<usize> },
}

/// Whether the witnesses of a policy cosigned a head as it asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quorum {
    /// What the policy calls it; `none` asks for no witness.
    pub name: String,
    /// Whether it is reached.
    pub reached: bool,
    /// Who cosigned, by the policy's names, each with its earliest time.
    pub witnessed: Vec<Witnessed>,
    /// Who is known to the policy and did not.
    pub absent: Vec<String>,
}

impl fmt::Display for Quorum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.witnessed.iter().map(|seen| seen.name.as_str()).collect();
        let list = |names: &[&str]| if names.is_empty() { "nobody".to_owned() } else { names.join(", ") };
        let reached = if self.reached { "reached" } else { "not reached" };
        write!(f, "the policy's quorum {} is {reached}: cosigned by {}", self.name, list(&names))?;
        let absent: Vec<&str> = self.absent.iter().map(String::as_str).collect();
        if absent.is_empty() { Ok(()) } else { write!(f, "; not by {}", list(&absent)) }
    }
}

impl Policy {
    /// Reads a policy file.
    ///
    /// # Errors
    /// The first line that cannot be followed.
    pub fn parse(bytes: &[u8]) -> Result<Self, PolicyError> {
        let lines = bytes.split_inclusive(|byte| *byte == b'\n');
        let mut reading = Reading::default();
        if bytes.len() > MAX_POLICY {
            return Err(PolicyError { line: 1, why: "the policy is longer than 1 MiB".into() });
        }
        let mut count = 0;
        for (line, text) in (1..).zip(lines) {
            reading.line(text).map_err(|why| PolicyError { line, why })?;
            count = line;
        }
        let quorum = reading.quorum.ok_or(PolicyError {
            line: count,
            why: "the policy ends without a quorum line; `quorum none` asks for no witness".into(),
        })?;
        let Reading { logs, witnesses, rules, .. } = reading;
        Ok(Self { logs, witnesses, rules, quorum_name: quorum.0, quorum: quorum.1 })
    }

    /// The logs; none if the log is known from elsewhere.
    #[must_use]
    pub fn logs(&self) -> &[Party] {
        &self.logs
    }

    /// The witnesses.
    #[must_use]
    pub fn witnesses(&self) -> &[Party] {
        &self.witnesses
    }

    /// Whether the policy takes heads of this log: it lists its key, or lists no log at all.
    #[must_use]
    pub fn takes(&self, log: &VerifierKey) -> bool {
        self.logs.is_empty() || self.lists(log)
    }

    /// Whether the policy lists this log.
    #[must_use]
    pub fn lists(&self, log: &VerifierKey) -> bool {
        self.logs.iter().any(|known| known.key == *log)
    }

    /// Who of the witnesses cosigned, and whether that is enough. The log's own signature is another question.
    ///
    /// # Errors
    /// A cosignature with the name and id of a known witness does not match.
    pub fn judge(&self, note: &Note) -> Result<Quorum, NoteError> {
        let known: Vec<&dyn NoteVerifier> =
            self.witnesses.iter().map(|party| &party.key as &dyn NoteVerifier).collect();
        let good = match note.verify(&known) {
            Err(NoteError::Unsigned { .. }) => Vec::new(),
            other => other?,
        };
        let mut times: BTreeMap<usize, u64> = BTreeMap::new();
        for (place, line) in good {
            if let Some(seconds) = stated_seconds(line) {
                times.entry(place).and_modify(|first| *first = seconds.min(*first)).or_insert(seconds);
            }
        }
        let mut holds: Vec<bool> = Vec::with_capacity(self.rules.len());
        for rule in &self.rules {
            holds.push(match rule {
                Rule::Witness(place) => times.contains_key(place),
                Rule::Group { threshold, members } => {
                    let of_members = members.iter().filter(|member| holds.get(**member) == Some(&true));
                    of_members.count() as u64 >= *threshold
                }
            });
        }
        let reached = self.quorum.is_none_or(|rule| holds.get(rule) == Some(&true));
        let (mut witnessed, mut absent) = (Vec::new(), Vec::new());
        for (place, party) in self.witnesses.iter().enumerate() {
            let name = party.name.clone();
            match times.get(&place) {
                Some(seconds) => witnessed.push(Witnessed { name, seconds: *seconds }),
                None => absent.push(name),
            }
        }
        Ok(Quorum { name: self.quorum_name.clone(), reached, witnessed, absent })
    }
}

/// A policy as far as it was read. Names are octets to the specification, and stay octets here.
#[derive(Default)]
struct Reading {
    logs: Vec<Party>,
    witnesses: Vec<Party>,
    rules: Vec<Rule>,
    names: BTreeMap<Vec<u8>, usize>,
    /// Rules that are a member of a group already.
    placed: BTreeSet<usize>,
    quorum: Option<(String, Option<usize>)>,
}

impl Reading {
    fn line(&mut self, line: &[u8]) -> Result<(), String> {
        // A file that was cut could ask for less than it did.
        let text = line.strip_suffix(b"\n").ok_or("it does not end in a newline: the policy was cut")?;
        if text.iter().any(|byte| (*byte < 0x20 && *byte != b'\t') || *byte == 0x7F) {
            return Err("it holds a control character".into());
        }
        let words: Vec<&[u8]> =
            text.split(|byte| matches!(byte, b' ' | b'\t')).filter(|word| !word.is_empty()).collect();
        match words.as_slice() {
            [] => Ok(()),
            [first, ..] if first.starts_with(b"#") => Ok(()),
            [b"log", key, url @ ..] => self.log(key, url),
            [b"witness", name, key, url @ ..] => self.witness(name, key, url),
            [b"group", name, threshold, members @ ..] => self.group(name, threshold, members),
            [b"quorum", name] => self.quorum(name),
            [first, ..] => Err(format!(
                "`{}` is not a line of the form `log VKEY [URL]`, `witness NAME VKEY [URL]`, `group NAME K MEMBER...` or `quorum NAME`",
                shown(first)
            )),
        }
    }

    fn log(&mut self, key: &[u8], url: &[&[u8]]) -> Result<(), String> {
        let key = vkey(key, Algorithm::Ed25519)?;
        if self.logs.iter().any(|known| known.key.same_public(&key)) {
            return Err(format!("the key of the log {} is there twice", key.name()));
        }
        self.logs.push(Party { name: key.name().to_owned(), key, url: one_url(url)? });
        Ok(())
    }

    fn witness(&mut self, name: &[u8], key: &[u8], url: &[&[u8]]) -> Result<(), String> {
        let key = vkey(key, Algorithm::CosignatureV1)?;
        if self.witnesses.iter().any(|known| known.key.same_public(&key)) {
            return Err(format!("the key of the witness {} is there twice", key.name()));
        }
        self.define(name, Rule::Witness(self.witnesses.len()))?;
        self.witnesses.push(Party { name: shown(name), key, url: one_url(url)? });
        Ok(())
    }

    fn group(&mut self, name: &[u8], threshold: &[u8], names: &[&[u8]]) -> Result<(), String> {
        let mut members = Vec::with_capacity(names.len());
        for member in names {
            let place = self.find(member)?;
            if !self.placed.insert(place) {
                return Err(format!("`{}` is a member twice", shown(member)));
            }
            members.push(place);
        }
        let count = members.len() as u64;
        let threshold = match threshold {
            b"all" => Some(count),
            b"any" => Some(1),
            number => std::str::from_utf8(number).ok().and_then(from_decimal),
        };
        let fits = |threshold: &u64| (1..=count).contains(threshold);
        let threshold = threshold
            .filter(fits)
            .ok_or(format!("a group of {count} wants `all`, `any` or a number from 1 to {count}"))?;
        self.define(name, Rule::Group { threshold, members })
    }

    fn quorum(&mut self, name: &[u8]) -> Result<(), String> {
        let rule = if name == b"none" { None } else { Some(self.find(name)?) };
        match self.quorum.replace((shown(name), rule)) {
            None => Ok(()),
            Some((first, _)) => Err(format!("there is a quorum already, `{first}`")),
        }
    }

    fn define(&mut self, name: &[u8], rule: Rule) -> Result<(), String> {
        if name == b"none" {
            return Err("`none` cannot be defined".into());
        }
        if self.names.insert(name.to_vec(), self.rules.len()).is_some() {
            return Err(format!("`{}` is defined twice", shown(name)));
        }
        self.rules.push(rule);
        Ok(())
    }

    fn find(&self, name: &[u8]) -> Result<usize, String> {
        self.names.get(name).copied().ok_or(format!("`{}` is not defined on a line before", shown(name)))
    }
}

fn shown(octets: &[u8]) -> String {
    String::from_utf8_lossy(octets).into_owned()
}

fn vkey(octets: &[u8], algorithm: Algorithm) -> Result<VerifierKey, String> {
    let key: VerifierKey = shown(octets).parse().map_err(|why: crate::key::KeyError| why.to_string())?;
    if key.algorithm() == algorithm {
        return Ok(key);
    }
    let (found, wanted) = (key.algorithm().type_byte(), algorithm.type_byte());
    Err(format!("the key {} has signature type {found:#04x}; here it must be {wanted:#04x}", key.name()))
}

fn one_url(words: &[&[u8]]) -> Result<Option<String>, String> {
    match words {
        [] => Ok(None),
        [url] => Ok(Some(shown(url))),
        _ => Err("there is something after the URL".into()),
    }
}
