//! Tests of this crate from the outside, in one binary.

mod door;
mod protocol_airbyte;
mod protocol_auth;
mod protocol_aws;
mod protocol_aws_assume;
mod protocol_aws_json;
mod protocol_baton;
mod protocol_csv;
mod protocol_exec;
mod protocol_google;
mod protocol_http;
mod protocol_ldap;
mod protocol_mysql;
mod protocol_pace;
mod protocol_sql;
mod protocol_ssh;
mod protocol_stage;
