//! An organization as large as they get, for measuring: members, each with a token and a SAML identity, in teams.

use super::state::{Identity, Member, State, Team, Token};
use crate::calendar::{at, shift};
use crate::seed::Seed;

/// Members of one team.
const TEAM: usize = 500;

impl State {
    /// Puts `people` members more into the organization. The same seed gives the same crowd.
    pub fn gather(&mut self, seed: Seed, people: usize) {
        // Beyond the ids of the story, which end at 90 million.
        let first = 100_000_000_u64;
        let crowd: Vec<Member> = (0..people)
            .map(|n| Member { id: first + n as u64, login: format!("member-{n:06}"), owner: false })
            .collect();
        for (n, team) in crowd.chunks(TEAM).enumerate() {
            self.teams.push(Team {
                id: first + n as u64,
                slug: format!("crowd-{n:04}"),
                description: "Part of a crowd".to_owned(),
                parent: None,
                members: team.to_vec(),
                repos: Vec::new(),
            });
        }
        for (n, member) in (0..).zip(&crowd) {
            let days = |kind: &str| seed.days(kind, &member.login, 1, 300);
            self.tokens.push(Token {
                id: first + n,
                token_id: 2 * first + n,
                name: format!("laptop of {}", member.login),
                owner: member.clone(),
                granted: shift(at(2026, 11, 1, 9, 0), -days("crowd-granted")),
                expires: Some(shift(at(2026, 12, 1, 9, 0), days("crowd-expires"))),
                last_used: Some(shift(at(2026, 11, 1, 9, 0), -days("crowd-used"))),
                contents: "read",
            });
            self.identities.push(Identity {
                guid: seed.hex("crowd-saml", &member.login, 32),
                name_id: format!("{}@halden.example", member.login),
                user: Some(member.clone()),
            });
        }
        self.members.extend(crowd);
    }
}
