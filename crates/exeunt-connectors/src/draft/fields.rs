//! What a list seems to hold, from the words of its path and of its rows' fields.

use exeunt_model::SurvivorKind as Kind;

use super::description::ListOperation;

/// What the rows of a list seem to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Guess {
    Accounts,
    Members,
    Groups,
    Tokens,
    Keys,
    Hooks,
    Apps,
    Grants,
    /// What other lists hang on, and nobody signs in with.
    Resources,
}

impl Guess {
    /// The survivor kinds such a list shows.
    pub const fn kinds(self) -> &'static [Kind] {
        match self {
            Self::Accounts => &[Kind::Principal],
            Self::Members => &[Kind::GrantDirect],
            Self::Groups => &[Kind::GrantInherited],
            Self::Tokens => &[Kind::TokenUser],
            Self::Keys => &[Kind::KeyAsym],
            Self::Hooks => &[Kind::Egress],
            Self::Apps => &[Kind::OwnedNhi],
            Self::Grants => &[Kind::GrantDirect],
            Self::Resources => &[],
        }
    }
}

/// The guess, from the last word of the path; nothing when it does not speak of access.
pub(super) fn guess(operation: &ListOperation) -> Option<Guess> {
    let last = operation.path.rsplit('/').find(|part| !part.is_empty() && !part.starts_with('{'))?;
    let last = last.trim_end_matches(".list");
    let word = last.to_lowercase().replace(['-', '_', '.'], "");
    let within = operation.placeholders().len();
    let table: [(&[&str], Guess); 8] = [
        (&["token", "accesstoken", "apikey", "pat"], Guess::Tokens),
        (&["sshkey", "gpgkey", "key", "certificate", "publickey"], Guess::Keys),
        (&["webhook", "hook"], Guess::Hooks),
        (
            &["serviceaccount", "bot", "app", "application", "oauthapp", "integration", "client", "agent"],
            Guess::Apps,
        ),
        (&["member", "collaborator", "participant"], Guess::Members),
        (&["role", "permission", "grant", "rolebinding", "roleassignment", "assignment"], Guess::Grants),
        (&["group", "team"], Guess::Groups),
        (&["user", "account", "people", "person", "principal"], Guess::Accounts),
    ];
    let found = table.iter().find(|(words, _)| {
        words
            .iter()
            .any(|known| word == *known || word.ends_with(&format!("{known}s")) || word.ends_with(known))
    });
    match found.map(|(_, guess)| *guess)? {
        // The users of a group or project are its members.
        Guess::Accounts if within > 0 => Some(Guess::Members),
        guess => Some(guess),
    }
}

/// The first of these fields that rows have.
pub(super) fn field<'n>(operation: &ListOperation, names: &[&'n str]) -> Option<&'n str> {
    names.iter().copied().find(|name| operation.has_field(name))
}

/// The field that seems to be the immutable id.
pub(super) fn id(operation: &ListOperation) -> Option<&'static str> {
    field(operation, &["id", "uuid", "guid", "accountId", "account_id", "key", "sid", "userId", "user_id"])
}

