//! The script's output: sections of rows, each with an end that says whether it is whole.

use std::collections::BTreeMap;

use exeunt_model::PartialReason;
use exeunt_model::manifest::SshSection;

use super::Failure;

/// What the first line says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Head {
    /// The host's time, in days since 1970, as account expiry is counted.
    pub(super) today: i64,
}

/// A section's rows, and why it is not whole.
#[derive(Debug, Default)]
struct Section {
    rows: Vec<String>,
    ended: Option<(String, String)>,
}

/// The parts of one answer.
#[derive(Debug)]
pub(super) struct Sections {
    pub(super) head: Head,
    parts: BTreeMap<String, Section>,
}

impl Sections {
    /// Takes the output apart. Without its first and its last line it is not an answer.
    pub(super) fn parse(output: &[u8]) -> Result<Self, Failure> {
        let text = String::from_utf8_lossy(output);
        let mut lines = text.lines();
        let first = lines.next().unwrap_or_default();
        let head = head(first)?;
        let mut parts: BTreeMap<String, Section> = BTreeMap::new();
        let (mut open, mut whole) = (None::<String>, false);
        for line in lines {
            let (tag, rest) = line.split_once('\t').unwrap_or((line, ""));
            match (tag, &open) {
                ("Z", None) => whole = true,
                _ if whole => return super::strange("the end", line),
                ("B", None) if !parts.contains_key(rest) => {
                    parts.insert(rest.to_owned(), Section::default());
                    open = Some(rest.to_owned());
                }
                ("R", Some(name)) => {
                    if let Some(section) = parts.get_mut(name) {
                        section.rows.push(rest.to_owned());
                    }
                }
                ("E", Some(name)) => {
                    let mut fields = rest.splitn(3, '\t');
                    if fields.next() != Some(name) {
                        return super::strange(name, line);
                    }
                    let state = fields.next().unwrap_or_default().to_owned();
                    let why = fields.next().unwrap_or_default().to_owned();
                    if let Some(section) = parts.get_mut(name) {
                        section.ended = Some((state, why));
                    }
                    open = None;
                }
                _ => return super::strange(open.as_deref().unwrap_or("the answer"), line),
            }
        }
        if whole { Ok(Self { head, parts }) } else { Err(cut(output.len())) }
    }

    /// The rows of a part, if it is whole.
    pub(super) fn take(&mut self, section: SshSection) -> Result<Vec<String>, Failure> {
        self.check(section)?;
        Ok(self.parts.remove(section.as_str()).map(|part| part.rows).unwrap_or_default())
    }

    /// The rows of a part, whole or not.
    pub(super) fn rows(&self, section: SshSection) -> &[String] {
        self.parts.get(section.as_str()).map_or(&[], |part| &part.rows)
    }

    fn check(&self, section: SshSection) -> Result<(), Failure> {
        let ended = self.parts.get(section.as_str()).and_then(|part| part.ended.as_ref());
        match ended.map(|(state, why)| (state.as_str(), why.as_str())) {
            Some(("ok", _)) => Ok(()),
            Some(("refused", why)) => Err((
                PartialReason::MissingPermission,
                format!("{why}. Let our user read it: see the connector's notes on sudo"),
            )),
            Some(("missing", why)) => {
                Err((PartialReason::NotFound, format!("{why}, so that it cannot be read")))
            }
            _ => Err((PartialReason::SchemaChanged, "its answer has no such section".to_owned())),
        }
    }
}

fn head(line: &str) -> Result<Head, Failure> {
    let fields: Vec<&str> = line.split('\t').collect();
    let ["X", "1", _, _, seconds] = fields.as_slice() else {
        if line.is_empty() {
            return Err(cut(0));
        }
        return Err((
            PartialReason::SchemaChanged,
            "what came is not the answer of our script. A command of the host's own for our key, or a greeting of its shell?"
                .to_owned(),
        ));
    };
    let seconds: i64 = seconds.parse().map_err(|_| cut(line.len()))?;
    Ok(Head { today: seconds.div_euclid(86_400) })
}

fn cut(bytes: usize) -> Failure {
    (
        PartialReason::Truncated,
        format!("its answer ended after {bytes} bytes, before the end. Try again later"),
    )
}

#[cfg(test)]
mod tests {
    use exeunt_model::PartialReason;
    use exeunt_model::manifest::SshSection;

    use super::Sections;

    const WHOLE: &str = "X\t1\tweb1\t0\t1795626740\nB\tkeys\nR\tada\t/x\tE\tkeys\tok\t\nE\tkeys\trefused\tno sudo\nB\tsudo\nE\tsudo\tok\t\nZ\n";

    /// An answer that was cut anywhere must never be a shorter list of keys.
    #[test]
    fn an_answer_cut_anywhere_is_no_answer() {
        assert!(Sections::parse(WHOLE.as_bytes()).is_ok());
        for end in 0..WHOLE.len() - 2 {
            assert!(Sections::parse(&WHOLE.as_bytes()[..end]).is_err(), "cut at {end}");
        }
    }

    /// What a file holds cannot end a section, and a refused section is no empty one.
    #[test]
    fn rows_stay_rows_and_refusals_are_said() {
        let mut sections = Sections::parse(WHOLE.as_bytes()).expect("whole");
        assert_eq!(sections.rows(SshSection::Keys), ["ada\t/x\tE\tkeys\tok\t"]);
        assert_eq!(sections.take(SshSection::Keys).map_err(|e| e.0), Err(PartialReason::MissingPermission));
        assert_eq!(sections.take(SshSection::Sudo), Ok(Vec::new()));
        assert_eq!(sections.take(SshSection::Jobs).map_err(|e| e.0), Err(PartialReason::SchemaChanged));
    }

    /// A shell's greeting, another program's output, rows outside of a section, a second end.
    #[test]
    fn other_output_is_no_answer() {
        let reason = |text: &str| Sections::parse(text.as_bytes()).err().map(|(reason, _)| reason);
        assert_eq!(reason("Welcome!\nX\t1\tweb1\t0\t1\nZ\n"), Some(PartialReason::SchemaChanged));
        assert_eq!(reason("X\t2\tweb1\t0\t1\nZ\n"), Some(PartialReason::SchemaChanged));
        assert_eq!(reason("X\t1\tweb1\t0\t1\nR\trow\nZ\n"), Some(PartialReason::SchemaChanged));
        assert_eq!(reason("X\t1\tweb1\t0\t1\nZ\nB\tkeys\n"), Some(PartialReason::SchemaChanged));
        assert_eq!(
            reason("X\t1\tweb1\t0\t1\nB\tkeys\nE\tkeys\tok\t\nB\tkeys\n"),
            Some(PartialReason::SchemaChanged)
        );
        assert_eq!(reason(""), Some(PartialReason::Truncated));
    }
}
