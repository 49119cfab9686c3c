//! IAM's objects in IAM's XML.

use jiff::Timestamp;
use serde_json::json;

use super::{
    arn,
    state::{AccessKey, Certificate, Group, Policy, Role, ServiceCredential, SshKey, Trusted, User},
    xml::Xml,
};
use crate::{
    calendar::{at, iso},
    call::encode,
    story,
};

/// When the account's groups, roles and policies were made.
const FOUNDED: Timestamp = at(2021, 2, 1, 9, 0);

pub(super) fn caller() -> String {
    Xml::build(|xml| {
        xml.leaf("Arn", arn("user", "/", "access-review"));
        xml.leaf("UserId", "AIDAEXAMPLE0000000READ");
        xml.leaf("Account", story::AWS_ACCOUNT);
    })
}

pub(super) fn truncation(xml: &mut Xml, marker: Option<String>) {
    xml.leaf("IsTruncated", marker.is_some());
    if let Some(marker) = marker {
        xml.leaf("Marker", marker);
    }
}

pub(super) fn user(xml: &mut Xml, user: &User) {
    xml.leaf("Path", "/");
    xml.leaf("UserName", &user.name);
    xml.leaf("UserId", &user.id);
    xml.leaf("Arn", arn("user", "/", &user.name));
    xml.leaf("CreateDate", iso(user.created));
}

pub(super) fn user_detail(xml: &mut Xml, one: &User) {
    user(xml, one);
    xml.list("GroupList", &one.groups, |xml, name| xml.text(name));
    attached_policies(xml, &one.policies);
    tags(xml, &one.tags);
}

pub(super) fn tags(xml: &mut Xml, tags: &[(String, String)]) {
    xml.list("Tags", tags, tag);
}

pub(super) fn tag(xml: &mut Xml, (name, value): &(String, String)) {
    xml.leaf("Key", name);
    xml.leaf("Value", value);
}

fn attached_policies(xml: &mut Xml, names: &[String]) {
    xml.list("AttachedManagedPolicies", names, |xml, name| attached(xml, name));
}

pub(super) fn attached(xml: &mut Xml, name: &str) {
    xml.leaf("PolicyName", name);
    xml.leaf("PolicyArn", arn("policy", "/", name));
}

pub(super) fn group(xml: &mut Xml, group: &Group) {
    xml.leaf("Path", "/");
    xml.leaf("GroupName", &group.name);
    xml.leaf("GroupId", &group.id);
    xml.leaf("Arn", arn("group", "/", &group.name));
    xml.leaf("CreateDate", iso(FOUNDED));
}

pub(super) fn group_detail(xml: &mut Xml, one: &Group) {
    group(xml, one);
    attached_policies(xml, &one.policies);
}

/// The trust policy, percent-encoded as IAM hands it out.
fn trust(role: &Role) -> String {
    let arns: Vec<&str> = role
        .trusted
        .iter()
        .filter_map(|one| match one {
            Trusted::Arn(arn) => Some(arn.as_str()),
            Trusted::Service(_) => None,
        })
        .collect();
    let services: Vec<&str> = role
        .trusted
        .iter()
        .filter_map(|one| match one {
            Trusted::Service(name) => Some(*name),
            Trusted::Arn(_) => None,
        })
        .collect();
    let mut statements = Vec::new();
    if !arns.is_empty() {
        statements
            .push(json!({ "Effect": "Allow", "Principal": { "AWS": arns }, "Action": "sts:AssumeRole" }));
    }
    if !services.is_empty() {
        statements.push(
            json!({ "Effect": "Allow", "Principal": { "Service": services }, "Action": "sts:AssumeRole" }),
        );
    }
    encode(&json!({ "Version": "2012-10-17", "Statement": statements }).to_string())
}

fn role_head(xml: &mut Xml, role: &Role) {
    xml.leaf("Path", role.path);
    xml.leaf("RoleName", &role.name);
    xml.leaf("RoleId", &role.id);
    xml.leaf("Arn", arn("role", role.path, &role.name));
    xml.leaf("CreateDate", iso(FOUNDED));
    xml.leaf("AssumeRolePolicyDocument", trust(role));
}

