//! jq behind one type: a program is compiled once and run on JSON.
//!
//! Everything that knows the jq engine is in this folder, so that the engine can change without a
//! manifest or the collector noticing.

mod natives;
mod parsed;
mod reader;
mod record;
mod subject;

use std::ops::Range;
use std::sync::OnceLock;

use jaq_core::data::JustLut;
use jaq_core::load::parse::Def;
use jaq_core::load::{self, Arena, File, Loader};
use jaq_core::native::Fun;
use jaq_core::{Compiler, Ctx, Filter, Vars, unwrap_valr};
use jaq_json::Val;
use serde_json::Value;

pub use record::{BadRecord, record};
pub use subject::Subject;
use subject::to_json;

type Data = JustLut<Val>;

/// The most values one run may give. A page of ten thousand members, each with several edges,
/// stays far below.
pub const MAX_OUTPUTS: usize = 200_000;

/// A compiled jq program.
///
/// What it can reach is bounded: no environment, no clock, no input but the value it is given, no
/// modules. What it can spend is bounded only in part: the input is at most
/// [`max_body`](exeunt_model::manifest::ClientRules::max_body) long and the number of outputs is
/// capped, but the engine counts no steps, so a manifest with an endless loop (`def f: f; f`)
/// occupies one blocking thread for ever. Manifests are part of the program or chosen by the
/// operator, as its configuration is; do not run one that you have not read.
pub struct Mapper {
    filter: Filter<Data>,
    code: String,
}

impl std::fmt::Debug for Mapper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Mapper").field(&self.code).finish()
    }
}

/// Why a program does not compile, and where in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{says} at character {} (`{}`)", at.start + 1, found)]
pub struct BadProgram {
    /// What is wrong.
    pub says: String,
    /// The bytes of the program it is about.
    pub at: Range<usize>,
    /// That part of the program.
    pub found: String,
}

/// Why a run gave no values. Holds the shape of what failed and never the data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MapError {
    /// The program failed on this input.
    #[error("{0}")]
    Failed(String),
    /// It gave more values than allowed.
    #[error("it gave more than {MAX_OUTPUTS} values")]
    TooMany,
    /// It gave a value that is not JSON (an object whose keys are not text, a number without end).
    #[error("it gave a value that is not JSON")]
    NotJson,
    /// One value was expected.
    #[error("it gave {0} values where one is expected")]
    NotOne(usize),
}

impl Mapper {
    /// Compiles a program that may use the variables `$name` of `variables`.
    ///
    /// # Errors
    /// When the program is no jq, or uses a filter or variable that does not exist.
    pub fn compile(code: &str, variables: &[&str]) -> Result<Self, BadProgram> {
        let globals: Vec<String> = variables.iter().map(|name| format!("${name}")).collect();
        let arena = Arena::default();
        let loader = Loader::new(definitions().iter().cloned());
        let modules =
            loader.load(&arena, File { code, path: () }).map_err(|errors| bad_load(code, errors))?;
        let filter = Compiler::default()
            .with_global_vars(globals.iter().map(String::as_str))
            // Shortens the life of the names to that of the program.
            .with_funs(functions().map(|(name, args, run)| (name as &str, args, run)))
            .compile(modules)
            .map_err(|errors| bad_names(code, errors))?;
        Ok(Self { filter, code: code.to_owned() })
    }

    /// The text it was compiled from.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    /// All values the program gives for `input`; `variables` in the order of [`Self::compile`].
    ///
    /// # Errors
    /// When the program fails, or gives too many values or values that are not JSON.
    pub fn run(&self, input: &Subject, variables: &[Subject]) -> Result<Vec<Value>, MapError> {
        let values = self.values(input, variables)?;
        values.iter().map(|value| value.json().ok_or(MapError::NotJson)).collect()
    }

