//! AWS APIs: query APIs (IAM, STS) with signed form requests and XML answers, and services that speak JSON.
//!
//! A success's page is what stands in `<ActionResult>`, or the JSON answer; a refusal's page is
//! `{"Error": {"Code": ..., "Message": ...}}` beside its HTTP status.

pub mod assume;
mod json;
pub mod sign;
pub mod xml;

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use reqwest::Url;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue};
use serde_json::{Map, Value, json};
use url::form_urlencoded::Serializer;

use exeunt_model::PartialReason;

use self::assume::{Assume, Role, Roles, Session, Source};
use self::sign::{Signed, Sigv4};
use self::xml::NotAnswer;
use super::http::retry;
use super::http::send::{Outgoing, Sent, Wire};
use super::http::token::Token;
use super::{Answer, Ask, Fault, Protocol};
use crate::mapper::Subject;

/// One AWS endpoint.
pub struct AwsProtocol {
    wire: Wire,
    signer: Sigv4,
    endpoint: Url,
    origin: String,
    /// Whether the operator said where: then every service is asked there.
    given: bool,
    /// Headers of the manifest.
    headers: HeaderMap,
    /// Roles in other accounts; why there can be none, where the region is none of AWS's.
    roles: Result<Roles, Fault>,
}

impl AwsProtocol {
    /// One endpoint, with keys; `given` when the operator said where it is.
    #[must_use]
    pub fn new(wire: Wire, signer: Sigv4, endpoint: Url, given: bool, headers: HeaderMap) -> Self {
        let sts = json::below_aws("sts.{region}.amazonaws.com", &signer.region, given.then_some(&endpoint));
        let roles = sts.map(|endpoint| {
            Roles::new(Source { keys: Arc::clone(&signer.keys), region: signer.region.clone(), endpoint })
        });
        let origin = endpoint.origin().ascii_serialization();
        Self { wire, signer, endpoint, origin, given, headers, roles }
    }
}

impl Protocol for AwsProtocol {
    fn fetch<'a>(&'a self, ask: &'a Ask) -> BoxFuture<'a, Result<Answer, Fault>> {
        Box::pin(async move {
            let Ask::Aws { action, version, params, lists, json, role } = ask else {
                return Err(another_protocol());
            };
            let (outgoing, signed) = match json {
                None => (self.outgoing(action, version, params), self.signer.as_configured()),
                Some((service, body)) => {
                    let region = service.region.as_ref().unwrap_or(&self.signer.region);
                    let url = json::endpoint(service, region, self.given.then_some(&self.endpoint))?;
                    let outgoing = json::outgoing(service, action, body, url, &self.headers)?;
                    (outgoing, Signed { keys: &self.signer.keys, service: &service.service, region })
                }
            };
            let sent = match self.session(role.as_ref()).await? {
                None => self.wire.send(&outgoing, &signed).await?,
                Some(token) => {
                    let session = Session { token: &token, service: signed.service, region: signed.region };
                    self.wire.send(&outgoing, &session).await?
                }
            };
            let Sent { whole, statuses } = sent;
            let server_date = retry::server_date(&whole.headers);
            let page = if (200..300).contains(&whole.status) {
                let page = match json {
                    None => success(action, &whole.body, lists),
                    Some(_) => json::success(&whole.body),
                };
                page.map_err(|(reason, words)| Fault {
                    reason,
                    detail: format!("{action} at {}: {words}", outgoing.url),
                    statuses: statuses.clone(),
                })?
            } else {
                refusal(&whole.body)
            };
            let (headers, body) = (whole.headers, whole.body);
            Ok(Answer { statuses, headers, body, page: page.into(), cookie: Vec::new(), server_date })
        })
    }

    fn origin(&self) -> Option<&str> {
        Some(&self.origin)
    }

    fn reread(&self, ask: &Ask, body: &[u8]) -> Result<Subject, Fault> {
        match ask {
            Ask::Aws { action, json: Some(_), .. } => reread(action, body, json::success).map(Subject::from),
            Ask::Aws { action, lists, .. } => {
                reread(action, body, |body| success(action, body, lists)).map(Subject::from)
            }
            _ => Err(another_protocol()),
        }
    }
}

