//! Edges and where each was seen.
//!
//! The place of an edge among all says nothing: what an order is seen of goes by what the edges are.

mod index;
mod seen;

use exeunt_model::config::ManualLink;
use exeunt_model::record::ActAsHow;
use exeunt_model::{LinkStrength, Noun, Record, Ref};

use index::Index;

use crate::correlate::People;
use crate::estate::{Estate, Sighting, name};

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
    /// The latest records of where it begins and where it ends.
    pub ends: [Option<&'a Record>; 2],
    pub sightings: Box<[Sighting<'a>]>,
    /// Stated in the configuration instead of seen.
    pub manual: Option<&'a ManualLink>,
}

/// All edges, by where they begin and end.
pub(crate) struct Graph<'a> {
    pub edges: Vec<Edge<'a>>,
    out: Index<'a>,
    into: Index<'a>,
}

impl<'a> Edge<'a> {
    /// The name of where it begins.
    pub fn begin_name(&self) -> &'a str {
        name(self.ends[0], self.from)
    }

    /// The name of where it ends.
    pub fn end_name(&self) -> &'a str {
        name(self.ends[1], self.to)
    }

    /// What the edge is, as far as edges are told apart by it.
    pub fn content(&self) -> (&'a Ref, &'a Ref, Tie<'a>, Option<&'a ManualLink>) {
        (self.from, self.to, self.tie, self.manual)
    }

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
        let mut edges = seen::edges(estate, people);
        for link in links.iter().filter(|link| link.object.noun != Noun::Account) {
            let tie = Tie::Owns(LinkStrength::Owner);
            let sightings = Box::default();
            let (from, to) = (&link.person, &link.object);
            let ends = [from, to].map(|end| estate.latest(end));
            edges.push(Edge { from, to, tie, ends, sightings, manual: Some(link) });
        }
        let [out, into] = Index::both(&edges);
        Self { edges, out, into }
    }

    /// The edges that begin at an object, in order.
    pub fn from(&self, object: &Ref) -> impl Iterator<Item = (usize, &Edge<'a>)> {
        self.at(self.out.places(object))
    }

    /// The edges that end at an object, in order.
    pub fn into(&self, object: &Ref) -> impl Iterator<Item = (usize, &Edge<'a>)> {
        self.at(self.into.places(object))
    }

    fn at<'g>(&'g self, places: &'g [u32]) -> impl Iterator<Item = (usize, &'g Edge<'a>)> + use<'g, 'a> {
        let places = places.iter().map(|place| *place as usize);
        places.filter_map(|place| self.edges.get(place).map(|edge| (place, edge)))
    }
}
