//! How the GitHub organization came to hold what it holds on a given day.

use jiff::Timestamp;

use super::state::{
    About, AuditEvent, Authorization, Collaborator, DeployKey, Hook, Identity, Installation, Invitation,
    MACHINE, Member, Repo, State, Team, Token,
};
use crate::{
    calendar::{Phase, at, shift},
    staff::{Person, Staff, Team as Department},
    story,
};

const REPOS: [(&str, &str); 9] = [
    (story::ADMIN_REPO, "Card and invoice payments"),
    ("ledger", "Double-entry ledger"),
    (story::DEPLOY_KEY_REPO, "Device telemetry"),
    ("website", "Public site"),
    ("infra", "Infrastructure as code"),
    ("release-tools", "Cuts and signs releases"),
    ("handbook", "How we work"),
    ("pipelines", "Data pipelines"),
    ("design-system", "Components and tokens"),
];

/// Builds the organization of one day.
struct Builder<'a> {
    staff: &'a Staff,
    phase: Phase,
}

impl State {
    /// The organization on a given day. A week after the departure the leaver is still a member, one of her tokens
    /// was used after she left (1 of nine), she is still in a nested team (5) and her deploy key still writes (9).
    #[must_use]
    pub fn on(staff: &Staff, phase: Phase) -> Self {
        let builder = Builder { staff, phase };
        Self {
            members: builder.members(),
            outside: vec![builder.stranger("contractor-kjell"), builder.stranger("audit-partner")],
            invitations: vec![Invitation {
                id: 77_001,
                email: "intern.spring@halden.example".to_owned(),
                inviter: builder.member(story::ADMIN),
                created: at(2026, 11, 9, 10, 0),
            }],
            teams: builder.teams(),
            repos: REPOS.iter().map(|(name, description)| builder.repo(name, description)).collect(),
            tokens: builder.tokens(),
            authorizations: builder.authorizations(),
            installations: installations(),
            hooks: vec![
                builder.hook("org", "https://audit-sink.halden.example/github"),
                builder.hook("org-chat", "https://chat-relay.halden.example/github"),
            ],
            audit: builder.audit(),
            identities: builder.identities(),
            issued: Vec::new(),
        }
    }
}

