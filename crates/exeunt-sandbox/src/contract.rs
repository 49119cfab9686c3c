//! Holds requests and responses against a vendor's own API description (OpenAPI 3.0 or Swagger 2.0).
//!
//! The descriptions are the trimmed copies beside the connectors (`connectors/<system>/contract.json`). A call that leaves the vendor's shape is reported with the
//! JSON pointer of what is wrong.

mod schema;

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Mutex, PoisonError},
};

use jsonschema::{ValidationError, Validator, error::ValidationErrorKind};
use serde_json::{Value, json};

use crate::{server::Request, systems::System};

/// A vendor's description, ready to be held against traffic.
#[derive(Debug)]
pub struct Contract {
    document: Value,
    /// What is put before a path of the description: `/api` for Slack, the gateway's prefix for Jira.
    prefix: String,
    validators: Mutex<BTreeMap<String, Validator>>,
}

/// One departure from the description.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The operation, as the description spells it: `GET /orgs/{org}/members`.
    pub operation: String,
    /// Where: a JSON pointer into the body, or the name of a parameter.
    pub pointer: String,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {:?}: {}", self.operation, self.pointer, self.message)
    }
}

/// A description that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("cannot read the API description: {0}; it must be an OpenAPI 3.0 or Swagger 2.0 document in JSON")]
pub struct ContractError(String);

/// A description's operation that matches a call.
struct Operation<'a> {
    name: String,
    path: &'a str,
    method: String,
    body: &'a Value,
}

impl Contract {
    /// The description of a system's vendor, if there is one here: Okta, Jira, GitHub, Slack.
    ///
    /// # Errors
    /// If the copy in this crate is damaged.
    pub fn of(system: System) -> Result<Option<Self>, ContractError> {
        let (text, prefix) = match system {
            System::Okta => (include_str!("../../../connectors/okta/contract.json"), String::new()),
            System::GitHub => (include_str!("../../../connectors/github/contract.json"), String::new()),
            System::Slack => (include_str!("../../../connectors/slack/contract.json"), "/api".to_owned()),
            System::Jira => (
                include_str!("../../../connectors/jira-cloud/contract.json"),
                format!("/ex/jira/{}", crate::story::CLOUD_ID),
            ),
            System::Atlassian | System::Scim | System::Aws | System::Matrix => return Ok(None),
        };
        Self::parse(text, &prefix).map(Some)
    }

    /// Reads a description. `prefix` is what traffic has before the description's paths.
    ///
    /// # Errors
    /// If the text is not JSON or describes no paths.
    pub fn parse(text: &str, prefix: &str) -> Result<Self, ContractError> {
        let document: Value = serde_json::from_str(text).map_err(|error| ContractError(error.to_string()))?;
        if !document["paths"].is_object() {
            return Err(ContractError("it has no `paths`".to_owned()));
        }
        Ok(Self {
            document: schema::modern(&document),
            prefix: prefix.to_owned(),
            validators: Mutex::default(),
        })
    }

    /// Every operation of the description: method and path.
    #[must_use]
    pub fn operations(&self) -> Vec<(String, String)> {
        let mut operations = Vec::new();
        for (path, item) in self.document["paths"].as_object().into_iter().flatten() {
            for method in item.as_object().into_iter().flatten().map(|(method, _)| method) {
                if method != "parameters" {
                    operations.push((method.to_uppercase(), path.clone()));
                }
            }
        }
        operations
    }

    /// Whether the description knows this call at all.
    #[must_use]
    pub fn describes(&self, method: &str, path: &str) -> bool {
        self.operation(method, path).is_some()
    }

    /// Holds a response against the description. `path` is the path of the request, without its query.
    #[must_use]
    pub fn validate_response(&self, method: &str, path: &str, status: u16, body: &Value) -> Vec<Violation> {
        let Some(operation) = self.operation(method, path) else {
            return vec![undescribed(method, path)];
        };
        // Slack's failures have status 200 and the shape of the default response.
        let failed = body["ok"] == json!(false) && !operation.body["responses"]["default"].is_null();
        let key = if failed { "default".to_owned() } else { status.to_string() };
        let Some(place) = self.response_schema(&operation, &key) else {
            let message = format!("status {status} is not described");
            return vec![Violation { operation: operation.name, pointer: String::new(), message }];
        };
        self.check(&operation.name, &place, body)
    }

