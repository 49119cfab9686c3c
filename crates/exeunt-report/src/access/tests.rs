//! What is exported is what the tools on the other side take in, whatever outside systems call things.

use std::collections::{BTreeMap, BTreeSet};

use exeunt_model::access::{AccessEdge, AccessMap, AccessNode, AccessTie};
use exeunt_model::{IdentityKind, State};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use serde_json::Value;

use super::{graphml, opengraph};

/// A node of each noun and an edge of each tie, with names nobody should use.
fn map() -> AccessMap {
    let nouns = ["identity", "account", "group", "credential", "integration", "resource"];
    let names = ["<b>&\u{1}\"", "]]>", "\u{fffe}\u{ffff}\r\n", "", "Zo\u{eb} \u{1f511}", "'&amp;'"];
    let states = [State::Live, State::Latent, State::Unknown];
    let nodes = nouns.iter().zip(names).enumerate().map(|(at, (noun, name))| AccessNode {
        id: format!("app/{noun}/{at} <&>").parse().expect("a reference"),
        name: name.to_owned(),
        kind: (at == 1).then_some(IdentityKind::Service),
        state: states[at % 3],
        privileged: at % 2 == 0,
        left: at == 0,
    });
    let edges = AccessTie::ALL.into_iter().enumerate().map(|(at, tie)| AccessEdge {
        from: at % 6,
        to: (at + 1) % 6,
        tie,
        how: format!("is <tied> & \u{2}{at}"),
        state: states[at % 3],
        privileged: at % 2 == 1,
    });
    AccessMap { nodes: nodes.collect(), edges: edges.collect() }
}

/// A name with a bracket or a control character in it must not break the file for every other name.
#[test]
fn names_of_outside_systems_stay_text_in_both_formats() {
    let xml = graphml(&map());
    assert!(xml.contains("<data key=\"n1\">&lt;b&gt;&amp;\u{fffd}\"</data>"), "{xml}");
    assert!(xml.contains("<edge source=\"0\" target=\"1\">"), "{xml}");
    let json: Value = serde_json::from_str(&opengraph(&map())).expect("JSON");
    assert_eq!(json["graph"]["nodes"][0]["properties"]["name"], "<b>&\u{1}\"");
    assert_eq!(json["graph"]["nodes"][1]["kinds"], serde_json::json!(["ExeuntAccount"]));
    assert_eq!(json["graph"]["edges"][1]["end"]["value"], "app/group/2 <&>");
    assert_eq!(json["graph"]["edges"][1]["kind"], "ExeuntMemberOf");
}

/// `BloodHound` refuses a whole file for one value that its schema does not allow. The rules are those of the schemas of its
/// file ingest: node, edge and metadata.
#[test]
fn every_value_is_one_that_bloodhound_takes_in() {
    let document: Value = serde_json::from_str(&opengraph(&map())).expect("JSON");
    let keys = |value: &Value| value.as_object().expect("an object").keys().cloned().collect::<BTreeSet<_>>();
    let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(keys(&document), set(&["graph", "metadata"]));
    assert_eq!(keys(&document["graph"]), set(&["nodes", "edges"]));
    assert_eq!(keys(&document["metadata"]), set(&["source_kind"]), "nothing else may stand there");
    assert!(document["metadata"]["source_kind"].is_string());
    // A property is a text, a number or a truth value; null and objects are refused, also within a list.
    let plain = |value: &Value| value.is_string() || value.is_number() || value.is_boolean();
    let properties = |value: &Value| value.as_object().expect("an object").values().all(plain);
    let word = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let mut known = BTreeSet::new();
    for node in document["graph"]["nodes"].as_array().expect("nodes") {
        assert_eq!(keys(node), set(&["id", "kinds", "properties"]));
        let id = node["id"].as_str().expect("an id");
        assert!(known.insert(id), "{id} stands twice");
        let kinds = node["kinds"].as_array().expect("kinds");
        assert!(
            (1..=3).contains(&kinds.len()) && kinds.iter().all(|kind| kind.as_str().is_some_and(word)),
            "{node}"
        );
        assert!(properties(&node["properties"]), "{node}");
        assert!(node["properties"].get("objectid").is_none(), "that name is the id's");
    }
    let edges = document["graph"]["edges"].as_array().expect("edges");
    assert_eq!(edges.len(), AccessTie::ALL.len());
    for edge in edges {
        assert_eq!(keys(edge), set(&["start", "end", "kind", "properties"]));
        assert!(edge["kind"].as_str().is_some_and(word), "{edge}");
        assert!(properties(&edge["properties"]), "{edge}");
        for end in [&edge["start"], &edge["end"]] {
            assert_eq!(keys(end), set(&["match_by", "value"]));
            assert_eq!(end["match_by"], "id");
            assert!(end["value"].as_str().is_some_and(|id| known.contains(id)), "{edge}");
        }
    }
}

