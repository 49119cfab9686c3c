//! The messages of a Baton file, as far as they are read, and their JSON as `baton -o json` prints it.
//!
//! Numbers are the tags of `c1.connector.v2` (`resource.proto`, `entitlement.proto`, `grant.proto`, `annotation_trait.proto`) and
//! of `google.protobuf` (any, timestamp). Unknown fields are passed over, as protobuf means it.

use exeunt_model::Timestamp;
use prost::Message;
use serde_json::{Map, Value, json};

/// `c1.connector.v2.ResourceType`
#[derive(Clone, PartialEq, Message)]
pub(super) struct ResourceType {
    #[prost(string, tag = "1")]
    pub(super) id: String,
    #[prost(string, tag = "2")]
    pub(super) display_name: String,
    #[prost(int32, repeated, tag = "3")]
    pub(super) traits: Vec<i32>,
}

/// `c1.connector.v2.ResourceId`
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Message)]
pub(super) struct ResourceId {
    #[prost(string, tag = "1")]
    pub(super) resource_type: String,
    #[prost(string, tag = "2")]
    pub(super) resource: String,
}

/// `google.protobuf.Any`
#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(super) struct Any {
    #[prost(string, tag = "1")]
    pub(super) type_url: String,
    #[prost(bytes = "vec", tag = "2")]
    pub(super) value: Vec<u8>,
}

/// `google.protobuf.Timestamp`
#[derive(Clone, Copy, PartialEq, Eq, Hash, Message)]
pub(super) struct Time {
    #[prost(int64, tag = "1")]
    pub(super) seconds: i64,
    #[prost(int32, tag = "2")]
    pub(super) nanos: i32,
}

/// `c1.connector.v2.Resource`, and of its `Status` the number only.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Resource {
    #[prost(message, optional, tag = "1")]
    pub(super) id: Option<ResourceId>,
    #[prost(message, optional, tag = "2")]
    pub(super) parent_resource_id: Option<ResourceId>,
    #[prost(string, tag = "3")]
    pub(super) display_name: String,
    #[prost(message, repeated, tag = "4")]
    pub(super) annotations: Vec<Any>,
    #[prost(message, optional, tag = "11")]
    pub(super) status: Option<Status>,
    #[prost(message, optional, tag = "12")]
    pub(super) created_at: Option<Time>,
}

/// `c1.connector.v2.Status` and `c1.connector.v2.UserTrait.Status`, which agree.
#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(super) struct Status {
    #[prost(int32, tag = "1")]
    pub(super) status: i32,
    #[prost(string, tag = "2")]
    pub(super) details: String,
}

/// `c1.connector.v2.UserTrait.Email`
#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(super) struct Email {
    #[prost(string, tag = "1")]
    pub(super) address: String,
    #[prost(bool, tag = "2")]
    pub(super) is_primary: bool,
}

/// `c1.connector.v2.UserTrait`
#[derive(Clone, PartialEq, Message)]
pub(super) struct UserTrait {
    #[prost(message, repeated, tag = "1")]
    pub(super) emails: Vec<Email>,
    #[prost(message, optional, tag = "2")]
    pub(super) status: Option<Status>,
    #[prost(int32, tag = "5")]
    pub(super) account_type: i32,
    #[prost(string, tag = "6")]
    pub(super) login: String,
    #[prost(string, repeated, tag = "7")]
    pub(super) login_aliases: Vec<String>,
    #[prost(message, optional, tag = "8")]
    pub(super) created_at: Option<Time>,
    #[prost(message, optional, tag = "9")]
    pub(super) last_login: Option<Time>,
}

/// `c1.connector.v2.SecretTrait`
#[derive(Clone, PartialEq, Message)]
pub(super) struct SecretTrait {
    #[prost(message, optional, tag = "2")]
    pub(super) created_at: Option<Time>,
    #[prost(message, optional, tag = "3")]
    pub(super) expires_at: Option<Time>,
    #[prost(message, optional, tag = "4")]
    pub(super) last_used_at: Option<Time>,
    #[prost(message, optional, tag = "5")]
    pub(super) created_by_id: Option<ResourceId>,
}

/// `c1.connector.v2.Entitlement`
#[derive(Clone, PartialEq, Message)]
pub(super) struct Entitlement {
    #[prost(message, optional, tag = "1")]
    pub(super) resource: Option<Resource>,
    #[prost(string, tag = "2")]
    pub(super) id: String,
    #[prost(string, tag = "3")]
    pub(super) display_name: String,
    #[prost(int32, tag = "7")]
    pub(super) purpose: i32,
    #[prost(string, tag = "8")]
    pub(super) slug: String,
}

