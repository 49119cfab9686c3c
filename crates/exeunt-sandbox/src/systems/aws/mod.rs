//! The AWS account: IAM and STS in the query protocol, form-encoded in, XML out, signed with signature version 4.

mod signature;
mod state;
mod view;
mod xml;

pub use state::{AccessKey, Certificate, Group, Policy, Role, ServiceCredential, SshKey, State, User};

use crate::{
    answer::Answer,
    call::{Call, find},
    paging, story,
    world::World,
};
use xml::Xml;

/// Answers one call as AWS does.
#[must_use]
pub fn answer(world: &World, call: &Call) -> Answer {
    if let Err(refused) = signature::check(call) {
        return error(refused.status, refused.code, &refused.message);
    }
    let mut parameters = call.query.clone();
    parameters.extend(call.form());
    let asked = Asked { world, parameters };
    let action = asked.parameter("Action").unwrap_or_default().to_owned();
    match asked.result(&action) {
        Ok(result) => Answer::xml(200, envelope(&action, &result)),
        Err(refused) => error(refused.status, refused.code, &refused.message),
    }
}

/// Why a call was refused.
#[derive(Debug)]
struct Refused {
    status: u16,
    code: &'static str,
    message: String,
}

/// One call with its parameters.
struct Asked<'a> {
    world: &'a World,
    parameters: Vec<(String, String)>,
}

impl Asked<'_> {
    fn parameter(&self, name: &str) -> Option<&str> {
        find(&self.parameters, name)
    }

    fn user(&self) -> Result<&User, Refused> {
        let name = self.parameter("UserName").unwrap_or_default();
        self.world.aws.users.iter().find(|user| user.name == name).ok_or_else(|| no_such_user(name))
    }

    fn result(&self, action: &str) -> Result<String, Refused> {
        let aws = &self.world.aws;
        match action {
            "GetCallerIdentity" => Ok(view::caller()),
            "ListUsers" => self.list("Users", &aws.users, view::user),
            "ListRoles" => self.list("Roles", &aws.roles, view::role),
            "GetUser" => {
                let user = self.user()?;
                Ok(Xml::build(|xml| {
                    xml.nest("User", |xml| {
                        view::user(xml, user);
                        view::tags(xml, &user.tags);
                    });
                }))
            }
            "GetAccountAuthorizationDetails" => self.authorization_details(),
            "ListAccessKeys" => {
                let user = self.user()?;
                self.list("AccessKeyMetadata", &user.keys, |xml, key| view::access_key(xml, user, key))
            }
            "GetAccessKeyLastUsed" => {
                let id = self.parameter("AccessKeyId").unwrap_or_default();
                let mut owned =
                    aws.users.iter().flat_map(|user| user.keys.iter().map(move |key| (user, key)));
                let (user, key) = owned
                    .find(|(_, key)| key.id == id)
                    .ok_or_else(|| no_such(format!("The Access Key with id {id} cannot be found.")))?;
                Ok(view::last_used(user, key))
            }
            "ListServiceSpecificCredentials" => {
                let user = self.user()?;
                // In the model, this list has no pages unless all users are asked for.
                Ok(Xml::build(|xml| {
                    xml.list("ServiceSpecificCredentials", &user.service_credentials, |xml, one| {
                        view::service_credential(xml, user, one);
                    });
                }))
            }
            "ListSSHPublicKeys" => {
                let user = self.user()?;
                self.list("SSHPublicKeys", &user.ssh_keys, |xml, key| view::ssh_key(xml, user, key))
            }
            "ListSigningCertificates" => {
                let user = self.user()?;
                self.list("Certificates", &user.certificates, |xml, one| view::certificate(xml, user, one))
            }
            "ListMFADevices" => {
                let user = self.user()?;
                let devices: Vec<_> = user.mfa.into_iter().collect();
                self.list("MFADevices", &devices, |xml, enabled| view::mfa_device(xml, user, *enabled))
            }
            "GetLoginProfile" => {
                let user = self.user()?;
                let created = user.console.ok_or_else(|| {
                    no_such(format!("Login Profile for User {} cannot be found.", user.name))
                })?;
                Ok(view::login_profile(user, created))
            }
            "ListUserTags" => self.list("Tags", &self.user()?.tags, view::tag),
            "ListGroupsForUser" => {
                let user = self.user()?;
                let groups: Vec<&Group> =
                    aws.groups.iter().filter(|group| user.groups.contains(&group.name)).collect();
                self.list("Groups", &groups, |xml, group| view::group(xml, group))
            }
            "ListAttachedUserPolicies" => {
                self.list("AttachedPolicies", &self.user()?.policies, |xml, name| view::attached(xml, name))
            }
            _ => Err(Refused {
                status: 400,
                code: "InvalidAction",
                message: format!("Could not find operation {action} for version 2010-05-08"),
            }),
        }
    }

    fn list<T>(&self, name: &str, rows: &[T], item: impl Fn(&mut Xml, &T)) -> Result<String, Refused> {
        let page = self.page(rows)?;
        Ok(Xml::build(|xml| {
            xml.list(name, page.rows, item);
            view::truncation(xml, page.next.map(marker));
        }))
    }

    fn page<'a, T>(&self, rows: &'a [T]) -> Result<paging::Page<'a, T>, Refused> {
        let start = match self.parameter("Marker") {
            None => Some(0),
            Some(text) => paging::offset("iam", text),
        };
        let start = start.ok_or_else(|| Refused {
            status: 400,
            code: "ValidationError",
            message: "Invalid Marker".to_owned(),
        })?;
        let cap = self.world.page_cap;
        let size = self.parameter("MaxItems").and_then(|text| text.parse().ok()).unwrap_or(cap);
        Ok(paging::page(rows, start, size.clamp(1, cap)))
    }

    /// One list of all kinds, cut into pages across them, as AWS does.
    fn authorization_details(&self) -> Result<String, Refused> {
        let aws = &self.world.aws;
        let mut rows: Vec<Detail<'_>> = Vec::new();
        rows.extend(aws.users.iter().map(Detail::User));
        rows.extend(aws.groups.iter().map(Detail::Group));
        rows.extend(aws.roles.iter().map(Detail::Role));
        rows.extend(aws.policies.iter().map(Detail::Policy));
        let wanted: Vec<&str> = self
            .parameters
            .iter()
            .filter(|(name, _)| name.starts_with("Filter.member."))
            .map(|(_, value)| value.as_str())
            .collect();
        rows.retain(|row| wanted.is_empty() || wanted.contains(&row.filter()));
        let page = self.page(&rows)?;
        Ok(Xml::build(|xml| {
            let of = |filter: &str| -> Vec<&Detail<'_>> {
                page.rows.iter().filter(|row| row.filter() == filter).collect()
            };
            for (name, filter) in [
                ("UserDetailList", "User"),
                ("GroupDetailList", "Group"),
                ("RoleDetailList", "Role"),
                ("Policies", "LocalManagedPolicy"),
            ] {
                xml.list(name, &of(filter), |xml, row| row.write(xml));
            }
            view::truncation(xml, page.next.map(marker));
        }))
    }
}

