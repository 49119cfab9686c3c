//! What the GitHub organization holds.

use jiff::Timestamp;

/// Everything the organization holds.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// Members.
    pub members: Vec<Member>,
    /// Collaborators who are not members.
    pub outside: Vec<Member>,
    /// Pending invitations.
    pub invitations: Vec<Invitation>,
    /// Teams.
    pub teams: Vec<Team>,
    /// Repositories.
    pub repos: Vec<Repo>,
    /// Fine-grained personal access tokens with access to the organization.
    pub tokens: Vec<Token>,
    /// Classic tokens and SSH keys authorized for single sign-on.
    pub authorizations: Vec<Authorization>,
    /// Installed apps.
    pub installations: Vec<Installation>,
    /// Webhooks of the organization.
    pub hooks: Vec<Hook>,
    /// The audit log, the newest first.
    pub audit: Vec<AuditEvent>,
    /// SAML identities.
    pub identities: Vec<Identity>,
    /// Installation tokens given out by this process.
    pub issued: Vec<String>,
}

/// A GitHub user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Immutable numeric id.
    pub id: u64,
    /// Login.
    pub login: String,
    /// Whether the user owns the organization.
    pub owner: bool,
}

/// A pending invitation.
#[derive(Clone, Debug)]
pub struct Invitation {
    /// Id.
    pub id: u64,
    /// Mail address invited.
    pub email: String,
    /// Who invited.
    pub inviter: Member,
    /// When.
    pub created: Timestamp,
}

/// A team.
#[derive(Clone, Debug)]
pub struct Team {
    /// Immutable numeric id.
    pub id: u64,
    /// Slug, which is also the name.
    pub slug: String,
    /// What it is for.
    pub description: String,
    /// The slug of the parent team.
    pub parent: Option<String>,
    /// Direct members.
    pub members: Vec<Member>,
    /// Repositories and the permission on each.
    pub repos: Vec<(String, &'static str)>,
}

/// A repository.
#[derive(Clone, Debug)]
pub struct Repo {
    /// Immutable numeric id.
    pub id: u64,
    /// Name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Deploy keys.
    pub keys: Vec<DeployKey>,
    /// Webhooks.
    pub hooks: Vec<Hook>,
    /// Direct collaborators.
    pub collaborators: Vec<Collaborator>,
    /// When it was made.
    pub created: Timestamp,
}

/// A deploy key.
#[derive(Clone, Debug)]
pub struct DeployKey {
    /// Id.
    pub id: u64,
    /// Title.
    pub title: String,
    /// Whether it can only read.
    pub read_only: bool,
    /// Login of who added it.
    pub added_by: String,
    /// When.
    pub created: Timestamp,
    /// Last use.
    pub last_used: Option<Timestamp>,
}

/// A webhook.
#[derive(Clone, Debug)]
pub struct Hook {
    /// Id.
    pub id: u64,
    /// Where it sends to.
    pub url: String,
    /// What it sends.
    pub events: Vec<&'static str>,
    /// When it was made.
    pub created: Timestamp,
}

/// A direct collaborator of a repository.
#[derive(Clone, Debug)]
pub struct Collaborator {
    /// Who.
    pub user: Member,
    /// `pull`, `push`, `admin` …
    pub role: &'static str,
}

/// A fine-grained personal access token.
#[derive(Clone, Debug)]
pub struct Token {
    /// Id of the grant.
    pub id: u64,
    /// Id of the token.
    pub token_id: u64,
    /// Name.
    pub name: String,
    /// Whose it is.
    pub owner: Member,
    /// When the organization let it in.
    pub granted: Timestamp,
    /// When it ends, if ever.
    pub expires: Option<Timestamp>,
    /// Last use.
    pub last_used: Option<Timestamp>,
    /// `read` or `write` on contents.
    pub contents: &'static str,
}

/// A credential authorized for single sign-on.
#[derive(Clone, Debug)]
pub struct Authorization {
    /// Id.
    pub id: u64,
    /// Whose it is.
    pub login: String,
    /// `personal access token` or `SSH key`.
    pub kind: &'static str,
    /// Its note or title.
    pub title: String,
    /// When it was authorized.
    pub authorized: Timestamp,
    /// Last use.
    pub accessed: Option<Timestamp>,
}

/// An installed app.
#[derive(Clone, Debug)]
pub struct Installation {
    /// Id.
    pub id: u64,
    /// Id of the app.
    pub app_id: u64,
    /// Slug of the app.
    pub slug: String,
    /// `read` or `write` on contents.
    pub contents: &'static str,
    /// When it was installed.
    pub created: Timestamp,
}

/// An entry of the audit log.
#[derive(Clone, Debug)]
pub struct AuditEvent {
    /// Immutable id.
    pub id: String,
    /// What was done.
    pub action: &'static str,
    /// Who did it.
    pub actor: Member,
    /// To whom or what: a login, a team, an app.
    pub about: About,
    /// When.
    pub at: Timestamp,
}

/// What an audit event is about.
#[derive(Clone, Debug)]
pub enum About {
    /// A user.
    User(String),
    /// A user and a team.
    Team(String, String),
    /// An app.
    App(String),
    /// A repository.
    Repo(String),
}

/// A SAML identity.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Immutable id.
    pub guid: String,
    /// The name the identity provider sends: the directory's login.
    pub name_id: String,
    /// The GitHub user behind it, once linked.
    pub user: Option<Member>,
}

/// The login of the company's build machine: a member that is no person.
pub const MACHINE: &str = "halden-ci";

impl State {
    /// The build machine.
    #[must_use]
    pub fn machine(&self) -> Option<&Member> {
        self.members.iter().find(|member| member.login == MACHINE)
    }

    /// The team of this slug.
    #[must_use]
    pub fn team(&self, slug: &str) -> Option<&Team> {
        self.teams.iter().find(|team| team.slug == slug)
    }

    /// Members of a team as GitHub lists them: direct ones, and those of child teams marked as inherited.
    #[must_use]
    pub fn team_members<'a>(&'a self, team: &'a Team) -> Vec<(&'a Member, bool)> {
        let mut rows: Vec<(&Member, bool)> = team.members.iter().map(|member| (member, false)).collect();
        for child in self.teams.iter().filter(|child| child.parent.as_deref() == Some(&team.slug)) {
            for (member, _) in self.team_members(child) {
                if rows.iter().all(|(known, _)| *known != member) {
                    rows.push((member, true));
                }
            }
        }
        rows
    }
}
