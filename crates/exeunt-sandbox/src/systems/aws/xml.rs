//! XML in AWS's manner: elements only, text escaped, lists as `member`.

use std::fmt::Display;

use quick_xml::escape::escape;

/// A piece of XML under construction.
#[derive(Debug, Default)]
pub(super) struct Xml {
    text: String,
}

impl Xml {
    /// Builds a piece of XML.
    pub(super) fn build(write: impl FnOnce(&mut Self)) -> String {
        let mut xml = Self::default();
        write(&mut xml);
        xml.text
    }

    /// An element with text.
    pub(super) fn leaf(&mut self, name: &str, value: impl Display) {
        let value = value.to_string();
        self.nest(name, |xml| xml.text(&value));
    }

    /// Text by itself.
    pub(super) fn text(&mut self, value: &str) {
        self.text.push_str(&escape(value));
    }

    /// An element with elements.
    pub(super) fn nest(&mut self, name: &str, write: impl FnOnce(&mut Self)) {
        self.text.extend(["<", name, ">"]);
        write(self);
        self.text.extend(["</", name, ">"]);
    }

    /// An element with one `member` for each of `rows`.
    pub(super) fn list<T>(&mut self, name: &str, rows: &[T], write: impl Fn(&mut Self, &T)) {
        self.nest(name, |xml| {
            for row in rows {
                xml.nest("member", |xml| write(xml, row));
            }
        });
    }
}