/// Graph tools give up on a document that is not well formed, and lose what is under a key that was not declared.
#[test]
fn the_xml_is_what_the_schema_of_graphml_asks_for() {
    let xml = graphml(&map());
    let mut reader = Reader::from_str(&xml);
    reader.config_mut().enable_all_checks(true);
    let (mut open, mut keys): (Vec<String>, BTreeMap<String, [String; 2]>) = (Vec::new(), BTreeMap::new());
    let (mut nodes, mut edges, mut texts) = (BTreeSet::new(), 0, 0);
    loop {
        let event = reader.read_event().expect("well formed");
        match &event {
            Event::Eof => break,
            Event::Start(tag) | Event::Empty(tag) => {
                let name = tag.name().as_ref().to_owned();
                let attributes = attributes(tag);
                let of = |key: &str| attributes.get(key).cloned().unwrap_or_default();
                let inside = open.last().map_or("", String::as_str);
                let wanted = match name.as_str() {
                    "graphml" => "",
                    "key" | "graph" => "graphml",
                    "node" | "edge" => "graph",
                    "data" if inside == "edge" => "edge",
                    "data" => "node",
                    other => panic!("there is no element {other}"),
                };
                assert_eq!(inside, wanted, "{name} stands in {inside}");
                match name.as_str() {
                    "graphml" => assert_eq!(of("xmlns"), "http://graphml.graphdrawing.org/xmlns"),
                    "key" => {
                        assert!(["string", "boolean"].contains(&of("attr.type").as_str()), "{attributes:?}");
                        assert!(nodes.is_empty(), "keys stand before the graph");
                        assert!(keys.insert(of("id"), [of("for"), of("attr.type")]).is_none());
                    }
                    "graph" => assert_eq!(of("edgedefault"), "directed"),
                    "node" => assert!(nodes.insert(of("id")), "{} stands twice", of("id")),
                    "edge" => {
                        assert!(
                            nodes.contains(&of("source")) && nodes.contains(&of("target")),
                            "{attributes:?}"
                        );
                        edges += 1;
                    }
                    _ => {
                        let [on, _] = keys.get(&of("key")).expect("a key that was declared");
                        assert_eq!(on, inside, "the key is for such");
                    }
                }
                if matches!(event, Event::Start(_)) {
                    open.push(name);
                }
            }
            Event::End(_) => drop(open.pop()),
            Event::Text(text) => {
                let text = text.xml10_content();
                // Char of XML 1.0: of the control characters only tab, line feed and carriage return.
                let bad =
                    |c: char| (c < ' ' && !"\t\n\r".contains(c)) || matches!(c, '\u{fffe}' | '\u{ffff}');
                assert!(!text.contains(bad), "{text:?}");
                texts += usize::from(open.last().is_some_and(|name| name == "data"));
            }
            _ => {}
        }
    }
    assert_eq!((nodes.len(), edges, open.len()), (6, AccessTie::ALL.len(), 0));
    assert!(texts > 0, "the names are there");
}

fn attributes(tag: &BytesStart<'_>) -> BTreeMap<String, String> {
    let all = tag.attributes().map(|one| one.expect("an attribute"));
    all.map(|one| (one.key.as_ref().to_owned(), one.value.into_owned())).collect()
}
