//! The vendor's description: which GET calls answer with a list, and of what.

use std::collections::BTreeMap;

use serde_json::Value;

/// How deep schemas are followed; they refer to themselves.
const DEPTH: usize = 6;

/// An OpenAPI 3 or Swagger 2 document.
pub(super) struct Description<'a> {
    document: &'a Value,
}

/// A GET call whose answer is a list.
#[derive(Debug, Clone)]
pub(super) struct ListOperation {
    /// The path with its placeholders, the description's base path included.
    pub path: String,
    /// Placeholders that the operator fills.
    pub settings: Vec<String>,
    /// What it is, in the vendor's words; one line.
    pub summary: String,
    /// Names of query parameters.
    pub query: Vec<String>,
    /// The property of the answer that holds the rows; none when the answer is the list.
    pub rows: Option<String>,
    /// Fields of one row and their schemas.
    pub fields: BTreeMap<String, Value>,
    /// Properties of the answer beside the rows.
    pub beside: BTreeMap<String, Value>,
    /// Whether the answer has a `Link` header.
    pub link_header: bool,
}

impl ListOperation {
    /// The names of the path's placeholders, in order, without those that the operator fills.
    pub fn placeholders(&self) -> Vec<String> {
        placeholders(&self.path).into_iter().filter(|name| !self.settings.contains(name)).collect()
    }

    /// Whether rows have a field of this name.
    pub fn has_field(&self, name: &str) -> bool {
        self.fields.contains_key(name)
    }

    /// The field of a row that fills a placeholder of longer paths.
    pub fn key_for(&self, placeholder: &str) -> String {
        let bare = placeholder.to_lowercase();
        let exact = self.fields.keys().find(|field| field.to_lowercase() == bare);
        let last = ["id", "key", "name", "login", "slug", "username"]
            .iter()
            .find(|word| (bare.ends_with(*word) || bare == **word) && self.has_field(word));
        let any = ["id", "uuid", "key", "name"].iter().find(|word| self.has_field(word));
        let found = exact.map(String::as_str).or(last.copied()).or(any.copied()).unwrap_or("id");
        format!(".{found}")
    }
}

impl<'a> Description<'a> {
    /// Such a document, if it is one.
    pub fn new(document: &'a Value) -> Option<Self> {
        document["paths"].is_object().then_some(Self { document })
    }

    /// The product's name.
    pub fn title(&self) -> String {
        one_line(self.document["info"]["title"].as_str().unwrap_or("DECIDE: the product's name"))
    }

