//! The cloud, with the IAM query API.

use serde_json::{Value, json};

use super::Scene;
use super::aws_call::{Guard, element, elements, guard, iam, use_key};
use crate::lab::error::LabError;
use crate::lab::world::{AwsUser, Leaver};

/// What the reader may do; the report is made by the service and changes nothing.
const READS: [&str; 4] = ["iam:Get*", "iam:List*", "iam:GenerateCredentialReport", "sts:GetCallerIdentity"];

fn policy(scene: &Scene<'_>, name: &str, actions: &[String]) -> Result<(), LabError> {
    iam(scene, "CreatePolicy", &[("PolicyName", name), ("PolicyDocument", &document(actions))]).map(drop)
}

fn document(actions: &[String]) -> String {
    json!({
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}],
    })
    .to_string()
}

fn user(scene: &mut Scene<'_>, name: &str, tag: (&str, &str)) -> Result<(), LabError> {
    let tags = [("UserName", name), ("Tags.member.1.Key", tag.0), ("Tags.member.1.Value", tag.1)];
    let made = iam(scene, "CreateUser", &tags)?;
    scene.lab.objects.insert(format!("aws.user.{name}"), element(&made, "UserId")?);
    Ok(())
}

fn access_key(scene: &mut Scene<'_>, user: &str) -> Result<(), LabError> {
    let made = iam(scene, "CreateAccessKey", &[("UserName", user)])?;
    let id = element(&made, "AccessKeyId")?;
    scene.credentials.put(&format!("aws.{user}.access_key_id"), &id)?;
    scene.credentials.put(&format!("aws.{user}.secret_access_key"), &element(&made, "SecretAccessKey")?)?;
    scene.lab.objects.insert(format!("aws.access_key.{user}"), id);
    Ok(())
}

fn attach(scene: &Scene<'_>, user: &str, policies: &[String]) -> Result<(), LabError> {
    for name in policies {
        iam(scene, "AttachUserPolicy", &[("UserName", user), ("PolicyArn", &scene.world.policy_arn(name))])?;
    }
    Ok(())
}

/// The administrator and the reader, who may read IAM and nothing else; from now on this is enforced.
pub fn readers(scene: &mut Scene<'_>) -> Result<(), LabError> {
    guard(scene, Guard::Off)?;
    policy(scene, "HaldenAdministrator", &["*".into()])?;
    policy(scene, "HaldenExeuntReader", &READS.map(str::to_owned))?;
    for (name, policy) in [("halden-admin", "HaldenAdministrator"), ("exeunt-reader", "HaldenExeuntReader")] {
        user(scene, name, ("purpose", "halden tooling"))?;
        attach(scene, name, &[policy.to_owned()])?;
        access_key(scene, name)?;
    }
    guard(scene, Guard::On)
}

/// Policies, groups, users, programs' users and roles.
pub fn before(scene: &mut Scene<'_>) -> Result<(), LabError> {
    let world = scene.world;
    guard(scene, Guard::Off)?;
    for wanted in &world.aws.policies {
        policy(scene, &wanted.name, &wanted.actions)?;
    }
    for group in &world.aws.groups {
        iam(scene, "CreateGroup", &[("GroupName", &group.name)])?;
        let arn = world.policy_arn(&group.policy);
        iam(scene, "AttachGroupPolicy", &[("GroupName", &group.name), ("PolicyArn", &arn)])?;
    }
    for person in &world.aws.users {
        human(scene, person)?;
    }
    for service in &world.aws.services {
        user(scene, &service.name, ("owner", &world.mail(&service.owner)))?;
        attach(scene, &service.name, &service.attached)?;
        access_key(scene, &service.name)?;
    }
    for role in &world.aws.roles {
        let trust = trust_policy(scene, &role.trusts);
        iam(scene, "CreateRole", &[("RoleName", &role.name), ("AssumeRolePolicyDocument", &trust)])?;
        for name in &role.attached {
            iam(
                scene,
                "AttachRolePolicy",
                &[("RoleName", &role.name), ("PolicyArn", &world.policy_arn(name))],
            )?;
        }
    }
    guard(scene, Guard::On)
}

fn human(scene: &mut Scene<'_>, wanted: &AwsUser) -> Result<(), LabError> {
    let world = scene.world;
    let name = wanted.name.as_str();
    user(scene, name, ("employeeNumber", &world.person(&wanted.person)?.number))?;
    attach(scene, name, &wanted.attached)?;
    for policy in &wanted.inline {
        let allow = document(&["s3:GetObject".to_owned()]);
        iam(
            scene,
            "PutUserPolicy",
            &[("UserName", name), ("PolicyName", policy), ("PolicyDocument", &allow)],
        )?;
    }
    for group in &wanted.groups {
        iam(scene, "AddUserToGroup", &[("UserName", name), ("GroupName", group)])?;
    }
    if wanted.console {
        let password = scene.credentials.make(&format!("aws.{name}.console_password"))?;
        iam(scene, "CreateLoginProfile", &[("UserName", name), ("Password", &password)])?;
    }
    if wanted.access_key {
        access_key(scene, name)?;
    }
    if wanted.ssh_key {
        let body = format!("{} {name}@{}", world.aws.ssh_public_key, world.company.domain);
        let made = iam(scene, "UploadSSHPublicKey", &[("UserName", name), ("SSHPublicKeyBody", &body)])?;
        scene.lab.objects.insert(format!("aws.ssh_key.{name}"), element(&made, "SSHPublicKeyId")?);
    }
    if let Some(service) = &wanted.service_credential {
        let parameters = [("UserName", name), ("ServiceName", service.as_str())];
        let made = iam(scene, "CreateServiceSpecificCredential", &parameters)?;
        scene
            .credentials
            .put(&format!("aws.{name}.service_password"), &element(&made, "ServicePassword")?)?;
        let id = element(&made, "ServiceSpecificCredentialId")?;
        scene.lab.objects.insert(format!("aws.service_credential.{name}"), id);
    }
    Ok(())
}

