//! The access graph in the formats of graph tools.

mod graphml;
mod opengraph;
#[cfg(test)]
mod tests;

pub use graphml::graphml;
pub use opengraph::opengraph;

use exeunt_model::State;
use exeunt_model::access::AccessNode;

/// A state as one word.
const fn state(state: State) -> &'static str {
    match state {
        State::Live => "live",
        State::Latent => "latent",
        State::Unknown => "unknown",
        State::Unknowable => "unknowable",
        State::Waived => "waived",
        State::Gone => "gone",
    }
}

/// The kind of an identity as one word; empty where there is none.
fn identity_kind(node: &AccessNode) -> String {
    node.kind.map(|kind| format!("{kind:?}").to_lowercase()).unwrap_or_default()
}