    /// How many GET calls there are.
    pub fn gets(&self) -> usize {
        self.document["paths"]
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(_, item)| item["get"].is_object())
            .count()
    }

    /// The path that stands before all paths.
    fn base(&self) -> String {
        let base = self.document["basePath"].as_str().or_else(|| self.document["servers"][0]["url"].as_str());
        let base = base.unwrap_or_default();
        let path = match base.split_once("://") {
            Some((_, rest)) => rest.find('/').map_or("", |at| &rest[at..]),
            None => base,
        };
        path.trim_end_matches('/').to_owned()
    }

    /// Placeholders of the base path, which the operator fills.
    fn settings(&self) -> Vec<String> {
        placeholders(&self.base())
    }

    /// All calls that answer with a list; shorter paths first.
    pub fn lists(&self) -> Vec<ListOperation> {
        let base = self.base();
        let paths = self.document["paths"].as_object();
        let mut lists: Vec<ListOperation> = paths
            .into_iter()
            .flatten()
            .filter_map(|(path, item)| self.list(&format!("{base}{path}"), item))
            .collect();
        lists.sort_by_key(|list| (list.path.matches('/').count(), list.path.clone()));
        // A first placeholder that no list gives values for is the operator's: the organisation, the realm.
        let mut settings: Vec<String> = self.settings();
        for list in &lists {
            if let Some(first) = list.placeholders().first() {
                let before = list.path.split(&format!("/{{{first}}}")).next().unwrap_or_default();
                if lists.iter().all(|other| other.path != before) && !settings.contains(first) {
                    settings.push(first.clone());
                }
            }
        }
        for list in &mut lists {
            list.settings =
                placeholders(&list.path).into_iter().filter(|name| settings.contains(name)).collect();
        }
        lists
    }

    fn list(&self, path: &str, item: &Value) -> Option<ListOperation> {
        let get = item.get("get").filter(|get| get["deprecated"] != true)?;
        let answers = get["responses"].as_object()?;
        let answer = ["200", "2XX", "default"].iter().find_map(|status| answers.get(*status))?;
        let answer = self.resolve(answer);
        let schema = match answer["content"].as_object() {
            Some(kinds) => &kinds.iter().find(|(kind, _)| kind.contains("json"))?.1["schema"],
            None => &answer["schema"],
        };
        let schema = self.resolve(schema);
        let (rows, row, beside) = match self.items(schema) {
            Some(row) => (None, row, BTreeMap::new()),
            None => self.wrapped(schema)?,
        };
        let fields = self.flattened(row);
        let headers = answer["headers"].as_object();
        let parameters =
            item["parameters"].as_array().into_iter().chain(get["parameters"].as_array()).flatten();
        let query = parameters.map(|one| self.resolve(one)).filter(|one| one["in"] == "query");
        let words = get["summary"].as_str().or_else(|| get["description"].as_str());
        let words = words.filter(|words| !words.trim().is_empty()).unwrap_or("DECIDE: what it shows");
        Some(ListOperation {
            path: path.to_owned(),
            settings: self.settings(),
            summary: one_line(words),
            query: query.filter_map(|one| one["name"].as_str().map(str::to_owned)).collect(),
            rows,
            fields,
            beside,
            link_header: headers.is_some_and(|all| all.keys().any(|name| name.eq_ignore_ascii_case("link"))),
        })
    }

    fn items(&self, schema: &'a Value) -> Option<&'a Value> {
        (schema["type"] == "array" || schema["items"].is_object()).then(|| self.resolve(&schema["items"]))
    }

    /// The one property that is a list of objects.
    fn wrapped(&self, schema: &'a Value) -> Option<(Option<String>, &'a Value, BTreeMap<String, Value>)> {
        let properties = self.flattened(schema);
        let mut found: Vec<(String, &'a Value)> = Vec::new();
        for name in properties.keys() {
            let Some(property) = self.property(schema, name, DEPTH) else { continue };
            if let Some(row) = self.items(property)
                && !self.flattened(row).is_empty()
            {
                found.push((name.clone(), row));
            }
        }
        let usual = ["value", "values", "data", "items", "results", "resources", "members", "entries"];
        let chosen = match found.len() {
            0 => return None,
            1 => 0,
            _ => found.iter().position(|(name, _)| usual.contains(&name.to_lowercase().as_str()))?,
        };
        let (name, row) = found.swap_remove(chosen);
        let beside = properties.into_iter().filter(|(other, _)| *other != name).collect();
        Some((Some(name), row, beside))
    }

    fn property(&self, schema: &'a Value, name: &str, depth: usize) -> Option<&'a Value> {
        let schema = self.resolve(schema);
        if let Some(found) = schema["properties"].get(name) {
            return Some(self.resolve(found));
        }
        let parts = schema["allOf"].as_array().filter(|_| depth > 0)?;
        parts.iter().find_map(|part| self.property(part, name, depth - 1))
    }

    /// The properties of a schema and of all it is put together from.
    fn flattened(&self, schema: &'a Value) -> BTreeMap<String, Value> {
        let mut fields = BTreeMap::new();
        self.gather(schema, DEPTH, &mut fields);
        fields
    }

    fn gather(&self, schema: &'a Value, depth: usize, fields: &mut BTreeMap<String, Value>) {
        let schema = self.resolve(schema);
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            fields.insert(name.clone(), self.resolve(property).clone());
        }
        if depth > 0 {
            for word in ["allOf", "oneOf", "anyOf"] {
                for part in schema[word].as_array().into_iter().flatten() {
                    self.gather(part, depth - 1, fields);
                }
            }
        }
    }

    fn resolve(&self, value: &'a Value) -> &'a Value {
        let mut value = value;
        for _ in 0..DEPTH {
            match value["$ref"].as_str().and_then(|reference| reference.strip_prefix('#')) {
                Some(place) => value = self.document.pointer(place).unwrap_or(&Value::Null),
                None => break,
            }
        }
        value
    }
}

fn placeholders(path: &str) -> Vec<String> {
    let parts = path.split('{').skip(1);
    parts.filter_map(|part| part.split_once('}')).map(|(name, _)| name.to_owned()).collect()
}

/// The first line, without what would end a YAML text.
fn one_line(text: &str) -> String {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let plain: String = line.chars().filter(|c| !c.is_control()).take(160).collect();
    plain.replace('"', "'").replace('\\', "/")
}
