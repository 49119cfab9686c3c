//! The access graph as a document: who and what there is, and what leads where. For export, and for questions about
//! everybody.

use crate::kind::{IdentityKind, State};
use crate::reference::Ref;

/// The graph. Nodes in the order of their references; edges in the order of their ends.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccessMap {
    /// People, accounts, groups, credentials, integrations and resources.
    pub nodes: Vec<AccessNode>,
    /// What leads where.
    pub edges: Vec<AccessEdge>,
}

/// One object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessNode {
    /// Its reference.
    pub id: Ref,
    /// The name people use for it.
    pub name: String,
    /// What kind of identity it is, where it is an account.
    pub kind: Option<IdentityKind>,
    /// Live, latent or unknown, by the newest snapshot of its system. Nothing is called gone here: that is for a verdict.
    pub state: State,
    /// Whether it is administrative by itself.
    pub privileged: bool,
    /// Whether it is a person who left.
    pub left: bool,
}

/// One edge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessEdge {
    /// The place of the node it begins at.
    pub from: usize,
    /// The place of the node it leads to.
    pub to: usize,
    /// What ties them.
    pub tie: AccessTie,
    /// The verb of a path: from … to.
    pub how: String,
    /// Live if the newest snapshot of a system shows it, else unknown.
    pub state: State,
    /// Whether it is administrative.
    pub privileged: bool,
}

/// What ties two nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AccessTie {
    /// A person has an account.
    HasAccount,
    /// A member of a group.
    MemberOf,
    /// A permission on a resource: what can be done in the end.
    HasPermission,
    /// Can act as an account.
    CanActAs,
    /// Can act as a colleague's account, which is itself the finding: what the colleague may do is theirs.
    CanActAsColleague,
    /// Holds a credential.
    Holds,
    /// An integration runs as an account.
    ActedForBy,
    /// Owns, made, or could read.
    Owns,
    /// A credential opens something.
    Opens,
}

impl AccessTie {
    /// All of them, in order.
    pub const ALL: [Self; 9] = [
        Self::HasAccount,
        Self::MemberOf,
        Self::HasPermission,
        Self::CanActAs,
        Self::CanActAsColleague,
        Self::Holds,
        Self::ActedForBy,
        Self::Owns,
        Self::Opens,
    ];

    /// As one word, for formats whose edges have a kind.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::HasAccount => "HasAccount",
            Self::MemberOf => "MemberOf",
            Self::HasPermission => "HasPermission",
            Self::CanActAs => "CanActAs",
            Self::CanActAsColleague => "CanActAsColleague",
            Self::Holds => "Holds",
            Self::ActedForBy => "ActedForBy",
            Self::Owns => "Owns",
            Self::Opens => "Opens",
        }
    }

    /// Whether it is an end and not a step to go on from.
    #[must_use]
    pub const fn is_end(self) -> bool {
        matches!(self, Self::HasPermission | Self::CanActAsColleague)
    }
}
