//! OpenLDAP with the memberof and ppolicy overlays, LDAPS and StartTLS.

use std::process::Command;

use super::{Prepared, Start, pairs, route};
use crate::lab::error::LabError;
use crate::lab::files;
use crate::lab::inventory::Server;
use crate::lab::process::Process;
use crate::lab::tls;
use crate::lab::tool::run;

/// The top of the tree.
pub const BASE: &str = "dc=halden,dc=example";
/// May change everything.
pub const ADMIN: &str = "cn=admin,dc=halden,dc=example";
/// May read everything but passwords, operational attributes included, and write nothing.
pub const READER: &str = "cn=exeunt-reader,ou=services,dc=halden,dc=example";

/// Writes its configuration and says how to start it.
pub(super) fn prepare(start: &mut Start<'_>) -> Result<Prepared, LabError> {
    let dir = start.layout.server("ldap");
    files::folder(&dir, 0o700)?;
    files::folder(&dir.join("db"), 0o700)?;
    let certificate = tls::make_server(start.layout, "ldap")?;
    let password = start.credentials.make("ldap.admin.password")?;
    start.credentials.make("ldap.exeunt-reader.password")?;
    let config = dir.join("slapd.conf");
    files::write_private(&config, &slapd_conf(&dir, &tls::ca_file(start.layout), &certificate, &password))?;
    let (plain, door, port) = route(start.ports)?;
    let (secure, secure_door, secure_port) = route(start.ports)?;
    start.ports.release(port);
    start.ports.release(secure_port);
    let mut command = Command::new("/usr/sbin/slapd");
    // `-d 0` keeps it in the foreground without debug output.
    command
        .args(["-d", "0", "-h", &format!("ldap://{} ldaps://{}", plain.server, secure.server), "-f"])
        .arg(&config);
    let password_file = |name: &str| start.credentials.place(&format!("ldap.{name}.password"));
    let server = Server {
        name: "ldap".into(),
        kind: "openldap".into(),
        host: "127.0.0.1".into(),
        port: door,
        url: format!("ldap://127.0.0.1:{door}"),
        settings: pairs([
            ("ldaps_url", format!("ldaps://127.0.0.1:{secure_door}")),
            ("starttls", "yes, on url".into()),
            ("base_dn", BASE.into()),
            ("people_dn", format!("ou=people,{BASE}")),
            ("groups_dn", format!("ou=groups,{BASE}")),
        ]),
        ca_file: Some(tls::ca_file(start.layout)),
        reader: pairs([("bind_dn", READER.into()), ("password_file", password_file("exeunt-reader"))]),
        admin: pairs([("bind_dn", ADMIN.into()), ("password_file", password_file("admin"))]),
        pid: 0,
        process: Process::default(),
        door: None,
        routes: vec![plain, secure],
    };
    let address = format!("ldap://{}", server.routes[0].server);
    let answers = move || {
        let mut search = Command::new("ldapsearch");
        search.args(["-x", "-LLL", "-H", &address, "-s", "base", "-b", "", "namingContexts"]);
        run("asking the directory for its root", &mut search, None).is_ok_and(|text| text.contains(BASE))
    };
    Ok(Prepared { command, server, answers: Box::new(answers) })
}

/// The configuration. The reader gets no more than 20 entries unless it pages: one that does not fails visibly.
fn slapd_conf(
    dir: &std::path::Path,
    ca: &std::path::Path,
    certificate: &tls::Certificate,
    password: &str,
) -> String {
    format!(
        r#"include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload memberof
moduleload ppolicy
pidfile "{dir}/slapd.pid"
TLSCACertificateFile "{ca}"
TLSCertificateFile "{certificate}"
TLSCertificateKeyFile "{key}"
TLSVerifyClient never
access to dn.base="" by * read
access to dn.base="cn=Subschema" by * read
database mdb
maxsize 67108864
suffix "{BASE}"
rootdn "{ADMIN}"
rootpw "{password}"
directory "{dir}/db"
limits dn.exact="{READER}" size.soft=20 size.hard=20 size.pr=unlimited size.prtotal=unlimited
index objectClass,uid,employeeNumber,mail,member,memberOf,entryUUID eq
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="{READER}" read by anonymous auth by * none
overlay memberof
memberof-group-oc groupOfNames
memberof-member-ad member
overlay ppolicy
ppolicy_default "cn=default,ou=policies,{BASE}"
ppolicy_hash_cleartext
"#,
        dir = dir.display(),
        ca = ca.display(),
        certificate = certificate.certificate.display(),
        key = certificate.key.display(),
    )
}