    /// As [`Self::run`], with the values left as the engine's.
    ///
    /// # Errors
    /// When the program fails, or gives too many values.
    pub fn values(&self, input: &Subject, variables: &[Subject]) -> Result<Vec<Subject>, MapError> {
        let vars = Vars::new(variables.iter().map(|subject| subject.0.clone()));
        let ctx = Ctx::<Data>::new(&self.filter.lut, vars);
        let mut values = Vec::new();
        for value in self.filter.id.run((ctx, input.0.clone())).map(unwrap_valr) {
            let value = value.map_err(|error| MapError::Failed(shape_only(&error.to_string())))?;
            if values.len() == MAX_OUTPUTS {
                return Err(MapError::TooMany);
            }
            values.push(Subject(value));
        }
        Ok(values)
    }

    /// The items of the one list the program gives; for any other value, what sort it is.
    ///
    /// # Errors
    /// As for [`Self::one`].
    pub fn list(
        &self,
        input: &Subject,
        variables: &[Subject],
    ) -> Result<Result<Vec<Subject>, &'static str>, MapError> {
        let mut values = self.values(input, variables)?;
        match (values.len(), values.pop()) {
            (1, Some(Subject(Val::Arr(items)))) => Ok(Ok(items.iter().cloned().map(Subject).collect())),
            (1, Some(other)) => Ok(Err(other.sort())),
            (count, _) => Err(MapError::NotOne(count)),
        }
    }

    /// The one value the program gives.
    ///
    /// # Errors
    /// As for [`Self::run`], and when it gives none or several.
    pub fn one(&self, input: &Subject, variables: &[Subject]) -> Result<Value, MapError> {
        let mut values = self.run(input, variables)?;
        match (values.len(), values.pop()) {
            (1, Some(value)) => Ok(value),
            (count, _) => Err(MapError::NotOne(count)),
        }
    }

    /// Whether the program gives exactly `true`.
    ///
    /// # Errors
    /// As for [`Self::one`].
    pub fn holds(&self, input: &Subject, variables: &[Subject]) -> Result<bool, MapError> {
        let values = self.values(input, variables)?;
        match values.as_slice() {
            [Subject(value)] => Ok(matches!(value, Val::Bool(true))),
            several => Err(MapError::NotOne(several.len())),
        }
    }
}

/// Filters that reach outside the value, or that would make two runs differ.
const REFUSED: [&str; 14] = [
    "now",
    "env",
    "halt",
    "halt_error",
    "debug",
    "debug_empty",
    "stderr",
    "stderr_empty",
    "input",
    "inputs",
    "localtime",
    "strflocaltime",
    "mktime_local",
    "repl",
];

fn definitions() -> &'static [Def] {
    static ALL: OnceLock<Vec<Def>> = OnceLock::new();
    ALL.get_or_init(|| {
        let standard = jaq_core::defs().chain(jaq_std::defs()).chain(jaq_json::defs());
        let own = load::parse(include_str!("prelude.jq"), |parser| parser.defs());
        standard.filter(|def| !REFUSED.contains(&def.name)).chain(own.unwrap_or_default()).collect()
    })
}

fn functions() -> impl Iterator<Item = Fun<Data>> {
    let standard = jaq_core::funs().chain(jaq_std::funs()).chain(jaq_json::funs());
    standard.filter(|(name, ..)| !REFUSED.contains(name)).chain(natives::all())
}

/// An engine's message quotes the value it failed on. Only what stands before the quote is kept:
/// details go into receipts, and rows hold personal data.
fn shape_only(message: &str) -> String {
    let end = message.find(['{', '[', '"']).unwrap_or(message.len());
    let kept: String = message[..end].chars().take(80).collect();
    if end < message.len() { format!("{}…", kept.trim_end()) } else { kept }
}

fn bad_load(code: &str, errors: load::Errors<&str, ()>) -> BadProgram {
    let first = errors.into_iter().next().map(|(_, error)| error);
    let (says, part) = match first {
        Some(load::Error::Lex(list)) => list
            .first()
            .map_or_else(unclear, |(expect, part)| (format!("expected {}", expect.as_str()), *part)),
        Some(load::Error::Parse(list)) => list
            .first()
            .map_or_else(unclear, |(expect, part)| (format!("expected {}", expect.as_str()), *part)),
        Some(load::Error::Io(list)) => {
            let part = list.first().map_or("", |(part, _)| *part);
            ("modules cannot be imported".to_owned(), part)
        }
        None => unclear(),
    };
    bad(code, says, part)
}

