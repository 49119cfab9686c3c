//! CODEOWNERS, as GitHub and GitLab write it: a pattern, then owners; sections in brackets at GitLab.
//!
//! Of the rules that match a path the last one counts, in each section by itself. A line without owners takes those of
//! its section's heading, and where that has none, says that nobody owns the path. `!` takes a path out of its
//! section (GitLab). What is no rule is an error with its line; neither vendor's silence about bad lines is kept,
//! since a line that is skipped hands its paths to somebody else.

/// One rule, as it stands in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeLine {
    /// The line, from 1.
    pub line: u64,
    /// The section in lower case; empty before the first one.
    pub section: String,
    /// Whether the section is optional.
    pub optional: bool,
    /// Whether the rule takes paths out of its section.
    pub excludes: bool,
    /// The pattern.
    pub pattern: String,
    /// The owners.
    pub owners: Vec<Mention>,
}

/// Somebody named in the file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mention {
    /// `@login`.
    Login(String),
    /// `@organisation/team`, or a nested group of GitLab's.
    Team(String),
    /// `@@maintainer`: everybody with a role in the project (GitLab).
    Role(String),
    /// An address.
    Email(String),
}

/// A line that is no rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {what}")]
pub struct CodeOwnersError {
    /// The line, from 1.
    pub line: u64,
    /// The column, from 1, in characters.
    pub column: usize,
    /// What is wrong, and what to do.
    pub what: String,
}

struct Section {
    name: String,
    optional: bool,
    defaults: Vec<Mention>,
}

/// Reads a file.
///
/// # Errors
/// At the first line that is neither a rule nor a section, a comment or blank.
pub fn code_owners(text: &str) -> Result<Vec<CodeLine>, CodeOwnersError> {
    let mut rules = Vec::new();
    let mut section = Section { name: String::new(), optional: false, defaults: Vec::new() };
    for (line, written) in (1..).zip(text.trim_start_matches('\u{feff}').lines()) {
        let words = words(written);
        let Some((at, first)) = words.first() else { continue };
        if let Some(heading) = heading(written.trim_start()) {
            let (name, optional, rest) =
                heading.map_err(|what| CodeOwnersError { line, column: *at, what })?;
            let offset = written.chars().count() - rest.chars().count();
            let defaults = mentions(&self::words(rest), line, offset)?;
            section = Section { name: name.to_lowercase(), optional, defaults };
            continue;
        }
        let excludes = first.starts_with('!');
        let pattern = if excludes { &first[1..] } else { first.as_str() };
        if pattern.is_empty() {
            let what =
                "`!` stands before no path; write the path right after it, or take the line out".to_owned();
            return Err(CodeOwnersError { line, column: *at, what });
        }
        let mut owners = mentions(&words[1..], line, 0)?;
        if excludes && !owners.is_empty() {
            let what = "a path that is taken out has no owners; take them out of the line".to_owned();
            return Err(CodeOwnersError { line, column: words[1].0, what });
        }
        if owners.is_empty() && !excludes {
            owners.clone_from(&section.defaults);
        }
        rules.push(CodeLine {
            line,
            section: section.name.clone(),
            optional: section.optional,
            excludes,
            pattern: pattern.to_owned(),
            owners,
        });
    }
    Ok(rules)
}

/// `[Name]`, `^[Name]`, `[Name][2]`, with what follows; nothing when the line is no heading at all.
fn heading(line: &str) -> Option<Result<(&str, bool, &str), String>> {
    let (optional, line) = line.strip_prefix('^').map_or((false, line), |rest| (true, rest));
    let inner = line.strip_prefix('[')?;
    let Some((name, rest)) = inner.split_once(']') else {
        return Some(Err("a section has no `]`; close its name".to_owned()));
    };
    // At GitHub, `[ab].txt @owner` is a path: brackets mean nothing there.
    let approvals = rest.strip_prefix('[').and_then(|more| more.split_once(']'));
    let rest = match approvals {
        Some((count, rest)) if !count.is_empty() && count.bytes().all(|b| b.is_ascii_digit()) => rest,
        Some(_) => return Some(Err("the number of approvals after a section is no number".to_owned())),
        None => rest,
    };
    if !rest.is_empty() && !rest.starts_with(char::is_whitespace) {
        return None;
    }
    if name.trim().is_empty() {
        return Some(Err("a section has no name; write one between the brackets".to_owned()));
    }
    Some(Ok((name.trim(), optional, rest)))
}

/// The words of a line with the column each begins at. A `\` takes the meaning from the space or `#` after it; an
/// unescaped `#` at the start of a word begins a comment.
fn words(line: &str) -> Vec<(usize, String)> {
    let mut words: Vec<(usize, String)> = Vec::new();
    let mut inside = false;
    let mut chars = (1..).zip(line.chars());
    while let Some((column, c)) = chars.next() {
        match c {
            c if c.is_whitespace() => inside = false,
            '#' if !inside => break,
            c => {
                if !inside {
                    words.push((column, String::new()));
                    inside = true;
                }
                let Some((_, word)) = words.last_mut() else { continue };
                word.push(c);
                if c == '\\'
                    && let Some((_, next)) = chars.next()
                {
                    word.push(next);
                }
            }
        }
    }
    words
}

