//! What the leaver starts from, and what hangs on it: own accounts, and by ownership or a known secret the
//! non-human ones.

use std::collections::BTreeMap;
use std::sync::Arc;

use exeunt_model::record::ActAsHow;
use exeunt_model::verdict::Step;
use exeunt_model::{IdentityKind, LinkStrength, Noun, Ref, State, SurvivorKind};

use super::words::{step, step_of};
use crate::liveness::{Fate, NhiTie, Scene};
use crate::resolve::{Edge, Reach, Target, Tie};

/// Where access begins.
pub(crate) struct Start<'a> {
    pub node: &'a Ref,
    pub role: Role,
    pub path: Vec<Arc<Step>>,
    pub link: LinkStrength,
    pub reach: Reach<'a>,
}

/// What a start is.
pub(crate) enum Role {
    /// The person, to whom some systems give access directly.
    Person,
    /// An account of their own.
    Own,
    /// A non-human account; its fate for the leaver, whether it is a matter of a known secret, and how it is
    /// tied.
    NonHuman { fate: Fate, secret: bool, ties: Vec<NhiTie> },
}

/// A credential or integration and how it hangs on the leaver.
pub(crate) struct Hanging<'a> {
    pub link: LinkStrength,
    pub path: Vec<Arc<Step>>,
    /// The edges that tie it.
    pub ties: Vec<usize>,
    /// The account it is held by or runs as, among the starts.
    pub by: Option<&'a Ref>,
    /// The start it hangs on.
    pub start: &'a Ref,
}

/// A way to a non-human account: how strong, by which steps and which ties.
type Way = (LinkStrength, Vec<Arc<Step>>, NhiTie);

/// Everything found.
pub(crate) struct Gathered<'a> {
    pub starts: Vec<Start<'a>>,
    pub credentials: BTreeMap<&'a Ref, Hanging<'a>>,
    pub integrations: BTreeMap<&'a Ref, Hanging<'a>>,
    nhis: BTreeMap<&'a Ref, Vec<Way>>,
}

impl<'a> Gathered<'a> {
    /// Gathers for the leaver of the scene.
    pub fn new(scene: &Scene<'_, 'a>) -> Self {
        let mut all = Self {
            starts: Vec::new(),
            credentials: BTreeMap::new(),
            integrations: BTreeMap::new(),
            nhis: BTreeMap::new(),
        };
        for (node, role, path) in own(scene) {
            let reach = Reach::from(scene, node);
            all.starts.push(Start { node, role, path, link: LinkStrength::SamePerson, reach });
        }
        let mut place = 0;
        while place < all.starts.len() {
            all.hang(scene, place);
            place += 1;
            if place == all.starts.len() {
                all.next_non_human(scene);
            }
        }
        all
    }

    /// Takes up the non-human accounts found so far that were not begun from yet.
    fn next_non_human(&mut self, scene: &Scene<'_, 'a>) {
        for (node, ways) in &self.nhis {
            if self.starts.iter().any(|start| start.node == *node) {
                continue;
            }
            let mut ways: Vec<_> = ways.iter().collect();
            ways.sort_by(|a, b| (a.0, a.1.len(), &a.1).cmp(&(b.0, b.1.len(), &b.1)));
            let Some((link, path, _)) = ways.first() else { continue };
            let ties: Vec<NhiTie> = ways.iter().map(|way| way.2.clone()).collect();
            let secret = scene.is_shared(node) || ways.iter().all(|way| is_secret(scene, &way.2));
            let fate = scene.nhi_fate(node, &ties);
            let role = Role::NonHuman { fate, secret, ties };
            let reach = Reach::from(scene, node);
            self.starts.push(Start { node, role, path: path.clone(), link: *link, reach });
        }
    }

