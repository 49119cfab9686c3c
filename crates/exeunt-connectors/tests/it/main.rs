//! Tests of this crate from the outside, in one binary.

mod protocol_auth;
mod protocol_aws;
mod protocol_aws_json;
mod protocol_google;
mod protocol_http;
mod protocol_ldap;
mod protocol_mysql;
mod protocol_pace;
mod protocol_sql;
mod protocol_ssh;
mod protocol_stage;