/// The page of a kept body. A refusal is only kept as a page where the manifest says that it
/// means "none", so it comes back as the refusal it was.
fn reread(
    action: &str,
    body: &[u8],
    success: impl Fn(&[u8]) -> Result<Value, (PartialReason, String)>,
) -> Result<Value, Fault> {
    let refusal = refusal(body);
    if !refusal.is_null() {
        return Ok(refusal);
    }
    success(body).map_err(|(reason, words)| Fault {
        reason,
        detail: format!("a kept page of {action}: {words}. Collect this system anew"),
        statuses: Vec::new(),
    })
}

fn another_protocol() -> Fault {
    Fault {
        reason: PartialReason::UnexpectedStatus,
        detail: "nothing was sent: this system is read by AWS actions, and the read asks for another \
                 protocol. Correct the manifest"
            .to_owned(),
        statuses: Vec::new(),
    }
}

impl AwsProtocol {
    fn outgoing(&self, action: &str, version: &str, params: &BTreeMap<String, String>) -> Outgoing {
        let mut outgoing = form_request(&self.endpoint, action, version, params);
        for (name, value) in &self.headers {
            if *name != CONTENT_TYPE {
                outgoing.headers.insert(name, value.clone());
            }
        }
        outgoing
    }

    async fn session(&self, role: Option<&Role>) -> Result<Option<Arc<Token<Assume>>>, Fault> {
        let Some(role) = role else { return Ok(None) };
        self.roles.as_ref().map_err(Clone::clone)?.session(&self.wire, role).await
    }
}

