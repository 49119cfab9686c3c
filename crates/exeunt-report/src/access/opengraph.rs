//! `BloodHound` `OpenGraph`: nodes and edges as JSON, for its file ingest.
//! Source: the schema pages of the `BloodHound` documentation, "`OpenGraph`".

use exeunt_model::access::AccessMap;
use serde_json::{Value, json};

use super::{identity_kind, state};

/// The graph as a document that `BloodHound` takes in.
#[must_use]
pub fn opengraph(map: &AccessMap) -> String {
    let nodes: Vec<Value> = map.nodes.iter().map(node).collect();
    let id = |place: usize| map.nodes.get(place).map(|node| node.id.to_string());
    let edges: Vec<Value> = map
        .edges
        .iter()
        .map(|edge| {
            json!({
                "kind": format!("Exeunt{}", edge.tie.word()),
                "start": { "match_by": "id", "value": id(edge.from) },
                "end": { "match_by": "id", "value": id(edge.to) },
                "properties": { "how": edge.how, "state": state(edge.state), "privileged": edge.privileged },
            })
        })
        .collect();
    let document = json!({
        "metadata": { "source_kind": "Exeunt" },
        "graph": { "nodes": nodes, "edges": edges },
    });
    format!("{document:#}\n")
}

fn node(node: &exeunt_model::access::AccessNode) -> Value {
    let noun = node.id.noun.as_str();
    let (first, rest) = noun.split_at(1);
    json!({
        "id": node.id.to_string(),
        "kinds": [format!("Exeunt{}{rest}", first.to_uppercase())],
        // A property is a plain value, never null: what is not known is an empty text.
        "properties": {
            "name": node.name,
            "system": node.id.system.as_str(),
            "state": state(node.state),
            "identity_kind": identity_kind(node),
            "privileged": node.privileged,
            "left": node.left,
        },
    })
}