    /// Holds a request that was made against the description.
    #[must_use]
    pub fn validate_request(&self, request: &Request) -> Vec<Violation> {
        self.validate_call(&request.method, &request.path, &request.query, request.body.as_deref())
    }

    /// Holds a call against the description: its parameters, and its body if it has one.
    #[must_use]
    pub fn validate_call(
        &self,
        method: &str,
        path: &str,
        query: &[(String, String)],
        body: Option<&[u8]>,
    ) -> Vec<Violation> {
        let Some(operation) = self.operation(method, path) else {
            return vec![undescribed(method, path)];
        };
        let mut violations = self.check_query(&operation, query);
        let place = format!(
            "{}/requestBody/content/application~1json/schema",
            pointer(operation.path, &operation.method)
        );
        if self.document.pointer(&place).is_some() {
            match body.map(serde_json::from_slice::<Value>) {
                Some(Ok(body)) => violations.extend(self.check(&operation.name, &place, &body)),
                _ => violations.push(Violation {
                    operation: operation.name,
                    pointer: String::new(),
                    message: "a JSON body is described, and none was sent".to_owned(),
                }),
            }
        }
        violations
    }

    fn check_query(&self, operation: &Operation<'_>, query: &[(String, String)]) -> Vec<Violation> {
        let shared = self.document["paths"][operation.path]["parameters"].as_array();
        let own = operation.body["parameters"].as_array();
        let described: Vec<&Value> = shared
            .into_iter()
            .chain(own)
            .flatten()
            .map(|parameter| self.resolved(parameter))
            .filter(|parameter| parameter["in"] == "query")
            .collect();
        let violation = |name: &str, message: String| Violation {
            operation: operation.name.clone(),
            pointer: name.to_owned(),
            message,
        };
        let mut violations = Vec::new();
        for (name, value) in query {
            let bare = name.trim_end_matches("[]");
            let Some(parameter) = described.iter().find(|one| one["name"] == **name || one["name"] == bare)
            else {
                violations.push(violation(name, "the vendor describes no such parameter".to_owned()));
                continue;
            };
            // Swagger 2.0 writes the type into the parameter itself.
            let schema = if parameter["schema"].is_null() { parameter } else { &parameter["schema"] };
            if let Some(message) = misfit(self.resolved(schema), value) {
                violations.push(violation(name, message));
            }
        }
        for parameter in described.iter().filter(|one| one["required"] == json!(true)) {
            let name = parameter["name"].as_str().unwrap_or_default();
            // Slack's token may come in the header instead, and does.
            if name != "token" && query.iter().all(|(sent, _)| sent.trim_end_matches("[]") != name) {
                violations.push(violation(name, "a required parameter is missing".to_owned()));
            }
        }
        violations
    }