fn unclear<'a>() -> (String, &'a str) {
    ("it is not jq".to_owned(), "")
}

fn bad_names(code: &str, errors: jaq_core::compile::Errors<&str, ()>) -> BadProgram {
    let first = errors.into_iter().flat_map(|(_, list)| list).next();
    let (says, part) = first.map_or_else(unclear, |(part, what)| {
        let kind = what.as_str();
        (format!("there is no {kind} of this name (and number of arguments)"), part)
    });
    bad(code, says, part)
}

fn bad(code: &str, says: String, part: &str) -> BadProgram {
    let start = part.as_ptr().addr().wrapping_sub(code.as_ptr().addr());
    // A part of another text (the prelude) or the unclear end has no place in this one.
    let at = if start <= code.len() { start..start + part.len() } else { code.len()..code.len() };
    let found = part.lines().next().unwrap_or_default().chars().take(40).collect::<String>();
    let found = if found.is_empty() { "the end".to_owned() } else { found };
    BadProgram { says, at, found }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{MapError, Mapper, Subject};

    fn run(code: &str, input: &Value) -> Value {
        let mapper = Mapper::compile(code, &[]).expect("compiles");
        mapper.one(&Subject::of(input), &[]).expect("gives one value")
    }

    /// Dates that a vendor writes in its own way must come out as one instant, or a token's last
    /// use is placed before the departure when it was after.
    #[test]
    fn times_of_all_vendors_become_one_form() {
        for (code, input, expected) in [
            ("iso", json!("2026-11-03T10:15:30.120+0000"), json!("2026-11-03T10:15:30.12Z")),
            ("iso", json!("2026-11-03T10:15:30+02:00"), json!("2026-11-03T08:15:30Z")),
            ("iso", json!("2026-11-03 10:15:30.5+00"), json!("2026-11-03T10:15:30.5Z")),
            ("iso", json!("2026-11-03T10:15:30"), json!("2026-11-03T10:15:30Z")),
            ("iso", json!("2026-11-03 10:15:30 UTC"), json!("2026-11-03T10:15:30Z")),
            ("iso", json!("2026-11-03"), json!("2026-11-03T00:00:00Z")),
            ("iso", json!("9999-12-31T23:59:59Z"), json!(null)),
            ("iso", json!("infinity"), json!(null)),
            ("iso", json!(null), json!(null)),
            ("epoch_s", json!(1_700_000_000), json!("2023-11-14T22:13:20Z")),
            ("epoch_s", json!("1700000000"), json!("2023-11-14T22:13:20Z")),
            ("epoch_ms", json!(1_700_000_000_123_i64), json!("2023-11-14T22:13:20.123Z")),
            ("epoch_ms", json!(null), json!(null)),
            ("ldap_time", json!("20261103101530Z"), json!("2026-11-03T10:15:30Z")),
            ("ldap_time", json!("20261103101530.0+0100"), json!("2026-11-03T09:15:30Z")),
            ("ldap_time", json!("133444736000000000"), json!("2023-11-14T22:13:20Z")),
            ("ldap_time", json!("9223372036854775807"), json!(null)),
            ("ldap_time", json!("0"), json!(null)),
            ("ldap_time", json!("000001010000Z"), json!(null)),
            ("lower", json!("ÅSA@X"), json!("åsa@x")),
            ("lower", json!(null), json!(null)),
            ("host_of", json!("https://u:p@Hooks.example:8443/x?y"), json!("hooks.example")),
            ("host_of", json!(null), json!(null)),
            ("opt", json!(""), json!(null)),
            ("opt", json!("x"), json!("x")),
        ] {
            assert_eq!(run(code, &input), expected, "{input} | {code}");
        }
    }

    /// A comment in Atlassian's document format that mentions a password must be matched as text.
    #[test]
    fn documents_become_plain_text() {
        let doc = json!({"type": "doc", "content": [
            {"type": "paragraph", "content": [{"type": "text", "text": "Access "},
                {"type": "mention", "attrs": {"text": "@Ada"}}, {"type": "text", "text": "removed"}]},
            {"type": "bulletList", "content": [{"type": "listItem", "content": [
                {"type": "paragraph", "content": [{"type": "text", "text": "token"}, {"type": "hardBreak"},
                {"type": "text", "text": "key"}]}]}]}]});
        assert_eq!(run("adf_text", &doc), json!("Access @Adaremoved\ntoken\nkey"));
        assert_eq!(run("adf_text", &json!("plain")), json!("plain"));
        assert_eq!(run("adf_text", &json!(null)), json!(null));
    }

    /// "All access removed" quoted in "this is not so" is no claim of whoever quotes it; in bold it is one.
    #[test]
    fn what_is_quoted_is_not_said() {
        let paragraph =
            |text: &str| json!({"type": "paragraph", "content": [{"type": "text", "text": text}]});
        let doc = json!({"type": "doc", "content": [
            {"type": "blockquote", "content": [paragraph("all access removed")]}, paragraph("This is not so.")]});
        assert_eq!(run("adf_said", &doc), json!("This is not so."));
        assert_eq!(run("adf_said", &json!(null)), json!(null));
        let wiki = "{quote}all access removed{quote}\r\nbq. all of it\r\n*All access* {color:red}removed{color} by [~ben], \
                    see [log|https://logs.example/1]; snake_case_name\r\n";
        assert_eq!(
            run("wiki_said", &json!(wiki)),
            json!("\n\nAll access removed by @ben, see log; snake_case_name\n")
        );
        assert_eq!(run("wiki_said", &json!(null)), json!(null));
    }

    /// A date that cannot be read is not an absent date: dropping it would hide a use.
    #[test]
    fn an_unreadable_time_is_an_error() {
        for (code, input) in [("iso", json!("soon")), ("ldap_time", json!("x")), ("epoch_s", json!({}))] {
            let mapper = Mapper::compile(code, &[]).expect("compiles");
            assert!(mapper.run(&Subject::of(&input), &[]).is_err(), "{input} | {code}");
        }
    }

    /// A mapping that could read the clock or the environment would give two verdicts for one page.
    #[test]
    fn nothing_outside_the_value_can_be_reached() {
        for code in ["now", "env", "$ENV", "input", "halt", "debug", "localtime", "import \"x\" as x; ."] {
            assert!(Mapper::compile(code, &[]).is_err(), "{code}");
        }
    }

    /// A typo in a manifest is shown where it stands.
    #[test]
    fn a_program_that_does_not_compile_says_where() {
        let unknown = Mapper::compile(".items[] | lowr", &[]).expect_err("no such filter");
        assert_eq!((unknown.at.start, unknown.found.as_str()), (11, "lowr"));
        let cut = Mapper::compile(".items[] | {id: ", &[]).expect_err("cut off");
        assert!(cut.at.start >= 11, "{cut:?}");
        assert!(Mapper::compile("$repo", &["settings"]).is_err());
        assert!(Mapper::compile("$repo", &["settings", "repo"]).is_ok());
    }

    /// A failing mapping must not copy a row, with the person in it, into a receipt.
    #[test]
    fn errors_do_not_repeat_the_data() {
        let mapper = Mapper::compile(".name | tonumber", &[]).expect("compiles");
        let failed = mapper.run(&Subject::of(&json!({"name": {"first": "Ada"}})), &[]).expect_err("fails");
        assert!(!failed.to_string().contains("Ada"), "{failed}");
        assert!(matches!(failed, MapError::Failed(_)));
    }

    /// Big numeric ids must not be rounded: two accounts would become one.
    #[test]
    fn numbers_keep_every_digit() {
        let big = json!({"id": 18_446_744_073_709_551_615_u64, "n": -3, "f": 1.5});
        assert_eq!(run(".", &big), big);
        assert_eq!(run("\"account/\\(.id)\"", &big), json!("account/18446744073709551615"));
    }

    /// Variables reach the program in the order they were declared.
    #[test]
    fn variables_are_bound_by_place() {
        let mapper = Mapper::compile("$settings.org + $repo + .x", &["settings", "repo"]).expect("compiles");
        let vars = [Subject::of(&json!({"org": "a"})), Subject::of(&json!("b"))];
        assert_eq!(mapper.one(&Subject::of(&json!({"x": "c"})), &vars), Ok(json!("abc")));
    }
}