fn trust_policy(scene: &Scene<'_>, users: &[String]) -> String {
    let arns: Vec<Value> = users.iter().map(|name| scene.world.user_arn(name).into()).collect();
    json!({
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": arns}}],
    })
    .to_string()
}

/// Takes away the console and a group; the key goes on working, and is used.
pub fn half(scene: &Scene<'_>, leaver: &Leaver) -> Result<(), LabError> {
    guard(scene, Guard::Off)?;
    for wanted in scene.world.aws.users.iter().filter(|user| user.person == leaver.person) {
        if let Some(removal) = scene.world.aws.half_removes.get(&wanted.name) {
            if removal.console {
                iam(scene, "DeleteLoginProfile", &[("UserName", &wanted.name)])?;
                scene.credentials.forget(&format!("aws.{}.console_password", wanted.name))?;
            }
            for group in &removal.groups {
                iam(scene, "RemoveUserFromGroup", &[("UserName", &wanted.name), ("GroupName", group)])?;
            }
        }
    }
    guard(scene, Guard::On)?;
    for wanted in scene.world.aws.users.iter().filter(|user| user.person == leaver.person && user.access_key)
    {
        use_key(scene, &wanted.name)?;
    }
    for service in scene.world.aws.services.iter().filter(|service| service.owner == leaver.person) {
        use_key(scene, &service.name)?;
    }
    Ok(())
}

/// Takes the user out of trust policies, deletes everything it has and then the user; gives
/// programs' users a new owner and a new key.
pub fn full(scene: &mut Scene<'_>, leaver: &Leaver) -> Result<(), LabError> {
    let world = scene.world;
    guard(scene, Guard::Off)?;
    for wanted in world.aws.users.iter().filter(|user| user.person == leaver.person) {
        for role in world.aws.roles.iter().filter(|role| role.trusts.contains(&wanted.name)) {
            let rest: Vec<String> = remaining(scene, &role.trusts, &wanted.name);
            let trust = trust_policy(scene, &rest);
            iam(scene, "UpdateAssumeRolePolicy", &[("RoleName", &role.name), ("PolicyDocument", &trust)])?;
        }
        delete_user(scene, &wanted.name)?;
    }
    for service in world.aws.services.iter().filter(|service| service.owner == leaver.person) {
        let owner = world.mail(&leaver.successor);
        let tag = [
            ("UserName", service.name.as_str()),
            ("Tags.member.1.Key", "owner"),
            ("Tags.member.1.Value", &owner),
        ];
        iam(scene, "TagUser", &tag)?;
        let old = scene.credentials.get(&format!("aws.{}.access_key_id", service.name))?;
        access_key(scene, &service.name)?;
        iam(scene, "DeleteAccessKey", &[("UserName", &service.name), ("AccessKeyId", &old)])?;
    }
    guard(scene, Guard::On)
}

/// Who a role still trusts: neither this user nor one that has been deleted before.
fn remaining(scene: &Scene<'_>, trusted: &[String], gone: &str) -> Vec<String> {
    let exists = |name: &String| scene.lab.objects.contains_key(&format!("aws.user.{name}"));
    trusted.iter().filter(|name| *name != gone && exists(name)).cloned().collect()
}

fn delete_user(scene: &mut Scene<'_>, name: &str) -> Result<(), LabError> {
    // What to list, the element that names each item, how to delete it and under which parameter.
    const PARTS: [(&str, &str, &str, &str); 8] = [
        ("ListAccessKeys", "AccessKeyId", "DeleteAccessKey", "AccessKeyId"),
        (
            "ListServiceSpecificCredentials",
            "ServiceSpecificCredentialId",
            "DeleteServiceSpecificCredential",
            "ServiceSpecificCredentialId",
        ),
        ("ListSSHPublicKeys", "SSHPublicKeyId", "DeleteSSHPublicKey", "SSHPublicKeyId"),
        ("ListSigningCertificates", "CertificateId", "DeleteSigningCertificate", "CertificateId"),
        ("ListMFADevices", "SerialNumber", "DeactivateMFADevice", "SerialNumber"),
        ("ListUserPolicies", "member", "DeleteUserPolicy", "PolicyName"),
        ("ListAttachedUserPolicies", "PolicyArn", "DetachUserPolicy", "PolicyArn"),
        ("ListGroupsForUser", "GroupName", "RemoveUserFromGroup", "GroupName"),
    ];
    for (list, item, delete, parameter) in PARTS {
        for id in elements(&iam(scene, list, &[("UserName", name)])?, item) {
            iam(scene, delete, &[("UserName", name), (parameter, &id)])?;
        }
    }
    // Whether there is a console password is a question of its own.
    let console = scene.credentials.path(&format!("aws.{name}.console_password"));
    if console.exists() {
        iam(scene, "DeleteLoginProfile", &[("UserName", name)])?;
    }
    iam(scene, "DeleteUser", &[("UserName", name)])?;
    scene.lab.objects.remove(&format!("aws.user.{name}"));
    for secret in ["console_password", "access_key_id", "secret_access_key", "service_password"] {
        scene.credentials.forget(&format!("aws.{name}.{secret}"))?;
    }
    Ok(())
}