/// The jq of `map`, as lines.
pub(super) fn map(operation: &ListOperation, guess: Guess, bound: Option<&str>) -> Vec<String> {
    let id = id(operation).map_or_else(|| "\"DECIDE: the immutable id\"".to_owned(), |id| format!(".{id}"));
    let name = field(
        operation,
        &["name", "title", "label", "displayName", "display_name", "login", "username", "userName"],
    );
    let name =
        name.map_or_else(|| format!("({id} | tostring)"), |name| format!("(.{name} // ({id} | tostring))"));
    let time = |key: &str, names: &[&str]| {
        field(operation, names).map(|name| format!(" {key}: (.{name} | iso),")).unwrap_or_default()
    };
    let created = time("created", &["created_at", "createdAt", "created", "createdDate", "creationTime"]);
    let used = time(
        "last_used",
        &["last_used_at", "lastUsedAt", "last_used", "lastActiveAt", "last_login", "lastLogin"],
    );
    let expires = time("expires", &["expires_at", "expiresAt", "expires", "expiration"]);
    // What the rows hang on: the row of the list above, or a field that names it.
    let parent = bound.map(|name| format!("${name}")).or_else(|| {
        let names =
            ["userId", "user_id", "ownerId", "owner_id", "accountId", "account_id", "groupId", "group_id"];
        field(operation, &names).map(|name| format!(".{name}"))
    });
    let parent = parent.unwrap_or_else(|| "\"DECIDE: whose it is\"".to_owned());
    match guess {
        Guess::Accounts => {
            let login = field(operation, &["login", "username", "userName", "user_name", "email", "name"]);
            let login = login.map_or_else(|| format!("({id} | tostring)"), |login| format!(".{login}"));
            let email = field(operation, &["email", "emailAddress", "email_address", "mail", "primaryEmail"]);
            let email = email.map_or_else(String::new, |email| {
                format!(" emails: [.{email} | opt // empty | {{address: .}}],")
            });
            vec![
                format!(
                    "{{record: \"account\", id: \"account/\\({id})\", login: {login},{email}{created}{used}"
                ),
                format!(" {}}}", state(operation)),
            ]
        }
        Guess::Members => vec![format!(
            "{{record: \"membership\", group: \"group/\\({parent})\", member: {{object: \"account/\\({id})\"}}}}"
        )],
        Guess::Groups => vec![format!("{{record: \"group\", id: \"group/\\({id})\", name: {name}}}")],
        Guess::Grants => vec![
            format!(
                "{{record: \"grant\", subject: {{object: \"account/\\(\"DECIDE: whose it is\")\"}}, resource: \"resource/\\({id})\","
            ),
            format!(" permission: {name}}}"),
        ],
        Guess::Resources => vec![format!(
            "{{record: \"resource\", id: \"resource/\\({id})\", name: {name}, resource_type: \"{}\"}}",
            operation.path.rsplit('/').next().unwrap_or_default()
        )],
        Guess::Tokens | Guess::Keys => {
            let (kind, word) =
                if guess == Guess::Keys { ("key.asym", "key") } else { ("token.user", "token") };
            vec![
                format!(
                    "{{record: \"credential\", id: \"credential/{word}/\\({id})\", kind: \"{kind}\", native_type: \"{word}\", name: {name},"
                ),
                format!(
                    " holder: {{object: \"account/\\({parent})\"}}, state: \"active\",{created}{used}{expires} scopes: []}}"
                ),
            ]
        }
        Guess::Hooks => vec![
            format!(
                "{{record: \"integration\", id: \"integration/\\({id})\", kind: \"egress\", native_type: \"webhook\", name: {name},"
            ),
            format!(
                " state: \"enabled\",{created} sends_to: [{} // empty | host_of? // empty]}}",
                field(operation, &["url", "target_url", "config"])
                    .map_or_else(|| "null".to_owned(), |url| format!(".{url}"))
            ),
        ],
        Guess::Apps => vec![
            format!("{{record: \"account\", id: \"account/\\({id})\", login: {name},{created}{used}"),
            format!(" {}}}", state(operation)),
        ],
    }
}

/// `state` and `native_state`, from the field that seems to say it.
fn state(operation: &ListOperation) -> String {
    for (name, on) in [
        ("active", true),
        ("enabled", true),
        ("isActive", true),
        ("disabled", false),
        ("suspended", false),
        ("isDisabled", false),
        ("blocked", false),
        ("archived", false),
    ] {
        if operation.has_field(name) {
            let (yes, no) = if on { ("active", "disabled") } else { ("disabled", "active") };
            return format!(
                "state: (if .{name} then \"{yes}\" else \"{no}\" end), native_state: \"{name}=\\(.{name})\""
            );
        }
    }
    field(operation, &["status", "state"]).map_or_else(
        || "state: \"unknown\", native_state: \"DECIDE: nothing says whether it is active\"".to_owned(),
        |name| {
            format!("state: ({{\"active\": \"active\", \"DECIDE: the other words of {name}\": \"disabled\"}}[.{name} | ascii_downcase] // \"unknown\"), native_state: .{name}")
        },
    )
}