fn mentions(words: &[(usize, String)], line: u64, offset: usize) -> Result<Vec<Mention>, CodeOwnersError> {
    let read = |(column, word): &(usize, String)| {
        mention(word).ok_or_else(|| CodeOwnersError {
            line,
            column: column + offset,
            what: format!(
                "`{}` is no owner; write `@login`, `@organisation/team` or an address, and `\\ ` for a space in a path",
                word.chars().take(80).collect::<String>()
            ),
        })
    };
    words.iter().map(read).collect()
}

fn mention(word: &str) -> Option<Mention> {
    if let Some(role) = word.strip_prefix("@@") {
        return (!role.is_empty()).then(|| Mention::Role(role.to_owned()));
    }
    if let Some(name) = word.strip_prefix('@') {
        let (login, team) = (name.to_owned(), name.contains('/'));
        return match name {
            "" => None,
            _ if name.contains('@') || name.starts_with('/') || name.ends_with('/') => None,
            _ if team => Some(Mention::Team(login)),
            _ => Some(Mention::Login(login)),
        };
    }
    let (local, domain) = word.split_once('@')?;
    (!local.is_empty() && !domain.is_empty() && !domain.contains('@'))
        .then(|| Mention::Email(word.to_owned()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{CodeLine, Mention, code_owners};

    const GITHUB: &str = "\
# This is a comment.
*       @global-owner1 @global-owner2
*.js    @js-owner #This is an inline comment.
*.go docs@example.com
*.txt @octo-org/octocats
/apps/ @octocat
/apps/github
";

    const GITLAB: &str = "\
* @default
path\\ with\\ spaces/ @space-owner
\\#file @pound
[Documentation][2] @docs-team @halden/docs/writers
docs/
README.md @lead
^[Database]
model/db/ @db
!model/db/generated
config/ @@maintainer
";

    fn read(text: &str) -> Vec<CodeLine> {
        code_owners(text).expect("a file")
    }

    /// Comments, addresses and teams of the manual's example; and the rule that says nobody owns a path.
    #[test]
    fn github_is_read() {
        let rules = read(GITHUB);
        assert_eq!(rules.len(), 6);
        assert_eq!(
            rules[0].owners,
            [Mention::Login("global-owner1".into()), Mention::Login("global-owner2".into())]
        );
        assert_eq!(rules[1].owners, [Mention::Login("js-owner".into())]);
        assert_eq!(rules[2].owners, [Mention::Email("docs@example.com".into())]);
        assert_eq!(rules[3].owners, [Mention::Team("octo-org/octocats".into())]);
        assert_eq!((rules[5].line, rules[5].owners.len()), (7, 0));
    }

    /// A section's default owners, an optional section, an exclusion, escaped spaces and a role.
    #[test]
    fn gitlab_is_read() {
        let rules = read(GITLAB);
        let docs = [Mention::Login("docs-team".into()), Mention::Team("halden/docs/writers".into())];
        assert_eq!(rules[1].pattern, "path\\ with\\ spaces/");
        assert_eq!(rules[2].pattern, "\\#file");
        assert_eq!((rules[3].section.as_str(), &rules[3].owners[..]), ("documentation", &docs[..]));
        assert_eq!(rules[4].owners, [Mention::Login("lead".into())]);
        assert!(rules[5].optional && rules[5].section == "database");
        assert!(rules[6].excludes && rules[6].pattern == "model/db/generated");
        assert_eq!(rules[7].owners, [Mention::Role("maintainer".into())]);
    }

    /// A line that is passed over in silence hands its paths to somebody else.
    #[test]
    fn what_is_no_rule_is_an_error_with_its_place() {
        for (text, line, column, words) in [
            ("* @a\nmy file @b\n", 2, 4, "`file` is no owner"),
            ("* @a b@\n", 1, 6, "is no owner"),
            ("[Docs\n", 1, 1, "no `]`"),
            ("[] @a\n", 1, 1, "no name"),
            ("[Docs][two] @a\n", 1, 1, "no number"),
            ("[Docs] @a nobody\n", 1, 11, "is no owner"),
            ("! @a\n", 1, 1, "before no path"),
            ("!docs @a\n", 1, 7, "has no owners"),
            ("* @\n", 1, 3, "is no owner"),
        ] {
            let error = code_owners(text).expect_err(text);
            assert_eq!((error.line, error.column), (line, column), "{text}: {error}");
            assert!(error.what.contains(words), "{text}: {error}");
        }
        assert_eq!(read("[ab].txt @a\n")[0].pattern, "[ab].txt", "brackets mean nothing at GitHub");
    }

    proptest! {
        /// Nothing that can stand in a file ends the program, and every rule has a pattern and a line of the file.
        #[test]
        fn any_text_is_read_or_refused(text in "([\\[\\]^!@#\\\\ a-z/*.\\n]|\\PC){0,120}") {
            let lines = u64::try_from(text.lines().count()).expect("few");
            match code_owners(&text) {
                Ok(rules) => for rule in rules {
                    prop_assert!(!rule.pattern.is_empty() && rule.line >= 1 && rule.line <= lines);
                },
                Err(error) => prop_assert!(error.line >= 1 && error.line <= lines && error.column >= 1),
            }
        }
    }
}