    fn operation(&self, method: &str, path: &str) -> Option<Operation<'_>> {
        let path = path.strip_prefix(&self.prefix)?;
        let method = method.to_lowercase();
        let paths = self.document["paths"].as_object()?;
        // A path written out wins over one with a placeholder: `/groups/rules` is no group.
        let mut fitting: Vec<&String> = paths.keys().filter(|template| fits(template, path)).collect();
        fitting.sort_by_key(|template| template.matches('{').count());
        let template = fitting.into_iter().find(|template| !paths[*template][&method].is_null())?;
        Some(Operation {
            name: format!("{} {template}", method.to_uppercase()),
            body: &paths[template][&method],
            path: template,
            method,
        })
    }

    /// The schema of a successful answer, with its references resolved one level, for whoever makes up answers.
    #[must_use]
    pub fn answer_schema(&self, method: &str, path: &str) -> Option<&Value> {
        let operation = self.operation(method, path)?;
        self.document.pointer(&self.response_schema(&operation, "200")?)
    }

    /// The schema a reference stands for; the schema itself when it is none.
    #[must_use]
    pub fn resolve<'a>(&'a self, schema: &'a Value) -> &'a Value {
        self.resolved(schema)
    }

    fn response_schema(&self, operation: &Operation<'_>, key: &str) -> Option<String> {
        let responses = &operation.body["responses"];
        let key = if responses[key].is_null() { "default" } else { key };
        let mut place = format!("{}/responses/{key}", pointer(operation.path, &operation.method));
        if let Some(reference) = responses[key]["$ref"].as_str() {
            reference.trim_start_matches('#').clone_into(&mut place);
        }
        let response = self.document.pointer(&place)?;
        if response["schema"].is_object() {
            return Some(format!("{place}/schema"));
        }
        let kind = response["content"].as_object()?.keys().find(|kind| kind.contains("json"))?;
        Some(format!("{place}/content/{}/schema", escaped(kind)))
    }

    fn resolved<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value["$ref"].as_str() {
            Some(reference) => {
                self.document.pointer(reference.trim_start_matches('#')).unwrap_or(&Value::Null)
            }
            None => value,
        }
    }

    fn check(&self, operation: &str, place: &str, body: &Value) -> Vec<Violation> {
        let mut validators = self.validators.lock().unwrap_or_else(PoisonError::into_inner);
        if !validators.contains_key(place) {
            let mut root = json!({ "allOf": [{ "$ref": format!("#{}", encoded(place)) }] });
            for part in ["paths", "components", "definitions"] {
                if !self.document[part].is_null() {
                    root[part] = self.document[part].clone();
                }
            }
            let built = jsonschema::options().with_draft(jsonschema::Draft::Draft202012).build(&root);
            match built {
                Ok(validator) => drop(validators.insert(place.to_owned(), validator)),
                Err(error) => {
                    let message = format!("the description itself cannot be used: {error}");
                    return vec![Violation {
                        operation: operation.to_owned(),
                        pointer: place.to_owned(),
                        message,
                    }];
                }
            }
        }
        let errors = validators.get(place).into_iter().flat_map(|validator| validator.iter_errors(body));
        errors.flat_map(|error| leaves(operation, &error)).collect()
    }
}

/// What is wrong, as deep as it can be said: of several alternatives, the one that came nearest.
fn leaves(operation: &str, error: &ValidationError<'_>) -> Vec<Violation> {
    let (ValidationErrorKind::AnyOf { context: alternatives }
    | ValidationErrorKind::OneOfNotValid { context: alternatives }) = error.kind()
    else {
        let message = error.to_string().chars().take(400).collect();
        let pointer = error.instance_path().to_string();
        return vec![Violation { operation: operation.to_owned(), pointer, message }];
    };
    let nearest = alternatives.iter().min_by_key(|errors| errors.len());
    nearest.into_iter().flatten().flat_map(|error| leaves(operation, error)).collect()
}

fn undescribed(method: &str, path: &str) -> Violation {
    Violation {
        operation: format!("{method} {path}"),
        pointer: String::new(),
        message: "the vendor describes no such call".to_owned(),
    }
}

/// Whether a path fits a template with `{placeholders}`.
fn fits(template: &str, path: &str) -> bool {
    let (mut template, mut path) = (template.split('/'), path.split('/'));
    loop {
        match (template.next(), path.next()) {
            (None, None) => return true,
            (Some(known), Some(given)) if known == given => {}
            (Some(known), Some(given)) if known.starts_with('{') && !given.is_empty() => {}
            _ => return false,
        }
    }
}

/// Why a query value cannot be what the schema wants; only what is certain in text counts.
fn misfit(schema: &Value, value: &str) -> Option<String> {
    let wanted = &schema["type"];
    if wanted == "integer" && value.parse::<i64>().is_err() {
        return Some(format!("{value:?} is not a whole number"));
    }
    if wanted == "boolean" && !matches!(value, "true" | "false" | "1" | "0") {
        return Some(format!("{value:?} is not a boolean"));
    }
    let values = schema["enum"].as_array()?;
    let known = values.iter().any(|one| one.as_str() == Some(value));
    (!known).then(|| format!("{value:?} is not one of {}", Value::from(values.clone())))
}

fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn pointer(path: &str, method: &str) -> String {
    format!("/paths/{}/{method}", escaped(path))
}

/// A pointer as a URI fragment: braces are not allowed there.
fn encoded(pointer: &str) -> String {
    pointer.replace('{', "%7B").replace('}', "%7D")
}