/// `c1.connector.v2.Grant`. A slim one holds neither entitlement nor principal; the columns of its row do.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Grant {
    #[prost(message, optional, tag = "1")]
    pub(super) entitlement: Option<Entitlement>,
    #[prost(message, optional, tag = "2")]
    pub(super) principal: Option<Resource>,
    #[prost(string, tag = "3")]
    pub(super) id: String,
}

const TRAITS: [&str; 13] = [
    "UNSPECIFIED",
    "USER",
    "GROUP",
    "ROLE",
    "APP",
    "SECRET",
    "SECURITY_INSIGHT",
    "SCOPE_BINDING",
    "VENDOR",
    "VENDOR_AGREEMENT",
    "LICENSE_PROFILE",
    "AGENT",
    "MANAGED_DEVICE",
];
const STATUSES: [&str; 4] = ["UNSPECIFIED", "ENABLED", "DISABLED", "DELETED"];
const ACCOUNTS: [&str; 4] = ["UNSPECIFIED", "HUMAN", "SERVICE", "SYSTEM"];
const PURPOSES: [&str; 4] = ["UNSPECIFIED", "ASSIGNMENT", "PERMISSION", "OWNERSHIP"];

/// An enumeration's name; a number that came later stays a number.
fn word(prefix: &str, names: &[&str], number: i32) -> Value {
    let name = usize::try_from(number).ok().and_then(|at| names.get(at));
    name.map_or_else(|| Value::from(number), |name| Value::from(format!("{prefix}{name}")))
}

fn time(time: Option<Time>) -> Value {
    let at = time.and_then(|time| Timestamp::new(time.seconds, time.nanos).ok());
    at.map_or(Value::Null, |at| Value::from(at.to_string()))
}

impl ResourceType {
    pub(super) fn json(&self) -> Value {
        let traits: Vec<Value> = self.traits.iter().map(|number| word("TRAIT_", &TRAITS, *number)).collect();
        json!({ "id": self.id, "displayName": self.display_name, "traits": traits })
    }
}

impl ResourceId {
    pub(super) fn json(&self) -> Value {
        json!({ "resourceType": self.resource_type, "resource": self.resource })
    }
}

impl Resource {
    /// # Errors
    /// When a trait of it cannot be understood.
    pub(super) fn json(&self) -> Result<Value, prost::DecodeError> {
        let annotations = self.annotations.iter().map(Any::json).collect::<Result<Vec<_>, _>>()?;
        let mut all = Map::new();
        all.insert("id".to_owned(), self.id.as_ref().map_or(Value::Null, ResourceId::json));
        if let Some(parent) = &self.parent_resource_id {
            all.insert("parentResourceId".to_owned(), parent.json());
        }
        all.insert("displayName".to_owned(), Value::from(self.display_name.as_str()));
        all.insert("annotations".to_owned(), Value::from(annotations));
        if let Some(status) = &self.status {
            all.insert("status".to_owned(), status.json("RESOURCE_STATUS_"));
        }
        all.insert("createdAt".to_owned(), time(self.created_at));
        Ok(Value::Object(all))
    }
}

impl Status {
    fn json(&self, prefix: &str) -> Value {
        json!({ "status": word(prefix, &STATUSES, self.status), "details": self.details })
    }
}

impl Any {
    fn json(&self) -> Result<Value, prost::DecodeError> {
        let mut json = match self.type_url.rsplit('/').next().unwrap_or_default() {
            "c1.connector.v2.UserTrait" => UserTrait::decode(&*self.value)?.json(),
            "c1.connector.v2.SecretTrait" => SecretTrait::decode(&*self.value)?.json(),
            _ => json!({}),
        };
        json["@type"] = Value::from(self.type_url.as_str());
        Ok(json)
    }
}

impl UserTrait {
    fn json(&self) -> Value {
        let emails: Vec<Value> = self
            .emails
            .iter()
            .map(|email| json!({ "address": email.address, "isPrimary": email.is_primary }))
            .collect();
        json!({
            "emails": emails,
            "status": self.status.as_ref().map(|status| status.json("STATUS_")),
            "accountType": word("ACCOUNT_TYPE_", &ACCOUNTS, self.account_type),
            "login": self.login,
            "loginAliases": self.login_aliases,
            "createdAt": time(self.created_at),
            "lastLogin": time(self.last_login),
        })
    }
}

impl SecretTrait {
    fn json(&self) -> Value {
        json!({
            "createdAt": time(self.created_at),
            "expiresAt": time(self.expires_at),
            "lastUsedAt": time(self.last_used_at),
            "createdById": self.created_by_id.as_ref().map(ResourceId::json),
        })
    }
}

impl Entitlement {
    pub(super) fn json(&self) -> Value {
        json!({
            "id": self.id,
            "displayName": self.display_name,
            "purpose": word("PURPOSE_VALUE_", &PURPOSES, self.purpose),
            "slug": self.slug,
        })
    }
}