    fn hang(&mut self, scene: &Scene<'_, 'a>, place: usize) {
        let Some(start) = self.starts.get(place) else { return };
        let (node, path, link) = (start.node, start.path.clone(), start.link);
        let person = matches!(start.role, Role::Person);
        let secrets: Vec<(&'a Ref, Vec<usize>)> = start
            .reach
            .found
            .iter()
            .filter_map(|(target, found)| match target {
                Target::Secret(account) => Some((*account, found.path.clone())),
                _ => None,
            })
            .collect();
        for (account, edges) in secrets {
            let way = way_to(scene, node, person, &edges);
            let steps = along(scene, &path, &edges);
            self.non_human(scene, account, LinkStrength::Exposure, steps, NhiTie { path: edges, way });
        }
        for (edge_place, edge) in scene.graph.from(node) {
            if !scene.in_window(edge) {
                continue;
            }
            let steps = along(scene, &path, &[edge_place]);
            let by = (!person).then_some(node);
            let hanging =
                |link, by| Hanging { link, path: steps.clone(), ties: vec![edge_place], by, start: node };
            match (edge.tie, edge.to.noun) {
                (Tie::Holds, _) => hang_on(scene, &mut self.credentials, edge.to, hanging(link, by)),
                (Tie::Runs, _) => hang_on(scene, &mut self.integrations, edge.to, hanging(link, by)),
                (Tie::Owns(how), Noun::Credential) => {
                    hang_on(scene, &mut self.credentials, edge.to, hanging(link.max(how), None));
                    self.opened(scene, edge, &steps, edge_place);
                }
                (Tie::Owns(how), Noun::Integration) => {
                    hang_on(scene, &mut self.integrations, edge.to, hanging(link.max(how), None));
                }
                (Tie::Owns(how), Noun::Account) => {
                    let tie = NhiTie { path: vec![edge_place], way: State::Live };
                    self.non_human(scene, edge.to, link.max(how), steps, tie);
                }
                _ => {}
            }
        }
        self.opened_by(scene, node, &path, link);
    }

    /// Credentials that open an account and that no record says are anybody's: whoever had the account may have them. What
    /// becomes of them does not rest on its state, for it is not said that they act as it.
    fn opened_by(&mut self, scene: &Scene<'_, 'a>, node: &'a Ref, path: &[Arc<Step>], link: LinkStrength) {
        for (place, edge) in scene.graph.into(node) {
            let nobodys = || !scene.graph.into(edge.from).any(|(_, tie)| scene.in_window(tie));
            if edge.tie == Tie::Opens && scene.in_window(edge) && nobodys() {
                let opened = step(scene, node, "is opened by", edge.from);
                let path = path.iter().cloned().chain([opened]).collect();
                let hanging = Hanging { link, path, ties: vec![place], by: None, start: node };
                hang_on(scene, &mut self.credentials, edge.from, hanging);
            }
        }
    }

    /// Accounts that a credential opens, which the leaver has or could read.
    fn opened(&mut self, scene: &Scene<'_, 'a>, edge: &Edge<'a>, steps: &[Arc<Step>], place: usize) {
        for (opens, opened) in scene.graph.from(edge.to) {
            if opened.tie == Tie::Opens && opened.to.noun == Noun::Account && scene.in_window(opened) {
                let steps = along(scene, steps, &[opens]);
                let tie = NhiTie { path: vec![place, opens], way: State::Live };
                self.non_human(scene, opened.to, LinkStrength::Exposure, steps, tie);
            }
        }
    }

    fn non_human(
        &mut self,
        scene: &Scene<'_, 'a>,
        account: &'a Ref,
        link: LinkStrength,
        path: Vec<Arc<Step>>,
        tie: NhiTie,
    ) {
        let kind = scene.estate.account(account).map(|account| account.kind.kind);
        // Colleagues, and the leaver's own accounts, are not anybody's to own.
        if kind == Some(IdentityKind::Human) || scene.people.person(account).is_some() {
            return;
        }
        self.nhis.entry(account).or_default().push((link, path, tie));
    }
}

/// The person, and each of their accounts seen since the baseline: those that correlate, and those they sign
/// in to through one that does.
fn own<'a>(scene: &Scene<'_, 'a>) -> Vec<(&'a Ref, Role, Vec<Arc<Step>>)> {
    let leaver = scene.leaver;
    let mut found = vec![(leaver, Role::Person, Vec::new())];
    let mine = scene.people.accounts_of.get(leaver).into_iter().flatten().copied();
    for account in mine.filter(|account| scene.object_in_window(account)) {
        let path = vec![step(scene, leaver, &scene.people.has(account), account)];
        found.push((account, Role::Own, path.clone()));
        for (place, edge) in scene.graph.from(account) {
            let nobody =
                scene.people.person(edge.to).is_none() && !scene.people.disputed.contains_key(edge.to);
            if edge.tie == Tie::Acts(ActAsHow::Sso) && nobody && scene.in_window(edge) {
                found.push((edge.to, Role::Own, along(scene, &path, &[place])));
            }
        }
    }
    found.sort_by(|a, b| (a.0, a.2.len(), &a.2).cmp(&(b.0, b.2.len(), &b.2)));
    found.dedup_by(|later, kept| later.0 == kept.0);
    found
}

fn hang_on<'a>(
    scene: &Scene<'_, 'a>,
    all: &mut BTreeMap<&'a Ref, Hanging<'a>>,
    object: &'a Ref,
    new: Hanging<'a>,
) {
    match all.get_mut(&object) {
        None => {
            all.insert(object, new);
        }
        Some(known) => {
            let ties = [known.ties.as_slice(), new.ties.as_slice()].concat();
            let by = known.by.or(new.by);
            let closer = (new.link, new.path.len(), &new.path) < (known.link, known.path.len(), &known.path);
            if closer {
                *known = new;
            }
            known.ties = ties;
            known.ties.sort_unstable_by_key(|tie| scene.graph.edges.get(*tie).map(Edge::content));
            known.ties.dedup();
            known.by = by;
        }
    }
}

/// How alive the leaver's way to a shared secret is, their own account included.
fn way_to(scene: &Scene<'_, '_>, node: &Ref, person: bool, edges: &[usize]) -> State {
    let before = edges.split_last().map_or(&[][..], |(_, before)| before);
    let own = match scene.graph.edges.get(edges.first().copied().unwrap_or_default()) {
        Some(edge) if !person => {
            let system = edge.sightings.first().map_or(&node.system, |sighting| sighting.system);
            scene.under(system, SurvivorKind::GrantDirect, node, None).0
        }
        _ => State::Live,
    };
    before.iter().fold(own, |state, place| crate::liveness::deader(state, scene.edge(*place).state))
}

/// Steps so far, and the edges after them.
pub(crate) fn along(scene: &Scene<'_, '_>, steps: &[Arc<Step>], edges: &[usize]) -> Vec<Arc<Step>> {
    let known = &mut *scene.steps.borrow_mut();
    let step = |place: &usize| {
        let edge = scene.graph.edges.get(*place)?;
        let said = || step_of(edge);
        Some(Arc::clone(known.entry(*place).or_insert_with(said)))
    };
    steps.iter().cloned().chain(edges.iter().filter_map(step)).collect()
}

fn is_secret(scene: &Scene<'_, '_>, tie: &NhiTie) -> bool {
    let last = tie.path.last().and_then(|place| scene.graph.edges.get(*place));
    last.is_some_and(|edge| matches!(edge.tie, Tie::Acts(_) | Tie::Opens | Tie::Owns(LinkStrength::Exposure)))
}
