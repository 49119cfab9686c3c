//! `GraphML`, which yEd, Gephi, igraph and networkx read.
//! Source: the `GraphML` primer, graphml.graphdrawing.org.

use std::fmt::Write;

use exeunt_model::access::AccessMap;

use super::{identity_kind, state};

/// Keys: id, what has it, name, type.
const KEYS: [(&str, &str, &str, &str); 12] = [
    ("n0", "node", "reference", "string"),
    ("n1", "node", "name", "string"),
    ("n2", "node", "noun", "string"),
    ("n3", "node", "system", "string"),
    ("n4", "node", "state", "string"),
    ("n5", "node", "identity_kind", "string"),
    ("n6", "node", "privileged", "boolean"),
    ("n7", "node", "left", "boolean"),
    ("e0", "edge", "tie", "string"),
    ("e1", "edge", "how", "string"),
    ("e2", "edge", "state", "string"),
    ("e3", "edge", "privileged", "boolean"),
];

/// The graph as a document.
#[must_use]
pub fn graphml(map: &AccessMap) -> String {
    let mut out = String::new();
    // Writing to a text cannot fail.
    let _ = write_all(&mut out, map);
    out
}

fn write_all(out: &mut String, map: &AccessMap) -> std::fmt::Result {
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(out, "<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">")?;
    for (id, of, name, kind) in KEYS {
        writeln!(out, "  <key id=\"{id}\" for=\"{of}\" attr.name=\"{name}\" attr.type=\"{kind}\"/>")?;
    }
    writeln!(out, "  <graph id=\"access\" edgedefault=\"directed\">")?;
    for (at, node) in map.nodes.iter().enumerate() {
        writeln!(out, "    <node id=\"{at}\">")?;
        data(out, "n0", &node.id.to_string())?;
        data(out, "n1", &node.name)?;
        data(out, "n2", node.id.noun.as_str())?;
        data(out, "n3", node.id.system.as_str())?;
        data(out, "n4", state(node.state))?;
        data(out, "n5", &identity_kind(node))?;
        data(out, "n6", &node.privileged.to_string())?;
        data(out, "n7", &node.left.to_string())?;
        writeln!(out, "    </node>")?;
    }
    for edge in &map.edges {
        writeln!(out, "    <edge source=\"{}\" target=\"{}\">", edge.from, edge.to)?;
        data(out, "e0", edge.tie.word())?;
        data(out, "e1", &edge.how)?;
        data(out, "e2", state(edge.state))?;
        data(out, "e3", &edge.privileged.to_string())?;
        writeln!(out, "    </edge>")?;
    }
    writeln!(out, "  </graph>\n</graphml>")
}

fn data(out: &mut String, key: &str, text: &str) -> std::fmt::Result {
    write!(out, "      <data key=\"{key}\">")?;
    for letter in text.chars() {
        match letter {
            '&' => out.write_str("&amp;")?,
            '<' => out.write_str("&lt;")?,
            '>' => out.write_str("&gt;")?,
            // XML 1.0 has no way to write most of the control characters, nor the two that are no characters.
            '\u{fffe}' | '\u{ffff}' => out.write_char('\u{fffd}')?,
            other if other.is_control() => out.write_char('\u{fffd}')?,
            other => out.write_char(other)?,
        }
    }
    writeln!(out, "</data>")
}
