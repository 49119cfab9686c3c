//! AWS answers have the elements of AWS's own service models: names, nesting, required members, enumerations.

use std::collections::BTreeSet;

use exeunt_sandbox::{Phase, World};
use quick_xml::{Reader, events::Event};
use serde_json::Value;

use crate::asking::{PHASES, aws, world};

/// An element with its text or its elements.
#[derive(Debug, Default)]
pub struct Element {
    pub name: String,
    pub text: String,
    pub children: Vec<Element>,
}

impl Element {
    pub fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }
}

pub fn parse(xml: &str) -> Element {
    let mut reader = Reader::from_str(xml);
    let mut stack = vec![Element::default()];
    loop {
        match reader.read_event().expect("well-formed XML") {
            Event::Start(start) => {
                stack.push(Element { name: start.name().as_ref().to_owned(), ..Element::default() });
            }
            Event::Text(text) => {
                stack.last_mut().expect("an element").text.push_str(&text);
            }
            Event::GeneralRef(_) => stack.last_mut().expect("an element").text.push('&'),
            Event::End(_) => {
                let done = stack.pop().expect("an element");
                stack.last_mut().expect("a parent").children.push(done);
            }
            Event::Eof => return stack.remove(0).children.remove(0),
            _ => {}
        }
    }
}

fn model(action: &str) -> Value {
    let text = if action == "GetCallerIdentity" {
        include_str!("../specs/aws-sts.json")
    } else {
        include_str!("../specs/aws-iam.json")
    };
    serde_json::from_str(text).expect("a service model")
}

/// Holds an element against a shape of the model; `at` is the path for the message.
fn hold(model: &Value, shape: &str, element: &Element, at: &str) {
    let described = &model["shapes"][shape];
    match described["type"].as_str().expect("a type") {
        "structure" => {
            let members = described["members"].as_object().expect("members");
            for child in &element.children {
                let member = members.get(&child.name);
                let member = member.unwrap_or_else(|| panic!("{at}/{}: not in {shape}", child.name));
                hold(
                    model,
                    member["shape"].as_str().expect("a shape"),
                    child,
                    &format!("{at}/{}", child.name),
                );
            }
            for name in described["required"].as_array().into_iter().flatten() {
                let name = name.as_str().expect("a name");
                assert!(element.child(name).is_some(), "{at}: {name} is missing");
            }
        }
        "list" => {
            let of = described["member"]["shape"].as_str().expect("a shape");
            for child in &element.children {
                assert_eq!(child.name, "member", "{at}: a list holds members");
                hold(model, of, child, &format!("{at}/member"));
            }
        }
        "timestamp" => {
            element.text.parse::<jiff::Timestamp>().unwrap_or_else(|_| panic!("{at}: {}", element.text));
        }
        "boolean" => assert!(element.text == "true" || element.text == "false", "{at}: {}", element.text),
        "integer" => {
            element.text.parse::<i64>().unwrap_or_else(|_| panic!("{at}: {}", element.text));
        }
        _ => {
            let length = element.text.chars().count() as u64;
            let bounds =
                (described["min"].as_u64().unwrap_or(0), described["max"].as_u64().unwrap_or(u64::MAX));
            assert!(bounds.0 <= length && length <= bounds.1, "{at}: {length} characters");
            if let Some(values) = described["enum"].as_array() {
                assert!(values.contains(&Value::from(element.text.as_str())), "{at}: {}", element.text);
            }
        }
    }
}

/// Asks for an action with all its pages, holds each page, and gives the results.
pub fn pages(world: &mut World, query: &str) -> Vec<Element> {
    let action = query.trim_start_matches("Action=").split('&').next().expect("an action").to_owned();
    let model = model(&action);
    let mut results = Vec::new();
    let mut marker = String::new();
    loop {
        let (status, text) = aws(world, &format!("{query}{marker}"));
        assert_eq!(status, 200, "{query}: {text}");
        let root = parse(&text);
        assert_eq!(root.name, format!("{action}Response"));
        let output = &model["operations"][&action]["output"];
        let result = root.children.into_iter().next().expect("a result");
        assert_eq!(Some(result.name.as_str()), output["resultWrapper"].as_str());
        hold(&model, output["shape"].as_str().expect("a shape"), &result, &action);
        let next = result.child("Marker").map(|marker| marker.text.clone());
        results.push(result);
        match next {
            Some(next) => marker = format!("&Marker={next}"),
            None => return results,
        }
    }
}

/// A reader built on AWS's model could not read the demo otherwise.
#[test]
fn aws_answers_in_awss_shape() {
    for phase in PHASES {
        let mut world = world(phase);
        let mut asked: BTreeSet<String> = BTreeSet::new();
        let mut ask = |world: &mut World, query: String| {
            asked.insert(query.split('&').next().expect("an action").replace("Action=", ""));
            pages(world, &query)
        };
        for action in ["GetCallerIdentity", "ListUsers", "ListRoles", "GetAccountAuthorizationDetails"] {
            ask(&mut world, format!("Action={action}"));
        }
        for user in world.aws.users.clone() {
            for action in [
                "GetUser",
                "ListAccessKeys",
                "ListServiceSpecificCredentials",
                "ListSSHPublicKeys",
                "ListSigningCertificates",
                "ListMFADevices",
                "ListUserTags",
                "ListGroupsForUser",
                "ListAttachedUserPolicies",
            ] {
                ask(&mut world, format!("Action={action}&UserName={}", user.name));
            }
            for key in &user.keys {
                ask(&mut world, format!("Action=GetAccessKeyLastUsed&AccessKeyId={}", key.id));
            }
            if user.console.is_some() {
                ask(&mut world, format!("Action=GetLoginProfile&UserName={}", user.name));
            }
        }
        for name in model("ListUsers")["operations"].as_object().expect("operations").keys() {
            assert!(asked.contains(name), "{name} was not asked for");
        }
    }
}

/// "No such entity" is how AWS says that a console password is not there; a reader must be able to tell it from a refusal.
#[test]
fn what_is_not_there_is_said_in_awss_words() {
    let mut world = world(Phase::After);
    for query in ["Action=GetLoginProfile&UserName=ops-shared", "Action=GetUser&UserName=mara.voss"] {
        let (status, text) = aws(&mut world, query);
        let error = parse(&text);
        assert_eq!(status, 404, "{text}");
        assert_eq!(error.name, "ErrorResponse");
        let code = error.child("Error").and_then(|error| error.child("Code")).expect("a code");
        assert_eq!(code.text, "NoSuchEntity");
    }
    assert_eq!(aws(&mut world, "Action=DeleteUser&UserName=ops-shared").0, 400);
}