impl Builder<'_> {
    fn now(&self) -> Timestamp {
        self.phase.now()
    }

    fn id(&self, kind: &str, key: &str) -> u64 {
        self.staff.seed.number(kind, key, 10_000_000, 80_000_000)
    }

    fn member(&self, number: u32) -> Member {
        let login = self.staff.github_login(number);
        let owner = matches!(number, story::ADMIN | story::MANAGER);
        Member { id: self.id("github", &login), login, owner }
    }

    fn stranger(&self, login: &str) -> Member {
        Member { id: self.id("github", login), login: login.to_owned(), owner: false }
    }

    /// People with a login who still work here, and the leaver until the repair.
    fn people(&self) -> impl Iterator<Item = &Person> {
        self.staff.people.iter().filter(|person| person.github().is_some()).filter(|person| {
            let forgotten = person.number == story::LEAVER && self.phase == Phase::After;
            !person.gone(self.now()) || forgotten
        })
    }

    fn members(&self) -> Vec<Member> {
        let mut members: Vec<Member> = self.people().map(|person| self.member(person.number)).collect();
        members.push(self.stranger(MACHINE));
        members
    }

    fn teams(&self) -> Vec<Team> {
        let here = |wanted: &dyn Fn(&Person) -> bool| -> Vec<Member> {
            self.people().filter(|person| wanted(person)).map(|person| self.member(person.number)).collect()
        };
        // What was done: the leaver was taken out of every team but one.
        let removed = |person: &Person| person.number == story::LEAVER && self.phase.has_left();
        let nested = |person: &Person| {
            matches!(person.number, story::SUCCESSOR | story::LEAVER | 2013)
                && (!removed(person) || self.phase == Phase::After)
        };
        let team = |slug: &str, parent: Option<&str>, members, repos: &[(&str, &'static str)]| Team {
            id: self.id("github-team", slug),
            slug: slug.to_owned(),
            description: format!("The {slug} team"),
            parent: parent.map(str::to_owned),
            members,
            repos: repos.iter().map(|(name, role)| ((*name).to_owned(), *role)).collect(),
        };
        vec![
            team(
                "engineering",
                None,
                here(&|person| person.team.engineers() && !removed(person)),
                &[("website", "push"), ("handbook", "push")],
            ),
            team(
                "platform",
                Some("engineering"),
                here(&|person| person.team == Department::Platform && !removed(person)),
                &[("infra", "admin"), ("release-tools", "maintain")],
            ),
            team(
                "data",
                Some("engineering"),
                here(&|person| person.team == Department::Data),
                &[("pipelines", "admin")],
            ),
            team(
                "design",
                None,
                here(&|person| person.team == Department::Design),
                &[("design-system", "admin")],
            ),
            team(
                story::PARENT_TEAM,
                None,
                here(&|person| matches!(person.number, story::MANAGER | story::ADMIN)),
                &[(story::ADMIN_REPO, "admin"), ("ledger", "push")],
            ),
            team(
                story::SURVIVING_TEAM,
                Some(story::PARENT_TEAM),
                here(&nested),
                &[("release-tools", "push")],
            ),
            team("security", None, here(&|person| person.number == story::ADMIN), &[("infra", "pull")]),
        ]
    }

    fn repo(&self, name: &str, description: &str) -> Repo {
        let mut keys = vec![self.deploy_key(name, "build runner", story::ADMIN, true)];
        if name == story::DEPLOY_KEY_REPO {
            let adder = if self.phase == Phase::Finished { story::SUCCESSOR } else { story::LEAVER };
            keys.push(self.deploy_key(name, story::DEPLOY_KEY, adder, false));
        }
        let mut collaborators = vec![Collaborator { user: self.member(story::ADMIN), role: "admin" }];
        if name == "website" {
            collaborators.push(Collaborator { user: self.stranger("contractor-kjell"), role: "push" });
        }
        if name == story::ADMIN_REPO {
            collaborators.push(Collaborator { user: self.stranger("audit-partner"), role: "pull" });
        }
        Repo {
            id: self.id("github-repo", name),
            name: name.to_owned(),
            description: description.to_owned(),
            keys,
            hooks: vec![self.hook(name, &format!("https://ci.halden.example/hooks/{name}"))],
            collaborators,
            created: at(2021, 6, 1, 9, 0),
        }
    }

    fn deploy_key(&self, repo: &str, title: &str, adder: u32, read_only: bool) -> DeployKey {
        let created = match adder {
            story::LEAVER => at(2025, 8, 20, 13, 5),
            story::SUCCESSOR => story::REPAIRED,
            _ => at(2024, 2, 5, 9, 0),
        };
        DeployKey {
            id: self.id("github-key", &format!("{repo}/{title}/{adder}")),
            title: title.to_owned(),
            read_only,
            added_by: self.staff.github_login(adder),
            created,
            // The leaver's key is in use by a machine, day in, day out: last use says nothing about who uses it.
            last_used: (read_only || self.phase == Phase::Before).then(|| shift(self.now(), -1)),
        }
    }

    fn hook(&self, key: &str, url: &str) -> Hook {
        Hook {
            id: self.id("github-hook", key),
            url: url.to_owned(),
            events: vec!["push", "pull_request"],
            created: at(2022, 9, 12, 9, 0),
        }
    }

    fn tokens(&self) -> Vec<Token> {
        let mut tokens: Vec<Token> = self
            .people()
            .filter(|person| person.number != story::LEAVER && person.number % 2 == 1)
            .map(|person| {
                let login = self.staff.github_login(person.number);
                let used = self.staff.seed.days("github-token", &login, 1, 40);
                self.token(person.number, "laptop", "write", Some(shift(self.now(), -used)))
            })
            .collect();
        let surviving = match self.phase {
            Phase::Before => Some(shift(self.now(), -1)),
            Phase::After => Some(story::SURVIVING_TOKEN_USED),
            Phase::Finished => None,
        };
        if surviving.is_some() {
            tokens.insert(3, self.token(story::LEAVER, story::SURVIVING_TOKEN, "write", surviving));
        }
        tokens
    }

    fn token(&self, number: u32, name: &str, contents: &'static str, last_used: Option<Timestamp>) -> Token {
        let owner = self.member(number);
        let key = format!("{}/{name}", owner.login);
        Token {
            id: self.id("github-grant", &key),
            token_id: self.id("github-token", &key),
            name: name.to_owned(),
            granted: at(2026, 3, 16, 9, 30),
            expires: Some(at(2027, 3, 16, 9, 30)),
            last_used,
            contents,
            owner,
        }
    }

    fn authorizations(&self) -> Vec<Authorization> {
        // The leaver's SSH key was taken off the list properly.
        self.people()
            .filter(|person| person.number != story::LEAVER || self.phase == Phase::Before)
            .filter(|person| person.team == Department::Platform || person.number % 3 == 0)
            .map(|person| {
                let login = self.staff.github_login(person.number);
                let key = person.number % 4 != 0;
                Authorization {
                    id: self.id("github-authorization", &login),
                    kind: if key { "SSH key" } else { "personal access token" },
                    title: if key { "workstation".to_owned() } else { "scripts".to_owned() },
                    authorized: at(2026, 1, 20, 8, 45),
                    accessed: Some(shift(self.now(), -2)),
                    login,
                }
            })
            .collect()
    }

    fn audit(&self) -> Vec<AuditEvent> {
        let mut events = Vec::new();
        let mut push = |action, actor: Member, about, at| {
            let id = self.staff.seed.mixed("github-audit", &format!("{action}/{at}/{}", events.len()), 22);
            events.push(AuditEvent { id, action, actor, about, at });
        };
        for (installation, actor) in
            installations().into_iter().zip([story::ADMIN, story::SUCCESSOR, 2013, story::MANAGER])
        {
            let about = About::App(installation.slug);
            push("integration_installation.create", self.member(actor), about, installation.created);
        }
        for person in self.people().filter(|person| person.number != story::ADMIN) {
            let about = About::User(self.staff.github_login(person.number));
            push("org.add_member", self.member(story::ADMIN), about, person.joined);
        }
        for (name, _) in REPOS {
            push(
                "repo.create",
                self.member(story::MANAGER),
                About::Repo(name.to_owned()),
                at(2021, 6, 1, 9, 0),
            );
        }
        let leaver = || self.staff.github_login(story::LEAVER);
        if self.phase.has_left() {
            for team in ["engineering", "platform"] {
                let about = About::Team(leaver(), team.to_owned());
                push("team.remove_member", self.member(story::ADMIN), about, at(2026, 11, 13, 15, 50));
            }
        }
        if self.phase == Phase::Finished {
            let team = About::Team(leaver(), story::SURVIVING_TEAM.to_owned());
            push("team.remove_member", self.member(story::ADMIN), team, story::REPAIRED);
            push("org.remove_member", self.member(story::ADMIN), About::User(leaver()), story::REPAIRED);
        }
        events.sort_by_key(|event| std::cmp::Reverse(event.at));
        events
    }

    /// Every member of the company's own has signed in once; the machine account has not.
    fn identities(&self) -> Vec<Identity> {
        self.people()
            .map(|person| Identity {
                guid: self.staff.seed.uuid("github-saml", &person.number.to_string()),
                name_id: person.email(),
                user: Some(self.member(person.number)),
            })
            .collect()
    }
}

fn installations() -> Vec<Installation> {
    let installation = |id, app_id, slug: &str, contents| Installation {
        id,
        app_id,
        slug: slug.to_owned(),
        contents,
        created: at(2025, 5, 13, 9, 0),
    };
    vec![
        installation(story::GITHUB_INSTALLATION, 410_001, "access-review", "read"),
        installation(51_000_002, 410_002, "build-cache", "read"),
        installation(51_000_003, 410_003, "release-signer", "write"),
        installation(51_000_004, 410_004, "dependency-updates", "write"),
    ]
}