pub(super) fn role(xml: &mut Xml, role: &Role) {
    role_head(xml, role);
    xml.leaf("MaxSessionDuration", 3600);
}

pub(super) fn role_detail(xml: &mut Xml, role: &Role) {
    role_head(xml, role);
    attached_policies(xml, &role.policies);
    xml.nest("RoleLastUsed", |xml| {
        if let Some(used) = role.last_used {
            xml.leaf("LastUsedDate", iso(used));
            xml.leaf("Region", "eu-north-1");
        }
    });
}

pub(super) fn policy_detail(xml: &mut Xml, policy: &Policy) {
    xml.leaf("PolicyName", &policy.name);
    xml.leaf("PolicyId", &policy.id);
    xml.leaf("Arn", arn("policy", "/", &policy.name));
    xml.leaf("Path", "/");
    xml.leaf("DefaultVersionId", "v1");
    xml.leaf("AttachmentCount", 1);
    xml.leaf("PermissionsBoundaryUsageCount", 0);
    xml.leaf("IsAttachable", true);
    xml.leaf("CreateDate", iso(FOUNDED));
    xml.leaf("UpdateDate", iso(FOUNDED));
    let statement = json!({ "Effect": "Allow", "Action": policy.actions, "Resource": "*" });
    let document = json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string();
    xml.list("PolicyVersionList", &[encode(&document)], |xml, document| {
        xml.leaf("Document", document);
        xml.leaf("VersionId", "v1");
        xml.leaf("IsDefaultVersion", true);
        xml.leaf("CreateDate", iso(FOUNDED));
    });
}

fn status(active: bool) -> &'static str {
    if active { "Active" } else { "Inactive" }
}

pub(super) fn access_key(xml: &mut Xml, user: &User, key: &AccessKey) {
    xml.leaf("UserName", &user.name);
    xml.leaf("AccessKeyId", &key.id);
    xml.leaf("Status", status(key.active));
    xml.leaf("CreateDate", iso(key.created));
}

pub(super) fn last_used(user: &User, key: &AccessKey) -> String {
    Xml::build(|xml| {
        xml.leaf("UserName", &user.name);
        xml.nest("AccessKeyLastUsed", |xml| {
            if let Some(used) = key.last_used {
                xml.leaf("LastUsedDate", iso(used));
            }
            let place = |name: &'static str| if key.last_used.is_some() { name } else { "N/A" };
            xml.leaf("ServiceName", place("s3"));
            xml.leaf("Region", place("eu-north-1"));
        });
    })
}

pub(super) fn service_credential(xml: &mut Xml, user: &User, one: &ServiceCredential) {
    xml.leaf("UserName", &user.name);
    xml.leaf("Status", "Active");
    xml.leaf("ServiceCredentialAlias", format!("{}-at-{}", user.name, story::AWS_ACCOUNT));
    xml.leaf("CreateDate", iso(one.created));
    xml.leaf("ServiceSpecificCredentialId", &one.id);
    xml.leaf("ServiceName", one.service);
}

pub(super) fn ssh_key(xml: &mut Xml, user: &User, key: &SshKey) {
    xml.leaf("UserName", &user.name);
    xml.leaf("SSHPublicKeyId", &key.id);
    xml.leaf("Status", "Active");
    xml.leaf("UploadDate", iso(key.uploaded));
}

pub(super) fn certificate(xml: &mut Xml, user: &User, one: &Certificate) {
    xml.leaf("UserName", &user.name);
    xml.leaf("CertificateId", &one.id);
    xml.leaf("CertificateBody", "sandbox certificate");
    xml.leaf("Status", "Active");
    xml.leaf("UploadDate", iso(one.uploaded));
}

pub(super) fn mfa_device(xml: &mut Xml, user: &User, enabled: Timestamp) {
    xml.leaf("UserName", &user.name);
    xml.leaf("SerialNumber", arn("mfa", "/", &user.name));
    xml.leaf("EnableDate", iso(enabled));
}

pub(super) fn login_profile(user: &User, created: Timestamp) -> String {
    Xml::build(|xml| {
        xml.nest("LoginProfile", |xml| {
            xml.leaf("UserName", &user.name);
            xml.leaf("CreateDate", iso(created));
            xml.leaf("PasswordResetRequired", false);
        });
    })
}