/// One action of a query API as a form, not yet signed.
fn form_request(url: &Url, action: &str, version: &str, params: &BTreeMap<String, String>) -> Outgoing {
    let mut form = Serializer::new(String::new());
    form.append_pair("Action", action).append_pair("Version", version);
    form.extend_pairs(params);
    let headers = HeaderMap::from_iter([
        (CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded; charset=utf-8")),
        (ACCEPT, HeaderValue::from_static("application/xml")),
    ]);
    let body = Some(form.finish().into_bytes());
    Outgoing { method: reqwest::Method::POST, url: url.clone(), headers, body }
}

/// What stands in `<ActionResult>`, with the named lists present.
///
/// A list that is absent from the whole result is put at its top, empty; one that is absent from
/// an item is not, since nothing says which items it belongs to.
fn success(action: &str, body: &[u8], lists: &[String]) -> Result<Value, (PartialReason, String)> {
    let response = format!("{action}Response");
    let parsed = xml::parse(body, lists, |root| root == response).map_err(|e| match e {
        NotAnswer::Truncated => (
            PartialReason::Truncated,
            format!("the answer ended in the middle of its XML, after {} bytes. Try again later", body.len()),
        ),
        NotAnswer::Other(what) => (
            PartialReason::SchemaChanged,
            format!("the answer is not the XML of this action: {what}. Check the URL, and that the service knows the action"),
        ),
    })?;
    let result = match parsed.value {
        Value::Object(mut response) => response.remove(&format!("{action}Result")),
        _ => None,
    };
    let mut result = match result {
        Some(Value::Object(result)) => result,
        // `<ListUsersResult/>`: nothing in it, but it is there.
        Some(Value::String(text)) if text.is_empty() => Map::new(),
        _ => {
            let words =
                format!("the answer has no {action}Result. The service has changed, or answers for another");
            return Err((PartialReason::SchemaChanged, words));
        }
    };
    for list in lists {
        if !occurs(&result, list) {
            result.insert(list.clone(), json!([]));
        }
    }
    Ok(Value::Object(result))
}

fn occurs(object: &Map<String, Value>, name: &str) -> bool {
    fn within(value: &Value, name: &str) -> bool {
        match value {
            Value::Object(object) => occurs(object, name),
            Value::Array(items) => items.iter().any(|item| within(item, name)),
            _ => false,
        }
    }
    object.contains_key(name) || object.values().any(|value| within(value, name))
}

/// Code and message of a refusal; `Null` when the body is none of AWS's.
fn refusal(body: &[u8]) -> Value {
    let known = |root: &str| matches!(root, "ErrorResponse" | "Response" | "Error");
    let Ok(parsed) = xml::parse(body, &[], known) else { return json::refusal(body) };
    let error = match parsed.root.as_str() {
        "Error" => Some(&parsed.value),
        "Response" => parsed.value.pointer("/Errors/Error"),
        _ => parsed.value.get("Error"),
    };
    match error {
        Some(error) => json!({"Error": {"Code": error["Code"], "Message": error["Message"]}}),
        None => Value::Null,
    }
}

/// The codes that AWS's own clients wait on, whatever status they come with.
fn is_throttling(body: &[u8]) -> bool {
    let page = refusal(body);
    let code = page.pointer("/Error/Code").and_then(Value::as_str).unwrap_or_default();
    matches!(
        code,
        "Throttling"
            | "ThrottlingException"
            | "ThrottledException"
            | "RequestThrottled"
            | "RequestThrottledException"
            | "RequestLimitExceeded"
            | "TooManyRequestsException"
            | "SlowDown"
            | "BandwidthLimitExceeded"
            | "PriorRequestNotComplete"
    )
}

#[cfg(test)]
mod tests {
    use super::{is_throttling, refusal, reread, success};
    use exeunt_model::PartialReason;
    use serde_json::{Value, json};

    fn lists(names: &[&str]) -> Vec<String> {
        names.iter().map(|s| (*s).to_owned()).collect()
    }

    /// A page is the action's result, so that a manifest can say `.Users` and `.Marker`.
    #[test]
    fn a_page_is_the_result_of_the_action() {
        let body = b"<ListUsersResponse xmlns='https://iam.amazonaws.com/doc/2010-05-08/'><ListUsersResult>\
            <IsTruncated>true</IsTruncated><Marker>m1</Marker>\
            <Users><member><UserName>ada</UserName><GroupList/></member></Users></ListUsersResult>\
            <ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></ListUsersResponse>";
        let page = success("ListUsers", body, &lists(&["Users", "GroupList", "Tags"]));
        let want = json!({
            "IsTruncated": "true", "Marker": "m1", "Tags": [],
            "Users": [{"UserName": "ada", "GroupList": []}],
        });
        assert_eq!(page, Ok(want));
    }

    /// The emulator and some gateways answer an unknown action with a web page and status 200.
    #[test]
    fn another_answer_is_a_changed_schema_and_a_cut_one_is_cut() {
        let reason = |body: &str| success("ListUsers", body.as_bytes(), &[]).err().map(|(reason, _)| reason);
        assert_eq!(reason("<!DOCTYPE html><html></html>"), Some(PartialReason::SchemaChanged));
        assert_eq!(reason("<ListRolesResponse/>"), Some(PartialReason::SchemaChanged));
        assert_eq!(reason("<ListUsersResponse></ListUsersResponse>"), Some(PartialReason::SchemaChanged));
        assert_eq!(reason("<ListUsersResponse><ListUsersResult><Users>"), Some(PartialReason::Truncated));
        assert_eq!(reason(""), Some(PartialReason::Truncated));
        assert_eq!(
            success("ListUsers", b"<ListUsersResponse><ListUsersResult/></ListUsersResponse>", &[]),
            Ok(json!({}))
        );
    }

    /// A killed run goes on from its kept pages: a success and a refusal that means "none" come
    /// back as they were, and a page that was damaged meanwhile does not come back shorter.
    #[test]
    fn kept_pages_come_back_as_they_were() {
        let of_users = |body: &[u8]| success("ListUsers", body, &[]);
        let users = b"<ListUsersResponse><ListUsersResult><Users><member>a</member></Users></ListUsersResult></ListUsersResponse>";
        assert_eq!(reread("ListUsers", users, of_users), Ok(json!({"Users": ["a"]})));
        let none =
            b"<ErrorResponse><Error><Code>NoSuchEntity</Code><Message>m</Message></Error></ErrorResponse>";
        assert_eq!(
            reread("ListUsers", none, of_users).map(|page| page["Error"]["Code"].clone()),
            Ok(json!("NoSuchEntity"))
        );
        let cut = reread("ListUsers", &users[..70], of_users).map_err(|fault| fault.reason);
        assert_eq!(cut, Err(PartialReason::Truncated));
    }

    /// A refusal keeps AWS's own words, and throttling is told from refusal by its code.
    #[test]
    fn refusals_keep_code_and_message() {
        let body = "<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>";
        assert_eq!(
            refusal(body.as_bytes()),
            json!({"Error": {"Code": "Throttling", "Message": "Rate exceeded"}})
        );
        assert!(is_throttling(body.as_bytes()));
        let ec2 = "<Response><Errors><Error><Code>RequestLimitExceeded</Code><Message>m</Message></Error></Errors></Response>";
        assert!(is_throttling(ec2.as_bytes()));
        assert!(!is_throttling(body.replace("Throttling", "AccessDenied").as_bytes()));
        assert_eq!(refusal(b"<html>no</html>"), Value::Null);
        assert_eq!(refusal(b"{}"), Value::Null);
    }
}
