//! AWS services that speak JSON (Identity Store, IAM Identity Center, Organizations): the action stands in
//! `X-Amz-Target`, parameters and answers are JSON objects.
//!
//! A refusal's page has the form of the query APIs, `{"Error": {"Code": ..., "Message": ...}}`, so that what a
//! status and a code mean is decided in one place for both.

use reqwest::Url;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};

use exeunt_model::PartialReason;
use exeunt_model::manifest::AwsJson;

use crate::protocol::Fault;
use crate::protocol::http::send::Outgoing;

/// Where a service is asked: at the operator's endpoint, or at its own host in the region.
pub(super) fn endpoint(service: &AwsJson, region: &str, given: Option<&Url>) -> Result<Url, Fault> {
    below_aws(&service.host, region, given)
}

/// The same for a host by its name, with `{region}` in it.
pub(super) fn below_aws(host: &str, region: &str, given: Option<&Url>) -> Result<Url, Fault> {
    if let Some(given) = given {
        return Ok(given.clone());
    }
    let host = host.replace("{region}", region);
    let wrong = || Fault {
        reason: PartialReason::Unreachable,
        detail: format!("nothing was sent: `{host}` is no host of AWS. Check `auth.sigv4.region`"),
        statuses: Vec::new(),
    };
    let url = Url::parse(&format!("https://{host}/")).map_err(|_| wrong())?;
    let below = url.host_str().is_some_and(|name| name == host && name.ends_with(".amazonaws.com"));
    if below { Ok(url) } else { Err(wrong()) }
}

/// The request, not yet signed.
pub(super) fn outgoing(
    service: &AwsJson,
    action: &str,
    body: &Value,
    url: Url,
    manifest: &HeaderMap,
) -> Result<Outgoing, Fault> {
    let unfit = |_| Fault {
        reason: PartialReason::UnexpectedStatus,
        detail: format!(
            "nothing was sent: `{}.{action}` cannot stand in a header. Correct the manifest",
            service.target
        ),
        statuses: Vec::new(),
    };
    let mut headers = manifest.clone();
    let target = HeaderValue::try_from(format!("{}.{action}", service.target)).map_err(unfit)?;
    let content =
        HeaderValue::try_from(format!("application/x-amz-json-{}", service.version)).map_err(unfit)?;
    headers.insert(HeaderName::from_static("x-amz-target"), target);
    headers.insert(CONTENT_TYPE, content);
    headers.entry(ACCEPT).or_insert(HeaderValue::from_static("application/json"));
    Ok(Outgoing { method: reqwest::Method::POST, url, headers, body: Some(body.to_string().into_bytes()) })
}

/// The page of a success: the answer itself, which has to be an object.
pub(super) fn success(body: &[u8]) -> Result<Value, (PartialReason, String)> {
    match serde_json::from_slice::<Value>(body) {
        Ok(page) if page.is_object() => Ok(page),
        Ok(_) => {
            Err((PartialReason::SchemaChanged, "the answer is JSON, but no object. Check the URL".to_owned()))
        }
        Err(error) if error.is_eof() => Err((
            PartialReason::Truncated,
            format!(
                "the answer ended in the middle of its JSON, after {} bytes. Try again later",
                body.len()
            ),
        )),
        Err(_) => Err((
            PartialReason::SchemaChanged,
            "the answer is no JSON. Check the URL, and that the service knows the action".to_owned(),
        )),
    }
}

/// Code and message of a refusal; `Null` when the body is none of AWS's.
pub(super) fn refusal(body: &[u8]) -> Value {
    let Ok(page) = serde_json::from_slice::<Value>(body) else { return Value::Null };
    let Some(code) = ["__type", "code", "Code"].iter().find_map(|key| page.get(*key)?.as_str()) else {
        return Value::Null;
    };
    // `com.amazonaws.identitystore#AccessDeniedException:http://...`
    let code = code.rsplit('#').next().unwrap_or(code);
    let code = code.split(':').next().unwrap_or(code);
    let message = ["message", "Message"].iter().find_map(|key| page.get(*key)?.as_str());
    json!({"Error": {"Code": code, "Message": message}})
}

#[cfg(test)]
mod tests {
    use exeunt_model::PartialReason;
    use exeunt_model::manifest::AwsJson;
    use serde_json::{Value, json};

    use super::{endpoint, refusal, success};

    fn service() -> AwsJson {
        AwsJson {
            target: "AWSIdentityStore".to_owned(),
            version: "1.1".to_owned(),
            service: "identitystore".to_owned(),
            host: "identitystore.{region}.amazonaws.com".to_owned(),
            region: None,
        }
    }

    /// A region with a slash or another host in it must not send signed requests elsewhere.
    #[test]
    fn a_region_cannot_lead_away_from_aws() {
        let at = |region: &str| endpoint(&service(), region, None).map(|url| url.to_string());
        assert_eq!(at("eu-central-1"), Ok("https://identitystore.eu-central-1.amazonaws.com/".to_owned()));
        for region in ["evil.example/", "x@evil.example/?", "a b", "evil.example#", ":1/"] {
            assert_eq!(at(region).map_err(|fault| fault.reason), Err(PartialReason::Unreachable), "{region}");
        }
        let given = "http://127.0.0.1:5500/".parse().expect("a URL");
        assert_eq!(endpoint(&service(), "x", Some(&given)), Ok(given));
    }

    /// What is no answer of the service must not be read as a list without rows.
    #[test]
    fn another_answer_is_a_changed_schema_and_a_cut_one_is_cut() {
        let reason = |body: &str| success(body.as_bytes()).err().map(|(reason, _)| reason);
        assert_eq!(reason("{\"Users\": []}"), None);
        assert_eq!(reason("{\"Users\": [{\"Us"), Some(PartialReason::Truncated));
        assert_eq!(reason(""), Some(PartialReason::Truncated));
        assert_eq!(reason("[]"), Some(PartialReason::SchemaChanged));
        assert_eq!(reason("<!DOCTYPE html>"), Some(PartialReason::SchemaChanged));
    }

    /// A refusal keeps its code, without the namespace some services write before it.
    #[test]
    fn refusals_keep_code_and_message() {
        let body = br#"{"__type": "com.amazonaws.identitystore#AccessDeniedException", "Message": "no"}"#;
        assert_eq!(refusal(body), json!({"Error": {"Code": "AccessDeniedException", "Message": "no"}}));
        assert_eq!(refusal(br#"{"Users": []}"#), Value::Null);
        assert_eq!(refusal(b"<html>"), Value::Null);
    }
}
