//! Edges and where each was seen.

use std::collections::HashMap;

use exeunt_model::config::ManualLink;
use exeunt_model::record::ActAsHow;
use exeunt_model::{LinkStrength, Noun, Record, Ref, Who};

use foldhash::fast::FixedState;

use crate::correlate::People;
use crate::estate::{Estate, Sighting};

/// What ties two objects.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Tie<'a> {
    /// Is a member of a group.
    Member,
    /// Has a permission on a resource.
    Grant(&'a str),
    /// Can act as an account.
    Acts(ActAsHow),
    /// Holds a credential.
    Holds,
    /// An integration runs as an account.
    Runs,
    /// Owns, made, or could read.
    Owns(LinkStrength),
    /// A credential opens something.
    Opens,
}

/// One edge, with every sighting of it.
pub(crate) struct Edge<'a> {
    pub from: &'a Ref,
    pub to: &'a Ref,
    pub tie: Tie<'a>,
    pub sightings: Vec<Sighting<'a>>,
    /// Stated in the configuration instead of seen.
    pub manual: Option<&'a ManualLink>,
}

/// All edges, by where they begin and end.
pub(crate) struct Graph<'a> {
    pub edges: Vec<Edge<'a>>,
    out: HashMap<&'a Ref, Vec<usize>, FixedState>,
    into: HashMap<&'a Ref, Vec<usize>, FixedState>,
}

impl<'a> Edge<'a> {
    /// The latest record that showed it.
    pub fn latest(&self) -> Option<&'a Record> {
        self.sightings.last().map(|sighting| sighting.record)
    }

    /// Whether it is administrative by itself.
    pub fn privileged(&self) -> bool {
        self.sightings.iter().any(|s| matches!(s.record, Record::Grant(grant) if grant.privileged))
    }

    /// The verb of a path: from … to.
    pub fn how(&self) -> String {
        match self.tie {
            Tie::Member => "is a member of".to_owned(),
            Tie::Grant(permission) => format!("has {permission} on"),
            Tie::Acts(ActAsHow::Assume) => "can assume".to_owned(),
            Tie::Acts(ActAsHow::Impersonate) => "can impersonate".to_owned(),
            Tie::Acts(ActAsHow::Sudo) => "can run as".to_owned(),
            Tie::Acts(ActAsHow::Delegate) => "is a delegate of".to_owned(),
            Tie::Acts(ActAsHow::Sso) => "signs in to".to_owned(),
            Tie::Acts(ActAsHow::KnowsSecret) => "knows the secret of".to_owned(),
            Tie::Holds => "holds".to_owned(),
            Tie::Runs => "is acted for by".to_owned(),
            Tie::Owns(LinkStrength::SamePerson | LinkStrength::Owner) => "owns".to_owned(),
            Tie::Owns(LinkStrength::Sponsor) => "answers for".to_owned(),
            Tie::Owns(LinkStrength::Creator) => "made".to_owned(),
            Tie::Owns(LinkStrength::TokenHolder) => "holds the token of".to_owned(),
            Tie::Owns(LinkStrength::Installer) => "installed".to_owned(),
            Tie::Owns(LinkStrength::LastActor) => "was the last to edit".to_owned(),
            Tie::Owns(LinkStrength::Exposure) => "could read the secret of".to_owned(),
            Tie::Opens => "opens".to_owned(),
        }
    }
}

impl<'a> Graph<'a> {
    /// Every edge any snapshot showed, and those stated by hand.
    pub fn new(estate: &Estate<'a>, people: &People<'a>, links: &'a [ManualLink]) -> Self {
        let mut found: HashMap<(&'a Ref, &'a Ref, Tie<'a>), Vec<Sighting<'a>>, FixedState> =
            HashMap::default();
        for (system, history) in estate.systems() {
            for (at, held) in history.iter().enumerate() {
                for (read, record) in held.snapshot.records() {
                    let sighting = Sighting { system, at, receipt: &read.receipt, record };
                    let who = |who: &'a Who| people.resolve(estate, who, &sighting);
                    edges_of(record, &who, &mut |from, to, tie| {
                        if from != to {
                            found.entry((from, to, tie)).or_default().push(sighting);
                        }
                    });
                }
            }
        }
        let mut edges: Vec<Edge<'a>> = found
            .into_iter()
            .map(|((from, to, tie), mut sightings)| {
                sightings.sort_by(Sighting::order);
                Edge { from, to, tie, sightings, manual: None }
            })
            .collect();
        for link in links.iter().filter(|link| link.object.noun != Noun::Account) {
            let tie = Tie::Owns(LinkStrength::Owner);
            let sightings = Vec::new();
            edges.push(Edge { from: &link.person, to: &link.object, tie, sightings, manual: Some(link) });
        }
        edges.sort_by(|a, b| (a.from, a.to, a.tie, a.manual).cmp(&(b.from, b.to, b.tie, b.manual)));
        let (mut out, mut into): (HashMap<_, Vec<_>, _>, HashMap<_, Vec<_>, _>) =
            (HashMap::default(), HashMap::default());
        for (place, edge) in edges.iter().enumerate() {
            out.entry(edge.from).or_default().push(place);
            into.entry(edge.to).or_default().push(place);
        }
        Self { edges, out, into }
    }

    /// The edges that begin at an object, in order.
    pub fn from(&self, object: &Ref) -> impl Iterator<Item = (usize, &Edge<'a>)> {
        self.places(self.out.get(object))
    }

    /// The edges that end at an object, in order.
    pub fn into(&self, object: &Ref) -> impl Iterator<Item = (usize, &Edge<'a>)> {
        self.places(self.into.get(object))
    }

    fn places<'g>(
        &'g self,
        places: Option<&'g Vec<usize>>,
    ) -> impl Iterator<Item = (usize, &'g Edge<'a>)> + use<'g, 'a> {
        let places = places.into_iter().flatten();
        places.filter_map(|place| self.edges.get(*place).map(|edge| (*place, edge)))
    }
}

fn edges_of<'a>(
    record: &'a Record,
    who: &dyn Fn(&'a Who) -> Option<&'a Ref>,
    add: &mut dyn FnMut(&'a Ref, &'a Ref, Tie<'a>),
) {
    let mut tie = |from: Option<&'a Ref>, to: &'a Ref, tie: Tie<'a>| {
        if let Some(from) = from {
            add(from, to, tie);
        }
    };
    match record {
        Record::Membership(m) => tie(who(&m.member), &m.group, Tie::Member),
        Record::Grant(g) => tie(who(&g.subject), &g.resource, Tie::Grant(&g.permission)),
        Record::ActAs(a) => tie(who(&a.actor), &a.target, Tie::Acts(a.how)),
        Record::Ownership(o) => tie(who(&o.owner), &o.subject, Tie::Owns(o.link)),
        Record::Credential(c) => {
            tie(c.holder.as_ref().and_then(who), &c.id, Tie::Holds);
            for opened in &c.opens {
                tie(Some(&c.id), opened, Tie::Opens);
            }
        }
        Record::Integration(i) => tie(i.acts_as.as_ref().and_then(who), &i.id, Tie::Runs),
        Record::Identity(_)
        | Record::Account(_)
        | Record::Group(_)
        | Record::Resource(_)
        | Record::Document(_)
        | Record::Event(_) => {}
    }
}