/// A row of the authorization details.
enum Detail<'a> {
    User(&'a User),
    Group(&'a Group),
    Role(&'a Role),
    Policy(&'a Policy),
}

impl Detail<'_> {
    fn filter(&self) -> &'static str {
        match self {
            Self::User(_) => "User",
            Self::Group(_) => "Group",
            Self::Role(_) => "Role",
            Self::Policy(_) => "LocalManagedPolicy",
        }
    }

    fn write(&self, xml: &mut Xml) {
        match self {
            Self::User(user) => view::user_detail(xml, user),
            Self::Group(group) => view::group_detail(xml, group),
            Self::Role(role) => view::role_detail(xml, role),
            Self::Policy(policy) => view::policy_detail(xml, policy),
        }
    }
}

fn marker(next: usize) -> String {
    paging::cursor("iam", next)
}

fn no_such_user(name: &str) -> Refused {
    no_such(format!("The user with name {name} cannot be found."))
}

fn no_such(message: String) -> Refused {
    Refused { status: 404, code: "NoSuchEntity", message }
}

fn namespace(action: &str) -> &'static str {
    if action == "GetCallerIdentity" {
        "https://sts.amazonaws.com/doc/2011-06-15/"
    } else {
        "https://iam.amazonaws.com/doc/2010-05-08/"
    }
}

const REQUEST_ID: &str = "00000000-0000-4000-a000-000000002017";

fn envelope(action: &str, result: &str) -> String {
    format!(
        "<{action}Response xmlns=\"{}\"><{action}Result>{result}</{action}Result>\
         <ResponseMetadata><RequestId>{REQUEST_ID}</RequestId></ResponseMetadata></{action}Response>",
        namespace(action)
    )
}

fn error(status: u16, code: &str, message: &str) -> Answer {
    let body = Xml::build(|xml| {
        xml.nest("Error", |xml| {
            xml.leaf("Type", "Sender");
            xml.leaf("Code", code);
            xml.leaf("Message", message);
        });
        xml.leaf("RequestId", REQUEST_ID);
    });
    Answer::xml(status, format!("<ErrorResponse xmlns=\"{}\">{body}</ErrorResponse>", namespace("")))
}

/// The ARN of something in this account.
fn arn(kind: &str, path: &str, name: &str) -> String {
    format!("arn:aws:iam::{}:{kind}{path}{name}", story::AWS_ACCOUNT)
}
